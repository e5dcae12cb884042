//! A plan whose work is a script: the script's options are its load and its first thresholds, over which profiles are laid.

use std::time::Duration;

use url::Url;

use super::Compiler;
use super::files::Files;
use super::names::{Part, Scope};
use super::series::{Carrier, Tags};
use crate::plan::error::{Place, Problems};
use crate::plan::file::TargetSection;
use crate::plan::file::read::{Read, Text};
use crate::plan::file::scenario::ScenarioSection;
use crate::plan::file::tree::{Content, Entry, Node, Scalar};
use crate::plan::file::units::written;
use crate::plan::scenario::{Exec, Executor, Scenario, Stage, Work};
use crate::plan::script::{ClientCertificate, Script};
use crate::plan::target::Target;
use crate::plan::{ReadOptions, Threshold};

/// Sections that a script makes up for.
const OF_SCRIPT: [(&str, &str); 7] = [
    ("flows", "the script's functions are what is done"),
    ("scenarios", "the script's `options` say how much is done, and a profile can change that"),
    ("setup", "the script exports its own `setup`"),
    ("teardown", "the script exports its own `teardown`"),
    ("data", "the script opens its own files"),
    ("metrics", "the script makes its own, of `k6/metrics`"),
    ("defaults", "the script's `options` and its requests' parameters say how requests are sent"),
];

/// The metric that a script's plan limits by default.
const ITERATION_ERRORS: &str = "iteration_errors";

/// Reads the script that the plan names, if it names one; notes what can't stand beside it.
pub fn read(root: &Node, options: &ReadOptions, files: &mut Files, problems: &mut Problems) -> Option<Script> {
    let Content::Map(entries) = &root.content else { return None };
    let entry = entries.iter().find(|entry| entry.key == "script")?;
    for (section, cure) in OF_SCRIPT {
        if let Some(own) = entries.iter().find(|entry| entry.key == section) {
            let problem = format!("`{section}` can't stand beside `script`");
            problems.add(&own.place, problem, format!("leave it out: {cure}"));
        }
    }
    let path = Text::read(&entry.value, &mut Problems::default())?;
    let content = files.read(&path, problems);
    let Some(reader) = options.script else {
        problems.add(&path.place, "this command reads no scripts", "run the plan with `loadgate run`");
        return None;
    };
    content?;
    match reader(&files.path(&path.value)) {
        Ok(script) => Some(script),
        Err(errors) => {
            errors.into_iter().for_each(|error| problems.add(&path.place, error.problem, error.help));
            None
        }
    }
}

/// The plan's tree with the load and the thresholds that its script says, as the plan would write them. Its own thresholds
/// come after the script's.
pub fn with_load(root: &Node, script: &Script) -> Node {
    let mut root = root.clone();
    let Content::Map(entries) = &mut root.content else { return root };
    let Some(place) = entries.iter().find(|entry| entry.key == "script").map(|entry| entry.value.place.clone()) else {
        return root;
    };
    let tree = Tree { place };
    entries.retain(|entry| entry.key != "scenarios");
    let scenarios = script.scenarios.iter().map(|scenario| (scenario.name.to_string(), tree.scenario(scenario)));
    entries.push(tree.entry("scenarios", tree.map(scenarios)));
    if script.thresholds.is_empty() {
        return root;
    }
    match entries.iter_mut().find(|entry| entry.key == "thresholds") {
        Some(Entry { value: Node { content: Content::Map(own), .. }, .. }) => tree.thresholds(&script.thresholds, own),
        // What is no map is an error anyway.
        Some(_) => {}
        None => {
            let mut own = Vec::new();
            tree.thresholds(&script.thresholds, &mut own);
            entries.push(tree.entry("thresholds", Node { place: tree.place.clone(), content: Content::Map(own) }));
        }
    }
    root
}

/// Makes nodes that all stand where the script is named.
struct Tree {
    place: Place,
}

impl Tree {
    fn node(&self, content: Content) -> Node {
        Node { place: self.place.clone(), content }
    }

    fn entry(&self, key: &str, value: Node) -> Entry {
        Entry { key: key.to_owned(), place: self.place.clone(), value }
    }

    fn scalar(&self, value: impl ToString) -> Node {
        self.node(Content::Scalar(Scalar { text: value.to_string(), plain: true }))
    }

    fn time(&self, time: Duration) -> Node {
        self.scalar(written(time))
    }

    fn map(&self, entries: impl IntoIterator<Item = (String, Node)>) -> Node {
        let entries = entries.into_iter().map(|(key, value)| self.entry(&key, value));
        self.node(Content::Map(entries.collect()))
    }

    fn fields<const N: usize>(&self, fields: [(&str, Node); N]) -> Vec<(String, Node)> {
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn scenario(&self, scenario: &Scenario) -> Node {
        let mut fields = self.fields([
            ("executor", self.scalar(scenario.executor.name())),
            ("startTime", self.time(scenario.start_time)),
            ("gracefulStop", self.time(scenario.graceful_stop)),
        ]);
        fields.extend(self.executor(&scenario.executor));
        self.map(fields)
    }

    fn executor(&self, executor: &Executor) -> Vec<(String, Node)> {
        match executor {
            Executor::ConstantVus { vus, duration } => {
                self.fields([("vus", self.scalar(vus)), ("duration", self.time(*duration))])
            }
            Executor::RampingVus { start_vus, stages, graceful_ramp_down } => self.fields([
                ("startVUs", self.scalar(start_vus)),
                ("stages", self.stages(stages)),
                ("gracefulRampDown", self.time(*graceful_ramp_down)),
            ]),
            Executor::PerVuIterations { vus, iterations, max_duration }
            | Executor::SharedIterations { vus, iterations, max_duration } => self.fields([
                ("vus", self.scalar(vus)),
                ("iterations", self.scalar(iterations)),
                ("maxDuration", self.time(*max_duration)),
            ]),
            Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus } => self.fields([
                ("rate", self.scalar(rate)),
                ("timeUnit", self.time(*time_unit)),
                ("duration", self.time(*duration)),
                ("preAllocatedVUs", self.scalar(pre_allocated_vus)),
                ("maxVUs", self.scalar(max_vus)),
            ]),
            Executor::RampingArrivalRate { start_rate, time_unit, stages, pre_allocated_vus, max_vus } => {
                self.fields([
                    ("startRate", self.scalar(start_rate)),
                    ("timeUnit", self.time(*time_unit)),
                    ("stages", self.stages(stages)),
                    ("preAllocatedVUs", self.scalar(pre_allocated_vus)),
                    ("maxVUs", self.scalar(max_vus)),
                ])
            }
        }
    }

    fn stages(&self, stages: &[Stage]) -> Node {
        let stage = |stage: &Stage| {
            self.map(self.fields([("duration", self.time(stage.duration)), ("target", self.scalar(stage.target))]))
        };
        self.node(Content::List(stages.iter().map(stage).collect()))
    }

    /// Puts the script's thresholds before the plan's own of the same metric.
    fn thresholds(&self, thresholds: &[Threshold], own: &mut Vec<Entry>) {
        // A plan that allows errors of iterations means it: the script's default is laid under nothing.
        let allowed = own.iter().any(|entry| entry.key == ITERATION_ERRORS);
        for threshold in thresholds.iter().rev() {
            let key = threshold.selector.to_string();
            if allowed && key == ITERATION_ERRORS {
                continue;
            }
            let condition = self.threshold(threshold);
            match own.iter_mut().find(|entry| entry.key == key) {
                Some(entry) => match &mut entry.value.content {
                    Content::List(conditions) => conditions.insert(0, condition),
                    Content::Scalar(_) | Content::Map(_) => {
                        let conditions = vec![condition, entry.value.clone()];
                        entry.value = Node { place: entry.value.place.clone(), content: Content::List(conditions) };
                    }
                },
                None => own.insert(0, self.entry(&key, self.node(Content::List(vec![condition])))),
            }
        }
    }

    fn threshold(&self, threshold: &Threshold) -> Node {
        let condition = self.scalar(threshold.condition);
        if !threshold.abort_on_fail {
            return condition;
        }
        let delay = self.time(threshold.delay_abort_eval);
        let abort = self.scalar(true);
        self.map(self.fields([("threshold", condition), ("abortOnFail", abort), ("delayAbortEval", delay)]))
    }
}

impl Compiler<'_> {
    /// What an iteration of the script's scenario calls; none where there is no script.
    pub fn exec(&self, scenario: &str) -> Option<Exec> {
        let script = self.script.as_ref()?;
        let of_script = script.scenarios.iter().find(|known| *known.name == *scenario);
        match of_script.map(|scenario| &scenario.work) {
            Some(Work::Script(exec)) => Some(exec.clone()),
            // A name that only a profile knows has been noted.
            _ => Some(Exec::default()),
        }
    }

    /// A scenario of the script: its load is compiled as any other's, and its iterations carry the tags of run and scenario.
    pub fn script_scenario(
        &mut self,
        name: &Text,
        section: &ScenarioSection,
        executor: Executor,
        exec: Exec,
    ) -> Option<Scenario> {
        let mut tags = Tags::default();
        let of_run = self.script.as_ref().map(|script| script.tags.clone()).unwrap_or_default();
        of_run.iter().chain(exec.tags.iter()).for_each(|(tag, value)| tags.set(tag, value));
        tags.set("scenario", &name.value);
        let scope = Scope::new(Part::Scenario, Default::default());
        let submetrics = self.matching(&Carrier::Iteration, &tags, &scope);
        Some(Scenario {
            name: name.value.as_str().into(),
            executor,
            start_time: self.scaled(&section.start_time, Duration::ZERO),
            graceful_stop: self.scaled(&section.graceful_stop, super::scenario::GRACEFUL_STOP),
            work: Work::Script(exec),
            submetrics,
        })
    }

    /// Adds what the script's options say of its connections. Where the plan is held to base's, they say nothing: a pull
    /// request that changes its script can't turn the load against another host, nor send a secret elsewhere.
    pub fn by_script(&self, section: &TargetSection, target: &mut Target) {
        let Some(script) = &self.script else { return };
        let network = &script.network;
        target.no_connection_reuse |= network.no_connection_reuse;
        target.no_vu_connection_reuse |= network.no_vu_connection_reuse;
        if self.base.is_some() {
            return;
        }
        target.hosts = target.hosts.and(&network.hosts);
        target.tls.insecure_skip_verify |= network.insecure_skip_tls_verify;
        target.tls.auth.extend(network.tls_auth.iter().map(ClientCertificate::tls_auth));
        if let (true, Some(versions)) = (section.tls_version.is_absent(), network.tls_versions) {
            target.tls.versions = versions;
        }
        if section.url.is_absent() {
            target.of_script = origin(script);
        }
    }
}

/// The one origin that the script names; none where there are several, or where it is no URL.
fn origin(script: &Script) -> Option<Url> {
    let [origin] = script.origins.as_slice() else { return None };
    let url = Url::parse(origin).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}
