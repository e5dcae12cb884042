//! Thresholds, in k6's grammar: `p(95)<300`, `rate==1.0`, on a metric or on a tagged part of it.

use std::fmt;
use std::time::Duration;

use crate::metric::{Selector, Statistic};

use super::step::SubmetricId;

/// One condition on one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    pub selector: Selector,
    /// Where the selector has tags: its samples are counted under this submetric.
    pub submetric: Option<SubmetricId>,
    pub condition: Condition,
    /// End the run as soon as this is broken …
    pub abort_on_fail: bool,
    /// … but not before the load has run this long.
    pub delay_abort_eval: Duration,
}

/// `aggregation operator number`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    pub statistic: Statistic,
    pub operator: Operator,
    /// In the metric's unit: milliseconds for times.
    pub limit: f64,
}

impl Condition {
    /// Whether a measured figure satisfies the condition.
    pub fn holds(&self, figure: f64) -> bool {
        match self.operator {
            Operator::Less => figure < self.limit,
            Operator::LessOrEqual => figure <= self.limit,
            Operator::Greater => figure > self.limit,
            Operator::GreaterOrEqual => figure >= self.limit,
            Operator::Equal => figure == self.limit,
            Operator::NotEqual => figure != self.limit,
        }
    }
}

/// How the figure must stand to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `==` and `===`.
    Equal,
    NotEqual,
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.statistic, self.operator, self.limit)
    }
}
