//! How much is run: shortcuts and the six executors, as k6 reads them.

use super::*;
use crate::plan::{Exec, Stage, Work};

fn ramping(start_vus: u64, stages: &[(u64, u64)]) -> Executor {
    Executor::RampingVus { start_vus, stages: seconds(stages), graceful_ramp_down: 30 * SECOND }
}

fn seconds(stages: &[(u64, u64)]) -> Vec<Stage> {
    stages.iter().map(|(duration, target)| Stage { duration: *duration as u32 * SECOND, target: *target }).collect()
}

#[test]
fn shortcuts_make_a_scenario() {
    for (options, expected) in [
        ("null", once()),
        ("{}", once()),
        (r#"{"vus": null, "duration": null}"#, once()),
        (r#"{"vus": 4}"#, shared(4, 4)),
        (r#"{"iterations": 3}"#, shared(1, 3)),
        (r#"{"vus": "3", "iterations": "6"}"#, shared(3, 6)),
        (r#"{"VUs": 2, "Iterations": 2}"#, shared(2, 2)),
        (r#"{"vus": "", "duration": "5s"}"#, constant(1, 5 * SECOND)),
        (r#"{"vus": 2, "duration": 5000}"#, constant(2, 5 * SECOND)),
        (r#"{"vus": 2, "duration": "5000"}"#, constant(2, 5 * SECOND)),
        (r#"{"vus": 2, "duration": "1d"}"#, constant(2, 24 * 60 * MINUTE)),
        (
            r#"{"vus": 2, "iterations": 4, "duration": "5s"}"#,
            Executor::SharedIterations { vus: 2, iterations: 4, max_duration: 5 * SECOND },
        ),
        (
            r#"{"stages": [{"duration": "10s", "target": 5}, {"duration": 0, "target": 0}]}"#,
            ramping(1, &[(10, 5), (0, 0)]),
        ),
        (r#"{"vus": 3, "stages": [{"duration": "10s", "target": 5}]}"#, ramping(3, &[(10, 5)])),
        (r#"{"stages": [{"target": 3}, {"duration": "1s", "target": 2}]}"#, ramping(1, &[(1, 2)])),
        (r#"{"stages": [], "vus": 3}"#, once()),
        (r#"{"stages": [], "duration": "2s"}"#, constant(1, 2 * SECOND)),
        (r#"{"scenarios": {}}"#, once()),
        (r#"{"vus": 3, "scenarios": {"a": {"executor": "constant-vus", "duration": "1s"}}}"#, shared(3, 3)),
    ] {
        assert_eq!(load(script(options)), Ok(expected), "{options}");
    }
}

#[test]
fn what_is_passed_over_is_said() {
    for (options, warning) in [
        ("{}", ""),
        (r#"{"stages": [], "vus": 3}"#, "options.stages: it is empty, so that one virtual user runs one iteration"),
        (r#"{"scenarios": {}}"#, "options.scenarios: it is empty, so that one virtual user runs one iteration"),
        (
            r#"{"vus": 3, "scenarios": {"a": {"executor": "constant-vus", "duration": "1s"}}}"#,
            "options.vus: virtual users without a duration, iterations or stages run one iteration each, so that \
             `options.scenarios` is not used",
        ),
        (
            r#"{"stages": [{"target": 3}, {"duration": "1s", "target": 2}]}"#,
            "options.stages[0]: a stage without a duration is passed over",
        ),
        (r#"{"treshold": {}}"#, "options.treshold: there is no such option; did you mean `thresholds`?"),
        (r#"{"foo": 1}"#, "options.foo: there is no such option"),
        (r#"{"noUsageReport": true, "linger": true}"#, ""),
        (
            r#"{"httpDebug": "full"}"#,
            "options.httpDebug: this option changes nothing here: the first failures of each request are shown anyway",
        ),
        (
            r#"{"ext": {"loadimpact": {"projectID": 1}}}"#,
            "options.ext: this option changes nothing here: it is for other services",
        ),
        (r#"{"systemTags": ["url", "urls"]}"#, "options.systemTags: there is no system tag `urls`"),
    ] {
        assert_eq!(script(options).map(|script| script.warnings.join("\n")), Ok(warning.to_owned()), "{options}");
    }
}

/// A scenario's fields, as JSON without the braces around them.
fn scenario(fields: &str) -> Result<Executor, String> {
    load(script(&format!(r#"{{"scenarios": {{"main": {{{fields}}}}}}}"#)))
}

#[test]
fn the_six_executors_and_their_defaults() {
    let rate = |rate, time_unit, duration, pre_allocated_vus, max_vus| Executor::ConstantArrivalRate {
        rate,
        time_unit,
        duration,
        pre_allocated_vus,
        max_vus,
    };
    for (fields, expected) in [
        (r#""executor": "constant-vus", "duration": "10s""#, constant(1, 10 * SECOND)),
        (r#""executor": "constant-vus", "vus": 7, "duration": "1m30s""#, constant(7, 90 * SECOND)),
        (r#""executor": "ramping-vus", "stages": [{"duration": "10s", "target": 5}]"#, ramping(1, &[(10, 5)])),
        (
            r#""executor": "ramping-vus", "startVUs": 0, "stages": [{"duration": "10s", "target": 5}], "gracefulRampDown": "0s""#,
            Executor::RampingVus { start_vus: 0, stages: seconds(&[(10, 5)]), graceful_ramp_down: Duration::ZERO },
        ),
        (r#""executor": "per-vu-iterations""#, once()),
        (
            r#""executor": "per-vu-iterations", "vus": 3, "iterations": 20, "maxDuration": "1h""#,
            Executor::PerVuIterations { vus: 3, iterations: 20, max_duration: 60 * MINUTE },
        ),
        (r#""executor": "shared-iterations""#, shared(1, 1)),
        (
            r#""executor": "shared-iterations", "vus": 3, "iterations": 20, "maxDuration": "9999999h""#,
            Executor::SharedIterations { vus: 3, iterations: 20, max_duration: 366 * 24 * 60 * MINUTE },
        ),
        (
            r#""executor": "constant-arrival-rate", "rate": 30, "duration": "10s", "preAllocatedVUs": 5"#,
            rate(30.0, SECOND, 10 * SECOND, 5, 5),
        ),
        (
            r#""executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1m", "duration": "10s", "preAllocatedVUs": 0, "maxVUs": 9"#,
            rate(30.0, MINUTE, 10 * SECOND, 0, 9),
        ),
        (
            r#""executor": "ramping-arrival-rate", "startRate": 5, "stages": [{"duration": "10s", "target": 50}], "preAllocatedVUs": 5, "maxVUs": 9"#,
            Executor::RampingArrivalRate {
                start_rate: 5.0,
                time_unit: SECOND,
                stages: seconds(&[(10, 50)]),
                pre_allocated_vus: 5,
                max_vus: 9,
            },
        ),
    ] {
        assert_eq!(scenario(fields), Ok(expected), "{fields}");
    }
}

#[test]
fn a_scenario_says_when_and_what_it_calls() {
    let script = script(
        r#"{"scenarios": {
            "first": {"executor": "shared-iterations"},
            "second": {"executor": "shared-iterations", "exec": "other", "startTime": "30s", "gracefulStop": "5s",
                       "env": {"WHO": "me"}, "tags": {"kind": "slow"}}}}"#,
    )
    .unwrap();
    let of = |index: usize| {
        let scenario = &script.scenarios[index];
        let Work::Script(exec) = &scenario.work else { panic!("{:?}", scenario.work) };
        (&*scenario.name, scenario.start_time, scenario.graceful_stop, exec.clone())
    };
    assert_eq!(of(0), ("first", Duration::ZERO, 30 * SECOND, Exec::default()));
    let exec = Exec {
        function: "other".into(),
        env: [("WHO".to_owned(), "me".to_owned())].into(),
        tags: [("kind".into(), "slow".into())].into(),
    };
    assert_eq!(of(1), ("second", 30 * SECOND, 5 * SECOND, exec));
}

#[test]
fn setup_and_teardown_run_where_they_are_exported() {
    let of = |options: &str, exported: &[&str]| {
        let mut exports = exports();
        exports.functions.extend(exported.iter().map(|name| (*name).to_owned()));
        let script = Options::of_script(&json(options)).unwrap().into_script(&exports).unwrap();
        (script.setup, script.teardown)
    };
    assert_eq!(of(r#"{"setupTimeout": "5m"}"#, &[]), (None, None));
    assert_eq!(of("{}", &["setup", "teardown"]), (Some(MINUTE), Some(MINUTE)));
    assert_eq!(of(r#"{"setupTimeout": "5m"}"#, &["setup"]), (Some(5 * MINUTE), None));
    assert_eq!(of(r#"{"noSetup": true, "teardownTimeout": 2000}"#, &["setup", "teardown"]), (None, Some(2 * SECOND)));
}
