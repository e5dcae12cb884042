//! The verdict held to its word: seeded simulations with known truth, judged by the functions that the binary runs:
//! `cargo bench --bench simulations`.
//!
//! Exits with 1 where a row is not what it must be. Independent runs of one row differ by its seeds alone, so the figures are the
//! same on every machine.

mod arms;
mod effects;
mod history;
mod paired;
mod row;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use row::Row;

#[derive(Parser)]
struct Options {
    /// The most runs of a row. The bounds are meant for all of them: fewer show only that it works, whatever is found.
    #[arg(long)]
    runs: Option<u64>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let start = Instant::now();
    let rows: Vec<Row> = paired::rows().into_iter().chain(arms::rows()).chain(history::rows()).collect();
    let wide = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or_default();
    println!("{:wide$} | {:>11} | {:>8} | found, 95% interval", "simulated", "must be", "runs");
    let mut missed = 0;
    for (index, row) in rows.iter().enumerate() {
        let found = row.find(index as u64, options.runs.unwrap_or(u64::MAX));
        let holds = row.must_be.holds(found.value());
        missed += usize::from(!holds);
        let interval = (found.lower_bound(0.025) * 100.0, found.upper_bound(0.025) * 100.0);
        println!(
            "{:wide$} | {:>11} | {:>8} | {:.2}% [{:.2}, {:.2}]{}",
            row.what,
            row.must_be.to_string(),
            found.trials,
            found.value() * 100.0,
            interval.0,
            interval.1,
            if holds { "" } else { "  MISSED" }
        );
    }
    println!("one gate of 60 requests × 3 metrics × 40 blocks: {:.1} ms", paired::one_large_gate().as_secs_f64() * 1e3);
    println!("{} rows in {:.1} s, {missed} missed", rows.len(), start.elapsed().as_secs_f64());
    if missed > 0 && options.runs.is_none() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
