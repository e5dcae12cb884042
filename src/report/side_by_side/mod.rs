//! Two runs described side by side. Nothing is judged: a change is plain arithmetic between two runs, and the gate's rules
//! (`gate::history`) are what can call it one.

mod differences;
mod failures;
mod figures;
mod metrics;
mod requests;
pub mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use crate::gate::Guard;
use crate::measurement::Measurement;

use super::{Format, json, markdown, text};

pub use differences::Differences;
pub use failures::{CheckPair, FailurePair};
pub use figures::{Change, Figure, FigurePair, MetricPair, Pair, Quantity, SharePair};
pub use requests::{RequestPair, Standing};

/// What stands side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    TwoRuns,
    /// The reference of a paired run, and its candidate.
    ArmsOfOneRun,
}

impl Subject {
    pub fn title(self) -> &'static str {
        match self {
            Subject::TwoRuns => "two runs side by side",
            Subject::ArmsOfOneRun => "the arms of a run side by side",
        }
    }

    /// What the two are called.
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Subject::TwoRuns => ["old", "new"],
            Subject::ArmsOfOneRun => ["base", "candidate"],
        }
    }

    /// What a reader must know before the first figure.
    pub fn not_judged(self) -> &'static str {
        match self {
            Subject::TwoRuns => {
                "nothing is judged here, and one run each proves nothing: two runs of the same code differ as well"
            }
            Subject::ArmsOfOneRun => {
                "nothing is judged here, and a change between totals does not say how far it could be chance"
            }
        }
    }

    /// Where a change is judged.
    pub fn judged_by(self) -> &'static str {
        match self {
            Subject::TwoRuns => {
                "`loadgate run` and `loadgate judge` test a change against the spread of earlier runs (docs/verdict.md)"
            }
            Subject::ArmsOfOneRun => "`loadgate judge` tests it against the spread between blocks (docs/verdict.md)",
        }
    }

    /// Before the differences that block nothing.
    pub fn differs(self) -> &'static str {
        match self {
            Subject::TwoRuns => "what else changed:",
            Subject::ArmsOfOneRun => "what differs (the reference's second):",
        }
    }

    /// What makes two runs incomparable, before the differences of their contracts.
    pub fn incomparable(self) -> &'static str {
        match self {
            Subject::TwoRuns => "the two runs did not measure the same; the gate would not compare:",
            Subject::ArmsOfOneRun => "the arms did not measure the same; the gate would not compare:",
        }
    }
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The file that it was read from, as the user named it.
    pub path: &'a str,
    /// Of a paired run, which arm it is and beside what.
    pub arm: Option<&'a str>,
    pub run: &'a Measurement,
    /// What was looked at to tell whether it could be judged; those that fired are shown.
    pub guards: &'a [Guard],
}

/// Two runs with the figures of their judged phases in pairs.
#[derive(Clone, Debug)]
pub struct SideBySide<'a> {
    pub subject: Subject,
    pub old: Side<'a>,
    pub new: Side<'a>,
    pub differences: Differences,
    pub totals: Vec<MetricPair>,
    /// Those that were attempted in either run: in the order of the new one, then those of the old one alone.
    pub requests: Vec<RequestPair>,
    /// The phases of all requests together.
    pub phases: Vec<MetricPair>,
    pub failures: Vec<FailurePair>,
    pub checks: Vec<CheckPair>,
    pub scenarios: Vec<MetricPair>,
    pub groups: Vec<MetricPair>,
    /// Parts of metrics that thresholds name.
    pub submetrics: Vec<MetricPair>,
    /// Metrics that the plans declare.
    pub custom: Vec<MetricPair>,
    /// Whether any figure has too few samples.
    pub few_samples: bool,
}

/// What the mark of a figure means.
pub const FEW_SAMPLES: &str =
    "* too few samples for the gate to judge: it asks for 10 beyond a percentile, 100 from p(99) on";

/// What the guards of a run are worth without its plan.
pub const GUARDS: &str = "what would keep the gate from judging, by loadgate's own limits (a plan may set others):";

impl<'a> SideBySide<'a> {
    pub fn of(subject: Subject, old: Side<'a>, new: Side<'a>) -> SideBySide<'a> {
        let pair = Runs { old: old.run, new: new.run };
        let mut described = SideBySide {
            subject,
            old,
            new,
            differences: Differences::of(subject, pair),
            totals: metrics::totals(pair),
            requests: requests::pairs(pair),
            phases: metrics::phases(pair),
            failures: failures::failures(pair),
            checks: failures::checks(pair),
            scenarios: metrics::scenarios(pair),
            groups: metrics::groups(pair),
            submetrics: metrics::submetrics(pair),
            custom: metrics::custom(pair),
            few_samples: false,
        };
        let few_samples = described.figures().any(FigurePair::few_samples);
        described.few_samples = few_samples;
        described
    }

    /// Every statistic of a metric.
    fn figures(&self) -> impl Iterator<Item = &FigurePair> {
        let lists = [&self.totals, &self.phases, &self.scenarios, &self.groups, &self.submetrics, &self.custom];
        let metrics = lists.into_iter().flatten().flat_map(|metric| &metric.figures);
        metrics.chain(self.requests.iter().flat_map(RequestPair::figures))
    }

    /// Writes the description in a format, as it goes into a file: without colour, Markdown as long as a step summary may be.
    ///
    /// # Errors
    /// The writer's; JUnit, which knows only what passed or failed.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write_side_by_side(self, out),
            Format::Markdown => markdown::write_side_by_side(self, markdown::SUMMARY_BYTES, out),
            Format::Json => json::write_side_by_side(self, out),
            Format::Junit => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "nothing is judged, and JUnit has no other word"))
            }
        }
    }
}

/// The two runs, before the pairs are made.
#[derive(Clone, Copy, Debug)]
struct Runs<'a> {
    old: &'a Measurement,
    new: &'a Measurement,
}

impl<'a> Runs<'a> {
    /// The same of both.
    fn each<T>(self, of: impl Fn(&'a Measurement) -> T) -> (T, T) {
        (of(self.old), of(self.new))
    }

    /// The names of both: in the order of the new run, then those of the old one alone.
    fn names(self, of: impl Fn(&'a Measurement) -> Vec<&'a str>) -> Vec<&'a str> {
        let (old, mut names) = self.each(of);
        let known: BTreeSet<&str> = names.iter().copied().collect();
        names.extend(old.into_iter().filter(|name| !known.contains(name)));
        names
    }
}
