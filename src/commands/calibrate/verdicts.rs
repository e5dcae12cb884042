//! What a calibration keeps of a judgement.

use crate::baseline::{Difference, FigureOutcome, GateFigure, GateOutcome};
use crate::gate::statistics::{ALPHA, t_quantile};
use crate::gate::{Base, Compared, Comparison, Row, RowOutcome, Verdict};
use crate::plan::policy::GatedMetric;

/// What a gate without thresholds came to.
pub fn outcome(verdict: Verdict) -> GateOutcome {
    match verdict {
        Verdict::NotMeasured => GateOutcome::NotMeasured,
        Verdict::Fail => GateOutcome::Fail,
        Verdict::TooNoisy => GateOutcome::TooNoisy,
        Verdict::Pass => GateOutcome::Pass,
    }
}

/// The figures of a comparison, those without a number left out.
pub fn figures(comparison: &Comparison) -> Vec<GateFigure> {
    let Comparison::Made(compared) = comparison else { return Vec::new() };
    let known = |row: &&Row| row.base.is_finite() && row.candidate.is_finite();
    compared.rows.iter().filter(known).map(|row| figure(row, compared)).collect()
}

fn figure(row: &Row, compared: &Compared) -> GateFigure {
    GateFigure {
        request: row.request.clone(),
        metric: row.metric.name().to_owned(),
        outcome: match row.outcome {
            RowOutcome::Pass => FigureOutcome::Pass,
            RowOutcome::Fail => FigureOutcome::Fail,
            RowOutcome::TooNoisy => FigureOutcome::TooNoisy,
            RowOutcome::TooFewSamples => FigureOutcome::TooFewSamples,
        },
        base: row.base,
        candidate: row.candidate,
        difference: difference(row, compared),
        detectable: row.detectable.filter(|change| change.is_finite()),
    }
}

/// The mean effect of a row and its standard error, on the scale that it was tested on; none of a row that was not tested.
fn difference(row: &Row, compared: &Compared) -> Option<Difference> {
    let Base::Reference(paired) = &compared.with else { return None };
    let t = row.t?;
    let on_scale = |change: f64| if row.metric == GatedMetric::Failed { change } else { change.ln_1p() };
    let mean = on_scale(row.change);
    let error = if t == 0.0 {
        // The interval is the mean and t standard errors to either side.
        let freedom = paired.blocks.saturating_sub(1) as f64;
        (on_scale(row.interval.1) - on_scale(row.interval.0)) / 2.0 / t_quantile(1.0 - ALPHA / 2.0, freedom)
    } else {
        mean / t
    };
    (mean.is_finite() && error.is_finite()).then_some(Difference { mean, error: error.abs() })
}

#[cfg(test)]
mod tests;
