//! Runs one script by the real binary, and tells what it should not have done.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A generated script, with the modules beside it.
pub struct Case {
    pub name: String,
    /// The script is the first.
    pub files: Vec<(String, Vec<u8>)>,
    pub args: Vec<String>,
    /// What standard error must say.
    pub says: Option<&'static str>,
}

impl Case {
    /// Writes every origin in two parts. A script that names several is refused without `--map`, and would prove nothing of how
    /// it runs; put together while it runs, each is refused where it is asked.
    #[must_use]
    pub fn without_written_origins(mut self) -> Self {
        for (name, content) in &mut self.files {
            if let (true, Ok(text)) = (name.ends_with("js"), str::from_utf8(content)) {
                *content = text.replace("'http://", "'http:' + '//").into_bytes();
            }
        }
        self
    }
}

/// How a run ended.
pub struct Outcome {
    /// What is wrong with it.
    pub wrong: Vec<String>,
    pub took: Duration,
    /// It was interrupted, since its options let it run longer than this test waits.
    pub interrupted: bool,
    pub code: Option<i32>,
    pub err: String,
    /// Bytes of memory at most.
    pub memory: u64,
}

/// A run may take so long. A script whose options say more is interrupted then, as a user would.
const LIMIT: Duration = Duration::from_secs(8);

/// An interrupted run may take so long until it has ended.
const GRACE: Duration = Duration::from_secs(6);

/// Bytes that no run may take: a script has 16 MiB, and there are few virtual users.
const MOST_MEMORY: u64 = 700 << 20;

/// The binary: that of this build, unless a release build is named.
fn binary() -> PathBuf {
    std::env::var_os("LOADGATE_FUZZ_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_loadgate").into(), PathBuf::from)
}

/// Runs a script.
///
/// # Errors
/// The files can't be written, or the binary not be started.
pub fn run(case: &Case, target: SocketAddr) -> std::io::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    for (name, content) in &case.files {
        let path = folder.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, content)?;
    }
    let script = case.files.first().map_or("script.js", |(name, _)| name.as_str());
    let mut command = Command::new(binary());
    command.arg("run").arg(script).current_dir(folder.path());
    command.arg("--target").arg(format!("http://{target}"));
    command.arg("-e").arg(format!("BASE_URL=http://{target}"));
    command.args(["--js-memory", "16", "--init-timeout", "2000", "--report", "json=report.json"]).args(&case.args);
    command.env("NO_COLOR", "1").env("K6_HANDLE_SUMMARY_TIMEOUT", "500ms");
    command.env("K6_SETUP_TIMEOUT", "500ms").env("K6_TEARDOWN_TIMEOUT", "500ms");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (child.stdout.take().map(reader), child.stderr.take().map(reader));
    let mut outcome = wait(&mut child)?;
    let text = |reader: Option<thread::JoinHandle<String>>| reader.and_then(|r| r.join().ok()).unwrap_or_default();
    let (out, err) = (text(out), text(err));
    for sign in ["panicked at", "Assertion", "internal error:", "already borrowed"] {
        if out.contains(sign) || err.contains(sign) {
            outcome.wrong.push(format!("it says `{sign}`"));
        }
    }
    if let Some(says) = case.says
        && !err.contains(says)
    {
        outcome.wrong.push(format!("it does not say `{says}`"));
    }
    outcome.err = err;
    Ok(outcome)
}

fn wait(child: &mut Child) -> std::io::Result<Outcome> {
    let began = Instant::now();
    let mut outcome = Outcome {
        wrong: Vec::new(),
        took: Duration::ZERO,
        interrupted: false,
        code: None,
        err: String::new(),
        memory: 0,
    };
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        outcome.memory = outcome.memory.max(memory(child.id()));
        let too_large = outcome.memory > MOST_MEMORY;
        if began.elapsed() > LIMIT && !outcome.interrupted {
            outcome.interrupted = true;
            interrupt(child);
        }
        if too_large || began.elapsed() > LIMIT + GRACE {
            child.kill()?;
            outcome.wrong.push(match too_large {
                true => format!("it takes {} MiB", outcome.memory >> 20),
                false => format!("it hangs: still running {GRACE:?} after an interrupt"),
            });
            outcome.took = began.elapsed();
            child.wait()?;
            return Ok(outcome);
        }
        thread::sleep(Duration::from_millis(10));
    };
    outcome.took = began.elapsed();
    outcome.code = status.code();
    match status.code() {
        Some(0..=4) => {}
        Some(130) if outcome.interrupted => {}
        // What still reads a large script has nothing to report: the signal ends it, as it does any program.
        None if outcome.interrupted && status.signal() == Some(libc::SIGINT) => {}
        _ => outcome.wrong.push(format!("it ended with {status}")),
    }
    Ok(outcome)
}

/// The bytes that a process has in memory; 0 where the system does not tell.
fn memory(process: u32) -> u64 {
    let statm = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

/// As Ctrl-C does.
#[cfg(target_os = "linux")]
fn interrupt(child: &Child) {
    // A process that has ended meanwhile is still a child that was not waited for: the number is its own.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
}

#[cfg(not(target_os = "linux"))]
fn interrupt(_: &Child) {}

fn reader(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came until an error is what there is.
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
