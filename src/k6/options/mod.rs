//! k6's options: read from a script, a config file, the environment and the command line, merged by k6's rules, and turned
//! into what the plan takes from a script.

mod command_line;
mod consolidated;
mod environment;
mod execution;
mod go_duration;
mod json;
mod network;
mod read;
mod scenario;
mod script;
mod shortcuts;
#[cfg(test)]
mod tests;
mod thresholds;

use std::fmt;
use std::time::Duration;

use crate::plan::hosts::{Hosts, NamePattern};
use crate::plan::script::{ClientCertificate, IpRange};
use crate::plan::target::TlsVersions;

pub use command_line::CliOptions;
pub use scenario::{ScenarioOptions, StageOptions};
pub use script::Exports;
pub use thresholds::ThresholdOptions;

/// Options of one source, or merged. What a source does not say is none.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub vus: Option<Given<u64>>,
    pub duration: Option<Given<Duration>>,
    pub iterations: Option<Given<u64>>,
    pub stages: Option<Given<Vec<StageOptions>>>,
    /// In the order in which they are written.
    pub scenarios: Option<Given<Vec<ScenarioOptions>>>,
    /// In the order in which they are written.
    pub thresholds: Option<Vec<ThresholdOptions>>,

    pub no_setup: Option<bool>,
    pub setup_timeout: Option<Duration>,
    pub no_teardown: Option<bool>,
    pub teardown_timeout: Option<Duration>,
    pub handle_summary_timeout: Option<Duration>,

    pub hosts: Option<Hosts>,
    pub block_hostnames: Option<Vec<NamePattern>>,
    pub blacklist_ips: Option<Vec<IpRange>>,
    pub insecure_skip_tls_verify: Option<bool>,
    pub tls_version: Option<TlsVersions>,
    pub tls_auth: Option<Vec<ClientCertificate>>,
    pub no_connection_reuse: Option<bool>,
    pub no_vu_connection_reuse: Option<bool>,

    pub discard_response_bodies: Option<bool>,
    pub user_agent: Option<String>,
    pub throw: Option<bool>,
    pub max_redirects: Option<u64>,
    pub batch: Option<u64>,
    pub batch_per_host: Option<u64>,
    /// 0: no limit.
    pub rps: Option<u64>,
    pub no_cookies_reset: Option<bool>,
    pub min_iteration_duration: Option<Duration>,

    pub tags: Option<Vec<(String, String)>>,
    pub system_tags: Option<Vec<String>>,
    pub summary_trend_stats: Option<Vec<String>>,
    pub summary_time_unit: Option<String>,

    /// What is left out or overridden, although nothing is wrong.
    pub warnings: Vec<String>,
}

/// A value, and where it is written: `options.stages`, `K6_VUS`, `--duration`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T> {
    pub value: T,
    pub place: String,
}

/// What is wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// `options.scenarios.load.stages[1].duration`, `K6_VUS`, `--stage`.
    pub place: String,
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

impl std::error::Error for OptionError {}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.help)
    }
}

/// Errors of options, so that one does not hide the next.
#[derive(Debug, Default)]
struct Problems {
    errors: Vec<OptionError>,
    warnings: Vec<String>,
}

impl Problems {
    fn add(&mut self, place: &str, problem: impl Into<String>, help: impl Into<String>) {
        self.errors.push(OptionError { place: place.to_owned(), problem: problem.into(), help: help.into() });
    }

    fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// The options with their warnings, if nothing is wrong.
    fn or(self, mut options: Options) -> Result<Options, Vec<OptionError>> {
        options.warnings.extend(self.warnings);
        if self.errors.is_empty() { Ok(options) } else { Err(self.errors) }
    }
}

impl Options {
    /// Merges the four sources: the command line goes before the environment, that before the script, and that before the
    /// config file.
    pub fn merged(config: Options, script: Options, environment: Options, command_line: Options) -> Options {
        let options = script.over(config, "the script");
        let options = environment.over(options, "the environment");
        command_line.over(options, "the command line")
    }

    /// Lays these options over lower ones. Whoever says `duration`, `iterations`, `stages` or `scenarios` says how much is
    /// run: all four of the lower ones are forgotten then. `vus` alone is none of them.
    fn over(self, mut lower: Options, level: &str) -> Options {
        let says_load =
            self.duration.is_some() || self.iterations.is_some() || self.stages.is_some() || self.scenarios.is_some();
        let mut warnings = std::mem::take(&mut lower.warnings);
        if says_load {
            if let Some(scenarios) = &lower.scenarios {
                warnings.push(format!("{level} says how much is run, so that `{}` is not used", scenarios.place));
            }
            lower.duration = None;
            lower.iterations = None;
            lower.stages = None;
            lower.scenarios = None;
        }
        warnings.extend(self.warnings);
        Options {
            vus: self.vus.or(lower.vus),
            duration: self.duration.or(lower.duration),
            iterations: self.iterations.or(lower.iterations),
            stages: self.stages.or(lower.stages),
            scenarios: self.scenarios.or(lower.scenarios),
            thresholds: self.thresholds.or(lower.thresholds),
            no_setup: self.no_setup.or(lower.no_setup),
            setup_timeout: self.setup_timeout.or(lower.setup_timeout),
            no_teardown: self.no_teardown.or(lower.no_teardown),
            teardown_timeout: self.teardown_timeout.or(lower.teardown_timeout),
            handle_summary_timeout: self.handle_summary_timeout.or(lower.handle_summary_timeout),
            hosts: self.hosts.or(lower.hosts),
            block_hostnames: self.block_hostnames.or(lower.block_hostnames),
            blacklist_ips: self.blacklist_ips.or(lower.blacklist_ips),
            insecure_skip_tls_verify: self.insecure_skip_tls_verify.or(lower.insecure_skip_tls_verify),
            tls_version: self.tls_version.or(lower.tls_version),
            tls_auth: self.tls_auth.or(lower.tls_auth),
            no_connection_reuse: self.no_connection_reuse.or(lower.no_connection_reuse),
            no_vu_connection_reuse: self.no_vu_connection_reuse.or(lower.no_vu_connection_reuse),
            discard_response_bodies: self.discard_response_bodies.or(lower.discard_response_bodies),
            user_agent: self.user_agent.or(lower.user_agent),
            throw: self.throw.or(lower.throw),
            max_redirects: self.max_redirects.or(lower.max_redirects),
            batch: self.batch.or(lower.batch),
            batch_per_host: self.batch_per_host.or(lower.batch_per_host),
            rps: self.rps.or(lower.rps),
            no_cookies_reset: self.no_cookies_reset.or(lower.no_cookies_reset),
            min_iteration_duration: self.min_iteration_duration.or(lower.min_iteration_duration),
            // An empty map is as none.
            tags: self.tags.filter(|tags| !tags.is_empty()).or(lower.tags),
            system_tags: self.system_tags.or(lower.system_tags),
            summary_trend_stats: self.summary_trend_stats.or(lower.summary_trend_stats),
            summary_time_unit: self.summary_time_unit.or(lower.summary_time_unit),
            warnings,
        }
    }
}
