//! The command line, and the bench from its first line to its last.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use loadgate::load::{Stop, signal};

use crate::burn;
use crate::gate::{CONCERTS_PER_SECOND, DATES_PER_SECOND, Setting, Task};
use crate::outcome::Outcome;
use crate::rig::cores::Cores;
use crate::rig::loadgate::Loadgate;
use crate::rig::machine::Machine;
use crate::rig::process::raise_open_files;
use crate::show::Show;
use crate::summary::{Rows, remarks, table};

/// Paired gates of two demo APIs, one of them slowed by a known share: how many say so.
#[derive(Debug, Parser)]
#[command(name = "verdict", bin_name = "cargo bench --bench verdict --", max_term_width = 110)]
pub struct Options {
    /// Another binary than the release build of this checkout.
    #[arg(long, value_name = "PATH")]
    loadgate: Option<PathBuf>,
    /// These rows only.
    #[arg(long, value_delimiter = ',', value_name = "ROW")]
    show: Vec<Show>,
    /// Gates of each row, instead of the row's own number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    gates: Option<u32>,
    /// Length of each gate's load, instead of the row's own.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: Option<u64>,
    /// Gates at the same time, each with deployments of its own: faster, and noisier.
    #[arg(long, value_name = "L", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=64))]
    lanes: u32,
    /// A process beside them burns CPU at random.
    #[arg(long)]
    busy: bool,
    /// Replay the random choices of a bench.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
    /// Write the result as Markdown to this file too, anew after each gate.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Be the process that burns CPU.
    #[arg(long, hide = true, value_name = "SEED")]
    burn: Option<u64>,
    /// What `cargo bench` passes to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The exit code of a bench that a signal ended.
const INTERRUPTED: u8 = 130;

/// Seeds of one row lie this far from those of the next.
const SEEDS_OF_A_ROW: u64 = 100_000;

/// Runs the gates, and prints each as it ends and a table.
///
/// # Errors
/// loadgate can't run, or no gate has a verdict.
pub fn run(options: &Options) -> Result<ExitCode> {
    if let Some(seed) = options.burn {
        match burn::forever(seed)? {}
    }
    let stop = Stop::new();
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;
    let machine = Machine::look();
    let loadgate = Loadgate::find(options.loadgate.as_deref())?;
    let cores = Cores::choose()?;
    raise_open_files();
    let tasks = options.tasks();
    let head = options.head(&machine, &loadgate);
    println!("{head}");
    let neighbour = if options.busy { Some(burn::start(options.seed, &cores)?) } else { None };
    let mut ended = Ended::default();
    let stopped = || stop.is_interrupted();
    let setting = Setting { loadgate: &loadgate, cores: &cores, stopped: &stopped };
    let queue = Mutex::new(VecDeque::from(tasks));
    thread::scope(|scope| -> Result<()> {
        let (sender, results) = mpsc::channel();
        for _ in 0..options.lanes {
            let (sender, queue) = (sender.clone(), &queue);
            // A lane lives as long as its processes: they would be told to end with it.
            scope.spawn(move || {
                while let Some(task) = next(queue).filter(|_| !(setting.stopped)()) {
                    if sender.send((task, task.run(&setting))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (task, result) in results {
            // What an interrupt has cut off is no gate.
            if stopped() && result.is_err() {
                continue;
            }
            ended.add(task, result);
            if let Some(path) = &options.out {
                let text = format!("{head}\n{}\n{}", options.conclusion(&ended), ended.lines);
                fs::write(path, text).with_context(|| format!("{} can't be written", path.display()))?;
            }
        }
        Ok(())
    })?;
    drop(neighbour);
    println!("\n{}", options.conclusion(&ended));
    if stopped() {
        println!("interrupted: these are the gates until then");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    ensure!(!ended.outcomes.is_empty(), "no gate has a verdict");
    ensure!(ended.broken.is_empty(), "{} gates could not be run", ended.broken.len());
    Ok(ExitCode::SUCCESS)
}

fn next(queue: &Mutex<VecDeque<Task>>) -> Option<Task> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// The gates that were run.
#[derive(Debug, Default)]
struct Ended {
    outcomes: Vec<Outcome>,
    /// Rows of the gates that could not be run.
    broken: Vec<Show>,
    /// What was printed of each.
    lines: String,
}

impl Ended {
    fn add(&mut self, task: Task, result: Result<Outcome>) {
        let line = match result {
            Ok(outcome) => {
                let line = outcome.describe();
                self.outcomes.push(outcome);
                line
            }
            Err(error) => {
                self.broken.push(task.show);
                format!("{} {}, seed {}: could not be run: {error:#}", task.show.name(), task.number, task.seed)
            }
        };
        println!("- {line}");
        let _ = writeln!(self.lines, "- {line}");
    }
}

impl Options {
    fn gates_of(&self, show: Show) -> u32 {
        self.gates.unwrap_or(show.design().gates)
    }

    fn seconds_of(&self, show: Show) -> u64 {
        self.seconds.unwrap_or(show.design().seconds)
    }

    fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        for show in Show::rows(&self.show) {
            for number in 1..=self.gates_of(show) {
                let seed = self.seed.wrapping_add(show as u64 * SEEDS_OF_A_ROW).wrapping_add(number.into());
                tasks.push(Task { show, number, seed, seconds: self.seconds_of(show) });
            }
        }
        tasks
    }

    fn head(&self, machine: &Machine, loadgate: &Loadgate) -> String {
        let mut text = format!("{}\n{}\n", machine.describe(), loadgate.version);
        let _ = write!(
            text,
            "each arm gets {CONCERTS_PER_SECOND} + {DATES_PER_SECOND} requests/s; gates at the same time: {}; seed {}",
            self.lanes, self.seed
        );
        if self.busy {
            let mean = burn::MEAN.as_millis();
            let _ = write!(text, "; beside them a process burns a core, {mean} ms on and {mean} ms off in the mean");
        }
        text + "\n"
    }

    fn conclusion(&self, ended: &Ended) -> String {
        let rows: Vec<Rows<'_>> = Show::rows(&self.show)
            .into_iter()
            .map(|show| Rows {
                show,
                outcomes: ended.outcomes.iter().filter(|outcome| outcome.task.show == show).collect(),
                broken: ended.broken.iter().filter(|broken| **broken == show).count(),
                gates: self.gates_of(show),
                seconds: self.seconds_of(show),
                busy: self.busy,
            })
            .collect();
        let mut text = table(&rows).to_string();
        for remark in remarks(&rows) {
            let _ = write!(text, "\n- {remark}");
        }
        text + "\n"
    }
}
