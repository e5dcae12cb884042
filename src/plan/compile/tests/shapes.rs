//! Right files and the plans that come of them.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::plan::policy::JudgedPhase;
use crate::plan::scenario::{Executor, Stage, Work};
use crate::plan::step::{Body, Step, SubmetricMatch};

fn stages(list: &[(u64, u64)]) -> Vec<Stage> {
    list.iter().map(|(secs, target)| Stage { duration: Duration::from_secs(*secs), target: *target }).collect()
}

#[test]
fn every_executor_with_its_defaults() {
    let second = Duration::from_secs(1);
    for (load, executor) in [
        ("executor: constant-vus, duration: 1m", Executor::ConstantVus { vus: 1, duration: MINUTE }),
        (
            "executor: ramping-vus, stages: [{ duration: 1m, target: 10 }]",
            Executor::RampingVus { start_vus: 1, stages: stages(&[(60, 10)]), graceful_ramp_down: 30 * second },
        ),
        ("executor: per-vu-iterations", Executor::PerVuIterations { vus: 1, iterations: 1, max_duration: 10 * MINUTE }),
        (
            "executor: shared-iterations, vus: 2, iterations: 3, maxDuration: 1m",
            Executor::SharedIterations { vus: 2, iterations: 3, max_duration: MINUTE },
        ),
        (
            "executor: constant-arrival-rate, rate: 0.5, duration: 1m, preAllocatedVUs: 2",
            Executor::ConstantArrivalRate {
                rate: 0.5,
                time_unit: second,
                duration: MINUTE,
                pre_allocated_vus: 2,
                max_vus: 2,
            },
        ),
        (
            "executor: ramping-arrival-rate, timeUnit: 1m, stages: [{ duration: 0, target: 5 }, { duration: 1m, target: 5 }], \
             preAllocatedVUs: 2, maxVUs: 9",
            Executor::RampingArrivalRate {
                start_rate: 0.0,
                time_unit: MINUTE,
                stages: stages(&[(0, 5), (60, 5)]),
                pre_allocated_vus: 2,
                max_vus: 9,
            },
        ),
    ] {
        let plan = plan(&with_load(load));
        assert_eq!(plan.scenarios[0].executor, executor);
        assert_eq!((plan.scenarios[0].start_time, plan.scenarios[0].graceful_stop), (Duration::ZERO, 30 * second));
    }
}

/// The load of each of the users' own tests.
#[test]
fn the_loads_of_the_seed_tests() {
    let five = "{ duration: 1m, target: 1000 }, { duration: 1m, target: 2000 }, { duration: 1m, target: 5000 }, \
                { duration: 1m, target: 5000 }, { duration: 1m, target: 0 }";
    let ramp = plan(&with_load(&format!("executor: ramping-vus, stages: [{five}]")));
    assert_eq!(ramp.scenarios[0].executor.max_vus(), 5000);
    assert_eq!(ramp.scenarios[0].executor.duration(), 5 * MINUTE);
    let boards = plan(&with_load("executor: ramping-vus, stages: [{ duration: 10m, target: 6000 }]"));
    assert_eq!(boards.scenarios[0].executor.max_vus(), 6000);
    let smoke = plan(&with_load("executor: per-vu-iterations, vus: 1, iterations: 1"));
    assert_eq!(
        smoke.scenarios[0].executor,
        Executor::PerVuIterations { vus: 1, iterations: 1, max_duration: 10 * MINUTE }
    );
}

#[test]
fn a_scaled_plan_is_smaller_in_every_part() {
    let text = "\
version: 1
name: shop
scenarios:
  main:
    executor: ramping-vus
    startVUs: 10
    stages: [{ duration: 1m, target: 1000 }, { duration: 30s, target: 0 }]
    startTime: 10s
    gracefulStop: 20s
    steps:
      - { get: /, poll: { until: status == 200, every: 5s } }
      - { retry: { delay: 2s }, steps: [{ get: /b, timeout: 9s }] }
      - think: { min: 1s, max: 2s }
thresholds: { http_reqs: [{ threshold: count>1, abortOnFail: true, delayAbortEval: 10s }] }
gate: { judge: { from: 20s, to: 1m40s }, warmup: { max: 60s } }
";
    let plan = plan_with(text, &ReadOptions { scale_load: 0.01, scale_time: 0.1, ..Default::default() });
    let ms = Duration::from_millis;
    let scenario = &plan.scenarios[0];
    let Executor::RampingVus { start_vus, stages, graceful_ramp_down } = &scenario.executor else { panic!() };
    assert_eq!((*start_vus, *graceful_ramp_down), (1, ms(3000)));
    assert_eq!(stages, &[Stage { duration: ms(6000), target: 10 }, Stage { duration: ms(3000), target: 0 }]);
    assert_eq!((scenario.start_time, scenario.graceful_stop), (ms(1000), ms(2000)));
    let steps = steps(scenario);
    assert!(matches!(&steps[0], Step::Poll(poll) if poll.every == ms(500)));
    assert!(
        matches!(&steps[1], Step::Retry(retry) if retry.delay == ms(200) && request(&retry.steps[0]).timeout == ms(9000))
    );
    assert!(matches!(steps[2], Step::Think { min, max } if (min, max) == (ms(100), ms(200))));
    assert_eq!(plan.policy.judge, JudgedPhase::Between { from: ms(2000), to: ms(10_000) });
    assert_eq!((plan.policy.warmup, plan.thresholds[0].delay_abort_eval), (Some(ms(6000)), ms(1000)));
    let whole = super::plan(text);
    assert_ne!(whole.contract.load, plan.contract.load);
    assert_eq!(whole.requests[0].definition, plan.requests[0].definition);
}

#[test]
fn submetrics_are_matched_where_their_tags_are_known() {
    let text = "\
version: 1
name: shop
metrics: { seats: trend }
scenarios:
  main:
    executor: constant-vus
    duration: 1m
    tags: { team: red }
    steps:
      - group: outer
        steps:
          - group: inner
            steps:
              - get: /a
                tags: { tier: gold, tenant: '${vu}' }
                check: { ok: status == 200 }
                record: { seats: '1' }
          - get: /b
      - record: { seats: { when: vu == 1, value: 2 } }
thresholds:
  'http_reqs{group:::outer::inner}': count>1
  'http_reqs{name:GET /a,status:200,tenant:7}': count>1
  'http_reqs{team:red}': count>1
  'checks{check:ok,tier:gold}': rate>0.5
  'seats{scenario:main}': avg<9
  'seats{name:GET /a}': avg<9
  'group_duration{group:outer}': avg<9
  'iterations{team:red}': count>1
";
    let plan = plan(text);
    let ids = |matches: &[SubmetricMatch]| matches.iter().map(|m| m.submetric.0).collect::<Vec<_>>();
    let Step::Group { id, steps: outer, submetrics } = &steps(&plan.scenarios[0])[0] else { panic!() };
    assert_eq!((id.0, ids(submetrics)), (0, vec![6]));
    let Step::Group { id, steps: inner, submetrics } = &outer[0] else { panic!() };
    assert_eq!((id.0, ids(submetrics)), (1, vec![]));
    assert_eq!(plan.groups.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["outer", "outer::inner"]);
    let a = request(&inner[0]);
    assert_eq!(ids(&a.submetrics), [0, 1, 2]);
    assert_eq!(a.submetrics[1].pending, [("status".into(), "200".into()), ("tenant".into(), "7".into())]);
    assert_eq!(ids(&a.checks[0].submetrics), [3]);
    assert_eq!(ids(&a.records[0].submetrics), [4, 5]);
    assert_eq!(a.tags.len(), 1, "a constant tag needs no template");
    assert_eq!(ids(&request(&outer[1]).submetrics), [2]);
    let Step::Record { records } = &steps(&plan.scenarios[0])[1] else { panic!() };
    assert_eq!(ids(&records[0].submetrics), [4]);
    assert_eq!(ids(&plan.scenarios[0].submetrics), [7]);
}

#[test]
fn a_definition_is_what_is_sent_and_expected() {
    let definition = |step: &str| plan(&with_steps(step)).requests[0].definition.clone();
    let base =
        definition("- { post: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201 }");
    assert_eq!(base.len(), 16);
    for same in [
        "- { expect: [201, 200], headers: { b: 2, a: 1 }, json: { b: '${vu}', a: 1 }, name: x, post: /a }",
        "- { post: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201, timeout: 1s, check: { a: vu } }",
    ] {
        assert_eq!(definition(same), base, "{same}");
    }
    for other in [
        "- { put: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201 }",
        "- { post: /b, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201 }",
        "- { post: /a, name: x, json: { a: 2, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201 }",
        "- { post: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 3 }, expect: 200-201 }",
        "- { post: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200 }",
        "- { post: /a, name: x, json: { a: 1, b: '${vu}' }, headers: { A: 1, B: 2 }, expect: 200-201, query: { q: 1 } }",
    ] {
        assert_ne!(definition(other), base, "{other}");
    }
}

#[test]
fn headers_of_scenario_and_request_take_the_place_of_defaults() {
    let text = BASE
        .replace("- get: /boards", "- { get: /boards, headers: { a: own } }")
        .replace("flow: browse", "flow: browse, headers: { B: flow }");
    let plan = plan(&format!("{text}defaults: {{ headers: {{ A: 1, b: 2, c: 3 }} }}\n"));
    let request = request(&steps(&plan.scenarios[0])[0]);
    let names: Vec<&str> = request.default_headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["c"]);
}

#[test]
fn a_scenario_has_its_own_env() {
    let text =
        BASE.replace("flow: browse", "env: { STAGE: own, MORE: x }, steps: [{ get: '/${env.STAGE}/${env.MORE}' }]");
    let env = |_: &str| Some("outer".to_owned());
    let plan = plan_with(&format!("{text}env: [STAGE, OTHER]\n"), &ReadOptions { env: &env, ..Default::default() });
    let Work::Steps(flow) = &plan.scenarios[0].work else { panic!() };
    let pairs: Vec<(&str, &str)> = flow.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("OTHER", "outer"), ("STAGE", "own"), ("MORE", "x")]);
}

#[test]
fn json_keeps_its_types() {
    let plan = plan(&with_steps(
        "- { post: /a, json: { a: 1, b: '1', c: 1.5, d: true, e: ~, f: 007, g: [x], h: 1e3, i: '$${x}' } }",
    ));
    let Some(Body::Json(value)) = &request(&steps(&plan.scenarios[0])[0]).body else { panic!() };
    assert_eq!(
        value.constant().unwrap(),
        json!({ "a": 1, "b": "1", "c": 1.5, "d": true, "e": null, "f": "007", "g": ["x"], "h": 1000.0, "i": "${x}" })
    );
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "\
version: 1
name: shop
flows: { a: &steps [{ get: /a }] }
scenarios:
  one: &load { executor: constant-vus, vus: 2, duration: 10s, steps: *steps }
  two: { <<: *load, vus: 3 }
  three: { executor: per-vu-iterations, flow: a }
";
    let plan = plan(text);
    assert_eq!(plan.scenarios[1].executor, Executor::ConstantVus { vus: 3, duration: Duration::from_secs(10) });
    assert_eq!(plan.requests.len(), 1);
}

#[test]
fn optional_requests_are_those_that_may_never_be_sent() {
    let text = with_steps(
        "\
- if: vu == 1
  then: [{ get: /if }, { get: /both }]
- { choose: [{ steps: [{ get: /choose }] }] }
- { get: /marked, optional: true }
- { get: /both }
- { repeat: { while: vu == 1 }, steps: [{ get: /while }] }
- { repeat: { count: 2 }, steps: [{ get: /always }] }
",
    );
    let plan = plan(&text);
    let optional: Vec<&str> = plan.requests.iter().filter(|r| r.optional).map(|r| r.name.as_ref()).collect();
    assert_eq!(optional, ["GET /if", "GET /choose", "GET /marked", "GET /while"]);
}

#[test]
fn what_cannot_work_is_warned_of() {
    let seed = "\
version: 1
name: shop
flows: { spare: [{ get: / }] }
scenarios:
  seats: { executor: per-vu-iterations, vus: 100, iterations: 1000, steps: [{ get: / }, { think: 1s }] }
  shared: { executor: shared-iterations, vus: 10, iterations: 100, maxDuration: 1m, steps: [{ get: / }, { think: { min: 10s, max: 20s } }] }
  possible: { executor: per-vu-iterations, vus: 100, iterations: 600, steps: [{ get: / }, { think: 1s }] }
  ramp:
    executor: ramping-vus
    stages: [{ duration: 1m, target: 5 }]
    gracefulRampDown: 3s
    steps: [{ get: /, name: status, poll: { until: status == 200, every: 5s } }]
";
    insta::assert_snapshot!(plan(seed).warnings.join("\n"), @r"
    flow `spare` is used by no scenario (line 3)
    scenario `seats`: 100 VUs × 1000 iterations within 10m can't all begin: an iteration thinks for at least 1s, so a VU begins at most 600 of its 1000, and 40 % are dropped. Write fewer iterations, or `maxDuration: 16m40s`
    scenario `shared`: 100 iterations shared by 10 VUs within 1m can't all begin: an iteration thinks for at least 10s, so a VU begins at most 6 of its 10, and 40 % are dropped. Write fewer iterations, or `maxDuration: 1m40s`
    scenario `ramp`: `gracefulRampDown` of 3s is shorter than the 5s between two polls of `status`, so VUs that are taken away are cut off there. Write at least `gracefulRampDown: 5s`
    the plan has no `thresholds` and no `gate`: until there is a baseline, nothing judges its runs. Write what the deployment must hold, such as `http_req_failed: rate<0.01`
    ");
}

#[test]
fn warnings_are_of_the_profile_that_is_applied() {
    let text = "\
version: 1
name: shop
scenarios:
  main: { executor: constant-vus, duration: 1m, steps: [{ get: /, poll: { until: body.x, every: 5s } }, { think: 1s }] }
thresholds: { http_req_failed: rate<0.01 }
profiles:
  count: { scenarios: { main: { executor: per-vu-iterations, vus: 1000, iterations: 601 } } }
  ramp: { scenarios: { main: { executor: ramping-vus, stages: [{ duration: 1m, target: 5 }], gracefulRampDown: 4s } } }
";
    let warnings = |profile, scale_time| {
        plan_with(text, &ReadOptions { profile, scale_time, ..ReadOptions::default() }).warnings.join("\n")
    };
    assert_eq!(warnings(None, 1.0), "");
    insta::assert_snapshot!(warnings(Some("count"), 1.0), @"scenario `main`: 1000 VUs × 601 iterations within 10m can't all begin: an iteration thinks for at least 1s, so a VU begins at most 600 of its 601, and 0.2 % are dropped. Write fewer iterations, or `maxDuration: 10m1s`");
    assert_eq!(warnings(Some("count"), 0.1), warnings(Some("count"), 1.0), "in the plan's own times");
    insta::assert_snapshot!(warnings(Some("ramp"), 1.0), @"scenario `main`: `gracefulRampDown` of 4s is shorter than the 5s between two polls of `GET /`, so VUs that are taken away are cut off there. Write at least `gracefulRampDown: 5s`");
}

#[test]
fn a_plan_that_sends_nothing_is_warned_of() {
    let plan = plan(&format!("{}thresholds: {{ iterations: count>1 }}\n", with_steps("- think: 1s")));
    assert_eq!(plan.warnings, ["no scenario sends a request, so that the run will count as not measured"]);
}

#[test]
fn a_variable_is_used_by_its_name_alone() {
    let options = ReadOptions { env: &|_| Some("x".into()), ..Default::default() };
    for (template, right) in
        [("${env.A}", true), ("${base64(secret.B)}", true), ("${env['A']}", false), ("${secret}", false)]
    {
        let text = format!("{BASE}env: [A]\nsecrets: [B]\ndefaults: {{ headers: {{ x: \"{template}\" }} }}\n");
        assert_eq!(read(&source(&text), &options).is_ok(), right, "{template}");
    }
}

#[test]
fn a_control_is_a_scenario_of_its_own_behind_all_others() {
    let text = format!(
        "{}defaults: {{ headers: {{ authorization: secret }} }}\n",
        BASE.replace(
            "  main:",
            "  late: { executor: constant-vus, startTime: 20s, duration: 5s, flow: browse }\n  main:"
        )
    );
    let without = plan(&text);
    let with = plan(&format!("{text}gate: {{ control: {{ get: 'https://status.example/ping', every: 500ms }} }}\n"));
    let control = with.control.as_ref().unwrap();
    assert_eq!((control.url.as_str(), control.scenario), ("https://status.example/ping", 2));
    assert_eq!(with.own_scenarios().len(), 2);
    let scenario = &with.scenarios[2];
    let Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus } = scenario.executor
    else {
        panic!("{:?}", scenario.executor)
    };
    assert_eq!((rate, time_unit, duration), (1.0, Duration::from_millis(500), Duration::from_secs(25)));
    assert_eq!((pre_allocated_vus, max_vus, scenario.start_time), (1, 4, Duration::ZERO));
    let asked = request(&steps(scenario)[0]);
    assert_eq!((asked.id, asked.redirects, asked.cookies), (control.request, 0, false));
    assert!(asked.default_headers.is_empty(), "the plan's headers are for the deployment");
    let row = &with.requests[usize::from(control.request.0)];
    assert_eq!((&*row.name, row.in_scenario, row.gated), ("control", false, false));
    assert_eq!(with.contract.load, without.contract.load, "it is no part of the load");
    assert_eq!((without.control.is_none(), without.scenarios.len()), (true, 2));
}
