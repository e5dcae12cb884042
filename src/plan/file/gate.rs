//! `gate` and `thresholds`: how a run is judged.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::declare::{forms, record, words};
use super::read::{Expected, List, Spanned, Text, Word};
use super::tree::Scalar;
use super::units::Share;
use crate::plan::policy::{GatedMetric, OnInconclusive};

record! {
    /// How the run is judged.
    GateSection: "a gate" {
        /// The phase that is judged: `all` by default.
        judge = "judge": JudgeForm,
        /// The warm-up before the schedule.
        warmup = "warmup": WarmupSection,
        /// What counts as a regression.
        regression = "regression": RegressionSection,
        /// Which history the run is compared with.
        baseline = "baseline": BaselineSection,
        /// What a run too noisy to prove either way means: `warn` (exit 0, the default) or `fail`.
        inconclusive = "inconclusive": Spanned<OnInconclusive>,
        /// A request to something outside of the deployment: only it can show that the environment moved.
        control = "control": ControlSection,
        /// Beyond these limits the run can't be judged.
        guards = "guards": GuardsSection,
    }
}

forms! {
    /// The phase that is judged.
    JudgeForm: "`all`, or a map of `from` and `to`" {
        Scalar => Word(Spanned<WholeSchedule>),
        Map => Phase(PhaseSection),
    }
}

/// The word `all`.
#[derive(Clone, Copy, Debug)]
pub struct WholeSchedule;

impl Word for WholeSchedule {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        match scalar.text.as_str() {
            "all" => Ok(WholeSchedule),
            _ => Err(Expected::new("a phase", "write `all`, or `{ from: 1m, to: 4m }`")),
        }
    }

    fn schema() -> Schema {
        json_schema!({ "const": "all" })
    }
}

record! {
    /// A part of the schedule, from the start of the load.
    PhaseSection: "a map of `from` and `to`" {
        /// Iterations that begin earlier are not judged.
        from = "from": Spanned<Duration>,
        /// Nor are those that begin at this time or later.
        to = "to": Spanned<Duration>,
    }
}

record! {
    /// The warm-up before the schedule; nothing of it is judged.
    WarmupSection: "a map of `max`" {
        /// The longest it may take: 0s, no warm-up, by default.
        max = "max": Spanned<Duration>,
    }
}

record! {
    /// What counts as a regression.
    RegressionSection: "a map of what counts as a regression" {
        /// The relative change that is still accepted: 10% by default.
        tolerance = "tolerance": Spanned<Share>,
        /// A change of less than this is never a regression: 1ms by default.
        floor = "floor": Spanned<Duration>,
        /// The rise of a failure rate that is still accepted: 0.1% by default.
        failure_tolerance = "failureTolerance": Spanned<Share>,
        /// Names of the requests that are compared: all of the scenarios' by default.
        requests = "requests": List<Text>,
        /// The figures that are compared: p50, p95 and failed by default.
        metrics = "metrics": List<Spanned<GatedMetric>>,
    }
}

words! { GatedMetric: "a figure that can be compared" {
    "p50" => GatedMetric::P50,
    "p95" => GatedMetric::P95,
    "p99" => GatedMetric::P99,
    "p999" => GatedMetric::P999,
    "failed" => GatedMetric::Failed,
} }

record! {
    /// Which history the run is compared with.
    BaselineSection: "a map of `window`, `min` and `required`" {
        /// Runs in the window at most: 20 by default.
        window = "window": Spanned<u64>,
        /// Runs needed before a comparison can block: 10 by default.
        min = "min": Spanned<u64>,
        /// Without a comparable history the run is not measured (exit 3): false by default.
        required = "required": Spanned<bool>,
    }
}

record! {
    /// A request to something outside of the deployment.
    ControlSection: "a map of `get`, `every` and `timeout`" {
        /// The URL that is asked: of another host than the target, and of none that the load touches.
        get = "get": Text,
        /// The time from one request to the next: 1s by default.
        every = "every": Spanned<Duration>,
        /// The longest that one may take: 10s by default.
        timeout = "timeout": Spanned<Duration>,
    }
}

record! {
    /// Limits beyond which a run can't be judged.
    GuardsSection: "a map of limits" {
        /// Share of a request's answers that may be 401, 403, 429 or a redirect to another host: 50% by default.
        refused = "refused": Spanned<Share>,
        /// Share of an arrival rate's iterations that may be dropped, or missing from the plan: 1% by default.
        dropped = "dropped": Spanned<Share>,
        /// Share of its core that a worker may use, but in one of twenty seconds: 80% by default.
        cpu = "cpu": Spanned<Share>,
        /// Lag of the generator itself (p99 of `loop_lag`) that is never too much: 2ms by default.
        loop_lag = "loopLag": Spanned<Duration>,
    }
}

words! { OnInconclusive: "a word for inconclusive runs" {
    "warn" => OnInconclusive::Warn,
    "fail" => OnInconclusive::Fail,
} }

forms! {
    /// Conditions on one metric.
    ThresholdsForm: "a condition such as \"p(95)<300\", or a list of them" {
        Scalar => One(Text),
        List => Many(List<ThresholdForm>),
    }
}

forms! {
    /// One condition.
    ThresholdForm: "a condition such as \"p(95)<300\", or a map of `threshold`, `abortOnFail` and `delayAbortEval`" {
        Scalar => Condition(Text),
        Map => Section(ThresholdSection),
    }
}

record! {
    /// One condition that may end the run.
    ThresholdSection: "a threshold" {
        /// `p(95)<300`
        threshold = "threshold": Text,
        /// End the run as soon as the condition is broken: false by default.
        abort_on_fail = "abortOnFail": Spanned<bool>,
        /// … but not before the load has run this long: 0s by default.
        delay_abort_eval = "delayAbortEval": Spanned<Duration>,
    }
}
