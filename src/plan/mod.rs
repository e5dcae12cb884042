//! The plan: what to load, how, and how to judge it. [`read`] turns a gate file into a checked, compiled [`Plan`].

pub mod data;
pub mod expression;
pub mod functions;
pub mod policy;
pub mod scenario;
pub mod step;
pub mod target;
pub mod template;
pub mod threshold;

use std::sync::Arc;

use crate::metric::{Kind, Selector, Unit};

pub use data::DataSet;
pub use expression::Expression;
pub use policy::Policy;
pub use scenario::{Executor, Scenario, Stage, Work};
pub use step::{CheckId, GroupId, MetricId, Request, RequestId, Step, SubmetricId, SubmetricMatch};
pub use target::{Reference, Target};
pub use template::Template;
pub use threshold::{Condition, Threshold};

/// A checked plan with every expression and template compiled. Nothing in it can fail to parse any more.
#[derive(Debug)]
pub struct Plan {
    /// Names the plan in comments and its folder of baselines.
    pub name: Arc<str>,
    /// The profile that was applied, if any.
    pub profile: Option<String>,
    pub target: Target,
    pub reference: Option<Reference>,
    /// Every data set, in the order of the file; expressions find them by name.
    pub data: Vec<DataSet>,
    /// Values of the declared environment variables and secrets; expressions see them as `env` and `secret`.
    pub env: Vec<(String, String)>,
    pub secrets: Vec<Secret>,
    /// Metrics that the plan declares.
    pub metrics: Vec<CustomMetric>,
    /// Every request name of the plan, setup and teardown included: a [`RequestId`] is an index into this list.
    pub requests: Vec<RequestSeries>,
    /// Every check's name, each once: a [`CheckId`] is an index into this list.
    pub checks: Vec<Arc<str>>,
    /// Every group's path (`outer::inner`), each once: a [`GroupId`] is an index into this list.
    pub groups: Vec<Arc<str>>,
    /// Runs once before the scenarios; judged by nothing.
    pub setup: Option<Bracket>,
    /// Runs once after the scenarios, whatever happened; judged by nothing.
    pub teardown: Option<Bracket>,
    /// In the order of the file.
    pub scenarios: Vec<Arc<Scenario>>,
    pub thresholds: Vec<Threshold>,
    /// Selectors with tags that thresholds name, each once: a [`SubmetricId`] is an index into this list.
    pub submetrics: Vec<Selector>,
    /// How the run is judged: the `gate` section.
    pub policy: Policy,
    /// What makes two runs of this plan comparable.
    pub contract: ContractTerms,
    /// What can't work although nothing is wrong: shown by `validate` and before a run.
    pub warnings: Vec<String>,
}

/// A value that every output masks.
#[derive(Clone, Debug)]
pub struct Secret {
    pub name: String,
    pub value: String,
}

/// A metric declared under `metrics`.
#[derive(Clone, Debug)]
pub struct CustomMetric {
    pub name: Arc<str>,
    pub kind: Kind,
    /// Of a trend's values; plain for the other kinds unless declared.
    pub unit: Unit,
}

/// One named request: the row under which its samples are counted, whichever steps make them.
#[derive(Clone, Debug)]
pub struct RequestSeries {
    pub name: Arc<str>,
    /// A step under `if`, `choose`, or marked `optional: true`: never being attempted is no guard.
    pub optional: bool,
    /// Used by a scenario, not only by setup or teardown.
    pub in_scenario: bool,
    /// Compared with a baseline: named by `regression.requests`, or every one of the scenarios' requests by default.
    pub gated: bool,
    /// Hash of what the steps of this name send and expect, in hexadecimal.
    pub definition: String,
}

/// The setup or the teardown: steps that run once, as one iteration.
#[derive(Debug)]
pub struct Bracket {
    pub timeout: std::time::Duration,
    pub steps: Arc<[Step]>,
}

/// The plan's part of the hard contract; see `measurement::Contract`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractTerms {
    /// Hash of the scenarios' load: executors, stages, start times, scaling.
    pub load: String,
}
