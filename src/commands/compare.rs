//! `loadgate compare`: two measurements side by side, without a verdict.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::CompareArgs;
use crate::measurement::{Measurement, MeasurementFile};
use crate::report::Format;
use crate::report::side_by_side::{Side, SideBySide};
use crate::report::text;

use super::error::CommandError;
use super::exit::Exit;
use super::report_files;

pub fn compare(args: &CompareArgs) -> Result<Exit, CommandError> {
    if args.report.iter().any(|target| target.format == Format::Junit) {
        return Err(CommandError::Usage(
            "nothing is judged by `compare`, and JUnit knows only what passed or failed; use text, markdown or json"
                .into(),
        ));
    }
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let [old_path, new_path] = [&args.old, &args.new].map(|path| path.display().to_string());
    let described = SideBySide::of(
        Side { path: &old_path, run: &old, guards: &[] },
        Side { path: &new_path, run: &new, guards: &[] },
    );
    let again = |format: Format| format!("loadgate compare {old_path} {new_path} --report {format}=PATH");
    let summary = report_files::write_summary(&args.report, |_, out| text::write_side_by_side(&described, out));
    let files = report_files::write(&args.report, again, |format, out| described.write(format, out));
    Ok([summary].into_iter().chain(files).collect::<anyhow::Result<()>>().map(|()| Exit::Pass)?)
}

fn read(path: &Path) -> Result<Measurement, CommandError> {
    let file = MeasurementFile::read(path).map_err(|error| anyhow!(error))?;
    if file.reference.is_some() {
        eprintln!("warning: {} holds a reference too; only its candidate is described", path.display());
    }
    Ok(file.candidate)
}
