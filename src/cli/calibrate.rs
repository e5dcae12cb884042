//! The arguments of `loadgate calibrate`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::Args;
use url::Url;

use crate::delay::Delay;

use super::PlanArgs;
use super::value::{http_url, slow_down};

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
    pub gates: NonZeroU32,
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
    pub workers: Option<NonZeroUsize>,
    /// Load hosts other than this machine, many times over.
    #[arg(long)]
    pub yes: bool,
}
