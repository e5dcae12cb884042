//! Setup and teardown.

use std::collections::BTreeMap;

use crate::load::Shard;
use crate::load::steps::{BracketKind, run_bracket};
use crate::measurement::Tallies;

use super::{World, plan};

async fn setup(steps: &str) -> (World, Result<BTreeMap<String, String>, String>) {
    setup_in(Shard::WHOLE, steps).await
}

async fn setup_in(shard: Shard, steps: &str) -> (World, Result<BTreeMap<String, String>, String>) {
    let indented: String = steps.lines().map(|line| format!("    {line}\n")).collect();
    let text = plan(&format!("setup:\n  timeout: 2s\n  steps:\n{indented}"), "- get: /x");
    let world = World::in_shard(&text, 42, shard).await;
    let result = run_bracket(&world.users, BracketKind::Setup, world.recorder.clone(), world.epoch).await;
    let shown = match result {
        Ok(values) => Ok(values.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()),
        Err(failure) => Err(failure.to_string().replace(world.arm.origin.as_str(), "ORIGIN/")),
    };
    (world, shown)
}

#[tokio::test]
async fn what_is_collected_at_once_is_one_pool() {
    let (world, shared) = setup(
        r#"
- repeat: { count: 200, parallel: 16 }
  steps:
    - post: /token
      name: token
      json: { userId: "${index + 1}" }
      collect: { tokens: { from: body.token, optional: true } }
  atLeast: 180
- get: /after/${tokens|length}
  capture: { path: body.path }
"#,
    )
    .await;
    let shared = shared.unwrap();
    assert_eq!(shared["path"], "/after/180");
    assert_eq!(shared["tokens"].matches("\"t").count() + shared["tokens"].matches("'t").count(), 180);
    let tallies = world.recorder.borrow_mut().swap(Tallies::new(&world.layout));
    let rows: Vec<_> = tallies.unjudged.requests.iter().map(|row| (row.attempts, row.failed)).collect();
    assert!(rows.contains(&(200, 20)), "{rows:?}");
    assert!(tallies.judged.requests.iter().all(|row| row.attempts == 0), "no sample of a setup is judged");
}

#[tokio::test]
async fn too_few_values_fail_the_setup() {
    let (_, result) = setup(
        r#"
- repeat: { count: 30, parallel: 4 }
  steps:
    - post: /token
      name: token
      json: { userId: "${(index + 1) * 5}" }
      collect: { tokens: { from: body.token, optional: true } }
  atLeast: 29
"#,
    )
    .await;
    let message = result.unwrap_err();
    assert!(message.starts_with("setup failed: tokens: collected 15 values, at least 29 are needed"), "{message}");
    assert!(message.contains("token: POST ORIGIN/token") && message.contains("status 500"), "{message}");
}

#[tokio::test]
async fn a_pass_that_fails_is_told_by_what_is_missing() {
    let (_, result) = setup(
        r#"
- repeat: { count: 20, parallel: 4 }
  steps:
    - post: /token
      json: { userId: "${index + 1}" }
      capture: { token: body.token }
    - get: /use/${token}
      collect: { paths: body.path }
  atLeast: 18
"#,
    )
    .await;
    assert_eq!(result.unwrap()["paths"].matches("/use/").count(), 18);
}

#[tokio::test]
async fn an_answer_that_is_not_expected_fails_the_setup_and_is_shown() {
    let (_, result) = setup("- get: /status/503\n  name: reset").await;
    insta::assert_snapshot!(result.unwrap_err(), @r#"
    setup failed: reset: status 503 is not expected
      reset: GET ORIGIN/status/503
      status 503: the status is not expected
      {"code":"503","data":null}
    "#);
}

#[tokio::test]
async fn a_capture_that_finds_nothing_fails_the_setup_and_is_shown() {
    let (_, result) = setup("- get: /x\n  name: login\n  capture: { token: body.token }").await;
    insta::assert_snapshot!(result.unwrap_err(), @r#"
    setup failed: login: capture token found nothing
      login: GET ORIGIN/x
      status 200: `body.token` found nothing
      {"path":"/x","body":"","seats":[{"id":7}],"empty":[]}
    "#);
}

#[tokio::test]
async fn a_setup_has_a_time_limit() {
    let (_, result) = setup("- get: /never\n  name: slow\n  timeout: 1m").await;
    assert_eq!(result.unwrap_err(), "setup failed: it was not done within 2 s");
}

#[tokio::test]
async fn polls_and_retries_outlast_failures_in_a_setup() {
    let (_, result) = setup(
        r#"
- poll: { until: "body.n == 3", every: 1ms }
  get: /count/a
- retry: { max: 3, delay: 1ms }
  steps:
    - get: /count/b
      check: { third: "body.n == 3" }
      capture: { n: body.n }
"#,
    )
    .await;
    assert_eq!(result.unwrap()["n"], "3");
}

#[tokio::test]
async fn a_plan_without_a_teardown_has_nothing_to_do() {
    let world = World::of("- get: /x").await;
    let result = run_bracket(&world.users, BracketKind::Teardown, world.recorder.clone(), world.epoch).await;
    assert!(result.unwrap().is_empty());
    assert!(world.lines().is_empty());
}

#[tokio::test]
async fn shards_do_the_passes_of_a_counted_repeat_together() {
    let steps = "\
- post: /once
- repeat: { count: 7, parallel: 2 }
  atLeast: 6
  steps:
    - repeat: { count: 2 }
      steps: [{ post: \"/inner\" }]
    - post: /made/${index}
      name: made
      collect: { made: \"body.path\" }
- repeat: { count: 3, until: \"false\" }
  steps: [{ get: /wait }]";
    let mut made = Vec::new();
    for (index, passes) in [(0, 3), (1, 2), (2, 2)] {
        let (world, result) = setup_in(Shard { index, count: 3 }, steps).await;
        assert!(result.is_ok(), "{result:?}");
        let lines = world.lines();
        let times = |path: &str| lines.iter().filter(|line| line.ends_with(path)).count();
        assert_eq!([times("/once"), times("/inner"), times("/wait")], [1, 2 * passes, 3], "shard {index}");
        made.extend(lines.into_iter().filter(|line| line.contains("/made/")));
    }
    made.sort();
    let all: Vec<String> = (0..7).map(|index| format!("POST /made/{index}")).collect();
    assert_eq!(made, all);
}

#[tokio::test]
async fn a_shard_must_collect_its_share_of_what_is_needed() {
    // Users 10 and 20 get no token, and 9 and 19 are passes of the second of two shards.
    let steps = "\
- repeat: { count: 20 }
  atLeast: 20
  steps:
    - post: /token
      json: { userId: \"${index + 1}\" }
      collect: { tokens: { from: \"body.token\", optional: true } }";
    let (_, first) = setup_in(Shard { index: 0, count: 2 }, steps).await;
    assert!(first.is_ok(), "{first:?}");
    let (_, second) = setup_in(Shard { index: 1, count: 2 }, steps).await;
    assert!(second.unwrap_err().contains("collected 8 values, at least 10 are needed"));
}

#[tokio::test]
async fn no_two_shards_draw_the_same_in_their_setup() {
    let steps = "- post: /x/${random_int(1, 1000000000)}";
    let mut lines = Vec::new();
    for index in 0..4 {
        lines.extend(setup_in(Shard { index, count: 4 }, steps).await.0.lines());
    }
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 4, "{lines:?}");
}
