//! The table at the end: how many gates said what, against the bar.

use loadgate::gate::statistics::Share;

use crate::outcome::Outcome;
use crate::rig::statistics::Spread;
use crate::rig::table::Table;
use crate::show::{Bar, Design, Show};

/// What was run of a row.
#[derive(Debug)]
pub struct Rows<'a> {
    pub show: Show,
    pub outcomes: Vec<&'a Outcome>,
    /// Gates that have no verdict, by what kept them from it.
    pub broken: usize,
    /// How many gates of which length were to be run.
    pub gates: u32,
    pub seconds: u64,
    pub busy: bool,
}

/// A row for each thing that is shown.
pub fn table(rows: &[Rows<'_>]) -> Table {
    let mut table = Table::new([
        "gates",
        "fail",
        "pass",
        "too noisy",
        "not measured",
        "95 % interval of failing",
        "bar",
        "",
        "interval holds 0",
        "seconds judged",
    ]);
    for row in rows {
        let count = |verdict: &str| row.outcomes.iter().filter(|outcome| outcome.report.verdict == verdict).count();
        let seconds = Spread::of(row.outcomes.iter().map(|outcome| outcome.report.run.judged_ms / 1e3));
        table.row([
            row.title(),
            count("fail").to_string(),
            count("pass").to_string(),
            count("too_noisy").to_string(),
            row.unmeasured().to_string(),
            row.interval(),
            row.bar(),
            row.met().to_owned(),
            row.coverage(),
            seconds.map_or("–".to_owned(), |s| format!("{:.0} ({:.0}–{:.0})", s.median, s.min, s.max)),
        ]);
    }
    table
}

impl Rows<'_> {
    fn title(&self) -> String {
        let Design { tolerance_percent, slow_percent, .. } = self.show.design();
        let what = if slow_percent == 0 { "equal".to_owned() } else { format!("+{slow_percent} %") };
        let busy = if self.busy { ", busy" } else { "" };
        format!("{what}, tolerance {tolerance_percent} %, {} × {} s{busy}", self.gates, self.seconds)
    }

    fn fails(&self) -> u32 {
        u32::try_from(self.outcomes.iter().filter(|outcome| outcome.failed()).count()).unwrap_or(u32::MAX)
    }

    /// Gates without a verdict: a guard fired, or they could not be run.
    fn unmeasured(&self) -> usize {
        let not_measured = self.outcomes.iter().filter(|outcome| outcome.report.verdict == "not_measured");
        not_measured.count() + self.broken
    }

    /// Clopper and Pearson's, of all gates that were run: one without a verdict has not failed.
    fn interval(&self) -> String {
        let trials = (self.outcomes.len() + self.broken) as u64;
        if trials == 0 {
            return "–".to_owned();
        }
        let fails = Share { events: self.fails().into(), trials };
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        format!("{}–{} %", percent(fails.lower_bound(0.025)), percent(fails.upper_bound(0.025)))
    }

    fn bar(&self) -> String {
        match self.show.design().bar {
            Bar::FailsAtMost { quiet, busy } => format!("≤ {} fail", if self.busy { busy } else { quiet }),
            Bar::FailsAtLeast { quiet, busy } => format!("≥ {} fail", if self.busy { busy } else { quiet }),
            Bar::Unbiased => "p50 within 0.3 %, p95 within 2 SE".to_owned(),
        }
    }

    /// The bar is for the gates as they are designed; other numbers and lengths have none.
    fn met(&self) -> &'static str {
        let design = self.show.design();
        if (self.gates, self.seconds) != (design.gates, design.seconds) {
            return "other gates";
        }
        if self.outcomes.len() + self.broken < self.gates as usize {
            return "not all run";
        }
        let fails = self.fails();
        let met = match design.bar {
            // Nobody knows whether a gate without a verdict would have failed.
            Bar::FailsAtMost { quiet, busy } => {
                fails as usize + self.unmeasured() <= if self.busy { busy } else { quiet } as usize
            }
            Bar::FailsAtLeast { quiet, busy } => fails >= if self.busy { busy } else { quiet },
            Bar::Unbiased => {
                let unbiased = |outcome: &&Outcome| outcome.biases().is_some_and(|biases| biases.is_empty());
                self.unmeasured() == 0 && self.outcomes.iter().all(unbiased)
            }
        };
        if met { "met" } else { "MISSED" }
    }

    /// Of equal arms: the share of the quantiles' intervals that hold the truth, which is 0.
    fn coverage(&self) -> String {
        if self.show.design().slow_percent > 0 {
            return "–".to_owned();
        }
        let quantiles = self.outcomes.iter().flat_map(|outcome| outcome.quantiles());
        let intervals: Vec<(f64, f64)> =
            quantiles.filter_map(|row| Some((row.interval[0]?, row.interval[1]?))).collect();
        let holding = intervals.iter().filter(|(low, high)| *low <= 0.0 && *high >= 0.0).count();
        format!("{holding} of {}", intervals.len())
    }
}

/// What the table can't show: gates that failed for another request, and biases.
pub fn remarks(rows: &[Rows<'_>]) -> Vec<String> {
    let mut remarks = Vec::new();
    for row in rows {
        for outcome in row.outcomes.iter().filter(|outcome| outcome.failed_wrongly()) {
            remarks.push(format!("failed without a cause: {}", outcome.describe()));
        }
        if row.show == Show::Bias {
            for outcome in &row.outcomes {
                remarks.push(match outcome.biases() {
                    None => format!("bias {}: nothing was judged", outcome.task.number),
                    Some(biases) if biases.is_empty() => format!("no bias: {}", outcome.describe()),
                    Some(biases) => format!("bias: {}", biases.join("; ")),
                });
            }
        }
    }
    remarks
}
