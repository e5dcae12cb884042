//! What k6 itself measured, read so that it is judged like a run of loadgate's: the stream that `--out json` writes, and the
//! three shapes of its summary. Formats are told apart by their content.
//!
//! Of a stream everything is known; of a summary only the figures that it states. What k6 writes besides is never read:
//! the script, its options, and what `setup()` returned.

mod blocks;
mod counting;
mod error;
mod evidence;
mod failure;
mod line;
mod measurement;
mod names;
mod open;
mod request;
mod selectors;
mod stream;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::measurement::MeasurementFile;
use crate::metric::{Kind, Selector};
use crate::plan::SubmetricId;
use crate::plan::threshold::{Condition, Threshold};

pub use error::ResultsError;
pub use measurement::is_of_k6;
pub use open::{Opened, open};

use error::Problem;

/// What a file of k6's holds.
#[derive(Debug)]
pub struct Results {
    /// Its plan has no name.
    pub file: MeasurementFile,
    /// The script's own thresholds, as far as the file tells.
    pub conditions: Conditions,
    /// What the reader must know of these figures.
    pub notes: Vec<String>,
}

/// The thresholds that a file of k6's names.
#[derive(Debug, Default)]
pub struct Conditions {
    pub thresholds: Vec<Threshold>,
    /// Tagged parts of metrics of which the file says that there are thresholds, but not which.
    pub unknown: BTreeSet<String>,
    /// Tagged parts of metrics of which the file doesn't say whether there are thresholds.
    pub untellable: BTreeSet<String>,
    /// The file says nothing at all of thresholds, whether there were some or not.
    pub untold: bool,
}

/// Which figures thresholds ask for that a summary doesn't state, in words.
pub fn unstated(file: &MeasurementFile, thresholds: &[Threshold]) -> Vec<String> {
    let Some(stated) = file.candidate.judged.stated.as_deref() else { return Vec::new() };
    let mut notes = Vec::new();
    for Threshold { selector, condition, .. } in thresholds {
        let statistic = condition.statistic;
        if stated.has_figures(selector) && stated.figure(selector, statistic).is_none() {
            notes.push(format!(
                "no {statistic} of {selector} in this summary: name it in summaryTrendStats (--summary-trend-stats), or judge \
                 the stream of `--out json`"
            ));
        }
    }
    notes
}

impl Conditions {
    /// Adds a threshold as k6 wrote it down.
    fn add(&mut self, key: &str, text: &str, kind: Kind) -> Result<(), Problem> {
        let unread = |message: String| Problem {
            problem: format!("the threshold {text:?} on {key:?} can't be read: {message}"),
            cure: "judge by the thresholds of a plan: --plan PLAN",
        };
        let selector = Selector::parse(key).map_err(|error| unread(error.message))?;
        let condition = Condition::parse(text).map_err(|error| unread(error.message))?;
        if !condition.statistic.applies_to(kind) {
            return Err(unread(format!("this metric has no {}", condition.statistic)));
        }
        // Which part it is, is told by the selector; that it is one, by any index.
        let submetric = (!selector.tags.is_empty()).then_some(SubmetricId(0));
        let delay_abort_eval = std::time::Duration::ZERO;
        self.thresholds.push(Threshold { selector, submetric, condition, abort_on_fail: false, delay_abort_eval });
        Ok(())
    }
}
