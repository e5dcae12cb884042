//! The command line, and the bench from its first line to its last.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use serde::Serialize;

use crate::rig::cores::Cores;
use crate::rig::folder;
use crate::rig::loadgate::Loadgate;
use crate::rig::machine::Machine;
use crate::rig::process::raise_open_files;
use crate::rig::target::{Target, table};
use crate::{delays, lag, memory, start, timer};

/// loadgate's figures against those of the servers that it loads, and its memory.
#[derive(Debug, Parser)]
#[command(name = "exactness", bin_name = "cargo bench --bench exactness --", max_term_width = 110)]
pub struct Options {
    /// These parts only.
    #[arg(long, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
    /// Shorter runs, and 1 M requests in place of 10 M.
    #[arg(long)]
    quick: bool,
    /// So short that it only shows that the bench works.
    #[arg(long, conflicts_with = "quick")]
    smoke: bool,
    /// Another binary than the release build of this checkout.
    #[arg(long, value_name = "PATH")]
    loadgate: Option<PathBuf>,
    /// Write the machine and the targets to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What `cargo bench` passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Response times against the delays that the server made.
    Delays,
    /// How late iterations begin at a constant rate.
    Lag,
    /// From process start to the first request.
    Start,
    /// How late the timer of the demo API and of `loadgate delay` is.
    Timer,
    /// Memory by requests, by virtual users, and of values that the setup collects.
    Memory,
}

/// How long and how large.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Of a run with delays, and of one at a rate.
    pub length: Duration,
    /// How often each of these runs is made: the median one counts.
    pub repeats: usize,
    pub starts: usize,
    /// Waits of the timer.
    pub waits: usize,
    /// Few requests, and many.
    pub requests: [u64; 2],
    /// Few virtual users, and many.
    pub users: [u64; 2],
    /// Of a run with so many virtual users.
    pub users_length: Duration,
    /// Values that the setup collects.
    pub tokens: u64,
}

/// With what everything is measured.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub loadgate: &'a Loadgate,
    pub cores: &'a Cores,
    pub folder: &'a Path,
    pub open_files: u64,
    pub effort: Effort,
}

#[derive(Serialize)]
struct Document<'a> {
    machine: &'a Machine,
    loadgate: &'a str,
    targets: &'a [Target],
}

impl Options {
    fn effort(&self) -> Effort {
        let seconds = Duration::from_secs;
        let full = Effort {
            length: seconds(20),
            repeats: 3,
            starts: 20,
            waits: 1_000,
            requests: [100_000, 10_000_000],
            users: [1_000, 6_000],
            users_length: seconds(10),
            tokens: 10_000,
        };
        let quick = Effort { length: seconds(5), repeats: 1, starts: 5, requests: [100_000, 1_000_000], ..full };
        let smoke = Effort {
            length: seconds(1),
            starts: 2,
            waits: 10,
            requests: [1_000, 3_000],
            users: [20, 60],
            users_length: seconds(1),
            tokens: 100,
            ..quick
        };
        match (self.smoke, self.quick) {
            (true, _) => smoke,
            (_, true) => quick,
            _ => full,
        }
    }
}

/// Measures, and prints a table for each part.
///
/// # Errors
/// nginx or loadgate can't run, or a part could not be measured.
pub fn run(options: &Options) -> Result<()> {
    let machine = Machine::look();
    let loadgate = Loadgate::find(options.loadgate.as_deref())?;
    let cores = Cores::choose()?;
    let open_files = raise_open_files();
    let folder = folder()?;
    println!("{}", machine.describe());
    println!("{}, servers on core {}, generator on core {}", loadgate.version, cores.server, cores.generator);
    if cores.shared() {
        println!("warning: there is one core only: server and generator share it, and no figure means much");
    }
    let effort = options.effort();
    let setting = Setting { loadgate: &loadgate, cores: &cores, folder: folder.path(), open_files, effort };
    type Measure = fn(&Setting<'_>) -> Result<Vec<Target>>;
    let parts: [(Part, &str, Measure); 5] = [
        (Part::Delays, "delays: http_req_duration against the delays that the server made", delays::measure),
        (Part::Lag, "lag: schedule_lag at a constant arrival rate, two workers on two cores", lag::measure),
        (Part::Start, "start: from process start to the first request", start::measure),
        (Part::Timer, "timer: how late the demo API's answers wake", timer::measure),
        (Part::Memory, "memory: peak resident size, one worker", memory::measure),
    ];
    let (mut all, mut broken) = (Vec::new(), 0);
    for (part, title, measure) in parts {
        if !options.only.is_empty() && !options.only.contains(&part) {
            continue;
        }
        println!("\n{title}\n");
        match measure(&setting) {
            Ok(targets) => {
                println!("{}", table(&targets));
                all.extend(targets);
            }
            // The other parts still can be measured.
            Err(error) => {
                println!("not measured: {error:#}");
                broken += 1;
            }
        }
    }
    if let Some(path) = &options.json {
        let file = File::create(path).with_context(|| format!("{} can't be written", path.display()))?;
        let document = Document { machine: &machine, loadgate: &loadgate.version, targets: &all };
        serde_json::to_writer_pretty(file, &document)?;
    }
    ensure!(broken == 0, "{broken} of the parts could not be measured");
    Ok(())
}
