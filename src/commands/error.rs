//! Why a command could not do its job, and the exit code that says so.

use super::exit::Exit;

/// A failed request or a broken threshold is no error: those are data.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The plan or the command line is wrong; nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The job could not be done: target not ready, no permission, I/O.
    #[error("{0:#}")]
    CouldNotRun(#[from] anyhow::Error),
}

impl CommandError {
    /// The exit code of the contract.
    pub fn exit(&self) -> Exit {
        match self {
            CommandError::Usage(_) => Exit::Usage,
            CommandError::CouldNotRun(_) => Exit::CouldNotRun,
        }
    }
}
