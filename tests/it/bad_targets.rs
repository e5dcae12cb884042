//! Targets that misbehave: a clear error or an honest verdict, the exit code of the contract, nothing measured lost.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::gate::Folder;
use crate::servers::{Server, answer, answer_late, closed_port, hang, reset};

/// A short load of one request with a short time-out.
fn plan(thresholds: &str) -> String {
    format!(
        "version: 1\n\
         name: bad-day\n\
         defaults: {{ timeout: 250ms }}\n\
         scenarios:\n\
        \x20 load:\n\
        \x20   executor: constant-vus\n\
        \x20   vus: 4\n\
        \x20   duration: 500ms\n\
        \x20   gracefulStop: 1s\n\
        \x20   steps:\n\
        \x20     - get: /thing\n\
        \x20       check: {{ status is 200: \"status == 200\" }}\n\
        \x20     - think: 20ms\n\
         thresholds:\n\
        \x20 {thresholds}\n"
    )
}

const NO_FAILURES: &str = "http_req_failed: [\"rate<0.01\"]";

/// The iteration before the load meets the fault: exit 4, and the message shows request and cause.
#[test]
fn a_target_that_never_works_is_not_loaded() {
    type Case = (&'static str, fn() -> String, &'static [&'static str]);
    let cases: &[Case] = &[
        ("refused", closed_port, &["GET /thing", "(connect)", "refused the connection: nothing listens there"]),
        (
            "reset",
            || Server::start(|_, _, stream| reset(stream)).url(),
            &["GET /thing", "(reset)", "the connection broke before the answer"],
        ),
        (
            "hanging",
            || Server::start(|_, _, stream| hang(stream)).url(),
            &["GET /thing", "(timeout)", "no answer within 0.25 s"],
        ),
        (
            "invalid HTTP",
            || Server::start(|_, _, stream| drop(stream.write_all(b"SSH-2.0-x\r\n\r\n"))).url(),
            &["(protocol)", "no valid HTTP"],
        ),
        ("invalid TLS", not_tls, &["(tls)", "TLS handshake with 127.0.0.1"]),
        (
            "500",
            || Server::answering(500, "{\"error\":\"database is down\"}").url(),
            &["500", "database is down", "GET http://127.0.0.1"],
        ),
        ("401", || Server::answering(401, "{}").url(), &["401"]),
    ];
    for (name, target, texts) in cases {
        println!("{name}");
        let folder = Folder::with_plan(&plan(NO_FAILURES));
        folder.run(&["run", "--target", &target(), "--comment", "never"]).expect(4, texts);
    }
}

/// An HTTPS address where plain text is spoken.
fn not_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || listener.incoming().flatten().for_each(|mut stream| drop(stream.write_all(b"220 mail\r\n"))));
    format!("https://{address}")
}

#[test]
fn a_name_that_does_not_exist_is_a_dns_error() {
    let folder = Folder::with_plan(&plan(NO_FAILURES));
    folder
        .run(&["run", "--target", "http://preview.invalid", "--comment", "never"])
        .expect(4, &["preview.invalid", "dns"]);
}

#[test]
fn a_target_that_never_becomes_ready_is_named_with_its_limit() {
    let server = Server::answering(503, "{}");
    let ready = plan(NO_FAILURES)
        .replace("defaults:", "target: { ready: { get: /health, status: 200, within: 500ms } }\ndefaults:");
    let folder = Folder::with_plan(&ready);
    folder
        .run(&["run", "--target", &server.url(), "--comment", "never"])
        .expect(4, &["/health", "503", "within 0.5 s", "target.ready"]);
}

/// The load itself meets the fault: what was measured is judged, and the class of each failure is counted.
#[test]
fn faults_during_the_load_are_counted_by_class_and_fail_the_gate() {
    type Fault = fn(&mut std::net::TcpStream);
    let cases: &[(&str, Fault)] = &[
        ("reset", |stream| reset(stream)),
        ("timeout", |stream| hang(stream)),
        ("protocol", |stream| drop(stream.write_all(b"garbage\r\n\r\n"))),
        ("body", |stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }),
        ("timeout", drip),
        ("timeout", endless),
    ];
    for (class, fault) in cases {
        let fault = *fault;
        let folder = Folder::with_plan(&plan(NO_FAILURES));
        let server = Server::start(move |number, _, stream| match number {
            0..8 => answer_late(stream, 200, "{}"),
            _ => fault(stream),
        });
        let ended = folder.run(&["run", "--target", &server.url(), "--comment", "never"]);
        ended.expect(1, &["fail: http_req_failed", &format!("{class} error"), "first failure of GET /thing"]);
        folder.run(&["judge", "loadgate-measurement.json"]).expect(1, &["fail: http_req_failed"]);
    }
}

/// A byte now and then, for ever.
fn drip(stream: &mut std::net::TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    while stream.write_all(b"x").is_ok() {
        thread::sleep(Duration::from_millis(50));
    }
}

/// As fast as it goes, for ever.
fn endless(stream: &mut std::net::TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n");
    let chunk = [b'x'; 16 * 1024];
    while stream.write_all(&chunk).is_ok() {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_answer_that_is_no_json_fails_its_check() {
    let server = Server::answering(200, "{not json");
    let with_body = plan("checks: [\"rate>0.99\"]").replace("status == 200", "body.data.id == 1");
    let folder = Folder::with_plan(&with_body);
    let texts = ["fail: checks", "status is 200", "`body.data.id == 1` does not hold", "{not json"];
    folder.measure(&server.url(), &[]).expect(1, &texts);
}

#[test]
fn a_capture_that_finds_nothing_stops_before_the_load() {
    let server = Server::answering(200, "{\"data\":{}}");
    let with_capture =
        plan(NO_FAILURES).replace("      - think", "        capture: { token: body.data.token }\n      - think");
    let folder = Folder::with_plan(&with_capture);
    folder.run(&["run", "--target", &server.url(), "--comment", "never"]).expect(4, &["token", "{\"data\":{}}"]);
    assert!(server.requests() <= 2, "only the iteration before the load was sent");
}

#[test]
fn a_login_page_is_not_measured() {
    let server = Server::start(|number, _, stream| match number {
        0 => answer(stream, 200, "application/json", "{}"),
        _ => answer(stream, 429, "application/json", "{}"),
    });
    let folder = Folder::with_plan(&plan(NO_FAILURES));
    folder
        .run(&["run", "--target", &server.url(), "--comment", "never"])
        .expect(3, &["not measured: GET /thing:", "429", "a login page or a rate limit was measured"]);
}
