//! The rules that turn measurements into a verdict. Pure: no clock, no network, no randomness.

pub mod judgement;

/// What a [`Row`] is about: reports name it without importing the plan.
pub use crate::plan::policy::GatedMetric;
pub use judgement::{
    Comparison, Guard, GuardKind, History, Judgement, NoComparison, Row, RowOutcome, ThresholdResult, Verdict,
};
