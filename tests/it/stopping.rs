//! Runs that are told to stop: by SIGINT and SIGTERM, which is what a cancelled job gets, by a threshold, by the end of their
//! schedule. They end soon, whatever the server does, and what was measured is kept, with every request accounted for.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::gate::{Ended, Folder};
use crate::servers::{Server, answer, answer_late, hang};

const PLAN: &str = "\
version: 1
name: long
scenarios:
  load: { executor: constant-vus, vus: 4, duration: 60s, steps: [{ get: /thing }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";

/// What a run may take beyond its time: 1 s is promised, on a machine that has nothing else to do.
const SLACK: Duration = Duration::from_secs(4);

fn start(folder: &Folder, target: &str, more: &[&str]) -> Child {
    let mut command = folder.command(&[&["run", "--target", target], more].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a signal to a child of ours");
}

/// Waits for what must come; it is a failure if it doesn't.
#[track_caller]
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The end of a run that got a signal; it must be soon.
pub fn end(child: Child) -> Ended {
    let begun = Instant::now();
    let ended = Ended::after(child.wait_with_output().expect("it ends"));
    assert!(begun.elapsed() < SLACK, "{:?}", begun.elapsed());
    ended
}

/// The requests that a server has seen, by path.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    /// How many there were of this path, with this one.
    fn note(&self, path: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
        self.count(path)
    }

    fn count(&self, path: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|seen| *seen == path).count()
    }
}

/// A server whose paths say what it does: the first request of each, which is the trial's, is answered in any case but that of
/// `/hang`.
fn server() -> (Server, Seen) {
    let seen = Seen::default();
    let log = seen.clone();
    let server = Server::start(move |_, request, stream| {
        let line = request.line();
        let path = line.split_once(' ').map_or("", |(_, path)| path);
        match (path, log.note(path)) {
            ("/never-ready", _) => answer(stream, 503, "text/plain", ""),
            ("/hang", _) => hang(stream),
            ("/thing", _) | (_, 1) => answer_late(stream, 200, "{}"),
            ("/fails", count) => answer(stream, if count > 20 { 500 } else { 200 }, "text/plain", ""),
            ("/drips", _) => send_for_ever(stream, b"x", Duration::from_millis(50)),
            ("/endless", _) => send_for_ever(stream, &[b'x'; 16 * 1024], Duration::from_millis(1)),
            _ => hang(stream),
        }
    });
    (server, seen)
}

fn send_for_ever(stream: &mut TcpStream, piece: &[u8], every: Duration) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n");
    while stream.write_all(piece).is_ok() {
        thread::sleep(every);
    }
}

/// Every request that was started is accounted for: finished, failed by class, or interrupted. Each iteration of the plan sends
/// one, and nothing else takes its time; `besides` are those of readiness, setup, trial and teardown.
#[track_caller]
fn account(folder: &Folder, seen: &Seen, besides: u64) {
    let file: Value = serde_json::from_str(&folder.read("loadgate-measurement.json")).expect("a whole file");
    let (mut started, mut interrupted) = (0, 0);
    let (mut iterations, mut iterations_interrupted) = (0, 0);
    for phase in ["judged", "unjudged"] {
        let phase = &file["candidate"][phase];
        for row in phase["requests"].as_array().expect("requests") {
            let failed: u64 = row["errors"].as_object().expect("errors").values().filter_map(Value::as_u64).sum();
            assert_eq!(number(row, "attempts"), number(row, "responses") + failed, "{row}");
            assert!(number(row, "failed") >= failed, "{row}");
            started += number(row, "attempts") + number(row, "interrupted");
            interrupted += number(row, "interrupted");
        }
        for row in phase["scenarios"].as_array().expect("scenarios") {
            iterations += number(row, "iterations") + number(row, "interrupted");
            iterations_interrupted += number(row, "interrupted");
        }
    }
    assert!(iterations + besides >= started, "{iterations} iterations and {besides} besides sent {started} requests");
    assert!(iterations <= started, "{iterations} iterations sent {started} requests");
    assert!(interrupted <= iterations_interrupted + besides, "{interrupted} {iterations_interrupted}");
    let arrived =
        seen.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|path| *path != "/never-ready").count();
    let arrived = arrived as u64;
    assert!(
        arrived <= started && arrived + interrupted >= started,
        "{arrived} of {started} arrived, {interrupted} cut off"
    );
}

fn number(row: &Value, field: &str) -> u64 {
    row[field].as_u64().unwrap_or_else(|| panic!("no {field} in {row}"))
}

const HEAD: &str = "version: 1\nname: long\n";

/// Where a signal meets a run.
struct Phase {
    name: &'static str,
    plan: &'static str,
    /// The signal is sent when the server has seen so many requests of this path.
    when: (&'static str, usize),
    /// Requests that no iteration of the load sends, at most.
    besides: u64,
    says: &'static str,
    /// The exit code of `judge` later.
    judged: i32,
}

const PHASES: [Phase; 9] = [
    Phase {
        name: "readiness",
        plan: "target: { ready: { get: /never-ready, within: 60s } }\n\
               scenarios: { load: { executor: constant-vus, duration: 60s, steps: [{ get: /thing }] } }\n",
        when: ("/never-ready", 1),
        besides: 0,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "setup",
        plan: "setup: { steps: [{ get: /hang }] }\n\
               scenarios: { load: { executor: constant-vus, duration: 60s, steps: [{ get: /thing }] } }\n",
        when: ("/hang", 1),
        besides: 1,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "trial",
        plan: "scenarios: { load: { executor: constant-vus, duration: 60s, steps: [{ get: /hang }] } }\n",
        when: ("/hang", 1),
        besides: 1,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "warm-up",
        plan: "scenarios: { load: { executor: constant-vus, vus: 4, duration: 60s, steps: [{ get: /thing }] } }\n\
               gate: { warmup: { max: 60s } }\n",
        when: ("/thing", 4),
        besides: 1,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "ramp",
        plan: "scenarios:\n\
              \x20 load: { executor: ramping-vus, startVUs: 2, stages: [{ duration: 60s, target: 600 }], steps: [{ get: /thing }] }\n",
        when: ("/thing", 12),
        besides: 1,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "arrivals",
        plan: "scenarios:\n\
              \x20 load: { executor: constant-arrival-rate, rate: 50, duration: 60s, preAllocatedVUs: 20, steps: [{ get: /thing }] }\n",
        when: ("/thing", 20),
        besides: 1,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "graceful stop",
        // The later scenario's request tells that the first one's time is over.
        plan: "scenarios:\n\
              \x20 load: { executor: constant-vus, vus: 4, duration: 200ms, gracefulStop: 60s, steps: [{ get: /stalls }] }\n\
              \x20 later: { executor: per-vu-iterations, startTime: 300ms, gracefulStop: 60s, steps: [{ get: /later }] }\n",
        when: ("/later", 2),
        besides: 2,
        says: "interrupted: what was measured",
        judged: 3,
    },
    Phase {
        name: "teardown",
        plan: "scenarios: { load: { executor: per-vu-iterations, vus: 2, steps: [{ get: /thing }] } }\n\
               teardown: { steps: [{ get: /hang }] }\nthresholds: { http_reqs: [\"count>=2\"] }\n\
               gate: { guards: { cpu: 100%, loopLag: 1m } }\n",
        when: ("/hang", 1),
        besides: 2,
        says: "interrupted after the load: all of it is in loadgate-measurement.json",
        judged: 0,
    },
    Phase {
        name: "teardown after a threshold ended the load",
        plan: "scenarios: { load: { executor: constant-vus, vus: 2, duration: 60s, steps: [{ get: /fails }] } }\n\
               teardown: { steps: [{ get: /hang }] }\n\
               thresholds: { http_req_failed: [{ threshold: \"rate<0.01\", abortOnFail: true }] }\n\
               gate: { guards: { cpu: 100%, loopLag: 1m } }\n",
        when: ("/hang", 1),
        besides: 2,
        says: "interrupted after the load: all of it is in loadgate-measurement.json",
        judged: 1,
    },
];

#[test]
fn a_signal_ends_a_run_in_every_phase_and_every_request_is_accounted_for() {
    thread::scope(|scope| {
        for (phase, signal) in PHASES.iter().zip([Signal::INT, Signal::TERM].into_iter().cycle()) {
            scope.spawn(move || meets(phase, signal));
        }
    });
}

fn meets(phase: &Phase, signal: Signal) {
    let (server, seen) = server();
    let folder = Folder::with_plan(&format!("{HEAD}{}", phase.plan));
    let child = start(&folder, &server.url(), &[]);
    let (path, count) = phase.when;
    wait_until(phase.name, || seen.count(path) >= count);
    send(&child, signal);
    let ended = end(child);
    println!("{}: {}", phase.name, ended.stderr);
    ended.expect(130, &[phase.says]);
    account(&folder, &seen, phase.besides);
    assert_eq!(folder.files(".").len(), 2, "a plan and a measurement, and nothing half: {:?}", folder.files("."));
    folder.run(&["judge", "loadgate-measurement.json"]).expect(phase.judged, &[]);
}

/// A machine that is taken away in the teardown takes the teardown with it, and no more.
#[test]
fn what_was_measured_is_there_before_the_teardown() {
    let (server, seen) = server();
    let phase = PHASES.iter().find(|phase| phase.name == "teardown").expect("a phase");
    let folder = Folder::with_plan(&format!("{HEAD}{}", phase.plan));
    let mut child = start(&folder, &server.url(), &[]);
    wait_until(phase.name, || seen.count("/hang") >= 1);
    child.kill().expect("a signal to a child of ours");
    child.wait().expect("it ends");
    folder.run(&["judge", "loadgate-measurement.json"]).expect(phase.judged, &["pass: "]);
}

/// After the trial each of these never answers, in its own way. The schedule is over after 200 ms and its grace after 400 ms.
#[test]
fn a_run_ends_on_time_whatever_the_server_does() {
    let (server, _) = server();
    let url = server.url();
    let never_reads = never_reads();
    let never_accepts = never_accepts();
    let cases = [
        ("stalls", &url, "get: /stalls"),
        ("drips", &url, "get: /drips"),
        ("sends without end", &url, "get: /endless"),
        ("never reads", &never_reads, "post: /, body: \"${'x' * 4000000}\""),
        ("never accepts", &never_accepts, "get: /"),
    ];
    thread::scope(|scope| {
        for (name, url, step) in cases {
            scope.spawn(move || {
                let folder = Folder::with_plan(&format!(
                    "{HEAD}scenarios:\n  load: {{ executor: constant-vus, vus: 4, duration: 200ms, gracefulStop: 200ms, \
                     steps: [{{ {step} }}] }}\nteardown: {{ timeout: 200ms, steps: [{{ get: /hang }}] }}\n\
                     thresholds: {{ http_reqs: [\"count>0\"] }}\n"
                ));
                let begun = Instant::now();
                let ended = folder.measure(url, &[]);
                let took = begun.elapsed();
                assert!(took < Duration::from_millis(600) + SLACK, "{name}: {took:?}");
                println!("{name}: {}", ended.all());
                ended.expect(1, &["teardown failed: it was not done within 0.2 s"]);
                let file: Value = serde_json::from_str(&folder.read("loadgate-measurement.json")).expect("a file");
                let load = &file["candidate"]["judged"];
                let requests = load["requests"].as_array().expect("requests");
                assert_eq!(requests.iter().map(|row| number(row, "interrupted")).sum::<u64>(), 4, "{name}");
                assert_eq!(number(&load["scenarios"][0], "interrupted"), 4, "{name}");
                assert_eq!(file["candidate"]["ending"], "completed", "{name}");
            });
        }
    });
}

/// Answers the first connection's request, and takes every later one without reading from it.
fn never_reads() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in listener.incoming().flatten() {
            if kept.is_empty() {
                answer_whatever_comes(&mut stream);
            }
            kept.push(stream);
        }
    });
    format!("http://{address}")
}

/// Reads until nothing comes any more, then answers.
fn answer_whatever_comes(stream: &mut TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
    let _ = std::io::copy(stream, &mut std::io::sink());
    answer(stream, 200, "text/plain", "");
}

/// Answers the first connection's request, then accepts none: the kernel's queue for them is short, and one that finds it full
/// is not connected.
fn never_accepts() -> String {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    socket.listen(1).expect("it listens");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        answer_whatever_comes(&mut stream);
        thread::park();
    });
    format!("http://{address}")
}

#[test]
fn a_signal_saves_what_was_measured_elsewhere_where_its_place_is_wrong() {
    let (server, seen) = server();
    let folder = Folder::with_plan(PLAN);
    let child = start(&folder, &server.url(), &["--out", "missing/run.json"]);
    wait_until("the load", || seen.count("/thing") > 10);
    send(&child, Signal::TERM);
    end(child).expect(130, &["missing/run.json", "the measurement is in", "interrupted: what was measured is in"]);
    assert_eq!(folder.files("tmp").len(), 1);
}

#[test]
fn a_signal_during_the_load_keeps_what_was_measured() {
    for signal in [Signal::INT, Signal::TERM] {
        let server = Server::answering(200, "{}");
        let folder = Folder::with_plan(PLAN);
        let child = start(&folder, &server.url(), &["--report", "json=r.json"]);
        wait_until("the load", || server.requests() > 10);
        send(&child, signal);
        end(child).expect(130, &["interrupted: what was measured is in loadgate-measurement.json", "GET /thing"]);
        let judged = folder.run(&["judge", "loadgate-measurement.json"]);
        judged.expect(3, &["not measured: the run was interrupted after", "run it again, to its end"]);
        assert!(folder.read("r.json").contains("schema_version"));
    }
}

#[test]
fn an_interrupted_refresh_is_no_part_of_the_history() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let mut command = folder.command(&["baseline", "refresh", "--target", &server.url()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    wait_until("the load", || server.requests() > 10);
    send(&child, Signal::TERM);
    end(child).expect(130, &["interrupted: "]);
    assert!(folder.files("baselines").is_empty());
}

/// The first signal lets the reports be written; here one waits for a reader that never comes.
#[test]
fn a_second_signal_ends_the_process_at_once() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let pipe = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()), "a named pipe");
    let child = start(&folder, &server.url(), &["--report", "json=pipe"]);
    wait_until("the load", || server.requests() > 10);
    send(&child, Signal::INT);
    wait_until("the measurement", || Path::new(&folder.path("loadgate-measurement.json")).exists());
    send(&child, Signal::INT);
    let ended = end(child);
    assert_eq!(ended.code, Some(130), "{}", ended.all());
    folder.run(&["judge", "loadgate-measurement.json"]).expect(3, &["interrupted"]);
}
