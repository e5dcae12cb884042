//! The plan: what to load, how, and how to judge it. [`read`] turns a gate file into a checked, compiled [`Plan`].

pub mod base;
mod compile;
pub mod data;
pub mod error;
pub mod expression;
mod file;
pub mod functions;
pub mod hosts;
pub mod pem;
pub mod policy;
pub mod scenario;
mod schema;
pub mod script;
pub mod step;
pub mod target;
pub mod template;
pub mod threshold;
pub mod url_template;

use std::path::PathBuf;
use std::sync::Arc;

use crate::metric::{Kind, Selector, Unit};

pub use base::{AtBase, BaseRules, BaseSource};
pub use data::DataSet;
pub use error::{Diagnostic, Diagnostics, Place};
pub use expression::Expression;
pub use file::scenario::ExecutorName;
pub use file::units::{capped_duration, duration, written};
pub use policy::Policy;
pub use scenario::{Exec, Executor, Scenario, Stage, Work};
pub use schema::schema;
pub use script::{Script, ScriptError, ScriptReader};
pub use step::{CheckId, GroupId, MetricId, Request, RequestId, Step, SubmetricId, SubmetricMatch};
pub use target::{Reference, Target};
pub use template::Template;
pub use threshold::{Condition, Threshold};

/// A gate file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The YAML.
    pub text: String,
    /// Where it came from: the name that errors show, and the folder beneath which the plan may read files.
    pub path: PathBuf,
}

impl Source {
    /// Reads a gate file from disk.
    ///
    /// # Errors
    /// The file can't be read, or is no text in UTF-8: the error says what to do.
    pub fn load(path: impl Into<PathBuf>) -> std::io::Result<Self> {
        let path = path.into();
        if path.is_dir() {
            let problem = "it is a folder; name the plan's file in it";
            return Err(std::io::Error::new(std::io::ErrorKind::IsADirectory, problem));
        }
        let text = String::from_utf8(std::fs::read(&path)?).map_err(|error| {
            let byte = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..byte].iter().filter(|byte| **byte == b'\n').count() + 1;
            let problem = format!("line {line} is not in UTF-8; save the file as UTF-8");
            std::io::Error::new(std::io::ErrorKind::InvalidData, problem)
        })?;
        Ok(Source { text, path })
    }
}

/// What is not in the gate file.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    /// The profile to apply.
    pub profile: Option<&'a str>,
    /// Multiplies VUs and rates; a number over 0 stays at least 1.
    pub scale_load: f64,
    /// Multiplies the load's durations, think times, polls and delays; not the requests' time-outs.
    pub scale_time: f64,
    /// The environment: the value of a variable. Only those that the plan declares are asked for. A secret that is used
    /// but not set is an error; who only judges a measurement can answer with any text.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Reads the script that the plan names. Without it, such a plan can't be read.
    pub script: Option<&'a ScriptReader<'a>>,
}

impl Default for ReadOptions<'_> {
    /// No profile, no scaling, an empty environment, no scripts.
    fn default() -> Self {
        ReadOptions { profile: None, scale_load: 1.0, scale_time: 1.0, env: &|_| None, script: None }
    }
}

/// Reads a gate file into a plan in which nothing can fail to parse any more. Every profile is checked, whichever is
/// applied.
///
/// # Errors
/// All errors of the file, each with its place and cure.
pub fn read(source: &Source, options: &ReadOptions) -> Result<Plan, Diagnostics> {
    compile::read(source, options)
}

/// Reads a pull request's gate file as [`read`] does, held to its base's: `target`, `reference`, `env` and `secrets` are
/// base's, and base's `thresholds` and `gate` judge beside its own. A base's plan that can't be read holds it to nothing, and a
/// note says so.
///
/// # Errors
/// All errors of the file, each with its place and cure; what it uses and base doesn't declare.
pub fn read_at_base(source: &Source, base: &BaseSource, options: &ReadOptions) -> Result<AtBase, Diagnostics> {
    compile::base::read(source, base, options)
}

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
    /// The script whose functions the scenarios call. Requests, checks and groups are then found while it runs: those lists
    /// hold none of its own.
    pub script: Option<Arc<Script>>,
    /// The requests that `gate.regression.requests` names, for who finds requests only while they run; all are compared where
    /// none.
    pub compared: Option<Vec<Arc<str>>>,
    /// By what base's plan judges the run besides, where it isn't the same.
    pub base: Option<BaseRules>,
    /// The request outside of the deployment, if the plan has one (`gate.control`).
    pub control: Option<Control>,
    /// What makes two runs of this plan comparable.
    pub contract: ContractTerms,
    /// What can't work although nothing is wrong: shown by `validate` and before a run.
    pub warnings: Vec<String>,
}

/// A request to something outside of the deployment, which the load does not touch: what it shows is the environment's.
#[derive(Clone, Debug)]
pub struct Control {
    pub url: url::Url,
    pub request: RequestId,
    /// Index of the scenario that sends it and nothing else, the last of the plan.
    pub scenario: usize,
}

impl Plan {
    /// Whether something runs once before the load.
    pub fn sets_up(&self) -> bool {
        self.setup.is_some() || self.script.as_ref().is_some_and(|script| script.setup.is_some())
    }

    /// Whether something runs once after the load.
    pub fn tears_down(&self) -> bool {
        self.teardown.is_some() || self.script.as_ref().is_some_and(|script| script.teardown.is_some())
    }

    /// The scenarios that load the deployment: all but the control's.
    pub fn own_scenarios(&self) -> &[Arc<Scenario>] {
        &self.scenarios[..self.control.as_ref().map_or(self.scenarios.len(), |control| control.scenario)]
    }
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
    /// Hash of the plan as it is run, apart from what judges it: the file with its profile, the content of the files that it
    /// reads, and the scale. Processes that share a run must have the same.
    pub plan: String,
}
