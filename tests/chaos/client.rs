//! The real binary against the chaos server: its plan, its limits, what it left behind.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use loadgate::measurement::{Measurement, MeasurementFile};

use crate::server::TIME_LIMIT;

/// Longest time that an iteration may go on after its scenario.
const GRACEFUL_STOP: Duration = Duration::from_millis(1500);

/// For the trial, the last words and a machine that does other things besides.
const ALLOWANCE: Duration = Duration::from_secs(15);

/// Bytes of the upload.
const UPLOAD: usize = 2 << 20;

/// How a run ended.
pub struct Ended {
    pub code: Option<i32>,
    pub output: String,
    pub measurement: Measurement,
    /// Peak of the process's memory in MB; none where the system doesn't tell.
    pub peak_memory: Option<u64>,
    pub took: Duration,
}

/// Every request kind that the plan language has, in every executor; some scenarios wait for their last answers, some
/// don't.
fn plan(seconds: u64) -> String {
    let timeout = TIME_LIMIT.as_millis();
    let graceful = GRACEFUL_STOP.as_millis();
    let half = seconds * 500;
    let pooled = seconds * 150;
    format!(
        r#"version: 1
name: chaos
target: {{ insecureSkipTLSVerify: true }}
defaults: {{ timeout: {timeout}ms, redirects: 0, headers: {{ X-Id: "${{uuid()}}" }} }}
flows:
  everything:
    - get: /get
      name: get
      headers: {{ X-Name: get }}
      check: {{ get answered: "error is undefined", get has a seat: "body.seat == 12" }}
      capture: {{ seat: {{ from: "body.seat", optional: true }} }}
    - head: /head
      name: head
      headers: {{ X-Name: head }}
      check: {{ head answered: "error is undefined" }}
    - post: /post
      name: post
      headers: {{ X-Name: post }}
      json: {{ seat: 12, note: "${{uuid()}}" }}
      check: {{ post answered: "error is undefined" }}
    - put: /upload
      name: upload
      headers: {{ X-Name: upload }}
      body: {{ file: upload.bin }}
      check: {{ upload answered: "error is undefined" }}
    - get: /follow
      name: follow
      headers: {{ X-Name: follow, X-Redirects: "5" }}
      redirects: 5
    - post: /follow-post
      name: follow-post
      headers: {{ X-Name: follow-post, X-Redirects: "2" }}
      redirects: 2
      json: {{ seat: 12 }}
    - all:
        - get: /one
          name: one
          headers: {{ X-Name: one }}
        - get: /two
          name: two
          headers: {{ X-Name: two, Accept-Encoding: gzip }}
        - delete: /three
          name: three
          headers: {{ X-Name: three }}
    - retry: {{ max: 3, delay: 5ms, until: "status == 200", else: continue }}
      steps:
        - get: /retry
          name: retry
          headers: {{ X-Name: retry }}
          check: {{ retry answered: "error is undefined" }}
    - poll: {{ until: "status == 200", every: 5ms, max: 3, else: stop }}
      get: /poll
      name: poll
      headers: {{ X-Name: poll }}
scenarios:
  looping:
    executor: constant-vus
    vus: 12
    duration: {seconds}s
    gracefulStop: {graceful}ms
    headers: {{ X-Iteration: "looping/${{vu}}/${{iteration}}" }}
    flow: everything
  ramping:
    executor: ramping-vus
    startVUs: 0
    stages: [{{ duration: {half}ms, target: 10 }}, {{ duration: {half}ms, target: 0 }}]
    gracefulRampDown: 0s
    gracefulStop: 0s
    headers: {{ X-Iteration: "ramping/${{vu}}/${{iteration}}" }}
    steps:
      - get: /ramp
        name: ramp
        headers: {{ X-Name: ramp }}
        check: {{ ramp answered: "error is undefined" }}
      - if: "status == 500"
        then: [{{ fail: the server is down }}]
  arriving:
    executor: constant-arrival-rate
    rate: 100
    duration: {seconds}s
    preAllocatedVUs: 60
    gracefulStop: 0s
    headers: {{ X-Iteration: "arriving/${{vu}}/${{iteration}}" }}
    steps:
      - get: /arrive
        name: arrive
        headers: {{ X-Name: arrive }}
        check: {{ arrive answered: "error is undefined" }}
  pooled:
    executor: shared-iterations
    vus: 6
    iterations: {pooled}
    maxDuration: {seconds}s
    gracefulStop: 100ms
    headers: {{ X-Iteration: "pooled/${{vu}}/${{iteration}}" }}
    steps:
      - post: /pooled
        name: pooled
        headers: {{ X-Name: pooled, Idempotency: none }}
        form: {{ seat: "12" }}
        check: {{ pooled answered: "error is undefined" }}
  last:
    executor: shared-iterations
    headers: {{ X-Iteration: "last/${{vu}}/${{iteration}}" }}
    steps:
      - get: /begin
        name: begin
        headers: {{ X-Name: begin }}
thresholds: {{ http_req_failed: ["rate<0.01"] }}
gate: {{ guards: {{ cpu: 100%, loopLag: 1m, dropped: 100%, refused: 100% }} }}
"#
    )
}

/// Runs the binary to its end, or ends it where it does not end itself.
pub fn run(target: &str, seconds: u64, seed: u64) -> Result<Ended, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::write(folder.path().join("loadgate.yml"), plan(seconds)).map_err(|error| error.to_string())?;
    fs::write(folder.path().join("upload.bin"), vec![b'u'; UPLOAD]).map_err(|error| error.to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgate"));
    command.args(["run", "--comment", "never", "--no-repeat", "--target", target, "--seed", &seed.to_string()]);
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("TMPDIR", folder.path());
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the binary does not start: {error}"))?;
    let texts = [drain(child.stdout.take()), drain(child.stderr.take())];
    let limit = Duration::from_secs(seconds) + GRACEFUL_STOP + ALLOWANCE;
    let mut peak_memory = None;
    let status = loop {
        peak_memory = memory(&child).max(peak_memory);
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if begun.elapsed() < limit => thread::sleep(Duration::from_millis(10)),
            _ => break None,
        }
    };
    let took = begun.elapsed();
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let output = texts.map(|text| text.join().unwrap_or_default()).concat();
    let Some(status) = status else { return Err(format!("it hung: not at its end after {took:?}\n{output}")) };
    let path: PathBuf = folder.path().join("loadgate-measurement.json");
    let file = MeasurementFile::read(&path).map_err(|error| format!("{error}\n{output}"))?;
    Ok(Ended { code: status.code(), output, measurement: file.candidate, peak_memory, took })
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// The most memory that the process has had so far, in MB.
fn memory(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
