//! Wrong steps, requests and expressions.

use super::super::{BASE, errors, errors_with, with_steps};
use crate::plan::ReadOptions;

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
  headers: { 'a b': c, Host: x, X-Name: \"a\\nb\" }
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
     15 |       headers: { 'a b': c, Host: x, X-Name: "a\nb" }
        |                  ^^^^^
      help: a header's name is letters, digits and `-`

    loadgate.yml:15:28: flows.browse[4].headers.Host: `host` is made by the client
     15 |       headers: { 'a b': c, Host: x, X-Name: "a\nb" }
        |                            ^^^^
      help: leave it out

    loadgate.yml:15:45: flows.browse[4].headers.X-Name: the value of `x-name` can't be sent in a header
     15 |       headers: { 'a b': c, Host: x, X-Name: "a\nb" }
        |                                             ^^^^^^
      help: a header's value is one line without control characters

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

    loadgate.yml: 16 errors
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
      help: it ends too early: complete it

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

#[test]
fn a_request_proves_who_it_is_in_one_way() {
    let steps = "\
- { get: /a, auth: { digest: { username: a, password: b }, bearer: c } }
- { get: /b, auth: { digest: { username: a } } }
- { get: /c, auth: {} }
- { get: /d, auth: { digests: { username: a, password: b } } }
";
    insta::assert_snapshot!(errors(&with_steps(steps)), @r"
    loadgate.yml:5:18: flows.browse[0].auth: `auth` is one of `basic`, `digest` and `bearer`; found `digest`, `bearer`
     5 |     - { get: /a, auth: { digest: { username: a, password: b }, bearer: c } }
       |                  ^^^^
      help: leave all but one out

    loadgate.yml:6:26: flows.browse[1].auth.digest: `password` is missing
     6 |     - { get: /b, auth: { digest: { username: a } } }
       |                          ^^^^^^
      help: write `password: …`, from a secret

    loadgate.yml:7:18: flows.browse[2].auth: `auth` says nothing
     7 |     - { get: /c, auth: {} }
       |                  ^^^^
      help: write `basic` or `digest`, each with `username` and `password`, or `bearer: …`

    loadgate.yml:8:26: flows.browse[3].auth.digests: unknown key `digests`
     8 |     - { get: /d, auth: { digests: { username: a, password: b } } }
       |                          ^^^^^^^
      help: did you mean `digest`?

    loadgate.yml: 4 errors
    ");
}
