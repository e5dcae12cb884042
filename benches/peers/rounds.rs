//! Rounds: every generator in turn, again and again, so that what drifts on the machine hits all of them alike.

use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::rig::nginx::Nginx;
use crate::tool::{Setting, Tool};
use crate::workload::Workload;

/// Between two runs, so that the server has closed the connections of the one before.
const PAUSE: Duration = Duration::from_millis(300);
/// A generator and the server may differ by this share of the requests: what was under way at the end, and trials.
const MISCOUNT: f64 = 0.01;

/// One run of one generator.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    pub workload: Workload,
    pub tool: Tool,
    pub round: u32,
    pub requests: u64,
    pub requests_per_second: f64,
    pub errors: u64,
    pub cpu_us_per_request: f64,
    pub peak_memory_mb: f64,
    /// By the server's own count.
    pub served: u64,
    /// Share of its core that the server used, 0 to 1.
    pub server_cpu: f64,
    pub p95_ms: Option<f64>,
    pub fired: Vec<String>,
    /// Why its figures count for nothing: it failed, had errors, or counts what the server does not know of.
    pub problem: Option<String>,
}

/// Runs the generators that do this workload. One that fails is told and does not end the bench.
pub fn measure(workload: Workload, tools: &[Tool], rounds: u32, setting: &Setting<'_>, nginx: &Nginx) -> Vec<Sample> {
    let mut samples = Vec::new();
    for round in 1..=rounds {
        for tool in tools.iter().copied().filter(|tool| tool.does(workload)) {
            eprint!("\r{}: round {round} of {rounds}: {:<9}", workload.name(), tool.name());
            samples.push(sample(workload, tool, round, setting, nginx));
            thread::sleep(PAUSE);
        }
    }
    eprintln!();
    samples
}

fn sample(workload: Workload, tool: Tool, round: u32, setting: &Setting<'_>, nginx: &Nginx) -> Sample {
    let mut sample = Sample {
        workload,
        tool,
        round,
        requests: 0,
        requests_per_second: 0.0,
        errors: 0,
        cpu_us_per_request: 0.0,
        peak_memory_mb: 0.0,
        served: 0,
        server_cpu: 0.0,
        p95_ms: None,
        fired: Vec::new(),
        problem: None,
    };
    if let Err(error) = fill(&mut sample, setting, nginx) {
        sample.problem = Some(format!("{error:#}"));
    }
    sample
}

fn fill(sample: &mut Sample, setting: &Setting<'_>, nginx: &Nginx) -> anyhow::Result<()> {
    let before = nginx.served()?;
    let (process, said) = sample.tool.run(sample.workload, setting)?;
    (sample.served, sample.server_cpu) = nginx.served()?.since(&before);
    sample.requests = said.requests;
    sample.requests_per_second = said.requests as f64 / said.seconds;
    sample.errors = said.errors;
    sample.cpu_us_per_request = process.cpu.as_secs_f64() * 1e6 / said.requests.max(1) as f64;
    sample.peak_memory_mb = process.peak_memory as f64 / 1e6;
    sample.p95_ms = said.p95;
    sample.fired = said.fired;
    let apart = said.requests.abs_diff(sample.served);
    // As many may be under way at the end.
    let under_way = sample.workload.at_once(setting.size);
    if said.requests == 0 {
        sample.problem = Some("not one request was answered".into());
    } else if said.errors > 0 {
        sample.problem = Some(format!("{} of its requests or checks failed", said.errors));
    } else if apart > under_way && apart as f64 > MISCOUNT * sample.served as f64 {
        sample.problem = Some(format!("it counts {} requests, the server {}", said.requests, sample.served));
    }
    Ok(())
}

impl Sample {
    /// What to know of it beside its figures.
    pub fn remarks(&self) -> String {
        let fired = self.fired.iter().map(|guard| format!("guard {guard}"));
        let all: Vec<String> = self.problem.iter().cloned().chain(fired).collect();
        format!("{}, {}, round {}: {}", self.workload.name(), self.tool.name(), self.round, all.join("; "))
    }
}
