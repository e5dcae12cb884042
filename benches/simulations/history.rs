//! One run against a window of earlier ones.

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    pub what: &'static str,
    /// The bound, in words.
    pub must: &'static str,
    pub found: String,
    pub holds: bool,
}

/// The rows of the history, of so many seeded simulations.
pub fn rows(_simulations: u64) -> Vec<Row> {
    Vec::new()
}
