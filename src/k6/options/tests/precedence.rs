//! Which of the four sources counts.

use super::*;

/// The options of a config file, a script, the environment and the command line.
struct Sources<'a> {
    config: &'a str,
    script: &'a str,
    env: &'a [(&'a str, &'a str)],
    cli: CliOptions,
}

const NOTHING: &str = "{}";

fn merged(sources: &Sources<'_>) -> Result<Options, String> {
    let env = |name: &str| sources.env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Ok(Options::merged(
        Options::of_config(&json(sources.config), "k6.json").map_err(joined)?,
        Options::of_script(&json(sources.script)).map_err(joined)?,
        Options::of_environment(&env).map_err(joined)?,
        Options::of_command_line(&sources.cli).map_err(joined)?,
    ))
}

fn script_of(config: &str, script: &str, env: &[(&str, &str)], cli: CliOptions) -> Result<Script, String> {
    merged(&Sources { config, script, env, cli })?.into_script(&exports()).map_err(joined)
}

fn cli(vus: Option<u64>, duration: Option<&str>, iterations: Option<u64>, stages: &[&str]) -> CliOptions {
    let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
    CliOptions { vus, duration: duration.map(str::to_owned), iterations, stages, ..CliOptions::default() }
}

const SCENARIOS: &str = r#"{"scenarios": {"a": {"executor": "constant-vus", "vus": 9, "duration": "9s"}}}"#;
const STAGES: &str = r#"{"vus": 10, "stages": [{"duration": "9s", "target": 9}]}"#;

#[test]
fn the_command_line_replaces_the_load_of_the_script() {
    let none = || cli(None, None, None, &[]);
    let ramp = |start_vus, duration, target| Executor::RampingVus {
        start_vus,
        stages: vec![crate::plan::Stage { duration, target }],
        graceful_ramp_down: 30 * SECOND,
    };
    for (script, flags, expected) in [
        (SCENARIOS, none(), Ok(constant(9, 9 * SECOND))),
        (SCENARIOS, cli(Some(5), Some("10s"), None, &[]), Ok(constant(5, 10 * SECOND))),
        (SCENARIOS, cli(None, None, Some(3), &[]), Ok(shared(1, 3))),
        (SCENARIOS, cli(Some(3), None, None, &[]), Ok(shared(3, 3))),
        (SCENARIOS, cli(None, None, None, &["10s:3"]), Ok(ramp(1, 10 * SECOND, 3))),
        (STAGES, cli(Some(5), Some("10s"), None, &[]), Ok(constant(5, 10 * SECOND))),
        (STAGES, cli(None, Some("10s"), None, &[]), Ok(constant(10, 10 * SECOND))),
        (STAGES, cli(Some(5), None, None, &[]), Ok(ramp(5, 9 * SECOND, 9))),
        (r#"{"vus": 10, "duration": "9s"}"#, cli(None, None, Some(20), &[]), Ok(shared(10, 20))),
        (r#"{"duration": "9s"}"#, cli(Some(5), None, None, &[]), Ok(constant(5, 9 * SECOND))),
        (r#"{"iterations": 20}"#, cli(Some(5), None, None, &[]), Ok(shared(5, 20))),
        (
            r#"{"vus": 10, "duration": "9s"}"#,
            cli(None, None, Some(1), &[]),
            Err("--iterations: 1 iterations are too few for 10 virtual users; write at least 10 iterations, or fewer \
                 virtual users"),
        ),
        (
            NOTHING,
            cli(None, Some("10s"), None, &["10s:3"]),
            Err("--duration: `--duration` and `--stage` both say how much is run; leave one of them out"),
        ),
    ] {
        let got = load(script_of(NOTHING, script, &[], flags.clone()));
        assert_eq!(got, expected.map_err(str::to_owned), "{script} {flags:?}");
    }
}

#[test]
fn each_source_goes_before_the_next() {
    let file = r#"{"vus": 1, "duration": "1s"}"#;
    let script = r#"{"vus": 2, "duration": "2s"}"#;
    let env: &[(&str, &str)] = &[("K6_VUS", "3"), ("K6_DURATION", "3s")];
    let flags = || cli(Some(4), Some("4s"), None, &[]);
    let none = || cli(None, None, None, &[]);
    for (sources, expected) in [
        ((NOTHING, NOTHING, &[][..], none()), once()),
        ((file, NOTHING, &[], none()), constant(1, SECOND)),
        ((file, script, &[], none()), constant(2, 2 * SECOND)),
        ((file, script, env, none()), constant(3, 3 * SECOND)),
        ((file, script, env, flags()), constant(4, 4 * SECOND)),
        ((file, NOTHING, &[("K6_VUS", "3")], none()), constant(3, SECOND)),
        ((file, r#"{"iterations": 5}"#, &[], none()), shared(1, 5)),
        ((NOTHING, r#"{"iterations": 5}"#, env, none()), constant(3, 3 * SECOND)),
        ((NOTHING, SCENARIOS, &[("K6_ITERATIONS", "2")], none()), shared(1, 2)),
        ((NOTHING, SCENARIOS, &[("K6_VUS", ""), ("K6_DURATION", "")], none()), constant(9, 9 * SECOND)),
    ] {
        let (config, script, env, flags) = sources;
        assert_eq!(load(script_of(config, script, env, flags)), Ok(expected), "{config} {script} {env:?}");
    }
}

#[test]
fn scenarios_that_are_replaced_are_spoken_of() {
    let script = script_of(NOTHING, SCENARIOS, &[], cli(None, None, Some(3), &[])).unwrap();
    assert_eq!(script.warnings, ["the command line says how much is run, so that `options.scenarios` is not used"]);
    let script = script_of(NOTHING, SCENARIOS, &[], cli(Some(3), None, None, &[])).unwrap();
    assert_eq!(
        script.warnings,
        ["--vus: virtual users without a duration, iterations or stages run one iteration each, so that \
          `options.scenarios` is not used"]
    );
}

#[test]
fn every_variable_and_flag_is_read() {
    let env: &[(&str, &str)] = &[
        ("K6_STAGES", "1m30s:20,10s:0"),
        ("K6_RPS", "100"),
        ("K6_MAX_REDIRECTS", "0"),
        ("K6_USER_AGENT", "me/1"),
        ("K6_BATCH", "3"),
        ("K6_BATCH_PER_HOST", "2"),
        ("K6_THROW", "true"),
        ("K6_NO_COOKIES_RESET", "true"),
        ("K6_DISCARD_RESPONSE_BODIES", "false"),
        ("K6_MIN_ITERATION_DURATION", "500"),
        ("K6_INSECURE_SKIP_TLS_VERIFY", "true"),
        ("K6_NO_CONNECTION_REUSE", "true"),
        ("K6_NO_VU_CONNECTION_REUSE", "true"),
        ("K6_BLACKLIST_IPS", "10.0.0.0/8,fd00::/8"),
        ("K6_BLOCK_HOSTNAMES", "a.example,*.b.example"),
        ("K6_TAGS", "a:1,b:2"),
        ("K6_SYSTEM_TAGS", "url,method"),
        ("K6_SUMMARY_TREND_STATS", "avg,p(99)"),
        ("K6_SUMMARY_TIME_UNIT", "ms"),
        ("K6_OUT", "json"),
    ];
    let flags = CliOptions {
        stages: vec!["1m30s:20,10s:0".into()],
        rps: Some(100),
        max_redirects: Some(0),
        user_agent: Some("me/1".into()),
        batch: Some(3),
        batch_per_host: Some(2),
        throw: Some(true),
        discard_response_bodies: Some(false),
        min_iteration_duration: Some("500ms".into()),
        insecure_skip_tls_verify: Some(true),
        no_connection_reuse: Some(true),
        no_vu_connection_reuse: Some(true),
        blacklist_ips: vec!["10.0.0.0/8".into(), "fd00::/8".into()],
        block_hostnames: vec!["a.example,*.b.example".into()],
        tags: vec!["a=1".into(), "b=2".into()],
        system_tags: vec!["url".into(), "method".into()],
        summary_trend_stats: vec!["avg,p(99)".into()],
        summary_time_unit: Some("ms".into()),
        ..CliOptions::default()
    };
    let by_env = script_of(NOTHING, r#"{"throw": false, "rps": 1}"#, env, CliOptions::default()).unwrap();
    let by_flags = script_of(NOTHING, r#"{"throw": false, "rps": 1, "noCookiesReset": true}"#, &[], flags).unwrap();
    assert_eq!(format!("{by_env:?}"), format!("{by_flags:?}"));
    let requests = &by_env.requests;
    assert!(requests.throw && requests.no_cookies_reset && !requests.discard_response_bodies);
    assert_eq!((requests.rps, requests.max_redirects, requests.batch, requests.batch_per_host), (Some(100), 0, 3, 2));
    assert_eq!((requests.user_agent.as_deref(), requests.min_iteration_duration), (Some("me/1"), Some(SECOND / 2)));
    let network = &by_env.network;
    assert!(network.insecure_skip_tls_verify && network.no_connection_reuse && network.no_vu_connection_reuse);
    assert_eq!((network.blacklist_ips.len(), network.block_hostnames.len()), (2, 2));
    assert_eq!(by_env.tags, [("a".into(), "1".into()), ("b".into(), "2".into())]);
    assert_eq!(by_env.summary.trend_stats, ["avg", "p(99)"]);
    assert_eq!(by_env.scenarios[0].executor.duration(), 100 * SECOND);
}

#[test]
fn tags_of_a_higher_source_replace_all_of_a_lower() {
    let config = r#"{"tags": {"a": "1"}, "thresholds": {"http_reqs": ["rate>1"]}}"#;
    let tags = |script: &str| script_of(config, script, &[], CliOptions::default()).unwrap().tags;
    assert_eq!(tags(NOTHING), [("a".into(), "1".into())]);
    assert_eq!(tags(r#"{"tags": {"b": "2"}}"#), [("b".into(), "2".into())]);
    assert_eq!(tags(r#"{"tags": {}}"#), [("a".into(), "1".into())], "an empty map is as none");
    let script = script_of(config, r#"{"thresholds": {}}"#, &[], CliOptions::default()).unwrap();
    assert_eq!(script.thresholds, [], "an empty map of thresholds is one");
}

#[test]
fn what_a_variable_or_flag_can_not_mean_is_refused() {
    let flags = |change: fn(&mut CliOptions)| {
        let mut flags = CliOptions::default();
        change(&mut flags);
        joined(Options::of_command_line(&flags).unwrap_err())
    };
    for (got, expected) in [
        (
            flags(|flags| flags.duration = Some("10".into())),
            "--duration: `10` is not a duration; a duration has a unit: 10s or 10ms",
        ),
        (
            flags(|flags| flags.stages = vec!["10".into()]),
            "--stage: `10` is no duration; write a stage such as 1m30s:20",
        ),
        (
            flags(|flags| flags.stages = vec![":5".into()]),
            "--stage: `:5` has no duration; write a stage such as 1m30s:20",
        ),
        (flags(|flags| flags.tags = vec!["a".into()]), "--tag: `a` is no tag; write name=value"),
        (
            flags(|flags| flags.execution_segment = Some("1/3".into())),
            "--execution-segment: execution segments don't divide a run here; give every process of the run its part: \
             `--shard 1/3`, `--shard 2/3`, `--shard 3/3`",
        ),
        (
            flags(|flags| flags.summary_time_unit = Some("h".into())),
            "--summary-time-unit: `h` is no unit of the summary; write `s`, `ms` or `us`",
        ),
    ] {
        assert_eq!(got, expected);
    }
    for (name, value, expected) in [
        ("K6_VUS", "-1", "K6_VUS: `-1` is not a whole number of at least 0; write 0 or more"),
        ("K6_VUS", "1.5", "K6_VUS: `1.5` is not a whole number of at least 0; write digits alone, such as 20"),
        ("K6_THROW", "1", "K6_THROW: `1` is not true or false; write `true` or `false`"),
        ("K6_DURATION", "5 m", "K6_DURATION: `5 m` is not a duration; write it without spaces: '5m'"),
        ("K6_TAGS", "a=1", "K6_TAGS: `a=1` has no value; write name:value,other:value"),
        ("K6_SETUP_TIMEOUT", "0", "K6_SETUP_TIMEOUT: nothing can be done in no time; write 5m, say"),
    ] {
        let env = |asked: &str| (asked == name).then(|| value.to_owned());
        assert_eq!(joined(Options::of_environment(&env).unwrap_err()), expected);
    }
}
