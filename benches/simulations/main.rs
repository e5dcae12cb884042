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

use row::{RUNS, Row};

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
    let most = options.runs.unwrap_or(u64::MAX);
    let rows: Vec<Row> = paired::rows().into_iter().chain(arms::rows()).collect();
    let wide = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or_default();
    let mut missed = 0;
    let mut line = |what: &str, must: &str, found: &str, holds: bool| {
        missed += u64::from(!holds);
        println!("| {what:wide$} | {must:>9} | {found:<30} | {:<6} |", if holds { "met" } else { "MISSED" });
    };
    println!("| {:wide$} | {:>9} | {:<30} | {:<6} |", "simulated", "must be", "found, its 95% interval, runs", "");
    println!("| {} | {}: | {} | {} |", "-".repeat(wide), "-".repeat(8), "-".repeat(30), "-".repeat(6));
    for (index, row) in rows.iter().enumerate() {
        let share = row.find(index as u64, most);
        let [low, found, high] =
            [share.lower_bound(0.025), share.value(), share.upper_bound(0.025)].map(|of| of * 100.0);
        let found = format!("{found:.2}%, {low:.2}–{high:.2}%, {}", share.trials);
        line(row.what, &row.must_be.to_string(), &found, row.must_be.holds(share.value()));
    }
    for row in history::rows(RUNS.min(most)) {
        line(row.what, row.must, &row.found, row.holds);
    }
    println!(
        "\none gate of 60 requests × 3 metrics × 40 blocks: {:.1} ms",
        paired::one_large_gate().as_secs_f64() * 1e3
    );
    println!("{missed} missed, {:.1} s", start.elapsed().as_secs_f64());
    if missed > 0 && options.runs.is_none() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
