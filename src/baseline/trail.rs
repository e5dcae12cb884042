//! A request's figures over time: what `loadgate baseline show` prints.

use crate::measurement::BaselineStatus;

use super::store::Runs;

/// One request's figures, run by run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trail {
    pub request: String,
    /// Oldest first; runs that don't know the request are left out.
    pub points: Vec<Point>,
}

/// A request in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub started_at: jiff::Timestamp,
    pub commit: Option<String>,
    pub profile: Option<String>,
    pub status: BaselineStatus,
    pub attempts: u64,
    /// Of expected responses and time-outs, in milliseconds; none without samples.
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    /// Share of failed requests, 0 to 1; none without attempts.
    pub failed: Option<f64>,
}

impl Runs {
    /// Every request that a run knows, in the order of the latest run that knows it.
    pub fn trails(&self) -> Vec<Trail> {
        let mut trails: Vec<Trail> = Vec::new();
        for entry in self.entries.iter().rev() {
            let run = &entry.measurement;
            for (label, row) in
                run.layout.requests.iter().zip(&run.judged.requests).filter(|(label, _)| label.in_scenario)
            {
                let at = trails.iter().position(|trail| *trail.request == *label.name).unwrap_or_else(|| {
                    trails.push(Trail { request: label.name.to_string(), points: Vec::new() });
                    trails.len() - 1
                });
                trails[at].points.push(Point {
                    started_at: run.started_at,
                    commit: run.commit.clone(),
                    profile: run.profile.clone(),
                    status: entry.status,
                    attempts: row.attempts,
                    p50: row.comparable.quantile(0.5),
                    p95: row.comparable.quantile(0.95),
                    p99: row.comparable.quantile(0.99),
                    failed: row.failure_share(),
                });
            }
        }
        trails.iter_mut().for_each(|trail| trail.points.reverse());
        trails
    }
}
