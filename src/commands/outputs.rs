//! What `--out` names: the file of the measurement, and that of a script's samples.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::cli::Output;
use crate::k6::samples::Samples;
use crate::measurement::Measurement;

use super::error::CommandError;
use super::measuring::Order;

/// The files, each where it was asked for.
#[derive(Clone, Copy)]
pub struct Outputs<'a> {
    pub measurement: Option<&'a Path>,
    pub samples: Option<&'a Path>,
}

impl<'a> Outputs<'a> {
    /// # Errors
    /// One was named twice.
    pub fn of(all: &'a [Output]) -> Result<Self, CommandError> {
        let mut outputs = Outputs { measurement: None, samples: None };
        for output in all {
            let (place, path, what) = match output {
                Output::Measurement(path) => (&mut outputs.measurement, path, "FILE"),
                Output::Samples(path) => (&mut outputs.samples, path, "json=FILE"),
            };
            if place.replace(path).is_some() {
                return Err(CommandError::Usage(format!("--out {what} is given twice: leave one out")));
            }
        }
        Ok(outputs)
    }

    /// The file for the samples of an order's script, empty; none where none was asked for.
    ///
    /// # Errors
    /// There is no script, or there are samples of two deployments; the file can't be written.
    pub fn open_samples(self, order: &Order<'_>) -> Result<Option<Arc<Samples>>, CommandError> {
        let Some(path) = self.samples else { return Ok(None) };
        let Some(script) = &order.workload.script else {
            let problem = "--out json=FILE writes the samples of a k6 script, and this plan names none: --report json=FILE has its figures";
            return Err(CommandError::Usage(problem.into()));
        };
        if order.reference.is_some() {
            let problem =
                "--out json=FILE can't tell the samples of two deployments apart: leave it out, or --reference";
            return Err(CommandError::Usage(problem.into()));
        }
        let samples = Samples::create(path, order.plan, script.settings.system_tags.as_deref())
            .with_context(|| format!("--out json={} can't be written", path.display()))?;
        Ok(Some(Arc::new(samples)))
    }
}

/// Writes the rest of the samples.
///
/// # Errors
/// They could not all be written.
pub fn finish(samples: &Samples, measured: &Measurement, saved_to: &Path) -> Result<(), CommandError> {
    let problem = || {
        let (path, saved) = (samples.path().display(), saved_to.display());
        format!("not all samples are in {path}; what was measured is in {saved}, and loadgate judge reads it")
    };
    Ok(samples.finish(measured).with_context(problem)?)
}
