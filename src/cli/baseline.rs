//! The commands that keep a history.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::MeasureArgs;

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Measure a deployment and add the run to its history.
    Refresh(Box<RefreshArgs>),
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

#[derive(Debug, Args)]
pub struct RefreshArgs {
    #[command(flatten)]
    pub measure: MeasureArgs,
    #[command(flatten)]
    pub landing: LandingArgs,
}

/// What becomes of a refreshed run in a GitHub job.
#[derive(Clone, Copy, Debug, Args)]
pub struct LandingArgs {
    /// Where a refreshed run goes besides the folder; `branch` by default in a GitHub job with a token that is no pull request's,
    /// else `none`.
    #[arg(long, value_name = "WHERE")]
    pub land: Option<Land>,
    /// Whether to open an issue, after a refresh, for a step, a drift or a suspect run.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub issue: IssueMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Land {
    /// The branch of the baselines, which is made if there is none.
    Branch,
    /// A commit on the default branch.
    Commit,
    /// A pull request, updated in place while it is open.
    PullRequest,
    /// The folder alone.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IssueMode {
    /// In a GitHub job with a token that is no pull request's.
    Auto,
    Never,
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
