//! k6 scripts run unmodified: one small script of our own per feature, in `scripts/`, run by the real binary.
//!
//! A script states its expectations: by `check()` where a feature is visible from inside, and by the directives of its
//! header (see `script`) where it is not. Each holds under k6 itself too; `validate-with-k6` shows that.
//!
//! `LOADGATE_K6_ONLY=http/get cargo test --test k6` runs the scripts whose path contains that.
//! `LOADGATE_SERVE_SECONDS=600 cargo test --test k6 -- --ignored serve --nocapture` keeps the server up and prints its
//! addresses.

mod api;
mod expectation;
mod run;
mod script;
mod server;

use std::io::{self, Write};
use std::time::Duration;

use script::Script;

/// One test for each folder of scripts.
macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        const AREAS: &[&str] = &[$(stringify!($area)),*];
        $(#[test] fn $area() { run::area(stringify!($area)); })*
    };
}

areas!(
    asynchronous,
    batch,
    checks,
    console,
    cookies,
    crypto,
    data,
    encoding,
    env,
    errors,
    execution,
    executors,
    groups,
    html,
    http,
    journeys,
    language,
    lifecycle,
    metrics,
    modules,
    options,
    params,
    redirects,
    response,
    scenarios,
    summary,
    tags,
    thresholds,
    timers,
    url,
    webcrypto,
);

#[test]
fn every_folder_of_scripts_is_run() {
    let mut folders: Vec<String> = script::folders();
    folders.sort();
    assert_eq!(folders, AREAS);
}

#[test]
fn there_are_enough_scripts_and_each_says_what_it_covers() {
    let scripts: Vec<Script> = AREAS.iter().flat_map(|area| script::of(area)).collect();
    assert!(scripts.len() >= 170, "{} scripts", scripts.len());
}

#[test]
fn the_table_of_the_api_is_that_of_the_scripts() {
    let scripts: Vec<Script> = AREAS.iter().flat_map(|area| script::of(area)).collect();
    api::compare_with_docs(&scripts);
}

/// For runs by hand.
#[test]
#[ignore = "keeps the server up for runs by hand"]
fn serve() {
    let seconds = std::env::var("LOADGATE_SERVE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    let server = server::Server::start();
    let mut out = io::stdout();
    for (name, value) in server.variables() {
        writeln!(out, "{name}={value}").expect("standard output");
    }
    writeln!(out, "serving for {seconds}s").expect("standard output");
    out.flush().expect("standard output");
    std::thread::sleep(Duration::from_secs(seconds));
}
