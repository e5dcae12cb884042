//! The files of calibrations: `<plan's folder>/calibration/<time>-<seed>.json`, one each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::baseline::store::{Skipped, StoreError, json_files};
use crate::measurement::file::{write_whole, write_whole_new};

use super::record::Record;

/// Version of the file format. A reader refuses every other.
pub const CALIBRATION_VERSION: u32 = 1;

/// A larger file is no calibration: a hundred gates of a hundred requests take about 4 MB.
const LARGEST_FILE: u64 = 64 << 20;

/// The folder of calibrations in a plan's folder. The store of runs looks at files alone.
const FOLDER: &str = "calibration";

/// The file of a calibration that is under way.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
}

#[derive(Serialize)]
struct Stored<'a> {
    schema_version: u32,
    #[serde(flatten)]
    record: &'a Record,
}

impl RecordFile {
    /// Begins a calibration's file in a plan's folder. No file is ever overwritten.
    ///
    /// # Errors
    /// The folder can't be made or written to.
    pub fn create(folder: &Path, record: &Record) -> Result<RecordFile, StoreError> {
        let folder = folder.join(FOLDER);
        let error = |source| StoreError::Io { action: "write", path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(error)?;
        let stem = format!("{}-{}", record.started_at.strftime("%Y-%m-%dT%H-%M-%SZ"), record.seed);
        let json = json(record).map_err(error)?;
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = folder.join(format!("{stem}{suffix}.json"));
            if write_whole_new(&path, &json).map_err(error)? {
                return Ok(RecordFile { path });
            }
        }
        Err(error(io::ErrorKind::AlreadyExists.into()))
    }

    /// Replaces what the file says by more of the same calibration: it is there whole or as it was, whatever happens.
    ///
    /// # Errors
    /// The file can't be written to.
    pub fn save(&self, record: &Record) -> Result<(), StoreError> {
        let error = |source| StoreError::Io { action: "write", path: self.path.clone(), source };
        write_whole(&self.path, &json(record).map_err(error)?).map_err(error)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes back the file of a calibration in which nothing was measured. One that stays behind counts for nothing.
    pub fn remove(self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn json(record: &Record) -> io::Result<Vec<u8>> {
    let mut json = serde_json::to_vec(&Stored { schema_version: CALIBRATION_VERSION, record })?;
    json.push(b'\n');
    Ok(json)
}

/// All calibrations of a plan's folder by the time of their start, oldest first, and the files that are none.
pub fn read_all(folder: &Path) -> Result<(Vec<Record>, Vec<Skipped>), StoreError> {
    let mut records = Vec::new();
    let mut skipped = Vec::new();
    for path in json_files(&folder.join(FOLDER))? {
        match read(&path) {
            Ok(record) => records.push((record.started_at, path, record)),
            Err(problem) => {
                let reason = format!("{}: {problem}", path.display());
                skipped.push(Skipped { path, reason });
            }
        }
    }
    records.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    Ok((records.into_iter().map(|(_, _, record)| record).collect(), skipped))
}

/// Why a file is no calibration.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("can't read this calibration: {0}; check the file and its permissions")]
    Io(#[from] io::Error),
    #[error("over {} MB is no calibration; remove the file", LARGEST_FILE >> 20)]
    TooLarge,
    #[error("schema version {found}, but this loadgate reads version {CALIBRATION_VERSION}: calibrate again")]
    Version { found: u64 },
    #[error("no calibration, or a damaged one: {0}; fetch the file anew, or remove it")]
    Content(#[from] serde_json::Error),
}

fn read(path: &Path) -> Result<Record, Problem> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    if fs::metadata(path)?.len() > LARGEST_FILE {
        return Err(Problem::TooLarge);
    }
    let mut content: serde_json::Value = serde_json::from_slice(&fs::read(path)?)?;
    let Version { schema_version } = Version::deserialize(&content)?;
    if schema_version != u64::from(CALIBRATION_VERSION) {
        return Err(Problem::Version { found: schema_version });
    }
    // The record's own reader knows no other fields than its own.
    if let Some(fields) = content.as_object_mut() {
        fields.remove("schema_version");
    }
    Ok(serde_json::from_value(content)?)
}
