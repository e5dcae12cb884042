//! What a calibration has shown, worked out from its record alone.

use std::collections::BTreeMap;

use crate::baseline::{DeploymentPair, FigureOutcome, GateFigure, GateOutcome, GateRecord, Outcomes, Record, SlowDown};
use crate::gate::statistics::{ALPHA, POWER, Share, mean_and_deviation, t_quantile};

/// Everything that is shown of a calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// First the gates between equals, then those of each slow-down.
    pub gates: Vec<Gates>,
    /// In the order in which the gates had them.
    pub figures: Vec<FigureSummary>,
    pub interference: Vec<Interference>,
    /// By how much two deployments of one commit differed.
    pub deployments: Option<DeploymentPair>,
}

/// All gates with one slow-down.
#[derive(Clone, Debug, PartialEq)]
pub struct Gates {
    /// None for gates between equals.
    pub slow: Option<SlowDown>,
    pub outcomes: Outcomes,
    /// Of them, those that could show neither a regression nor its absence.
    pub too_noisy: u64,
    /// Those that a guard kept from being judged; they count nowhere else.
    pub not_measured: u64,
    /// What the proxy added in truth, as a share of the time that the deployment took: the mean over the gates.
    pub added: Option<f64>,
}

/// One metric of one request in all gates that had samples enough to judge it.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureSummary {
    pub request: String,
    pub metric: String,
    /// Gates between equals in which it failed.
    pub false_alarms: Outcomes,
    /// For each slow-down, the gates in which it failed.
    pub found: Vec<(SlowDown, Outcomes)>,
    /// The smallest slow-down that was found in at least 80 % of its gates.
    pub smallest: Option<SlowDown>,
    /// The smallest change that a gate could have shown with 80 % power: the median over the gates.
    pub detectable: Option<f64>,
}

/// By how much a second arm under load slows the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Interference {
    pub request: String,
    pub metric: String,
    /// Milliseconds: the geometric means of the runs alone, and of those beside a loaded arm.
    pub alone: f64,
    pub beside: f64,
    /// Relative: 0.1 for 10 % slower.
    pub change: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
}

/// The 95 % interval of a share, by Clopper and Pearson (1934): The use of confidence or fiducial limits illustrated in the
/// case of the binomial. Biometrika 26. Everything is possible where nothing was tried.
pub fn interval(outcomes: Outcomes) -> (f64, f64) {
    let share = Share { events: outcomes.failed, trials: outcomes.gates };
    (share.lower_bound(ALPHA / 2.0), share.upper_bound(ALPHA / 2.0))
}

/// Works it out.
pub fn summarize(record: &Record) -> Summary {
    let mut kinds = vec![None];
    kinds.extend(record.slow_downs().into_iter().map(Some));
    Summary {
        gates: kinds.into_iter().map(|slow| gates(record, slow)).collect(),
        figures: figures(record),
        interference: interference(record),
        deployments: record.deployment_pair(&record.contract),
    }
}

fn of_kind(record: &Record, slow: Option<SlowDown>) -> impl Iterator<Item = &GateRecord> {
    record.gates.iter().filter(move |gate| gate.slow == slow)
}

fn gates(record: &Record, slow: Option<SlowDown>) -> Gates {
    let with = |outcome| of_kind(record, slow).filter(|gate| gate.outcome == outcome).count() as u64;
    let [passed, failed, too_noisy, not_measured] =
        [GateOutcome::Pass, GateOutcome::Fail, GateOutcome::TooNoisy, GateOutcome::NotMeasured].map(with);
    let added = of_kind(record, slow).filter(|gate| gate.counts()).filter_map(|gate| gate.added);
    let added: Vec<f64> = if slow.is_some() { added.collect() } else { Vec::new() };
    Gates {
        slow,
        outcomes: Outcomes { failed, gates: passed + failed + too_noisy },
        too_noisy,
        not_measured,
        added: (!added.is_empty()).then(|| added.iter().sum::<f64>() / added.len() as f64),
    }
}

fn figures(record: &Record) -> Vec<FigureSummary> {
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for figure in record.gates.iter().flat_map(|gate| &gate.figures) {
        let key = (figure.request.as_str(), figure.metric.as_str());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.into_iter().map(|key| figure(record, key)).collect()
}

fn figure(record: &Record, (request, metric): (&str, &str)) -> FigureSummary {
    let of = |gate: &GateRecord| {
        gate.figures.iter().find(|figure| figure.request == request && figure.metric == metric).cloned()
    };
    let outcomes = |slow| {
        let mut outcomes = Outcomes::default();
        let judged = |figure: &GateFigure| figure.outcome != FigureOutcome::TooFewSamples;
        for figure in of_kind(record, slow).filter(|gate| gate.counts()).filter_map(of).filter(judged) {
            outcomes.gates += 1;
            outcomes.failed += u64::from(figure.outcome == FigureOutcome::Fail);
        }
        outcomes
    };
    let found: Vec<(SlowDown, Outcomes)> =
        record.slow_downs().into_iter().map(|slow| (slow, outcomes(Some(slow)))).collect();
    let is_found = |outcomes: Outcomes| {
        Share { events: outcomes.failed, trials: outcomes.gates }.value() >= POWER && outcomes.gates > 0
    };
    let counted = record.gates.iter().filter(|gate| gate.counts());
    FigureSummary {
        request: request.to_owned(),
        metric: metric.to_owned(),
        false_alarms: outcomes(None),
        smallest: found.iter().find(|(_, outcomes)| is_found(*outcomes)).map(|(slow, _)| *slow),
        found,
        detectable: median(counted.filter_map(of).filter_map(|figure| figure.detectable).collect()),
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(figures[middle]),
        _ => Some((figures[middle - 1] + figures[middle]) / 2.0),
    }
}

/// The runs of the target alone against its figures in the gates between equals, beside the reference under load. A run is one
/// figure: within a run, requests are alike. By Welch, B. L. (1947): The generalization of Student's problem when several
/// different population variances are involved. Biometrika 34.
fn interference(record: &Record) -> Vec<Interference> {
    let mut beside: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for figure in record.equals().filter(|gate| gate.counts()).flat_map(|gate| &gate.figures) {
        if figure.candidate > 0.0 {
            beside.entry((&figure.request, &figure.metric)).or_default().push(figure.candidate.ln());
        }
    }
    let of = |((request, metric), beside): ((&str, &str), Vec<f64>)| {
        let alone = record.alone.iter().filter_map(|run| run.figures.get(request)?.get(metric));
        let alone: Vec<f64> = alone.filter(|figure| **figure > 0.0).map(|figure| figure.ln()).collect();
        let (difference, margin) = welch(&beside, &alone)?;
        let relative = |ln: f64| ln.exp() - 1.0;
        Some(Interference {
            request: request.to_owned(),
            metric: metric.to_owned(),
            alone: mean_and_deviation(&alone).0.exp(),
            beside: mean_and_deviation(&beside).0.exp(),
            change: relative(difference),
            interval: (relative(difference - margin), relative(difference + margin)),
        })
    };
    beside.into_iter().filter_map(of).collect()
}

/// The difference of two means, and half of its 95 % interval; none for fewer than two figures each.
fn welch(a: &[f64], b: &[f64]) -> Option<(f64, f64)> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let ((mean_a, deviation_a), (mean_b, deviation_b)) = (mean_and_deviation(a), mean_and_deviation(b));
    let (of_a, of_b) = (deviation_a.powi(2) / a.len() as f64, deviation_b.powi(2) / b.len() as f64);
    let variance = of_a + of_b;
    let margin = if variance > 0.0 {
        let squares = of_a.powi(2) / (a.len() - 1) as f64 + of_b.powi(2) / (b.len() - 1) as f64;
        t_quantile(1.0 - ALPHA / 2.0, variance.powi(2) / squares) * variance.sqrt()
    } else {
        0.0
    };
    Some((mean_a - mean_b, margin))
}

#[cfg(test)]
mod tests;
