//! A secret reaches the target and no output.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use crate::gate::{Ended, Folder};
use crate::github::on_pull_request;
use crate::hub::Hub;
use crate::servers::{Server, answer};

/// With characters that URLs, JSON and Markdown write otherwise.
const SECRET: &str = "s3cr3t/v4l+ue&<\"x|y`z";
const TOKEN: &str = "ghs_t0k3n";

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

#[test]
fn a_secret_that_is_echoed_everywhere_is_in_no_output() {
    let (hub, folder) = (Hub::start(), Folder::with_plan(PLAN));
    let server = Server::start(|number, request, stream| {
        std::thread::sleep(crate::servers::LATENCY);
        let echo = json!({ "head": request.head, "body": request.body }).to_string();
        answer(stream, if number > 3 { 500 } else { 200 }, "application/json", &echo);
        assert!(number > 0 || request.body.contains("s3cr3t"), "the target gets it: {}", request.body);
    });
    let reports = ["text=r.txt", "markdown=r.md", "json=r.json", "junit=r.xml"];
    let mut arguments = vec!["run".to_owned(), "--target".into(), server.url()];
    arguments.extend(reports.iter().flat_map(|report| ["--report".to_owned(), (*report).into()]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = folder.command(&arguments);
    on_pull_request(&mut command, &folder, &hub.url(), TOKEN);
    command.env("KEY", SECRET);
    let ended = Ended::of(command);
    ended.expect(1, &["fail: http_req_failed", "***"]);
    let mut outputs = vec![("stdout".to_owned(), ended.stdout), ("stderr".to_owned(), ended.stderr)];
    outputs.extend(hub.comments().into_iter().map(|comment| ("comment".to_owned(), comment)));
    assert_eq!(outputs.len(), 3, "one comment");
    for path in folder.files(".") {
        let name = path.display().to_string();
        outputs.push((name, std::fs::read_to_string(&path).expect("a file")));
    }
    assert!(outputs.len() >= 3 + 4 + 3, "reports, measurement, summary, outputs");
    let percent: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let forms = ["s3cr3t".to_owned(), percent, STANDARD.encode(SECRET), URL_SAFE.encode(SECRET), TOKEN.to_owned()];
    for (name, text) in &outputs {
        for form in forms.iter().filter(|_| !name.ends_with("event.json")) {
            let found = text.find(form.as_str());
            let around = found.map(|at| &text[text.floor_char_boundary(at.saturating_sub(200))..at]);
            assert_eq!(around, None, "`{form}` is in {name}, after this text");
        }
    }
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
