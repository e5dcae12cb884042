//! loadgate as it is shipped: the release binary, run with a plan.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::cores::{Cores, Place};
use super::process::{self, Finished};

/// The binary.
#[derive(Clone, Debug)]
pub struct Loadgate {
    path: PathBuf,
    /// Version, and commit of this checkout where the binary was built from it.
    pub version: String,
}

/// What a run used, and what it reported.
#[derive(Debug)]
pub struct Run {
    pub process: Finished,
    pub report: Report,
}

/// Those figures of the JSON report that the benches need. Times are in milliseconds.
#[derive(Debug, Deserialize)]
pub struct Report {
    pub headline: String,
    pub run: Totals,
    pub requests: Vec<Request>,
    pub checks: Vec<Check>,
    pub scenarios: Vec<Scenario>,
    pub guards: Vec<Guard>,
}

#[derive(Debug, Deserialize)]
pub struct Totals {
    pub judged_ms: f64,
    pub elapsed_ms: f64,
    pub busiest_worker_cpu: Option<f64>,
    pub loop_lag: Option<Distribution>,
}

#[derive(Debug, Deserialize)]
pub struct Request {
    pub name: String,
    pub count: u64,
    pub responses: u64,
    pub failed: u64,
    pub statuses: BTreeMap<String, u64>,
    pub duration: Option<Distribution>,
}

#[derive(Debug, Deserialize)]
pub struct Check {
    pub passed: u64,
    pub failed: u64,
}

#[derive(Debug, Deserialize)]
pub struct Scenario {
    pub iterations: u64,
    pub dropped: u64,
    pub schedule_lag: Option<Distribution>,
}

#[derive(Debug, Deserialize)]
pub struct Guard {
    pub kind: String,
    pub fired: bool,
    pub finding: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Distribution {
    pub count: u64,
    pub avg: f64,
    pub med: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

impl Loadgate {
    /// The given binary, or that which `cargo build --release` makes of this checkout.
    ///
    /// # Errors
    /// It does not run, or can't be built.
    pub fn find(given: Option<&Path>) -> Result<Loadgate> {
        let path = match given {
            Some(path) => path.canonicalize().with_context(|| format!("{} is not there", path.display()))?,
            None => build()?,
        };
        let said = Command::new(&path).arg("--version").output();
        let said = said.with_context(|| format!("{} does not run", path.display()))?;
        let mut version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        ensure!(said.status.success() && !version.is_empty(), "{} does not tell its version", path.display());
        match (given, commit()) {
            (None, Some(commit)) => version += &format!(" ({commit})"),
            (None, None) => {}
            (Some(given), _) => version += &format!(" ({})", given.display()),
        }
        Ok(Loadgate { path, version })
    }

    /// A command of the binary, without arguments yet.
    pub fn command(&self) -> Command {
        Command::new(&self.path)
    }

    /// Runs a plan against a target on a core, with so many worker threads, and reads its report.
    ///
    /// # Errors
    /// It does not run to its end within `limit`, or has no report.
    pub fn run(&self, job: &Job<'_>, cores: &Cores, folder: &Path) -> Result<Run> {
        let (plan, report) = (folder.join("plan.yml"), folder.join("report.json"));
        fs::write(&plan, job.plan)?;
        let _ = fs::remove_file(&report);
        let mut command = Command::new(&self.path);
        command.arg("run").arg(&plan).args([
            "--target",
            job.target,
            "--comment",
            "never",
            "--seed",
            "1",
            "--no-repeat",
        ]);
        command.args(["--workers", &job.workers.to_string()]);
        command.arg("--baseline").arg(folder.join("baselines")).arg("--out").arg(folder.join("measurement.json"));
        command.arg("--report").arg(format!("json={}", report.display()));
        let limit = job.lasts + Duration::from_secs(60);
        let process = process::run(&mut command, cores, job.place, limit, folder)?;
        // 1 and 3 are verdicts: a generator that runs at its limit is told so, and that is what is measured here.
        let process = process.expect("loadgate", &[0, 1, 3])?;
        let text = fs::read_to_string(&report).context("loadgate wrote no report")?;
        Ok(Run { process, report: serde_json::from_str(&text).context("loadgate's report")? })
    }
}

/// What loadgate is to do.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    pub plan: &'a str,
    pub target: &'a str,
    pub workers: usize,
    pub place: Place,
    /// How long the plan lasts at most.
    pub lasts: Duration,
}

impl Report {
    /// Requests that have no expected answer, and checks that do not hold.
    pub fn errors(&self) -> u64 {
        let failed: u64 = self.requests.iter().map(|request| request.failed).sum();
        failed + self.checks.iter().map(|check| check.failed).sum::<u64>()
    }

    pub fn responses(&self) -> u64 {
        self.requests.iter().map(|request| request.responses).sum()
    }

    /// The guards that fired, by what they found.
    pub fn fired(&self) -> Vec<String> {
        let fired = self.guards.iter().filter(|guard| guard.fired);
        fired.map(|guard| format!("{}: {}", guard.kind, guard.finding)).collect()
    }
}

fn build() -> Result<PathBuf> {
    eprintln!("building the release binary of this checkout (--loadgate PATH takes another one)");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args([
        "build",
        "--release",
        "--locked",
        "--bin",
        "loadgate",
        "--message-format",
        "json-render-diagnostics",
    ]);
    let built = command.stderr(std::process::Stdio::inherit()).output().context("cargo can't be started")?;
    ensure!(built.status.success(), "cargo build --release failed");
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    let found = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable).next_back();
    match found {
        Some(path) => Ok(path),
        None => bail!("cargo build --release named no binary"),
    }
}

/// The commit of this checkout, with `+` where files have changed since.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let said = Command::new("git").current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    Some(format!("{}{}", git(&["rev-parse", "--short", "HEAD"])?, if changed { "+" } else { "" }))
}
