//! k6 scripts go the way of plans: alone and named by one, beside a reference, in shards, judged again from a file.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::gate::Folder;
use crate::servers::{Request, Server, answer};

/// A script whose host is its author's own, where nothing listens.
const SCRIPT: &str = r#"
import http from 'k6/http';
import { check } from 'k6';
import { Rate } from 'k6/metrics';

const good = new Rate('good');

export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 5 } },
  thresholds: { checks: ['rate==1'], good: ['rate>0.9'] },
};

export function setup() {
  return { token: http.post('http://api.example:8080/token').json('token') };
}

export default function (data) {
  const headers = { authorization: `Bearer ${data.token}` };
  const res = http.get(`http://api.example:8080/items/${__VU}${__ITER}`, { headers });
  good.add(check(res, { 'status is 200': (r) => r.status === 200, 'is named': (r) => r.json().name === 'x' }));
}
"#;

/// A deployment, and the first lines and authorizations of what it was asked.
fn deployment(token: &'static str, status: u16) -> (Server, Arc<Mutex<Vec<Request>>>) {
    let book = Arc::<Mutex<Vec<Request>>>::default();
    let visits = book.clone();
    let server = Server::start(move |_, request, stream| {
        visits.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        std::thread::sleep(Duration::from_millis(30));
        match request.line() {
            "POST /token" => answer(stream, 200, "application/json", &format!("{{\"token\":\"{token}\"}}")),
            _ => answer(stream, status, "application/json", "{\"name\":\"x\"}"),
        }
    });
    (server, book)
}

fn folder_with(name: &str, script: &str) -> Folder {
    let folder = Folder::new();
    folder.write(name, script);
    folder
}

fn tokens(book: &Mutex<Vec<Request>>) -> Vec<String> {
    let book = book.lock().unwrap_or_else(PoisonError::into_inner);
    let bearer = |line: &str| line.strip_prefix("authorization: Bearer ").map(str::to_owned);
    let mut all: Vec<String> = book.iter().filter_map(|request| request.head.lines().find_map(bearer)).collect();
    all.dedup();
    all
}

#[test]
fn a_script_is_a_plan_of_its_own() {
    let folder = folder_with("load-test.js", SCRIPT);
    let (server, book) = deployment("one", 200);
    let ended = folder.run(&["run", "load-test.js", "--target", &server.url(), "--no-repeat"]);
    assert!(ended.stdout.contains("plan load-test, target http://127.0.0.1"), "{ended:?}");
    for row in ["GET /items/{id}", "✓ status is 200", "✓ is named", "good", "iteration_errors"] {
        assert!(ended.stdout.contains(row), "{row}: {ended:?}");
    }
    assert!(ended.stdout.contains("10 complete and 0 interrupted iterations"), "{ended:?}");
    assert_eq!(tokens(&book), ["one"]);
    let again = folder.run(&["judge", "loadgate-measurement.json", "--plan", "load-test.js"]);
    assert_eq!(again.code, ended.code, "{again:?}");
}

#[test]
fn a_failing_check_fails_the_run_and_an_exception_does() {
    let (server, _) = deployment("one", 500);
    let folder = folder_with("load-test.js", SCRIPT);
    let ended = folder.run(&["run", "load-test.js", "--target", &server.url(), "--no-repeat"]);
    assert!(ended.stdout.contains("✗ checks"), "{ended:?}");
    let folder = folder_with("broken.js", &SCRIPT.replace("r.json().name === 'x'", "r.json().no.such === 'x'"));
    let (server, _) = deployment("one", 200);
    let ended = folder.run(&["run", "broken.js", "--target", &server.url(), "--no-repeat"]);
    assert!(ended.stdout.contains("✗ iteration_errors"), "{ended:?}");
    assert!(ended.stderr.contains("broken.js:20:"), "the script's own line: {ended:?}");
}

#[test]
fn a_plan_names_a_script_and_each_arm_has_a_setup_of_its_own() {
    let folder = folder_with("load-test.js", SCRIPT);
    folder.write(
        "gate.yml",
        "version: 1\nname: named\nscript: load-test.js\nreference: { mode: parallel }\ngate: { warmup: { max: 0s } }\n",
    );
    let ((candidate, ours), (reference, theirs)) = (deployment("one", 200), deployment("two", 200));
    let (candidate, reference) = (candidate.url(), reference.url());
    let ended = folder.run(&["run", "gate.yml", "--target", &candidate, "--reference", &reference, "--no-repeat"]);
    assert!(ended.stdout.contains("GET /items/{id}"), "{ended:?}");
    assert_eq!((tokens(&ours), tokens(&theirs)), (vec!["one".to_owned()], vec!["two".to_owned()]));
}

#[test]
fn shards_of_a_script_add_up() {
    let folder = folder_with("load-test.js", SCRIPT);
    let (server, book) = deployment("one", 200);
    let start = (Timestamp::now() + jiff::SignedDuration::from_secs(3)).as_second().to_string();
    let url = server.url();
    let run = |number: &'static str| {
        let (folder, start, url) = (&folder, &start, &url);
        move || folder.run(&["run", "load-test.js", "--target", url, "--shard", number, "--start-at", start])
    };
    std::thread::scope(|scope| {
        for shard in ["1/2", "2/2"].map(|number| scope.spawn(run(number))) {
            let ended = shard.join().expect("a shard");
            assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
        }
    });
    let shards = ["loadgate-shard-1-of-2.json", "loadgate-shard-2-of-2.json"];
    let merged = folder.run(&["merge", shards[0], shards[1], "--plan", "load-test.js"]);
    assert!(merged.stdout.contains("10 complete and 0 interrupted iterations"), "{merged:?}");
    let items = |request: &&Request| request.line().starts_with("GET /items/");
    let book = book.lock().unwrap_or_else(PoisonError::into_inner);
    let mut asked: Vec<&str> = book.iter().filter(items).map(Request::line).collect();
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), 10, "no two shards are the same virtual users: {asked:?}");
}

/// Where the memory of the machine is known.
#[cfg(target_os = "linux")]
#[test]
fn the_memory_of_its_virtual_users_is_held_against_the_machines() {
    let folder = folder_with("load-test.js", "export default () => {};");
    let told = folder.run(&["validate", "load-test.js", "--vus", "10000000", "--duration", "1m"]);
    // 80 kB each, where a plan's take 4.
    assert!(told.stderr.contains("10000000 VUs take at least 80"), "{told:?}");
}

#[test]
fn several_origins_are_not_guessed() {
    let folder = folder_with("two.js", &SCRIPT.replace("http://api.example:8080/items", "http://items.example/items"));
    let (server, _) = deployment("one", 200);
    let refused = folder.run(&["run", "two.js", "--target", &server.url()]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--map http://api.example:8080="), "{refused:?}");
    assert_eq!(server.requests(), 0);
    let map = format!("http://items.example={}", server.url());
    let ended = folder.run(&["run", "two.js", "--target", &server.url(), "--map", &map, "--no-repeat"]);
    assert!(ended.stdout.contains("GET /items/{id}"), "{ended:?}");
}
