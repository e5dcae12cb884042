//! `loadgate baseline accept`: take a run for the new normal, with a name and a reason.

use std::path::Path;
use std::process::Command;

use anyhow::anyhow;
use jiff::Timestamp;

use crate::baseline::{Finding, FindingKind, Life, Runs, Sizes, Standing, short};
use crate::cli::AcceptArgs;
use crate::measurement::Acceptance;
use crate::number::counted;
use crate::plan::Plan;

use super::super::error::CommandError;
use super::super::exit::Exit;
use super::super::{print, variable};
use super::{open, sizes, status_name};

/// A shorter start of a commit's name fits too many.
const SHORTEST_COMMIT: usize = 4;

pub fn accept(args: &AcceptArgs) -> Result<Exit, CommandError> {
    let (plan, store) = open(&args.history)?;
    let by = author(args.by.as_deref(), git_user, variable).map_err(CommandError::Usage)?;
    let runs = store.runs().map_err(|e| anyhow!(e))?;
    let lives = runs.lives();
    let chosen = match &args.run {
        Some(named) => named_run(&runs, named),
        None => waiting_run(&runs, &lives, sizes(&plan)),
    };
    let run = chosen.and_then(|run| acceptable(&runs, &lives, run).map(|()| run)).map_err(CommandError::Usage)?;
    let path = &runs.entries[run].path;
    let acceptance = Acceptance { by, why: args.why.clone(), at: Timestamp::now() };
    store.accept(path, &acceptance).map_err(|e| anyhow!(e))?;
    let now = store.runs().map_err(|e| anyhow!(e))?;
    print(&what_changed(&now, path, &acceptance, &plan))
}

/// Who accepts: the name that was given, git's, that of the workflow's actor, that of the user.
fn author(
    given: Option<&str>,
    git_user: impl Fn() -> Option<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let given = given.map(str::to_owned);
    let names = [given, git_user(), variable("GITHUB_ACTOR"), variable("USER")];
    let name = names.into_iter().flatten().map(|name| name.trim().to_owned()).find(|name| !name.is_empty());
    name.ok_or_else(|| "who accepts it? name yourself with --by, or set git's user.name".into())
}

/// `user.name` in git's configuration; none without git.
fn git_user() -> Option<String> {
    let output = Command::new("git").args(["config", "--get", "user.name"]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The run that the user named, by its file or by the start of its commit.
fn named_run(runs: &Runs, named: &str) -> Result<usize, String> {
    let file = Path::new(named);
    let is_file = |path: &Path| {
        path.file_name() == Some(file.as_os_str())
            || matches!((path.canonicalize(), file.canonicalize()), (Ok(a), Ok(b)) if a == b)
    };
    let is_commit = |commit: &str| {
        named.len() >= SHORTEST_COMMIT && commit.to_ascii_lowercase().starts_with(&named.to_ascii_lowercase())
    };
    let entries = runs.entries.iter().enumerate();
    let found: Vec<usize> = entries
        .filter(|(_, entry)| is_file(&entry.path) || entry.measurement.commit.as_deref().is_some_and(is_commit))
        .map(|(run, _)| run)
        .collect();
    match found[..] {
        [run] => Ok(run),
        [] => Err(format!(
            "{named} is neither the file nor the commit of a stored run; `loadgate baseline show` lists them"
        )),
        _ => Err(format!("{named} fits several runs; give the file of one of them:{}", listed(runs, &found))),
    }
}

/// The run that asks to be accepted: at the step that the window waits for, else at one within it, else the first suspect,
/// else where drift would be measured from.
fn waiting_run(runs: &Runs, lives: &[Life], sizes: Sizes) -> Result<usize, String> {
    let findings: Vec<Finding> =
        runs.findings(lives, sizes).into_iter().filter(|finding| finding.accept.is_some()).collect();
    let Some(kind) = findings.first().map(|finding| finding.kind) else {
        return Err("nothing waits to be accepted; name the run that the window is to start with: --run FILE".into());
    };
    let mut found: Vec<usize> = Vec::new();
    for life in lives {
        let ours = findings.iter().filter(|finding| finding.kind == kind).filter_map(|finding| finding.accept);
        let mut ours: Vec<usize> = ours.filter(|run| life.standing(*run).is_some()).collect();
        ours.dedup();
        // One after another, they are one change.
        if kind == FindingKind::Suspect {
            ours.truncate(1);
        }
        found.extend(ours);
    }
    match found[..] {
        [run] => Ok(run),
        _ => Err(format!("several runs wait to be accepted; name one with --run:{}", listed(runs, &found))),
    }
}

fn listed(runs: &Runs, found: &[usize]) -> String {
    found.iter().map(|run| format!("\n  {}", runs.entries[*run].path.display())).collect()
}

/// Whether the window can start with the run.
fn acceptable(runs: &Runs, lives: &[Life], run: usize) -> Result<(), String> {
    let entry = &runs.entries[run];
    let because = match lives.iter().find_map(|life| life.standing(run)) {
        Some(standing) if standing.is_in_line() => return Ok(()),
        Some(Standing::Failed | Standing::NotMeasured) | None => {
            let status = status_name(entry.status);
            format!("it is stored as {status} and never counts ({}); accept a run that was judged well", entry.reason)
        }
        Some(Standing::Before) => "the window starts later already, with a run that was accepted".into(),
        Some(Standing::Duplicate { of } | Standing::SameJob { as_run: of }) => {
            format!("another run counts in its place; accept {}", runs.entries[of].path.display())
        }
        Some(_) => "it began in the future; set the clock of the machine that measured, and remove the file".into(),
    };
    Err(format!("{}: {because}", entry.path.display()))
}

/// What the window holds from now on.
fn what_changed(runs: &Runs, path: &Path, acceptance: &Acceptance, plan: &Plan) -> String {
    let Acceptance { by, why, .. } = acceptance;
    let mut text = format!("accepted by {by}: {why}\n");
    let accepted = runs.entries.iter().position(|entry| entry.path == path);
    let Some((run, life)) =
        accepted.and_then(|run| Some((run, runs.lives().into_iter().find(|life| life.accepted == Some(run))?)))
    else {
        return format!("{text}  {} was removed meanwhile: nothing has changed\n", path.display());
    };
    let measurement = &runs.entries[run].measurement;
    let commit =
        measurement.commit.as_deref().map(|commit| format!(" of commit {}", short(commit))).unwrap_or_default();
    let policy = plan.policy.baseline;
    let window = life.window(policy.window).len();
    let before = life.runs.iter().filter(|(_, standing)| *standing == Standing::Before).count();
    let block = if window < policy.min {
        format!("a comparison can block from {} on", policy.min)
    } else {
        "a comparison can block".into()
    };
    text.push_str(&format!(
        "  the window starts with the run{commit} of {} and holds {}; {block}\n",
        measurement.started_at.strftime("%Y-%m-%d %H:%MZ"),
        counted(window as u64, "run"),
    ));
    text.push_str(&format!("  {} before it no longer count\n", counted(before as u64, "run")));
    text.push_str(&format!("  written to {}: commit it\n", path.display()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_is_the_first_name_that_is_known() {
        let table = [
            (Some("Ann"), Some("Git"), "actor", "user", Ok("Ann")),
            (Some("  "), Some("Git\n"), "actor", "user", Ok("Git")),
            (None, None, "actor", "user", Ok("actor")),
            (None, Some("\n"), "", "user", Ok("user")),
            (None, None, "", "", Err("who accepts it? name yourself with --by, or set git's user.name")),
        ];
        for (given, git, actor, user, expected) in table {
            let variable = |name: &str| Some(if name == "USER" { user } else { actor }.to_owned());
            let found = author(given, || git.map(str::to_owned), variable);
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        }
    }
}
