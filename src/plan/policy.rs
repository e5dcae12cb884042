//! The `gate` section: which phase is judged, what counts as a regression, which history it is compared with.

use std::time::Duration;

/// How a run is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub judge: JudgedPhase,
    /// The longest warm-up before the schedule, where the plan says it; zero for none. Nothing of it is judged.
    pub warmup: Option<Duration>,
    pub regression: Regression,
    pub baseline: BaselinePolicy,
    pub inconclusive: OnInconclusive,
    pub guards: GuardLimits,
    /// Lets a deployment of a production environment be a target.
    pub allow_production: bool,
}

/// The part of the load whose samples are judged, by the start of their iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgedPhase {
    /// The whole schedule.
    All,
    /// From the start of the load.
    Between { from: Duration, to: Duration },
}

/// What counts as a regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// δ: the relative change that is still accepted, 0.1 for 10 %.
    pub tolerance: f64,
    /// A change of less than this is never a regression, whatever its share.
    pub floor: Duration,
    /// The rise of a failure rate that is still accepted, as a share: 0.001 for 0.1 points.
    pub failure_tolerance: f64,
    pub metrics: Vec<GatedMetric>,
}

/// A figure of a request that is compared with history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GatedMetric {
    P50,
    P95,
    P99,
    P999,
    /// The share of failed requests.
    Failed,
}

impl GatedMetric {
    /// The name that plans and reports use; `p999` is the quantile 0.999.
    pub fn name(self) -> &'static str {
        match self {
            GatedMetric::P50 => "p50",
            GatedMetric::P95 => "p95",
            GatedMetric::P99 => "p99",
            GatedMetric::P999 => "p999",
            GatedMetric::Failed => "failed",
        }
    }

    /// The quantile that it is, 0 to 1; none for the failure rate.
    pub fn quantile(self) -> Option<f64> {
        match self {
            GatedMetric::P50 => Some(0.5),
            GatedMetric::P95 => Some(0.95),
            GatedMetric::P99 => Some(0.99),
            GatedMetric::P999 => Some(0.999),
            GatedMetric::Failed => None,
        }
    }
}

/// Fewer runs than this are no history: the noise between runs can't be known from them.
pub const FEWEST_RUNS: usize = 5;

/// Which history a run is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaselinePolicy {
    /// Runs in the window at most.
    pub window: usize,
    /// Runs needed before a comparison can block; at least [`FEWEST_RUNS`].
    pub min: usize,
    /// Without a comparable history the run is not measured (exit 3) instead of judged by thresholds alone.
    pub required: bool,
}

/// Beyond these, a run can't be judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardLimits {
    /// The largest share of refusals (401, 403, 429, redirects to other hosts) among a request's answers.
    pub refused: f64,
    /// The largest share of an arrival rate's iterations that may be dropped, or missing from the plan.
    pub dropped: f64,
    /// The largest share of its core that a worker may use, but in one of twenty seconds.
    pub cpu: f64,
    /// The generator's lag (p99 of `loop_lag`) that is never too much.
    pub loop_lag: Duration,
}

/// What a run that is too noisy to prove either way means for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInconclusive {
    /// Exit 0; the report says so.
    Warn,
    /// Exit 1.
    Fail,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            judge: JudgedPhase::All,
            warmup: None,
            regression: Regression::default(),
            baseline: BaselinePolicy { window: 20, min: 10, required: false },
            inconclusive: OnInconclusive::Warn,
            guards: GuardLimits::default(),
            allow_production: false,
        }
    }
}

impl Default for GuardLimits {
    fn default() -> Self {
        GuardLimits { refused: 0.5, dropped: 0.01, cpu: 0.8, loop_lag: Duration::from_millis(2) }
    }
}

impl Default for Regression {
    fn default() -> Self {
        Regression {
            tolerance: 0.10,
            floor: Duration::from_millis(1),
            failure_tolerance: 0.001,
            metrics: vec![GatedMetric::P50, GatedMetric::P95, GatedMetric::Failed],
        }
    }
}
