//! The measurement file: JSON with HdrHistograms in their V2-deflate form, base64.

use super::Measurement;

/// Version of the file format. A reader refuses every other.
pub const SCHEMA_VERSION: u32 = 1;

/// A run's file: one arm, or the candidate and its reference on one grid of blocks.
#[derive(Clone, Debug)]
pub struct MeasurementFile {
    pub candidate: Measurement,
    pub reference: Option<Measurement>,
}
