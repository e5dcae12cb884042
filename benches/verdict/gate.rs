//! A gate: two deployments, and a process of loadgate that judges the one by the other.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::deployment::Deployment;
use crate::outcome::{Outcome, Report};
use crate::rig::cores::{Cores, Place};
use crate::rig::folder;
use crate::rig::loadgate::Loadgate;
use crate::rig::process::run_unless;
use crate::show::Show;

/// Requests a second for each arm.
pub const CONCERTS_PER_SECOND: u32 = 300;
pub const DATES_PER_SECOND: u32 = 200;

/// The longest warm-up.
const WARMUP_SECONDS: u64 = 20;

/// What every gate needs.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub loadgate: &'a Loadgate,
    pub cores: &'a Cores,
    pub stopped: &'a (dyn Fn() -> bool + Sync),
}

/// A gate that is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    pub show: Show,
    /// From 1.
    pub number: u32,
    /// Of the run, and of what the deployments draw: the same gate again has the same.
    pub seed: u64,
    /// Of the load, before any extension.
    pub seconds: u64,
}

impl Task {
    /// Runs it, with deployments of its own.
    ///
    /// # Errors
    /// A process can't be started, ends otherwise than with a verdict, or was told to end.
    pub fn run(&self, setting: &Setting<'_>) -> Result<Outcome> {
        let began = Instant::now();
        let design = self.show.design();
        let folder = folder()?;
        let path = |name: &str| folder.path().join(name);
        fs::write(path("plan.yml"), plan(self.seconds, design.tolerance_percent))?;
        // The n-th requests of the arms must not take the same time, as they would with the same seed.
        let deployment =
            |slow, seed| Deployment::start(setting.loadgate, slow, self.seed.wrapping_mul(2) + seed, setting.cores);
        let (base, candidate) = (deployment(0, 0)?, deployment(design.slow_percent, 1)?);
        let mut command = setting.loadgate.command();
        command.arg("run").arg(path("plan.yml")).args(["--target", &candidate.url, "--reference", &base.url]);
        command.args(["--seed", &self.seed.to_string(), "--comment", "never"]);
        command.arg("--baseline").arg(path("baselines")).arg("--out").arg(path("measurement.json"));
        command.arg("--report").arg(format!("json={}", path("report.json").display()));
        // Twice the load where it goes on, with setup, warm-up and reports; and all of it again where the runner spoilt it.
        let limit = Duration::from_secs(2 * (2 * self.seconds + WARMUP_SECONDS + 30) + 60);
        let ended =
            run_unless(&mut command, setting.cores, Place::Anywhere, limit, folder.path(), &|| (setting.stopped)())?;
        let cpu = ended.cpu + base.cpu()? + candidate.cpu()?;
        // The codes of a verdict: pass or too noisy, fail, not measured.
        let ended = ended.expect("loadgate run", &[0, 1, 3])?;
        let text = fs::read_to_string(path("report.json")).context("loadgate wrote no report")?;
        let report: Report = serde_json::from_str(&text).context("loadgate's report")?;
        ensure!(
            report.comparison.with == "reference",
            "loadgate compared the run with {} instead of the reference: {}",
            report.comparison.with,
            report.headline
        );
        ensure!(report.comparison.mode.as_deref() == Some("parallel"), "the arms took turns: {}", report.headline);
        let exit = ended.code.context("loadgate run was ended by a signal")?;
        Ok(Outcome { task: *self, exit, report, took: began.elapsed(), cpu })
    }
}

/// Two requests directly, at constant rates: nothing but the latency of one of them differs between the arms.
pub fn plan(seconds: u64, tolerance_percent: u32) -> String {
    format!(
        "\
version: 1
name: verdict
target: {{ ready: {{ get: /health, within: 10s }} }}
reference: {{ mode: parallel }}
defaults: {{ timeout: 5s }}
scenarios:
  concerts:
    executor: constant-arrival-rate
    rate: {CONCERTS_PER_SECOND}
    duration: {seconds}s
    preAllocatedVUs: 50
    maxVUs: 200
    steps: [{{ get: /api/v1/concerts, name: concerts }}]
  dates:
    executor: constant-arrival-rate
    rate: {DATES_PER_SECOND}
    duration: {seconds}s
    preAllocatedVUs: 50
    maxVUs: 200
    steps: [{{ get: \"/api/v1/concerts/${{random_int(1, 5000)}}/dates\", name: dates }}]
gate:
  warmup: {{ max: {WARMUP_SECONDS}s }}
  regression: {{ tolerance: {tolerance_percent}%, floor: 0ms }}
"
    )
}
