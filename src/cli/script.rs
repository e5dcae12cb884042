//! Options of k6 scripts, by k6's names.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::{Mebibytes, Pair};

/// What changes a script's run, where the plan is a script or names one.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of k6 scripts")]
pub struct ScriptArgs {
    /// Give the script a variable of `__ENV`; repeatable.
    #[arg(short = 'e', long = "env", value_name = "NAME=VALUE")]
    pub env: Vec<Pair>,
    /// Send requests for an origin of the script to another one; repeatable.
    #[arg(long, value_name = "OLD=NEW")]
    pub map: Vec<Pair>,
    /// Memory that the script of one virtual user may take, in MiB.
    #[arg(long, value_name = "MIB", default_value = "64")]
    pub js_memory: Mebibytes,
    /// Milliseconds that an init context may take: for tests.
    #[arg(long, value_name = "MS", hide = true)]
    pub init_timeout: Option<u64>,
    /// Take remote modules as they are now, and write down their hashes.
    #[arg(long)]
    pub update_lock: bool,
    /// A file with options, as JSON.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write what the script says to a file instead of standard error.
    #[arg(long, value_name = "FILE")]
    pub console_output: Option<PathBuf>,
    /// Write the summary as k6 does.
    #[arg(long, value_name = "FILE")]
    pub summary_export: Option<PathBuf>,
    /// Virtual users.
    #[arg(short = 'u', long)]
    pub vus: Option<u64>,
    /// How long the script runs: 1m30s.
    #[arg(short = 'd', long)]
    pub duration: Option<String>,
    /// Iterations of all virtual users together.
    #[arg(short = 'i', long)]
    pub iterations: Option<u64>,
    /// A stage of ramping VUs: 1m30s:20; repeatable.
    #[arg(short = 's', long = "stage", value_name = "TIME:VUS")]
    pub stages: Vec<String>,
    /// Requests a second, at most.
    #[arg(long)]
    pub rps: Option<u64>,
    /// Redirects followed at most.
    #[arg(long)]
    pub max_redirects: Option<u64>,
    /// A tag of all samples; repeatable.
    #[arg(long = "tag", value_name = "NAME=VALUE")]
    pub tags: Vec<String>,
    /// The header `User-Agent`.
    #[arg(long)]
    pub user_agent: Option<String>,
    /// Don't verify certificates.
    #[arg(long, action = ArgAction::SetTrue)]
    pub insecure_skip_tls_verify: bool,
    /// Every request on a connection of its own.
    #[arg(long, action = ArgAction::SetTrue)]
    pub no_connection_reuse: bool,
    /// Close connections after each iteration.
    #[arg(long = "no-vu-connection-reuse", action = ArgAction::SetTrue)]
    pub no_vu_connection_reuse: bool,
    /// An iteration that is shorter is followed by a pause.
    #[arg(long, value_name = "TIME")]
    pub min_iteration_duration: Option<String>,
    /// Throw what a request fails with.
    #[arg(short = 'w', long, action = ArgAction::SetTrue)]
    pub throw: bool,
    /// Requests of one http.batch at once.
    #[arg(long)]
    pub batch: Option<u64>,
    /// Those of them to one host.
    #[arg(long)]
    pub batch_per_host: Option<u64>,
    /// Read answers' bodies and throw them away.
    #[arg(long, action = ArgAction::SetTrue)]
    pub discard_response_bodies: bool,
    /// Addresses that no request may go to: 10.0.0.0/8; repeatable.
    #[arg(long = "blacklist-ip", value_name = "RANGE")]
    pub blacklist_ips: Vec<String>,
    /// Names that no request may go to; repeatable.
    #[arg(long, value_name = "NAME")]
    pub block_hostnames: Vec<String>,
    /// Figures of trends in k6's summary: avg,p(95).
    #[arg(long, value_name = "LIST")]
    pub summary_trend_stats: Vec<String>,
    /// Unit of times in k6's summary: s, ms or us.
    #[arg(long, value_name = "UNIT")]
    pub summary_time_unit: Option<String>,
    /// Don't run setup().
    #[arg(long, action = ArgAction::SetTrue)]
    pub no_setup: bool,
    /// Don't run teardown().
    #[arg(long, action = ArgAction::SetTrue)]
    pub no_teardown: bool,
    /// Not supported: see --shard.
    #[arg(long, hide = true)]
    pub execution_segment: Option<String>,
    /// Tags that samples carry: url,status …
    #[arg(long, value_name = "LIST")]
    pub system_tags: Vec<String>,
}

impl ScriptArgs {
    /// The arguments that say how much is run, and where. Values of variables may be secrets: their names stand alone.
    pub fn load(&self) -> Vec<String> {
        let mut words = Vec::new();
        for Pair(name, _) in &self.env {
            words.extend(["-e".to_owned(), format!("{name}=...")]);
        }
        for Pair(old, new) in &self.map {
            words.extend(["--map".to_owned(), format!("{old}={new}")]);
        }
        for (option, value) in [("--vus", self.vus), ("--iterations", self.iterations)] {
            words.extend(value.into_iter().flat_map(|value| [option.to_owned(), value.to_string()]));
        }
        words.extend(self.duration.iter().flat_map(|duration| ["--duration".to_owned(), duration.clone()]));
        words.extend(self.stages.iter().flat_map(|stage| ["--stage".to_owned(), stage.clone()]));
        words
    }
}
