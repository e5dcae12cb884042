//! Records of calibrations that nobody ran, for tests.

use std::collections::BTreeMap;

use crate::baseline::{
    Alone, Arms, Difference, FigureOutcome, GateFigure, GateOutcome, GateRecord, Record, Rules, SlowDown,
};
use crate::measurement::Contract;

pub const TEN: SlowDown = SlowDown::Share(0.1);
pub const FIVE_MS: SlowDown = SlowDown::DelayMs(5.0);

pub fn record(gates: Vec<GateRecord>) -> Record {
    let requests = BTreeMap::from([("reserve".to_owned(), "a".to_owned())]);
    Record {
        plan: "shop".into(),
        started_at: "2026-11-20T12:00:00Z".parse().expect("a time"),
        seed: 7,
        target: "https://a.example".into(),
        reference: None,
        commit: None,
        arms: Arms::Parallel,
        contract: Contract { requests, ..Contract::default() },
        rules: Rules { tolerance: 0.05, floor_ms: 1.0, failure_tolerance: 0.001, ..Rules::default() },
        gates,
        alone: Vec::new(),
    }
}

/// A gate whose p50 failed or not as the gate did, and whose p95 never did.
pub fn gate(slow: Option<SlowDown>, outcome: GateOutcome) -> GateRecord {
    let p50 = match outcome {
        GateOutcome::Pass => FigureOutcome::Pass,
        GateOutcome::Fail => FigureOutcome::Fail,
        GateOutcome::TooNoisy | GateOutcome::NotMeasured => FigureOutcome::TooNoisy,
    };
    GateRecord {
        slow,
        added: Some(slow.and_then(SlowDown::share).unwrap_or(0.002)),
        started_at: "2026-11-20T12:00:00Z".parse().expect("a time"),
        seed: 1,
        outcome,
        finding: match outcome {
            GateOutcome::Fail => "fail: reserve p50 10ms → 11ms".into(),
            GateOutcome::NotMeasured => "not measured: the generator's loop lagged".into(),
            _ => "pass".into(),
        },
        figures: vec![figure("p50", p50, 10.0, 10.5), figure("p95", FigureOutcome::Pass, 20.0, 21.0)],
    }
}

pub fn figure(metric: &str, outcome: FigureOutcome, base: f64, candidate: f64) -> GateFigure {
    GateFigure {
        request: "reserve".into(),
        metric: metric.into(),
        outcome,
        base,
        candidate,
        difference: Some(Difference { mean: f64::ln(candidate / base), error: 0.01 }),
        detectable: Some(0.03),
    }
}

/// The same gate so many times.
pub fn times(number: usize, gate: &GateRecord) -> Vec<GateRecord> {
    vec![gate.clone(); number]
}

/// A run of the target alone with this p50.
pub fn alone(p50: f64) -> Alone {
    Alone {
        started_at: "2026-11-20T12:00:00Z".parse().expect("a time"),
        seed: 2,
        figures: BTreeMap::from([("reserve".into(), BTreeMap::from([("p50".into(), p50)]))]),
    }
}
