//! What calibration knows of two deployments of one commit, and of this gate's own errors.

use crate::baseline::{Calibration, Outcomes};
use crate::gate::Hardware;
use crate::number::change_limit;

/// Fewer pairs of deployments say nothing about how deployments differ.
const FEWEST_RECORDS: usize = 5;

/// What is known of the hardware of two targets.
pub fn hardware(candidate: &str, reference: &str, calibration: Option<&Calibration>) -> Hardware {
    let records = calibration.map_or(0, |calibration| calibration.deployments.len());
    if candidate == reference {
        Hardware::Same
    } else if records >= FEWEST_RECORDS {
        Hardware::Calibrated { records }
    } else {
        Hardware::Assumed
    }
}

/// τ: the standard deviation of the lasting difference between two deployments of one commit, √max(0, mean(d̄² − SE²)) over
/// the records, by the method of moments. A metric with fewer records of its own (a new request) takes the mean τ² of the same
/// metric of the other requests: hosts differ alike. 0 without records.
pub fn between_deployments(calibration: &Calibration, request: &str, metric: &str) -> f64 {
    if let Some(own) = tau_squared(calibration, request, metric) {
        return own.sqrt();
    }
    let requests = calibration.deployments.iter().flat_map(|pair| pair.keys());
    let mut others: Vec<&str> = requests.filter(|(_, of)| of == metric).map(|(request, _)| &**request).collect();
    others.sort_unstable();
    others.dedup();
    let known: Vec<f64> = others.into_iter().filter_map(|other| tau_squared(calibration, other, metric)).collect();
    (known.iter().sum::<f64>() / known.len().max(1) as f64).sqrt()
}

/// None of a metric with fewer than five records.
fn tau_squared(calibration: &Calibration, request: &str, metric: &str) -> Option<f64> {
    let key = (request.to_owned(), metric.to_owned());
    let differences = calibration.deployments.iter().filter_map(|pair| pair.get(&key));
    let excess = differences.map(|difference| difference.mean.powi(2) - difference.error.powi(2));
    let excess: Vec<f64> = excess.collect();
    (excess.len() >= FEWEST_RECORDS).then(|| (excess.iter().sum::<f64>() / excess.len() as f64).max(0.0))
}

/// `A/A: 0 of 60 failed; +10% found in 19 of 20`; none where nothing was tried.
pub fn track_record(calibration: &Calibration) -> Option<String> {
    let mut parts = Vec::new();
    let Outcomes { failed, gates } = calibration.false_alarms;
    if gates > 0 {
        parts.push(format!("A/A: {failed} of {gates} failed"));
    }
    for (slow_down, Outcomes { failed, gates }) in calibration.power.iter().filter(|(_, outcomes)| outcomes.gates > 0) {
        parts.push(format!("{} found in {failed} of {gates}", change_limit(*slow_down)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use crate::baseline::{DeploymentPair, Difference};

    use super::*;

    fn record(differences: &[(&str, &str, f64, f64)]) -> DeploymentPair {
        let one = |(request, metric, mean, error): &(&str, &str, f64, f64)| {
            ((request.to_string(), metric.to_string()), Difference { mean: *mean, error: *error })
        };
        differences.iter().map(one).collect()
    }

    fn records(number: usize) -> Calibration {
        let deployments = (0..number).map(|at| {
            let sign = if at % 2 == 0 { 1.0 } else { -1.0 };
            record(&[("seats", "p50", sign * 0.05, 0.03), ("login", "p50", sign * 0.01, 0.02)])
        });
        Calibration { deployments: deployments.collect(), ..Calibration::default() }
    }

    #[test]
    fn what_deployments_differ_by_beyond_what_blocks_can_see() {
        let (few, enough) = (records(4), records(5));
        // √(0.05² − 0.03²)
        let table = [
            ("five records", &enough, "seats", "p50", 0.04),
            ("four are too few", &few, "seats", "p50", 0.0),
            ("less than their errors is nothing", &enough, "login", "p50", 0.0),
            ("a new request has the mean of the others' squares", &enough, "new", "p50", 0.04 / 2.0_f64.sqrt()),
            ("another metric is not known", &enough, "new", "p95", 0.0),
        ];
        for (what, calibration, request, metric, tau) in table {
            let found = between_deployments(calibration, request, metric);
            assert!((found - tau).abs() < 1e-12, "{what}: {found}");
        }
    }

    #[test]
    fn hardware_is_the_same_calibrated_or_assumed() {
        let (few, enough) = (records(4), records(5));
        assert_eq!(hardware("http://a", "http://b", None), Hardware::Assumed);
        assert_eq!(hardware("http://a", "http://b", Some(&few)), Hardware::Assumed);
        assert_eq!(hardware("http://a", "http://b", Some(&enough)), Hardware::Calibrated { records: 5 });
        assert_eq!(hardware("http://a", "http://a", Some(&enough)), Hardware::Same);
    }

    #[test]
    fn the_track_record_is_what_was_tried() {
        let of = |failed, gates| Outcomes { failed, gates };
        let tried = Calibration { false_alarms: of(0, 60), power: vec![(0.1, of(19, 20))], ..Calibration::default() };
        assert_eq!(track_record(&tried).unwrap(), "A/A: 0 of 60 failed; +10% found in 19 of 20");
        assert_eq!(track_record(&records(9)), None);
    }
}
