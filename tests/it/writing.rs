//! What a job writes: the check run of its commit, annotations, and a log without anybody else's commands; and that no
//! failure of GitHub's changes how it ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::github::{on_pull_request, on_pull_request_of};
use crate::hub::{Answer, Forced, Hub, TOKEN};
use crate::servers::{LATENCY, Server, answer, answer_late, closed_port, hang, reset};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 4, duration: 300ms, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";
const CHECKS: &str = "POST /repos/acme/shop/check-runs";

/// A plan that fails whatever the server does, and one that judges nothing.
fn failing() -> String {
    PLAN.replace("http_req_failed: [\"rate<0.01\"]", "http_reqs: [\"count>100000\"], http_req_duration: [\"p(95)<1\"]")
}

fn judging_nothing(more: &str) -> String {
    format!("{}{more}", PLAN.replace("thresholds: { http_req_failed: [\"rate<0.01\"] }\n", ""))
}

/// A target that lets the trial through and then asks for a token: a guard fires.
fn refusing_target() -> Server {
    Server::start(|number, _, stream| answer_late(stream, if number == 0 { 200 } else { 401 }, "{}"))
}

/// A run of a job of pull request 7, with a time limit for GitHub that lets it be asked again.
fn gate(folder: &Folder, target: &Server, hub: &Hub, attempt: &str, more: &[&str]) -> Ended {
    let url = target.url();
    let mut command = folder.command(&[&["run", "--target", &url], more].concat());
    on_pull_request(&mut command, folder, &hub.url(), TOKEN);
    command.env("GITHUB_RUN_ATTEMPT", attempt).env("LOADGATE_GITHUB_TIMEOUT", "10s");
    Ended::of(command)
}

#[test]
fn the_verdict_is_a_check_run_of_the_measured_commit() {
    let (hub, target) = (Hub::start(), Server::answering(200, "{}"));
    let folder = Folder::with_plan(PLAN);
    gate(&folder, &target, &hub, "1", &[]).expect(0, &["check run: https://github.example/checks/"]);
    let check = hub.state().checks[0].clone();
    let expected = json!({
        "name": "loadgate / shop", "head_sha": "0123456789abcdef", "status": "completed", "conclusion": "success",
        "external_id": "100/1/gate", "details_url": "https://github.com/acme/shop/actions/runs/100/attempts/1",
    });
    for (field, value) in expected.as_object().expect("fields") {
        assert_eq!(&check[field], value, "{field}");
    }
    let output = |field: &str| check["output"][field].as_str().unwrap_or_default().to_owned();
    assert!(output("title").starts_with("pass: 1 threshold holds"), "{check}");
    assert!(output("summary").contains("| http\\_req\\_failed | rate &lt; 0.01 |"), "{check}");
    assert!(output("text").contains("<summary>Requests</summary>"), "{check}");
    assert!(hub.state().seen.iter().any(|line| {
        line == "GET /repos/acme/shop/commits/0123456789abcdef/check-runs?check_name=loadgate+%2F+shop&filter=all&per_page=100"
    }));
}

#[test]
fn a_job_has_one_check_run_and_the_worst_of_its_runs_stands() {
    let (hub, target) = (Hub::start(), Server::answering(200, "{}"));
    let (passes, fails) = (Folder::with_plan(PLAN), Folder::with_plan(&failing()));
    let conclusions = || hub.state().checks.iter().map(|check| check["conclusion"].clone()).collect::<Vec<Value>>();
    gate(&passes, &target, &hub, "1", &[]).expect(0, &["check run: "]);
    gate(&fails, &target, &hub, "1", &[]).expect(1, &["check run updated: "]);
    assert_eq!(conclusions(), ["failure"]);
    gate(&passes, &target, &hub, "1", &[]).expect(0, &["check run kept, since another run of this job has failed: "]);
    assert_eq!(conclusions(), ["failure"]);
    gate(&passes, &target, &hub, "2", &[]).expect(0, &["check run: "]);
    assert_eq!(conclusions(), ["failure", "success"], "another attempt is another check run");
}

#[test]
fn only_what_was_measured_is_green() {
    let answering = Server::answering(200, "{}");
    let cases = [
        (failing(), &answering, 1, "failure"),
        (judging_nothing(""), &answering, 0, "neutral"),
        (
            judging_nothing("gate: { inconclusive: fail, guards: { cpu: 100%, loopLag: 1m } }\n"),
            &answering,
            1,
            "failure",
        ),
        (PLAN.to_owned(), &refusing_target(), 3, "failure"),
    ];
    for (plan, target, code, conclusion) in cases {
        let (hub, folder) = (Hub::start(), Folder::with_plan(&plan));
        gate(&folder, target, &hub, "1", &["--no-repeat"]).expect(code, &["check run: "]);
        assert_eq!(hub.state().checks[0]["conclusion"], conclusion, "{plan}");
    }
}

#[test]
fn a_check_run_is_written_where_it_may_be() {
    let target = Server::answering(200, "{}");
    let missing = "no check run: the token may not write a check run (403: Resource not accessible by integration); give \
                   the job `permissions: checks: write`";
    let warning = format!("warning: {missing}");
    let cases: &[(&str, &str, &str, &[&str], &str)] = &[
        ("acme/shop", TOKEN, "never", &[], ""),
        ("acme/shop", TOKEN, "auto", &[missing], "warning: no check"),
        ("acme/shop", TOKEN, "always", &[&warning], ""),
        ("fork/shop", TOKEN, "auto", &[], "check run"),
        ("fork/shop", TOKEN, "always", &["warning: no check run: a fork's run can't vouch for itself"], ""),
        ("acme/shop", "", "auto", &[], "check run"),
        ("acme/shop", "", "always", &["warning: no check run: there is no GITHUB_TOKEN"], ""),
    ];
    for (head, token, mode, texts, absent) in cases {
        let (hub, folder) = (Hub::start(), Folder::with_plan(PLAN));
        let answer = Answer::refusal(403, "Resource not accessible by integration");
        hub.force(Forced { line: CHECKS.into(), answer, times: 1, carried_out: false });
        let url = target.url();
        let mut command = folder.command(&["run", "--target", &url, "--check", mode]);
        on_pull_request_of(&mut command, &folder, &hub.url(), token, head);
        let ended = Ended::of(command);
        ended.expect(0, texts);
        assert!(absent.is_empty() || !ended.stderr.contains(absent), "{head} {mode}: {}", ended.stderr);
        let asked = hub.state().seen.iter().filter(|line| line.contains("check-runs")).count();
        assert_eq!(asked > 0, texts.iter().any(|text| text.contains("403")), "{head} {mode}");
        assert!(hub.state().checks.is_empty());
    }
}

#[test]
fn outside_of_a_job_a_check_run_that_was_asked_for_is_missed() {
    let (target, folder) = (Server::answering(200, "{}"), Folder::with_plan(PLAN));
    let ended = folder.measure(&target.url(), &["--check", "always"]);
    ended.expect(0, &["warning: no check run: this is no GitHub Actions job"]);
}

/// GitHub has done what it was asked, and its answer is lost: there is one comment and one check run all the same.
#[test]
fn a_lost_answer_makes_nothing_twice() {
    let (hub, target, folder) = (Hub::start(), Server::answering(200, "{}"), Folder::with_plan(PLAN));
    for line in ["POST /repos/acme/shop/issues/7/comments", CHECKS] {
        let answer = Answer::refusal(502, "Server Error");
        hub.force(Forced { line: line.into(), answer, times: 1, carried_out: true });
    }
    gate(&folder, &target, &hub, "1", &[]).expect(0, &["comment updated: ", "check run updated: "]);
    assert_eq!((hub.comments().len(), hub.state().checks.len()), (1, 1));
}

/// Each way in which GitHub can fail. The server is started anew for each run.
type Failing = (&'static str, fn() -> String);

const FAILURES: &[Failing] = &[
    ("refused", closed_port),
    ("no such name", || "http://github.invalid".into()),
    ("hanging", || Server::start(|_, _, stream| hang(stream)).url()),
    ("reset", || Server::start(|_, _, stream| reset(stream)).url()),
    ("401", || answering(401, "", r#"{"message":"Bad credentials"}"#)),
    ("403", || answering(403, "", r#"{"message":"Resource not accessible by integration"}"#)),
    ("404", || answering(404, "", r#"{"message":"Not Found"}"#)),
    ("422", || answering(422, "", r#"{"message":"Validation Failed"}"#)),
    ("primary limit", || answering(403, "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 9999999999\r\n", "{}")),
    ("secondary limit", || answering(429, "retry-after: 3600\r\n", r#"{"message":"secondary rate limit"}"#)),
    ("500", || answering(500, "", "")),
    ("a proxy's page", || answering(403, "content-type: text/html\r\n", "<h1>blocked</h1>")),
    ("a page for an answer", || answering(200, "content-type: text/html\r\n", "<h1>hello</h1>")),
    ("cut off", || answering(200, "", "[{\"id\": 1, \"bo")),
    ("shorter than said", || said("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n[{")),
    ("no HTTP", || said("SSH-2.0-OpenSSH_9.2\r\n")),
    ("in a circle", || answering(301, "location: /again\r\n", "")),
    ("away", || answering(307, "location: http://127.0.0.1:9/x\r\n", "")),
];

fn answering(status: u16, headers: &'static str, body: &'static str) -> String {
    let text = format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
    Server::start(move |_, _, stream| {
        let _ = stream.write_all(text.as_bytes());
    })
    .url()
}

/// Says this much, and closes.
fn said(text: &'static str) -> String {
    Server::start(move |_, _, stream| {
        let _ = stream.write_all(text.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Both);
    })
    .url()
}

/// A plan, its target, and how a run of it ends: the exit code and the verdict.
type Run = (String, fn() -> Server, i32, &'static str);

/// A verdict never changes because GitHub could not be reached.
#[test]
fn no_failure_of_github_changes_how_a_run_ends() {
    let answers: fn() -> Server = || Server::answering(200, "{}");
    let runs: [Run; 3] = [
        (PLAN.into(), answers, 0, "pass"),
        (failing(), answers, 1, "fail"),
        (PLAN.into(), refusing_target, 3, "not_measured"),
    ];
    for (plan, target, code, verdict) in runs {
        let folder = Folder::with_plan(&plan);
        let start_at = (Timestamp::now() + Duration::from_secs(1)).to_string();
        let shard = ["--shard", "1/1", "--start-at", &start_at, "--out", "shard.json"];
        assert!(folder.measure(&target().url(), &shard).code.is_some_and(|code| code != 4), "{verdict}");
        let merge = || folder.command(&["merge", "shard.json", "--plan", "loadgate.yml", "--check", "always"]);
        Ended::of(merge()).expect(code, &[]);
        thread::scope(|scope| {
            for (name, api) in FAILURES {
                let merge = &merge;
                scope.spawn(move || {
                    let (mut command, job) = (merge(), Folder::new());
                    command.arg("--out").arg(job.path("merged.json"));
                    on_pull_request(&mut command, &job, &api(), TOKEN);
                    let ended = Ended::of(command);
                    println!("{verdict}, {name}: {}", ended.stderr);
                    ended.expect(code, &["warning: no comment: ", "warning: no check run: "]);
                    assert!(!ended.all().contains(TOKEN), "{name}: the token is printed");
                    let output = job.read("output");
                    assert!(output.contains(&format!("\n{verdict}\n")), "{name}: {output}");
                });
            }
        });
    }
}

#[test]
fn each_reason_of_a_failure_is_marked_on_the_runs_page() {
    let (hub, target) = (Hub::start(), Server::answering(200, "{}"));
    let many: String = (1..=12).map(|n| format!("\"count>{n}000000\", ")).collect();
    for (thresholds, errors, last) in [
        (
            "http_reqs: [\"count>100000\"], http_req_duration: [\"p(95)<1\"]".to_owned(),
            2,
            "::error title=loadgate%3A shop::",
        ),
        (format!("http_reqs: [{many}]"), 10, "::error title=loadgate%3A shop::and 3 more, in the step's summary"),
    ] {
        let folder = Folder::with_plan(&PLAN.replace("http_req_failed: [\"rate<0.01\"]", &thresholds));
        let ended = gate(&folder, &target, &hub, "1", &["--check", "never"]);
        ended.expect(1, &["::error title=loadgate%3A shop::fail: http_reqs count is "]);
        let commands: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("::error")).collect();
        assert_eq!(commands.len(), errors, "{commands:?}");
        assert!(commands.last().is_some_and(|line| line.starts_with(last)), "{commands:?}");
    }
}

/// What a target answers is shown in the log, where the runner looks for commands.
#[test]
fn a_target_can_not_give_the_runner_commands() {
    let body = "\n::error::forged\r\n  ::stop-commands::x\n##[set-output name=verdict]pass\n";
    let plan = PLAN.replace("get: /products, ", "get: /products, check: { \"::warning::forged\": \"false\" }, ");
    let commands = |ended: &Ended| {
        let lines = [ended.stdout.lines(), ended.stderr.lines()].into_iter().flatten().map(str::to_owned);
        let command = |line: &String| line.trim_start().starts_with("::") || line.contains("##[");
        lines.filter(command).collect::<Vec<_>>()
    };
    let (hub, folder) = (Hub::start(), Folder::with_plan(&plan));
    for report in ["text=-", "markdown=-", "json=-", "junit=-"] {
        let late = Server::start(move |number, _, stream| {
            thread::sleep(LATENCY);
            answer(stream, if number == 0 { 200 } else { 500 }, "text/plain", body);
        });
        let ended = gate(&folder, &late, &hub, "1", &["--report", report]);
        ended.expect(1, &["forged"]);
        let ours = |line: &String| {
            line.starts_with("::error title=loadgate%3A shop::fail: ")
                || line.starts_with("::notice title=loadgate%3A shop::the rules of base ")
        };
        let others: Vec<String> = commands(&ended).into_iter().filter(|line| !ours(line)).collect();
        assert!(others.is_empty(), "{report}: {others:?}");
    }
    let never = Server::start(move |_, _, stream| answer(stream, 500, "text/plain", body));
    let ended = gate(&folder, &never, &hub, "1", &[]);
    ended.expect(4, &["preflight", "forged"]);
    assert_eq!(commands(&ended), Vec::<String>::new());
}

/// A proxy that tunnels to one server whatever it is asked for, and keeps the heads of what it was asked.
fn proxy(to: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|read| read > 0) {
                head.push(byte[0]);
            }
            log.lock().unwrap_or_else(PoisonError::into_inner).push(String::from_utf8_lossy(&head).into_owned());
            let _ = client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
            let server = TcpStream::connect(&to).expect("the server");
            for (mut from, mut to) in [(&client, &server), (&server, &client)]
                .map(|(from, to)| (from.try_clone().expect("a socket"), to.try_clone().expect("a socket")))
            {
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
            }
        }
    });
    (address.to_string(), asked)
}

/// Speaks TLS for a server that doesn't, one request a connection; and its certificate.
fn encrypted(name: &str, hub: &Hub) -> (String, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).expect("a key");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate");
    let (config, to) = (Arc::new(config), hub.server.address);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
            let mut stream = StreamOwned::new(session, socket);
            thread::spawn(move || {
                let mut server = TcpStream::connect(to).expect("the server");
                let _ = server.set_read_timeout(Some(Duration::from_millis(200)));
                let mut buffer = [0; 65_536];
                // What a request or an answer is made of arrives within the time limit of a read.
                while let Ok(read) = stream.read(&mut buffer) {
                    if read == 0 || server.write_all(&buffer[..read]).is_err() {
                        return;
                    }
                    while let Ok(read) = server.read(&mut buffer) {
                        if read == 0 || stream.write_all(&buffer[..read]).is_err() {
                            return;
                        }
                    }
                    let _ = stream.flush();
                }
            });
        }
    });
    (address.to_string(), cert.pem())
}

#[test]
fn github_is_asked_through_a_proxy_where_there_is_one() {
    let (hub, target, folder) = (Hub::start(), Server::answering(200, "{}"), Folder::with_plan(PLAN));
    let (behind, certificate) = encrypted("api.github.example", &hub);
    let (proxy, asked) = proxy(behind);
    folder.write("trusted.pem", &certificate);
    let url = target.url();
    let mut command = folder.command(&["run", "--target", &url]);
    on_pull_request(&mut command, &folder, "https://api.github.example", TOKEN);
    command.env("SSL_CERT_FILE", folder.path("trusted.pem")).env("LOADGATE_GITHUB_TIMEOUT", "10s");
    command.env("HTTPS_PROXY", format!("http://user:s3cr3t@{proxy}"));
    let ended = Ended::of(command);
    ended.expect(0, &["commented: ", "check run: "]);
    assert!(!ended.all().contains("s3cr3t"));
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(!asked.is_empty());
    for head in &*asked {
        assert!(head.starts_with("CONNECT api.github.example:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("Proxy-Authorization: Basic dXNlcjpzM2NyM3Q=\r\n"), "{head}");
        assert!(!head.contains(TOKEN), "{head}");
    }
}
