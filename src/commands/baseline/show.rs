//! `loadgate baseline show`: the runs, what each counts for, and how each figure went.

use anyhow::{Context as _, anyhow};

use crate::baseline::{DECIDING, Entry, Life, Runs, Series, Sizes, Standing, Step, short};
use crate::cli::HistoryArgs;
use crate::number::{self, counted};
use crate::plan::Plan;
use crate::report::sparkline::sparkline;
use crate::report::table::{Mark, Table, left, right};

use super::super::error::CommandError;
use super::super::exit::Exit;
use super::super::print;
use super::{document, open, sizes, status_name, tell_findings};

/// Runs that a sparkline shows.
const DRAWN: usize = 40;

pub fn show(history: &HistoryArgs, json: bool) -> Result<Exit, CommandError> {
    let (plan, store) = open(history)?;
    let runs = store.runs().map_err(|e| anyhow!(e))?;
    let lives = runs.lives();
    let sizes = sizes(&plan);
    tell_findings(&runs.findings(&lives, sizes));
    if json {
        let document = document::Document::of(&plan.name, store.folder(), &runs, &lives, sizes);
        let text = serde_json::to_string_pretty(&document).context("the history can't be written as JSON")?;
        return print(&format!("{text}\n"));
    }
    if runs.entries.is_empty() {
        let folder = store.folder().display();
        return print(&format!("no runs in {folder}; `loadgate baseline refresh` measures the first one\n"));
    }
    let mut text = Vec::new();
    for life in &lives {
        text.extend_from_slice(format!("{}\n", title(life, &runs, &plan)).as_bytes());
        for table in [runs_table(life, &runs, sizes), series_table(life, &runs, sizes)] {
            table.write_text(|_, cell| cell.to_owned(), &mut text).context("the table can't be written")?;
            text.push(b'\n');
        }
    }
    print(&String::from_utf8_lossy(&text))
}

/// What the runs have in common, and how many a comparison would have.
fn title(life: &Life, runs: &Runs, plan: &Plan) -> String {
    let policy = plan.policy.baseline;
    let contract = life.runs.first().map(|(run, _)| &runs.entries[*run].measurement.contract);
    let term = |name, term: Option<&String>| term.map_or_else(String::new, |term| format!(", {name} {term}"));
    let profile = term("profile", contract.and_then(|contract| contract.profile.as_ref()));
    let tier = term("tier", contract.and_then(|contract| contract.tier.as_ref()));
    let window = life.window(policy.window).len();
    let needed =
        if window < policy.min { format!("; a comparison can block from {} on", policy.min) } else { String::new() };
    let stored = counted(life.runs.len() as u64, "run");
    format!("{stored}{profile}{tier}: {window} in the window{needed}")
}

fn runs_table(life: &Life, runs: &Runs, sizes: Sizes) -> Table {
    let mut table = Table::new(["started", "commit", "profile", "status", "counts", "because"].map(left));
    let window = life.window(sizes.window);
    for (run, standing) in &life.runs {
        let entry = &runs.entries[*run];
        let measurement = &entry.measurement;
        let in_window = window.contains(run);
        let cells = [
            measurement.started_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            measurement.commit.as_deref().map_or(number::NONE, short).to_owned(),
            measurement.profile.clone().unwrap_or_else(|| number::NONE.to_owned()),
            status_name(entry.status).to_owned(),
            counts(entry, *standing, in_window, runs),
            entry.reason.clone(),
        ];
        table.push(mark(*standing, in_window), cells);
    }
    table
}

fn mark(standing: Standing, in_window: bool) -> Mark {
    match standing {
        Standing::Counts | Standing::Cleared if in_window => Mark::Pass,
        Standing::Counts | Standing::Cleared | Standing::Before | Standing::Over => Mark::None,
        Standing::Suspect { .. } | Standing::Waits => Mark::Unclear,
        _ => Mark::Fail,
    }
}

/// What a run counts for, in words, and what decides it.
fn counts(entry: &Entry, standing: Standing, in_window: bool, runs: &Runs) -> String {
    let file = |run: usize| {
        runs.entries[run].path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let words = match standing {
        Standing::Counts if in_window => "in the window".into(),
        Standing::Counts => "older than the window".into(),
        Standing::Cleared => format!("cleared: the {DECIDING} runs after it show no step"),
        Standing::Suspect { later } => {
            let missing = DECIDING - later;
            format!("{} {}", counted(missing as u64, "more run"), if missing == 1 { "decides" } else { "decide" })
        }
        Standing::Waits => "waits for `loadgate baseline accept`".into(),
        Standing::Over => "no: of a slower time that is over".into(),
        Standing::Before => "no: before the accepted run".into(),
        Standing::Failed | Standing::NotMeasured => "never".into(),
        Standing::Duplicate { of } => format!("once: the same as {}", file(of)),
        Standing::SameJob { as_run } => format!("no: its job measured {} later", file(as_run)),
        Standing::Future => "no: it began in the future".into(),
    };
    match &entry.accepted {
        Some(accepted) => {
            format!("{words}; accepted by {} on {}: {}", accepted.by, accepted.at.strftime("%Y-%m-%d"), accepted.why)
        }
        None => words,
    }
}

/// Every figure of every request: where it is, where the window is, and how it came there.
fn series_table(life: &Life, runs: &Runs, sizes: Sizes) -> Table {
    let mut columns = vec![left("request"), left("figure")];
    columns.extend(["latest", "window", "change"].map(right));
    columns.extend(["over time", "steps and drift"].map(left));
    let mut table = Table::new(columns);
    for series in life.current_series() {
        let Some((_, latest)) = series.points.last() else { continue };
        let window = life.window_median(series, sizes.window);
        let figure = series.figure;
        let values: Vec<f64> = series.points.iter().map(|(_, value)| *value).collect();
        let remarks = remarks(life, series, runs, sizes);
        let cells = [
            series.request.clone(),
            figure.name().to_owned(),
            figure.text(*latest),
            window.map_or_else(|| number::NONE.to_owned(), |window| figure.text(window)),
            window.map_or_else(|| number::NONE.to_owned(), |window| figure.shift_text(figure.shift(window, *latest))),
            sparkline(&values[values.len().saturating_sub(DRAWN)..]),
            remarks.clone(),
        ];
        table.push(if remarks.is_empty() { Mark::None } else { Mark::Unclear }, cells);
    }
    table
}

fn remarks(life: &Life, series: &Series, runs: &Runs, sizes: Sizes) -> String {
    let is_ours = |step: &&Step| step.request == series.request && step.figure == series.figure;
    let mut remarks: Vec<String> = life
        .steps
        .iter()
        .filter(is_ours)
        .filter(|step| series.points.iter().any(|(run, _)| *run == step.at))
        .map(|step| {
            let day = runs.entries[step.at].measurement.started_at.strftime("%Y-%m-%d");
            format!("step {} on {day}", step.figure.shift_text(step.shift))
        })
        .collect();
    let drifts = life.drifts(sizes.anchor);
    let drift = drifts.iter().find(|drift| drift.request == series.request && drift.figure == series.figure);
    remarks.extend(drift.map(|drift| format!("drift {}", drift.figure.shift_text(drift.shift))));
    remarks.join(", ")
}
