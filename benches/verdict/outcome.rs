//! What a gate said.

use std::time::Duration;

use serde::Deserialize;

use crate::deployment::SLOWED;
use crate::gate::Task;
use crate::rig::loadgate::{Distribution, Guard};
use crate::show::{MEDIAN_BIAS, P95_BIAS};

/// A gate that ended with a verdict.
#[derive(Debug)]
pub struct Outcome {
    pub task: Task,
    pub exit: i32,
    pub report: Report,
    /// With its deployments' start, setup and warm-up.
    pub took: Duration,
    /// User and system time of all three processes.
    pub cpu: Duration,
}

/// What a gate says, of its JSON report. Times are in milliseconds, changes shares.
#[derive(Debug, Deserialize)]
pub struct Report {
    pub verdict: String,
    pub headline: String,
    pub run: Totals,
    pub guards: Vec<Guard>,
    pub comparison: Comparison,
}

#[derive(Debug, Deserialize)]
pub struct Totals {
    pub judged_ms: f64,
    pub loop_lag: Option<Distribution>,
}

#[derive(Debug, Deserialize)]
pub struct Comparison {
    pub with: String,
    /// How the arms shared the run.
    pub mode: Option<String>,
    #[serde(default)]
    pub rows: Vec<Row>,
}

/// A figure of the candidate against that of the base. What has too few samples has none, or an end of its interval none.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub request: String,
    pub metric: String,
    pub outcome: String,
    pub base: Option<f64>,
    pub candidate: Option<f64>,
    pub change: Option<f64>,
    pub interval: [Option<f64>; 2],
    pub t: Option<f64>,
    pub detectable: Option<f64>,
}

impl Outcome {
    pub fn failed(&self) -> bool {
        self.report.verdict == "fail"
    }

    /// Failed for a request that nothing was done to.
    pub fn failed_wrongly(&self) -> bool {
        let slowed = |row: &Row| self.task.show.design().slow_percent > 0 && row.request == SLOWED;
        self.failed() && self.report.comparison.rows.iter().any(|row| row.outcome == "fail" && !slowed(row))
    }

    /// The rows that are quantiles.
    pub fn quantiles(&self) -> impl Iterator<Item = &Row> {
        self.report.comparison.rows.iter().filter(|row| row.metric != "failed")
    }

    /// Where one arm of equal ones had it easier than chance and the bar allow, in words; none if nothing was judged.
    pub fn biases(&self) -> Option<Vec<String>> {
        let mut judged = 0;
        let mut biases = Vec::new();
        for row in self.quantiles() {
            let (Some(t), Some(change)) = (row.t, row.change) else { continue };
            judged += 1;
            let biased = match row.metric.as_str() {
                "p50" => change.abs() > MEDIAN_BIAS,
                _ => t.abs() > P95_BIAS,
            };
            if biased {
                biases.push(format!("{} (T = {t:+.1})", row.describe()));
            }
        }
        (judged > 0).then_some(biases)
    }

    /// In a line.
    pub fn describe(&self) -> String {
        let Report { verdict, run, guards, .. } = &self.report;
        let Task { show, number, seed, .. } = self.task;
        let rows: Vec<String> = self.quantiles().map(Row::describe).collect();
        let mut text = format!(
            "{} {number}, seed {seed}: {} (exit {}), {:.0} s judged, {:.0} s in all, {:.0} % of a core, lag {}; {}",
            show.name(),
            verdict.replace('_', " "),
            self.exit,
            run.judged_ms / 1e3,
            self.took.as_secs_f64(),
            100.0 * self.cpu.as_secs_f64() / self.took.as_secs_f64(),
            run.loop_lag.map_or("unknown".to_owned(), |lag| format!("p99 {:.1} ms", lag.p99)),
            if rows.is_empty() { "no figures".to_owned() } else { rows.join("; ") }
        );
        if self.report.verdict != "pass" {
            text += &format!("\n    {}", self.report.headline);
        }
        for guard in guards.iter().filter(|guard| guard.fired) {
            text += &format!("\n    guard {}: {}", guard.kind, guard.finding);
        }
        text
    }
}

impl Row {
    /// `concerts p50 6.2 → 6.8 ms, +9.4% [+8.1, +10.8], sees 4.1%`
    pub fn describe(&self) -> String {
        let Row { request, metric, base, candidate, change, interval: [low, high], detectable, .. } = self;
        let percent = |share: &Option<f64>| share.map_or("–".to_owned(), |share| format!("{:+.1}", 100.0 * share));
        let figure = |figure: &Option<f64>| figure.map_or("–".to_owned(), |figure| format!("{figure:.2}"));
        let sees = detectable.map_or(String::new(), |least| format!(", sees {:.1}%", 100.0 * least));
        format!(
            "{request} {metric} {} → {} ms, {}% [{}, {}]{sees}",
            figure(base),
            figure(candidate),
            percent(change),
            percent(low),
            percent(high)
        )
    }
}
