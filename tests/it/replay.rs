//! `--seed` replays a run's random choices.

use std::sync::{Arc, Mutex, PoisonError};

use crate::gate::Folder;
use crate::servers::{Server, answer};

const PLAN: &str = r#"
version: 1
name: dice
data: { cards: { inline: [a, b, c, d, e, f], pick: random } }
scenarios:
  throw:
    executor: per-vu-iterations
    iterations: 6
    let: { number: "${random_int(1, 1000000)}" }
    steps:
      - get: /throw?number=${number}&id=${uuid()}&picked=${pick([1, 2, 3, 4, 5, 6, 7])}&card=${cards}
        name: throw
      - choose:
          - steps: [{ get: /heads }]
          - steps: [{ get: /tails }]
      - think: { min: 1ms, max: 5ms }
"#;

/// The paths that a run with this seed asks for, in order.
fn paths(seed: &str, workers: &str) -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let server = Server::start(move |_, request, stream| {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(request.line().to_owned());
        answer(stream, 200, "application/json", "{}");
    });
    let folder = Folder::with_plan(PLAN);
    let ended = folder.run(&["run", "--target", &server.url(), "--seed", seed, "--workers", workers]);
    assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.all());
    assert!(ended.all().contains(&format!("seed {seed}")), "{}", ended.all());
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone()
}

#[test]
fn the_same_seed_sends_the_same_requests_and_another_one_others() {
    let first = paths("7", "1");
    assert_eq!(first.len(), 2 * (1 + 6), "a trial and six iterations: {first:?}");
    assert_eq!(first, paths("7", "1"));
    assert_eq!(first, paths("7", "2"), "whatever the number of workers");
    let other = paths("8", "1");
    assert!(first.iter().zip(&other).filter(|(a, _)| a.contains("throw")).all(|(a, b)| a != b), "{first:?} {other:?}");
}
