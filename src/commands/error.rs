//! Why a command could not do its job, and the exit code that says so.

use std::fmt;

use super::exit::Exit;

/// A failed request or a broken threshold is no error: those are data.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The plan or the command line is wrong; nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The job could not be done: target not ready, no permission, I/O.
    #[error("{}", Chain(.0))]
    CouldNotRun(#[from] anyhow::Error),
}

/// An error with its causes on one line. Many an error tells its cause itself: nothing is said twice.
struct Chain<'a>(&'a anyhow::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        for cause in self.0.chain().skip(1).map(ToString::to_string) {
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        f.write_str(&text)
    }
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

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let full = || io::Error::other("the disk is full");
        let told = CommandError::from(anyhow!(full()).context("a.json can't be written: the disk is full; free some"));
        assert_eq!(told.to_string(), "a.json can't be written: the disk is full; free some");
        let untold = CommandError::from(anyhow!(full()).context("a.json can't be written"));
        assert_eq!(untold.to_string(), "a.json can't be written: the disk is full");
    }
}
