//! HTTP/2 as nginx speaks it: by ALPN and without TLS, with its limits of streams and of requests on a connection.

use std::collections::BTreeSet;

use crate::server::Nginx;

const ANSWER: &str = "location / { return 200 seat; }";

/// Two virtual users, 20 iterations of three requests at once each.
fn plan(target: &str) -> String {
    format!(
        "version: 1
name: streams
target: {{ insecureSkipTLSVerify: true, ready: {{ get: /ready }}{target} }}
scenarios:
  load:
    executor: per-vu-iterations
    vus: 2
    iterations: 20
    steps:
      - all: [{{ get: /a }}, {{ get: /b }}, {{ post: /c, body: seat }}]
thresholds: {{ http_req_failed: [\"rate==0\"] }}"
    )
}

/// Requests of readiness, the trial and the load.
const REQUESTS: usize = 1 + 3 + 2 * 20 * 3;

/// The different values of a field of the log.
fn count(log: &[String], field: usize) -> BTreeSet<&str> {
    log.iter().filter_map(|line| line.split(' ').nth(field)).collect()
}

#[test]
fn each_way_to_agree_on_a_version() {
    for (listen, scheme, target, protocol, connections) in [
        // Readiness, the trial and two virtual users, each with one connection.
        ("LISTEN ssl http2;", "https", "", "HTTP/2.0", 4),
        ("LISTEN ssl http2;", "https", ", httpVersion: 2", "HTTP/2.0", 4),
        ("LISTEN http2;", "http", ", httpVersion: 2", "HTTP/2.0", 4),
        // One for each of three requests at once.
        ("LISTEN ssl http2;", "https", ", httpVersion: 1.1", "HTTP/1.1", 10),
        ("LISTEN ssl;", "https", "", "HTTP/1.1", 10),
        ("LISTEN;", "http", "", "HTTP/1.1", 10),
    ] {
        let Some(nginx) = Nginx::start(&format!("{listen} {ANSWER}")) else { return };
        let (code, text) = nginx.load(scheme, &plan(target));
        assert_eq!(code, Some(0), "{listen} {target}\n{text}");
        let log = nginx.log();
        assert_eq!(log.len(), REQUESTS, "{listen} {target}");
        assert_eq!(count(&log, 1), BTreeSet::from([protocol]), "{listen} {target}");
        assert_eq!(count(&log, 2), BTreeSet::from(["200"]), "{listen} {target}");
        assert_eq!(count(&log, 0).len(), connections, "{listen} {target}");
    }
}

#[test]
fn http_2_that_is_insisted_on_and_not_spoken_ends_the_run_with_a_cure() {
    for (listen, scheme, cure) in [
        ("LISTEN ssl;", "https", "switch it on at the server, or leave target.httpVersion out"),
        ("LISTEN;", "http", "does not speak HTTP/2 without TLS; leave target.httpVersion out"),
    ] {
        let Some(nginx) = Nginx::start(&format!("{listen} {ANSWER}")) else { return };
        let plan = plan(", httpVersion: 2").replace(", ready: { get: /ready }", "");
        let (code, text) = nginx.load(scheme, &plan);
        assert_eq!(code, Some(4), "{listen}\n{text}");
        assert!(text.contains("no answer (protocol)") && text.contains(cure), "{listen}\n{text}");
    }
}

#[test]
fn a_limit_of_streams_is_waited_for() {
    let Some(nginx) = Nginx::start(&format!("LISTEN http2; http2_max_concurrent_streams 1; {ANSWER}")) else { return };
    let (code, text) = nginx.load("http", &plan(", httpVersion: 2"));
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(count(&nginx.log(), 0).len(), 4, "nobody opens another connection\n{text}");
}

#[test]
fn connections_that_nginx_ends_after_some_requests_cost_none() {
    let Some(nginx) = Nginx::start(&format!("LISTEN http2; keepalive_requests 5; {ANSWER}")) else { return };
    let (code, text) = nginx.load("http", &plan(", httpVersion: 2"));
    assert_eq!(code, Some(0), "{text}");
    let log = nginx.log();
    assert_eq!((log.len(), count(&log, 2)), (REQUESTS, BTreeSet::from(["200"])), "each is processed once");
    assert!(count(&log, 0).len() >= 2 + 2 * 60 / 5, "{}", count(&log, 0).len());
}
