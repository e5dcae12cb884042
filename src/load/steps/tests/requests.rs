//! What is sent.

use crate::measurement::{ErrorClass, IterationEnd};

use super::{World, plan};

#[tokio::test]
async fn urls_queries_and_headers_are_templates() {
    let world = World::new(&plan(
        r#"
target: { headers: { x-bypass: "let me in" } }
defaults: { headers: { x-default: "d", x-both: "default", x-flow: "default" } }
"#,
        r#"
- let: { concert: 7, name: "a b&c" }
- get: /concerts/${concert}/seats
  query: { name: "${name}", page: 2 }
  headers: { x-both: "own ${concert}", X-Vu: "${vu}" }
"#,
    ))
    .await
    .complete()
    .await;
    assert_eq!(world.lines(), ["GET /concerts/7/seats?name=a+b%26c&page=2"]);
    let headers = world.seen(0).headers;
    for (name, value) in
        [("x-default", "d"), ("x-both", "own 7"), ("x-flow", "default"), ("x-vu", "1"), ("x-bypass", "let me in")]
    {
        assert_eq!(headers[name], value, "{name}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name}");
    }
}

#[tokio::test]
async fn flow_headers_stand_between_the_defaults_and_the_requests_own() {
    let text = r#"
version: 1
name: test
defaults: { headers: { a: default, b: default, c: default } }
scenarios:
  main:
    executor: per-vu-iterations
    let: { token: "${vu}-x" }
    headers: { b: "flow ${token}", c: "flow" }
    steps: [{ get: /x, headers: { c: own } }]
"#;
    let world = World::new(text).await.complete().await;
    let headers = world.seen(0).headers;
    assert_eq!(
        (&headers["a"], &headers["b"], &headers["c"]),
        (&"default".parse().unwrap(), &"flow 1-x".parse().unwrap(), &"own".parse().unwrap())
    );
}

#[tokio::test]
async fn bodies_of_every_kind() {
    let world = World::of(
        r#"
- let: { id: "${40 + 2}" }
- post: /json
  json: { id: "${id}", text: "no ${id}", list: [1, "${id}"] }
- post: /constant
  json: { id: 1 }
- post: /form
  form: { id: "${id}", name: "a b" }
- put: /raw
  body: "raw ${id}"
  headers: { content-type: text/plain }
- post: /own-type
  json: {}
  headers: { Content-Type: application/vnd.test+json }
"#,
    )
    .await
    .complete()
    .await;
    let sent = |index: usize| {
        let seen = world.seen(index);
        (seen.headers["content-type"].to_str().unwrap().to_owned(), seen.body)
    };
    let pair = |content_type: &str, body: &str| (content_type.to_owned(), body.to_owned());
    assert_eq!(sent(0), pair("application/json", r#"{"id":42,"text":"no 42","list":[1,42]}"#));
    assert_eq!(sent(1), pair("application/json", r#"{"id":1}"#));
    assert_eq!(sent(2), pair("application/x-www-form-urlencoded", "id=42&name=a+b"));
    assert_eq!(sent(3), pair("text/plain", "raw 42"));
    assert_eq!(sent(4), pair("application/vnd.test+json", "{}"));
}

#[tokio::test]
async fn credentials() {
    let world = World::of(
        r#"
- get: /basic
  auth: { basic: { username: "u${vu}", password: p } }
- get: /bearer
  auth: { bearer: "t${vu}" }
"#,
    )
    .await
    .complete()
    .await;
    assert_eq!(world.seen(0).headers["authorization"], "Basic dTE6cA==");
    assert_eq!(world.seen(1).headers["authorization"], "Bearer t1");
}

#[tokio::test]
async fn cookies_last_one_iteration() {
    let mut world = World::of("- get: /before\n- get: /cookie\n- get: /after\n- get: /without\n  cookies: false").await;
    world.iterate().await;
    world.iterate().await;
    let cookie = |index: usize| world.seen(index).headers.get("cookie").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(cookie(0), None);
    assert_eq!(cookie(2).as_deref(), Some("session=abc"));
    assert_eq!(cookie(3), None);
    assert_eq!(cookie(4), None, "the next iteration begins without");
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_a_sample() {
    let world =
        World::of("- get: /moved\n  name: hop\n  expect: [200]\n  check: { landed: \"body.path == '/landed'\" }")
            .await
            .complete()
            .await;
    let tally = world.judged();
    assert_eq!((tally.requests[0].attempts, tally.requests[0].failed), (2, 0));
    assert_eq!(tally.requests[0].statuses.clone().into_iter().collect::<Vec<_>>(), [(200, 1), (302, 1)]);
    assert_eq!(tally.checks[0].trues, 1);
}

#[tokio::test]
async fn a_redirect_that_is_not_followed_is_the_answer() {
    let world =
        World::of("- get: /moved\n  redirects: 0\n  check: { found: \"status == 302\" }").await.complete().await;
    assert_eq!(world.lines(), ["GET /moved"]);
    assert_eq!(world.judged().checks[0].trues, 1);
}

#[tokio::test]
async fn other_hosts_are_not_touched() {
    let mut world = World::of(
        r#"
- let: { path: "//elsewhere.test/x" }
- get: /away
  name: redirected
- get: "${path}"
  name: led away
  check: { never: "true", no answer: "error == 'host'" }
"#,
    )
    .await;
    assert_eq!(world.iterate().await, IterationEnd::Complete);
    let tally = world.judged();
    for row in 0..2 {
        assert_eq!(tally.requests[row].errors_of(ErrorClass::Host), 1, "{row}");
        assert_eq!(tally.requests[row].failed, 1, "{row}");
    }
    assert_eq!(world.lines(), ["GET /away"]);
    assert_eq!(tally.checks.iter().map(|check| check.trues).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn a_template_without_a_value_fails_the_iteration_and_sends_nothing() {
    for (step, reason) in [
        ("- get: /x/${body.id}\n  name: get x", "get x: `body.id` has no value"),
        ("- post: /x\n  name: post\n  json: { a: [\"${text}\"] }", "post: `text` has no value"),
        ("- get: /x\n  name: h\n  headers: { a: \"${error}\" }", "h: `error` has no value"),
        ("- let: { a: \"${body.a + 1}\" }", "let a: `body.a + 1` has no value"),
    ] {
        let mut world = World::of(step).await;
        assert_eq!(world.iterate().await, IterationEnd::Failed(reason.into()));
        assert!(world.lines().is_empty());
        assert_eq!(world.failures().len(), 1, "{:?}", world.failures());
    }
}

#[tokio::test]
async fn a_header_that_http_cannot_carry_fails_the_iteration() {
    let mut world = World::of("- get: /x\n  name: x\n  headers: { a: \"${'1\\n2'}\" }").await;
    assert_eq!(world.iterate().await, IterationEnd::Failed("x: the request is malformed".into()));
    insta::assert_snapshot!(world.failures().join("\n"), @"x | expression | header `a` has a value with a line break or control character");
}

#[tokio::test]
async fn requests_at_once_are_judged_in_order() {
    let world = World::of(
        r#"
- all:
    - get: /count/a
      name: a
      capture: { a: "body.n" }
      check: { a: "status == 200" }
    - get: /status/500
      name: b
      check: { b: "status == 200" }
    - get: /count/c
      name: c
      capture: { c: "body.n" }
- get: /sum/${a + c}
  name: sum
"#,
    )
    .await
    .complete()
    .await;
    assert_eq!(world.lines().last().unwrap(), "GET /sum/2");
    assert_eq!(world.requests(), [("a".into(), 1, 0), ("b".into(), 1, 1), ("c".into(), 1, 0), ("sum".into(), 1, 0)]);
}

#[tokio::test]
async fn a_request_that_is_cut_off_is_counted() {
    let mut world = World::of("- all:\n  - get: /never\n    name: never\n  - get: /quick\n    name: quick").await;
    let cut_off = tokio::time::timeout(std::time::Duration::from_millis(300), world.iterate()).await;
    assert!(cut_off.is_err());
    let tally = world.judged();
    assert_eq!((tally.requests[0].attempts, tally.requests[0].interrupted), (0, 1));
    assert_eq!((tally.requests[1].attempts, tally.requests[1].interrupted), (1, 0), "what was measured stays");
}

#[tokio::test]
async fn the_redirects_before_the_cut_are_kept() {
    let mut world = World::of("- get: /to-never\n  name: hops").await;
    let cut_off = tokio::time::timeout(std::time::Duration::from_millis(300), world.iterate()).await;
    assert!(cut_off.is_err());
    let row = &world.judged().requests[0];
    assert_eq!((row.attempts, row.responses, row.failed, row.interrupted), (1, 1, 0, 1));
}

#[tokio::test]
async fn a_time_out_is_an_error_of_its_class() {
    let world = World::of("- get: /never\n  timeout: 50ms\n  check: { timed out: \"error == 'timeout'\" }")
        .await
        .complete()
        .await;
    let tally = world.judged();
    assert_eq!(tally.requests[0].errors_of(ErrorClass::Timeout), 1);
    assert_eq!(tally.checks[0].trues, 1);
}
