//! Data sets: rows from a file or from the plan, and how a virtual user picks one.

use std::sync::Arc;

use minijinja::Value;

/// Rows that expressions see under the set's name, one row an iteration.
#[derive(Debug)]
pub struct DataSet {
    pub name: Arc<str>,
    pub pick: Pick,
    /// At least one row, shared by every VU.
    pub rows: Arc<[Value]>,
}

/// Which row an iteration sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Each row once in the whole run; without one left the iteration stops, counted as `data exhausted`.
    Unique,
    /// The VU's own row, by its number.
    ByVu,
    /// Any row, by the VU's seed.
    Random,
    /// Row after row by the iteration's number in its scenario, from the start again after the last.
    Sequential,
}
