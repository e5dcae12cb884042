//! The judgement of a run, with every figure that led to it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::measurement::BaselineStatus;
use crate::metric::Unit;
use crate::number::counted;
use crate::pairing::Pairing;
use crate::plan::policy::GatedMetric;

use super::base::ByBase;
use super::confirmation::Confirmation;

/// What the gate says, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "&'static str")]
pub enum Verdict {
    /// A guard fired: the figures can't be trusted.
    NotMeasured,
    /// A threshold is broken or a regression is proven.
    Fail,
    /// Neither a regression nor its absence could be shown; or there was neither a threshold nor a history to judge by.
    TooNoisy,
    Pass,
}

impl Verdict {
    /// The verdict in words: `too noisy`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::NotMeasured => "not measured",
            Verdict::Fail => "fail",
            Verdict::TooNoisy => "too noisy",
            Verdict::Pass => "pass",
        }
    }

    /// The verdict as programs read it: `too_noisy`.
    pub fn key(self) -> &'static str {
        match self {
            Verdict::NotMeasured => "not_measured",
            Verdict::Fail => "fail",
            Verdict::TooNoisy => "too_noisy",
            Verdict::Pass => "pass",
        }
    }
}

impl From<Verdict> for &'static str {
    fn from(verdict: Verdict) -> Self {
        verdict.key()
    }
}

/// A reason for a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// A sentence.
    pub finding: String,
    /// What to do about it, where that is known.
    pub cure: Option<&'a str>,
}

/// A run's verdict and its grounds.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Every guard that was looked at, fired or not.
    pub guards: Vec<Guard>,
    /// What the candidate failed beside thresholds and comparison.
    pub failures: Vec<Failure>,
    pub thresholds: Vec<ThresholdResult>,
    pub comparison: Comparison,
    /// The same run by base's rules, where a pull request has others. The verdict is that of both.
    pub base: Option<Box<ByBase>>,
}

impl Judgement {
    /// Whether nothing had a say: no threshold, and no history that decides. Such a run may have been fine; it was not judged.
    pub fn nothing_judged(&self) -> bool {
        self.thresholds.is_empty()
            && match &self.comparison {
                Comparison::None(_) => true,
                Comparison::Made(compared) => !compared.decides(),
            }
    }

    /// What a baseline keeps of the run.
    pub fn baseline_status(&self) -> BaselineStatus {
        if let Some(base) = self.decided_by_base() {
            return base.judgement.baseline_status();
        }
        match self.verdict {
            Verdict::NotMeasured => BaselineStatus::Guard,
            Verdict::Fail if self.failures.is_empty() && self.thresholds.iter().all(|threshold| threshold.passed) => {
                BaselineStatus::Suspect
            }
            Verdict::Fail => BaselineStatus::ThresholdsFailed,
            Verdict::TooNoisy => BaselineStatus::TooNoisy,
            Verdict::Pass => BaselineStatus::Pass,
        }
    }
}

/// A failure of the candidate that needs no threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// The request or scenario that it is about.
    pub subject: Option<String>,
    /// What was measured against what limit, in words.
    pub finding: String,
    /// What to do about it.
    pub cure: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A request was attempted and never answered.
    NoResponse,
    /// Arrivals were dropped, or fewer than planned, though the generator was healthy: the answers came too slowly.
    FellBehind,
    /// A threshold with `abortOnFail` ended the run.
    Aborted,
}

/// A reason why a run can't be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    pub kind: GuardKind,
    /// The request or scenario that it is about.
    pub subject: Option<String>,
    pub fired: bool,
    /// What was measured against what limit, in words: `12 of 40 answers were 429; limit 50%`.
    pub finding: String,
    /// What to do about it.
    pub cure: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardKind {
    /// The run was interrupted, or nothing was measured at all.
    Incomplete,
    /// Shards of the run are missing, were late, or were interrupted.
    Shards,
    /// A declared request was never attempted.
    NeverAttempted,
    /// Mostly 401, 403, 429 or redirects to another host: a login page or a rate limit was measured.
    Refused,
    /// Arrivals dropped, or fewer than planned, by the generator's fault.
    Rate,
    /// The plan requires a baseline and there is none.
    NoBaseline,
    /// The reference failed, was away, or can't be compared: nothing to hold the candidate against.
    Reference,
    /// The generator was saturated.
    Generator,
    /// The control, outside of the deployment, is slower than it was: what failed may be the environment's doing.
    Environment,
}

/// One threshold on the judged phase.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdResult {
    /// `http_req_duration{name:reserve}`
    pub selector: String,
    /// `p(95)<300`
    pub condition: String,
    pub unit: Unit,
    /// None where the metric has no sample, which fails.
    pub figure: Option<f64>,
    pub limit: f64,
    pub passed: bool,
    /// Ended the run early.
    pub aborted: bool,
}

/// What the run was compared with.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them a run")]
pub enum Comparison {
    None(NoComparison),
    Made(Compared),
}

/// A comparison, figure by figure.
#[derive(Clone, Debug)]
pub struct Compared {
    pub with: Base,
    /// α, of the whole family of rows.
    pub alpha: f64,
    /// In the order of the plan's requests, then of the metrics.
    pub rows: Vec<Row>,
    /// Figures of the base that this run has too few samples for.
    pub lost: Vec<LostFigure>,
    /// Figures with too few samples even to be shown.
    pub hidden: Vec<HiddenFigure>,
    /// Requests that the base does not know, or not long enough, in this definition.
    pub new_requests: Vec<String>,
    /// Soft terms of the contract that differ, in words.
    pub differences: Vec<String>,
    /// What calibration has shown of this gate, in words; none where there was none.
    pub track_record: Option<String>,
    /// What another run of the same commit said of it; none where none was asked.
    pub confirmation: Option<Confirmation>,
}

/// What a run is compared with.
#[derive(Clone, Debug)]
pub enum Base {
    /// A window of earlier runs.
    History(History),
    /// Another deployment under the same load, in the same run.
    Reference(Paired),
}

/// Why there is no comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoComparison {
    /// Nothing was asked to be compared, or there is no such folder.
    NoBaseline { needed: usize },
    /// There are comparable runs, but too few to report on.
    TooFew { runs: usize, needed: usize },
    /// There are runs, but none of this contract; why, in words.
    Incomparable { runs: usize, difference: String },
}

impl fmt::Display for NoComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoComparison::NoBaseline { needed } => write!(f, "no baseline: 0 of {needed} runs"),
            NoComparison::TooFew { runs, needed } => write!(f, "no baseline: {runs} of {needed} runs"),
            NoComparison::Incomparable { runs, difference } => {
                let differ = if *runs == 1 { "differs" } else { "differ" };
                write!(f, "no comparable baseline: {} {differ} by {difference}", counted(*runs as u64, "run"))
            }
        }
    }
}

/// The run against a window of earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Comparable runs in the window.
    pub runs: usize,
    /// Runs needed before the comparison can block.
    pub needed: usize,
    /// Whether there are enough runs to block.
    pub blocking: bool,
}

/// The candidate against its reference, in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// Origin of the reference.
    pub target: String,
    /// Commit of the reference, where it is known.
    pub commit: Option<String>,
    pub pairing: Pairing,
    /// Pairs of blocks, after neighbours with too few samples were joined.
    pub blocks: usize,
    /// Length of such a block.
    pub block: Duration,
    pub hardware: Hardware,
}

/// What is known of lasting differences between two deployments of one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware {
    /// Nothing: they are taken for equal.
    Assumed,
    /// So many calibrations with two deployments of one commit.
    Calibrated { records: usize },
    /// Both arms loaded one deployment: what differs is the generator's doing.
    Same,
}

/// A figure that the base has, and this run hasn't: almost nothing of it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostFigure {
    pub request: String,
    pub metric: GatedMetric,
    /// Of this run. Where it has as many as its base, but so alike that they are worth less than half, what they are worth:
    /// their number divided by their variance inflation.
    pub samples: u64,
    /// Of the base, counted alike; the fewest of a run of the window.
    pub base: u64,
}

/// A figure that was to be compared, and has too few samples even to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenFigure {
    pub request: String,
    pub metric: GatedMetric,
    /// In words: `2000 samples of the 3000 that it takes`.
    pub reason: String,
}

/// One metric of one request against its base.
#[derive(Clone, Debug)]
pub struct Row {
    pub request: String,
    pub metric: GatedMetric,
    /// Milliseconds for quantiles, a share (0 to 1) for failure rates.
    pub base: f64,
    pub candidate: f64,
    /// The change: relative for quantiles (0.12 = 12 % slower), a difference of shares for rates.
    pub change: f64,
    /// 95 % interval of the change.
    pub interval: (f64, f64),
    /// The change that is still accepted: δ, or the failure tolerance.
    pub limit: f64,
    /// Samples behind the candidate's figure.
    pub samples: u64,
    /// The studentised effect, and its one-sided p value that holds for the whole family (against a history Student's T and Holm,
    /// against a reference the blocks' T and Westfall and Young); none where the row was not tested.
    pub t: Option<f64>,
    pub p_adjusted: Option<f64>,
    /// The smallest change that the run could have shown with 80 % power.
    pub detectable: Option<f64>,
    pub outcome: RowOutcome,
    /// The figure of each run of the window, oldest first, for a sparkline; empty against a reference.
    pub history: Vec<f64>,
    /// The change in each pair of blocks; empty against a history.
    pub blocks: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    Pass,
    Fail,
    TooNoisy,
    /// Too few samples for the figure, or too few runs that have it: shown, not judged.
    TooFewSamples,
}
