//! What is kept of failures, and what must not be.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{World, plan};
use crate::load::http::{Answer, Exchange, Hop};
use crate::load::steps::{FailureClass, Incident};

#[tokio::test]
async fn secrets_are_masked_everywhere() {
    let sections = r#"
secrets: [KEY, BYPASS]
target: { headers: { x-bypass: "${secret.BYPASS} by-pass-value" } }
"#;
    let steps = r#"
- let: { k: "${secret.KEY}" }
- post: /status/500
  name: login
  query: { key: "${secret.KEY}" }
  headers: { Cookie: "mine=1", X-Key: "key=${secret.KEY}", Authorization: "Bearer tok" }
  json: { key: "${secret.KEY}" }
  check: { "is ok": "status == 200" }
- get: "/echo/${secret.KEY}"
  name: echo
  check: { "no": "false" }
- stop: "with ${secret.KEY}"
"#;
    let mut world = World::new(&plan(sections, steps)).await;
    let end = world.iterate().await;
    let kept = format!("{:?} {end:?}", world.evidence.entries());
    for secret in ["value of KEY", "value%20of%20KEY", "value+of+KEY", "by-pass-value", "mine=1", "tok\""] {
        assert!(!kept.contains(secret), "{secret} in {kept}");
    }
    let login = &world.evidence.entries()[0];
    assert_eq!((login.class.as_str(), login.status, login.method.as_str()), ("status 500", Some(500), "POST"));
    assert!(login.url.ends_with("/status/500?key=***"), "{}", login.url);
    assert_eq!(login.request_body.as_deref(), Some(r#"{"key":"***"}"#));
    let header = |name: &str| login.request_headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!((header("x-key").as_str(), header("authorization").as_str()), ("key=***", "***"));
    assert_eq!((header("cookie").as_str(), header("x-bypass").as_str()), ("***", "***"));
}

#[tokio::test]
async fn credentials_of_a_url_are_not_shown() {
    let target = "target: { allowedHosts: [elsewhere.test] }\nsecrets: [KEY]";
    let mut world =
        World::new(&plan(target, "- get: http://mary:pass@elsewhere.test/x\n  name: x\n  timeout: 1s")).await;
    world.iterate().await;
    assert_eq!(world.evidence.entries()[0].url, "http://elsewhere.test/x");
}

#[tokio::test]
async fn the_first_five_of_each_request_and_class_are_kept() {
    let steps = r#"
- repeat: { count: 20 }
  steps:
    - get: /status/500
      name: a
      check: { "is 200": "status == 200" }
    - get: /status/${500 + index % 2}
      name: b
"#;
    let world = World::of(steps).await.complete().await;
    let mut classes = std::collections::BTreeMap::<String, usize>::new();
    for kept in world.evidence.entries() {
        *classes.entry(format!("{} {}", kept.request, kept.class)).or_default() += 1;
    }
    insta::assert_snapshot!(format!("{classes:#?}"), @r#"
    {
        "a check is 200": 5,
        "a status 500": 5,
        "b status 500": 5,
        "b status 501": 5,
    }
    "#);
}

#[tokio::test]
async fn no_answer_is_evidence_too() {
    let mut world = World::of("- get: /never\n  name: slow\n  timeout: 50ms").await;
    world.iterate().await;
    let kept = &world.evidence.entries()[0];
    assert_eq!((kept.class.as_str(), kept.status, kept.response_body.as_deref()), ("timeout", None, None));
    assert!(!kept.message.is_empty());
}

#[tokio::test]
async fn evidence_is_in_the_order_in_which_it_happened() {
    let world = World::of("- get: /x").await;
    for (name, at) in [("late", 20), ("early", 10)] {
        world.evidence.offer(&Incident {
            place: &Arc::from(name),
            class: FailureClass::Expression,
            outgoing: None,
            exchange: None,
            message: "m",
            at: Duration::from_millis(at),
        });
    }
    let order: Vec<_> = world.evidence.entries().into_iter().map(|kept| (kept.request, kept.at_ms)).collect();
    assert_eq!(order, [("early".to_owned(), 10), ("late".to_owned(), 20)]);
}

/// A server that fails in ever new ways, with huge heads: what is kept of it must stay small.
#[tokio::test]
async fn evidence_is_bounded_whatever_comes() {
    let world = World::of("- get: /x").await;
    let mut headers = HeaderMap::new();
    for number in 0..100 {
        headers.insert(http::HeaderName::try_from(format!("x-{number}")).unwrap(), "y".repeat(3_000).parse().unwrap());
    }
    let answer = Answer {
        status: StatusCode::IM_A_TEAPOT,
        headers: headers.into(),
        body: Bytes::from(vec![b'z'; 100_000]),
        truncated: false,
    };
    let url = format!("http://localhost/{}", "ü".repeat(50_000)).parse().unwrap();
    let exchange = Exchange {
        hop: Some(Box::new(Hop { method: http::Method::GET, url })),
        phases: Default::default(),
        sent: 0,
        received: 0,
        outcome: Ok(answer),
        peer: None,
        redirected: false,
    };
    let message = "€".repeat(50_000);
    for number in 0..3_000 {
        world.evidence.offer(&Incident {
            place: &Arc::from(format!("request {}", number / 900)),
            class: FailureClass::Status(100 + number % 900),
            outgoing: None,
            exchange: Some(&exchange),
            message: &message,
            at: Duration::ZERO,
        });
    }
    let entries = world.evidence.entries();
    assert_eq!(entries.len(), 1_000);
    let size = serde_json::to_string(&entries[0]).unwrap().len();
    assert!(size < 20_000, "{size}");
    assert_eq!(entries[0].response_headers.last().unwrap().1, "97 more headers");
    assert!(entries[0].message.ends_with("€…"), "{}", entries[0].message);
}
