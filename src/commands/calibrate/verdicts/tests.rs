use std::time::Duration;

use crate::gate::{Hardware, Paired};
use crate::pairing::{ArmMode, Looks, Pairing};

use super::*;

fn row(metric: GatedMetric, outcome: RowOutcome) -> Row {
    Row {
        request: "reserve".into(),
        metric,
        base: 10.0,
        candidate: 11.0,
        change: 0.1,
        interval: (0.05, 0.15),
        limit: 0.05,
        samples: 100,
        t: Some(4.0),
        p_adjusted: Some(0.001),
        detectable: Some(0.04),
        outcome,
        history: Vec::new(),
        blocks: Vec::new(),
    }
}

fn compared(rows: Vec<Row>) -> Comparison {
    let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };
    let paired = Paired {
        target: "http://b.example".into(),
        commit: None,
        pairing,
        blocks: 20,
        block: Duration::from_secs(1),
        hardware: Hardware::Assumed,
    };
    Comparison::Made(Compared {
        with: Base::Reference(paired),
        alpha: 0.05,
        rows,
        hidden: Vec::new(),
        confirmation: None,
        lost: Vec::new(),
        new_requests: Vec::new(),
        differences: Vec::new(),
        track_record: None,
    })
}

#[test]
fn a_figure_keeps_its_effect_and_standard_error_on_the_scale_of_the_test() {
    let kept = |row: Row| figures(&compared(vec![row])).pop().and_then(|figure| figure.difference);
    let near = |found: Option<Difference>, mean: f64, error: f64| {
        let found = found.expect("a difference");
        assert!((found.mean - mean).abs() < 1e-9 && (found.error - error).abs() < 1e-5, "{found:?}: {mean} {error}");
    };
    let latency = row(GatedMetric::P95, RowOutcome::Fail);
    near(kept(latency.clone()), 1.1_f64.ln(), 1.1_f64.ln() / 4.0);
    near(kept(Row { change: -0.1, t: Some(-2.0), ..latency.clone() }), 0.9_f64.ln(), -(0.9_f64.ln()) / 2.0);
    near(kept(Row { metric: GatedMetric::Failed, change: 0.02, ..latency.clone() }), 0.02, 0.005);
    // t of 19 degrees of freedom is 2.0930 at 97.5 %.
    let width: f64 = 2.0930 * 0.01;
    let level = Row { change: 0.0, t: Some(0.0), interval: ((-width).exp_m1(), width.exp_m1()), ..latency.clone() };
    near(kept(level), 0.0, 0.01);
    assert_eq!(kept(Row { t: None, ..latency.clone() }), None, "a row that was not tested");
    assert_eq!(kept(Row { change: -1.0, ..latency.clone() }), None, "a figure of nothing");
    let endless = Row { base: f64::NAN, ..latency.clone() };
    assert_eq!(figures(&compared(vec![endless])), []);
    let unknown = Row { detectable: Some(f64::INFINITY), ..latency };
    assert_eq!(figures(&compared(vec![unknown]))[0].detectable, None);
}
