//! The candidate against its reference in one run: the block is the replicate, a request never is.

use crate::baseline::Calibration;
use crate::measurement::{Measurement, ReferenceArm};
use crate::plan::Policy;

use super::Comparison;

/// Compares the arms of a run.
pub fn compare(
    _candidate: &Measurement,
    _reference: &ReferenceArm,
    _policy: &Policy,
    _calibration: Option<&Calibration>,
) -> Comparison {
    todo!()
}
