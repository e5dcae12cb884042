//! Expressions that are evaluated as they stand: look-ups, comparisons between them, `is defined`, `and`, `or`, `not`, and
//! what draws random numbers.
//!
//! Almost every check and template of a load test is one of these, and each is evaluated for every request: walking the
//! tree needs none of the 5 kB that minijinja's machine takes and gives back each time. They mean the same: the tests hold
//! both against each other.

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::{Error, Value};

use super::diagnosis::describe;
use crate::plan::functions::{Comparison, RANDOM, defined, pick, random_int, uuid};

/// A tree of look-ups, comparisons and calls.
#[derive(Debug)]
pub(super) enum Direct {
    Constant(Value),
    Variable(Box<str>),
    Attribute(Box<Direct>, Box<str>),
    Item(Box<Direct>, Value),
    Compare(Box<Direct>, Comparison, Box<Direct>),
    /// Whether something is there (`true`), or not.
    Defined(Box<Direct>, bool),
    Not(Box<Direct>),
    And(Box<Direct>, Box<Direct>),
    Or(Box<Direct>, Box<Direct>),
    /// `random_int` between two numbers that the plan writes.
    RandomInt(i64, i64),
    /// `pick` from a list, and how an error calls that.
    Pick(Box<Direct>, Box<str>),
    Uuid,
}

impl Direct {
    /// The tree of an expression; none where it has anything else in it.
    pub fn of(expr: &Expr<'_>) -> Option<Direct> {
        let sub = |expr: &Expr<'_>| Direct::of(expr).map(Box::new);
        Some(match expr {
            Expr::Const(constant) => Direct::Constant(constant.value.clone()),
            Expr::Var(variable) => Direct::Variable(variable.id.into()),
            Expr::GetAttr(get) => Direct::Attribute(sub(&get.expr)?, get.name.into()),
            Expr::GetItem(get) => match &get.subscript_expr {
                Expr::Const(key) => Direct::Item(sub(&get.expr)?, key.value.clone()),
                _ => return None,
            },
            Expr::Test(test) if test.args.is_empty() && matches!(test.name, "defined" | "undefined") => {
                Direct::Defined(sub(&test.expr)?, test.name == "defined")
            }
            Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Not) => Direct::Not(sub(&unary.expr)?),
            Expr::BinOp(binary) => {
                let (left, right) = (sub(&binary.left)?, sub(&binary.right)?);
                match binary.op {
                    BinOpKind::ScAnd => Direct::And(left, right),
                    BinOpKind::ScOr => Direct::Or(left, right),
                    BinOpKind::Eq => Direct::Compare(left, Comparison::Equal, right),
                    BinOpKind::Ne => Direct::Compare(left, Comparison::NotEqual, right),
                    BinOpKind::Lt => Direct::Compare(left, Comparison::Less, right),
                    BinOpKind::Lte => Direct::Compare(left, Comparison::AtMost, right),
                    BinOpKind::Gt => Direct::Compare(left, Comparison::Greater, right),
                    BinOpKind::Gte => Direct::Compare(left, Comparison::AtLeast, right),
                    _ => return None,
                }
            }
            Expr::Compare(chain) => match chain.ops.as_slice() {
                [only] => {
                    let comparison = match only.op {
                        CompareOpKind::Eq => Comparison::Equal,
                        CompareOpKind::Ne => Comparison::NotEqual,
                        CompareOpKind::Lt => Comparison::Less,
                        CompareOpKind::Lte => Comparison::AtMost,
                        CompareOpKind::Gt => Comparison::Greater,
                        CompareOpKind::Gte => Comparison::AtLeast,
                        CompareOpKind::In | CompareOpKind::NotIn => return None,
                    };
                    Direct::Compare(sub(&chain.expr)?, comparison, sub(&only.expr)?)
                }
                _ => return None,
            },
            Expr::Call(call) => return Direct::of_call(call),
            _ => return None,
        })
    }

    fn of_call(call: &Call<'_>) -> Option<Direct> {
        let Expr::Var(function) = &call.expr else { return None };
        match (function.id, call.args.as_slice()) {
            ("random_int", [CallArg::Pos(Expr::Const(from)), CallArg::Pos(Expr::Const(to))]) => {
                let number = |value: &Value| value.as_i64().filter(|_| value.is_integer());
                Some(Direct::RandomInt(number(&from.value)?, number(&to.value)?))
            }
            ("pick", [CallArg::Pos(list)]) => Some(Direct::Pick(Box::new(Direct::of(list)?), describe(list).into())),
            ("uuid", []) => Some(Direct::Uuid),
            _ => None,
        }
    }

    /// # Errors
    /// What a function refuses.
    pub fn eval(&self, scope: &Value) -> Result<Value, Error> {
        Ok(match self {
            Direct::Constant(value) => value.clone(),
            Direct::Variable(name) => present(scope.get_attr(name)),
            Direct::Attribute(of, name) => present(of.eval(scope)?.get_attr(name)),
            Direct::Item(of, key) => present(of.eval(scope)?.get_item(key)),
            Direct::And(left, right) => match left.eval(scope)? {
                left if left.is_true() => right.eval(scope)?,
                left => left,
            },
            Direct::Or(left, right) => match left.eval(scope)? {
                left if left.is_true() => left,
                _ => right.eval(scope)?,
            },
            Direct::Compare(..) | Direct::Defined(..) | Direct::Not(_) => Value::from(self.holds(scope)?),
            Direct::RandomInt(from, to) => Value::from(random_int(scope.get_attr(RANDOM).ok().as_ref(), *from, *to)?),
            Direct::Pick(list, name) => {
                pick(scope.get_attr(RANDOM).ok().as_ref(), &defined(&list.eval(scope)?, name)?)?
            }
            Direct::Uuid => Value::from(uuid(scope.get_attr(RANDOM).ok().as_ref())?),
        })
    }

    /// Whether it is true, read as a condition.
    ///
    /// # Errors
    /// As [`Direct::eval`].
    pub fn holds(&self, scope: &Value) -> Result<bool, Error> {
        Ok(match self {
            Direct::Compare(left, comparison, right) => match &**right {
                Direct::Constant(right) => comparison.holds(&left.eval(scope)?, right),
                right => comparison.holds(&left.eval(scope)?, &right.eval(scope)?),
            },
            Direct::Defined(value, there) => value.eval(scope)?.is_undefined() != *there,
            Direct::Not(value) => !value.holds(scope)?,
            Direct::And(left, right) => left.holds(scope)? && right.holds(scope)?,
            Direct::Or(left, right) => left.holds(scope)? || right.holds(scope)?,
            _ => self.eval(scope)?.is_true(),
        })
    }
}

/// What a look-up found. There is nothing in what is missing itself, nor in what has no parts.
fn present(found: Result<Value, Error>) -> Value {
    found.unwrap_or(Value::UNDEFINED)
}
