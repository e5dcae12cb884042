use crate::baseline::GateFigure;
use crate::commands::calibrate::simulated::{FIVE_MS, TEN, alone, figure, gate, record, times};

use super::*;

fn of(failed: u64, gates: u64) -> Outcomes {
    Outcomes { failed, gates }
}

/// Clopper and Pearson's bounds, by sums of the binomial distribution in exact fractions: `0 of n` ends at 1 − 0.025^(1/n).
#[test]
fn shares_have_exact_intervals() {
    for (failed, gates, lower, upper) in [
        (0, 0, 0.0, 1.0),
        (0, 20, 0.0, 0.168_433),
        (0, 60, 0.0, 0.059_629),
        (1, 60, 0.000_422, 0.089_399),
        (1, 1, 0.025, 1.0),
        (5, 10, 0.187_086, 0.812_914),
        (18, 20, 0.683_017, 0.987_651),
        (19, 20, 0.751_267, 0.998_735),
        (20, 20, 0.831_567, 1.0),
    ] {
        let (found_lower, found_upper) = interval(of(failed, gates));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
        assert!(
            near(found_lower, lower) && near(found_upper, upper),
            "{failed} of {gates}: {found_lower} {found_upper}"
        );
    }
}

#[test]
fn gates_are_counted_by_what_was_seeded() {
    use GateOutcome::{Fail, NotMeasured, Pass, TooNoisy};
    let gates = [
        times(17, &gate(None, Pass)),
        times(1, &gate(None, Fail)),
        times(2, &gate(None, TooNoisy)),
        times(3, &gate(None, NotMeasured)),
        times(4, &gate(Some(TEN), Fail)),
        times(1, &gate(Some(TEN), Pass)),
        times(1, &gate(Some(FIVE_MS), NotMeasured)),
    ];
    let counted = summarize(&record(gates.concat())).gates;
    let counts: Vec<_> =
        counted.iter().map(|of| (of.slow, of.outcomes, of.too_noisy, of.not_measured, of.added)).collect();
    assert_eq!(
        counts,
        [(None, of(1, 20), 2, 3, None), (Some(TEN), of(4, 5), 0, 0, Some(0.1)), (Some(FIVE_MS), of(0, 0), 0, 1, None),]
    );
}

#[test]
fn a_figure_has_found_what_failed_it_in_four_of_five_gates() {
    use GateOutcome::{Fail, Pass};
    let twenty = SlowDown::Share(0.2);
    for (of_ten, of_twenty, smallest) in [
        ((4, 1), (5, 0), Some(TEN)),
        ((3, 2), (5, 0), Some(twenty)),
        ((0, 5), (3, 2), None),
        ((0, 0), (1, 0), Some(twenty)),
    ] {
        let kind = |slow, (found, missed)| {
            [times(found, &gate(Some(slow), Fail)), times(missed, &gate(Some(slow), Pass))].concat()
        };
        let gates = [times(3, &gate(None, Pass)), kind(TEN, of_ten), kind(twenty, of_twenty)].concat();
        let figures = summarize(&record(gates)).figures;
        let [p50, p95] = &figures[..] else { panic!("two figures") };
        assert_eq!((p50.metric.as_str(), p50.smallest), ("p50", smallest), "{of_ten:?} {of_twenty:?}");
        assert_eq!((p50.false_alarms, p50.detectable), (of(0, 3), Some(0.03)));
        assert_eq!((p95.smallest, p95.found.last().unwrap().1.failed), (None, 0), "p95 never fails");
    }
}

#[test]
fn a_figure_that_was_not_judged_has_missed_nothing() {
    let few = GateFigure { outcome: FigureOutcome::TooFewSamples, ..figure("p99", FigureOutcome::Pass, 10.0, 12.0) };
    let with = |figure: &GateFigure| GateRecord { figures: vec![figure.clone()], ..gate(Some(TEN), GateOutcome::Pass) };
    let judged = GateFigure { outcome: FigureOutcome::Fail, ..few.clone() };
    let figures = summarize(&record(vec![with(&few), with(&judged), with(&few)])).figures;
    assert_eq!((figures[0].found.as_slice(), figures[0].smallest), ([(TEN, of(1, 1))].as_slice(), Some(TEN)));
}

/// Three runs alone against three beside: Welch's interval, worked out by hand. The logs are 2.0, 2.1, 2.2 and 2.4, 2.6, 2.8:
/// a difference of 0.5, a variance of 0.01/3 + 0.04/3, and 50/17 = 2.9412 degrees of freedom, for which t is 3.2188.
#[test]
fn a_second_arm_slows_the_target_by_the_difference_between_runs() {
    let beside = |ln: f64| {
        let p50 = GateFigure { candidate: ln.exp(), ..figure("p50", FigureOutcome::Pass, 10.0, 10.0) };
        GateRecord { figures: vec![p50], ..gate(None, GateOutcome::Pass) }
    };
    let slowed = GateRecord { slow: Some(TEN), ..beside(9.0) };
    let mut record = record(vec![beside(2.4), beside(2.6), beside(2.8), slowed]);
    record.alone = [2.0_f64, 2.1, 2.2].map(|ln| alone(ln.exp())).into();
    let [row] = &summarize(&record).interference[..] else { panic!("one figure") };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * b.abs();
    assert!(near(row.alone, 2.1_f64.exp()) && near(row.beside, 2.6_f64.exp()), "{row:?}");
    let margin = 3.2188 * (0.05_f64 / 3.0).sqrt();
    assert!(near(row.change, 0.5_f64.exp() - 1.0), "{row:?}");
    assert!(near(row.interval.0, (0.5 - margin).exp() - 1.0), "{row:?} {margin}");
    assert!(near(row.interval.1, (0.5 + margin).exp() - 1.0), "{row:?}");

    record.alone.truncate(1);
    assert_eq!(summarize(&record).interference, [], "one run says nothing about how runs differ");
}
