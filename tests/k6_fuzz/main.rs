//! Scripts made by a generator, hostile ones and such with syntax errors included: none makes loadgate panic, hang, be killed
//! by a signal, or take more memory than it may.
//!
//! `LOADGATE_FUZZ_COUNT=2000 LOADGATE_FUZZ_SEED=7 cargo test --test k6_fuzz -- --nocapture` runs so many of them, made from
//! that seed; `.ci/k6-fuzz` does so with the release binary (`LOADGATE_FUZZ_BINARY`). `LOADGATE_FUZZ_ONLY=12` runs one of
//! them and shows what it says. A script that fails is kept (`LOADGATE_FUZZ_KEEP=FOLDER`).

mod bodies;
mod hostile;
mod mutation;
mod program;
mod run;
mod server;
mod stopped;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use run::{Case, Outcome};

/// What all choices come from.
pub type Random = StdRng;

/// Scripts of a run of all tests.
const COUNT: usize = 200;

fn variable<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The script of a number.
fn case(seed: u64, number: usize, sources: &[(String, Vec<u8>)]) -> (&'static str, Case) {
    let mut random = Random::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
    match number % 10 {
        0 | 1 => ("calls", program::calls(&mut random).without_written_origins()),
        2 | 3 => ("walks", program::walks(&mut random).without_written_origins()),
        4..=6 => ("mutants", mutation::mutant(&mut random, sources)),
        7 | 8 => ("hostile", hostile::script(&mut random).without_written_origins()),
        _ => ("special", hostile::special(&mut random)),
    }
}

#[test]
fn no_script_panics_hangs_or_takes_what_it_may_not() {
    let seed = variable("LOADGATE_FUZZ_SEED").unwrap_or(1);
    let count = variable("LOADGATE_FUZZ_COUNT").unwrap_or(COUNT);
    let only: Option<usize> = variable("LOADGATE_FUZZ_ONLY");
    let numbers: Vec<usize> = only.map_or_else(|| (0..count).collect(), |only| vec![only]);
    println!("seed {seed}, {} scripts", numbers.len());
    let (target, sources) = (server::start(), mutation::sources());
    let (next, ended) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let began = Instant::now();
    let at_once = 3 * thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(&number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (family, case) = case(seed, number, &sources);
                    let outcome = run::run(&case, target).expect("the binary runs");
                    if only.is_some() {
                        println!("{}\n{}", String::from_utf8_lossy(&case.files[0].1), outcome.err);
                    }
                    if !outcome.wrong.is_empty() {
                        keep(&case, number);
                        println!("{number} ({family}, {}): {}", case.name, outcome.wrong.join("; "));
                    }
                    ended.lock().expect("no thread panics").push((number, family, case.name.clone(), outcome));
                }
            });
        }
    });
    let ended = ended.into_inner().expect("no thread panics");
    tell(&ended, began.elapsed());
    let failed: Vec<String> = ended.iter().filter(|(.., outcome)| !outcome.wrong.is_empty()).map(told).collect();
    assert!(failed.is_empty(), "{} of {} scripts (seed {seed})\n{}", failed.len(), ended.len(), failed.join("\n"));
    let idle = idle(&ended);
    assert!(only.is_some() || idle.is_empty(), "too few scripts came as far as their load: {}", idle.join(", "));
}

#[test]
fn a_script_that_is_stopped_is_told_why() {
    let misses = stopped::misses(server::start());
    assert!(misses.is_empty(), "{}", misses.join("\n\n"));
}

type Ended = (usize, &'static str, String, Outcome);

fn told((number, family, name, outcome): &Ended) -> String {
    let err = outcome.err.trim_end();
    let tail = &err[err.ceil_char_boundary(err.len().saturating_sub(600))..];
    format!("== {number} ({family}, {name}): {}\n{tail}", outcome.wrong.join("; "))
}

/// Scripts, how often each exit code came, the longest time, the most memory, and how many were interrupted.
type Family = (usize, BTreeMap<Option<i32>, usize>, Duration, u64, usize);

fn tell(ended: &[Ended], took: Duration) {
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    for (_, family, _, outcome) in ended {
        let row = families.entry(family).or_default();
        row.0 += 1;
        *row.1.entry(outcome.code).or_default() += 1;
        row.2 = row.2.max(outcome.took);
        row.3 = row.3.max(outcome.memory);
        row.4 += usize::from(outcome.interrupted);
    }
    for (family, (count, codes, longest, memory, interrupted)) in families {
        let codes: Vec<String> =
            codes.iter().map(|(code, count)| format!("{}: {count}", code.map_or(-1, |code| code))).collect();
        println!(
            "{family}: {count} scripts, exit codes {}; the longest {:.1} s, {interrupted} interrupted, at most {} MiB",
            codes.join(", "),
            longest.as_secs_f64(),
            memory >> 20
        );
    }
    println!("{:.1} s", took.as_secs_f64());
    if variable::<String>("LOADGATE_FUZZ_SLOW").is_some() {
        let mut slow: Vec<_> = ended.iter().collect();
        slow.sort_by_key(|(.., outcome)| std::cmp::Reverse(outcome.took));
        for (number, family, name, outcome) in slow.iter().take(25) {
            println!("{number} ({family}, {name}): {:.1} s", outcome.took.as_secs_f64());
        }
    }
}

/// Shares of a family's scripts that must come further than to their text and options: a generator whose scripts are all refused
/// proves nothing of how they run.
const RUNNING: &[(&str, f64)] = &[("calls", 0.4), ("walks", 0.8), ("hostile", 0.6), ("mutants", 0.25)];

/// The families of which fewer came so far.
fn idle(ended: &[Ended]) -> Vec<String> {
    let told = RUNNING.iter().filter_map(|(name, share)| {
        let of_family: Vec<_> = ended.iter().filter(|(_, family, ..)| family == name).collect();
        let ran = of_family.iter().filter(|(.., outcome)| outcome.code != Some(2)).count();
        // Of a few scripts chance alone says how many are refused.
        let enough = of_family.len() < 20 || ran as f64 >= share * of_family.len() as f64;
        (!enough).then(|| format!("{ran} of {} {name}", of_family.len()))
    });
    told.collect()
}

/// Keeps a script that failed, where that is asked for.
fn keep(case: &Case, number: usize) {
    let Some(folder) = variable::<String>("LOADGATE_FUZZ_KEEP") else { return };
    for (name, content) in &case.files {
        let path = Path::new(&folder).join(number.to_string()).join(name);
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, content)).expect("the folder can be written");
    }
}
