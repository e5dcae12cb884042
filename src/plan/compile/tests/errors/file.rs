//! Wrong files and what is said of them: place, problem and cure.

use std::fs;

use super::super::{BASE, errors, errors_with, plan, with_load};
use crate::plan::{ReadOptions, Source, read};

#[test]
fn every_error_of_a_file_is_said_at_once() {
    let text = "\
version: 1
name: shop
treshold: {}
metrics: { seat: rates }
scenarios:
  reserve:
    executor: ramping-vus
    stages: [{ duration: 1m, target: 10 }, { duration: 5 minutes, target: 20 }, { target: many }]
    vus: 3
    steps:
      - get: /boards
        check: { ok: \"status = 200\", named: \"boddy.id == 1\" }
      - think: 1
profiles:
  pr: { scenarios: { reserve: { executor: constant-vus, vus: 0, duration: 1m } } }
";
    insta::assert_snapshot!(errors(text), @r#"
    loadgate.yml:3:1: treshold: unknown key `treshold`
     3 | treshold: {}
       | ^^^^^^^^
      help: did you mean `thresholds`?

    loadgate.yml:4:18: metrics.seat: `rates` is not a kind of metric
     4 | metrics: { seat: rates }
       |                  ^^^^^
      help: did you mean `rate`?

    loadgate.yml:8:56: scenarios.reserve.stages[1].duration: `5 minutes` is not a duration
     8 |     stages: [{ duration: 1m, target: 10 }, { duration: 5 minutes, target: 20 }, { target: many }]
       |                                                        ^^^^^^^^^
      help: write a duration such as 500ms or 1m30s

    loadgate.yml:8:81: scenarios.reserve.stages[2]: `duration` is missing
     8 |     stages: [{ duration: 1m, target: 10 }, { duration: 5 minutes, target: 20 }, { target: many }]
       |                                                                                 ^
      help: write how long the change takes

    loadgate.yml:8:91: scenarios.reserve.stages[2].target: `many` is not a whole number of at least 0
     8 |     stages: [{ duration: 1m, target: 10 }, { duration: 5 minutes, target: 20 }, { target: many }]
       |                                                                                           ^^^^
      help: write digits alone, such as 20

    loadgate.yml:9:5: scenarios.reserve.vus: ramping-vus has no `vus`
     9 |     vus: 3
       |     ^^^
      help: it takes `startVUs`, `stages`, `gracefulRampDown`

    loadgate.yml:12:30: scenarios.reserve.steps[0].check.ok: unexpected input after expression
     12 |         check: { ok: "status = 200", named: "boddy.id == 1" }
        |                              ^
      help: to compare, write `==`

    loadgate.yml:12:45: scenarios.reserve.steps[0].check.named: nothing is called `boddy` here
     12 |         check: { ok: "status = 200", named: "boddy.id == 1" }
        |                                             ^^^^^^^^^^^^^^^
      help: did you mean `body`?

    loadgate.yml:13:16: scenarios.reserve.steps[1].think: `1` is not a duration
     13 |       - think: 1
        |                ^
      help: a duration has a unit: 1s or 1ms

    loadgate.yml:15:57: profiles.pr.scenarios.reserve.vus: 0 virtual users make no load
     15 |   pr: { scenarios: { reserve: { executor: constant-vus, vus: 0, duration: 1m } } }
        |                                                         ^^^
      help: write 1 or more

    loadgate.yml: 10 errors
    "#);
}

#[test]
fn unknown_keys_name_the_nearest() {
    insta::assert_snapshot!(errors(&BASE.replace("vus: 2", "vu: 2, graceful_stop: 1s, colour: red")), @r"
    loadgate.yml:7:35: scenarios.main.vu: unknown key `vu`
     7 |   main: { executor: constant-vus, vu: 2, graceful_stop: 1s, colour: red, duration: 10s, flow: browse }
       |                                   ^^
      help: did you mean `vus`?

    loadgate.yml:7:61: scenarios.main.colour: unknown key `colour`
     7 |   main: { executor: constant-vus, vu: 2, graceful_stop: 1s, colour: red, duration: 10s, flow: browse }
       |                                                             ^^^^^^
      help: known here: `executor`, `vus`, `duration`, `startVUs`, `stages`, `gracefulRampDown`, `iterations`, `maxDuration`, `rate`, `startRate`, `timeUnit`, `preAllocatedVUs`, `maxVUs`, `startTime`, `gracefulStop`, `let`, `headers`, `tags`, `env`, `flow`, and 1 more

    loadgate.yml: 2 errors
    ");
}

#[test]
fn a_misspelt_key_is_one_error() {
    let text = BASE
        .replace("- get: /boards", "- gett: /boards\n    - flow: browse\n    - get: /a\n      poll: { untill: body.x }")
        .replace("executor", "exector");
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:5:7: flows.browse[0].gett: unknown key `gett`
     5 |     - gett: /boards
       |       ^^^^
      help: did you mean `get`?

    loadgate.yml:6:7: flows.browse[1].flow: unknown key `flow`
     6 |     - flow: browse
       |       ^^^^
      help: a scenario names its flow; to repeat steps in another flow, write an anchor `&name` and `*name`

    loadgate.yml:8:15: flows.browse[2].poll.untill: unknown key `untill`
     8 |       poll: { untill: body.x }
       |               ^^^^^^
      help: did you mean `until`?

    loadgate.yml:10:11: scenarios.main.exector: unknown key `exector`
     10 |   main: { exector: constant-vus, vus: 2, duration: 10s, flow: browse }
        |           ^^^^^^^
      help: did you mean `executor`?

    loadgate.yml: 4 errors
    ");
}

/// One of each kind of text that is no YAML, in words of plans and not of parsers.
#[test]
fn text_that_is_no_yaml_is_explained() {
    let said = |text: &str| {
        let shown = errors(text);
        let (problem, help) =
            (shown.lines().next().unwrap(), shown.lines().find(|line| line.contains("help:")).unwrap());
        format!("{}\n{}", problem.trim_start_matches("loadgate.yml:"), help.trim())
    };
    insta::assert_snapshot!(said("version: 1\nscenarios:\n\tmain: {}\n"), @r"
    3:2: this is not YAML: a tab can't indent a line
    help: indent with spaces
    ");
    insta::assert_snapshot!(said("version: 1\nname: \"shop\nscenarios: {}\n"), @r"
    3:1: this is not YAML: a quote that was opened is not closed
    help: close it on its own line
    ");
    insta::assert_snapshot!(said("version: 1\nname: shop\n  scenarios: {}\n"), @r"
    3:12: this is not YAML: a `key: value` can't stand here
    help: give this line the indentation of its neighbours, or put text that holds `: ` in quotes
    ");
    insta::assert_snapshot!(said("a: { b: status: 200 }\n"), @r"
    1:15: this is not YAML: a `,` or the `}` of this map is missing
    help: separate `key: value` pairs by `, `, and put text that holds `: ` or `,` in quotes
    ");
    insta::assert_snapshot!(said("a: @b\n"), @r#"
    1:4: this is not YAML: unexpected character: `@'
    help: text that holds `: `, ` #` or begins with one of {["'*&!|>%@` needs quotes
    "#);
}

#[test]
fn an_alias_without_its_anchor_is_one_error() {
    let shown = errors(&format!("{BASE}setup: *before\nprofiles: {{ pr: {{ <<: *nope }} }}\n"));
    assert!(shown.contains("2 errors") && shown.contains("there is no anchor `&before`"), "{shown}");
}

#[test]
fn both_spellings_of_a_key_are_read_but_not_together() {
    let right = with_load(
        "executor: constant-arrival-rate, rate: 5, time_unit: 1s, duration: 9s, pre_allocated_vus: 2, maxVUs: 3",
    );
    plan(&right);
    let twice = with_load("executor: constant-vus, vus: 1, duration: 9s, gracefulStop: 1s, graceful_stop: 2s");
    insta::assert_snapshot!(errors(&twice), @r"
    loadgate.yml:7:75: scenarios.main.graceful_stop: `gracefulStop` and `graceful_stop` are the same key
     7 |   main: { executor: constant-vus, vus: 1, duration: 9s, gracefulStop: 1s, graceful_stop: 2s, flow: browse }
       |                                                                           ^^^^^^^^^^^^^
      help: the first is on line 7

    loadgate.yml: 1 error
    ");
}

#[test]
fn a_version_of_http_that_is_not_spoken() {
    let text = "\
version: 1
name: seats
target: { httpVersion: HTTP/3 }
scenarios:
  main: { executor: constant-vus, duration: 10s, steps: [{ get: / }] }
";
    insta::assert_snapshot!(errors(text), @r"
    loadgate.yml:3:24: target.httpVersion: `HTTP/3` is not a version of HTTP
     3 | target: { httpVersion: HTTP/3 }
       |                        ^^^^^^
      help: HTTP/3 is not spoken: write auto, 1.1 or 2

    loadgate.yml: 1 error
    ");
}

#[test]
fn values_of_the_wrong_kind() {
    let text = "\
version: one
name: [a]
target: { url: localhost, ready: { status: 900 }, insecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*.x'] }
scenarios:
  main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
thresholds: 5
gate: { judge: some, regression: { tolerance: 10, metrics: [p50, p90] }, baseline: { window: 5, min: 10 } }
";
    insta::assert_snapshot!(errors(text), @r"
    loadgate.yml:1:10: version: `one` is not a whole number of at least 0
     1 | version: one
       |          ^^^
      help: write digits alone, such as 20

    loadgate.yml:2:1: name: a list is not text
     2 | name: [a]
       | ^^^^
      help: write text, or leave the key out

    loadgate.yml:3:16: target.url: `localhost` is no URL
     3 | target: { url: localhost, ready: { status: 900 }, insecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*…
       |                ^^^^^^^^^
      help: write scheme, host and port alone, such as https://preview.example.com

    loadgate.yml:3:27: target.ready: `get` is missing
     3 | target: { url: localhost, ready: { status: 900 }, insecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*…
       |                           ^^^^^
      help: write the path that is asked

    loadgate.yml:3:74: target.insecureSkipTLSVerify: `yes` is not true or false
     3 | …alhost, ready: { status: 900 }, insecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*.x'] }
       |                                                         ^^^
      help: write `true` or `false`, without quotes

    loadgate.yml:3:94: target.allowedHosts[0]: `https://a.b` is no host
     3 | …tus: 900 }, insecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*.x'] }
       |                                                         ^^^^^^^^^^^^^
      help: write `host` or `host:port`, without a scheme, path or `*`

    loadgate.yml:3:109: target.allowedHosts[1]: `*.x` is no host
     3 | …ecureSkipTLSVerify: yes, allowedHosts: ['https://a.b', '*.x'] }
       |                                                         ^^^^^
      help: write `host` or `host:port`, without a scheme, path or `*`

    loadgate.yml:5:21: scenarios.main.executor: `constant-vu` is not an executor
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                     ^^^^^^^^^^^
      help: did you mean `constant-vus`?

    loadgate.yml:5:44: scenarios.main.duration: `10` is not a duration
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                                            ^^^^
      help: a duration has a unit: 10s or 10ms

    loadgate.yml:5:55: scenarios.main.vus: `2` is not a whole number of at least 0
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                                                       ^^^
      help: write it without quotes

    loadgate.yml:5:71: scenarios.main.tags.a: a scenario's tag can't hold a template
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                                                                       ^^^^^^
      help: write constant text; a request's `tags` may hold templates

    loadgate.yml:5:79: scenarios.main.tags.name: every sample has its own tag `name`
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                                                                               ^^^^
      help: take another name than `name`, `method`, `scenario`, `group`, `check`, `status`, `expected_response`, `error`

    loadgate.yml:5:90: scenarios.main.steps: a map is not a list
     5 |   main: { executor: constant-vu, duration: '10', vus: '2', tags: { a: '${b}', name: x }, steps: { get: / } }
       |                                                                                          ^^^^^
      help: write `[…]`, or lines that begin with `- `

    loadgate.yml:6:13: thresholds: `5` is not a map
     6 | thresholds: 5
       |             ^
      help: write `name: value` pairs

    loadgate.yml:7:16: gate.judge: `some` is not a phase
     7 | gate: { judge: some, regression: { tolerance: 10, metrics: [p50, p90] }, baseline: { window: 5, min: 10 } }
       |                ^^^^
      help: write `all`, or `{ from: 1m, to: 4m }`

    loadgate.yml:7:47: gate.regression.tolerance: `10` is not a share of 0 to 1
     7 | gate: { judge: some, regression: { tolerance: 10, metrics: [p50, p90] }, baseline: { window: 5, min: 10 } }
       |                                               ^^
      help: write 10% for a per cent

    loadgate.yml:7:66: gate.regression.metrics[1]: `p90` is not a figure that can be compared
     7 | gate: { judge: some, regression: { tolerance: 10, metrics: [p50, p90] }, baseline: { window: 5, min: 10 } }
       |                                                                  ^^^
      help: write one of `p50`, `p95`, `p99`, `p999`, `failed`

    loadgate.yml:7:97: gate.baseline.min: a window of 5 runs never holds the 10 that a comparison needs
     7 | gate: { judge: some, regression: { tolerance: 10, metrics: [p50, p90] }, baseline: { window: 5, min: 10 } }
       |                                                                                                 ^^^
      help: raise `window` or lower `min`

    loadgate.yml: 18 errors
    ");
}

#[test]
fn a_plan_needs_version_name_and_scenarios() {
    insta::assert_snapshot!(errors("defaults: {}\n"), @r"
    loadgate.yml:1:1: `version` is missing
     1 | defaults: {}
       | ^
      help: begin the plan with `version: 1`

    loadgate.yml:1:1: `name` is missing
     1 | defaults: {}
       | ^
      help: write `name: checkout`, say: it names the plan in comments and its folder of baselines

    loadgate.yml:1:1: `scenarios` is missing
     1 | defaults: {}
       | ^
      help: write one scenario at least: an executor, and the flow that an iteration runs

    loadgate.yml: 3 errors
    ");
}

#[test]
fn text_that_is_no_plan() {
    insta::assert_snapshot!(errors("hello"), @r"
    loadgate.yml:1:1: `hello` is not a plan
     1 | hello
       | ^^^^^
      help: write a map of `version`, `name`, `secrets`, `env`, `target`, `reference`, `script`, `defaults`, `data`, `metrics`, `setup`, `teardown`, `flows`, `scenarios`, `thresholds`, `gate`, `profiles`

    loadgate.yml: 1 error
    ");
    insta::assert_snapshot!(errors("version: 1\n  name: x\n"), @r#"
    loadgate.yml:2:7: this is not YAML: a `key: value` can't stand here
     2 |   name: x
       |       ^
      help: give this line the indentation of its neighbours, or put text that holds `: ` in quotes

    loadgate.yml: 1 error
    "#);
    insta::assert_snapshot!(errors(""), @r"
    loadgate.yml:1:1: the file is empty
      help: `loadgate init` writes a plan to begin with

    loadgate.yml: 1 error
    ");
}

#[test]
fn declared_variables() {
    let text = format!(
        "{BASE}env: [GITHUB_TOKEN, 'a b']\nsecrets: [BYPASS]\ntarget: {{ headers: {{ x: '${{secret.BYPASS}} ${{vu}}' }} }}\n"
    );
    let env = |_: &str| Some(String::new());
    insta::assert_snapshot!(errors_with(&text, &ReadOptions { env: &env, ..Default::default() }), @r"
    loadgate.yml:8:7: env[0]: a plan never sees `GITHUB_TOKEN`
     8 | env: [GITHUB_TOKEN, 'a b']
       |       ^^^^^^^^^^^^
      help: CI's own tokens are not for the load; use a secret of its own

    loadgate.yml:8:21: env[1]: `a b` is no name of an environment variable
     8 | env: [GITHUB_TOKEN, 'a b']
       |                     ^^^^^
      help: a name is letters, digits and `_`

    loadgate.yml:10:25: target.headers.x: the secret `BYPASS` is used here, but the environment has no value of it
     10 | target: { headers: { x: '${secret.BYPASS} ${vu}' } }
        |                         ^^^^^^^^^^^^^^^^^^^^^^^^
      help: set the variable; GitHub gives workflows of forks an empty one

    loadgate.yml:10:25: target.headers.x: `vu` is not known here
     10 | target: { headers: { x: '${secret.BYPASS} ${vu}' } }
        |                         ^^^^^^^^^^^^^^^^^^^^^^^^
      help: these headers are made before the load: they see `env` and `secret`

    loadgate.yml: 4 errors
    ");
    // Nobody needs the secret that no request uses.
    plan(&format!("{BASE}secrets: [BYPASS]\n"));
}

#[test]
fn profiles_override_load_thresholds_and_gate_alone() {
    let text = format!(
        "{BASE}\
profiles:
  pr: {{ scenarios: {{ mian: {{ vus: 1 }}, main: {{ flow: other, executor: ramping-vus, vus: 3 }} }} }}
  nightly: {{ target: {{}}, gate: {{ judge: {{ from: 0s, to: 1h }} }}, thresholds: {{ http_reqs: ['p(1)<1'] }} }}
"
    );
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:9:22: profiles.pr.scenarios.mian: there is no scenario `mian` to override
     9 |   pr: { scenarios: { mian: { vus: 1 }, main: { flow: other, executor: ramping-vus, vus: 3 } } }
       |                      ^^^^
      help: did you mean `main`?

    loadgate.yml:9:40: profiles.pr.scenarios.main: `stages` is missing
     9 |   pr: { scenarios: { mian: { vus: 1 }, main: { flow: other, executor: ramping-vus, vus: 3 } } }
       |                                        ^^^^
      help: write `stages: [{ duration: 1m, target: 20 }]`

    loadgate.yml:9:48: profiles.pr.scenarios.main.flow: a profile can't override `flow`
     9 |   pr: { scenarios: { mian: { vus: 1 }, main: { flow: other, executor: ramping-vus, vus: 3 } } }
       |                                                ^^^^
      help: a profile changes how much load there is: `executor`, `vus`, `duration`, `startVUs`, `stages`, `gracefulRampDown`, `iterations`, `maxDuration`, `rate`, `startRate`, `timeUnit`, `preAllocatedVUs`, `maxVUs`, `startTime`, `gracefulStop`

    loadgate.yml:9:84: profiles.pr.scenarios.main.vus: ramping-vus has no `vus`
     9 |   pr: { scenarios: { mian: { vus: 1 }, main: { flow: other, executor: ramping-vus, vus: 3 } } }
       |                                                                                    ^^^
      help: it takes `startVUs`, `stages`, `gracefulRampDown`

    loadgate.yml:10:14: profiles.nightly.target: unknown key `target`
     10 |   nightly: { target: {}, gate: { judge: { from: 0s, to: 1h } }, thresholds: { http_reqs: ['p(1)<1'] } }
        |              ^^^^^^
      help: known here: `scenarios`, `thresholds`, `gate`

    loadgate.yml:10:57: profiles.nightly.gate.judge.to: the schedule ends after 10s, before the judged phase does
     10 |   nightly: { target: {}, gate: { judge: { from: 0s, to: 1h } }, thresholds: { http_reqs: ['p(1)<1'] } }
        |                                                         ^^
      help: write at most `to: 10s`

    loadgate.yml:10:91: profiles.nightly.thresholds.http_reqs[0]: http_reqs is a counter and has no p(1)
     10 |   nightly: { target: {}, gate: { judge: { from: 0s, to: 1h } }, thresholds: { http_reqs: ['p(1)<1'] } }
        |                                                                                           ^^^^^^^^
      help: it has `count`, `rate`

    loadgate.yml: 7 errors
    ");
}

#[test]
fn options_of_the_command_line() {
    let options = ReadOptions { profile: Some("nigthly"), scale_load: 0.0, scale_time: f64::NAN, ..Default::default() };
    let text = format!("{BASE}profiles: {{ nightly: {{}} }}\n");
    insta::assert_snapshot!(errors_with(&text, &options), @r"
    --scale-load 0 is no factor
      help: give a number over 0 and up to 1000, such as 0.1

    --scale-time NaN is no factor
      help: give a number over 0 and up to 1000, such as 0.1

    the plan has no profile `nigthly`
      help: did you mean `nightly`?

    loadgate.yml: 3 errors
    ");
}

#[test]
fn data_files() {
    let folder = tempfile::tempdir().unwrap();
    let plans = folder.path().join("plans");
    fs::create_dir(&plans).unwrap();
    fs::write(plans.join("empty.csv"), "id,name\n").unwrap();
    fs::write(plans.join("ragged.csv"), "id,name\n1\n").unwrap();
    fs::write(plans.join("object.json"), "{}").unwrap();
    fs::write(folder.path().join("outside.csv"), "id\n1\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("outside.csv"), plans.join("link.csv")).unwrap();
    let text = format!(
        "{BASE}\
data:
  a: {{ csv: empty.csv }}
  b: {{ csv: ragged.csv }}
  c: {{ json: object.json }}
  d: {{ csv: ../outside.csv }}
  e: {{ csv: link.csv, pick: randomly }}
  f: {{ csv: none.csv }}
  g: []
  h: {{ pick: unique }}
  body: [1]
"
    );
    let source = Source { text, path: plans.join("loadgate.yml") };
    let shown = read(&source, &ReadOptions::default()).unwrap_err().to_string();
    let shown = shown.replace(&plans.display().to_string(), "PLANS");
    insta::assert_snapshot!(shown, @r"
    PLANS/loadgate.yml:9:13: data.a.csv: `empty.csv` has no rows
     9 |   a: { csv: empty.csv }
       |             ^^^^^^^^^
      help: a data set needs one row at least; of CSV, the first line only names the columns

    PLANS/loadgate.yml:10:13: data.b.csv: `ragged.csv` can't be read: CSV error: record 1 (line: 2, byte: 8): found record with 1 fields, but the previous record has 2 fields
     10 |   b: { csv: ragged.csv }
        |             ^^^^^^^^^^
      help: correct the file

    PLANS/loadgate.yml:11:14: data.c.json: `object.json` can't be read: it holds one object, not an array of rows
     11 |   c: { json: object.json }
        |              ^^^^^^^^^^^
      help: correct the file

    PLANS/loadgate.yml:12:13: data.d.csv: `../outside.csv` is outside of the plan's folder
     12 |   d: { csv: ../outside.csv }
        |             ^^^^^^^^^^^^^^
      help: a plan reads only files beneath its own folder; move the file there

    PLANS/loadgate.yml:13:13: data.e.csv: `link.csv` is outside of the plan's folder
     13 |   e: { csv: link.csv, pick: randomly }
        |             ^^^^^^^^
      help: a plan reads only files beneath its own folder; move the file there

    PLANS/loadgate.yml:13:29: data.e.pick: `randomly` is not a way to pick a row
     13 |   e: { csv: link.csv, pick: randomly }
        |                             ^^^^^^^^
      help: did you mean `random`?

    PLANS/loadgate.yml:14:13: data.f.csv: `none.csv` can't be read: No such file or directory (os error 2)
     14 |   f: { csv: none.csv }
        |             ^^^^^^^^
      help: the path is looked for in the plan's folder, PLANS

    PLANS/loadgate.yml:15:3: data.g: this data set has no rows
     15 |   g: []
        |   ^
      help: write one row at least

    PLANS/loadgate.yml:16:3: data.h: this data set has no rows
     16 |   h: { pick: unique }
        |   ^
      help: write `csv`, `json` or `inline`

    PLANS/loadgate.yml:17:3: data.body: `body` is a word of the expression language
     17 |   body: [1]
        |   ^^^^
      help: take another name than `status`, `headers`, `body`, `text`, `timings`, `checks_passed`, `vu`, `iteration`, `index`, `env`, `secret`, `error`

    PLANS/loadgate.yml: 10 errors
    ");
}

#[test]
fn wrong_ways_to_encrypt_are_said() {
    let target = "\
target:
  insecureSkipTLSVerify: true
  tls: { ca: missing.pem }
  tlsVersion: { min: tls1.3, max: tls1.2 }
  tlsAuth:
    - { domains: [https://shop.example], cert: Cargo.toml, key: Cargo.toml }
    - { cert: \"-----BEGIN CERTIFICATE-----\", key: \"${secret.KEY}\" }
    - { domains: [\"*.shop.example\"] }
";
    insta::assert_snapshot!(errors(&BASE.replace("flows:", &format!("{target}flows:"))), @r#"
    loadgate.yml:5:3: target.tls: authorities are named, but nothing is checked
     5 |   tls: { ca: missing.pem }
       |   ^^^
      help: leave out `insecureSkipTLSVerify`, which trusts every certificate, or `tls`

    loadgate.yml:5:14: target.tls.ca: `missing.pem` can't be read: No such file or directory (os error 2)
     5 |   tls: { ca: missing.pem }
       |              ^^^^^^^^^^^
      help: the path is looked for in the plan's folder, .

    loadgate.yml:6:3: target.tlsVersion: `min` is newer than `max`
     6 |   tlsVersion: { min: tls1.3, max: tls1.2 }
       |   ^^^^^^^^^^
      help: exchange the two

    loadgate.yml:8:19: target.tlsAuth[0].domains[0]: `https://shop.example` is no host name
     8 |     - { domains: [https://shop.example], cert: Cargo.toml, key: Cargo.toml }
       |                   ^^^^^^^^^^^^^^^^^^^^
      help: write `name` or `*.name`, without a scheme or port

    loadgate.yml:8:48: target.tlsAuth[0].cert: `Cargo.toml` holds no certificate in PEM
     8 |     - { domains: [https://shop.example], cert: Cargo.toml, key: Cargo.toml }
       |                                                ^^^^^^^^^^
      help: it begins with `-----BEGIN CERTIFICATE-----`; `openssl x509 -inform der` converts one in DER, and `openssl pkcs12 -nokeys` one in PKCS #12

    loadgate.yml:9:15: target.tlsAuth[1].cert: certificates and keys don't stand in the plan
     9 |     - { cert: "-----BEGIN CERTIFICATE-----", key: "${secret.KEY}" }
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: name a file beneath the plan's folder, or a secret: `"${secret.NAME}"`

    loadgate.yml:9:51: target.tlsAuth[1].key: `secret.KEY` is not declared
     9 |     - { cert: "-----BEGIN CERTIFICATE-----", key: "${secret.KEY}" }
       |                                                   ^^^^^^^^^^^^^^^
      help: add `KEY` to `secrets`

    loadgate.yml:10:7: target.tlsAuth[2]: `cert` is missing
     10 |     - { domains: ["*.shop.example"] }
        |       ^
      help: write the path of a file beneath the plan's folder

    loadgate.yml:10:7: target.tlsAuth[2]: `key` is missing
     10 |     - { domains: ["*.shop.example"] }
        |       ^
      help: write the path of a file beneath the plan's folder, or a secret: `key: "${secret.NAME}"`

    loadgate.yml: 9 errors
    "#);
    insta::assert_snapshot!(errors(&BASE.replace("flows:", "target: { tlsVersion: tls1.1, tls: {} }\nflows:")), @r"
    loadgate.yml:3:23: target.tlsVersion: `tls1.1` is not a version of TLS that is spoken here
     3 | target: { tlsVersion: tls1.1, tls: {} }
       |                       ^^^^^^
      help: did you mean `tls1.2`?

    loadgate.yml:3:31: target.tls: `ca` is missing
     3 | target: { tlsVersion: tls1.1, tls: {} }
       |                               ^^^
      help: write the path of a file beneath the plan's folder, or leave `tls` out

    loadgate.yml: 2 errors
    ");
}

#[test]
fn wrong_addresses_in_place_of_dns_are_said() {
    let target = "\
target:
  hosts:
    shop.example: other.example
    http://shop.example: 10.0.0.7
    a.*.example: 10.0.0.7
    cdn.example:443: 10.0.0.7
    CDN.example:443: 10.0.0.8
    cdn.example: 10.0.0.7:0
";
    insta::assert_snapshot!(errors(&BASE.replace("flows:", &format!("{target}flows:"))), @r#"
    loadgate.yml:5:19: target.hosts["shop.example"]: `other.example` is no IP address, nor one with a port
     5 |     shop.example: other.example
       |                   ^^^^^^^^^^^^^
      help: write an address such as 10.0.0.7, "10.0.0.7:8443" or "[::1]:8443"

    loadgate.yml:6:5: target.hosts["http://shop.example"]: `http://shop.example` has no valid port
     6 |     http://shop.example: 10.0.0.7
       |     ^^^^^^^^^^^^^^^^^^^
      help: write `name`, `*.name` or `name:port`, without a scheme

    loadgate.yml:7:5: target.hosts["a.*.example"]: `a.*.example` is no host name
     7 |     a.*.example: 10.0.0.7
       |     ^^^^^^^^^^^
      help: write `name`, `*.name` or `name:port`, without a scheme

    loadgate.yml:9:5: target.hosts["CDN.example:443"]: `CDN.example:443` is there twice
     9 |     CDN.example:443: 10.0.0.8
       |     ^^^^^^^^^^^^^^^
      help: leave one of them out

    loadgate.yml:10:18: target.hosts["cdn.example"]: `10.0.0.7:0` is no IP address, nor one with a port
     10 |     cdn.example: 10.0.0.7:0
        |                  ^^^^^^^^^^
      help: write an address such as 10.0.0.7, "10.0.0.7:8443" or "[::1]:8443"

    loadgate.yml: 5 errors
    "#);
}
