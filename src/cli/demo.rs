//! The arguments of `loadgate demo`.

use clap::{Args, Subcommand};

use super::value::{Percent, Slow};

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
