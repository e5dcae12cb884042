//! The load touches the target and the hosts that the plan allows, and nothing else.

use crate::gate::Folder;
use crate::servers::{Server, answer_late, redirect};

fn plan(target: &str) -> String {
    format!(
        "version: 1\nname: hosts\ntarget: {target}\nscenarios:\n  load:\n    executor: constant-vus\n    vus: 4\n    \
         duration: 500ms\n    steps: [{{ get: /thing }}]\nthresholds: {{ http_req_failed: [\"rate<0.01\"] }}\n"
    )
}

/// Every third request but the first is sent to the other host.
fn leading_to(other: &Server) -> Server {
    let elsewhere = format!("{}/there", other.url());
    Server::start(move |number, _, stream| match number % 3 {
        2 => redirect(stream, &elsewhere),
        _ => answer_late(stream, 200, "{}"),
    })
}

#[test]
fn a_redirect_to_another_host_is_refused_and_counted() {
    let other = Server::answering(200, "{}");
    let folder = Folder::with_plan(&plan("{}"));
    let ended = folder.run(&["run", "--target", &leading_to(&other).url(), "--comment", "never"]);
    ended.expect(1, &["fail: http_req_failed", "host error", "allowedHosts"]);
    assert_eq!(other.requests(), 0, "nothing reaches a host that is not allowed");
}

#[test]
fn before_the_load_a_refused_redirect_ends_the_run_with_its_cure() {
    let other = Server::answering(200, "{}");
    let elsewhere = other.url();
    let target = Server::start(move |_, _, stream| redirect(stream, &elsewhere));
    let folder = Folder::with_plan(&plan("{}"));
    let ended = folder.run(&["run", "--target", &target.url(), "--comment", "never"]);
    ended.expect(4, &["(host)", &other.url(), "allowedHosts"]);
    assert_eq!((target.requests(), other.requests()), (1, 0));
}

#[test]
fn an_allowed_host_is_followed_to() {
    let other = Server::answering(200, "{}");
    let folder = Folder::with_plan(&plan(&format!("{{ allowedHosts: [\"{}\"] }}", other.address)));
    let target = leading_to(&other);
    folder.measure(&target.url(), &[]).expect(0, &["pass: "]);
    assert!(other.requests() > 0);
}

#[test]
fn a_whole_url_of_another_host_is_an_error_of_the_plan() {
    let other = Server::answering(200, "{}");
    let wrong = plan("{}").replace("get: /thing", &format!("get: \"{}/x\"", other.url()));
    let ended = Folder::with_plan(&wrong).run(&["run", "--target", &Server::answering(200, "{}").url()]);
    ended.expect(2, &["loadgate.yml:9:", "allowedHosts"]);
    assert_eq!(other.requests(), 0);
}
