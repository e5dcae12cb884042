//! Groups, loops, polls, retries, branches, and the ways to end.

use std::time::Instant;

use crate::load::{VirtualUser, VirtualUsers};
use crate::measurement::IterationEnd;

use super::{World, plan};

fn stopped(reason: &str) -> IterationEnd {
    IterationEnd::Stopped(reason.into())
}

fn failed(reason: &str) -> IterationEnd {
    IterationEnd::Failed(reason.into())
}

#[tokio::test]
async fn repeat_by_count_and_conditions() {
    for (repeat, passes) in [
        ("{ count: 3 }", 3),
        ("{ while: \"body is undefined or body.n < 2\" }", 2),
        ("{ until: \"body.n == 4\" }", 4),
        ("{ count: 2, until: \"body.n == 4\" }", 2),
        ("{ count: 5, while: \"body.missing < 3\" }", 0),
        ("{ count: 5, while: \"index < 2\" }", 2),
    ] {
        let steps = format!("- repeat: {repeat}\n  steps: [{{ get: /count/x }}]");
        let world = World::of(&steps).await.complete().await;
        assert_eq!(world.lines().len(), passes, "{repeat}");
    }
}

#[tokio::test]
async fn the_index_is_that_of_the_innermost_loop() {
    let world = World::of(
        r#"
- repeat: { count: 2 }
  steps:
    - repeat: { count: 2 }
      steps: [{ get: "/inner/${index}" }]
    - get: "/outer/${index}"
- if: index is defined
  then: [{ fail: the index outlived its loop }]
"#,
    )
    .await
    .complete()
    .await;
    let paths: Vec<_> = world.lines().iter().map(|line| line[5..].to_owned()).collect();
    assert_eq!(paths, ["inner/0", "inner/1", "outer/0", "inner/0", "inner/1", "outer/1"]);
}

#[tokio::test]
async fn a_loop_that_waits_for_nothing_can_be_cut_off() {
    let mut world = World::of("- repeat: { while: \"true\" }\n  steps: [{ let: { x: 1 } }]").await;
    let cut_off = tokio::time::timeout(std::time::Duration::from_millis(50), world.iterate()).await;
    assert!(cut_off.is_err());
}

#[tokio::test]
async fn a_poll_asks_until_an_answer_satisfies() {
    let world = World::of(
        r#"
- poll: { until: "body.n == 3", every: 1ms, max: 10 }
  get: /count/q
  name: queue-status
  check: { is 200: "status == 200" }
  capture: { rest: "body.left" }
- get: /left/${rest}
"#,
    )
    .await
    .complete()
    .await;
    assert_eq!(world.lines().len(), 4);
    assert_eq!(world.lines()[3], "GET /left/0");
    assert_eq!(world.judged().checks[0].total, 3);
}

#[tokio::test]
async fn a_poll_that_gives_up_ends_the_iteration_as_the_plan_says() {
    for (otherwise, end, requests) in [
        ("stop", stopped("queue-status: poll exhausted"), 2),
        ("fail", failed("queue-status: poll exhausted"), 2),
        ("continue", IterationEnd::Complete, 3),
    ] {
        let steps = format!(
            "- poll: {{ until: \"body.n == 9\", every: 1ms, max: 2, else: {otherwise} }}\n  get: /count/q\n  name: queue-status\n- get: /next"
        );
        let mut world = World::of(&steps).await;
        assert_eq!(world.iterate().await, end);
        assert_eq!(world.lines().len(), requests);
    }
}

#[tokio::test]
async fn a_poll_must_capture_from_the_answer_that_satisfies() {
    let mut world = World::of(
        "- poll: { until: \"body.n == 2\", every: 1ms }\n  get: /count/q\n  name: q\n  capture: { token: body.token }",
    )
    .await;
    assert_eq!(world.iterate().await, failed("q: capture token found nothing"));
    assert_eq!(world.lines().len(), 2);
    assert_eq!(world.failures().len(), 1, "the first answer was not the one: {:?}", world.failures());
}

#[tokio::test]
async fn a_poll_outlasts_failures() {
    let world = World::of(
        "- poll: { until: \"status == 503\", every: 1ms, max: 3, else: continue }\n  get: /status/500\n  name: q",
    )
    .await
    .complete()
    .await;
    assert_eq!(world.requests(), [("q".into(), 3, 3)]);
}

#[tokio::test]
async fn a_retry_tries_until_nothing_failed_and_its_condition_holds() {
    for (step, attempts) in [
        // A failed check ends the attempt …
        ("{ get: /count/x, check: { third: \"body.n == 3\" } }, { get: /after }", 3),
        // … and so do a capture that finds nothing, a template without a value, and the condition.
        ("{ get: /count/x, capture: { left: \"body.left == 0 or none\" } }, { get: /after }", 3),
        ("{ get: /count/x }, { get: \"/seat/${'x' if body.n == 3}\" }", 3),
        ("{ get: /count/x }", 3),
    ] {
        let until = if step.contains("after") || step.contains("seat") { "true" } else { "body.n == 3" };
        let steps = format!("- retry: {{ max: 5, delay: 1ms, until: \"{until}\" }}\n  steps: [{step}]");
        let world = World::of(&steps).await.complete().await;
        let tries = world.lines().iter().filter(|line| line.contains("/count/x")).count();
        assert_eq!(tries, attempts, "{step}");
    }
}

#[tokio::test]
async fn an_unexpected_status_ends_the_attempt() {
    let steps = r#"
- retry: { max: 3, delay: 1ms, else: stop }
  steps:
    - get: /status/409
      name: occupy
    - get: /never-reached
"#;
    let mut world = World::of(steps).await;
    let end = world.iterate().await;
    assert!(matches!(&end, IterationEnd::Stopped(reason) if reason.contains("retry exhausted")), "{end:?}");
    assert_eq!(world.lines().len(), 3);
    let mut expected = World::of(&steps.replace("name: occupy", "name: occupy\n      expect: [200, 409]")).await;
    assert_eq!(expected.iterate().await, IterationEnd::Complete);
    assert_eq!(expected.lines().len(), 2);
}

#[tokio::test]
async fn stop_and_fail_leave_a_retry_at_once() {
    for (step, end) in [("stop: sold out", stopped("sold out")), ("fail: broken", failed("broken"))] {
        let mut world = World::of(&format!("- retry: {{ max: 3 }}\n  steps: [{{ get: /x }}, {{ {step} }}]")).await;
        assert_eq!(world.iterate().await, end);
        assert_eq!(world.lines().len(), 1);
    }
}

#[tokio::test]
async fn an_inner_retry_that_fails_is_a_failed_attempt_of_the_outer_one() {
    let steps = r#"
- retry: { max: 2, delay: 1ms, else: continue }
  steps:
    - retry: { max: 2, delay: 1ms, else: fail }
      steps: [{ get: /status/500 }]
- get: /after
"#;
    let world = World::of(steps).await.complete().await;
    assert_eq!(world.lines().len(), 5);
}

#[tokio::test]
async fn reasons_may_be_templates_but_only_so_many_are_counted_apart() {
    let mut world = World::of("- stop: \"no seat ${iteration}\"").await;
    let mut reasons = std::collections::BTreeSet::new();
    for _ in 0..200 {
        match world.iterate().await {
            IterationEnd::Stopped(reason) => reasons.insert(reason),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(reasons.len(), 101);
    assert!(reasons.contains("no seat 7") && reasons.contains("no seat ${iteration}"));
}

#[tokio::test]
async fn choose_follows_the_weights() {
    let steps = r#"
- choose:
    - { weight: 3, steps: [{ get: /often, name: often }] }
    - { weight: 1, steps: [{ get: /rarely, name: rarely }] }
"#;
    let mut world = World::of(steps).await;
    for _ in 0..400 {
        world.iterate().await;
    }
    let often = world.requests().iter().find(|(name, ..)| name == "often").unwrap().1;
    // 300 expected, standard deviation 8.7.
    assert!((260..=340).contains(&often), "{often}");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_requests() {
    let text = plan(
        "",
        r#"
- let: { n: "${random_int(1, 1000000)}", id: "${uuid()}" }
- choose:
    - steps: [{ get: "/a/${n}/${id}" }]
    - steps: [{ get: "/b/${pick([1, 2, 3, 4])}" }]
- think: { min: 0ms, max: 2ms }
- get: /end/${random_int(1, 1000000)}
"#,
    );
    let run = async |seed| {
        let mut world = World::with_seed(&text, seed).await;
        for _ in 0..5 {
            world.iterate().await;
        }
        world.lines()
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
}

#[tokio::test]
async fn think_waits() {
    let start = Instant::now();
    World::of("- think: 30ms\n- think: { min: 10ms, max: 20ms }").await.complete().await;
    assert!(start.elapsed().as_millis() >= 40);
}

#[tokio::test]
async fn parallel_passes_run_at_once_and_each_once() {
    let steps =
        "- let: { base: 100 }\n- repeat: { count: 20, parallel: 8 }\n  steps: [{ get: \"/pass/${base + index}\" }]";
    let world = World::of(steps).await.complete().await;
    let mut paths = world.lines();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 20);
    assert!(paths.contains(&"GET /pass/100".to_owned()) && paths.contains(&"GET /pass/119".to_owned()));
}

#[tokio::test]
async fn the_first_parallel_pass_that_fails_ends_all() {
    let steps = "- repeat: { count: 1000, parallel: 4 }\n  steps: [{ get: /x, name: x, capture: { y: body.y } }]";
    let mut world = World::of(steps).await;
    assert_eq!(world.iterate().await, failed("x: capture y found nothing"));
    assert!(world.lines().len() <= 8, "{}", world.lines().len());
}

#[tokio::test]
async fn a_counted_loop_that_waits_for_nothing_can_be_cut_off() {
    let world = World::of("- repeat: { count: 3000000 }\n  steps:\n    - let: { a: \"${index}\" }").await;
    let started = Instant::now();
    let mut context = world.context(1);
    let mut user = world.users.user(0, 1);
    // As an executor cuts an iteration off.
    let cut_off = tokio::select! {
        biased;
        _ = user.iterate(&mut context) => false,
        () = tokio::time::sleep(std::time::Duration::from_millis(50)) => true,
    };
    assert!(cut_off, "it went on for {:?}", started.elapsed());
}
