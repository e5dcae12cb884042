//! What expressions may refer to: built-in names, data sets, values that were captured, and declared variables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::HeaderName;

use crate::plan::error::{Place, Problems, did_you_mean, list, nearest};
use crate::plan::expression::Expression;
use crate::plan::file::read::{Field, List, Map, Text};
use crate::plan::file::step::StepEntry;
use crate::plan::functions::ENVIRONMENT;
use crate::plan::template::Template;

/// Names that every expression of a step knows.
pub const BUILTINS: [&str; 12] = [
    "status",
    "headers",
    "body",
    "text",
    "timings",
    "checks_passed",
    "vu",
    "iteration",
    "index",
    "env",
    "secret",
    "error",
];

/// Words of the expression language, which can't be names.
const KEYWORDS: [&str; 14] =
    ["true", "false", "none", "null", "not", "and", "or", "in", "is", "if", "else", "True", "False", "None"];

/// Which part of a plan a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Headers of the target: only variables are known.
    Target,
    Setup,
    Teardown,
    Scenario,
    /// A flow that no scenario uses: its syntax is checked, its names can't be.
    UnusedFlow,
}

/// Where a step stands: what its expressions may refer to, and what its samples carry.
#[derive(Clone, Debug)]
pub struct Scope {
    pub part: Part,
    /// Names of values, besides the built-in ones.
    pub values: Arc<BTreeSet<String>>,
    /// Whether these are all: what could not be read may have made others.
    pub complete: bool,
    /// Names of `env.NAME` that the scenario itself sets.
    pub own_env: Arc<BTreeSet<String>>,
    /// Tags that all samples carry: the scenario's name and tags.
    pub tags: Arc<Vec<(Arc<str>, Arc<str>)>>,
    /// The scenario's headers.
    pub headers: Arc<[(HeaderName, Template)]>,
    /// Names of the groups around the step, outermost first.
    pub groups: Vec<String>,
    /// Under `if` or `choose`, or in a loop that may have no pass.
    pub optional: bool,
}

impl Scope {
    /// A scope without samples.
    pub fn new(part: Part, values: BTreeSet<String>) -> Self {
        Scope {
            part,
            values: Arc::new(values),
            complete: part != Part::UnusedFlow,
            own_env: Arc::default(),
            tags: Arc::default(),
            headers: Arc::from([]),
            groups: Vec::new(),
            optional: false,
        }
    }

    /// The path of the groups around the step, as k6 writes it: `::outer::inner`; none at the top.
    pub fn group(&self) -> Option<String> {
        (!self.groups.is_empty()).then(|| self.groups.iter().map(|name| format!("::{name}")).collect())
    }

    /// The same scope under a condition.
    pub fn conditional(&self) -> Scope {
        Scope { optional: true, ..self.clone() }
    }

    /// The same scope inside a group.
    pub fn inside(&self, group: &str) -> Scope {
        let mut scope = self.clone();
        scope.groups.push(group.to_owned());
        scope
    }
}

/// The declared environment variables and secrets with their values, where they have one.
#[derive(Debug, Default)]
pub struct Variables {
    pub env: BTreeMap<String, Option<String>>,
    pub secrets: BTreeMap<String, Option<String>>,
    /// `env.NAME` and `secret.NAME` that a pull request declares and its base doesn't: they are not there before it is merged.
    pub unmerged: BTreeSet<String>,
}

/// Compiles an expression and checks its names.
pub fn expression(text: &Text, scope: &Scope, variables: &Variables, problems: &mut Problems) -> Option<Expression> {
    match Expression::compile(&text.value) {
        Ok(expression) => {
            check(&expression, &text.place, scope, variables, problems);
            Some(expression)
        }
        Err(error) => {
            refuse(text, &error.message, error.offset, problems);
            None
        }
    }
}

/// Compiles a template and checks its names.
pub fn template(text: &Text, scope: &Scope, variables: &Variables, problems: &mut Problems) -> Option<Template> {
    match Template::compile(&text.value) {
        Ok(template) => {
            for expression in template.parts().filter_map(Result::err) {
                check(expression, &text.place, scope, variables, problems);
            }
            Some(template)
        }
        Err(error) => {
            refuse(text, &error.message, error.offset, problems);
            None
        }
    }
}

/// Notes a syntax error at its place inside the text. The message is `problem; cure`.
pub fn refuse(text: &Text, message: &str, offset: Option<usize>, problems: &mut Problems) {
    let (problem, help) = message.split_once("; ").unwrap_or((message, ""));
    problems.add(&inside(&text.place, &text.value, offset), problem, help);
}

/// The place of a byte of a text: known where the text stands on one line as it is, in quotes or without.
fn inside(place: &Place, text: &str, offset: Option<usize>) -> Place {
    let length = text.chars().count() as u32;
    let quote = match place.width.checked_sub(length) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return place.clone(),
    };
    match offset.filter(|offset| *offset < text.len()).and_then(|offset| text.get(..offset)) {
        Some(before) => {
            Place { column: place.column + quote + before.chars().count() as u32, width: 1, ..place.clone() }
        }
        None => place.clone(),
    }
}

fn check(expression: &Expression, place: &Place, scope: &Scope, variables: &Variables, problems: &mut Problems) {
    for name in expression.names() {
        match name.as_str() {
            "env" | "secret" => check_variable(name, expression, place, scope, variables, problems),
            _ if scope.part == Part::Target => {
                let problem = format!("`{name}` is not known here");
                problems.add(place, problem, "these headers are made before the load: they see `env` and `secret`");
            }
            _ if BUILTINS.contains(&name.as_str()) || scope.values.contains(name) => {}
            _ if !scope.complete => {}
            _ => {
                let known = scope.values.iter().map(String::as_str).chain(BUILTINS);
                let help = did_you_mean(name, known.collect::<Vec<_>>());
                problems.add(place, format!("nothing is called `{name}` here"), help);
            }
        }
    }
}

/// Checks the members of `env` or `secret` that an expression uses.
fn check_variable(
    root: &str,
    expression: &Expression,
    place: &Place,
    scope: &Scope,
    variables: &Variables,
    problems: &mut Problems,
) {
    let (declared, key) = match root {
        "secret" => (&variables.secrets, "secrets"),
        _ => (&variables.env, "env"),
    };
    for member in members(root, expression.source()) {
        let Some(name) = member else {
            let help = format!("write `{root}.NAME` with the name of a variable under `{key}`");
            problems.add(place, format!("`{root}` is used without a name"), help);
            continue;
        };
        if root == "env" && scope.own_env.contains(&name) {
            continue;
        }
        match declared.get(&name) {
            Some(Some(_)) => {}
            Some(None) if root == "secret" => {
                let problem = format!("the secret `{name}` is used here, but the environment has no value of it");
                let help = "set the variable; GitHub gives workflows of forks an empty one";
                problems.add(place, problem, help);
            }
            Some(None) => {
                let problem = format!("`{name}` is used here, but the environment does not set it");
                problems.add(place, problem, "set the variable");
            }
            None if variables.unmerged.contains(&format!("{root}.{name}")) => {
                let problem =
                    format!("base's plan does not declare `{root}.{name}`, and a pull request can't on its own");
                let help = format!("in a pull request `{key}` is read from base: merge `{name}` under `{key}` first");
                problems.add(place, problem, help);
            }
            None => {
                let problem = format!("`{root}.{name}` is not declared");
                let help = match nearest_declared(&name, declared) {
                    Some(near) => format!("did you mean `{root}.{near}`?"),
                    None => format!("add `{name}` to `{key}`"),
                };
                problems.add(place, problem, help);
            }
        }
    }
}

fn nearest_declared<'a>(name: &str, declared: &'a BTreeMap<String, Option<String>>) -> Option<&'a str> {
    nearest(name, declared.keys().map(String::as_str).collect::<Vec<_>>())
}

/// The members of a variable that an expression uses; none for the variable as a whole.
fn members(root: &str, source: &str) -> Vec<Option<String>> {
    let Ok(compiled) = ENVIRONMENT.compile_expression(source) else { return Vec::new() };
    let mut members: Vec<Option<String>> = compiled
        .undeclared_variables(true)
        .into_iter()
        .filter_map(|path| {
            let mut path = path.split('.');
            (path.next() == Some(root)).then(|| path.next().map(str::to_owned))
        })
        .collect();
    members.sort();
    members
}

/// Whether expressions can use this as the name of a value; if not, that is noted.
pub fn nameable(name: &Text, problems: &mut Problems) -> bool {
    let mut letters = name.value.chars();
    let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !begins || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') || name.value.starts_with("__") {
        let problem = format!("`{}` can't be the name of a value", name.value);
        problems.add(&name.place, problem, "a name is letters, digits and `_`, and begins with a letter");
        return false;
    }
    if BUILTINS.contains(&name.value.as_str()) || KEYWORDS.contains(&name.value.as_str()) {
        let problem = format!("`{}` is a word of the expression language", name.value);
        problems.add(&name.place, problem, format!("take another name than {}", list(BUILTINS)));
        return false;
    }
    true
}

/// Names of the values that steps make.
#[derive(Debug, Default)]
pub struct Made {
    /// By `let`.
    pub bindings: BTreeSet<String>,
    /// By `capture` and `collect`.
    pub captures: BTreeSet<String>,
    /// Some step could not be read: there may be other names.
    pub unknown: bool,
}

impl Made {
    /// Adds what the steps make, at whatever depth.
    pub fn by(&mut self, steps: &Field<List<StepEntry>>) {
        self.unknown |= steps.is_broken();
        self.by_list(steps.get());
    }

    /// Adds what the steps of a list make.
    pub fn by_list(&mut self, steps: Option<&List<StepEntry>>) {
        self.unknown |= steps.is_some_and(|list| list.items.iter().any(Option::is_none));
        for step in steps.into_iter().flat_map(List::iter) {
            self.unknown |= step.capture.is_broken() || step.collect.is_broken() || step.let_.is_broken();
            self.unknown |= step.choose.is_broken();
            for map in [step.capture.get(), step.collect.get()].into_iter().flatten() {
                self.captures.extend(map.names().map(str::to_owned));
            }
            self.bindings.extend(step.let_.get().into_iter().flat_map(Map::names).map(str::to_owned));
            for inner in [&step.steps, &step.then, &step.else_, &step.all] {
                self.by(inner);
            }
            for branch in step.choose.get().into_iter().flat_map(List::iter) {
                self.by(&branch.steps);
            }
        }
    }

    pub fn all(self) -> impl Iterator<Item = String> {
        self.bindings.into_iter().chain(self.captures)
    }
}
