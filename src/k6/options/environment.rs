//! Options of the environment: the variables `K6_*` that k6's documentation names.

use std::time::Duration;

use super::json::{extended_duration, whole_number};
use super::read::{system_tags, time_unit, trend_stats};
use super::scenario::short_stage;
use super::{Given, OptionError, Options, Problems, network};

/// Variables that k6 knows and that change nothing here, and why.
const IGNORED: [(&str, &str); 9] = [
    ("K6_PAUSED", "a run begins at once"),
    ("K6_HTTP_DEBUG", "the first failures of each request are shown anyway"),
    ("K6_DNS", "names are resolved as the system says"),
    ("K6_LOCAL_IPS", "connections come from the address that the system takes"),
    ("K6_TLS_CIPHER_SUITES", "all suites of TLS 1.2 and 1.3 that are safe are offered"),
    ("K6_TLSAUTH", "write `tlsAuth` into the script's options"),
    ("K6_THRESHOLDS", "write `thresholds` into the script's options, or into the plan"),
    ("K6_HOSTS", "write `hosts` into the script's options, or `target.hosts` into the plan"),
    ("K6_METRIC_SAMPLES_BUFFER_SIZE", "no samples are buffered"),
];

/// Reads variables, each once.
struct Variables<'a> {
    env: &'a dyn Fn(&str) -> Option<String>,
    problems: Problems,
}

impl Variables<'_> {
    /// The variable's value; an empty one is as none.
    fn text(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    fn number(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name)?;
        let number = whole_number(&text);
        number
            .map_err(|help| self.problems.add(name, format!("`{text}` is not a whole number of at least 0"), help))
            .ok()
    }

    fn duration(&mut self, name: &str) -> Option<Duration> {
        let text = self.text(name)?;
        let duration = extended_duration(&text);
        duration.map_err(|help| self.problems.add(name, format!("`{text}` is not a duration"), help)).ok()
    }

    fn timeout(&mut self, name: &str) -> Option<Duration> {
        let timeout = self.duration(name)?;
        if timeout.is_zero() {
            self.problems.add(name, "nothing can be done in no time", "write 5m, say");
        }
        Some(timeout)
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.text(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            "null" => None,
            other => {
                self.problems.add(name, format!("`{other}` is not true or false"), "write `true` or `false`");
                None
            }
        }
    }

    /// Items between commas.
    fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(self.text(name)?.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect())
    }

    /// `name:value` between commas.
    fn pairs(&mut self, name: &str) -> Option<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        for item in self.list(name)? {
            match item.split_once(':') {
                Some((key, value)) => pairs.push((key.to_owned(), value.to_owned())),
                None => self.problems.add(name, format!("`{item}` has no value"), "write name:value,other:value"),
            }
        }
        Some(pairs)
    }

    fn given<T>(name: &str, value: Option<T>) -> Option<Given<T>> {
        Some(Given { value: value?, place: name.to_owned() })
    }
}

impl Options {
    /// Reads the variables `K6_*` that are options.
    ///
    /// # Errors
    /// Values that can't be read, all of them.
    pub fn of_environment(env: &dyn Fn(&str) -> Option<String>) -> Result<Options, Vec<OptionError>> {
        let mut variables = Variables { env, problems: Problems::default() };
        let mut options = Options::default();
        variables.load(&mut options);
        variables.requests(&mut options);
        variables.connections(&mut options);
        variables.summary(&mut options);
        for (name, reason) in IGNORED {
            if variables.text(name).is_some() {
                variables.problems.warn(format!("{name}: this variable changes nothing here: {reason}"));
            }
        }
        variables.problems.or(options)
    }
}

impl Variables<'_> {
    fn load(&mut self, options: &mut Options) {
        options.vus = Self::given("K6_VUS", self.number("K6_VUS"));
        options.duration = Self::given("K6_DURATION", self.duration("K6_DURATION"));
        options.iterations = Self::given("K6_ITERATIONS", self.number("K6_ITERATIONS"));
        let stages = self
            .list("K6_STAGES")
            .map(|stages| stages.iter().map(|stage| short_stage(stage, "K6_STAGES", &mut self.problems)).collect());
        options.stages = Self::given("K6_STAGES", stages);
        options.no_setup = self.boolean("K6_NO_SETUP");
        options.setup_timeout = self.timeout("K6_SETUP_TIMEOUT");
        options.no_teardown = self.boolean("K6_NO_TEARDOWN");
        options.teardown_timeout = self.timeout("K6_TEARDOWN_TIMEOUT");
        options.handle_summary_timeout = self.timeout("K6_HANDLE_SUMMARY_TIMEOUT");
    }

    fn requests(&mut self, options: &mut Options) {
        options.rps = self.number("K6_RPS");
        options.max_redirects = self.number("K6_MAX_REDIRECTS");
        options.user_agent = self.text("K6_USER_AGENT");
        options.batch = self.number("K6_BATCH");
        options.batch_per_host = self.number("K6_BATCH_PER_HOST");
        options.throw = self.boolean("K6_THROW");
        options.no_cookies_reset = self.boolean("K6_NO_COOKIES_RESET");
        options.discard_response_bodies = self.boolean("K6_DISCARD_RESPONSE_BODIES");
        options.min_iteration_duration = self.duration("K6_MIN_ITERATION_DURATION");
    }

    fn connections(&mut self, options: &mut Options) {
        options.insecure_skip_tls_verify = self.boolean("K6_INSECURE_SKIP_TLS_VERIFY");
        options.no_connection_reuse = self.boolean("K6_NO_CONNECTION_REUSE");
        options.no_vu_connection_reuse = self.boolean("K6_NO_VU_CONNECTION_REUSE");
        let problems = &mut self.problems;
        let list = |name| (self.env)(name).filter(|value| !value.is_empty());
        options.blacklist_ips = list("K6_BLACKLIST_IPS").map(|blocks| {
            blocks
                .split(',')
                .filter_map(|block| network::ip_range(block.trim(), "K6_BLACKLIST_IPS", problems))
                .collect()
        });
        options.block_hostnames = list("K6_BLOCK_HOSTNAMES").map(|names| {
            names
                .split(',')
                .filter_map(|name| network::name_pattern(name.trim(), "K6_BLOCK_HOSTNAMES", problems))
                .collect()
        });
    }

    fn summary(&mut self, options: &mut Options) {
        options.tags = self.pairs("K6_TAGS");
        let tags = self.list("K6_SYSTEM_TAGS");
        options.system_tags = tags.map(|tags| system_tags(tags, "K6_SYSTEM_TAGS", &mut self.problems));
        options.summary_trend_stats = self.list("K6_SUMMARY_TREND_STATS");
        let stats = options.summary_trend_stats.as_deref().unwrap_or_default();
        trend_stats(stats, "K6_SUMMARY_TREND_STATS", &mut self.problems);
        let unit = self.text("K6_SUMMARY_TIME_UNIT");
        options.summary_time_unit = time_unit(unit, "K6_SUMMARY_TIME_UNIT", &mut self.problems);
    }
}
