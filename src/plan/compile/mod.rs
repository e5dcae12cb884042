//! From the gate file as it is written to a [`Plan`]: names are given indices, expressions compiled, rules checked.

mod contract;
mod files;
mod gate;
mod names;
mod request;
mod scale;
mod scenario;
mod series;
mod step;
mod target;
#[cfg(test)]
mod tests;
mod warnings;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Number, Value};

use self::files::Files;
use self::names::{Made, Part, Scope, Variables, nameable};
use self::scale::Scale;
use self::series::{Carrier, Series, Tags};
use self::target::{entries, texts};
use super::data::{DataSet, Pick, csv_rows, json_rows, json_value};
use super::error::{Diagnostics, Place, Problems, did_you_mean};
use super::expression::Expression;
use super::file::read::{Field, List, Read, Spanned, Text};
use super::file::tree::{self, Content, Node, Scalar};
use super::file::{BracketSection, DataForm, DefaultsSection, MetricForm, PlanFile, profile};
use super::step::{SubmetricMatch, ValueTemplate};
use super::template::Template;
use super::{Bracket, ContractTerms, CustomMetric, Plan, ReadOptions, Secret, Source};
use crate::metric::{Kind, Metric, Unit};

/// k6's time limit of setup and teardown.
const BRACKET_TIMEOUT: Duration = Duration::from_secs(60);

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

/// Compiles the plan as it is and with each profile; returns the one that is asked for.
fn every_profile(root: &Node, options: &ReadOptions, files: &mut Files, problems: &mut Problems) -> Option<Plan> {
    let scale = Scale { load: options.scale_load, time: options.scale_time };
    for (option, factor) in [("--scale-load", scale.load), ("--scale-time", scale.time)] {
        if !(factor.is_finite() && factor > 0.0) {
            problems.add(
                &Place::default(),
                format!("{option} {factor} is no factor"),
                "give a number over 0, such as 0.1",
            );
        }
    }
    let scale = if problems.is_empty() { scale } else { Scale { load: 1.0, time: 1.0 } };
    let mut chosen = compile(root, None, scale, options, files, problems);
    let profiles: Vec<(String, &Node)> = match root.get("profiles").map(|node| &node.content) {
        Some(Content::Map(entries)) => entries.iter().map(|entry| (entry.key.clone(), &entry.value)).collect(),
        _ => Vec::new(),
    };
    for (name, overrides) in &profiles {
        let merged = profile::overlay(root, overrides, problems);
        let plan = compile(&merged, Some(name), scale, options, files, problems);
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

fn compile(
    root: &Node,
    profile: Option<&str>,
    scale: Scale,
    options: &ReadOptions,
    files: &mut Files,
    problems: &mut Problems,
) -> Option<Plan> {
    let file = PlanFile::read(root, problems)?;
    let mut compiler = Compiler {
        file: &file,
        scale,
        files,
        problems: Problems::default(),
        variables: Variables::default(),
        series: Series::default(),
        metrics: Vec::new(),
        shared: BTreeSet::new(),
        shared_unknown: false,
        used_flows: BTreeSet::new(),
        lossy: false,
    };
    let plan = compiler.plan(profile, options);
    problems.append(compiler.problems);
    plan
}

/// What is known while a plan is compiled.
struct Compiler<'a> {
    file: &'a PlanFile,
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
    /// A step of a scenario could not be read, so that what its samples would carry is not known.
    lossy: bool,
}

impl<'a> Compiler<'a> {
    fn plan(&mut self, profile: Option<&str>, options: &ReadOptions) -> Option<Plan> {
        let file = self.file;
        self.version();
        let name = self.name();
        self.read_variables(options);
        self.metrics = self.custom_metrics();
        let thresholds = self.thresholds();
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
        let scenarios = self.scenarios();
        let mut warnings = self.unused_flows();
        self.gated();
        if !self.lossy {
            self.series.submetrics.check(&mut self.problems);
        }
        let policy = self.policy(scenarios.iter().map(AsRef::as_ref));
        if self.series.overflow() {
            let problem = "the plan names more than 65,535 requests, checks, groups or thresholds";
            self.problems.add(&file.place, problem, "give steps of one kind the same `name`");
        }
        warnings.extend(scenarios.iter().flat_map(|scenario| warnings::of_scenario(scenario)));
        if file.thresholds.get().is_none_or(|map| map.entries.is_empty()) && file.gate.is_absent() {
            let warning = "the plan has no `thresholds` and no `gate`: without a baseline, only a run that could not be \
                           measured can fail. Write what the deployment must hold, such as `http_req_failed: rate<0.01`";
            warnings.push(warning.to_owned());
        }
        let load = contract::load(scenarios.iter().map(AsRef::as_ref), policy.judge, self.scale);
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
            contract: ContractTerms { load },
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

    fn read_variables(&mut self, options: &ReadOptions) {
        let file = self.file;
        for (field, secret) in [(&file.env, false), (&file.secrets, true)] {
            for name in texts(field) {
                let mut letters = name.value.chars();
                let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
                if !begins || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    let problem = format!("`{}` is no name of an environment variable", name.value);
                    self.problems.add(&name.place, problem, "a name is letters, digits and `_`");
                    continue;
                }
                if NEVER.iter().any(|forbidden| name.value.eq_ignore_ascii_case(forbidden)) {
                    let problem = format!("a plan never sees `{}`", name.value);
                    self.problems.add(
                        &name.place,
                        problem,
                        "CI's own tokens are not for the load; use a secret of its own",
                    );
                    continue;
                }
                let value = (options.env)(&name.value);
                if secret {
                    // GitHub gives an empty text where there is no secret.
                    self.variables.secrets.insert(name.value.clone(), value.filter(|value| !value.is_empty()));
                } else {
                    self.variables.env.insert(name.value.clone(), value);
                }
            }
        }
    }

    /// The declared environment variables that are set.
    fn set_env(&self) -> Vec<(String, String)> {
        let set = self.variables.env.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        set.collect()
    }

    fn set_secrets(&self) -> Vec<Secret> {
        let set = self.variables.secrets.iter();
        set.filter_map(|(name, value)| Some(Secret { name: name.clone(), value: value.clone()? })).collect()
    }

    fn custom_metrics(&mut self) -> Vec<CustomMetric> {
        let file = self.file;
        let mut metrics = Vec::new();
        for (name, form) in file.metrics.get().into_iter().flat_map(|map| &map.entries) {
            let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.value.is_empty() || name.value.len() > 128 || !name.value.chars().all(valid) {
                let problem = format!("`{}` can't be a metric's name", name.value);
                self.problems.add(&name.place, problem, "a metric's name is letters, digits and `_`");
            }
            if matches!(Metric::named(&name.value), Metric::Builtin(_)) {
                let problem = format!("every run records `{}` already", name.value);
                self.problems.add(&name.place, problem, "take another name");
            }
            let (kind, unit) = match form {
                Some(MetricForm::Kind(kind)) => (kind.value, None),
                Some(MetricForm::Section(section)) => {
                    let help = "write `type: trend`, say";
                    let kind = section.type_.required("type", help, &section.place, &mut self.problems);
                    (kind.map_or(Kind::Trend, |kind| kind.value), section.unit.get())
                }
                None => (Kind::Trend, None),
            };
            metrics.push(CustomMetric {
                name: name.value.as_str().into(),
                kind,
                unit: unit.map_or(Unit::Plain, |unit| unit.value),
            });
        }
        metrics
    }

    fn data(&mut self) -> Vec<DataSet> {
        let file = self.file;
        let mut sets = Vec::new();
        for (name, form) in file.data.get().into_iter().flat_map(|map| &map.entries) {
            nameable(name, &mut self.problems);
            self.shared.insert(name.value.clone());
            let (rows, pick) = match form {
                Some(DataForm::Rows(rows)) => (self.inline_rows(rows), Pick::Sequential),
                Some(DataForm::Section(section)) => {
                    let pick = section.pick.get().map_or(Pick::Sequential, |pick| pick.value);
                    let given = [section.csv.key(), section.json.key(), section.inline.key()];
                    let given: Vec<&Place> = given.into_iter().flatten().collect();
                    if let [_, second, ..] = given.as_slice() {
                        self.problems.add(second, "a data set has one source of rows", "leave all but one out");
                    }
                    let absent = section.csv.is_absent() && section.json.is_absent() && section.inline.is_absent();
                    if absent {
                        self.problems.add(
                            &section.place,
                            "this data set has no rows",
                            "write `csv`, `json` or `inline`",
                        );
                    }
                    let rows = if let Some(path) = section.csv.get() {
                        self.file_rows(path, csv_rows)
                    } else if let Some(path) = section.json.get() {
                        self.file_rows(path, json_rows)
                    } else {
                        section.inline.get().and_then(|rows| self.inline_rows(rows))
                    };
                    (rows, pick)
                }
                None => continue,
            };
            if let Some(rows) = rows {
                sets.push(DataSet { name: name.value.as_str().into(), pick, rows: rows.into() });
            }
        }
        sets
    }

    fn file_rows(
        &mut self,
        path: &Text,
        parse: fn(&[u8]) -> Result<Vec<minijinja::Value>, String>,
    ) -> Option<Vec<minijinja::Value>> {
        let bytes = self.files.read(path, &mut self.problems)?;
        match parse(&bytes) {
            Ok(rows) if rows.is_empty() => {
                let help = "a data set needs one row at least; of CSV, the first line only names the columns";
                self.problems.add(&path.place, format!("`{}` has no rows", path.value), help);
                None
            }
            Ok(rows) => Some(rows),
            Err(error) => {
                self.problems.add(&path.place, format!("`{}` can't be read: {error}", path.value), "correct the file");
                None
            }
        }
    }

    fn inline_rows(&mut self, rows: &List<super::file::read::Json>) -> Option<Vec<minijinja::Value>> {
        if rows.items.is_empty() {
            self.problems.add(&rows.place, "this data set has no rows", "write one row at least");
            return None;
        }
        let mut values = Vec::new();
        for row in rows.iter() {
            match json_value(&self.json(&row.0)) {
                Ok(value) => values.push(value),
                Err(error) => self.problems.add(&row.0.place, error, "write another value"),
            }
        }
        Some(values)
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
        self.headers(headers, &Scope::new(Part::UnusedFlow, BTreeSet::new()));
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
            self.step_list(steps, &Scope::new(Part::UnusedFlow, BTreeSet::new()));
            self.series = series;
        }
        warnings
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

    /// Compiles a JSON value in which every string may be a template.
    fn value(&mut self, node: &Node, scope: &Scope) -> Option<ValueTemplate> {
        let right = self.check_strings(node, scope);
        let value = self.json(node);
        if right { ValueTemplate::compile(&value).ok() } else { None }
    }

    /// Checks the templates of a value, each at its own place.
    fn check_strings(&mut self, node: &Node, scope: &Scope) -> bool {
        match &node.content {
            Content::Scalar(scalar) if matches!(scalar_value(scalar), Value::String(_)) => {
                let text = Spanned { value: scalar.text.clone(), place: node.place.clone() };
                self.template(&text, scope).is_some()
            }
            Content::Scalar(_) => true,
            Content::List(items) => items.iter().fold(true, |right, item| self.check_strings(item, scope) && right),
            Content::Map(entries) => {
                entries.iter().fold(true, |right, entry| self.check_strings(&entry.value, scope) && right)
            }
        }
    }

    /// The value of JSON that a node means; what JSON can't say is noted.
    fn json(&mut self, node: &Node) -> Value {
        self.check_numbers(node);
        json_of(node)
    }

    fn check_numbers(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar(scalar) => {
                if scalar.plain && matches!(scalar.text.as_str(), ".inf" | "-.inf" | "+.inf" | ".nan" | ".NaN" | ".Inf")
                {
                    let problem = format!("JSON has no `{}`", scalar.text);
                    self.problems.add(&node.place, problem, "write a finite number, or text in quotes");
                }
            }
            Content::List(items) => items.iter().for_each(|item| self.check_numbers(item)),
            Content::Map(entries) => entries.iter().for_each(|entry| self.check_numbers(&entry.value)),
        }
    }
}

/// The value of JSON that a node means.
fn json_of(node: &Node) -> Value {
    match &node.content {
        Content::Scalar(scalar) => scalar_value(scalar),
        Content::List(items) => items.iter().map(json_of).collect(),
        Content::Map(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), json_of(&entry.value)));
            Value::Object(entries.collect())
        }
    }
}

/// CI's own tokens, which no plan may name.
const NEVER: [&str; 5] = [
    "GITHUB_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_CACHE_SERVICE_TOKEN",
    "LOADGATE_GITHUB_TOKEN",
];

/// What a scalar means by YAML's core schema. Digits after a leading zero stay text, since `007` is no number that JSON
/// could write.
fn scalar_value(scalar: &Scalar) -> Value {
    let text = scalar.text.as_str();
    if !scalar.plain {
        return Value::String(text.to_owned());
    }
    match text {
        _ if scalar.is_null() => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if leading_zero || !numeric {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}
