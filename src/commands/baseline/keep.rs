//! What becomes of a refreshed run: it is stored, lands in the repository, and what the history shows is told.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::baseline::{Life, Runs, Standing, Store};
use crate::cli::IssueMode;
use crate::gate::Judgement;
use crate::github::landing::{Landed, Way};
use crate::measurement::Measurement;
use crate::plan::Plan;

use super::super::ci::CiJob;
use super::super::error::CommandError;
use super::super::history::{self, Folder, Origin};
use super::landing::{land, may_keep};
use super::{issue, sizes, status_name, tell_findings};

/// Where a refreshed run goes, and who is told.
pub struct Keeping<'a> {
    pub plan: &'a Plan,
    /// The plan's file as it was named.
    pub plan_path: &'a Path,
    /// The folder of baselines as it was named.
    pub folder: &'a Path,
    /// What the run was compared with.
    pub history: &'a Folder,
    /// None if the run stays in the folder.
    pub way: Option<&'a Way>,
    pub issue: IssueMode,
    pub job: Option<&'a CiJob>,
}

/// Adds a judged run to its history, with its status, lands it, and says what the history shows.
///
/// # Errors
/// The folder of baselines can't be written to.
pub fn keep(keeping: &Keeping<'_>, run: &Measurement, judgement: &Judgement) -> Result<(), CommandError> {
    let store = Store::open(keeping.folder, &keeping.plan.name);
    let status = judgement.baseline_status();
    let path = store.append(run, status, &judgement.headline()).map_err(|e| anyhow!(e))?;
    eprintln!("stored as {}: {}", status_name(status), path.display());
    let landed = landed(keeping, &store, &path);
    // The run is stored: a history that can't be read back is said, and does not undo it.
    let (new, runs) = match with_history(keeping, &store, &path, landed.as_ref()) {
        Ok(read) => read,
        Err(error) => {
            eprintln!("warning: {error}");
            return Ok(());
        }
    };
    let lives = runs.lives();
    warn_of_clock(&runs, &lives, &new);
    let findings = runs.findings(&lives, sizes(keeping.plan));
    tell_findings(&findings);
    // A history that may lack runs shows nothing that somebody should be told for sure.
    let job = keeping.job.filter(|job| may_keep(job) && keeping.history.origin != Origin::Unknown);
    if let (Some(job), IssueMode::Auto) = (job, keeping.issue) {
        let Keeping { plan, plan_path, way, .. } = *keeping;
        issue::tell(&issue::Told { job, plan, plan_path, way, runs: &runs, findings: &findings });
    }
    Ok(())
}

/// Lands the run and says where. That it didn't is a warning: the run is in the folder.
fn landed(keeping: &Keeping<'_>, store: &Store, path: &Path) -> Option<Landed> {
    let (way, job) = (keeping.way?, keeping.job?);
    match land(way, job, store, path, keeping.history.origin == Origin::Named) {
        Ok(landed) => {
            let file = landed.paths.first().cloned().unwrap_or_default();
            eprintln!("landed on the branch {}: {file}", landed.branch);
            if let Some(url) = &landed.pull_request {
                eprintln!("pull request: {url}");
            }
            Some(landed)
        }
        Err(error) => {
            eprintln!(
                "warning: the run did not land: {error}; it is in {}: upload that folder as an artifact in a step with \
                 `if: always()`, or commit it yourself",
                keeping.folder.display()
            );
            None
        }
    }
}

/// The whole history with the new run in it, and that run's file there.
fn with_history(
    keeping: &Keeping<'_>,
    store: &Store,
    path: &Path,
    landed: Option<&Landed>,
) -> anyhow::Result<(PathBuf, Runs)> {
    if keeping.history.origin != Origin::Branch {
        return Ok((path.to_owned(), store.runs()?));
    }
    let branch = Store::open(&keeping.history.path, &keeping.plan.name);
    let name = landed.and_then(|landed| landed.paths.first()).and_then(|path| path.rsplit('/').next());
    let name = name.map(Into::into).or_else(|| path.file_name().map(ToOwned::to_owned)).unwrap_or_default();
    let copy = branch.folder().join(name);
    if !copy.exists() {
        fs::copy(path, &copy)?;
    }
    Ok((history::place(&copy), history::shown(branch.runs()?)))
}

/// A run that has just been stored began before the one that was accepted last: only a clock can be the cause.
fn warn_of_clock(runs: &Runs, lives: &[Life], path: &Path) {
    let Some(run) = runs.entries.iter().position(|entry| entry.path == path) else { return };
    if lives.iter().any(|life| life.standing(run) == Some(Standing::Before)) {
        eprintln!(
            "warning: {}: it began at {}, before the run that was accepted last, and does not count; set the clock of the \
             machine that measured, and measure again",
            path.display(),
            runs.entries[run].measurement.started_at
        );
    }
}
