//! `loadgate compare`: two measurements, or the arms of one, side by side, without a verdict.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::{ArmChoice, CompareArgs};
use crate::gate::{Guard, guards};
use crate::measurement::{Measurement, MeasurementFile};
use crate::plan::policy::GuardLimits;
use crate::report::Format;
use crate::report::side_by_side::{Side, SideBySide, Subject};
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
    let (subject, old, new) = match &args.new {
        Some(new) => (Subject::TwoRuns, Described::read(&args.old, args.arm)?, Described::read(new, args.arm)?),
        None => {
            let [reference, candidate] = Described::arms(&args.old)?;
            (Subject::ArmsOfOneRun, reference, candidate)
        }
    };
    let described = SideBySide::of(subject, old.side(), new.side());
    let files = [Some(&args.old), args.new.as_ref()].into_iter().flatten();
    let files: Vec<String> = files.map(|path| path.display().to_string()).collect();
    let arm = if args.arm == ArmChoice::Reference { " --arm reference" } else { "" };
    let again = |format: Format| format!("loadgate compare {}{arm} --report {format}=PATH", files.join(" "));
    let summary = report_files::write_summary(&args.report, |_, out| text::write_side_by_side(&described, out));
    let files = report_files::write(&args.report, again, |format, out| described.write(format, out));
    Ok([summary].into_iter().chain(files).collect::<anyhow::Result<()>>().map(|()| Exit::Pass)?)
}

/// One side, read.
struct Described {
    path: String,
    /// Of a paired run, which arm it is.
    arm: Option<String>,
    run: Measurement,
    guards: Vec<Guard>,
}

impl Described {
    fn new(path: &Path, arm: Option<String>, run: Measurement) -> Described {
        // The plan that measured isn't at hand, and with it its limits.
        let guards = guards::examine(&run, &GuardLimits::default()).guards;
        Described { path: path.display().to_string(), arm, run, guards }
    }

    /// One arm of a file.
    ///
    /// # Errors
    /// The file's; a reference where there is none.
    fn read(path: &Path, choice: ArmChoice) -> Result<Described, CommandError> {
        let file = read(path)?;
        match (choice, file.reference) {
            (ArmChoice::Candidate, None) => Ok(Described::new(path, None, file.candidate)),
            (ArmChoice::Reference, None) => Err(CommandError::Usage(format!(
                "{} is a run of one deployment, without a reference; leave out --arm reference",
                path.display()
            ))),
            (ArmChoice::Candidate, Some(reference)) => {
                let arm = format!("candidate, {} beside {}", reference.pairing.mode, reference.measurement.target);
                Ok(Described::new(path, Some(arm), file.candidate))
            }
            (ArmChoice::Reference, Some(reference)) => {
                let arm = format!("reference, {} beside {}", reference.pairing.mode, file.candidate.target);
                Ok(Described::new(path, Some(arm), reference.measurement))
            }
        }
    }

    /// The reference and the candidate of a file.
    ///
    /// # Errors
    /// The file's; no reference.
    fn arms(path: &Path) -> Result<[Described; 2], CommandError> {
        let file = read(path)?;
        let Some(reference) = file.reference else {
            return Err(CommandError::Usage(format!(
                "{} is a run of one deployment: name a second file to put beside it (a paired run, measured with \
                 --reference, can stand alone)",
                path.display()
            )));
        };
        let arm = |name: &str| Some(format!("{name}, {}", reference.pairing.mode));
        let (base, candidate) = (arm("reference"), arm("candidate"));
        Ok([Described::new(path, base, reference.measurement), Described::new(path, candidate, file.candidate)])
    }

    fn side(&self) -> Side<'_> {
        Side { path: &self.path, arm: self.arm.as_deref(), run: &self.run, guards: &self.guards }
    }
}

fn read(path: &Path) -> Result<MeasurementFile, CommandError> {
    Ok(MeasurementFile::read(path).map_err(|error| anyhow!(error))?)
}
