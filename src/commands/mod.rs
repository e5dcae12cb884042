//! The commands: one file each, and what they share.

mod baseline;
mod calibrate;
mod ci;
mod comment;
mod compare;
mod conclude;
mod demo;
mod error;
mod exit;
mod fork;
mod history;
mod init;
mod judge;
mod log;
mod measuring;
mod merge;
mod outputs;
mod plan_file;
mod policy;
mod preview;
mod publish;
mod report_files;
mod repository;
mod run;
mod runner;
mod script;
mod script_summary;
mod shard;
mod subject;
mod validate;

use std::io::{self, Write};

use crate::cli::{Cli, Command};
use crate::plan;

pub use error::CommandError;
pub use exit::Exit;
pub use log::harmless;

/// Runs the command that was asked for.
///
/// # Errors
/// Wrong usage, a wrong plan, or a job that could not be done. A failed gate is no error but an [`Exit`].
pub fn run(cli: Cli) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Judge(args) => judge::judge(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Comment(args) => comment::comment(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Baseline(command) => baseline::baseline(&command),
        Command::Validate(args) => validate::validate(&args),
        Command::Schema => print(&format!("{:#}\n", plan::schema())),
        Command::Init(args) => {
            let summary = init::init(&args.folder, args.force).map_err(|error| match error {
                init::InitError::Exists(_) => CommandError::Usage(error.to_string()),
                _ => CommandError::CouldNotRun(error.into()),
            })?;
            print(&format!("{summary}\n"))
        }
        Command::Demo(args) => demo::demo(&args),
        Command::Calibrate(args) => calibrate::calibrate(&args),
    }
}

/// A variable of the environment; one that is no Unicode counts as not set.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes to standard output. A reader that has closed its end has read enough.
fn print(text: &str) -> Result<Exit, CommandError> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::CouldNotRun(anyhow::Error::new(error).context("standard output can't be written")))
        }
        _ => Ok(Exit::Pass),
    }
}
