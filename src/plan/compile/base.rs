//! A pull request's plan held to its base's: what the load touches is read from base, and base's limits judge beside the
//! plan's own.

mod rules;
mod sections;

use std::sync::Arc;

use super::files::Files;
use super::scale::Scale;
use super::{Compiler, Reading, compile, script};
use crate::plan::base::{AtBase, BaseSource};
use crate::plan::error::{Diagnostics, Problems, list};
use crate::plan::file::read::{Read, Text};
use crate::plan::file::tree::{self, Content, Node};
use crate::plan::file::{PlanFile, profile};
use crate::plan::{Plan, ReadOptions, Script, Source};

/// What a plan is held to while it is compiled.
pub struct Held<'a> {
    pub source: &'a BaseSource,
    /// Base's rules, and what is read from base alone.
    pub file: PlanFile,
    /// `env.NAME` and `secret.NAME` that the plan declares and base doesn't.
    pub unmerged: Vec<String>,
}

/// Reads a pull request's gate file; see [`crate::plan::read_at_base`].
pub fn read(source: &Source, base: &BaseSource, options: &ReadOptions) -> Result<AtBase, Diagnostics> {
    let own = super::read(source, options)?;
    // What a script says of connections counts only where base says it too, and the script may have changed.
    if source.text == base.text && own.script.is_none() {
        return Ok(AtBase { plan: own, notes: Vec::new() });
    }
    let mut notes = Vec::new();
    let theirs = match base_tree(source, base, options, &mut notes) {
        Ok(theirs) => theirs,
        Err(broken) => {
            notes.push(format!(
                "base's plan can't be read, so that this pull request's own rules and `target` count: {broken}"
            ));
            return Ok(AtBase { plan: own, notes });
        }
    };
    let mut problems = Problems::default();
    let script = own.script.clone();
    let Some(ours) = with_profile(source, script.as_deref(), options, &mut problems) else {
        return Ok(AtBase { plan: own, notes });
    };
    notes.extend(sections::later(&ours, &theirs));
    // Data sets may be large: there is one plan at a time.
    drop(own);
    let compared = compared_requests(source, &theirs, options);
    match held(source, base, (&ours, &theirs), (options, script.as_ref()), &mut problems) {
        Some(mut plan) if problems.is_empty() => {
            notes.extend(plan.base.iter().flat_map(|rules| rules.gone.iter().cloned()));
            notes.extend(removed_requests(&compared, &plan));
            if plan.base.as_ref().is_some_and(|rules| rules::is_implied(rules, &plan)) {
                plan.base = None;
            }
            notes.extend(sections::other_phase(&ours, &theirs));
            Ok(AtBase { plan, notes })
        }
        _ => {
            let diagnostics = problems.into_diagnostics(source.path.display().to_string(), &source.text);
            Err(Diagnostics { base: Some((base.name.clone(), base.text.clone())), ..diagnostics })
        }
    }
}

/// The pull request's tree with the profile that is asked for.
fn with_profile(
    source: &Source,
    script: Option<&Script>,
    options: &ReadOptions,
    problems: &mut Problems,
) -> Option<Node> {
    let root = tree::parse(&source.text, problems)?;
    let root = match script {
        Some(script) => script::with_load(&root, script),
        None => root,
    };
    Some(match overrides(&root, options) {
        Some(overrides) => profile::overlay(&root, overrides, problems),
        None => root,
    })
}

fn overrides<'n>(root: &'n Node, options: &ReadOptions) -> Option<&'n Node> {
    options.profile.and_then(|name| root.get("profiles")?.get(name))
}

/// Base's tree with the same profile, if base has it. What it says of rules and of what the load touches can be read.
fn base_tree(
    source: &Source,
    base: &BaseSource,
    options: &ReadOptions,
    notes: &mut Vec<String>,
) -> Result<Node, String> {
    let mut problems = Problems::default();
    let root = tree::parse(&base.text, &mut problems).map(|root| root.of_base());
    let tree = root.as_ref().map(|root| match (overrides(root, options), options.profile) {
        (Some(overrides), _) => profile::overlay(root, overrides, &mut problems),
        (None, Some(profile)) => {
            notes.push(format!("base has no profile `{profile}`: its rules without a profile count"));
            root.clone()
        }
        (None, None) => root.clone(),
    });
    if let (Some(tree), true) = (&tree, problems.is_empty()) {
        check(source, &sections::kept(tree), options, &mut problems);
    }
    match (tree, problems.first()) {
        (Some(tree), None) => Ok(tree),
        (_, Some(first)) => {
            let place = &first.place;
            Err(format!("{}:{}:{}: {}", base.name, place.line, place.column, first.problem))
        }
        (None, None) => Err(format!("{} is no plan", base.name)),
    }
}

/// Notes what is wrong with base's sections on their own.
fn check(source: &Source, kept: &Node, options: &ReadOptions, problems: &mut Problems) {
    let Some(file) = PlanFile::read(kept, problems) else { return };
    let mut files = Files::beside(&source.path);
    let mut compiler = Compiler::new(&file, scale(options), &mut files);
    compiler.read_variables(options);
    compiler.target();
    compiler.reference();
    compiler.policy(std::iter::empty());
    problems.append(compiler.problems);
}

/// Compiles the plan with base's sections, and with base's rules beside its own.
fn held(
    source: &Source,
    base: &BaseSource,
    (ours, theirs): (&Node, &Node),
    (options, script): (&ReadOptions, Option<&Arc<Script>>),
    problems: &mut Problems,
) -> Option<Plan> {
    let held = Held {
        source: base,
        file: PlanFile::read(&sections::kept(theirs), problems)?,
        unmerged: sections::unmerged(ours, theirs),
    };
    let tree = sections::touching(ours, theirs);
    let mut files = Files::beside(&source.path);
    if let Some(path) = ours.get("script").and_then(|node| Text::read(node, &mut Problems::default())) {
        // Its content counts in the contract.
        files.read(&path, problems);
    }
    let reading = Reading { options, scale: scale(options), script, base: Some(&held) };
    compile(&tree, options.profile, reading, &mut files, problems)
}

fn scale(options: &ReadOptions) -> Scale {
    Scale { load: options.scale_load, time: options.scale_time }
}

/// The requests that base compares. A base's plan that can't be compiled here, for want of a file say, names none.
fn compared_requests(source: &Source, theirs: &Node, options: &ReadOptions) -> Vec<Arc<str>> {
    let any = |name: &str| Some(format!("<{name}>"));
    let lenient = ReadOptions { env: &any, ..*options };
    let mut files = Files::beside(&source.path);
    let reading = Reading { options: &lenient, scale: scale(options), script: None, base: None };
    let base = compile(theirs, None, reading, &mut files, &mut Problems::default());
    let requests = base.into_iter().flat_map(|plan| plan.requests);
    requests.filter(|request| request.gated && request.in_scenario).map(|request| request.name).collect()
}

/// Names those of base's requests that the plan has no more.
fn removed_requests(compared: &[Arc<str>], plan: &Plan) -> Option<String> {
    let has = |name: &str| plan.requests.iter().any(|own| own.in_scenario && *own.name == *name);
    let names = list(compared.iter().map(AsRef::as_ref).filter(|name| !has(name)));
    (!names.is_empty()).then(|| {
        format!(
            "requests of base's plan that this pull request renames or removes are judged by no rule of base's: {names}"
        )
    })
}

/// The entries of a map.
fn map(node: &Node) -> &[tree::Entry] {
    match &node.content {
        Content::Map(entries) => entries,
        _ => &[],
    }
}
