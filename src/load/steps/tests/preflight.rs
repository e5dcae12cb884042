//! The trial before the load.

use std::time::{Duration, Instant};

use crate::load::Shard;
use crate::load::steps::{PreflightNote, preflight};
use crate::measurement::{IterationEnd, Tallies};

use super::{World, plan};

async fn trial(world: &World) -> Result<Vec<String>, String> {
    let note = |note: PreflightNote| format!("{}: {}", note.scenario, note.reason);
    match preflight(&world.users, world.recorder.clone(), world.epoch).await {
        Ok(notes) => Ok(notes.into_iter().map(note).collect()),
        Err(failure) => Err(failure.to_string().replace(world.arm.origin.as_str(), "ORIGIN/")),
    }
}

#[tokio::test]
async fn a_plan_that_works_passes_without_waiting_and_without_a_trace() {
    let world = World::of("- get: /a\n- think: 1h\n- get: /b\n  check: { fails: \"status == 1\" }").await;
    let start = Instant::now();
    assert_eq!(trial(&world).await, Ok(vec![]));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(world.lines().len(), 2);
    assert!(world.evidence.entries().is_empty());
    let tallies = world.recorder.borrow_mut().swap(Tallies::new(&world.layout));
    assert!(tallies.judged.requests.iter().all(|row| row.attempts == 0));
}

#[tokio::test]
async fn an_unexpected_status_is_shown_with_its_answer() {
    let sections = "secrets: [KEY]";
    let steps = "- post: /status/401\n  name: login\n  json: {}\n  headers: { x-key: \"${secret.KEY}\" }";
    let world = World::new(&plan(sections, steps)).await;
    insta::assert_snapshot!(trial(&world).await.unwrap_err(), @r#"
    preflight of scenario main failed: login: status 401 is not expected
      login: POST ORIGIN/status/401
      > content-type: application/json
      > x-key: ***
      status 401: the status is not expected
      {"code":"401","data":null}
    "#);
}

#[tokio::test]
async fn the_missing_answer_is_shown_and_not_the_check_that_follows_from_it() {
    let world = World::of("- get: /never\n  name: a\n  timeout: 50ms\n  check: { is 200: \"status == 200\" }").await;
    insta::assert_snapshot!(trial(&world).await.unwrap_err(), @r"
    preflight of scenario main failed: a: no answer (timeout)
      a: GET ORIGIN/never
      no answer (timeout): no answer within 0.05 s
    ");
}

#[tokio::test]
async fn what_fails_a_trial() {
    for (steps, reason) in [
        ("- get: /x\n  name: a\n  capture: { t: body.t }", "a: capture t found nothing"),
        ("- get: /never\n  name: a\n  timeout: 50ms", "a: no answer (timeout)"),
        ("- get: /x/${body.y}\n  name: a", "a: `body.y` has no value"),
        ("- retry: { max: 3 }\n  steps: [{ get: /never, name: a, timeout: 50ms }]", "a: no answer (timeout)"),
        ("- poll: { until: \"true\" }\n  get: /never\n  name: a\n  timeout: 50ms", "a: no answer (timeout)"),
        ("- fail: no reason", "no reason"),
        (
            "- poll: { until: \"true\" }\n  get: /status/200\n  name: a\n  capture: { t: body.data }",
            "a: capture t found nothing",
        ),
        (
            "- poll: { until: \"false\" }\n  get: /status/500\n  name: a",
            "a: the poll got an answer that is not expected",
        ),
    ] {
        let world = World::of(steps).await;
        let message = trial(&world).await.unwrap_err();
        assert!(message.starts_with(&format!("preflight of scenario main failed: {reason}")), "{message}");
        assert!(world.lines().len() <= 1);
    }
}

#[tokio::test]
async fn what_only_has_to_wait_is_a_note() {
    for (steps, note) in [
        (
            "- poll: { until: \"body.n == 3\", every: 1h }\n  get: /count/q\n  name: q\n- get: /after",
            "main: q: the poll was not satisfied by its first answer",
        ),
        (
            "- retry: { max: 3, delay: 1h, until: \"body.n == 3\" }\n  steps: [{ get: /count/q }]\n- get: /after",
            "main: a retry was not satisfied by its first attempt",
        ),
        (
            "- retry: { max: 3, delay: 1h }\n  steps: [{ get: /status/409, name: occupy }]\n- get: /after",
            "main: occupy: status 409 is not expected",
        ),
        ("- get: /x\n- stop: sold out", "main: sold out"),
    ] {
        let world = World::of(steps).await;
        assert_eq!(trial(&world).await, Ok(vec![note.to_owned()]));
        assert_eq!(world.lines().len(), 1, "{steps}");
    }
}

#[tokio::test]
async fn a_trial_uses_up_no_data() {
    let sections = "data: { users: { inline: [{ id: 1 }, { id: 2 }], pick: unique } }";
    let mut world = World::new(&plan(sections, "- get: /user/${users.id}")).await;
    assert_eq!(trial(&world).await, Ok(vec![]));
    assert_eq!(world.iterate().await, IterationEnd::Complete);
    assert_eq!(world.lines(), ["GET /user/2", "GET /user/1"]);
}

#[tokio::test]
async fn each_shard_tries_as_its_own_first_virtual_user() {
    let sections = "data: { users: { inline: [a, b, c, d, e], pick: unique } }";
    let text = plan(sections, "- get: /user/${users}?vu=${vu}&iteration=${iteration}");
    for (vus, expected) in
        [(3, ["d?vu=1&iteration=0", "e?vu=2&iteration=1", "c?vu=3&iteration=2"]), (1, ["e?vu=1&iteration=0", "", ""])]
    {
        let text = text.replace("per-vu-iterations", &format!("per-vu-iterations\n    vus: {vus}"));
        for (index, expected) in expected.iter().enumerate() {
            let world = World::in_shard(&text, 42, Shard { index: index as u64, count: 3 }).await;
            assert_eq!(trial(&world).await, Ok(vec![]));
            let expected: Vec<String> = expected.lines().map(|path| format!("GET /user/{path}")).collect();
            assert_eq!(world.lines(), expected, "{vus} VUs, shard {index}");
        }
    }
}

/// Under load it would end with the schedule; the trial has none.
#[tokio::test]
async fn a_loop_without_an_end_is_cut_off() {
    let world =
        World::of("- get: /a\n  timeout: 30s\n- repeat: { while: \"true\" }\n  steps: [{ let: { x: 1 } }]").await;
    let later = async {
        // The request has been answered by then, and the trial is in its loop.
        while world.lines().is_empty() {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(91)).await;
    };
    let (notes, ()) = tokio::join!(trial(&world), later);
    assert_eq!(notes, Ok(vec!["main: it was not done within 90 s".to_owned()]));
}
