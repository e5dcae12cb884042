//! From the gate file as it is written to a [`Plan`]: names are given indices, expressions compiled, rules checked.

mod address;
mod answer;
pub mod base;
mod body;
mod contract;
mod control;
mod data;
mod executor;
mod files;
mod gate;
mod loops;
mod names;
mod request;
mod scale;
mod scenario;
mod script;
mod series;
mod step;
mod target;
#[cfg(test)]
mod tests;
mod tls;
mod value;
mod variables;
mod verb;
mod warnings;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use self::files::Files;
use self::names::{Made, Part, Scope, Variables};
use self::scale::Scale;
use self::series::{Carrier, Series, Tags};
use self::target::entries;
use super::error::{Diagnostics, Place, Problems, did_you_mean};
use super::expression::Expression;
use super::file::read::{Field, Read, Text};
use super::file::tree::{self, Content, Node};
use super::file::{BracketSection, DefaultsSection, PlanFile, profile};
use super::step::SubmetricMatch;
use super::template::Template;
use super::{Bracket, ContractTerms, CustomMetric, Plan, ReadOptions, Script, Source};
use crate::metric::Selector;

/// k6's time limit of setup and teardown.
const BRACKET_TIMEOUT: Duration = Duration::from_secs(60);

/// Largest factor of `--scale-load` and `--scale-time`.
const MOST_SCALED: f64 = 1000.0;
/// Most profiles of a plan, each of which is checked.
const MOST_PROFILES: usize = 50;

/// Reads a gate file; see [`super::read`].
pub fn read(source: &Source, options: &ReadOptions) -> Result<Plan, Diagnostics> {
    let mut problems = Problems::default();
    let plan = tree::parse(&source.text, &mut problems).and_then(|root| {
        let mut files = Files::beside(&source.path);
        every_profile(&root, options, &mut files, &mut problems)
    });
    let name = source.path.display().to_string();
    match plan {
        Some(plan) if problems.is_empty() => Ok(plan),
        _ => Err(problems.into_diagnostics(name, &source.text)),
    }
}

/// What a tree is compiled with.
#[derive(Clone, Copy)]
struct Reading<'a> {
    options: &'a ReadOptions<'a>,
    scale: Scale,
    /// The plan's script, if it could be read.
    script: Option<&'a Arc<Script>>,
    /// Base's plan, to which this one is held.
    base: Option<&'a base::Held<'a>>,
}

/// Compiles the plan as it is and with each profile; returns the one that is asked for.
fn every_profile(root: &Node, options: &ReadOptions, files: &mut Files, problems: &mut Problems) -> Option<Plan> {
    let scale = scale(options, problems);
    let script = script::read(root, options, files, problems).map(Arc::new);
    let reading = Reading { options, scale, script: script.as_ref(), base: None };
    let loaded = script.as_ref().map(|script| script::with_load(root, script));
    let root = loaded.as_ref().unwrap_or(root);
    let mut chosen = compile(root, None, reading, files, problems);
    let profiles: Vec<(String, &Node)> = match root.get("profiles").map(|node| &node.content) {
        Some(Content::Map(entries)) => entries.iter().map(|entry| (entry.key.clone(), &entry.value)).collect(),
        _ => Vec::new(),
    };
    if let Some(node) = root.get("profiles").filter(|_| profiles.len() > MOST_PROFILES) {
        let problem = format!("{} profiles are too many", profiles.len());
        problems.add(&node.place, problem, format!("a plan has at most {MOST_PROFILES}"));
        return None;
    }
    for (name, overrides) in &profiles {
        let merged = profile::overlay(root, overrides, problems);
        let plan = compile(&merged, Some(name), reading, files, problems);
        if options.profile == Some(name.as_str()) {
            chosen = plan;
        }
    }
    if let Some(wanted) = options.profile.filter(|wanted| !profiles.iter().any(|(name, _)| name == wanted)) {
        let help = did_you_mean(wanted, profiles.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
        problems.add(&Place::default(), format!("the plan has no profile `{wanted}`"), help);
    }
    chosen
}

/// The factors that the command line gives; none where one of them is wrong.
fn scale(options: &ReadOptions, problems: &mut Problems) -> Scale {
    let scale = Scale { load: options.scale_load, time: options.scale_time };
    for (option, factor) in [("--scale-load", scale.load), ("--scale-time", scale.time)] {
        if !(factor > 0.0 && factor <= MOST_SCALED) {
            problems.add(
                &Place::default(),
                format!("{option} {factor} is no factor"),
                "give a number over 0 and up to 1000, such as 0.1",
            );
        }
    }
    if problems.is_empty() { scale } else { Scale { load: 1.0, time: 1.0 } }
}

fn compile(
    root: &Node,
    profile: Option<&str>,
    reading: Reading<'_>,
    files: &mut Files,
    problems: &mut Problems,
) -> Option<Plan> {
    let file = PlanFile::read(root, problems)?;
    let Reading { options, scale, script, base } = reading;
    let mut compiler = Compiler::new(&file, scale, files);
    compiler.base = base;
    compiler.script = script.cloned();
    compiler.variables.unmerged = base.iter().flat_map(|held| held.unmerged.iter().cloned()).collect();
    let plan = compiler.plan(profile, options);
    problems.append(compiler.problems);
    // Files are hashed for the plan that is asked for alone.
    let asked_for = profile == options.profile && problems.is_empty();
    plan.map(|mut plan| {
        if asked_for {
            let script = script.map(|script| script.digest.as_str());
            plan.contract.plan = contract::plan(root, script, files.content(), scale);
        }
        plan
    })
}

/// What is known while a plan is compiled.
struct Compiler<'a> {
    file: &'a PlanFile,
    /// Base's plan, to which this one is held.
    base: Option<&'a base::Held<'a>>,
    /// The plan's script, if it could be read.
    script: Option<Arc<Script>>,
    scale: Scale,
    files: &'a mut Files,
    problems: Problems,
    variables: Variables,
    series: Series,
    metrics: Vec<CustomMetric>,
    /// Names that every scenario sees: data sets, and what the setup captured, collected and bound.
    shared: BTreeSet<String>,
    /// The setup or the data could not be read: there may be other names.
    shared_unknown: bool,
    used_flows: BTreeSet<String>,
    /// Steps compiled so far; a flow counts for each scenario that uses it.
    compiled_steps: usize,
    /// A step of a scenario could not be read, so that what its samples would carry is not known.
    lossy: bool,
}

impl<'a> Compiler<'a> {
    fn new(file: &'a PlanFile, scale: Scale, files: &'a mut Files) -> Self {
        Compiler {
            file,
            base: None,
            script: None,
            scale,
            files,
            problems: Problems::default(),
            variables: Variables::default(),
            series: Series::default(),
            metrics: Vec::new(),
            shared: BTreeSet::new(),
            shared_unknown: false,
            used_flows: BTreeSet::new(),
            compiled_steps: 0,
            lossy: false,
        }
    }

    fn plan(&mut self, profile: Option<&str>, options: &ReadOptions) -> Option<Plan> {
        let file = self.file;
        self.version();
        let name = self.name();
        self.read_variables(options);
        self.metrics = match &self.script {
            Some(script) => script.metrics.clone(),
            None => self.custom_metrics(),
        };
        let thresholds = self.thresholds();
        let of_base = self.base_thresholds();
        let data = self.data();
        let target = self.target();
        let reference = self.reference();
        self.check_defaults();
        let setup = self.bracket(&file.setup, Part::Setup);
        let mut made = Made::default();
        if let Some(setup) = file.setup.get() {
            made.by(&setup.steps);
        }
        self.shared_unknown = made.unknown || file.setup.is_broken() || file.data.is_broken();
        self.shared.extend(made.all());
        let teardown = self.bracket(&file.teardown, Part::Teardown);
        let mut scenarios = self.scenarios();
        let mut warnings: Vec<String> = self.script.iter().flat_map(|script| script.warnings.iter().cloned()).collect();
        warnings.extend(self.unused_flows());
        self.gated();
        if !self.lossy && !self.finds_its_series() {
            self.series.submetrics.check(&mut self.problems);
        }
        let policy = self.policy(scenarios.iter().map(AsRef::as_ref));
        let base = self.base_rules(of_base, &policy);
        if self.series.overflow() {
            let problem = "the plan names more than 65,535 requests, checks, groups or thresholds";
            self.problems.add(&file.place, problem, "give steps of one kind the same `name`");
        }
        if target.template.is_some() && target.ready.is_none() {
            let problem =
                "target.url has placeholders and there is no target.ready: the load begins at once, deployed or not";
            warnings.push(format!("{problem}; write `ready: {{ get: / }}`"));
        }
        warnings.extend(scenarios.iter().flat_map(|scenario| warnings::of_scenario(scenario, self.scale)));
        if !self.lossy && !self.finds_its_series() && !self.series.submetrics.is_carried(&Carrier::Request) {
            warnings.push("no scenario sends a request, so that the run will count as not measured".to_owned());
        }
        if file.thresholds.get().is_none_or(|map| map.entries.is_empty()) && file.gate.is_absent() {
            let warning = "the plan has no `thresholds` and no `gate`: until there is a baseline, nothing judges its runs. \
                           Write what the deployment must hold, such as `http_req_failed: rate<0.01`";
            warnings.push(warning.to_owned());
        }
        self.check_turns(&scenarios);
        self.check_fed();
        // The control loads another host: with or without it, the load is the same.
        let load_scenarios = scenarios.iter().map(AsRef::as_ref);
        let load = contract::load(load_scenarios, policy.judge, self.scale, target.http_version);
        let control = self.control(&mut scenarios);
        Some(Plan {
            name: name?,
            profile: profile.map(str::to_owned),
            target,
            reference,
            data,
            env: self.set_env(),
            secrets: self.set_secrets(),
            metrics: std::mem::take(&mut self.metrics),
            requests: self.series.requests(),
            checks: self.series.checks.names.clone(),
            groups: self.series.groups.names.clone(),
            setup,
            teardown,
            scenarios,
            thresholds,
            submetrics: std::mem::take(&mut self.series.submetrics.selectors),
            policy,
            script: self.script.clone(),
            compared: self.compared(),
            base,
            control,
            contract: ContractTerms { load, plan: String::new() },
            warnings,
        })
    }

    fn version(&mut self) {
        let place = self.file.place.clone();
        let version =
            self.file.version.required("version", "begin the plan with `version: 1`", &place, &mut self.problems);
        if let Some(version) = version.filter(|version| version.value != 1) {
            let problem = format!("this loadgate does not know version {} of plans", version.value);
            self.problems.add(&version.place, problem, "write `version: 1`, or install a newer loadgate");
        }
    }

    fn name(&mut self) -> Option<Arc<str>> {
        let place = self.file.place.clone();
        let help = "write `name: checkout`, say: it names the plan in comments and its folder of baselines";
        let name = self.file.name.required("name", help, &place, &mut self.problems)?;
        let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.value.is_empty()
            || name.value.len() > 64
            || name.value.starts_with('.')
            || !name.value.chars().all(valid)
        {
            let problem = format!("`{}` can't be a plan's name", name.value);
            self.problems.add(&name.place, problem, "a name is 1 to 64 of a-z, A-Z, 0-9, `-`, `_` and `.`");
        }
        Some(name.value.as_str().into())
    }

    /// Whether requests, checks, groups and tags are found only while the plan runs: a script makes them.
    fn finds_its_series(&self) -> bool {
        !self.file.script.is_absent()
    }

    /// Whether all names are known that every scenario sees.
    fn shared_complete(&self) -> bool {
        !self.shared_unknown && !self.file.data.is_broken()
    }

    fn defaults(&self) -> Option<&'a DefaultsSection> {
        self.file.defaults.get()
    }

    /// Default headers are compiled with every request; their syntax is checked once, whether there is a request or not.
    fn check_defaults(&mut self) {
        let headers = self.file.defaults.get().and_then(|defaults| defaults.headers.get());
        let scope = self.unused_scope();
        self.headers(headers, &scope);
    }

    fn bracket(&mut self, field: &Field<BracketSection>, part: Part) -> Option<Bracket> {
        let section = field.get()?;
        let mut made = Made::default();
        made.by(&section.steps);
        let complete = !made.unknown && self.shared_complete();
        let values: BTreeSet<String> = made.all().chain(self.shared.iter().cloned()).collect();
        let mut scope = Scope::new(part, values);
        scope.complete = complete;
        if let Some(timeout) = section.timeout.get().filter(|timeout| timeout.value.is_zero()) {
            self.problems.add(&timeout.place, "nothing can be done in no time", "write 5m, say");
        }
        let timeout = section.timeout.get().map_or(BRACKET_TIMEOUT, |timeout| timeout.value);
        Some(Bracket { timeout, steps: self.steps(&section.steps, "steps", &section.place, &scope) })
    }

    /// The scope of what may be used by any scenario, or by none.
    fn unused_scope(&self) -> Scope {
        let mut scope = Scope::new(Part::UnusedFlow, BTreeSet::new());
        let scenarios = entries(&self.file.scenarios);
        let own = scenarios.flat_map(|(_, scenario)| entries(&scenario.env)).map(|(name, _)| name.value.clone());
        scope.own_env = Arc::new(own.collect());
        scope
    }

    /// Checks the flows that no scenario uses, and warns of them.
    fn unused_flows(&mut self) -> Vec<String> {
        let file = self.file;
        let mut warnings = Vec::new();
        for (name, steps) in entries(&file.flows) {
            if self.used_flows.contains(&name.value) {
                continue;
            }
            warnings.push(format!("flow `{}` is used by no scenario (line {})", name.value, name.place.line));
            let series = std::mem::take(&mut self.series);
            let scope = self.unused_scope();
            self.step_list(steps, &scope);
            self.series = series;
        }
        warnings
    }

    /// Notes thresholds on metrics that no step makes a sample of: they fail, or, on a counter, hold whatever happens.
    fn check_fed(&mut self) {
        let file = self.file;
        for (key, _) in entries(&file.thresholds) {
            let Ok(Selector { metric, tags }) = Selector::parse(&key.value) else { continue };
            // Those with tags are looked at by their tags.
            let Some(carrier) = Carrier::of(&metric).filter(|_| tags.is_empty()) else { continue };
            let known = self.kind(&metric).is_some();
            if self.lossy || self.finds_its_series() || !known || self.series.submetrics.is_carried(&carrier) {
                continue;
            }
            let cure = match carrier {
                Carrier::Check => "write a `check` at a request",
                Carrier::Group => "write a `group`",
                Carrier::Custom(_) => "write a `record`",
                Carrier::Request | Carrier::Iteration => "write a request",
            };
            let help = format!("{cure}, or leave the threshold out; setup and teardown are judged by nothing");
            self.problems.add(&key.place, format!("no step of a scenario makes a sample of `{metric}`"), help);
        }
    }

    /// The submetrics that samples of a scenario may belong to; setup and teardown are judged by nothing.
    fn matching(&mut self, carrier: &Carrier, tags: &Tags, scope: &Scope) -> Vec<SubmetricMatch> {
        match scope.part {
            Part::Scenario => self.series.submetrics.matching(carrier, tags),
            _ => Vec::new(),
        }
    }

    fn expression(&mut self, text: &Text, scope: &Scope) -> Option<Expression> {
        names::expression(text, scope, &self.variables, &mut self.problems)
    }

    fn optional_expression(&mut self, field: &Field<Text>, scope: &Scope) -> Option<Expression> {
        field.get().and_then(|text| self.expression(text, scope))
    }

    fn template(&mut self, text: &Text, scope: &Scope) -> Option<Template> {
        names::template(text, scope, &self.variables, &mut self.problems)
    }
}
