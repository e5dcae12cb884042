//! Scenarios and their executors: who runs iterations, how many, and when. k6's names, fields and defaults.

use std::sync::Arc;
use std::time::Duration;

use super::step::{Step, SubmetricMatch};
use super::template::Template;

/// One stream of iterations. It knows no steps: those are its [`Work`].
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: Arc<str>,
    pub executor: Executor,
    /// How long after the start of the load this scenario begins.
    pub start_time: Duration,
    /// How long an iteration may go on after the executor's time is over.
    pub graceful_stop: Duration,
    pub work: Work,
    /// Submetrics that count this scenario's iterations (`iterations{scenario:…}` and the like).
    pub submetrics: Vec<SubmetricMatch>,
}

/// What one iteration does.
#[derive(Clone, Debug)]
pub enum Work {
    /// The plan's own steps.
    Steps(Flow),
    /// A function of the plan's script.
    Script(Exec),
}

impl Work {
    /// The plan's own steps; a script has none.
    pub fn flow(&self) -> Option<&Flow> {
        match self {
            Work::Steps(flow) => Some(flow),
            Work::Script(_) => None,
        }
    }

    /// Likewise, their list.
    pub fn steps(&self) -> &[Step] {
        match self.flow() {
            Some(flow) => &flow.steps,
            None => &[],
        }
    }
}

/// The function of a script that an iteration calls, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The name under which the script exports it.
    pub function: Arc<str>,
    /// What the script sees in `__ENV` besides, and in the place of variables of the same name.
    pub env: Arc<[(String, String)]>,
    /// Tags of every sample of the scenario.
    pub tags: Arc<[(Arc<str>, Arc<str>)]>,
}

impl Default for Exec {
    /// The default export, and nothing else.
    fn default() -> Self {
        Exec { function: "default".into(), env: Arc::from([]), tags: Arc::from([]) }
    }
}

/// The steps of one iteration, with what they share.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Evaluated once an iteration, in order, before the first step.
    pub bindings: Arc<[(Arc<str>, super::step::ValueTemplate)]>,
    /// Sent with every request of the flow, unless the request sets the same header.
    pub headers: Arc<[(http::HeaderName, Template)]>,
    /// What expressions see as `env`: the plan's values, and the scenario's own in their place.
    pub env: Arc<[(String, String)]>,
    pub steps: Arc<[Step]>,
}

/// A linear change of a target over a time. A duration of zero is a jump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    pub duration: Duration,
    /// VUs, or iterations per time unit, at the end of the stage.
    pub target: u64,
}

/// k6's six executors.
#[derive(Clone, Debug, PartialEq)]
pub enum Executor {
    /// Loop until the duration is over.
    ConstantVus { vus: u64, duration: Duration },
    /// A number of VUs that changes linearly from stage to stage.
    RampingVus { start_vus: u64, stages: Vec<Stage>, graceful_ramp_down: Duration },
    /// Every VU runs its own number of iterations.
    PerVuIterations { vus: u64, iterations: u64, max_duration: Duration },
    /// The VUs share one pool of iterations, first come, first served.
    SharedIterations { vus: u64, iterations: u64, max_duration: Duration },
    /// Iterations begin at a fixed rate, whatever the target does.
    ConstantArrivalRate { rate: f64, time_unit: Duration, duration: Duration, pre_allocated_vus: u64, max_vus: u64 },
    /// Iterations begin at a rate that changes linearly from stage to stage.
    RampingArrivalRate {
        start_rate: f64,
        time_unit: Duration,
        stages: Vec<Stage>,
        pre_allocated_vus: u64,
        max_vus: u64,
    },
}

impl Executor {
    /// k6's name of the executor.
    pub fn name(&self) -> &'static str {
        match self {
            Executor::ConstantVus { .. } => "constant-vus",
            Executor::RampingVus { .. } => "ramping-vus",
            Executor::PerVuIterations { .. } => "per-vu-iterations",
            Executor::SharedIterations { .. } => "shared-iterations",
            Executor::ConstantArrivalRate { .. } => "constant-arrival-rate",
            Executor::RampingArrivalRate { .. } => "ramping-arrival-rate",
        }
    }

    /// How long iterations may begin, from the scenario's start; `gracefulStop` comes on top.
    pub fn duration(&self) -> Duration {
        match self {
            Executor::ConstantVus { duration, .. } | Executor::ConstantArrivalRate { duration, .. } => *duration,
            Executor::RampingVus { stages, .. } | Executor::RampingArrivalRate { stages, .. } => {
                stages.iter().map(|stage| stage.duration).sum()
            }
            Executor::PerVuIterations { max_duration, .. } | Executor::SharedIterations { max_duration, .. } => {
                *max_duration
            }
        }
    }

    /// The most VUs that the executor can run at once.
    pub fn max_vus(&self) -> u64 {
        match self {
            Executor::ConstantVus { vus, .. }
            | Executor::PerVuIterations { vus, .. }
            | Executor::SharedIterations { vus, .. } => *vus,
            Executor::RampingVus { start_vus, stages, .. } => {
                stages.iter().map(|stage| stage.target).fold(*start_vus, u64::max)
            }
            Executor::ConstantArrivalRate { max_vus, .. } | Executor::RampingArrivalRate { max_vus, .. } => *max_vus,
        }
    }

    /// Whether iterations are started by a clock rather than by free VUs.
    pub fn is_arrival_rate(&self) -> bool {
        matches!(self, Executor::ConstantArrivalRate { .. } | Executor::RampingArrivalRate { .. })
    }
}
