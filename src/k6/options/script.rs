//! From merged options to what a plan takes from a script.

use std::collections::BTreeSet;
use std::time::Duration;

use super::execution::compiled;
use super::shortcuts::scenarios;
use super::{OptionError, Options, Problems};
use crate::plan::CustomMetric;
use crate::plan::script::{Network, RequestOptions, Script, SummaryOptions};

/// k6's time limit of `setup` and `teardown`.
const BRACKET_TIMEOUT: Duration = Duration::from_secs(60);

/// What a script's init code has shown.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    /// Where the script is, as it is shown.
    pub path: String,
    /// Hash of the script and of all that it reads, in hexadecimal.
    pub digest: String,
    /// Names of the exported functions, `default` among them.
    pub functions: BTreeSet<String>,
    /// The metrics that it made, in their order.
    pub metrics: Vec<CustomMetric>,
    /// Origins (`https://host:port`) that its text names.
    pub origins: Vec<String>,
}

impl Options {
    /// What the plan takes from the script.
    ///
    /// # Errors
    /// All that k6 refuses too: impossible loads, functions that are not exported, thresholds on metrics that there are not.
    pub fn into_script(self, exports: &Exports) -> Result<Script, Vec<OptionError>> {
        let mut problems = Problems { errors: Vec::new(), warnings: self.warnings.clone() };
        let exported = |function: &str| exports.functions.contains(function);
        let load = scenarios(&self, &mut problems);
        let load = load.iter().filter_map(|scenario| compiled(scenario, &exported, &mut problems)).collect();
        let mut thresholds = Vec::new();
        for threshold in self.thresholds.iter().flatten() {
            match threshold.compiled(&exports.metrics) {
                Ok(threshold) => thresholds.push(threshold),
                Err(error) if problems.errors.contains(&error) => {}
                Err(error) => problems.errors.push(error),
            }
        }
        let bracket = |function: &str, off: Option<bool>, timeout: Option<Duration>| {
            let runs = exported(function) && off != Some(true);
            runs.then(|| timeout.unwrap_or(BRACKET_TIMEOUT))
        };
        let setup = bracket("setup", self.no_setup, self.setup_timeout);
        let teardown = bracket("teardown", self.no_teardown, self.teardown_timeout);
        let (network, requests, summary) = (self.network(), self.requests(&mut problems), self.summary());
        if !problems.errors.is_empty() {
            return Err(problems.errors);
        }
        let tags = self.tags.unwrap_or_default();
        Ok(Script {
            path: exports.path.clone(),
            digest: exports.digest.clone(),
            scenarios: load,
            thresholds,
            metrics: exports.metrics.clone(),
            setup,
            teardown,
            network,
            requests,
            summary,
            tags: tags.into_iter().map(|(tag, value)| (tag.into(), value.into())).collect(),
            system_tags: self.system_tags,
            origins: exports.origins.clone(),
            warnings: problems.warnings,
        })
    }

    fn network(&self) -> Network {
        Network {
            hosts: self.hosts.clone().unwrap_or_default(),
            block_hostnames: self.block_hostnames.clone().unwrap_or_default(),
            blacklist_ips: self.blacklist_ips.clone().unwrap_or_default(),
            insecure_skip_tls_verify: self.insecure_skip_tls_verify.unwrap_or_default(),
            tls_versions: self.tls_version,
            tls_auth: self.tls_auth.clone().unwrap_or_default(),
            no_connection_reuse: self.no_connection_reuse.unwrap_or_default(),
            no_vu_connection_reuse: self.no_vu_connection_reuse.unwrap_or_default(),
        }
    }

    fn requests(&self, problems: &mut Problems) -> RequestOptions {
        let default = RequestOptions::default();
        if self.batch == Some(0) {
            problems.add("options.batch", "a batch of 0 requests at once sends nothing", "write 1 or more");
        }
        let at_most = |number: Option<u64>, default: u32| {
            number.map_or(default, |number| u32::try_from(number).unwrap_or(u32::MAX))
        };
        RequestOptions {
            discard_response_bodies: self.discard_response_bodies.unwrap_or_default(),
            user_agent: self.user_agent.clone(),
            throw: self.throw.unwrap_or_default(),
            max_redirects: at_most(self.max_redirects, default.max_redirects),
            batch: at_most(self.batch, default.batch),
            batch_per_host: at_most(self.batch_per_host, default.batch_per_host),
            rps: self.rps.filter(|rps| *rps > 0).map(|rps| at_most(Some(rps), 0)),
            no_cookies_reset: self.no_cookies_reset.unwrap_or_default(),
            min_iteration_duration: self.min_iteration_duration.filter(|duration| !duration.is_zero()),
        }
    }

    fn summary(&self) -> SummaryOptions {
        let default = SummaryOptions::default();
        SummaryOptions {
            trend_stats: self.summary_trend_stats.clone().unwrap_or(default.trend_stats),
            time_unit: self.summary_time_unit.clone(),
            timeout: self.handle_summary_timeout.unwrap_or(default.timeout),
        }
    }
}
