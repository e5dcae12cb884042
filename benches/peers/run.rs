//! The command line, and the bench from its first line to its last.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::rig::cores::{Cores, Place};
use crate::rig::folder;
use crate::rig::loadgate::Loadgate;
use crate::rig::machine::Machine;
use crate::rig::nginx::Nginx;
use crate::rig::process::raise_open_files;
use crate::rounds::{Sample, measure};
use crate::summary::{Document, Installed, targets, workload_table};
use crate::tool::{Setting, Tool};
use crate::workload::{Size, Workload};

/// Load generators side by side: the server on one core, the generator on another, in turn, several rounds.
#[derive(Debug, Parser)]
#[command(name = "peers", bin_name = "cargo bench --bench peers --", max_term_width = 110)]
pub struct Options {
    /// Length of a run at full speed.
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Rounds; in each, every generator has its turn.
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// These workloads only.
    #[arg(long, value_delimiter = ',', value_name = "WORKLOAD")]
    only: Vec<Workload>,
    /// These generators only.
    #[arg(long, value_delimiter = ',', value_name = "TOOL")]
    tools: Vec<Tool>,
    /// Virtual users (wrk: connections) at full speed.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    vus: u32,
    /// Virtual users of the ramp.
    #[arg(long, default_value = "5000", value_parser = clap::value_parser!(u32).range(1..=30_000))]
    ramp_vus: u32,
    /// Length of the ramp's run; the first third of it is the ramp.
    #[arg(long, default_value = "30", value_parser = clap::value_parser!(u64).range(3..=600))]
    ramp_seconds: u64,
    /// Another binary than the release build of this checkout.
    #[arg(long, value_name = "PATH")]
    loadgate: Option<PathBuf>,
    /// Write every sample, ratio and target to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print loadgate's plan of a workload, and measure nothing.
    #[arg(long, value_name = "WORKLOAD")]
    plan: Option<Workload>,
    /// What `cargo bench` passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn size(&self) -> Size {
        Size {
            length: Duration::from_secs(self.seconds),
            connections: self.vus,
            ramp_vus: self.ramp_vus,
            ramp_up: Duration::from_secs(self.ramp_seconds) / 3,
            ramp_length: Duration::from_secs(self.ramp_seconds),
        }
    }
}

/// Measures, and prints tables.
///
/// # Errors
/// nginx or loadgate can't run, or a generator that is here could not be measured.
pub fn run(options: &Options) -> Result<()> {
    let size = options.size();
    if let Some(workload) = options.plan {
        print!("{}", workload.plan(&size));
        return Ok(());
    }
    let machine = Machine::look();
    let loadgate = Loadgate::find(options.loadgate.as_deref())?;
    let cores = Cores::choose()?;
    let open_files = raise_open_files();
    let folder = folder()?;
    let nginx = Nginx::start(&cores, Place::Server, folder.path(), open_files)?;
    let wanted = |tool: &Tool| options.tools.is_empty() || options.tools.contains(tool);
    let installed: Vec<Installed> =
        Tool::ALL.into_iter().filter(wanted).map(|tool| Installed { tool, version: tool.version(&loadgate) }).collect();
    println!("{}", machine.describe());
    println!("server: {} on core {}, generators on core {}", nginx.version, cores.server, cores.generator);
    if cores.shared() {
        println!("warning: there is one core only: server and generator share it, and no ratio means anything");
    }
    for Installed { tool, version } in &installed {
        println!("{}: {}", tool.name(), version.as_deref().unwrap_or("not installed"));
    }

    let url = nginx.url();
    let setting = Setting { loadgate: &loadgate, cores: &cores, folder: folder.path(), url: &url, size: &size };
    let tools: Vec<Tool> = installed.iter().filter(|one| one.version.is_some()).map(|one| one.tool).collect();
    let mut samples = Vec::new();
    for workload in Workload::ALL {
        if !options.only.is_empty() && !options.only.contains(&workload) {
            continue;
        }
        let measured = measure(workload, &tools, options.rounds, &setting, &nginx);
        println!("\n{}\n\n{}", workload.title(&size, options.rounds), workload_table(workload, &measured));
        for sample in measured.iter().filter(|sample| sample.problem.is_some() || !sample.fired.is_empty()) {
            println!("{}", sample.remarks());
        }
        samples.extend(measured);
    }
    let targets = targets(&samples, &size);
    println!("\n{}", crate::rig::target::table(&targets));
    if let Some(path) = &options.json {
        let file = File::create(path).with_context(|| format!("{} can't be written", path.display()))?;
        serde_json::to_writer_pretty(file, &Document { machine, installed, samples: &samples, targets })?;
    }
    let lost = never_measured(&samples);
    ensure!(lost.is_empty(), "no run counts of {}", lost.join(", "));
    Ok(())
}

/// The generators that are here, but not one of whose runs of a workload counts.
fn never_measured(samples: &[Sample]) -> Vec<String> {
    let counts = |one: &Sample| {
        let same = |other: &&Sample| (other.workload, other.tool) == (one.workload, one.tool);
        samples.iter().filter(same).any(|sample| sample.problem.is_none())
    };
    let mut lost: Vec<String> = samples
        .iter()
        .filter(|sample| !counts(sample))
        .map(|sample| format!("{} in {}", sample.tool.name(), sample.workload.name()))
        .collect();
    lost.sort();
    lost.dedup();
    lost
}
