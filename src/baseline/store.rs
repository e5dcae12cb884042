//! The store on disk: `<folder>/<plan>/<time>-<commit>.json`, one measurement file a run.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::measurement::file::TEMPORARY_PREFIX;
use crate::measurement::{
    Acceptance, BaselineEntry, BaselineStatus, FileError, Measurement, MeasurementFile, RequestTally, Tally,
};

/// One plan's folder of runs.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a store holds.
#[derive(Clone, Debug)]
pub struct Runs {
    /// By the time of their start, oldest first.
    pub entries: Vec<Entry>,
    /// Files that are no run of this plan.
    pub skipped: Vec<Skipped>,
    /// The present, when they were read: no run can have begun later.
    pub read_at: Timestamp,
}

/// One stored run.
#[derive(Clone, Debug)]
pub struct Entry {
    pub path: PathBuf,
    pub status: BaselineStatus,
    /// The first line of its judgement.
    pub reason: String,
    /// Who took it for the new normal.
    pub accepted: Option<Acceptance>,
    /// Whether runs just before it were pruned.
    pub after_gap: bool,
    pub measurement: Measurement,
}

/// A file that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    /// In words, with the path.
    pub reason: String,
}

impl Skipped {
    /// The reason without the path.
    pub fn problem(&self) -> &str {
        self.reason.strip_prefix(&format!("{}: ", self.path.display())).unwrap_or(&self.reason)
    }
}

/// Why a store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: can't {action} the baseline: {source}; check the folder and its permissions", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: {problem}", path.display())]
    Entry { path: PathBuf, problem: String },
}

impl Store {
    /// The store of a plan in a folder of baselines. Neither has to exist yet.
    pub fn open(baselines: &Path, plan: &str) -> Self {
        Store { folder: baselines.join(folder_name(plan)) }
    }

    /// The plan's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads every run. A damaged file costs its own run alone: it is named in [`Runs::skipped`]. A missing folder holds none.
    pub fn runs(&self) -> Result<Runs, StoreError> {
        let (mut entries, mut skipped) = (Vec::new(), Vec::new());
        for path in json_files(&self.folder)? {
            match read_entry(&path) {
                Ok(entry) => entries.push(entry),
                Err(reason) => skipped.push(Skipped { path, reason }),
            }
        }
        Ok(Runs { skipped, ..Runs::at(Timestamp::now(), entries) })
    }

    /// Stores a run and returns its file. Blocks, unjudged samples and evidence are left out, since the folder is committed:
    /// of the blocks the window needs no more than the variance inflation, which is kept. No file is ever overwritten. What
    /// earlier processes left behind when they were killed is removed.
    pub fn append(&self, run: &Measurement, status: BaselineStatus, reason: &str) -> Result<PathBuf, StoreError> {
        let error = |source| StoreError::Io { action: "write", path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(error)?;
        self.remove_leftovers(SystemTime::now());
        let entry = BaselineEntry::new(status, reason);
        let file = MeasurementFile { baseline: Some(entry), candidate: slim(run), reference: None };
        let stem = stem(run);
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.folder.join(format!("{stem}{suffix}.json"));
            if file.write_new(&path)? {
                return Ok(path);
            }
        }
        Err(error(io::ErrorKind::AlreadyExists.into()))
    }

    /// Removes temporary files that nobody can be writing any more. One that can't be removed harms nobody.
    fn remove_leftovers(&self, now: SystemTime) {
        for item in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = item.file_name();
            let name = name.to_string_lossy();
            let written = item.metadata().and_then(|metadata| metadata.modified());
            let old = written.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > LEFT_BEHIND));
            if name.starts_with(TEMPORARY_PREFIX) && name.ends_with(".tmp") && old {
                let _ = fs::remove_file(item.path());
            }
        }
    }

    /// Writes into a run's file who took it for the new normal; nothing else in it changes.
    ///
    /// # Errors
    /// The file is gone, damaged, or accepted already; the folder can't be written to.
    pub fn accept(&self, path: &Path, acceptance: &Acceptance) -> Result<(), StoreError> {
        let _alone = self.alone("accept a run of")?;
        self.change_entry(path, |entry| match &entry.accepted {
            Some(Acceptance { by, why, .. }) => Err(format!("{by} has accepted it already: {why}")),
            None => {
                entry.accepted = Some(acceptance.clone());
                Ok(())
            }
        })
    }

    /// Changes what the baseline knows of a run. The file is there whole at any time, as it was or as it will be.
    pub(super) fn change_entry(
        &self,
        path: &Path,
        change: impl FnOnce(&mut BaselineEntry) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        let mut file = MeasurementFile::read(path)?;
        let problem = match &mut file.baseline {
            Some(entry) => change(entry).err(),
            None => Some(NO_ENTRY.into()),
        };
        match problem {
            Some(problem) => Err(StoreError::Entry { path: path.into(), problem }),
            None => Ok(file.write(path)?),
        }
    }

    /// Holds off other processes that change stored runs, until it is dropped. Who only adds runs is not held off.
    pub(super) fn alone(&self, action: &'static str) -> Result<Option<File>, StoreError> {
        // Only Unix can lock a folder, and a file for it would be committed with the runs.
        if !cfg!(unix) {
            return Ok(None);
        }
        let lock = || -> io::Result<File> {
            let folder = File::open(&self.folder)?;
            folder.lock()?;
            Ok(folder)
        };
        match lock() {
            Ok(folder) => Ok(Some(folder)),
            // There is nothing to lock, or a file system that can't: each file is whole all the same.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported) => Ok(None),
            Err(source) => Err(StoreError::Io { action, path: self.folder.clone(), source }),
        }
    }
}

/// A temporary file of this age belongs to a process that was killed: to write one takes a fraction of a second.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

const NO_ENTRY: &str = "a run's output, not an entry of a baseline; only `loadgate baseline refresh` adds runs";

impl Runs {
    /// Runs as they were at a time, oldest first.
    pub fn at(read_at: Timestamp, mut entries: Vec<Entry>) -> Runs {
        entries.sort_by(|a, b| (a.measurement.started_at, &a.path).cmp(&(b.measurement.started_at, &b.path)));
        Runs { entries, skipped: Vec::new(), read_at }
    }
}

/// The JSON files of a folder, by name, without those that a killed process left behind. A missing folder holds none.
pub(super) fn json_files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let error = |source| StoreError::Io { action: "read", path: folder.to_owned(), source };
    let listing = match fs::read_dir(folder) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.map_err(error)?,
    };
    let mut files = Vec::new();
    for item in listing {
        let path = item.map_err(error)?.path();
        let temporary = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY_PREFIX));
        if path.extension().is_some_and(|extension| extension == "json") && !temporary {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_entry(path: &Path) -> Result<Entry, String> {
    let file = MeasurementFile::read(path).map_err(|error| error.to_string())?;
    let Some(BaselineEntry { status, reason, accepted, after_gap }) = file.baseline else {
        return Err(format!("{}: {NO_ENTRY}", path.display()));
    };
    Ok(Entry { path: path.into(), status, reason, accepted, after_gap, measurement: file.candidate })
}

fn slim(run: &Measurement) -> Measurement {
    let mut run = Measurement { unjudged: Tally::new(&run.layout), evidence: Vec::new(), ..run.clone() };
    run.judged.requests.iter_mut().for_each(RequestTally::drop_blocks);
    run
}

/// `2026-11-20T11-30-00Z-0123456`
fn stem(run: &Measurement) -> String {
    let commit: String =
        run.commit.iter().flat_map(|commit| commit.chars()).filter(char::is_ascii_alphanumeric).take(7).collect();
    let commit = if commit.is_empty() { "local" } else { &commit };
    format!("{}-{commit}", run.started_at.strftime("%Y-%m-%dT%H-%M-%SZ"))
}

/// Longer names are cut.
const LONGEST_NAME: usize = 64;

/// A plan's name as one folder's: unchanged if it is a plain word; else what is safe of it, with a hash that tells it from
/// others.
fn folder_name(plan: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept: String = plan.chars().map(|c| if safe(c) { c } else { '-' }).take(LONGEST_NAME).collect();
    let kept = kept.trim_matches('.');
    if kept == plan && !plan.is_empty() {
        return plan.into();
    }
    let hash = Sha256::digest(plan.as_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{kept}-{hash}").trim_start_matches('-').into()
}

#[cfg(test)]
mod tests;
