//! `loadgate merge`: the shards of a run into one measurement, judged and reported as a whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::cli::{CheckMode, CommentMode, MergeArgs};
use crate::gate::guards;
use crate::github::Event;
use crate::measurement::merge::MergeError;
use crate::measurement::{Ending, MeasurementFile};
use crate::plan::AtBase;

use super::baseline;
use super::ci::CiJob;
use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::judge::{check_name, plan_args};
use super::policy::agree_to_look_at;
use super::{history, print, shard};

pub fn merge(args: &MergeArgs) -> Result<Exit, CommandError> {
    let files = files(&args.shards, &args.out)?;
    let merged = add_up(&files)?;
    merged
        .write(&args.out)
        .map_err(|error| anyhow!(error).context("the merged run is not saved; the shards are there"))?;
    let measurement = &merged.candidate;
    match &args.plan {
        Some(plan) => judge(args, plan, &merged),
        None => {
            let guard = guards::shards(measurement).filter(|guard| guard.fired);
            let said = match &guard {
                Some(guard) => format!("not measured: {}; {}", guard.finding, guard.cure),
                None => "no verdict: give the plan to judge the run (--plan)".to_owned(),
            };
            let notes = measurement.shards.iter().flat_map(shard::notes).map(|note| format!("  {note}\n"));
            let (notes, counts) = (notes.collect::<String>(), shard::counts(measurement));
            print(&format!("{said}\n  {counts}\n{notes}  measurement: {}\n", args.out.display()))?;
            Ok(if guard.is_some() { Exit::NotMeasured } else { Exit::Pass })
        }
    }
}

/// Judges the merged run as one that was measured by one process.
fn judge(args: &MergeArgs, plan: &Path, merged: &MeasurementFile) -> Result<Exit, CommandError> {
    let measurement = &merged.candidate;
    let job = CiJob::here()?;
    let plan_args = plan_args(measurement, plan);
    let AtBase { mut plan, mut notes } = agree_to_look_at(&plan_args, job.as_ref())?;
    check_name(&plan, measurement, &args.out, &plan_args)?;
    if args.refresh {
        // The runs that make the baseline can't require it.
        plan.policy.baseline.required = false;
        plan.base.iter_mut().for_each(|base| base.policy.baseline.required = false);
    }
    let way = match args.refresh {
        true => baseline::way(&args.landing, &args.baseline, &args.baseline_branch, &plan.name, job.as_ref())?,
        false if args.landing.land.is_some() => {
            return Err(CommandError::Usage(
                "--land is for a run that is added to its history: give --refresh too".into(),
            ));
        }
        false => None,
    };
    let history = history::folder(&args.baseline, &args.baseline_branch, &plan.name, job.as_ref());
    notes.extend(history.notes.iter().cloned());
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &plan_args,
        run: merged,
        saved_to: &args.out,
        notes: &notes,
        confirms: None,
        // Who merges an interrupted shard was not interrupted.
        interrupted: false,
        baseline: &history.path,
        reports: &args.report,
        comment: if args.refresh { CommentMode::Never } else { args.comment },
        check: if args.refresh { CheckMode::Never } else { check(args.check, job.as_ref()) },
        job: job.as_ref(),
    })?;
    if args.refresh && measurement.ending != Ending::Interrupted {
        let keeping = baseline::Keeping {
            plan: &plan,
            plan_path: &plan_args.plan,
            folder: &args.baseline,
            history: &history,
            way: way.as_ref(),
            issue: args.landing.issue,
            job: job.as_ref(),
        };
        baseline::keep(&keeping, measurement, &concluded.judgement)?;
    }
    Ok(concluded.exit)
}

/// What another workflow's run has handed in is a claim, whoever controls it: no check run vouches for it.
fn check(asked: CheckMode, job: Option<&CiJob>) -> CheckMode {
    if !job.is_some_and(|job| matches!(job.context.event, Event::WorkflowRun(_))) {
        return asked;
    }
    if asked == CheckMode::Always {
        eprintln!("warning: no check run: what another workflow's run has measured is not known to be true");
    }
    CheckMode::Never
}

/// The files that the arguments name. A folder stands for the `.json` files beneath it, but for what an earlier merge wrote.
fn files(arguments: &[PathBuf], out: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let earlier = out.canonicalize().ok();
    let mut files = Vec::new();
    for argument in arguments {
        if !argument.is_dir() {
            files.push(argument.clone());
            continue;
        }
        let before = files.len();
        beneath(argument, &mut files).with_context(|| format!("{} can't be read", argument.display()))?;
        files.retain(|file| earlier.is_none() || file.canonicalize().ok() != earlier);
        if files.len() == before {
            return Err(CommandError::Usage(format!(
                "{} holds no .json file; give the folder that the shards wrote to, or their files",
                argument.display()
            )));
        }
    }
    Ok(files)
}

/// Adds the `.json` files of a folder and of those in it, by name. Hidden ones are what a killed process left behind.
fn beneath(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        // A link to a folder is not followed: it may lead back.
        let is_folder = fs::symlink_metadata(&path)?.is_dir();
        if is_folder && !hidden {
            beneath(&path, files)?;
        } else if !hidden && path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

/// The shards as one run. All that don't belong to it are named at once.
fn add_up(files: &[PathBuf]) -> Result<MeasurementFile, CommandError> {
    let mut merged: Option<MeasurementFile> = None;
    let mut refused = Vec::new();
    for path in files {
        let file = MeasurementFile::read(path).map_err(|error| anyhow!(error))?;
        match &mut merged {
            None if file.candidate.shards.is_none() => {
                refused.push(format!("{}: {}", path.display(), MergeError::NoShard));
            }
            None => merged = Some(file),
            Some(run) => {
                if let Err(error) = run.merge(&file) {
                    refused.push(format!("{}: {error}", path.display()));
                }
            }
        }
    }
    match merged {
        Some(merged) if refused.is_empty() => Ok(merged),
        _ => Err(CommandError::Usage(format!("nothing was merged:\n  {}", refused.join("\n  ")))),
    }
}
