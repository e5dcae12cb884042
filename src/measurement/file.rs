//! The measurement file: JSON with HdrHistograms in their V2-deflate form, base64.
//!
//! Its structs are in [`super::stored`]; here is how a file is read and written without losing another.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Not;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::Measurement;
use super::stored::{self, Invalid, StoredFile};
use crate::pairing::Pairing;

/// Version of the file format. A reader refuses every other.
pub const SCHEMA_VERSION: u32 = 1;

/// A larger file is no measurement: a five-minute run takes less than 1 MB.
const LARGEST_FILE: u64 = 256 << 20;

/// A run's file: one arm, or the candidate and its reference on one grid of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurementFile {
    /// Only in a baseline's folder.
    pub baseline: Option<BaselineEntry>,
    pub candidate: Measurement,
    /// The other arm of a paired run.
    pub reference: Option<ReferenceArm>,
}

/// What a paired run measured of the base deployment, on the candidate's grid of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceArm {
    pub measurement: Measurement,
    pub pairing: Pairing,
}

/// What the baseline knows of a run that it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    pub status: BaselineStatus,
    /// The first line of the run's judgement.
    pub reason: String,
    /// Somebody has taken this run's figures for the new normal: the window starts with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
    /// Runs between this one and the one before it were pruned: what lies between them is no step from one run to the next.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub after_gap: bool,
}

/// Who took a run's figures for the new normal, why and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// A name, not empty.
    pub by: String,
    /// In the author's words, not empty.
    pub why: String,
    pub at: jiff::Timestamp,
}

impl BaselineEntry {
    /// Of a run that has just been judged.
    pub fn new(status: BaselineStatus, reason: &str) -> Self {
        BaselineEntry { status, reason: reason.into(), accepted: None, after_gap: false }
    }
}

/// How a run that a baseline keeps was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineStatus {
    Pass,
    TooNoisy,
    /// Never in the window.
    ThresholdsFailed,
    /// A guard fired: never in the window.
    Guard,
    /// Slower than the window; it waits for the next runs or for an `accept`.
    Suspect,
}

impl MeasurementFile {
    /// A run of one arm.
    pub fn new(candidate: Measurement) -> Self {
        MeasurementFile { baseline: None, candidate, reference: None }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is no whole measurement of this [`SCHEMA_VERSION`] is refused, with the place and the cure.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let io = |source| FileError::Io { action: "read", path: path.into(), source };
        let mut bytes = Vec::new();
        File::open(path).map_err(io)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(FileError::TooLarge { path: path.into() });
        }
        Self::parse(&bytes).map_err(|problem| FileError::Content { path: path.into(), problem })
    }

    /// Reads a file's content.
    pub fn parse(json: &[u8]) -> Result<Self, ContentError> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u64,
        }
        let Version { schema_version } = serde_json::from_slice(json)?;
        if schema_version != u64::from(SCHEMA_VERSION) {
            return Err(ContentError::Version { found: schema_version });
        }
        let stored: StoredFile = serde_json::from_slice(json)?;
        Ok(stored::unpack(stored)?)
    }

    /// The file's content.
    ///
    /// # Errors
    /// A figure that is not finite has no place in JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, ContentError> {
        let mut json = serde_json::to_vec(&stored::pack(self)?)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Writes a file, in place of one that may be there: it is there whole or not at all, whatever happens meanwhile. What
    /// is no file, such as `/dev/stdout` or a pipe, is written into and never replaced.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let io = |source| FileError::Io { action: "write", path: path.into(), source };
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(io(io::ErrorKind::IsADirectory.into())),
            Ok(there) if !there.is_file() => return fs::write(path, self.json_for(path)?).map_err(io),
            _ => {}
        }
        write_whole(path, &self.json_for(path)?).map_err(io)
    }

    /// Writes a file whose name is free; none is overwritten. `false` says that the name was taken.
    pub fn write_new(&self, path: &Path) -> Result<bool, FileError> {
        let io = |source| FileError::Io { action: "write", path: path.into(), source };
        write_whole_new(path, &self.json_for(path)?).map_err(io)
    }

    fn json_for(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        self.to_json().map_err(|problem| FileError::Content { path: path.into(), problem })
    }
}

/// Writes a file, in place of one that may be there: it is there whole or not at all, whatever happens meanwhile.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    write_beside(path, content)?.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Writes a file whose name is free; none is overwritten. `false` says that the name was taken.
pub fn write_whole_new(path: &Path, content: &[u8]) -> io::Result<bool> {
    match write_beside(path, content)?.persist_noclobber(path) {
        Ok(_) => sync_folder(path).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// A temporary file in the folder of `path`, complete and on the disk.
fn write_beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = temporary(folder_of(path))?;
    file.as_file_mut().write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The start of a temporary file's name; what a kill left behind is never taken for a measurement.
pub const TEMPORARY_PREFIX: &str = ".loadgate-";

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(".tmp");
    // As any other file of the user, not for the owner alone: jobs hand measurements over.
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename survive a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

/// Why a measurement could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}: can't {action} this measurement: {source}{}", path.display(), cure_of(action, source))]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{}: over {} MB is no measurement; give the file that `loadgate run --out` wrote", path.display(), LARGEST_FILE >> 20)]
    TooLarge { path: PathBuf },
    #[error("{}: {problem}", path.display())]
    Content { path: PathBuf, problem: ContentError },
}

/// Why some bytes are no measurement.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error(
        "schema version {found}, but this loadgate reads version {SCHEMA_VERSION}: use the version of loadgate that wrote \
         it, or measure again"
    )]
    Version { found: u64 },
    #[error("no measurement, or a damaged one: {0}; measure again, or fetch the file anew")]
    Syntax(#[from] serde_json::Error),
    #[error("a damaged measurement: {0}; measure again, or fetch the file anew")]
    Invalid(#[from] Invalid),
}

fn cure_of(action: &str, error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space, or choose another disk",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that this user may write to and read from"
        }
        io::ErrorKind::NotFound if action == "read" => "; check the path: `loadgate run --out` names the file it wrote",
        io::ErrorKind::NotFound => "; check the path: the folder must exist",
        io::ErrorKind::NotADirectory => "; check the path: a part of it is a file, not a folder",
        io::ErrorKind::IsADirectory => "; give a file, not a folder",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
