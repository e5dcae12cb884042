//! A secret reaches the target and no output.

use std::thread::sleep;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use crate::gate::{Ended, Folder};
use crate::github::on_pull_request;
use crate::hub::{Answer, Forced, Hub, TOKEN};
use crate::servers::{LATENCY, Request, Server, answer, closed_port};

/// With characters that URLs, JSON and Markdown write otherwise.
const SECRET: &str = "s3cr3t/v4l+ue&<\"x|y`z";
/// In the address of the target.
const PASSWORD: &str = "p4ssw0rd-of-userinfo";

const PLAN: &str = r#"
version: 1
name: secretive
secrets: [KEY]
target: { headers: { x-bypass: "${secret.KEY}" } }
setup:
  steps: [{ post: /login, json: { password: "${secret.KEY}" }, capture: { session: body.body } }]
scenarios:
  load:
    executor: per-vu-iterations
    vus: 3
    iterations: 4
    let: { copy: "${secret.KEY}" }
    steps:
      - post: /thing/${secret.KEY}?key=${secret.KEY}
        name: thing
        headers: { x-key: "key ${copy}", authorization: "Bearer ${secret.KEY}" }
        json: { key: "${copy}", nested: ["${session}"] }
        check: { echoed: "status == 200", not this: "body.body == secret.KEY" }
      - if: "iteration >= 8"
        then: [{ fail: "no ${secret.KEY}" }]
      - if: "iteration >= 6"
        then: [{ stop: "enough ${copy}" }]
thresholds: { http_req_failed: ["rate<0.01"] }
"#;

/// What a server knows of a request, as JSON.
fn echo(request: &Request) -> String {
    json!({ "head": request.head, "body": request.body }).to_string()
}

/// A run in a job of pull request 7, with every report, and everything that it wrote.
fn outputs(folder: &Folder, hub: &Hub, target: &str, code: i32, texts: &[&str]) -> Vec<(String, String)> {
    let reports = ["text=r.txt", "markdown=r.md", "json=r.json", "junit=r.xml"];
    let mut arguments = vec!["run", "--target", target, "--no-repeat"];
    arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
    let mut command = folder.command(&arguments);
    on_pull_request(&mut command, folder, &hub.url(), TOKEN);
    command.env("KEY", SECRET).env("WORD", PASSWORD);
    let ended = Ended::of(command);
    ended.expect(code, texts);
    everything(folder, hub, ended)
}

/// What was printed, what GitHub was given, and all files.
fn everything(folder: &Folder, hub: &Hub, ended: Ended) -> Vec<(String, String)> {
    let mut outputs = vec![("stdout".to_owned(), ended.stdout), ("stderr".to_owned(), ended.stderr)];
    outputs.extend(hub.comments().into_iter().map(|comment| ("comment".to_owned(), comment)));
    outputs.extend(hub.state().checks.iter().map(|check| ("check run".to_owned(), check.to_string())));
    outputs.extend(hub.state().seen.iter().map(|line| ("request".to_owned(), line.clone())));
    for path in folder.files(".") {
        let name = path.display().to_string();
        if !name.ends_with("event.json") {
            outputs.push((name, std::fs::read_to_string(&path).expect("a file")));
        }
    }
    outputs
}

/// The forms of a secret that are looked for: whatever follows a special character may be written otherwise.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let plain = secret.split(|c: char| !c.is_ascii_alphanumeric()).find(|part| part.len() > 3).expect("a part");
    let mut forms = vec![plain.to_owned(), percent.to_lowercase(), percent];
    for before in ["", "x", "xy"] {
        let text = format!("{before}{secret}");
        // The middle, which depends on no text around it.
        forms.extend([STANDARD.encode(&text), URL_SAFE.encode(&text)].map(|digits| digits[4..16].to_owned()));
    }
    forms
}

fn assert_kept(secrets: &[&str], outputs: &[(String, String)]) {
    for (name, text) in outputs {
        for form in secrets.iter().flat_map(|secret| forms(secret)).chain([TOKEN.to_owned()]) {
            let found = text.find(form.as_str());
            let around = found.map(|at| &text[text.floor_char_boundary(at.saturating_sub(200))..at]);
            assert_eq!(around, None, "`{form}` is in {name}, after this text");
        }
    }
}

fn names(outputs: &[(String, String)], name: &str) -> usize {
    outputs.iter().filter(|(known, _)| known.ends_with(name)).count()
}

#[test]
fn a_secret_that_is_echoed_everywhere_is_in_no_output() {
    let (hub, folder) = (Hub::start(), Folder::with_plan(PLAN));
    let server = Server::start(|number, request, stream| {
        sleep(LATENCY);
        answer(stream, if number > 3 { 500 } else { 200 }, "application/json", &echo(request));
        assert!(number > 0 || request.body.contains("s3cr3t"), "the target gets it: {}", request.body);
    });
    let outputs = outputs(&folder, &hub, &server.url(), 1, &["fail: http_req_failed", "***"]);
    for name in ["comment", "check run", "summary.md", "output", "loadgate-measurement.json"] {
        assert_eq!(names(&outputs, name), 1, "{name}");
    }
    assert!(outputs.len() >= 2 + 2 + 4 + 3, "printed, posted, reports, files of the step and the run");
    assert_kept(&[SECRET], &outputs);
}

/// A body in which a secret stands as other encoders write it, beside other text.
fn encoded_otherwise(request: &Request) -> String {
    let html = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let small: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>().to_lowercase();
    let basic = STANDARD.encode(format!("user:{SECRET}:more"));
    let script = SECRET.replace('&', "\\u0026").replace('<', "\\u003c").replace('"', "\\\"");
    let authorization = request.head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization"));
    format!("<p>{html}</p> {small} {basic} \"{script}\" {}", authorization.unwrap_or_default())
}

#[test]
fn a_secret_that_comes_back_in_another_form_is_in_no_output() {
    let plan = "
version: 1
name: encoded
secrets: [KEY]
scenarios:
  load: { executor: per-vu-iterations, vus: 3, iterations: 4, steps: [{ get: /thing, name: thing }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";
    let (hub, folder) = (Hub::start(), Folder::with_plan(plan));
    let server = Server::start(|number, request, stream| {
        sleep(LATENCY);
        answer(stream, if number > 1 { 500 } else { 200 }, "text/html", &encoded_otherwise(request));
    });
    let target = server.url().replace("://", &format!("://user:{PASSWORD}@"));
    let outputs = outputs(&folder, &hub, &target, 1, &["fail: http_req_failed", "<p>***</p>"]);
    assert_kept(&[SECRET, PASSWORD], &outputs);
}

/// Errors name the addresses that could not be reached, and where a redirect leads.
#[test]
fn a_secret_in_the_address_of_an_error_is_in_no_output() {
    let plan = "
version: 1
name: errors
secrets: [KEY, WORD]
target: { allowedHosts: [CLOSED] }
scenarios:
  load:
    executor: per-vu-iterations
    vus: 2
    iterations: 2
    steps:
      - get: /ok
      - if: \"iteration >= 1\"
        then:
          - { get: \"http://user:${secret.WORD}@CLOSED/x?key=${secret.KEY}\", name: closed }
      - if: \"iteration >= 0\"
        then:
          - { get: \"/redirect?key=${secret.KEY}\", name: redirected }
      - if: \"iteration >= 1\"
        then:
          - { get: /broken, name: broken }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";
    let closed = closed_port();
    let plan = plan.replace("CLOSED", closed.trim_start_matches("http://"));
    let (hub, folder) = (Hub::start(), Folder::with_plan(&plan));
    let server = Server::start(move |number, request, stream| {
        sleep(LATENCY);
        let query = request.line().split_once('?').map_or("", |(_, query)| query);
        let line = request.line();
        if line.starts_with("GET /redirect") && number > 2 {
            crate::servers::redirect(stream, &format!("http://user:{PASSWORD}@forbidden.example/?{query}"));
        } else if line.starts_with("GET /broken") {
            crate::servers::redirect(stream, &format!("http://[{SECRET}"));
        } else {
            answer(stream, 200, "text/plain", "ok");
        }
    });
    let outputs = outputs(&folder, &hub, &server.url(), 1, &["refused the connection", "***"]);
    for told in ["forbidden.example", "the redirect leads to no URL"] {
        let measurement = outputs.iter().find(|(name, _)| name.ends_with("loadgate-measurement.json"));
        assert!(measurement.is_some_and(|(_, text)| text.contains(told)), "{told}");
    }
    assert_kept(&[SECRET, PASSWORD], &outputs);
}

/// A setup, a trial and a teardown that fail tell why, with what the target answered.
#[test]
fn a_secret_in_an_error_that_ends_the_run_is_not_printed() {
    let failing = |from: u64, to: u64| {
        Server::start(move |number, request, stream| {
            sleep(LATENCY);
            let status = if (from..to).contains(&number) { 500 } else { 200 };
            answer(stream, status, "application/json", &echo(request));
        })
    };
    let teardown = "teardown: { steps: [{ delete: \"/login?key=${secret.KEY}\" }] }\n";
    for (from, to, code, texts) in
        [(0, 1, 4, &["setup", "***"][..]), (1, 2, 4, &["preflight", "***"]), (2, u64::MAX, 1, &["teardown", "***"])]
    {
        let (hub, folder) = (Hub::start(), Folder::with_plan(&format!("{PLAN}{teardown}")));
        let outputs = outputs(&folder, &hub, &failing(from, to).url(), code, texts);
        assert_kept(&[SECRET], &outputs);
    }
}

#[test]
fn a_secret_is_in_no_entry_of_a_baseline() {
    let (hub, folder) = (Hub::start(), Folder::with_plan(PLAN));
    let server = Server::start(|number, request, stream| {
        sleep(LATENCY);
        answer(stream, if number % 5 == 4 { 500 } else { 200 }, "application/json", &echo(request));
    });
    let url = server.url();
    let mut command = folder.command(&["baseline", "refresh", "--target", &url]);
    command.env("KEY", SECRET);
    let ended = Ended::of(command);
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.all());
    let outputs = everything(&folder, &hub, ended);
    assert!(outputs.iter().any(|(name, _)| name.contains("/baselines/")), "an entry");
    assert_kept(&[SECRET], &outputs);
}

/// A server between the runner and GitHub may quote the request that it refuses.
#[test]
fn the_token_that_a_server_quotes_is_not_printed() {
    let (hub, folder) = (Hub::start(), Folder::with_plan(&PLAN.replace("rate<0.01", "rate<=1")));
    for line in ["GET", "POST /repos"] {
        let answer = Answer::refusal(403, &format!("not with authorization: Bearer {TOKEN}"));
        hub.force(Forced { line: line.into(), answer, times: 9, carried_out: false });
    }
    let server = Server::start(|_, request, stream| {
        sleep(LATENCY);
        answer(stream, 200, "application/json", &echo(request));
    });
    let outputs = outputs(&folder, &hub, &server.url(), 0, &["not with authorization: Bearer ***"]);
    assert_kept(&[SECRET], &outputs);
}

#[test]
fn an_unset_secret_is_an_error_before_anything_is_sent() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder
        .run(&["run", "--target", &server.url()])
        .expect(2, &["loadgate.yml:5:", "the secret `KEY`", "the environment has no value of it", "set the variable"]);
    assert_eq!(server.requests(), 0);
}
