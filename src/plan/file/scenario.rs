//! `scenarios`: an executor with its fields, and the work of an iteration.

use std::time::Duration;

use super::declare::{record, words};
use super::read::{Json, List, Map, Spanned, Text};
use super::step::StepEntry;

record! {
    /// One stream of iterations.
    ScenarioSection: "a scenario" {
        /// Who runs iterations, how many, and when.
        executor = "executor": Spanned<ExecutorName>,
        /// Virtual users: 1 by default (constant-vus, per-vu-iterations, shared-iterations).
        vus = "vus": Spanned<u64>,
        /// How long iterations begin (constant-vus, constant-arrival-rate).
        duration = "duration": Spanned<Duration>,
        /// VUs at the start: 1 by default (ramping-vus).
        start_vus = "startVUs": Spanned<u64>,
        /// Linear changes of the number of VUs or the rate (ramping-vus, ramping-arrival-rate).
        stages = "stages": List<StageSection>,
        /// How long an iteration may go on when its VU is taken away: 30s by default (ramping-vus).
        graceful_ramp_down = "gracefulRampDown": Spanned<Duration>,
        /// Of each VU, or of all together: 1 by default (per-vu-iterations, shared-iterations).
        iterations = "iterations": Spanned<u64>,
        /// Iterations that have not begun by then are dropped: 10m by default (per-vu-iterations, shared-iterations).
        max_duration = "maxDuration": Spanned<Duration>,
        /// Iterations to begin per time unit (constant-arrival-rate).
        rate = "rate": Spanned<f64>,
        /// Iterations per time unit at the start: 0 by default (ramping-arrival-rate).
        start_rate = "startRate": Spanned<f64>,
        /// What rates are per: 1s by default (constant-arrival-rate, ramping-arrival-rate).
        time_unit = "timeUnit": Spanned<Duration>,
        /// VUs made before the load (constant-arrival-rate, ramping-arrival-rate).
        pre_allocated_vus = "preAllocatedVUs": Spanned<u64>,
        /// VUs at most: preAllocatedVUs by default (constant-arrival-rate, ramping-arrival-rate).
        max_vus = "maxVUs": Spanned<u64>,
        /// How long after the start of the load it begins: 0 by default.
        start_time = "startTime": Spanned<Duration>,
        /// How long an iteration may go on after the executor's time is over: 30s by default.
        graceful_stop = "gracefulStop": Spanned<Duration>,
        /// Values made once an iteration, before the first step.
        let_ = "let": Map<Json>,
        /// Sent with every request of the scenario.
        headers = "headers": Map<Text>,
        /// Tags of every sample of the scenario.
        tags = "tags": Map<Text>,
        /// Values of `env.NAME` for this scenario.
        env = "env": Map<Text>,
        /// The name of the flow that an iteration runs.
        flow = "flow": Text,
        /// The steps of an iteration, in place of a flow.
        steps = "steps": List<StepEntry>,
    }
}

record! {
    /// A linear change over a time; a duration of 0s is a jump.
    StageSection: "a stage" {
        /// How long the change takes.
        duration = "duration": Spanned<Duration>,
        /// VUs, or iterations per time unit, at the end of the stage.
        target = "target": Spanned<u64>,
    }
}

/// k6's six executors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutorName {
    ConstantVus,
    RampingVus,
    PerVuIterations,
    SharedIterations,
    ConstantArrivalRate,
    RampingArrivalRate,
}

words! { ExecutorName: "an executor" {
    "constant-vus" => ExecutorName::ConstantVus,
    "ramping-vus" => ExecutorName::RampingVus,
    "per-vu-iterations" => ExecutorName::PerVuIterations,
    "shared-iterations" => ExecutorName::SharedIterations,
    "constant-arrival-rate" => ExecutorName::ConstantArrivalRate,
    "ramping-arrival-rate" => ExecutorName::RampingArrivalRate,
} }

impl ExecutorName {
    pub const ALL: [ExecutorName; 6] = [
        ExecutorName::ConstantVus,
        ExecutorName::RampingVus,
        ExecutorName::PerVuIterations,
        ExecutorName::SharedIterations,
        ExecutorName::ConstantArrivalRate,
        ExecutorName::RampingArrivalRate,
    ];

    /// k6's name of the executor.
    pub fn word(self) -> &'static str {
        match self {
            ExecutorName::ConstantVus => "constant-vus",
            ExecutorName::RampingVus => "ramping-vus",
            ExecutorName::PerVuIterations => "per-vu-iterations",
            ExecutorName::SharedIterations => "shared-iterations",
            ExecutorName::ConstantArrivalRate => "constant-arrival-rate",
            ExecutorName::RampingArrivalRate => "ramping-arrival-rate",
        }
    }

    /// The keys that only some executors take, of which this one takes these.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            ExecutorName::ConstantVus => &["vus", "duration"],
            ExecutorName::RampingVus => &["startVUs", "stages", "gracefulRampDown"],
            ExecutorName::PerVuIterations | ExecutorName::SharedIterations => &["vus", "iterations", "maxDuration"],
            ExecutorName::ConstantArrivalRate => &["rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"],
            ExecutorName::RampingArrivalRate => &["startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"],
        }
    }
}

/// The keys that make up the load of a scenario and depend on its executor; a profile that names an executor replaces
/// all of them.
pub const EXECUTOR_KEYS: [&str; 13] = [
    "executor",
    "vus",
    "duration",
    "startVUs",
    "stages",
    "gracefulRampDown",
    "iterations",
    "maxDuration",
    "rate",
    "startRate",
    "timeUnit",
    "preAllocatedVUs",
    "maxVUs",
];
