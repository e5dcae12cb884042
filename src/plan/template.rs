//! Templates: text with `${expression}` in it.

use super::expression::Expression;

/// A compiled template: constant text and expressions in turn.
#[derive(Debug)]
pub struct Template {
    pub(super) source: String,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Expression(Expression),
}
