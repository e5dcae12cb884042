//! From an object to options: what a script exports, and what a config file holds.

use serde_json::Value;

use super::json::At;
use super::scenario::{given, scenarios, spelt, stages};
use super::thresholds::thresholds;
use super::{OptionError, Options, Problems, network};
use crate::plan::error::nearest;

/// Options that mean something here.
const KNOWN: [&str; 34] = [
    "vus",
    "duration",
    "iterations",
    "stages",
    "scenarios",
    "thresholds",
    "noSetup",
    "setupTimeout",
    "noTeardown",
    "teardownTimeout",
    "handleSummaryTimeout",
    "hosts",
    "blockHostnames",
    "blacklistIPs",
    "insecureSkipTLSVerify",
    "tlsVersion",
    "tlsAuth",
    "noConnectionReuse",
    "noVUConnectionReuse",
    "discardResponseBodies",
    "userAgent",
    "throw",
    "maxRedirects",
    "batch",
    "batchPerHost",
    "rps",
    "noCookiesReset",
    "minIterationDuration",
    "tags",
    "systemTags",
    "summaryTrendStats",
    "summaryTimeUnit",
    "executionSegment",
    "executionSegmentSequence",
];

/// Options of k6's that are read and change nothing, and why; some of them in a config file alone.
const IGNORED: [(&str, &str); 20] = [
    ("paused", "a run begins at once"),
    ("httpDebug", "the first failures of each request are shown anyway"),
    ("dns", "names are resolved as the system says"),
    ("tlsCipherSuites", "all suites of TLS 1.2 and 1.3 that are safe are offered"),
    ("metricSamplesBufferSize", "no samples are buffered"),
    ("ext", "it is for other services"),
    ("cloud", "it is for Grafana Cloud, which takes no part"),
    ("features", ""),
    ("out", ""),
    ("outputs", ""),
    ("collectors", ""),
    ("linger", ""),
    ("noUsageReport", ""),
    ("webDashboard", ""),
    ("noArchiveUpload", ""),
    ("noSummary", ""),
    ("summaryExport", ""),
    ("consoleOutput", ""),
    ("localIPs", "connections come from the address that the system takes"),
    ("externalAuth", ""),
];

/// k6's system tags.
pub(super) const SYSTEM_TAGS: [&str; 18] = [
    "proto",
    "subproto",
    "status",
    "method",
    "url",
    "name",
    "group",
    "check",
    "error",
    "error_code",
    "tls_version",
    "scenario",
    "service",
    "expected_response",
    "iter",
    "vu",
    "ocsp_status",
    "ip",
];

impl Options {
    /// Reads what a script exports as `options`.
    ///
    /// # Errors
    /// Values of another type, all of them; unknown options are warnings.
    pub fn of_script(options: &Value) -> Result<Options, Vec<OptionError>> {
        Options::of_object(options, "options")
    }

    /// Reads a config file, which has the shape of `options`; its name begins the places of errors.
    ///
    /// # Errors
    /// As for a script.
    pub fn of_config(options: &Value, file: &str) -> Result<Options, Vec<OptionError>> {
        Options::of_object(options, file)
    }

    fn of_object(object: &Value, place: &str) -> Result<Options, Vec<OptionError>> {
        let mut options = Options::default();
        let mut problems = Problems::default();
        if object.is_null() {
            return Ok(options);
        }
        for (name, at) in At::root(object, place).fields(&mut problems).unwrap_or_default() {
            match spelt(name, KNOWN) {
                Some(option) => options.set(option, &at, &mut problems),
                None => unknown(name, &at, &mut problems),
            }
        }
        problems.or(options)
    }

    /// Reads one option.
    fn set(&mut self, option: &str, at: &At<'_>, problems: &mut Problems) {
        match option {
            "vus" => self.vus = given(at, At::number, problems),
            "duration" => self.duration = given(at, At::duration, problems),
            "iterations" => self.iterations = given(at, At::number, problems),
            "stages" => self.stages = given(at, |at, problems| stages(at, false, problems), problems),
            "scenarios" => self.scenarios = given(at, scenarios, problems),
            "thresholds" => self.thresholds = thresholds(at, problems),
            "noSetup" => self.no_setup = at.boolean(problems),
            "setupTimeout" => self.setup_timeout = timeout(at, problems),
            "noTeardown" => self.no_teardown = at.boolean(problems),
            "teardownTimeout" => self.teardown_timeout = timeout(at, problems),
            "handleSummaryTimeout" => self.handle_summary_timeout = timeout(at, problems),
            "discardResponseBodies" => self.discard_response_bodies = at.boolean(problems),
            "userAgent" => self.user_agent = at.text(problems),
            "throw" => self.throw = at.boolean(problems),
            "maxRedirects" => self.max_redirects = at.number(problems),
            "batch" => self.batch = at.number(problems),
            "batchPerHost" => self.batch_per_host = at.number(problems),
            "rps" => self.rps = at.number(problems),
            "noCookiesReset" => self.no_cookies_reset = at.boolean(problems),
            "minIterationDuration" => self.min_iteration_duration = at.duration(problems),
            "tags" => self.tags = at.pairs(problems),
            "systemTags" => {
                self.system_tags = at.texts(problems).map(|tags| system_tags(tags, &at.place, problems));
            }
            "summaryTrendStats" => {
                self.summary_trend_stats = at.texts(problems);
                trend_stats(self.summary_trend_stats.as_deref().unwrap_or_default(), &at.place, problems);
            }
            "summaryTimeUnit" => self.summary_time_unit = time_unit(at.text(problems), &at.place, problems),
            "executionSegment" | "executionSegmentSequence" => segment(&at.place, problems),
            network => self.set_network(network, at, problems),
        }
    }

    fn set_network(&mut self, option: &str, at: &At<'_>, problems: &mut Problems) {
        match option {
            "hosts" => self.hosts = network::hosts(at, problems),
            "blockHostnames" => {
                let names = at.texts(problems);
                let read = |names: Vec<String>| {
                    names.iter().filter_map(|name| network::name_pattern(name, &at.place, problems)).collect()
                };
                self.block_hostnames = names.map(read);
            }
            "blacklistIPs" => {
                let blocks = at.texts(problems);
                let read = |blocks: Vec<String>| {
                    blocks.iter().filter_map(|block| network::ip_range(block, &at.place, problems)).collect()
                };
                self.blacklist_ips = blocks.map(read);
            }
            "insecureSkipTLSVerify" => self.insecure_skip_tls_verify = at.boolean(problems),
            "tlsVersion" => self.tls_version = network::tls_version(at, problems),
            "tlsAuth" => self.tls_auth = network::tls_auth(at, problems),
            "noConnectionReuse" => self.no_connection_reuse = at.boolean(problems),
            "noVUConnectionReuse" => self.no_vu_connection_reuse = at.boolean(problems),
            _ => {}
        }
    }
}

fn unknown(name: &str, at: &At<'_>, problems: &mut Problems) {
    let ignored = IGNORED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    match ignored {
        Some((_, "")) => {}
        Some((_, reason)) => problems.warn(format!("{}: this option changes nothing here: {reason}", at.place)),
        None => {
            let near = nearest(name, KNOWN).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            problems.warn(format!("{}: there is no such option{near}", at.place));
        }
    }
}

/// The time limit of a function that runs once.
fn timeout(at: &At<'_>, problems: &mut Problems) -> Option<std::time::Duration> {
    let timeout = at.duration(problems)?;
    if timeout.is_zero() {
        problems.add(&at.place, "nothing can be done in no time", "write '5m', say");
    }
    Some(timeout)
}

/// Tags that k6 knows; the others are never there.
pub(super) fn system_tags(tags: Vec<String>, place: &str, problems: &mut Problems) -> Vec<String> {
    let (known, unknown): (Vec<String>, Vec<String>) =
        tags.into_iter().partition(|tag| SYSTEM_TAGS.contains(&tag.as_str()));
    for tag in unknown.iter().filter(|tag| !tag.is_empty()) {
        problems.warn(format!("{place}: there is no system tag `{tag}`"));
    }
    known
}

/// Notes what is no figure of a trend.
pub(super) fn trend_stats(stats: &[String], place: &str, problems: &mut Problems) {
    for stat in stats {
        let percentile = stat.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')?.parse::<f64>().ok());
        let known = ["avg", "min", "med", "max", "count"].contains(&stat.as_str());
        if !known && percentile.is_none_or(|percentile| !(0.0..=100.0).contains(&percentile)) {
            let help = "write `avg`, `min`, `med`, `max`, `count`, or `p(N)` with N from 0 to 100";
            problems.add(place, format!("`{stat}` is no figure of a trend"), help);
        }
    }
}

/// The unit in which the summary shows times; empty text is as none.
pub(super) fn time_unit(unit: Option<String>, place: &str, problems: &mut Problems) -> Option<String> {
    let unit = unit.filter(|unit| !unit.is_empty())?;
    if !["s", "ms", "us"].contains(&unit.as_str()) {
        problems.add(place, format!("`{unit}` is no unit of the summary"), "write `s`, `ms` or `us`");
    }
    Some(unit)
}

/// Shards divide a run here.
pub(super) fn segment(place: &str, problems: &mut Problems) {
    let help = "give every process of the run its part: `--shard 1/3`, `--shard 2/3`, `--shard 3/3`";
    problems.add(place, "execution segments don't divide a run here", help);
}
