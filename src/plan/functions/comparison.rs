//! Comparisons, in which what is missing satisfies nothing.

use minijinja::{Error, State, Value, tests};

/// Equality, in which what is missing equals nothing, not even what else is missing.
fn equal(a: &Value, b: &Value) -> bool {
    !a.is_undefined() && !b.is_undefined() && a == b
}

/// How two values are compared. What is missing is equal to nothing, not even to what is missing too, and has no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub fn holds(self, a: &Value, b: &Value) -> bool {
        match self {
            Comparison::Equal => equal(a, b),
            Comparison::NotEqual => !equal(a, b),
            Comparison::Less => ordered(a, b) && a < b,
            Comparison::AtMost => ordered(a, b) && a <= b,
            Comparison::Greater => ordered(a, b) && a > b,
            Comparison::AtLeast => ordered(a, b) && a >= b,
        }
    }

    /// By the name of its test.
    fn named(name: &str) -> Option<Comparison> {
        Some(match name {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::AtMost,
            "gt" => Comparison::Greater,
            "ge" => Comparison::AtLeast,
            _ => return None,
        })
    }
}

/// Whether the two have an order: two numbers or two strings. Everything else (a missing field, `none`, a number and a
/// string) is neither less nor greater, so that no ordering comparison holds.
fn ordered(a: &Value, b: &Value) -> bool {
    let number = |v: &Value| v.is_number() && !matches!(f64::try_from(v.clone()), Ok(x) if x.is_nan());
    (number(a) && number(b)) || (a.as_str().is_some() && b.as_str().is_some())
}

/// `value in container`; false where either is missing, or where the container is text and the value isn't.
pub(super) fn contained(state: &State, value: &Value, container: &Value) -> Result<bool, Error> {
    if value.is_undefined() || container.is_undefined() || (container.as_str().is_some() && value.as_str().is_none()) {
        return Ok(false);
    }
    tests::is_in(state, value, container)
}

/// `a < b <= c`: the rest is operator and operand in turn.
pub(super) fn chain(state: &State, first: &Value, rest: &[Value]) -> Result<bool, Error> {
    let mut left = first;
    for pair in rest.chunks_exact(2) {
        let (operator, right) = (pair[0].as_str().unwrap_or_default(), &pair[1]);
        let holds = match Comparison::named(operator) {
            Some(comparison) => comparison.holds(left, right),
            None => contained(state, left, right)? == (operator == "in"),
        };
        if !holds {
            return Ok(false);
        }
        left = right;
    }
    Ok(true)
}
