//! Files that a plan may read: those beneath its own folder, symbolic links resolved.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::plan::error::Problems;
use crate::plan::file::read::Text;

/// Largest file of a plan, in bytes.
const LARGEST: u64 = 512 << 20;

/// The plan's folder, and what has been read of it.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    read: HashMap<String, Option<Bytes>>,
}

impl Files {
    /// The files beneath the folder of the gate file at this path.
    pub fn beside(plan: &Path) -> Self {
        let folder = match plan.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Files { folder, read: HashMap::new() }
    }

    /// The file's content; each file is read once. Errors are noted at the path's place.
    pub fn read(&mut self, path: &Text, problems: &mut Problems) -> Option<Bytes> {
        if let Some(known) = self.read.get(&path.value) {
            return known.clone();
        }
        let content = match self.open(&path.value) {
            Ok(content) => Some(content),
            Err((problem, help)) => {
                problems.add(&path.place, problem, help);
                None
            }
        };
        self.read.insert(path.value.clone(), content.clone());
        content
    }

    /// Where a file of the plan is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Every file that was read, by its path.
    pub fn content(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.read.iter().filter_map(|(path, content)| Some((path.as_str(), content.as_ref()?)))
    }

    fn open(&self, path: &str) -> Result<Bytes, (String, String)> {
        let failed = |error: std::io::Error| {
            let help = format!("the path is looked for in the plan's folder, {}", self.folder.display());
            (format!("`{path}` can't be read: {error}"), help)
        };
        let folder = self.folder.canonicalize().map_err(failed)?;
        let file = folder.join(path).canonicalize().map_err(failed)?;
        if !file.starts_with(&folder) {
            let problem = format!("`{path}` is outside of the plan's folder");
            return Err((problem, "a plan reads only files beneath its own folder; move the file there".to_owned()));
        }
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err((format!("`{path}` is no file"), "name a file beneath the plan's folder".to_owned()));
        }
        if metadata.len() > LARGEST {
            return Err((format!("`{path}` has {} MB", metadata.len() >> 20), "a file has at most 512 MB".to_owned()));
        }
        std::fs::read(&file).map(Bytes::from).map_err(failed)
    }
}
