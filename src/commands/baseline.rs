//! `loadgate baseline`: keep the history that runs are compared with.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use crate::baseline::{Runs, Store, Trail};
use crate::cli::{BaselineCommand, CommentMode, Factor, HistoryArgs, MeasureArgs, PlanArgs};
use crate::gate::Judgement;
use crate::github;
use crate::measurement::{BaselineStatus, Measurement};
use crate::number;
use crate::plan::Plan;
use crate::report::sparkline::sparkline;
use crate::report::table::{Mark, Table, left, right};

use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{Order, measure};
use super::plan_file::{read_plan, read_plan_to_look_at};
use super::{print, variable};

pub fn baseline(command: &BaselineCommand) -> Result<Exit, CommandError> {
    match command {
        BaselineCommand::Refresh(args) => refresh(args),
        BaselineCommand::Show(history) => show(history),
        BaselineCommand::Prune { history, keep } => prune(history, *keep),
    }
}

/// Measures, judges and stores the run with its status, whatever the verdict: only an interrupted run is not kept.
fn refresh(args: &MeasureArgs) -> Result<Exit, CommandError> {
    let mut plan = read_plan(&args.plan)?;
    // The runs that make the baseline can't require it.
    plan.policy.baseline.required = false;
    let plan = Arc::new(plan);
    let ci = github::Context::read(variable).context("the environment is not as GitHub Actions sets it")?;
    let measured = measure(Order { plan: &plan, args, reference: None, part: None, ci: ci.as_ref() })?;
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &args.plan,
        run: &measured.run,
        saved_to: &measured.path,
        notes: &measured.notes,
        confirms: None,
        interrupted: measured.interrupted,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        ci: ci.as_ref(),
    })?;
    if !measured.interrupted {
        self::store(&plan, &args.baseline, &measured.run.candidate, &concluded.judgement)?;
    }
    Ok(concluded.exit_after_load(&measured))
}

/// Adds a judged run to its history, with its status.
///
/// # Errors
/// The folder of baselines can't be written to.
pub fn store(plan: &Plan, folder: &Path, run: &Measurement, judgement: &Judgement) -> Result<(), CommandError> {
    let store = Store::open(folder, &plan.name);
    let status = judgement.baseline_status();
    let path = store.append(run, status, &judgement.headline()).map_err(|e| anyhow!(e))?;
    eprintln!("stored as {}: {}", status_name(status), path.display());
    Ok(())
}

fn show(history: &HistoryArgs) -> Result<Exit, CommandError> {
    let (store, runs) = read(history)?;
    if runs.entries.is_empty() {
        let folder = store.folder().display();
        return print(&format!("no runs in {folder}; `loadgate baseline refresh` measures the first one\n"));
    }
    let mut text = Vec::new();
    for (title, table) in [("runs", runs_table(&runs)), ("requests", trails_table(&runs.trails()))] {
        text.extend_from_slice(format!("{title}\n").as_bytes());
        table.write_text(|_, cell| cell.to_owned(), &mut text).context("the table can't be written")?;
        text.push(b'\n');
    }
    print(&String::from_utf8_lossy(&text))
}

fn prune(history: &HistoryArgs, keep: usize) -> Result<Exit, CommandError> {
    let (store, _) = read(history)?;
    let removed = store.prune(keep).map_err(|e| anyhow!(e))?;
    let mut text = String::new();
    for path in &removed {
        // Writing to a string can't fail.
        let _ = writeln!(text, "removed {}", path.display());
    }
    let _ = writeln!(text, "{} removed; the latest {keep} of each contract are kept", removed.len());
    print(&text)
}

/// The plan's store and its runs; files that are none are named.
fn read(history: &HistoryArgs) -> Result<(Store, Runs), CommandError> {
    let one = Factor(1.0);
    let args = PlanArgs { plan: history.plan.clone(), profile: None, scale_load: one, scale_time: one };
    let plan = read_plan_to_look_at(&args)?;
    let store = Store::open(&history.baseline, &plan.name);
    let runs = store.runs().map_err(|e| anyhow!(e))?;
    for skipped in &runs.skipped {
        eprintln!("warning: left out: {}", skipped.reason);
    }
    Ok((store, runs))
}

fn status_name(status: BaselineStatus) -> &'static str {
    match status {
        BaselineStatus::Pass => "pass",
        BaselineStatus::TooNoisy => "too noisy",
        BaselineStatus::ThresholdsFailed => "thresholds failed",
        BaselineStatus::Guard => "not measured",
        BaselineStatus::Suspect => "suspect",
    }
}

fn runs_table(runs: &Runs) -> Table {
    let mut table = Table::new(["started", "commit", "profile", "status", "because"].map(left));
    for entry in &runs.entries {
        let run = &entry.measurement;
        let in_window = matches!(entry.status, BaselineStatus::Pass | BaselineStatus::TooNoisy);
        let cells = [
            run.started_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            run.commit.as_deref().map_or(number::NONE, |commit| commit.get(..7).unwrap_or(commit)).to_owned(),
            run.profile.clone().unwrap_or_else(|| number::NONE.to_owned()),
            status_name(entry.status).to_owned(),
            entry.reason.clone(),
        ];
        table.push(Mark::of(in_window), cells);
    }
    table
}

/// The latest figures of each request, and how they came about.
fn trails_table(trails: &[Trail]) -> Table {
    let mut columns = vec![left("request")];
    columns.extend(["runs", "p50", "p95", "p99", "failed"].map(right));
    columns.push(left("p50 over time"));
    let mut table = Table::new(columns);
    for trail in trails {
        let Some(last) = trail.points.last() else { continue };
        let time = |figure: Option<f64>| figure.map_or_else(|| number::NONE.to_owned(), number::duration);
        let medians: Vec<f64> = trail.points.iter().filter_map(|point| point.p50).collect();
        let cells = [
            trail.request.clone(),
            trail.points.len().to_string(),
            time(last.p50),
            time(last.p95),
            time(last.p99),
            last.failed.map_or_else(|| number::NONE.to_owned(), number::percent),
            sparkline(&medians),
        ];
        table.push(Mark::of(true), cells);
    }
    table
}
