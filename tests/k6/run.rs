//! Runs scripts by the real binary and holds the outcome to what they expect.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::expectation::Stream;
use super::script::{self, Script};
use super::server::Server;

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// Nothing here takes longer; what does hangs.
const LIMIT: Duration = Duration::from_secs(30);

/// Where the server is.
pub fn base_url() -> String {
    let [(_, url), ..] = SERVER.variables();
    url
}

/// How a run ended.
pub struct Outcome {
    pub code: Option<i32>,
    out: String,
    err: String,
    /// The JSON report, null without one.
    report: Value,
    folder: tempfile::TempDir,
}

/// Runs the scripts of a folder, several at once, and fails with all that went wrong.
pub fn area(area: &str) {
    let only = std::env::var("LOADGATE_K6_ONLY").unwrap_or_default();
    let mut scripts = script::of(area);
    scripts.retain(|script| script.name.contains(&only));
    let misses = thread::scope(|scope| {
        let runs: Vec<_> = scripts.iter().map(|script| scope.spawn(|| misses(script))).collect();
        runs.into_iter()
            .map(|run| run.join().unwrap_or_else(|_| vec!["the harness panicked".to_owned()]))
            .collect::<Vec<_>>()
    });
    let failed: Vec<String> = scripts.iter().zip(misses).filter(|(_, misses)| !misses.is_empty()).map(told).collect();
    assert!(failed.is_empty(), "{} of {} scripts\n\n{}", failed.len(), scripts.len(), failed.join("\n\n"));
}

fn told((script, misses): (&Script, Vec<String>)) -> String {
    format!("{}\n  {}", script.name, misses.join("\n  "))
}

fn misses(script: &Script) -> Vec<String> {
    let _place = Place::take();
    let outcome = match run(script) {
        Ok(outcome) => outcome,
        Err(problem) => return vec![problem],
    };
    let mut misses: Vec<String> = script.expectations.iter().filter_map(|expected| expected.miss(&outcome)).collect();
    if !misses.is_empty() {
        misses.push(format!("stderr: {}", tail(&outcome.err)));
    }
    misses
}

/// The last kB.
fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(1_000);
    text.get(text.ceil_char_boundary(from)..).unwrap_or_default()
}

fn run(script: &Script) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let report = folder.path().join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgate"));
    // It leaves its measurement in the folder in which it runs. What was not measured is not measured again: the machine
    // is as busy then.
    command.arg("run").arg(&script.path).arg("--no-repeat").current_dir(folder.path());
    for (name, value) in SERVER.variables() {
        command.arg("-e").arg(format!("{name}={value}"));
    }
    command.arg("--report").arg(format!("json={}", report.display()));
    command.args(&script.args).envs(script.env.iter().cloned()).env("NO_COLOR", "1");
    let (code, out, err) = finish(&mut command)?;
    let report = std::fs::read_to_string(&report).ok().and_then(|text| serde_json::from_str(&text).ok());
    Ok(Outcome { code, out, err, report: report.unwrap_or(Value::Null), folder })
}

/// Waits for the end, within the limit.
fn finish(command: &mut Command) -> Result<(Option<i32>, String, String), String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (out, err) = (child.stdout.take().map(reader), child.stderr.take().map(reader));
    let started = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break Ok(status),
            None if started.elapsed() > LIMIT => {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                break Err(format!("still running after {LIMIT:?}"));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let text = |reader: Option<thread::JoinHandle<String>>| reader.and_then(|r| r.join().ok()).unwrap_or_default();
    Ok((status?.code(), text(out), text(err)))
}

fn reader(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came until an error is what there is.
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whether a guard is about the machine, or about requests that there are none of.
fn says_nothing(guard: &Value) -> bool {
    let busy = matches!(guard["kind"].as_str(), Some("generator" | "rate"));
    busy || guard["finding"].as_str().is_some_and(|finding| finding.contains("no request was sent"))
}

impl Outcome {
    pub fn text(&self, stream: &Stream) -> String {
        match stream {
            Stream::Out => self.out.clone(),
            Stream::Err => self.err.clone(),
            Stream::Either => format!("{}{}", self.out, self.err),
            Stream::File(path) => std::fs::read_to_string(Path::new(self.folder.path()).join(path)).unwrap_or_default(),
        }
    }

    /// The exit code, besides the guards that say nothing about a script. Most scripts send no request, since what they
    /// are about needs none; and all of them run at once, so that the generator is late. loadgate takes such a run for not
    /// measured: it is judged by its thresholds and failures then.
    pub fn code_besides_guards(&self) -> Option<i32> {
        let fired: Vec<&Value> = self.rows("guards").iter().filter(|guard| guard["fired"] == true).collect();
        if self.code != Some(3) || fired.is_empty() || !fired.into_iter().all(says_nothing) {
            return self.code;
        }
        let broken = self.rows("thresholds").iter().any(|threshold| threshold["passed"] != true);
        Some(i32::from(broken || !self.rows("failures").is_empty()))
    }

    fn rows(&self, table: &str) -> &[Value] {
        self.report[table].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn metric(&self, name: &str) -> Option<&Value> {
        self.rows("metrics").iter().find(|metric| metric["name"] == name && metric["part"] == false)
    }

    pub fn requests(&self, name: &str) -> u64 {
        let rows = self.rows("requests").iter().filter(|request| request["name"] == name);
        rows.filter_map(|request| request["count"].as_u64()).sum()
    }

    pub fn request_names(&self) -> String {
        let names = self.rows("requests").iter().filter_map(|request| request["name"].as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// How many checks passed of how many, of one name or of all, and the names of those that failed.
    pub fn checks(&self, name: Option<&str>) -> (u64, u64, String) {
        let rows = self.rows("checks").iter().filter(|check| name.is_none_or(|name| check["name"] == name));
        let (mut passed, mut of, mut failed) = (0, 0, Vec::new());
        for check in rows {
            let (good, bad) = (check["passed"].as_u64().unwrap_or(0), check["failed"].as_u64().unwrap_or(0));
            passed += good;
            of += good + bad;
            if bad > 0 {
                failed.push(check["name"].to_string());
            }
        }
        (passed, of, failed.join(", "))
    }

    /// What is wrong with the number of checks, of one name or of all.
    pub fn miss_of_checks(&self, name: Option<&str>, passed: u64, of: u64) -> Option<String> {
        let (found, all, failed) = self.checks(name);
        (found != passed || all != of).then(|| format!("{found} of {all}, failed: {failed}"))
    }
}

/// A place among the runs at once: most of a run is waiting.
struct Place;

static PLACES: LazyLock<(Mutex<usize>, Condvar)> = LazyLock::new(|| {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    (Mutex::new(2 * cores), Condvar::new())
});

impl Place {
    fn take() -> Place {
        let (free, freed) = &*PLACES;
        let free = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (free, freed) = &*PLACES;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        freed.notify_one();
    }
}
