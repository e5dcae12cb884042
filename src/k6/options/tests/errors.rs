//! What is wrong, where, and what to write instead.

use super::*;

#[test]
fn a_value_of_another_type_is_shown_with_its_place() {
    for (options, expected) in [
        ("[]", "options: a list is not an object; write `{ name: value }`"),
        (r#"{"vus": 1.5}"#, "options.vus: `1.5` is not a whole number of at least 0; write digits alone, such as 20"),
        (r#"{"vus": -2}"#, "options.vus: `-2` is not a whole number of at least 0; write 0 or more"),
        (
            r#"{"vus": "many"}"#,
            "options.vus: `\"many\"` is not a whole number of at least 0; write digits alone, such as 20",
        ),
        (r#"{"duration": "10 s"}"#, "options.duration: `\"10 s\"` is not a duration; write it without spaces: '10s'"),
        (r#"{"duration": "-10s"}"#, "options.duration: `\"-10s\"` is not a duration; a duration can't be negative"),
        (
            r#"{"duration": true}"#,
            "options.duration: `true` is not a duration; write a duration such as '500ms' or '1m30s'",
        ),
        (
            r#"{"throw": "true"}"#,
            "options.throw: `\"true\"` is not true or false; write `true` or `false`, without quotes",
        ),
        (r#"{"tags": {"build": 5}}"#, "options.tags.build: `5` is not text; write it in quotes: '5'"),
        (r#"{"stages": {}}"#, "options.stages: an object is not a list; write `[…]`"),
        (
            r#"{"scenarios": {"load": {"executor": "ramping-vus", "stages": [{"duration": "1m", "target": 5}, {"duration": "x", "target": 5}]}}}"#,
            "options.scenarios.load.stages[1].duration: `\"x\"` is not a duration; write a duration such as '500ms' or \
             '1m30s'",
        ),
        (
            r#"{"thresholds": {"http_reqs": "rate>1"}}"#,
            "options.thresholds.http_reqs: conditions of a metric are a list; write [\"rate>1\"]",
        ),
        (
            r#"{"thresholds": {"http_reqs{a:b}": [{"abortOnFail": true}]}}"#,
            "options.thresholds[\"http_reqs{a:b}\"][0]: `threshold` is missing; write { threshold: 'p(95)<300', \
             abortOnFail: true }, say",
        ),
        (r#"{"setupTimeout": "0s"}"#, "options.setupTimeout: nothing can be done in no time; write '5m', say"),
        (
            r#"{"summaryTrendStats": ["p(101)"]}"#,
            "options.summaryTrendStats: `p(101)` is no figure of a trend; write `avg`, `min`, `med`, `max`, `count`, or \
             `p(N)` with N from 0 to 100",
        ),
        (
            r#"{"executionSegment": "0:1/3"}"#,
            "options.executionSegment: execution segments don't divide a run here; give every process of the run its part: \
             `--shard 1/3`, `--shard 2/3`, `--shard 3/3`",
        ),
    ] {
        assert_eq!(script(options).map(|_| ()), Err(expected.to_owned()), "{options}");
    }
}

/// The errors of a scenario with these fields, without the place of the scenario.
fn scenario(fields: &str) -> String {
    let errors = script(&format!(r#"{{"scenarios": {{"main": {fields}}}}}"#)).map(|_| ()).unwrap_err();
    errors.replace("options.scenarios.main", "main")
}

#[test]
fn a_scenario_that_k6_refuses_is_refused() {
    let stages = r#""stages": [{"duration": "10s", "target": 5}]"#;
    for (fields, expected) in [
        (
            "null",
            "main: `executor` is missing; write one of `constant-vus`, `ramping-vus`, `per-vu-iterations`, \
                  `shared-iterations`, `constant-arrival-rate`, `ramping-arrival-rate`",
        ),
        (
            r#"{"executor": "constant-vu"}"#,
            "main.executor: there is no executor `\"constant-vu\"`; did you mean `constant-vus`?",
        ),
        (
            r#"{"executor": "externally-controlled"}"#,
            "main.executor: `externally-controlled` is not supported: a load that is changed by hand while it runs is no test of a gate; write the load as \
             `ramping-vus` with its stages",
        ),
        (
            r#"{"executor": "shared-iterations", "options": {"browser": {"type": "chromium"}}}"#,
            "main.options.browser: browsers are not driven here; leave this scenario out here, and run it with k6",
        ),
        (
            r#"{"executor": "shared-iterations", "options": {"foo": 1}}"#,
            "main.options.foo: a scenario has no such option; leave it out",
        ),
        (
            r#"{"executor": "constant-vus", "duration": "1s", "foo": 1}"#,
            "main.foo: a scenario has no such field; known here: `executor`, `startTime`, `gracefulStop`, `env`, `exec`, \
             `tags`, `options`, `vus`, `duration`",
        ),
        (
            r#"{"executor": "constant-vus", "duration": "1s", "durations": 1}"#,
            "main.durations: a scenario has no such field; did you mean `duration`?",
        ),
        (
            r#"{"executor": "constant-vus", "duration": "1s", "stages": []}"#,
            "main.stages: constant-vus has no `stages`; it takes `vus`, `duration`",
        ),
        (
            r#"{"executor": "constant-vus"}"#,
            "main.duration: it is missing; write how long the load lasts, such as '1m'",
        ),
        (
            r#"{"executor": "constant-vus", "duration": "999ms"}"#,
            "main.duration: a duration of 999ms is too short; write 1s or more",
        ),
        (
            r#"{"executor": "constant-vus", "duration": "1s", "vus": 0}"#,
            "main.vus: 0 virtual users make no load; write 1 or more",
        ),
        (
            r#"{"executor": "per-vu-iterations", "iterations": 0}"#,
            "main.iterations: 0 iterations make no load; write 1 or more",
        ),
        (
            r#"{"executor": "shared-iterations", "vus": 5, "iterations": 4}"#,
            "main.iterations: 4 iterations are too few for 5 virtual users; write at least 5 iterations, or fewer virtual \
             users",
        ),
        (
            r#"{"executor": "shared-iterations", "vus": 5}"#,
            "main.vus: 1 iterations are too few for 5 virtual users; write at least 5 iterations, or fewer virtual users",
        ),
        (
            r#"{"executor": "shared-iterations", "maxDuration": 0}"#,
            "main.maxDuration: a duration of 0s is too short; write 1s or more",
        ),
        (r#"{"executor": "ramping-vus"}"#, "main.stages: it is missing; write [{ duration: '1m', target: 20 }], say"),
        (
            r#"{"executor": "ramping-vus", "stages": []}"#,
            "main.stages: there are no stages; write [{ duration: '1m', target: 20 }], say",
        ),
        (
            r#"{"executor": "ramping-vus", "stages": [{"duration": "1s"}, {"target": 1}]}"#,
            "main.stages[0]: this stage has no `target`; write [{ duration: '1m', target: 20 }], say\n\
             main.stages[1]: this stage has no `duration`; write [{ duration: '1m', target: 20 }], say",
        ),
        (
            r#"{"executor": "ramping-vus", "startVUs": 0, "stages": [{"duration": "1s", "target": 0}]}"#,
            "main: 0 virtual users make no load; give `startVUs` or a stage's `target` a number over 0",
        ),
        (
            r#"{"executor": "ramping-vus", "stages": [{"duration": 0, "target": 3}]}"#,
            "main.stages: these stages take no time; write [{ duration: '1m', target: 20 }], say",
        ),
        (
            r#"{"executor": "constant-arrival-rate", "duration": "1s", "preAllocatedVUs": 1}"#,
            "main.rate: it is missing; write the iterations to begin per `timeUnit`",
        ),
        (
            r#"{"executor": "constant-arrival-rate", "rate": 0, "timeUnit": 0, "duration": "1s", "preAllocatedVUs": 1}"#,
            "main.rate: 0 iterations per `timeUnit` make no load; write 1 or more\n\
             main.timeUnit: a rate can't be per no time; write '1s' or '1m', say",
        ),
        (
            r#"{"executor": "constant-arrival-rate", "rate": 1.5, "duration": "1s", "preAllocatedVUs": 1}"#,
            "main.rate: `1.5` is no whole number; write a whole number of iterations, and a longer `timeUnit`: '1m', say",
        ),
        (
            r#"{"executor": "constant-arrival-rate", "rate": 1, "duration": "1s"}"#,
            "main.preAllocatedVUs: it is missing; write how many virtual users are made before the load: rate × seconds of \
             an iteration",
        ),
        (
            &format!(r#"{{"executor": "ramping-arrival-rate", {stages}, "preAllocatedVUs": 9, "maxVUs": 5}}"#),
            "main.maxVUs: maxVUs (5) is less than preAllocatedVUs (9); raise it, or leave it out",
        ),
        (
            r#"{"executor": "shared-iterations", "exec": "othr"}"#,
            "main.exec: the script exports no function `othr`, which scenario `main` calls; write \
             `export function othr() { … }`",
        ),
        (
            r#"{"executor": "shared-iterations", "exec": ""}"#,
            "main.exec: it names no function; write the name of an exported function, or leave `exec` out",
        ),
        (
            r#"{"executor": "shared-iterations", "env": {"A": 1}}"#,
            "main.env.A: `1` is not text; write it in quotes: '1'",
        ),
    ] {
        assert_eq!(scenario(fields), expected, "{fields}");
    }
}

#[test]
fn names_and_conflicts_are_looked_at() {
    for (options, expected) in [
        (
            r#"{"scenarios": {"my load": {"executor": "shared-iterations"}}}"#,
            "options.scenarios[\"my load\"]: `my load` can't be the name of a scenario; a scenario's name is letters of the \
             Latin alphabet, digits, `_` and `-`",
        ),
        (
            r#"{"duration": "1s", "stages": [{"duration": "1s", "target": 1}]}"#,
            "options.duration: `options.duration` and `options.stages` both say how much is run; leave one of them out",
        ),
        (
            r#"{"iterations": 1, "scenarios": {"a": {"executor": "shared-iterations"}}}"#,
            "options.iterations: `options.iterations` and `options.scenarios` both say how much is run; leave one of them out",
        ),
        (r#"{"duration": 0}"#, "options.duration: a duration of 0s is too short; write 1s or more"),
        (
            r#"{"vus": 5, "iterations": 1}"#,
            "options.iterations: 1 iterations are too few for 5 virtual users; write at least 5 iterations, or fewer virtual \
             users",
        ),
        (r#"{"vus": 0, "duration": "1s"}"#, "options.vus: 0 virtual users make no load; write 1 or more"),
    ] {
        assert_eq!(script(options).map(|_| ()), Err(expected.to_owned()), "{options}");
    }
    let mut nothing = exports();
    nothing.functions.clear();
    assert_eq!(
        Options::default().into_script(&nothing).map(|_| ()).map_err(joined),
        Err(
            "options: the script exports no function `default`, which scenario `default` calls; write `export default \
             function () { … }`, or name another function with `exec`"
                .to_owned()
        )
    );
}

#[test]
fn thresholds_are_held_to_the_metrics_that_there_are() {
    let of = |thresholds: &str| {
        let script = script(&format!(r#"{{"thresholds": {{{thresholds}}}}}"#))?;
        let shown = script.thresholds.iter().map(|threshold| {
            let abort = if threshold.abort_on_fail {
                format!(" abort {:?}", threshold.delay_abort_eval)
            } else {
                String::new()
            };
            format!("{} {}{abort}", threshold.selector, threshold.condition)
        });
        Ok(shown.collect::<Vec<_>>().join("; "))
    };
    for (thresholds, expected) in [
        (r#""http_reqs": ["rate>100", "count > 5"]"#, Ok("http_reqs rate>100; http_reqs count>5")),
        (r#""data_integrity": ["rate==1.0"]"#, Ok("data_integrity rate==1")),
        (
            r#""http_req_duration{name:a, any:thing}": [{"threshold": "p(99.9)<5", "abortOnFail": true, "delayAbortEval": "10s"}]"#,
            Ok("http_req_duration{name:a,any:thing} p(99.9)<5 abort 10s"),
        ),
        (r#""group_duration{group:::outer::inner}": ["avg<5"]"#, Ok("group_duration{group:::outer::inner} avg<5")),
        (r#""http_reqs": [{"threshold": "rate>1", "delayAbortEval": "10s"}]"#, Ok("http_reqs rate>1")),
        (
            r#""data_integrty": ["rate==1.0", "rate>0"]"#,
            Err("options.thresholds.data_integrty: there is no metric `data_integrty`; did you mean `data_integrity`?"),
        ),
        (
            r#""http_req_duration": ["rate<1"]"#,
            Err(
                "options.thresholds.http_req_duration[0]: http_req_duration is a trend and has no rate; it has `avg`, \
                 `min`, `max`, `med`, `p(95)`",
            ),
        ),
        (
            r#""http_reqs": ["rate<"]"#,
            Err(
                "options.thresholds.http_reqs[0]: `rate<` is no condition: the number to compare with is missing here; write \
                 p(95)<300, say; k6's grammar is `figure operator number`",
            ),
        ),
        (
            r#""http_reqs{a:b": ["rate<1"]"#,
            Err(
                "options.thresholds[\"http_reqs{a:b\"]: `http_reqs{a:b` selects no samples: the brace of the tags is not \
                 closed; write `}` after the last; write a metric, or one with tags: metric{tag:value}",
            ),
        ),
    ] {
        assert_eq!(of(thresholds), expected.map(str::to_owned).map_err(str::to_owned), "{thresholds}");
    }
}
