use std::time::Duration;

use crate::gate::{
    Base, Compared, Comparison, GatedMetric, Hardware, History, Judgement, Paired, Row, RowOutcome, Verdict,
};
use crate::pairing::{ArmMode, Looks, Pairing};

/// The rule itself is tested beside the comparisons; here is what a reader is told of it.
#[test]
fn a_figure_that_is_not_judged_says_how_many_samples_it_has_and_needs() {
    let reference = Base::Reference(Paired {
        target: "https://base.example".into(),
        commit: None,
        pairing: Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: vec![] },
        blocks: 20,
        block: Duration::from_secs(1),
        hardware: Hardware::Assumed,
    });
    let history = Base::History(History { runs: 10, needed: 10, blocking: true });
    let told = |with: &Base, metric: GatedMetric, samples: u64, base: f64| {
        let row = Row {
            request: "reserve".into(),
            metric,
            base,
            candidate: base,
            change: 0.0,
            interval: (-0.1, 0.1),
            limit: if metric == GatedMetric::Failed { 0.001 } else { 0.1 },
            samples,
            t: None,
            p_adjusted: None,
            detectable: None,
            outcome: RowOutcome::TooFewSamples,
            history: vec![],
            blocks: vec![],
        };
        let mut compared = Compared {
            with: with.clone(),
            alpha: 0.05,
            rows: vec![],
            hidden: vec![],
            confirmation: None,
            lost: vec![],
            new_requests: vec![],
            differences: vec![],
            track_record: None,
        };
        assert_eq!(Row { outcome: RowOutcome::Pass, ..row.clone() }.not_judged(&compared), None);
        let reason = row.not_judged(&compared).unwrap();
        compared.rows = vec![row];
        let judgement = Judgement {
            verdict: Verdict::TooNoisy,
            guards: vec![],
            failures: vec![],
            thresholds: vec![],
            comparison: Comparison::Made(compared),
            base: None,
        };
        assert_eq!(
            judgement.reason(),
            format!("none of 1 figure could be judged; reserve {}: {reason}", metric.name())
        );
        reason
    };
    use GatedMetric::{Failed, P50, P95, P99};
    let table = [
        (told(&history, P95, 190, 9.0), "too few samples: 9 beyond p95, 10 needed"),
        (told(&history, P99, 1_200, 9.0), "too few samples: 12 beyond p99, 100 needed"),
        (told(&history, P50, 500, 9.0), "too few samples: too few runs have enough, or they are too much alike"),
        (told(&reference, P50, 60, 9.0), "too few samples: 30 beyond p50, 40 needed"),
        (told(&reference, P99, 9_999, 9.0), "too few samples: 99 beyond p99, 100 needed"),
        (
            told(&reference, P95, 800, 9.0),
            "too few samples: the reference has fewer, some blocks have too few, or they are too much alike",
        ),
        // 1 − 0.05^(1/2995) is 0.1 points.
        (told(&history, Failed, 300, 0.0), "too few samples: 300 requests, 2995 needed to rule out +0.1 points"),
        (told(&history, Failed, 300, 0.001), "too few samples: 300 requests, 1497 needed to rule out +0.1 points"),
        (told(&reference, Failed, 300, 0.001), "too few samples: 300 requests, 2995 needed to rule out +0.1 points"),
        (told(&history, Failed, 3_000, 0.0), "too few samples: 3000 requests, which fail in bursts"),
    ];
    for (reason, expected) in table {
        assert_eq!(reason, expected);
    }
}
