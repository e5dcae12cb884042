//! Whether a second run confirms what the first one failed by.

/// What a second run said of a failed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation;
