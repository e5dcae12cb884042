//! The files that a step of a job writes: its summary, and its outputs.

use std::path::Path;

use crate::commands::ci::CiJob;
use crate::github::{Context, outputs, summary};
use crate::report::{Report, markdown};

use super::{Publication, rendered};

/// Tells the steps after this one where the measurement of a shard lies, which has no verdict.
pub fn tell_path(job: Option<&CiJob>, measurement: &Path) {
    let measurement = measurement.display().to_string();
    if let Some(job) = job {
        write_outputs(&job.context, &[("measurement", measurement.as_str())]);
    }
}

pub fn write(publication: &Publication<'_>, report: &Report<'_>, ci: &Context) {
    if ci.summary.is_some() {
        write_summary(ci, &rendered(report, markdown::SUMMARY_BYTES));
    }
    let measurement = publication.measurement.display().to_string();
    let written = publication.written.map(|path| path.display().to_string()).unwrap_or_default();
    let values = [
        ("verdict", report.judgement.verdict.key()),
        ("measurement", measurement.as_str()),
        ("report", written.as_str()),
    ];
    write_outputs(ci, &values);
}

/// Adds Markdown to the page of the run.
pub fn write_summary(ci: &Context, text: &str) {
    let Some(path) = &ci.summary else { return };
    if let Err(error) = summary::append(path, text) {
        eprintln!("warning: the step summary {} can't be written: {error}", path.display());
    }
}

/// Sets outputs of the step.
pub fn write_outputs(ci: &Context, values: &[(&str, &str)]) {
    let Some(path) = &ci.output else { return };
    if let Err(error) = outputs::append(path, values, &mut rand::rng()) {
        eprintln!("warning: the step's outputs {} can't be written: {error}", path.display());
    }
}
