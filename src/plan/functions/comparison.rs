//! Comparisons, in which what is missing satisfies nothing.

use minijinja::{Error, State, Value, tests};

/// Equality, in which what is missing equals nothing, not even what else is missing.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    !a.is_undefined() && !b.is_undefined() && a == b
}

/// Whether the two have an order: two numbers or two strings. Everything else (a missing field, `none`, a number and a
/// string) is neither less nor greater, so that no ordering comparison holds.
pub(super) fn ordered(a: &Value, b: &Value) -> bool {
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
        let holds = match operator {
            "eq" => equal(left, right),
            "ne" => !equal(left, right),
            "lt" => ordered(left, right) && left < right,
            "le" => ordered(left, right) && left <= right,
            "gt" => ordered(left, right) && left > right,
            "ge" => ordered(left, right) && left >= right,
            "in" => contained(state, left, right)?,
            _ => !contained(state, left, right)?,
        };
        if !holds {
            return Ok(false);
        }
        left = right;
    }
    Ok(true)
}
