//! The rules that turn measurements into a verdict. Pure: no clock, no network, no randomness.

pub mod judgement;

pub use judgement::{
    Comparison, Guard, GuardKind, History, Judgement, NoComparison, Row, RowOutcome, ThresholdResult, Verdict,
};
