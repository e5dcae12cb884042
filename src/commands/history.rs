//! Where the runs lie that a new one is compared with.

use std::path::{Path, PathBuf};

use super::ci::CiJob;

/// A folder of baselines to read.
pub struct Folder {
    pub path: PathBuf,
}

/// The folder that a run is compared with.
pub fn folder(named: &Path, plan: &str, job: Option<&CiJob>) -> Folder {
    let _ = (plan, job);
    Folder { path: named.to_owned() }
}
