//! Wrong files and what is said of them: place, problem and cure.

use std::fs;

use super::{BASE, errors, errors_with, with_load, with_steps};
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
fn both_spellings_of_a_key_are_read_but_not_together() {
    let right = with_load(
        "executor: constant-arrival-rate, rate: 5, time_unit: 1s, duration: 9s, pre_allocated_vus: 2, maxVUs: 3",
    );
    super::plan(&right);
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
      help: did you mean `p50`?

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
      help: write a map of `version`, `name`, `secrets`, `env`, `target`, `reference`, `defaults`, `data`, `metrics`, `setup`, `teardown`, `flows`, `scenarios`, `thresholds`, `gate`, `profiles`

    loadgate.yml: 1 error
    ");
    insta::assert_snapshot!(errors("version: 1\n  name: x\n"), @r#"
    loadgate.yml:2:7: this is not YAML: mapping values are not allowed in this context
     2 |   name: x
       |       ^
      help: text that holds `: `, ` #` or begins with one of {["'*&!|>%@` needs quotes

    loadgate.yml: 1 error
    "#);
    insta::assert_snapshot!(errors(""), @r"
    loadgate.yml:1:1: the file is empty
      help: `loadgate init` writes a plan to begin with

    loadgate.yml: 1 error
    ");
}

#[test]
fn a_step_has_one_verb_and_what_belongs_to_it() {
    let steps = "\
- get: /a
  post: /b
- name: x
- think: 1s
  json: { a: 1 }
- poll: { until: status == 200 }
- group: g
- {}
- if: status == 200
  steps: [{ stop: enough }]
- repeat: { parallel: 2 }
  steps: [{ get: /a }]
- all: [{ think: 1s }, { get: /a }]
- choose: []
- retry: { max: 0 }
  steps: []
";
    insta::assert_snapshot!(errors(&with_steps(steps)), @r"
    loadgate.yml:6:7: flows.browse[0].post: a step has one verb; found `get`, `post`
     6 |       post: /b
       |       ^^^^
      help: make a step of each

    loadgate.yml:7:7: flows.browse[1]: this step has no verb; found `name`
     7 |     - name: x
       |       ^
      help: a step has one of `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `request`, `think`, `group`, `repeat`, `retry`, `if`, `choose`, `all`, `let`, `stop`, `fail`

    loadgate.yml:9:7: flows.browse[2].json: `json` has no meaning beside `think`
     9 |       json: { a: 1 }
       |       ^^^^
      help: it belongs to a request

    loadgate.yml:10:7: flows.browse[3]: this step has no verb; found `poll`
     10 |     - poll: { until: status == 200 }
        |       ^
      help: a step has one of `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `request`, `think`, `group`, `repeat`, `retry`, `if`, `choose`, `all`, `let`, `stop`, `fail`

    loadgate.yml:11:7: flows.browse[4]: `steps` is missing
     11 |     - group: g
        |       ^
      help: write a list of steps

    loadgate.yml:12:7: flows.browse[5]: this step does nothing
     12 |     - {}
        |       ^
      help: a step has one of `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `request`, `think`, `group`, `repeat`, `retry`, `if`, `choose`, `all`, `let`, `stop`, `fail`

    loadgate.yml:13:7: flows.browse[6]: `then` is missing
     13 |     - if: status == 200
        |       ^
      help: write a list of steps

    loadgate.yml:14:7: flows.browse[6].steps: `steps` has no meaning beside `if`
     14 |       steps: [{ stop: enough }]
        |       ^^^^^
      help: it belongs to `group`, `repeat` or `retry`

    loadgate.yml:15:7: flows.browse[7].repeat: this loop has no end
     15 |     - repeat: { parallel: 2 }
        |       ^^^^^^
      help: write `count`, `while` or `until`

    loadgate.yml:15:27: flows.browse[7].repeat.parallel: passes at once need a fixed number
     15 |     - repeat: { parallel: 2 }
        |                           ^
      help: write `count` alone: a condition needs the pass before it to have ended

    loadgate.yml:17:13: flows.browse[8].all[0]: `think` can't be sent at once with others
     17 |     - all: [{ think: 1s }, { get: /a }]
        |             ^
      help: `all` takes requests

    loadgate.yml:18:7: flows.browse[9].choose: there is nothing to choose from
     18 |     - choose: []
        |       ^^^^^^
      help: write `- steps: […]` for each way

    loadgate.yml:19:21: flows.browse[10].retry.max: there is no attempt at all
     19 |     - retry: { max: 0 }
        |                     ^
      help: write 1 or more

    loadgate.yml:20:7: flows.browse[10].steps: there are no steps
     20 |       steps: []
        |       ^^^^^
      help: write one step at least

    loadgate.yml: 14 errors
    ");
}

#[test]
fn requests() {
    let steps = "\
- get: boards
- get: https://elsewhere.example/boards
- request: { method: 'GE T', url: / }
- post: /a
  json: {}
  form: { a: b }
- get: /a
  expect: [200, 600]
  name: 'a ${index}'
  auth: { basic: { username: u } }
  headers: { 'a b': c, Host: x }
  record: { seats: 1 }
  collect: { pool: body.id }
  capture: { body: body.id }
  tags: { scenario: x }
  timeout: 0s
- post: /a
  body: { file: ../secret }
";
    insta::assert_snapshot!(errors(&with_steps(steps)), @r#"
    loadgate.yml:5:12: flows.browse[0].get: `boards` is no path and no URL
     5 |     - get: boards
       |            ^^^^^^
      help: begin with `/`, or with the scheme of an allowed host's URL

    loadgate.yml:6:12: flows.browse[1].get: the load may not touch `elsewhere.example`
     6 |     - get: https://elsewhere.example/boards
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: write the path alone to reach the target, or add `elsewhere.example` to `target.allowedHosts`

    loadgate.yml:7:26: flows.browse[2].request.method: `GE T` is no HTTP method
     7 |     - request: { method: 'GE T', url: / }
       |                          ^^^^^^
      help: write letters alone, such as GET or PURGE

    loadgate.yml:10:7: flows.browse[3].form: a request has one body; found `json`, `form`
     10 |       form: { a: b }
        |       ^^^^
      help: leave all but one out

    loadgate.yml:12:21: flows.browse[4].expect[1]: `600` is not a status
     12 |       expect: [200, 600]
        |                     ^^^
      help: write 200, 2xx or 200-299; statuses are 100 to 599

    loadgate.yml:13:13: flows.browse[4].name: a request's name can't hold a template
     13 |       name: 'a ${index}'
        |             ^^^^^^^^^^^^
      help: a name is constant, so that the number of series is known; use `tags` for what changes

    loadgate.yml:14:15: flows.browse[4].auth.basic: `password` is missing
     14 |       auth: { basic: { username: u } }
        |               ^^^^^
      help: write `password: …`, from a secret

    loadgate.yml:15:18: flows.browse[4].headers["a b"]: `a b` is no name of a header
     15 |       headers: { 'a b': c, Host: x }
        |                  ^^^^^
      help: a header's name is letters, digits and `-`

    loadgate.yml:15:28: flows.browse[4].headers.Host: `host` is made by the client
     15 |       headers: { 'a b': c, Host: x }
        |                            ^^^^
      help: leave it out

    loadgate.yml:16:17: flows.browse[4].record.seats: there is no metric `seats`
     16 |       record: { seats: 1 }
        |                 ^^^^^
      help: declare it: `metrics: { seats: rate }`

    loadgate.yml:17:7: flows.browse[4].collect: `collect` fills a pool before the load: it belongs to `setup`
     17 |       collect: { pool: body.id }
        |       ^^^^^^^
      help: in a scenario write `capture`, which keeps a value for the iteration

    loadgate.yml:18:18: flows.browse[4].capture.body: `body` is a word of the expression language
     18 |       capture: { body: body.id }
        |                  ^^^^
      help: take another name than `status`, `headers`, `body`, `text`, `timings`, `checks_passed`, `vu`, `iteration`, `index`, `env`, `secret`, `error`

    loadgate.yml:19:15: flows.browse[4].tags.scenario: every sample has its own tag `scenario`
     19 |       tags: { scenario: x }
        |               ^^^^^^^^
      help: take another name than `name`, `method`, `scenario`, `group`, `check`, `status`, `expected_response`, `error`

    loadgate.yml:20:16: flows.browse[4].timeout: no request ends in no time
     20 |       timeout: 0s
        |                ^^
      help: write a duration such as 15s

    loadgate.yml:22:21: flows.browse[5].body.file: `../secret` can't be read: No such file or directory (os error 2)
     22 |       body: { file: ../secret }
        |                     ^^^^^^^^^
      help: the path is looked for in the plan's folder, .

    loadgate.yml: 15 errors
    "#);
}

#[test]
fn expressions_know_their_names() {
    let text = "\
version: 1
name: shop
env: [STAGE]
secrets: [TOKEN]
data: { users: [{ id: 1 }] }
setup:
  steps:
    - get: /token
      collect: { tokens: body.token }
      capture: { shop: body.shop }
scenarios:
  main:
    executor: per-vu-iterations
    let: { token: '${pick(tokens)}', user: '${users.id}' }
    headers: { Authorization: 'Bearer ${tokn}', X-Stage: '${env.STAGE}', X-Key: '${secret.TOKN}' }
    steps:
      - get: /a/${shop}/${user}/${seat.id}
        check: { ok: 'status == 200 and', other: 'secret.TOKEN == env.NOPE' }
        capture: { seat: body.seat }
      - post: /b
        json: { a: ['${sead}', { b: '${seat.id' }] }
";
    let env = |name: &str| (name == "STAGE").then(String::new);
    insta::assert_snapshot!(errors_with(text, &ReadOptions { env: &env, ..Default::default() }), @r"
    loadgate.yml:15:31: scenarios.main.headers.Authorization: nothing is called `tokn` here
     15 |     headers: { Authorization: 'Bearer ${tokn}', X-Stage: '${env.STAGE}', X-Key: '${secret.TOKN}' }
        |                               ^^^^^^^^^^^^^^^^
      help: did you mean `token`?

    loadgate.yml:15:81: scenarios.main.headers.X-Key: `secret.TOKN` is not declared
     15 |     headers: { Authorization: 'Bearer ${tokn}', X-Stage: '${env.STAGE}', X-Key: '${secret.TOKN}' }
        |                                                                                 ^^^^^^^^^^^^^^^^
      help: did you mean `secret.TOKEN`?

    loadgate.yml:18:37: scenarios.main.steps[0].check.ok: unexpected end of input, expected expression
     18 |         check: { ok: 'status == 200 and', other: 'secret.TOKEN == env.NOPE' }
        |                                     ^

    loadgate.yml:18:50: scenarios.main.steps[0].check.other: `env.NOPE` is not declared
     18 |         check: { ok: 'status == 200 and', other: 'secret.TOKEN == env.NOPE' }
        |                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: add `NOPE` to `env`

    loadgate.yml:18:50: scenarios.main.steps[0].check.other: the secret `TOKEN` is used here, but the environment has no value of it
     18 |         check: { ok: 'status == 200 and', other: 'secret.TOKEN == env.NOPE' }
        |                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: set the variable; GitHub gives workflows of forks an empty one

    loadgate.yml:21:21: scenarios.main.steps[1].json.a[0]: nothing is called `sead` here
     21 |         json: { a: ['${sead}', { b: '${seat.id' }] }
        |                     ^^^^^^^^^
      help: did you mean `seat`?

    loadgate.yml:21:38: scenarios.main.steps[1].json.a[1].b: `${` has no `}`
     21 |         json: { a: ['${sead}', { b: '${seat.id' }] }
        |                                      ^
      help: for a plain `${` write `$${`

    loadgate.yml: 7 errors
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
    super::plan(&format!("{BASE}secrets: [BYPASS]\n"));
}

#[test]
fn impossible_loads() {
    for (load, problem) in [
        ("executor: constant-vus, vus: 0, duration: 1m", "0 virtual users make no load"),
        ("executor: constant-vus, vus: -1, duration: 1m", "`-1` is not a whole number of at least 0"),
        ("executor: constant-vus, vus: 1.5, duration: 1m", "`1.5` is not a whole number of at least 0"),
        ("executor: constant-vus, vus: 99999999, duration: 1m", "99999999 virtual users are too many"),
        ("executor: constant-vus", "`duration` is missing"),
        ("executor: constant-vus, duration: 0s", "a load of no duration begins nothing"),
        ("executor: ramping-vus", "`stages` is missing"),
        ("executor: ramping-vus, stages: []", "these stages take no time"),
        ("executor: ramping-vus, stages: [{ duration: 0s, target: 5 }]", "these stages take no time"),
        ("executor: ramping-vus, startVUs: 0, stages: [{ duration: 1m, target: 0 }]", "0 virtual users make no load"),
        ("executor: ramping-vus, stages: [{ duration: 1m }]", "`target` is missing"),
        ("executor: per-vu-iterations, iterations: 0", "0 iterations make no load"),
        ("executor: per-vu-iterations, maxDuration: 0s", "a load of no duration begins nothing"),
        ("executor: per-vu-iterations, rate: 5", "per-vu-iterations has no `rate`"),
        ("executor: shared-iterations, vus: 9, iterations: 8", "8 iterations are too few for 9 virtual users"),
        ("executor: constant-arrival-rate, duration: 1m, preAllocatedVUs: 1", "`rate` is missing"),
        ("executor: constant-arrival-rate, rate: 1, duration: 1m", "`preAllocatedVUs` is missing"),
        ("executor: constant-arrival-rate, rate: 0, duration: 1m, preAllocatedVUs: 1", "a rate of 0 or less"),
        ("executor: constant-arrival-rate, rate: -3, duration: 1m, preAllocatedVUs: 1", "a rate of 0 or less"),
        ("executor: constant-arrival-rate, rate: .inf, duration: 1m, preAllocatedVUs: 1", "`.inf` is not a number"),
        (
            "executor: constant-arrival-rate, rate: 1, timeUnit: 0s, duration: 1m, preAllocatedVUs: 1",
            "a rate can't be per no time",
        ),
        (
            "executor: constant-arrival-rate, rate: 1, duration: 1m, preAllocatedVUs: 5, maxVUs: 4",
            "preAllocatedVUs (5) is more than maxVUs (4)",
        ),
        ("executor: constant-arrival-rate, rate: 1, duration: 1m, preAllocatedVUs: 0", "0 virtual users make no load"),
        (
            "executor: ramping-arrival-rate, startRate: -1, stages: [{ duration: 1m, target: 1 }], preAllocatedVUs: 1",
            "a rate can't be negative",
        ),
        (
            "executor: ramping-arrival-rate, stages: [{ duration: 1m, target: 0 }], preAllocatedVUs: 1",
            "a rate of 0 begins nothing",
        ),
        ("vus: 1", "`executor` is missing"),
        ("executor: constant-vus, duration: 1m, steps: [{ get: / }]", "`flow` and `steps` are both there"),
        ("executor: constant-vus, duration: 1m, startTime: -1s", "`-1s` is not a duration"),
    ] {
        let shown = errors(&with_load(load));
        assert!(shown.contains(problem), "{load}: {shown}");
        assert!(shown.ends_with("1 error"), "{load}: {shown}");
        assert!(shown.starts_with("loadgate.yml:7:"), "{load}: {shown}");
    }
}

#[test]
fn thresholds_are_on_what_can_be_measured() {
    let text = "\
version: 1
name: shop
metrics: { seats: trend, sold: { type: counter } }
scenarios:
  main:
    executor: constant-vus
    duration: 1m
    tags: { team: red }
    steps:
      - group: buy
        steps:
          - get: /seats
            name: available-seats
            tags: { tenant: '${vu}' }
            check: { ok: status == 200 }
            record: { seats: body.count }
thresholds:
  http_req_durations: ['p(95)<300']
  'http_req_duration{name:availible-seats}': ['p(95)<300']
  'http_req_duration{nam:available-seats}': ['p(95)<300']
  'http_req_duration{url:/seats}': ['p(95)<300']
  'http_req_duration{name:available-seats': ['p(95)<300']
  'http_reqs{name:available-seats,status:200,tenant:7,team:red,scenario:main,method:GET,group:::buy}': count>5
  'checks{check:ok,group:buy}': ['rate>0.9']
  'checks{check:no}': ['rate>0.9']
  'vus{scenario:main}': ['value<9']
  'seats{name:available-seats}': ['avg<1', 'count<1']
  sold: ['rate>1', 'p95<1']
  http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
  iterations: ['p(95)<1']
  'group_duration{group:::buy}': ['p(95)<1', 'avg<']
";
    insta::assert_snapshot!(errors(text), @r#"
    loadgate.yml:18:3: thresholds.http_req_durations: there is no metric `http_req_durations`
     18 |   http_req_durations: ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^
      help: did you mean `http_req_duration`?

    loadgate.yml:19:3: thresholds["http_req_duration{name:availible-seats}"]: no sample of http_req_duration carries `name:availible-seats`
     19 |   'http_req_duration{name:availible-seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `available-seats`?

    loadgate.yml:20:3: thresholds["http_req_duration{nam:available-seats}"]: no sample of http_req_duration carries the tag `nam`
     20 |   'http_req_duration{nam:available-seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `name`?

    loadgate.yml:21:3: thresholds["http_req_duration{url:/seats}"]: no sample of http_req_duration carries the tag `url`
     21 |   'http_req_duration{url:/seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a URL is no tag: name the request and write {name:…}

    loadgate.yml:22:22: thresholds["http_req_duration{name:available-seats"]: the brace of the tags is not closed
     22 |   'http_req_duration{name:available-seats': ['p(95)<300']
        |                      ^

    loadgate.yml:25:3: thresholds["checks{check:no}"]: no sample of checks carries `check:no`
     25 |   'checks{check:no}': ['rate>0.9']
        |   ^^^^^^^^^^^^^^^^^^
      help: known here: `ok`

    loadgate.yml:26:3: thresholds["vus{scenario:main}"]: samples of vus carry no tags
     26 |   'vus{scenario:main}': ['value<9']
        |   ^^^^^^^^^^^^^^^^^^^^
      help: write `vus` alone

    loadgate.yml:27:44: thresholds["seats{name:available-seats}"][1]: seats is a trend and has no count
     27 |   'seats{name:available-seats}': ['avg<1', 'count<1']
        |                                            ^^^^^^^^^
      help: it has `avg`, `min`, `max`, `med`, `p(95)`

    loadgate.yml:28:21: thresholds.sold[1]: unknown aggregation `p95`
     28 |   sold: ['rate>1', 'p95<1']
        |                     ^
      help: write p(95)

    loadgate.yml:29:40: thresholds.http_req_failed[0].threshold: `1%` is no number without a unit
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                        ^
      help: times are in milliseconds

    loadgate.yml:29:45: thresholds.http_req_failed[0].delayAbortEval: `delayAbortEval` delays nothing here
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                             ^^^^^^^^^^^^^^
      help: write `abortOnFail: true`, or leave it out

    loadgate.yml:29:67: thresholds.http_req_failed[1]: `threshold` is missing
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                                                   ^
      help: write a condition such as `threshold: "p(95)<300"`

    loadgate.yml:30:16: thresholds.iterations[0]: iterations is a counter and has no p(95)
     30 |   iterations: ['p(95)<1']
        |                ^^^^^^^^^
      help: it has `count`, `rate`

    loadgate.yml:31:46: thresholds["group_duration{group:::buy}"][1]: here a number to compare with, such as 300 is missing
     31 |   'group_duration{group:::buy}': ['p(95)<1', 'avg<']
        |                                              ^^^^^^

    loadgate.yml: 14 errors
    "#);
}

#[test]
fn tags_that_nothing_carries_are_found_when_all_else_is_right() {
    let text = format!(
        "{BASE}\
metrics: {{ seats: trend }}
thresholds:
  'http_req_duration{{name:GET /board}}': ['p(95)<300']
  'http_req_duration{{nam:x}}': ['p(95)<300']
  'http_req_duration{{url:/boards}}': ['p(95)<300']
  'http_req_duration{{method:GET,status:200}}': ['p(95)<300']
  'checks{{check:ok}}': ['rate>0.9']
  'vus{{scenario:main}}': ['value<9']
  'seats{{name:x}}': ['avg<9']
"
    );
    insta::assert_snapshot!(errors(&text), @r#"
    loadgate.yml:10:3: thresholds["http_req_duration{name:GET /board}"]: no sample of http_req_duration carries `name:GET /board`
     10 |   'http_req_duration{name:GET /board}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `GET /boards`?

    loadgate.yml:11:3: thresholds["http_req_duration{nam:x}"]: no sample of http_req_duration carries the tag `nam`
     11 |   'http_req_duration{nam:x}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `name`?

    loadgate.yml:12:3: thresholds["http_req_duration{url:/boards}"]: no sample of http_req_duration carries the tag `url`
     12 |   'http_req_duration{url:/boards}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a URL is no tag: name the request and write {name:…}

    loadgate.yml:14:3: thresholds["checks{check:ok}"]: no scenario makes a sample of checks
     14 |   'checks{check:ok}': ['rate>0.9']
        |   ^^^^^^^^^^^^^^^^^^
      help: setup and teardown are judged by nothing

    loadgate.yml:15:3: thresholds["vus{scenario:main}"]: samples of vus carry no tags
     15 |   'vus{scenario:main}': ['value<9']
        |   ^^^^^^^^^^^^^^^^^^^^
      help: write `vus` alone

    loadgate.yml:16:3: thresholds["seats{name:x}"]: no scenario makes a sample of seats
     16 |   'seats{name:x}': ['avg<9']
        |   ^^^^^^^^^^^^^^^
      help: setup and teardown are judged by nothing

    loadgate.yml: 6 errors
    "#);
}

#[test]
fn the_gate() {
    let text = format!(
        "{BASE}\
gate:
  judge: {{ from: 8s, to: 20s }}
  warmup: {{ max: 60 }}
  regression: {{ requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }}
  baseline: {{ min: 2 }}
  inconclusive: ignore
"
    );
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:9:26: gate.judge.to: the schedule ends after 10s, before the judged phase does
     9 |   judge: { from: 8s, to: 20s }
       |                          ^^^
      help: write at most `to: 10s`

    loadgate.yml:10:18: gate.warmup.max: `60` is not a duration
     10 |   warmup: { max: 60 }
        |                  ^^
      help: a duration has a unit: 60s or 60ms

    loadgate.yml:11:28: gate.regression.requests[0]: no scenario has a request `GET /board`
     11 |   regression: { requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }
        |                            ^^^^^^^^^^
      help: did you mean `GET /boards`?

    loadgate.yml:11:86: gate.regression.failureTolerance: `200%` is not a share
     11 |   regression: { requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }
        |                                                                                      ^^^^
      help: write a share such as 10% or 0.1

    loadgate.yml:12:20: gate.baseline.min: 2 runs are too few to compare with
     12 |   baseline: { min: 2 }
        |                    ^
      help: write at least 3: the noise between runs can't be known from fewer

    loadgate.yml:13:17: gate.inconclusive: `ignore` is not what an inconclusive run means
     13 |   inconclusive: ignore
        |                 ^^^^^^
      help: write one of `warn`, `fail`

    loadgate.yml: 6 errors
    ");
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
      help: give a number over 0, such as 0.1

    --scale-time NaN is no factor
      help: give a number over 0, such as 0.1

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
fn flows() {
    let text = BASE.replace("flow: browse", "flow: brouse");
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:7:64: scenarios.main.flow: there is no flow `brouse`
     7 |   main: { executor: constant-vus, vus: 2, duration: 10s, flow: brouse }
       |                                                                ^^^^^^
      help: did you mean `browse`?

    loadgate.yml: 1 error
    ");
    insta::assert_snapshot!(errors(&format!("{BASE}teardown: {{ steps: [] }}\n")), @r"
    loadgate.yml:8:13: teardown.steps: there are no steps
     8 | teardown: { steps: [] }
       |             ^^^^^
      help: write one step at least

    loadgate.yml: 1 error
    ");
    // What no scenario uses is checked all the same.
    let unused = BASE.replace("flows:\n", "flows:\n  spare: [{ get: '/${unclosed' }]\n");
    insta::assert_snapshot!(errors(&unused), @r"
    loadgate.yml:4:20: flows.spare[0].get: `${` has no `}`
     4 |   spare: [{ get: '/${unclosed' }]
       |                    ^
      help: for a plain `${` write `$${`

    loadgate.yml: 1 error
    ");
}
