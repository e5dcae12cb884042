//! What is to be shown: the gates, and how many of them must say what.

use clap::ValueEnum;
use serde::Serialize;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// Equal deployments, tolerance 5 %.
    Aa,
    /// One request 10 % slower, tolerance 5 %.
    Slow10,
    /// One request 25 % slower, tolerance 5 %.
    Slow25,
    /// One request 5 % slower, tolerance 2 %.
    Slow5,
    /// Equal deployments for ten minutes: neither arm may have it easier.
    Bias,
    All,
}

/// What a gate of a row is, and what the row must come to.
#[derive(Clone, Copy, Debug)]
pub struct Design {
    pub gates: u32,
    /// The length of the load that is judged, before any extension.
    pub seconds: u64,
    pub tolerance_percent: u32,
    /// What the candidate's request takes longer.
    pub slow_percent: u32,
    pub bar: Bar,
}

/// How many gates must, or may, end so.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// Failed gates at most: on a quiet machine, and beside the neighbour.
    FailsAtMost {
        quiet: u32,
        busy: u32,
    },
    FailsAtLeast {
        quiet: u32,
        busy: u32,
    },
    /// No arm has it easier: see [`MEDIAN_BIAS`] and [`P95_BIAS`].
    Unbiased,
}

/// The largest change of a median between equal deployments, as a share.
pub const MEDIAN_BIAS: f64 = 0.003;

/// The largest change of a p95 between equal deployments, in standard errors.
pub const P95_BIAS: f64 = 2.0;

impl Show {
    /// Every row, the longest gate first.
    pub const ROWS: [Show; 5] = [Show::Bias, Show::Aa, Show::Slow10, Show::Slow25, Show::Slow5];

    /// The rows that are asked for.
    pub fn rows(asked: &[Show]) -> Vec<Show> {
        let all = asked.is_empty() || asked.contains(&Show::All);
        Show::ROWS.into_iter().filter(|show| all || asked.contains(show)).collect()
    }

    pub fn design(self) -> Design {
        let design = |gates, seconds, tolerance_percent, slow_percent, bar| Design {
            gates,
            seconds,
            tolerance_percent,
            slow_percent,
            bar,
        };
        match self {
            Show::Aa => design(60, 20, 5, 0, Bar::FailsAtMost { quiet: 1, busy: 2 }),
            Show::Slow10 => design(20, 30, 5, 10, Bar::FailsAtLeast { quiet: 19, busy: 18 }),
            Show::Slow25 => design(20, 15, 5, 25, Bar::FailsAtLeast { quiet: 20, busy: 20 }),
            Show::Slow5 => design(20, 60, 2, 5, Bar::FailsAtLeast { quiet: 18, busy: 16 }),
            Show::Bias | Show::All => design(1, 600, 5, 0, Bar::Unbiased),
        }
    }

    /// As it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Show::Aa => "aa",
            Show::Slow10 => "slow10",
            Show::Slow25 => "slow25",
            Show::Slow5 => "slow5",
            Show::Bias => "bias",
            Show::All => "all",
        }
    }
}
