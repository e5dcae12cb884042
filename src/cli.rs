//! The command line. Every value is parsed into its type here, at the edge.

mod baseline;
mod calibrate;
mod comment;
mod demo;
mod script;
mod shard;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

pub use baseline::{AcceptArgs, BaselineCommand, HistoryArgs, IssueMode, Land, LandingArgs, RefreshArgs};
pub use calibrate::CalibrateArgs;
pub use comment::CommentArgs;
pub use demo::{DemoArgs, DemoCommand};
pub use script::ScriptArgs;
pub use shard::{ShardNumber, StartTime};
pub use value::{Factor, Mebibytes, Output, Pair, Percent, ReportTarget, Slow};

use value::http_url;

/// Gate a pull request on a load test of its preview deployment.
#[derive(Debug, Parser)]
#[command(name = "loadgate", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
    0  pass, or too noisy to prove either way (see `inconclusive` in the plan)
    1  fail: a threshold is broken or a regression is proven
    2  wrong usage or a wrong plan; nothing was sent
    3  not measured: a guard fired
    4  could not run: target not ready, no permission, I/O
  130  interrupted: what was measured is saved, no verdict";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure a deployment, judge it, report.
    Run(RunArgs),
    /// Judge a measurement again, without any load.
    Judge(JudgeArgs),
    /// Describe two measurements side by side; nothing is judged.
    Compare(CompareArgs),
    /// Tell a fork's pull request what its own run claims to have measured; for a workflow on `workflow_run`.
    Comment(CommentArgs),
    /// Add up the measurements of all shards of a run; with a plan, judge and report them.
    Merge(MergeArgs),
    /// Keep the history that runs are compared with.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Check a plan without sending anything.
    Validate(ValidateArgs),
    /// Print the JSON Schema of the plan.
    Schema,
    /// Write a plan and workflows that suit this folder.
    Init(InitArgs),
    /// Show the whole job on this machine: an API and its preview under the same load, a verdict, a comment.
    Demo(DemoArgs),
    /// Find out how often this plan's gate cries wolf here, and what it finds: gates without a difference, and with seeded ones.
    Calibrate(CalibrateArgs),
}

/// The plan and what changes it.
#[derive(Clone, Debug, Args)]
pub struct PlanArgs {
    /// The plan, or a k6 script (.js, .ts).
    #[arg(value_name = "PLAN", default_value = "loadgate.yml")]
    pub plan: PathBuf,
    /// Apply the overrides that the plan keeps under this name.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Multiply VUs and rates by this factor.
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    pub scale_load: Factor,
    /// Multiply durations, think times, polls and delays by this factor.
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    pub scale_time: Factor,
    #[command(flatten)]
    pub script: ScriptArgs,
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub struct MeasureArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// The deployment to load; wins over the plan's `target.url`.
    #[arg(long, value_name = "URL", env = "LOADGATE_TARGET", value_parser = http_url)]
    pub target: Option<Url>,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub baseline: PathBuf,
    /// In a GitHub job, the branch whose baselines win over those of the checkout, and on which refreshed ones land; empty for
    /// none.
    #[arg(long, value_name = "NAME", default_value = "loadgate-baselines")]
    pub baseline_branch: String,
    /// Replay the random choices of a run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Worker threads; one for each core by default.
    #[arg(long, value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Where to write the measurement; loadgate-measurement.json by default, or loadgate-shard-I-of-N.json for a shard. With
    /// json=FILE, where to write each sample of a k6 script; repeatable.
    #[arg(long, value_name = "FILE")]
    pub out: Vec<Output>,
    /// Write a report to a file, or to standard output with `-`; repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<ReportTarget>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// The base deployment: it gets the same load in the same run, and the target is compared with it.
    #[arg(long, value_name = "URL", env = "LOADGATE_REFERENCE", value_parser = http_url)]
    pub reference: Option<Url>,
    /// Whether to post the verdict on the pull request.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub comment: CommentMode,
    /// Whether to write the verdict as a check run of the commit.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub check: CheckMode,
    /// Measure once, even if the runner spoils the run; else such a run is repeated once.
    #[arg(long)]
    pub no_repeat: bool,
    /// Do this process's share of the load: shard I of N, I from 1; or index:I/N, I from 0.
    #[arg(long, value_name = "I/N", requires = "start_at")]
    pub shard: Option<ShardNumber>,
    /// When the load of all shards begins: as 2026-10-01T12:00:00Z, or in seconds since 1970. It is also their seed by default.
    #[arg(long, value_name = "TIME", requires = "shard")]
    pub start_at: Option<StartTime>,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The measurements of the shards; a folder stands for every .json file beneath it.
    #[arg(value_name = "SHARD", required = true)]
    pub shards: Vec<PathBuf>,
    /// Where to write the merged measurement.
    #[arg(long, value_name = "FILE", default_value = "loadgate-measurement.json")]
    pub out: PathBuf,
    /// The plan whose thresholds and gate judge; without it nothing is judged.
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines", requires = "plan")]
    pub baseline: PathBuf,
    /// In a GitHub job, the branch whose baselines win over those of the checkout, and on which refreshed ones land; empty for
    /// none.
    #[arg(long, value_name = "NAME", default_value = "loadgate-baselines", requires = "plan")]
    pub baseline_branch: String,
    /// Add the merged run to its history.
    #[arg(long, requires = "plan")]
    pub refresh: bool,
    #[command(flatten)]
    pub landing: LandingArgs,
    /// Write a report to a file, or to standard output with `-`; repeatable.
    #[arg(long, value_name = "FORMAT=PATH", requires = "plan")]
    pub report: Vec<ReportTarget>,
    /// Whether to post the verdict on the pull request.
    #[arg(long, value_name = "WHEN", default_value = "auto", requires = "plan")]
    pub comment: CommentMode,
    /// Whether to write the verdict as a check run of the commit.
    #[arg(long, value_name = "WHEN", default_value = "auto", requires = "plan")]
    pub check: CheckMode,
}

#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The measurement that a run wrote.
    pub measurement: PathBuf,
    /// The plan whose thresholds and gate judge.
    #[arg(long, value_name = "PLAN", default_value = "loadgate.yml")]
    pub plan: PathBuf,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub baseline: PathBuf,
    /// The base's measurement, of the same load at the same time; one that the file itself holds needs none.
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// An earlier run of the same commit that failed against its history: only what fails in both is a confirmed regression.
    #[arg(long, value_name = "FILE")]
    pub confirms: Option<PathBuf>,
    /// Write a report to a file, or to standard output with `-`; repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<ReportTarget>,
}

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The measurement before; alone, a paired run whose reference stands beside its candidate.
    pub old: PathBuf,
    /// The measurement after.
    pub new: Option<PathBuf>,
    /// Which arm of paired runs.
    #[arg(long, value_enum, default_value = "candidate", requires = "new")]
    pub arm: ArmChoice,
    /// Write a report to a file, or to standard output with `-`: text, markdown or json; repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<ReportTarget>,
}

/// One of the deployments of a paired run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArmChoice {
    Candidate,
    Reference,
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to look at and write to.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Overwrite files that are there already.
    #[arg(long)]
    pub force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommentMode {
    /// Where there is a pull request and a token that may write.
    Auto,
    /// Warn if there is no pull request or no token.
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckMode {
    /// Where there is a token that may, and the run is no fork's.
    Auto,
    /// Warn if it can't be written.
    Always,
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
