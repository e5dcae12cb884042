//! A script with the world that it is given: compiled, with its environment, its files and what its init context declares.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::console::Console;
use super::source::Bundle;
use super::vm::Bytecode;
use crate::plan::CustomMetric;

/// Bytes of a file that a script may open.
const LARGEST_FILE: u64 = 512 * 1024 * 1024;

/// Elements of an array that all virtual users share, each as JSON.
pub type SharedItems = Arc<[Arc<str>]>;

/// How much a script may take, and how its time is changed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of memory, for one virtual user.
    pub memory: usize,
    /// Of an init context.
    pub longest_init: Duration,
    /// What `sleep` is multiplied by.
    pub time_scale: f64,
}

/// What all worlds of a script share, whatever they load.
pub struct Program {
    pub bundle: Bundle,
    pub bytecode: Arc<Bytecode>,
    /// `__ENV`.
    pub env: Vec<(String, String)>,
    /// Bytes that one virtual user's script may take.
    pub memory: usize,
    /// How long an init context may take.
    pub longest_init: Duration,
    pub console: Arc<Console>,
    /// What `sleep` is multiplied by (`--scale-time`).
    pub time_scale: f64,
    /// Metrics in the order in which the init context has first declared them.
    metrics: Mutex<Vec<CustomMetric>>,
    /// They are known: a later init context declares no other.
    settled: AtomicBool,
    shared_arrays: Mutex<HashMap<String, SharedItems>>,
    files: Mutex<BTreeMap<PathBuf, Bytes>>,
    /// What `setup` returned for the candidate, for `handleSummary`.
    pub setup_data: Mutex<Option<serde_json::Value>>,
}

impl Program {
    pub fn new(
        bundle: Bundle,
        bytecode: Bytecode,
        env: Vec<(String, String)>,
        bounds: Bounds,
        console: Arc<Console>,
    ) -> Self {
        let Bounds { memory, longest_init, time_scale } = bounds;
        Program {
            bundle,
            bytecode: Arc::new(bytecode),
            env,
            memory,
            longest_init,
            time_scale,
            console,
            metrics: Mutex::default(),
            settled: AtomicBool::new(false),
            shared_arrays: Mutex::default(),
            files: Mutex::default(),
            setup_data: Mutex::default(),
        }
    }

    /// A metric that the init context declares; its index. None for one that the first init context did not declare, which
    /// nothing counts.
    ///
    /// # Errors
    /// A metric of this name is there already, of another kind.
    pub fn declare(&self, metric: CustomMetric) -> Result<Option<usize>, String> {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = metrics.iter().position(|other| other.name == metric.name) {
            let there = &metrics[index];
            return match (there.kind, there.unit) == (metric.kind, metric.unit) {
                true => Ok(Some(index)),
                false => Err(format!("the metric `{}` already exists, with another type", metric.name)),
            };
        }
        if self.settled.load(Ordering::Relaxed) {
            return Ok(None);
        }
        metrics.push(metric);
        Ok(Some(metrics.len() - 1))
    }

    /// The metrics that the init context has declared; none is added any more.
    pub fn settle(&self) -> Vec<CustomMetric> {
        self.settled.store(true, Ordering::Relaxed);
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A shared array that is there already.
    pub fn shared_array(&self, name: &str) -> Option<SharedItems> {
        self.shared_arrays.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Keeps a shared array; the one that all see, where another virtual user was faster.
    pub fn share(&self, name: &str, items: SharedItems) -> SharedItems {
        let mut arrays = self.shared_arrays.lock().unwrap_or_else(PoisonError::into_inner);
        arrays.entry(name.to_owned()).or_insert(items).clone()
    }

    /// Keeps what the first `setup` returned.
    pub fn keep_setup_data(&self, data: Option<&serde_json::Value>) {
        let mut kept = self.setup_data.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = data.cloned();
        }
    }

    /// A file beneath the script's folder, read once.
    ///
    /// # Errors
    /// It is not there, lies elsewhere, or is too large: in words.
    pub fn open(&self, path: &str) -> Result<Bytes, String> {
        let full = beneath(&self.bundle.folder, path)?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = files.get(&full) {
            return Ok(content.clone());
        }
        if self.settled.load(Ordering::Relaxed) {
            return Err(format!(
                "`{path}` was not opened by the first init context, so no other may: open files whatever __VU is"
            ));
        }
        let content = read(&full).map_err(|error| format!("`{path}` can't be opened: {error}"))?;
        files.insert(full, content.clone());
        Ok(content)
    }
}

fn read(path: &Path) -> std::io::Result<Bytes> {
    let mut content = Vec::new();
    fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST_FILE {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST_FILE} bytes")));
    }
    Ok(content.into())
}

/// The file's own path, where it lies beneath the folder: links that lead elsewhere do not.
fn beneath(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let path_of = path.strip_prefix("file://").unwrap_or(path);
    let problem = |error: std::io::Error| format!("`{path}` can't be opened: {error}");
    let full = folder.join(path_of).canonicalize().map_err(problem)?;
    let folder = folder.canonicalize().map_err(problem)?;
    if !full.starts_with(&folder) {
        return Err(format!("`{path}` lies outside of the script's folder: move it beneath {}", folder.display()));
    }
    Ok(full)
}
