//! Why there is nothing to load, and the exit code that says so.

use anyhow::anyhow;

use crate::commands::error::CommandError;

/// Why no target was found. Each text names the problem and the cure.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// Nothing names a target, and this is no job that could ask GitHub.
    #[error("{0}")]
    Unnamed(String),
    /// Nothing names a target, and GitHub knows of none, or can't be asked without a token. A fork's run need not be measured
    /// then.
    #[error("{0}")]
    Absent(String),
    /// It may not be loaded, or the plan must say which one is meant.
    #[error("{0}")]
    Refused(String),
    /// It was deployed, and that failed or led nowhere.
    #[error("{0}")]
    Failed(String),
    /// GitHub could not be asked.
    #[error("{0:#}")]
    CouldNotAsk(#[from] anyhow::Error),
}

impl From<NotFound> for CommandError {
    fn from(not_found: NotFound) -> CommandError {
        match not_found {
            NotFound::Unnamed(why) | NotFound::Refused(why) => CommandError::Usage(why),
            NotFound::Absent(why) | NotFound::Failed(why) => CommandError::CouldNotRun(anyhow!(why)),
            NotFound::CouldNotAsk(error) => CommandError::CouldNotRun(error),
        }
    }
}
