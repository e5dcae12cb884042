//! Why a file of k6's can't be judged.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Place, problem and cure.
#[derive(Debug)]
pub struct ResultsError {
    path: PathBuf,
    /// In a file of lines, from 1.
    line: Option<u64>,
    problem: String,
    cure: &'static str,
}

/// A problem in a line or a summary, before the place is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub problem: String,
    pub cure: &'static str,
}

/// What helps against most damages.
pub const COPY_AGAIN: &str = "give the file as k6 wrote it, whole; copy it anew, or run k6 again";

impl Problem {
    /// Of a file that k6 did not write like this.
    pub fn damaged(problem: impl Into<String>) -> Self {
        Problem { problem: problem.into(), cure: COPY_AGAIN }
    }

    pub fn at(self, path: &Path, line: u64) -> ResultsError {
        ResultsError { path: path.into(), line: Some(line), problem: self.problem, cure: self.cure }
    }

    pub fn within(self, path: &Path) -> ResultsError {
        ResultsError { path: path.into(), line: None, problem: self.problem, cure: self.cure }
    }
}

impl ResultsError {
    /// The file can't be read.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        let cure = match error.kind() {
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::PermissionDenied => "choose a file that this user may read",
            _ => COPY_AGAIN,
        };
        Problem { problem: format!("can't read k6's results: {error}"), cure }.within(path)
    }

    /// In this line.
    pub fn on(self, line: u64) -> Self {
        ResultsError { line: Some(line), ..self }
    }
}

impl fmt::Display for ResultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}; {}", self.problem, self.cure)
    }
}

impl std::error::Error for ResultsError {}
