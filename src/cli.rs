//! The command line. Every value is parsed into its type here, at the edge.

mod baseline;
mod shard;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::delay::Delay;
use crate::report::Format;

pub use baseline::{AcceptArgs, BaselineCommand, HistoryArgs};
pub use shard::{ShardNumber, StartTime};

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
    /// The plan.
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
    /// Replay the random choices of a run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Worker threads; one for each core by default.
    #[arg(long, value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Where to write the measurement; loadgate-measurement.json by default, or loadgate-shard-I-of-N.json for a shard.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
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
    /// Add the merged run to its history.
    #[arg(long, requires = "plan")]
    pub refresh: bool,
    /// Write a report to a file, or to standard output with `-`; repeatable.
    #[arg(long, value_name = "FORMAT=PATH", requires = "plan")]
    pub report: Vec<ReportTarget>,
    /// Whether to post the verdict on the pull request.
    #[arg(long, value_name = "WHEN", default_value = "auto", requires = "plan")]
    pub comment: CommentMode,
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

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArgs {
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
    /// Make the preview's `reserve` slower by this much, as `25%`.
    #[arg(long, value_name = "PERCENT", default_value = "0%")]
    pub slow: Percent,
    /// Let this share of the preview's `reserve` answer 500.
    #[arg(long, value_name = "PERCENT", default_value = "0%")]
    pub fail_rate: Percent,
    /// Replay the random choices of a run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, Args)]
pub struct CalibrateArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// The deployment to load; wins over the plan's `target.url`.
    #[arg(long, value_name = "URL", env = "LOADGATE_TARGET", value_parser = http_url)]
    pub target: Option<Url>,
    /// Another deployment of the same commit: the gates go between the two, and show how much deployments differ.
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub reference: Option<Url>,
    /// Where the baselines are kept, a folder for each plan.
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub baseline: PathBuf,
    /// Gates without a difference, and as many for each slow-down.
    #[arg(long, value_name = "N", default_value = "20")]
    pub gates: std::num::NonZeroU32,
    /// Slow the candidate down, by a share of its time as `10%` or by as much for each request as `5ms`; repeatable.
    #[arg(long, value_name = "AMOUNT", default_value = "10%", value_parser = slow_down)]
    pub slow: Vec<Delay>,
    /// Only gates without a difference.
    #[arg(long, conflicts_with = "slow")]
    pub no_slow: bool,
    /// Runs of the target alone, which show by how much a loaded reference slows it; with a reference only.
    #[arg(long, value_name = "N", default_value = "5")]
    pub alone: u32,
    /// Replay the order and the random choices of a calibration.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Worker threads; one for each core by default.
    #[arg(long, value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Load hosts other than this machine, many times over.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Only serve the demo API, for trying a plan of your own.
    Serve {
        /// The loopback port; a free one by default.
        #[arg(long, value_name = "PORT", default_value = "0")]
        port: u16,
        /// Make a request slower by this much, as `concerts=10%`; without a name it is `reserve`.
        #[arg(long, value_name = "[REQUEST=]PERCENT", default_value = "0%")]
        slow: Slow,
        /// Let this share of `reserve` answer 500.
        #[arg(long, value_name = "PERCENT", default_value = "0%")]
        fail_rate: Percent,
        /// Decides latencies and failures: the n-th request of an endpoint always fares the same.
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommentMode {
    /// Where there is a pull request and a token that may write.
    Auto,
    /// Warn if there is no pull request or no token.
    Always,
    Never,
}

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTarget {
    pub format: Format,
    /// None for standard output.
    pub path: Option<PathBuf>,
}

impl FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((format, path)) = text.split_once('=') else {
            return Err("write FORMAT=PATH, such as markdown=summary.md".into());
        };
        let format = format.parse()?;
        match path {
            "" => Err("the path after `=` is missing; `-` is standard output".into()),
            "-" => Ok(ReportTarget { format, path: None }),
            path => Ok(ReportTarget { format, path: Some(path.into()) }),
        }
    }
}

/// A factor above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(pub f64);

impl FromStr for Factor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Factor(factor)),
            _ => Err("write a number above 0, such as 0.1".into()),
        }
    }
}

/// A share of at least 0, written as `25%` or `25`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl Percent {
    /// 25 % is 0.25.
    pub fn share(self) -> f64 {
        self.0 / 100.0
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>() {
            Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(Percent(percent)),
            _ => Err("write a percentage of at least 0, such as 25%".into()),
        }
    }
}

/// How much slower which request is: `concerts=10%`, or `10%` for the request that the demo is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    pub request: Option<String>,
    pub by: Percent,
}

impl FromStr for Slow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (request, by) = match text.split_once('=') {
            Some((request, by)) => (Some(request.trim().to_owned()), by),
            None => (None, text),
        };
        Ok(Slow { request, by: by.parse()? })
    }
}

/// A share above 0 as `10%`, or a time above 0 as `5ms` or `1s`.
fn slow_down(text: &str) -> Result<Delay, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    let time = |text: &str, second: f64| Duration::try_from_secs_f64(number(text)? / second).ok();
    let read = if let Some(percent) = text.strip_suffix('%') {
        number(percent).map(|percent| Delay::Share(percent / 100.0))
    } else if let Some(milliseconds) = text.strip_suffix("ms") {
        time(milliseconds, 1000.0).map(Delay::Fixed)
    } else {
        text.strip_suffix('s').and_then(|seconds| time(seconds, 1.0)).map(Delay::Fixed)
    };
    read.filter(|delay| *delay != Delay::Fixed(Duration::ZERO))
        .ok_or_else(|| "write a share or a time above 0, such as 10% or 5ms".into())
}

fn http_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|e| format!("{e}; write an address such as https://preview.example"))?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        _ => Err("write an address that begins with http:// or https://".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn report_targets() {
        let cases = [
            ("markdown=summary.md", Some((Format::Markdown, Some("summary.md")))),
            ("json=-", Some((Format::Json, None))),
            ("junit=a=b.xml", Some((Format::Junit, Some("a=b.xml")))),
            ("html=x", None),
            ("text", None),
            ("text=", None),
        ];
        for (text, expected) in cases {
            let parsed = text.parse::<ReportTarget>().ok();
            let expected = expected.map(|(format, path)| ReportTarget { format, path: path.map(PathBuf::from) });
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn percentages_and_factors() {
        for (text, share) in
            [("25%", Some(0.25)), ("0", Some(0.0)), ("12.5 %", Some(0.125)), ("-1%", None), ("x", None)]
        {
            assert_eq!(text.parse::<Percent>().ok().map(Percent::share), share, "{text}");
        }
        for (text, factor) in [("0.1", Some(Factor(0.1))), ("0", None), ("-1", None), ("inf", None), ("", None)] {
            assert_eq!(text.parse::<Factor>().ok(), factor, "{text}");
        }
    }

    #[test]
    fn slow_requests() {
        let slow = |request: Option<&str>, by| Slow { request: request.map(str::to_owned), by: Percent(by) };
        for (text, expected) in [
            ("25%", Some(slow(None, 25.0))),
            ("concerts=10%", Some(slow(Some("concerts"), 10.0))),
            ("concerts = 10 %", Some(slow(Some("concerts"), 10.0))),
            ("concerts", None),
            ("concerts=", None),
            ("concerts=-1%", None),
        ] {
            assert_eq!(text.parse::<Slow>().ok(), expected, "{text}");
        }
    }

    #[test]
    fn slow_downs_are_shares_or_times() {
        let milliseconds = |ms| Some(Delay::Fixed(Duration::from_millis(ms)));
        for (text, delay) in [
            ("10%", Some(Delay::Share(0.1))),
            ("12.5 %", Some(Delay::Share(0.125))),
            ("5ms", milliseconds(5)),
            ("1.5 s", milliseconds(1500)),
            ("0%", None),
            ("0ms", None),
            ("0.0000001ms", None),
            ("-5%", None),
            ("1e30s", None),
            ("NaN%", None),
            ("10", None),
            ("", None),
        ] {
            assert_eq!(slow_down(text).ok(), delay, "{text}");
        }
    }

    #[test]
    fn targets_are_http_addresses() {
        assert!(http_url("https://preview.example").is_ok());
        for text in ["preview.example", "ftp://preview.example", "/path", ""] {
            assert!(http_url(text).is_err(), "{text}");
        }
    }
}
