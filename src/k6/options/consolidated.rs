//! Merged options as a script sees them: `exec.test.options`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::go_duration::written;
use super::read::SYSTEM_TAGS;
use super::shortcuts::scenarios;
use super::{Given, Options, Problems, ScenarioOptions, ThresholdOptions};
use crate::plan::ExecutorName;
use crate::plan::hosts::{HostOverride, NamePattern};
use crate::plan::script::ClientCertificate;
use crate::plan::target::{TlsVersion, TlsVersions};

/// The figures of trends that k6's summary shows.
const TREND_STATS: [&str; 6] = ["avg", "min", "med", "max", "p(90)", "p(95)"];

/// System tags that k6 leaves out unless it is told.
const NOT_BY_DEFAULT: [&str; 4] = ["iter", "vu", "ocsp_status", "ip"];

impl Options {
    /// All options by k6's names, in its order: null where nothing is said, shortcuts as a scenario, and durations as Go
    /// writes them. Options that are read and change nothing are null too.
    pub fn consolidated(&self) -> Value {
        // What is wrong with them is told elsewhere.
        let load = scenarios(self, &mut Problems::default());
        let load = sorted(load.iter().map(|scenario| (scenario.name.clone(), scenario_of(scenario))));
        let mut options = Map::new();
        let mut set = |name: &str, value: Value| options.insert(name.to_owned(), value);
        set("paused", Value::Null);
        set("scenarios", load);
        set("executionSegment", Value::Null);
        set("executionSegmentSequence", Value::Null);
        set("noSetup", json!(self.no_setup));
        set("setupTimeout", time(self.setup_timeout));
        set("noTeardown", json!(self.no_teardown));
        set("teardownTimeout", time(self.teardown_timeout));
        set("handleSummaryTimeout", time(self.handle_summary_timeout));
        set("rps", json!(self.rps));
        set("dns", json!({"ttl": null, "select": null, "policy": null}));
        set("maxRedirects", json!(self.max_redirects));
        set("userAgent", json!(self.user_agent));
        set("batch", json!(self.batch));
        set("batchPerHost", json!(self.batch_per_host));
        set("httpDebug", Value::Null);
        set("insecureSkipTLSVerify", json!(self.insecure_skip_tls_verify));
        set("tlsCipherSuites", Value::Null);
        set("tlsVersion", self.tls_version.map_or(Value::Null, versions));
        set("tlsAuth", list(&self.tls_auth, certificate));
        set("throw", json!(self.throw));
        set("thresholds", self.thresholds.as_deref().map_or(Value::Null, thresholds));
        set("blacklistIPs", list(&self.blacklist_ips, |block| json!(format!("{}/{}", block.address, block.prefix))));
        set("blockHostnames", list(&self.block_hostnames, |name| json!(pattern(name))));
        set("hosts", self.hosts.as_ref().map_or(Value::Null, |hosts| sorted(hosts.iter().map(host))));
        set("noConnectionReuse", json!(self.no_connection_reuse));
        set("noVUConnectionReuse", json!(self.no_vu_connection_reuse));
        set("minIterationDuration", time(self.min_iteration_duration));
        set("ext", Value::Null);
        set("summaryTrendStats", self.summary_trend_stats.as_ref().map_or(json!(TREND_STATS), |stats| json!(stats)));
        set("summaryTimeUnit", json!(self.summary_time_unit));
        set("systemTags", self.shown_system_tags());
        set("tags", self.tags.as_deref().map_or(Value::Null, pairs));
        set("metricSamplesBufferSize", Value::Null);
        set("noCookiesReset", json!(self.no_cookies_reset));
        set("discardResponseBodies", json!(self.discard_response_bodies));
        for name in ["features", "consoleOutput", "localIPs"] {
            set(name, Value::Null);
        }
        Value::Object(options)
    }

    /// By their names; null where there is none.
    fn shown_system_tags(&self) -> Value {
        let mut tags: Vec<&str> = match &self.system_tags {
            Some(tags) => tags.iter().map(String::as_str).collect(),
            None => SYSTEM_TAGS.into_iter().filter(|tag| !NOT_BY_DEFAULT.contains(tag)).collect(),
        };
        tags.sort_unstable();
        if tags.is_empty() { Value::Null } else { json!(tags) }
    }
}

/// An object whose fields are in the order of their names.
fn sorted(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(fields.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
}

fn list<T>(items: &Option<Vec<T>>, shown: impl Fn(&T) -> Value) -> Value {
    items.as_ref().map_or(Value::Null, |items| items.iter().map(shown).collect())
}

fn pairs(pairs: &[(String, String)]) -> Value {
    sorted(pairs.iter().map(|(name, value)| (name.clone(), json!(value))))
}

fn some_pairs(some: &[(String, String)]) -> Value {
    if some.is_empty() { Value::Null } else { pairs(some) }
}

fn scenario_of(scenario: &ScenarioOptions) -> Value {
    let mut fields = Map::new();
    fields.insert("executor".into(), json!(scenario.executor.word()));
    fields.insert("startTime".into(), given_time(&scenario.start_time));
    fields.insert("gracefulStop".into(), given_time(&scenario.graceful_stop));
    fields.insert("env".into(), some_pairs(&scenario.env));
    fields.insert("exec".into(), given(&scenario.exec));
    fields.insert("tags".into(), some_pairs(&scenario.tags));
    let names: &[&str] = match scenario.executor {
        ExecutorName::SharedIterations | ExecutorName::PerVuIterations => &["vus", "iterations", "maxDuration"],
        ExecutorName::ConstantVus => &["vus", "duration"],
        ExecutorName::RampingVus => &["startVUs", "stages", "gracefulRampDown"],
        ExecutorName::ConstantArrivalRate => &["rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"],
        ExecutorName::RampingArrivalRate => &["startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"],
    };
    for name in names {
        fields.insert((*name).to_owned(), field(scenario, name));
    }
    Value::Object(fields)
}

/// A field that some executors have.
fn field(scenario: &ScenarioOptions, name: &str) -> Value {
    match name {
        "vus" => given(&scenario.vus),
        "iterations" => given(&scenario.iterations),
        "maxDuration" => given_time(&scenario.max_duration),
        "duration" => given_time(&scenario.duration),
        "startVUs" => given(&scenario.start_vus),
        "gracefulRampDown" => given_time(&scenario.graceful_ramp_down),
        "rate" => given(&scenario.rate),
        "startRate" => given(&scenario.start_rate),
        "timeUnit" => given_time(&scenario.time_unit),
        "preAllocatedVUs" => given(&scenario.pre_allocated_vus),
        "maxVUs" => given(&scenario.max_vus),
        "stages" => scenario.stages.as_ref().map_or(Value::Null, |stages| {
            let stage = |stage: &super::StageOptions| json!({"duration": time(stage.duration), "target": stage.target});
            stages.value.iter().map(stage).collect()
        }),
        _ => Value::Null,
    }
}

fn given<T: serde::Serialize>(given: &Option<Given<T>>) -> Value {
    json!(given.as_ref().map(|given| &given.value))
}

fn given_time(given: &Option<Given<Duration>>) -> Value {
    time(given.as_ref().map(|given| given.value))
}

fn thresholds(thresholds: &[ThresholdOptions]) -> Value {
    let mut by_metric = BTreeMap::<String, Vec<Value>>::new();
    for threshold in thresholds {
        let condition = &threshold.threshold.value;
        let shown = match threshold.abort_on_fail {
            false => json!(condition),
            true => {
                let delay = Some(threshold.delay_abort_eval).filter(|delay| !delay.is_zero());
                json!({"threshold": condition, "abortOnFail": true, "delayAbortEval": time(delay)})
            }
        };
        by_metric.entry(threshold.metric.value.clone()).or_default().push(shown);
    }
    sorted(by_metric.into_iter().map(|(metric, shown)| (metric, Value::Array(shown))))
}

fn versions(versions: TlsVersions) -> Value {
    let name = |version| match version {
        TlsVersion::Tls12 => "tls1.2",
        TlsVersion::Tls13 => "tls1.3",
    };
    json!({"min": name(versions.min), "max": name(versions.max)})
}

/// A certificate without its key, which is a secret.
fn certificate(certificate: &ClientCertificate) -> Value {
    let domains: Vec<String> = certificate.domains.iter().map(pattern).collect();
    json!({"domains": domains, "cert": String::from_utf8_lossy(&certificate.cert)})
}

fn pattern(pattern: &NamePattern) -> String {
    match pattern {
        NamePattern::Exact(name) => name.clone(),
        NamePattern::Below(tail) => format!("*{tail}"),
    }
}

fn host(host: &HostOverride) -> (String, Value) {
    let name = pattern(&host.name);
    let name = host.port.map_or(name.clone(), |port| format!("{name}:{port}"));
    let to = host.to_port.map_or(host.to.to_string(), |port| std::net::SocketAddr::new(host.to, port).to_string());
    (name, json!(to))
}

fn time(time: Option<Duration>) -> Value {
    json!(time.map(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consolidated(options: &str) -> Value {
        Options::of_script(&serde_json::from_str(options).unwrap()).unwrap().consolidated()
    }

    #[test]
    fn what_is_not_said_is_null_but_for_what_k6_fills_in() {
        let options = consolidated("{}");
        let there: Vec<&String> =
            options.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name).collect();
        assert_eq!(there, ["scenarios", "dns", "summaryTrendStats", "systemTags"]);
        assert_eq!(
            options["scenarios"].to_string(),
            r#"{"default":{"executor":"per-vu-iterations","startTime":null,"gracefulStop":null,"env":null,"exec":null,"tags":null,"vus":null,"iterations":null,"maxDuration":null}}"#
        );
        assert_eq!(options["summaryTrendStats"].to_string(), r#"["avg","min","med","max","p(90)","p(95)"]"#);
        let tags = "check error error_code expected_response group method name proto scenario service status subproto \
                    tls_version url";
        assert_eq!(options["systemTags"], json!(tags.split(' ').collect::<Vec<_>>()));
    }

    #[test]
    fn shortcuts_are_shown_as_a_scenario() {
        for (options, expected) in [
            (r#"{"vus": 2}"#, r#""shared-iterations" vus:2 iterations:2"#),
            (
                r#"{"vus": 2, "iterations": 3, "duration": "5s"}"#,
                r#""shared-iterations" vus:2 iterations:3 maxDuration:"5s""#,
            ),
            (r#"{"duration": 90000}"#, r#""constant-vus" duration:"1m30s""#),
            (
                r#"{"vus": 2, "stages": [{"target": 3}, {"duration": "1s", "target": 2}]}"#,
                r#""ramping-vus" startVUs:2 stages:[{"duration":"1s","target":2}]"#,
            ),
        ] {
            let options = consolidated(options);
            let scenario = options["scenarios"]["default"].as_object().unwrap();
            let said = scenario.iter().skip(1).filter(|(_, value)| !value.is_null());
            let said: Vec<String> = said.map(|(name, value)| format!("{name}:{value}")).collect();
            assert_eq!(format!("{} {}", scenario["executor"], said.join(" ")), expected);
        }
    }

    #[test]
    fn what_is_said_is_shown_by_k6s_names() {
        for (field, given, expected) in [
            ("tags", r#"{"z": "1", "a": "2"}"#, r#"{"a":"2","z":"1"}"#),
            ("systemTags", r#"["url", "status", "vu"]"#, r#"["status","url","vu"]"#),
            ("systemTags", "[]", "null"),
            ("summaryTrendStats", "[]", "[]"),
            ("tlsVersion", r#""tls1.3""#, r#"{"min":"tls1.3","max":"tls1.3"}"#),
            ("blockHostnames", r#"["z.a", "*.b"]"#, r#"["z.a","*.b"]"#),
            ("blacklistIPs", r#"["10.0.0.0/8"]"#, r#"["10.0.0.0/8"]"#),
            (
                "hosts",
                r#"{"a.b": "127.0.0.1", "*.x.y:80": "[::1]:90"}"#,
                r#"{"*.x.y:80":"[::1]:90","a.b":"127.0.0.1"}"#,
            ),
            (
                "thresholds",
                r#"{"http_reqs": ["count>0"], "checks": [{"threshold": "rate>0.5", "delayAbortEval": "5s"},
                    {"threshold": "rate>0", "abortOnFail": true, "delayAbortEval": "5s"}]}"#,
                r#"{"checks":["rate>0.5",{"threshold":"rate>0","abortOnFail":true,"delayAbortEval":"5s"}],"http_reqs":["count>0"]}"#,
            ),
            ("setupTimeout", "1500", r#""1.5s""#),
            ("userAgent", r#""""#, r#""""#),
            ("batch", r#""5""#, "5"),
        ] {
            assert_eq!(consolidated(&format!(r#"{{"{field}": {given}}}"#))[field].to_string(), expected, "{field}");
        }
    }
}
