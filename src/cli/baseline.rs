//! The commands that keep a history.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::MeasureArgs;

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Measure a deployment and add the run to its history.
    Refresh(MeasureArgs),
    /// List the runs of a plan, what they count for, and how their figures went.
    Show {
        #[command(flatten)]
        history: HistoryArgs,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a run for the new normal: the window starts with it.
    Accept(AcceptArgs),
    /// Remove the oldest runs, for each contract on its own.
    Prune {
        #[command(flatten)]
        history: HistoryArgs,
        /// Runs to keep.
        #[arg(long, value_name = "N", default_value = "60")]
        keep: usize,
    },
}

/// Whose history.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The plan.
    #[arg(value_name = "PLAN", default_value = "loadgate.yml")]
    pub plan: PathBuf,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub baseline: PathBuf,
}

#[derive(Debug, Args)]
pub struct AcceptArgs {
    #[command(flatten)]
    pub history: HistoryArgs,
    /// Why this is the new normal; kept with the run.
    #[arg(long, value_name = "TEXT", value_parser = not_empty)]
    pub why: String,
    /// The run, by its file or its commit; by default the one that the window waits for, or that is suspect.
    #[arg(long, value_name = "FILE|COMMIT", value_parser = not_empty)]
    pub run: Option<String>,
    /// Who accepts it; by default the name in git's configuration, then GITHUB_ACTOR, then USER.
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    pub by: Option<String>,
}

fn not_empty(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it must not be empty".into()),
        text => Ok(text.into()),
    }
}
