//! `loadgate comment`: tell a pull request what its fork's run claims to have measured.
//!
//! A fork's run can't comment, and what it uploads can't be trusted. This command runs in a workflow of the default branch. It
//! takes the pull request and the commit from GitHub alone, reads the artifact as a hostile file, judges its figures by the
//! default branch's plan, and says that they are a claim. It never writes a check run, and its outputs never say pass: a
//! required check must not be able to rest on it.

mod archive;
mod told;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;

use crate::cli::{CommentArgs, Factor, PlanArgs, ScriptArgs};
use crate::github::artifact::{self, Artifact};
use crate::github::pull_request::{self, ByHead};
use crate::github::{self, Event, PullRequest, Upserted, WorkflowRun};
use crate::measurement::claim::{self, Refused, printable};
use crate::measurement::{Measurement, MeasurementFile};
use crate::plan::Plan;

use super::ci::CiJob;
use super::error::CommandError;
use super::exit::Exit;
use super::fork::{tell_outputs, tell_summary};
use super::history;
use super::judge::plan_of;
use super::plan_file::read_plan_to_look_at;
use told::Claim;

/// The largest zip: a measurement is the larger part of it, and compressed.
const LARGEST_ZIP: usize = 32 << 20;

/// What came of a run that had something to say, or not.
enum Outcome {
    Commented(Upserted),
    /// Nothing is wrong, and there is nothing to tell.
    Nothing(String),
}

pub fn comment(args: &CommentArgs) -> Result<Exit, CommandError> {
    let where_it_belongs =
        "run it in a workflow that starts `on: workflow_run` of the one that measures; see docs/forks.md";
    let Some(job) = CiJob::here()? else {
        return Err(CommandError::Usage(format!("this is no GitHub Actions job; {where_it_belongs}")));
    };
    let Event::WorkflowRun(run) = &job.context.event else {
        let problem = "the event of this job does not tell whose run is to be commented on";
        return Err(CommandError::Usage(format!("{problem}; {where_it_belongs}")));
    };
    tell_outputs(&job);
    match tell(args, &job, run) {
        Ok(Outcome::Commented(Upserted::Created { url })) => eprintln!("commented: {url}"),
        Ok(Outcome::Commented(Upserted::Updated { url })) => eprintln!("comment updated: {url}"),
        Ok(Outcome::Nothing(why)) => {
            eprintln!("no comment: {why}");
            tell_summary(&job, &format!("loadgate has not commented: {why}.\n"));
        }
        Err(error) => {
            tell_summary(&job, "loadgate has not commented on the fork's measurement: the job's log says why.\n");
            return Err(error);
        }
    }
    Ok(Exit::Pass)
}

fn tell(args: &CommentArgs, job: &CiJob, run: &WorkflowRun) -> Result<Outcome, CommandError> {
    // A plan of ours that is wrong is no fault of the artifact.
    let plan = read_plan_to_look_at(&plan_args(&args.plan))?;
    let pull = match of_fork(job, run)? {
        Ok(pull) => pull,
        Err(why) => return Ok(Outcome::Nothing(why)),
    };
    let content = match &args.artifact {
        Some(path) => from_disk(path)?,
        None => match from_github(args, job, run)? {
            Ok(content) => content,
            Err(why) => return Ok(Outcome::Nothing(why)),
        },
    };
    let refused = |reason: Refused| {
        CommandError::CouldNotRun(anyhow!("the fork's measurement is refused: {reason}; nothing was posted"))
    };
    let json = if is_zip(&content) { archive::measurement(&content).map_err(refused)? } else { content };
    let mut file = claim::read(&json, Timestamp::now()).map_err(refused)?;
    let (plan, plan_args) = belongs(&file, &plan, args, run).map_err(refused)?;
    defuse(&mut file.candidate);
    file.reference.iter_mut().for_each(|arm| defuse(&mut arm.measurement));
    let history = history::folder(&args.baseline, &args.baseline_branch, &plan.name, Some(job));
    let baseline = &history.path;
    let claim = Claim { job, run, pull: &pull, plan: &plan, plan_args: &plan_args, baseline, file: &file };
    let body = claim.body();
    tell_summary(job, &claim.summary());
    let comment = github::Comment {
        repository: &job.context.repository,
        pull_request: pull.number,
        marker: &claim.marker(),
        body: &body,
    };
    let upserted = job.ask(async |client, _| github::upsert(client, &comment).await);
    Ok(Outcome::Commented(upserted.map_err(|error| anyhow!(error).context("no comment"))?))
}

/// Takes away what a claim need not show: answers and messages, which are free text of the fork's, and links to its hosts.
fn defuse(claimed: &mut Measurement) {
    claimed.evidence.clear();
    if let Some((_, host)) = claimed.target.split_once("://") {
        claimed.target = host.to_owned();
    }
}

fn plan_args(plan: &Path) -> PlanArgs {
    PlanArgs {
        plan: plan.to_owned(),
        profile: None,
        scale_load: Factor(1.0),
        scale_time: Factor(1.0),
        script: ScriptArgs::default(),
    }
}

/// The open pull request of the fork's run, or why there is nothing to say to one.
fn of_fork(job: &CiJob, run: &WorkflowRun) -> Result<Result<PullRequest, String>, CommandError> {
    if run.event != "pull_request" {
        return Ok(Err(format!("the run was started by `{}`, not by a pull request", printable(&run.event))));
    }
    let found = job.ask(async |client, repository| pull_request::by_head(client, repository, run).await);
    let sha = printable(&run.head_sha);
    Ok(match found.map_err(|error| anyhow!(error).context("the pull request of the run can't be found"))? {
        ByHead::Open(pull) if pull.is_from_fork() => Ok(pull),
        ByHead::Open(pull) => {
            Err(format!("#{} is of this repository's own branch, whose run comments itself", pull.number))
        }
        ByHead::Superseded(pull) => Err(format!("superseded: #{} has a newer commit than {sha}", pull.number)),
        ByHead::Several(several) => Err(format!("{sha} is the head of {several} open pull requests")),
        ByHead::Gone => Err(format!("no open pull request has the head {sha}")),
    })
}

fn from_disk(path: &Path) -> Result<Vec<u8>, CommandError> {
    let place = || format!("{} can't be read", path.display());
    let mut content = Vec::new();
    let mut limited = File::open(path).with_context(place)?.take(LARGEST_ZIP as u64 + 1);
    limited.read_to_end(&mut content).with_context(place)?;
    if content.len() > LARGEST_ZIP { Err(too_large().into()) } else { Ok(content) }
}

/// The artifact's zip, or why there is none.
fn from_github(args: &CommentArgs, job: &CiJob, run: &WorkflowRun) -> Result<Result<Vec<u8>, String>, CommandError> {
    let found = job
        .ask(async |client, repository| artifact::download(client, repository, run.id, &args.name, LARGEST_ZIP).await);
    Ok(match found.map_err(|error| anyhow!(error).context("the artifact of the run can't be read"))? {
        Artifact::Zip(zip) if is_zip(&zip) => Ok(zip),
        Artifact::Zip(_) => {
            return Err(anyhow!("the fork's measurement is refused: the artifact is no zip; nothing was posted").into());
        }
        Artifact::TooLarge => return Err(too_large().into()),
        Artifact::Missing => {
            Err(format!("run {} has uploaded no artifact `{}`: it was not measured", run.id, args.name))
        }
        Artifact::Expired => Err(format!("GitHub has deleted the artifact `{}` of run {}", args.name, run.id)),
    })
}

fn too_large() -> anyhow::Error {
    anyhow!("the fork's measurement is refused: the artifact is over {} MB; nothing was posted", LARGEST_ZIP >> 20)
}

/// Whether the file is an archive: an empty one begins with its end.
fn is_zip(content: &[u8]) -> bool {
    content.starts_with(b"PK")
}

/// The plan that judges the claim, where it is one of this plan and of the run's commit.
fn belongs(
    file: &MeasurementFile,
    plan: &Plan,
    args: &CommentArgs,
    run: &WorkflowRun,
) -> Result<(Plan, PlanArgs), Refused> {
    let candidate = &file.candidate;
    if candidate.plan != *plan.name {
        return Err(Refused::new(format!("it is of the plan {:?}, not of `{}`", candidate.plan, plan.name)));
    }
    if candidate.commit.as_deref() != Some(run.head_sha.as_str()) {
        let of = candidate.commit.as_ref().map_or("no commit".into(), |commit| format!("{commit:?}"));
        return Err(Refused::new(format!("it is of {of}, and the run's commit is {}", run.head_sha)));
    }
    if candidate.shards.as_ref().is_some_and(|shards| (shards.parts.len() as u64) < shards.count) {
        return Err(Refused::new("it holds some of its run's shards only; upload what `loadgate merge` wrote"));
    }
    let profile = candidate.profile.as_ref().map_or("no profile".into(), |name| format!("the profile {name:?}"));
    let problem = || format!("the default branch's plan can't judge it with {profile}");
    plan_of(candidate, &args.plan, &args.plan).map_err(|_| Refused::new(problem()))
}
