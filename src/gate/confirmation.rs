//! Whether a second run confirms what a first one failed by. Runs differ more between jobs than within one, so only another CI
//! job, or a run that was measured beside its reference, can say that a regression against history was no accident.

use crate::baseline::Window;
use crate::measurement::Measurement;
use crate::plan::policy::GatedMetric;

use super::{Base, Compared, Comparison, Grounds, Judgement, RowOutcome, Verdict, judge, verdict};

/// What became of a second look at a failed run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Two runs, judged by the same window.
    Looked(SecondLook),
    /// The first run says nothing about this one: it is credited with nothing, and this one is judged alone.
    Refused {
        /// In words.
        reason: String,
    },
}

/// Which figures failed in which of two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondLook {
    /// The first run, in words: `job 1234/2`, or `a run outside of CI`.
    pub first: String,
    /// In both: regressions that are confirmed.
    pub confirmed: Vec<FailedFigure>,
    /// In the first run alone: what this one says of them holds.
    pub only_first: Vec<FailedFigure>,
    /// In this run alone: not confirmed, so too noisy to say. Empty where this run has a reference, which needs no
    /// confirmation.
    pub only_second: Vec<FailedFigure>,
}

/// A request's metric that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedFigure {
    pub request: String,
    pub metric: GatedMetric,
}

impl Confirmation {
    /// `confirmed by job 1234`, with what it didn't confirm.
    pub fn sentence(&self) -> String {
        let look = match self {
            Confirmation::Refused { reason } => return format!("not confirmed: {reason}"),
            Confirmation::Looked(look) => look,
        };
        let first = &look.first;
        let mut parts = Vec::new();
        if !look.confirmed.is_empty() {
            parts.push(format!("{} confirmed by {first}", named(&look.confirmed)));
        }
        if !look.only_second.is_empty() {
            parts.push(format!("{} failed here alone, not confirmed by {first}", named(&look.only_second)));
        }
        if !look.only_first.is_empty() {
            parts.push(format!("{} failed in {first} alone, not confirmed here", named(&look.only_first)));
        }
        parts.join("; ")
    }
}

/// `reserve p95 and 2 more`
fn named(figures: &[FailedFigure]) -> String {
    let Some((FailedFigure { request, metric }, rest)) = figures.split_first() else { return String::new() };
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{request} {}{more}", metric.name())
}

/// Judges a run that is to confirm an earlier one of the same commit. Both are judged by the window without either one's job.
pub fn judge_again(second: &Measurement, first: &Measurement, grounds: &Grounds<'_>) -> Judgement {
    let window = grounds.window.map(|window| without_jobs(window, &[first, second]));
    let grounds = Grounds { window: window.as_ref(), ..*grounds };
    let of_first = judge(first, &Grounds { reference: None, ..grounds });
    let mut of_second = judge(second, &grounds);
    confirm(first, &of_first, second, &mut of_second);
    of_second
}

/// The window without the runs of these runs' jobs.
fn without_jobs(window: &Window, runs: &[&Measurement]) -> Window {
    let other = |old: &&Measurement| old.job.is_none() || runs.iter().all(|run| run.job != old.job);
    Window { runs: window.runs.iter().filter(other).cloned().collect(), ..window.clone() }
}

/// Holds the second run's failed rows to those of the first, where that may be, and says so in its judgement. Both were judged by
/// the same window, which has neither one's job. Rows that fail in both fail; a row that fails in the second alone is too noisy;
/// of one that failed in the first alone, the second decides. Guards, thresholds and other failures stay as they are.
pub fn confirm(first: &Measurement, of_first: &Judgement, second: &Measurement, of_second: &mut Judgement) {
    let refusal = refusal(first, of_first, second, of_second);
    let Comparison::Made(compared) = &mut of_second.comparison else { return };
    compared.confirmation = Some(match refusal {
        Some(reason) => Confirmation::Refused { reason },
        None => Confirmation::Looked(look_again(first, of_first, second, compared)),
    });
    of_second.verdict = verdict(of_second);
}

fn look_again(first: &Measurement, of_first: &Judgement, second: &Measurement, compared: &mut Compared) -> SecondLook {
    let mut only_first = failed(of_first);
    // What a request was in another definition says nothing of it now.
    only_first.retain(|figure| second.contract.same_request(&first.contract, &figure.request));
    let needs_confirmation = matches!(compared.with, Base::History(_));
    let (mut confirmed, mut only_second) = (Vec::new(), Vec::new());
    for row in compared.rows.iter_mut().filter(|row| row.outcome == RowOutcome::Fail) {
        let figure = FailedFigure { request: row.request.clone(), metric: row.metric };
        if let Some(at) = only_first.iter().position(|other| *other == figure) {
            only_first.remove(at);
            confirmed.push(figure);
        } else if needs_confirmation {
            row.outcome = RowOutcome::TooNoisy;
            only_second.push(figure);
        }
    }
    let first = first.job.as_ref().map_or_else(|| "a run outside of CI".into(), |job| format!("job {job}"));
    SecondLook { first, confirmed, only_first, only_second }
}

/// The figures by which a run failed against its history.
fn failed(judgement: &Judgement) -> Vec<FailedFigure> {
    let Comparison::Made(compared) = &judgement.comparison else { return Vec::new() };
    let rows = compared.rows.iter().filter(|row| compared.blocks(row));
    rows.map(|row| FailedFigure { request: row.request.clone(), metric: row.metric }).collect()
}

/// Why the first run can't speak for the second, in words.
fn refusal(first: &Measurement, of_first: &Judgement, second: &Measurement, of_second: &Judgement) -> Option<String> {
    let paired = matches!(&of_second.comparison, Comparison::Made(Compared { with: Base::Reference(_), .. }));
    if first.plan != second.plan {
        return Some(format!("the first run is of the plan {}, this one of {}", first.plan, second.plan));
    }
    if let Some(difference) = second.contract.hard_difference(&first.contract) {
        return Some(format!("the first run differs by {difference}"));
    }
    match (&first.commit, &second.commit) {
        (Some(one), Some(other)) if one == other => {}
        (Some(one), Some(other)) => return Some(format!("the first run is of commit {one}, this one of {other}")),
        _ => return Some("that both runs are of one commit is not known".into()),
    }
    match (&first.job, &second.job) {
        _ if paired => {}
        (None, None) => return Some("neither run knows its CI job, so both may be of one".into()),
        (Some(one), Some(other)) if one == other => return Some(format!("both runs are of job {one}")),
        _ => {}
    }
    let unmeasured = |judgement: &Judgement, run: &str| {
        let measured = judgement.verdict != Verdict::NotMeasured;
        (!measured).then(|| format!("{run} was not measured: {}", judgement.reason()))
    };
    unmeasured(of_first, "the first run").or_else(|| unmeasured(of_second, "this run")).or_else(|| {
        let regressed = !failed(of_first).is_empty();
        (!regressed).then(|| "the first run has no proven regression to confirm".into())
    })
}

#[cfg(test)]
mod tests;
