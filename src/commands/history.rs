//! Where the runs lie that a new one is compared with: on the branch of the baselines, else in a folder.

use std::fs;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use crate::baseline::{Runs, Skipped, Store};
use crate::github::files::{self, Found};

use super::ci::CiJob;
use super::{repository, variable};

/// A folder of baselines to read.
pub struct Folder {
    pub path: PathBuf,
    /// What the reader must know of it.
    pub notes: Vec<String>,
    pub origin: Origin,
    /// Removes what was fetched in the end.
    _fetched: Option<TempDir>,
}

/// Where a folder comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The files of the branch.
    Branch,
    /// The folder that was named: there is no branch to ask for, or no history of this plan on it.
    Named,
    /// The folder that was named, since the branch could not be read: it may lack runs.
    Unknown,
}

impl Folder {
    fn named(path: &Path, origin: Origin, notes: Vec<String>) -> Folder {
        Folder { path: path.to_owned(), notes, origin, _fetched: None }
    }
}

/// The folder that a run is compared with: the one of this name on the branch, where GitHub can be asked and the branch has
/// runs of the plan, else the one in the checkout. A pull request may change the checkout, and not the branch.
pub fn folder(named: &Path, branch: &str, plan: &str, job: Option<&CiJob>) -> Folder {
    let Some(job) = job.filter(|job| job.has_token() && !branch.is_empty()) else {
        return Folder::named(named, Origin::Named, Vec::new());
    };
    let Some(place) = in_repository(named) else { return Folder::named(named, Origin::Named, Vec::new()) };
    let folder = slashed(Store::open(&place, plan).folder());
    match job.ask(async |client, repository| files::beneath(client, repository, branch, &folder).await) {
        Ok(Some(found)) if !found.is_empty() => match fetched(&place, plan, &found) {
            Ok((folder, path)) => Folder { path, notes: Vec::new(), origin: Origin::Branch, _fetched: Some(folder) },
            Err(error) => unread(named, branch, &format!("{error}; free some room for temporary files")),
        },
        Ok(_) => Folder::named(named, Origin::Named, Vec::new()),
        Err(error) => unread(named, branch, &error.to_string()),
    }
}

fn unread(named: &Path, branch: &str, why: &str) -> Folder {
    let note = format!(
        "the baselines on the branch {branch} could not be read, so those of {} are used: {why}",
        named.display()
    );
    eprintln!("warning: {note}");
    Folder::named(named, Origin::Unknown, vec![note])
}

/// Begins the name of a folder for files of a branch.
const FETCHED: &str = "loadgate-branch-";

/// Writes the files into a temporary folder, as they lie on the branch.
fn fetched(place: &Path, plan: &str, found: &[Found]) -> std::io::Result<(TempDir, PathBuf)> {
    let folder = tempfile::Builder::new().prefix(FETCHED).tempdir()?;
    let path = folder.path().join(place);
    let store = Store::open(&path, plan);
    for Found { name, content } in found {
        let file = store.folder().join(name);
        fs::create_dir_all(file.parent().unwrap_or(store.folder()))?;
        fs::write(file, content)?;
    }
    Ok((folder, path))
}

/// A path as its reader knows it: what was fetched is told by its place on the branch.
pub fn place(path: &Path) -> PathBuf {
    let is_fetched = |part: &Component<'_>| part.as_os_str().to_string_lossy().starts_with(FETCHED);
    let mut parts = path.components();
    if parts.any(|part| is_fetched(&part)) { parts.collect() } else { path.to_owned() }
}

/// Runs whose files are told as their reader knows them.
pub fn shown(mut runs: Runs) -> Runs {
    runs.entries.iter_mut().for_each(|entry| entry.path = place(&entry.path));
    for Skipped { path, reason } in &mut runs.skipped {
        let shown = place(path);
        *reason = reason.replace(&path.display().to_string(), &shown.display().to_string());
        *path = shown;
    }
    runs
}

/// The folder's path from the root of the repository; none where it lies elsewhere.
pub fn in_repository(named: &Path) -> Option<PathBuf> {
    let workspace = variable("GITHUB_WORKSPACE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let workspace = workspace.or_else(|| std::env::current_dir().ok());
    repository::in_repository(named, workspace.as_deref()).ok().map(PathBuf::from)
}

/// A relative path as git writes it.
pub fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fetched_is_told_by_its_place_on_the_branch() {
        for (path, expected) in [
            ("/tmp/loadgate-branch-x1/baselines/shop/a.json", "baselines/shop/a.json"),
            ("baselines/shop/a.json", "baselines/shop/a.json"),
            ("/tmp/loadgate-branch-x1", ""),
        ] {
            assert_eq!(place(Path::new(path)), Path::new(expected));
        }
    }
}
