//! The store on disk: `<folder>/<plan>/<time>-<commit>.json`, one measurement file a run.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::measurement::file::TEMPORARY_PREFIX;
use crate::measurement::{BaselineEntry, BaselineStatus, FileError, Measurement, MeasurementFile, RequestTally, Tally};

/// One plan's folder of runs.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a store holds.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// By the time of their start, oldest first.
    pub entries: Vec<Entry>,
    /// Files that are no run of this plan.
    pub skipped: Vec<Skipped>,
}

/// One stored run.
#[derive(Clone, Debug)]
pub struct Entry {
    pub path: PathBuf,
    pub status: BaselineStatus,
    /// The first line of its judgement.
    pub reason: String,
    pub measurement: Measurement,
}

/// A file that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    /// In words, with the path.
    pub reason: String,
}

/// Why a store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: can't {action} the baseline: {source}; check the folder and its permissions", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
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
        let mut runs = Runs::default();
        for path in self.files()? {
            match read_entry(&path) {
                Ok(entry) => runs.entries.push(entry),
                Err(reason) => runs.skipped.push(Skipped { path, reason }),
            }
        }
        runs.entries.sort_by(|a, b| (a.measurement.started_at, &a.path).cmp(&(b.measurement.started_at, &b.path)));
        Ok(runs)
    }

    /// The JSON files of the folder, by name.
    fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let error = |source| StoreError::Io { action: "read", path: self.folder.clone(), source };
        let listing = match fs::read_dir(&self.folder) {
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

    /// Stores a run and returns its file. Blocks, unjudged samples and evidence are left out, since the folder is committed:
    /// of the blocks the window needs no more than the variance inflation, which is kept. No file is ever overwritten.
    pub fn append(&self, run: &Measurement, status: BaselineStatus, reason: &str) -> Result<PathBuf, StoreError> {
        let error = |source| StoreError::Io { action: "write", path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(error)?;
        let entry = BaselineEntry { status, reason: reason.into() };
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

    /// Removes all but the latest `keep` runs of each contract, and returns the removed files. What can't be read stays.
    pub fn prune(&self, keep: usize) -> Result<Vec<PathBuf>, StoreError> {
        let runs = self.runs()?;
        let mut kept: HashMap<_, usize> = HashMap::new();
        let mut removed = Vec::new();
        for entry in runs.entries.iter().rev() {
            let number = kept.entry(entry.measurement.contract.terms()).or_default();
            *number += 1;
            if *number > keep {
                let error = |source| StoreError::Io { action: "prune", path: entry.path.clone(), source };
                fs::remove_file(&entry.path).map_err(error)?;
                removed.push(entry.path.clone());
            }
        }
        Ok(removed)
    }
}

fn read_entry(path: &Path) -> Result<Entry, String> {
    let file = MeasurementFile::read(path).map_err(|error| error.to_string())?;
    let Some(BaselineEntry { status, reason }) = file.baseline else {
        let cure = "only `loadgate baseline refresh` adds runs";
        return Err(format!("{}: a run's output, not an entry of a baseline; {cure}", path.display()));
    };
    Ok(Entry { path: path.into(), status, reason, measurement: file.candidate })
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
mod tests {
    use std::time::Duration;

    use crate::measurement::Evidence;
    use crate::measurement::simulated::{Simulated, SimulatedRequest};

    use super::*;

    fn run(seed: u64) -> Measurement {
        let request = SimulatedRequest { count: 50, ..SimulatedRequest::new("reserve", 10.0) };
        let mut run = Simulated { seed, ..Simulated::new(vec![request]) }.measure();
        run.started_at += Duration::from_secs(3600 * seed);
        run
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), "concert");
        (folder, store)
    }

    fn names(paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn names_of_plans_stay_in_the_folder() {
        let table = [
            ("concert-reservation", "concert-reservation"),
            ("../../etc", "-..-etc-"),
            ("/etc/passwd", "etc-passwd-"),
            ("..", ""),
            ("", ""),
            ("예약", "-"),
            ("a\\b:c", "a-b-c-"),
        ];
        for (plan, start) in table {
            let name = folder_name(plan);
            let folder = Path::new("baselines").join(&name);
            assert_eq!(folder.components().count(), 2, "{plan}: {name}");
            assert!(!name.is_empty() && name != ".." && name != ".", "{plan}: {name}");
            assert!(name.starts_with(start.trim_start_matches('-')), "{plan}: {name}");
        }
        assert_ne!(folder_name("a/b"), folder_name("a:b"));
        assert!(folder_name(&"x".repeat(500)).len() < 100);
    }

    #[test]
    fn a_stored_run_is_read_back_slim() {
        let (_folder, store) = store();
        assert!(store.runs().unwrap().entries.is_empty());
        let mut run = run(1);
        run.evidence.push(Evidence {
            request: "reserve".into(),
            class: "500".into(),
            method: "GET".into(),
            url: "http://127.0.0.1/".into(),
            request_headers: vec![],
            request_body: None,
            status: None,
            response_headers: vec![],
            response_body: None,
            message: String::new(),
            at_ms: 0,
        });
        let path = store.append(&run, BaselineStatus::TooNoisy, "too noisy: …").unwrap();
        assert_eq!(names(&[path]), ["2026-11-18T12-06-40Z-0123456.json"]);
        let runs = store.runs().unwrap();
        let entry = &runs.entries[0];
        assert_eq!((entry.status, entry.reason.as_str()), (BaselineStatus::TooNoisy, "too noisy: …"));
        assert_eq!(entry.measurement.judged.requests[0].comparable, run.judged.requests[0].comparable);
        assert!(entry.measurement.judged.requests[0].blocks.is_empty() && entry.measurement.evidence.is_empty());
        assert_eq!(entry.measurement.unjudged.requests[0].attempts, 0);
        let trail = &runs.trails()[0];
        assert_eq!((trail.request.as_str(), trail.points.len(), trail.points[0].attempts), ("reserve", 1, 50));
        assert_eq!(trail.points[0].p95, run.judged.requests[0].comparable.quantile(0.95));
    }

    #[test]
    fn damaged_files_are_named_and_cost_nothing_else() {
        let (_folder, store) = store();
        store.append(&run(1), BaselineStatus::Pass, "pass").unwrap();
        store.append(&run(2), BaselineStatus::Pass, "pass").unwrap();
        let write = |name: &str, content: &[u8]| fs::write(store.folder().join(name), content).unwrap();
        write("cut.json", b"{\"schema_version\":1,\"cand");
        write("old.json", b"{\"schema_version\":0}");
        write("run.json", &MeasurementFile::new(run(3)).to_json().unwrap());
        write("notes.txt", b"not a run");
        write(".loadgate-x7.tmp", b"{");
        let runs = store.runs().unwrap();
        assert_eq!(runs.entries.len(), 2);
        let reasons: Vec<&str> = runs.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
        assert_eq!(reasons.len(), 3);
        assert!(reasons[0].contains("cut.json: no measurement, or a damaged one"), "{}", reasons[0]);
        assert!(reasons[1].contains("old.json: schema version 0"), "{}", reasons[1]);
        assert!(reasons[2].contains("run.json: a run's output, not an entry of a baseline"), "{}", reasons[2]);
    }

    #[test]
    fn concurrent_appends_lose_nothing() {
        let (_folder, store) = store();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..4).for_each(|_| drop(store.append(&run(1), BaselineStatus::Pass, "pass").unwrap())));
            }
        });
        assert_eq!(store.runs().unwrap().entries.len(), 32);
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 32, "temporary files are left");
    }

    #[test]
    fn pruning_keeps_the_latest_runs_of_each_contract_and_what_it_cannot_read() {
        let (_folder, store) = store();
        for seed in 0..4 {
            store.append(&run(seed), BaselineStatus::Pass, "pass").unwrap();
        }
        let mut nightly = run(0);
        nightly.contract.profile = Some("nightly".into());
        store.append(&nightly, BaselineStatus::Guard, "not measured").unwrap();
        fs::write(store.folder().join("cut.json"), b"{").unwrap();
        let removed = store.prune(2).unwrap();
        assert_eq!(names(&removed), ["2026-11-18T12-06-40Z-0123456.json", "2026-11-18T11-06-40Z-0123456.json"]);
        let runs = store.runs().unwrap();
        assert_eq!((runs.entries.len(), runs.skipped.len()), (3, 1));
        assert_eq!(store.prune(2).unwrap(), Vec::<PathBuf>::new());
    }
}
