//! The sentence that every report begins with.

use super::words::{change, counted, figure, gated, rough_change};
use super::{Comparison, Failure, Guard, History, Judgement, Row, RowOutcome, ThresholdResult, Verdict};

impl Judgement {
    /// The verdict and its first reason, in one sentence: what was not measured, what failed, what was too noisy, or how much
    /// passed and against what history.
    pub fn headline(&self) -> String {
        match self.verdict {
            Verdict::NotMeasured => format!("not measured: {}", first(self.guard_reasons())),
            Verdict::Fail => format!("fail: {}", first(self.failures())),
            Verdict::TooNoisy => format!("too noisy: {}", self.noise()),
            Verdict::Pass => format!("pass: {}", self.passed()),
        }
    }

    fn guard_reasons(&self) -> Vec<String> {
        self.guards.iter().filter(|guard| guard.fired).map(guard_reason).collect()
    }

    /// The candidate's own failures, then thresholds, then the comparison, its surest row first.
    fn failures(&self) -> Vec<String> {
        let mut reasons: Vec<String> = self.failures.iter().map(failure_reason).collect();
        reasons.extend(self.thresholds.iter().filter(|threshold| !threshold.passed).map(threshold_reason));
        if let Comparison::History(history) = &self.comparison
            && history.blocking
        {
            let mut rows: Vec<&Row> = history.rows.iter().filter(|row| row.outcome == RowOutcome::Fail).collect();
            rows.sort_by(|a, b| a.p_adjusted.unwrap_or(1.0).total_cmp(&b.p_adjusted.unwrap_or(1.0)));
            reasons.extend(rows.into_iter().map(row_reason));
        }
        reasons
    }

    /// The noisiest row with what it could have seen.
    fn noise(&self) -> String {
        let Comparison::History(history) = &self.comparison else { return "nothing could be compared".into() };
        let noisy: Vec<&Row> = history.rows.iter().filter(|row| row.outcome == RowOutcome::TooNoisy).collect();
        let room = |row: &&Row| row.interval.1 / row.limit;
        let Some(worst) = noisy.iter().copied().max_by(|a, b| room(a).total_cmp(&room(b))) else {
            return "too few samples to compare any figure".into();
        };
        let more = others(noisy.len() - 1);
        let seen = worst.detectable.map(|seen| {
            format!("; the smallest change this run could have shown is {}", rough_change(worst.metric, seen))
        });
        format!("{}{}{more}", row_reason(worst), seen.unwrap_or_default())
    }

    fn passed(&self) -> String {
        let thresholds = match self.thresholds.len() {
            0 => "no thresholds".into(),
            1 => "1 threshold holds".into(),
            count => format!("{} hold", counted(count, "threshold")),
        };
        let compared = match &self.comparison {
            Comparison::None(reason) => reason.to_string(),
            Comparison::History(history) if !history.blocking => {
                format!("baseline not deciding yet: {} of {} runs", history.runs, history.needed)
            }
            Comparison::History(history) => steady(history),
        };
        format!("{thresholds}; {compared}")
    }
}

fn steady(history: &History) -> String {
    let judged = history.rows.iter().filter(|row| row.outcome == RowOutcome::Pass).count();
    let new = match history.new_requests.len() {
        0 => String::new(),
        count => format!(", {} new", counted(count, "request")),
    };
    if judged == 0 {
        return format!("nothing to compare with {}{new}", counted(history.runs, "run"));
    }
    format!("no regression in {} against {}{new}", counted(judged, "figure"), counted(history.runs, "run"))
}

fn first(reasons: Vec<String>) -> String {
    match reasons.split_first() {
        Some((first, rest)) => format!("{first}{}", others(rest.len())),
        None => "no reason was recorded".into(),
    }
}

fn others(count: usize) -> String {
    if count == 0 { String::new() } else { format!("; and {count} more") }
}

fn about(subject: &Option<String>, finding: &str) -> String {
    match subject {
        Some(subject) => format!("{subject}: {finding}"),
        None => finding.into(),
    }
}

fn guard_reason(guard: &Guard) -> String {
    about(&guard.subject, &guard.finding)
}

fn failure_reason(failure: &Failure) -> String {
    about(&failure.subject, &failure.finding)
}

fn threshold_reason(threshold: &ThresholdResult) -> String {
    let ThresholdResult { selector, condition, unit, figure: value, aborted, .. } = threshold;
    let value = value.map_or("has no sample".into(), |value| figure(value, *unit));
    format!("{selector} {value}, threshold {condition}{}", if *aborted { ", ended early" } else { "" })
}

/// `reserve p95 23.4 ms → 31.0 ms, +32.5 % (95 % interval +20 % to +46 %), limit +10 %`
fn row_reason(row: &Row) -> String {
    let Row { request, metric, base, candidate, change: by, interval, limit, .. } = row;
    format!(
        "{request} {} {} → {}, {} (95 % interval {} to {}), limit {}",
        metric.name(),
        gated(*metric, *base),
        gated(*metric, *candidate),
        change(*metric, *by),
        rough_change(*metric, interval.0),
        rough_change(*metric, interval.1),
        rough_change(*metric, *limit)
    )
}
