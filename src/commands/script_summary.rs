//! The reports that a script makes of its run: `handleSummary`, and k6's `--summary-export`.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::cli::ScriptArgs;
use crate::gate::Judgement;
use crate::k6::summary::{self, SummaryOptions, ThresholdOutcome};
use crate::k6::{Script, Written};
use crate::measurement::Measurement;

use super::error::CommandError;
use super::{harmless, print};

/// Writes what the script wants to be written of its run, and the summary that k6 would export where that was asked for.
///
/// # Errors
/// `handleSummary` has thrown; a file can't be written: the others are.
pub fn write(
    script: &Script,
    args: &ScriptArgs,
    measurement: &Measurement,
    judgement: &Judgement,
) -> Result<(), CommandError> {
    let outcomes: Vec<ThresholdOutcome> = judgement.thresholds.iter().map(outcome).collect();
    let settings = &script.settings.summary;
    let options = SummaryOptions {
        trend_stats: settings.trend_stats.clone(),
        time_unit: settings.time_unit.clone().unwrap_or_default(),
        no_color: std::env::var_os("NO_COLOR").is_some(),
        std_err_tty: io::stderr().is_terminal(),
        std_out_tty: io::stdout().is_terminal(),
    };
    let mut failures = Vec::new();
    if let Some(path) = &args.summary_export {
        let exported = summary::export(measurement, &outcomes, &options);
        failures.extend(save(path, format!("{exported:#}\n").as_bytes()).err());
    }
    if script.handles_summary {
        let data = summary::data(measurement, &outcomes, &options);
        match script.handle_summary(data) {
            Ok(all) => failures.extend(all.iter().filter_map(|written| deliver(written).err())),
            Err(problem) => failures.push(anyhow!("handleSummary failed: {}", harmless(&problem))),
        }
    }
    match failures.into_iter().next() {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

fn outcome(result: &crate::gate::ThresholdResult) -> ThresholdOutcome {
    ThresholdOutcome { key: result.selector.clone(), condition: result.condition.clone(), ok: result.passed }
}

/// Writes one text to where the script wants it.
fn deliver((name, content): &Written) -> anyhow::Result<()> {
    let text = || harmless(&String::from_utf8_lossy(content));
    match name.as_str() {
        "stdout" => print(&text()).map(drop).map_err(|error| anyhow!(error.to_string())),
        "stderr" => Ok(io::stderr().write_all(text().as_bytes())?),
        path => save(Path::new(path), content),
    }
}

fn save(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("{} can't be written", path.display()))
}
