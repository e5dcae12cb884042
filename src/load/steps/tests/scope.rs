//! What expressions see.

use serde_json::json;

use super::{World, plan};

#[tokio::test]
async fn variables_secrets_and_shared_values() {
    let sections = r#"
env: [STAGE]
secrets: [KEY]
setup:
  steps: [{ post: /token, json: { userId: 1 }, collect: { tokens: body.token } }]
"#;
    let steps = r#"
- get: "/x/${tokens|length}/${pick(tokens)}/${vu}/${iteration}"
  headers: { x-env: "${env.STAGE}", x-key: "${secret.KEY}" }
"#;
    let mut world = World::new(&plan(sections, steps)).await;
    world.share("tokens", json!(["only"]));
    world.iterate().await;
    world.iterate().await;
    assert_eq!(world.lines(), ["GET /x/1/only/1/0", "GET /x/1/only/1/1"]);
    let headers = world.seen(0).headers;
    assert_eq!(
        (headers["x-env"].as_bytes(), headers["x-key"].as_bytes()),
        (&b"value of STAGE"[..], &b"value of KEY"[..])
    );
}

#[tokio::test]
async fn nothing_of_an_iteration_is_left_for_the_next() {
    let steps = r#"
- if: "iteration == 1 and (seen is defined or status is defined or body is defined)"
  then: [{ fail: something was left }]
- get: /x
  capture: { seen: body.path }
"#;
    let mut world = World::of(steps).await;
    for _ in 0..2 {
        assert_eq!(world.iterate().await, crate::measurement::IterationEnd::Complete);
    }
}

#[tokio::test]
async fn bindings_of_the_scenario_are_made_once_an_iteration_in_order() {
    let text = r#"
version: 1
name: test
scenarios:
  main:
    executor: per-vu-iterations
    let: { first: "${random_int(1, 1000000)}", second: "${first + 1}" }
    steps: [{ get: "/${second - first}/${first == first}" }]
"#;
    let world = World::new(text).await.complete().await;
    assert_eq!(world.lines(), ["GET /1/true"]);
}
