//! Bringing a refreshed run into the repository from a job.

use std::fs;
use std::path::{Path, PathBuf};

use crate::baseline::Store;
use crate::cli::{Land, LandingArgs};
use crate::github::landing::{self, Landed, NewFile, Way};
use crate::github::{Error, Event};
use crate::report::markdown;

use super::super::ci::CiJob;
use super::super::error::CommandError;
use super::super::history::{in_repository, slashed};

/// Whether the job has a token and measures no pull request: what such a job finds may be kept.
pub fn may_keep(job: &CiJob) -> bool {
    let of_pull_request = matches!(job.context.event, Event::PullRequest(_) | Event::MergeGroup(_));
    job.has_token() && !of_pull_request && job.subject.pull_request.is_none()
}

/// How a refreshed run lands; none if it stays in the folder.
///
/// # Errors
/// A way that was asked for and can't be gone.
pub fn way(
    args: &LandingArgs,
    folder: &Path,
    branch: &str,
    plan: &str,
    job: Option<&CiJob>,
) -> Result<Option<Way>, CommandError> {
    let unless_asked = |why: String| match args.land {
        Some(_) => Err(CommandError::Usage(why)),
        None => {
            eprintln!("warning: the run will stay in the folder: {why}");
            Ok(None)
        }
    };
    let land = match (args.land, job) {
        (Some(Land::None), _) => return Ok(None),
        (Some(_), None) => {
            let why =
                "--land is for a GitHub job, and GITHUB_REPOSITORY is not set; leave it out, and commit the folder";
            return unless_asked(why.into());
        }
        (Some(_), Some(job)) if !job.has_token() => return unless_asked(Error::NoToken.to_string()),
        (Some(land), Some(_)) => land,
        (None, Some(job)) if may_keep(job) && !branch.is_empty() => Land::Branch,
        (None, _) => return Ok(None),
    };
    if in_repository(folder).is_none() {
        return unless_asked(format!(
            "{} does not lie in the workspace, so it has no place in the repository; give a --baseline beneath the workspace, \
             or --land none",
            folder.display()
        ));
    }
    match land {
        Land::Branch if branch.is_empty() => unless_asked("--land branch needs a --baseline-branch".into()),
        Land::Branch => Ok(Some(Way::Branch { name: branch.to_owned(), readme: README.to_owned() })),
        Land::Commit => Ok(Some(Way::Commit)),
        Land::PullRequest => Ok(Some(pull_request(plan))),
        Land::None => Ok(None),
    }
}

const README: &str = "\
# Baselines

The runs that loadgate compares pull requests with: one file a run, a folder for each plan. The nightly job adds them, and this
branch holds nothing else. `loadgate baseline show` lists them; its documentation says how one is accepted or removed.
";

fn pull_request(plan: &str) -> Way {
    let folder = Store::open(Path::new(""), plan);
    Way::PullRequest {
        branch: format!("loadgate/baseline-{}", slashed(folder.folder())),
        title: format!("Add baseline runs of {plan}"),
        body: format!(
            "Runs of the plan {} that pull requests are to be compared with. While this pull request is open, each refresh \
             adds its run to it.",
            markdown::inline(plan, 200)
        ),
    }
}

/// Lands the run's file, and where the branch has no run of the plan yet also what the folder has of it.
///
/// # Errors
/// What went wrong, with its cure. The run is in the folder in any case.
pub fn land(way: &Way, job: &CiJob, store: &Store, new: &Path, with_history: bool) -> Result<Landed, String> {
    let mut paths = vec![new.to_owned()];
    if with_history && matches!(way, Way::Branch { .. }) {
        paths.extend(json_beneath(store.folder()).into_iter().filter(|path| path != new));
    }
    let files: Result<Vec<NewFile>, String> = paths
        .iter()
        .map(|path| {
            let place = in_repository(path).ok_or_else(|| format!("{} left the workspace", path.display()))?;
            let content = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(NewFile { path: slashed(&place), content })
        })
        .collect();
    let message = message(way, new);
    let files = files?;
    job.ask(async |client, repository| landing::land(client, repository, way, &files, &message).await)
        .map_err(|error| error.to_string())
}

/// The commit's message. Its last words keep a commit on the default branch from deploying that again, where the host heeds
/// them.
fn message(way: &Way, file: &Path) -> String {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let skip = if *way == Way::Commit { " [skip ci]" } else { "" };
    format!("Add the baseline run {name}{skip}")
}

/// The `.json` files of a folder and of the folders in it, but for what a killed process left behind.
fn json_beneath(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let visible = |path: &PathBuf| path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."));
        entries.map(|entry| entry.path()).filter(visible).collect()
    };
    let (folders, mut files): (Vec<_>, Vec<_>) = entries(folder).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| entries(folder)).filter(|path| path.is_file()));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}
