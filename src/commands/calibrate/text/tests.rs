use crate::baseline::FigureOutcome;
use crate::commands::calibrate::simulated::{FIVE_MS, TEN, alone, figure, gate, record, times};
use crate::commands::calibrate::summary::summarize;

use super::*;

fn text(record: &Record) -> String {
    let mut out = Vec::new();
    write(record, &summarize(record), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn false_alarms_and_power_stand_first() {
    let gates = [
        times(20, &gate(None, GateOutcome::Pass)),
        times(19, &gate(Some(TEN), GateOutcome::Fail)),
        times(1, &gate(Some(TEN), GateOutcome::TooNoisy)),
        times(2, &gate(Some(TEN), GateOutcome::NotMeasured)),
        times(1, &gate(Some(FIVE_MS), GateOutcome::Pass)),
    ];
    insta::assert_snapshot!(text(&record(gates.concat())), @r"
    shop: 0 of 20 false alarms (95% interval 0–16.8%); +10% found in 19 of 20 (75.1–99.9%); +5ms found in 0 of 1 (0–97.5%)

    gates

         seeded                 failed  95% interval  too noisy  not measured  added in truth
       ✓ A/A, generator only   0 of 20       0–16.8%          0             0               –
       ✓ +10%                 19 of 20    75.1–99.9%          1             2          +10.0%
         +5ms                   0 of 1       0–97.5%          0             0           +0.2%

    figures: how often each failed its gate

         request  metric      A/A  slow-downs                    smallest found  could show
         reserve  p50     0 of 20  +10%: 19 of 20, +5ms: 0 of 1            +10%       +3.0%
         reserve  p95     0 of 20  +10%: 0 of 20, +5ms: 0 of 1                –       +3.0%
    ");
}

#[test]
fn two_deployments_tell_of_hardware_and_interference() {
    let failed = figure("failed", FigureOutcome::Pass, 0.001, 0.003);
    let mut one = gate(None, GateOutcome::Pass);
    one.figures.push(crate::baseline::GateFigure {
        difference: Some(crate::baseline::Difference { mean: 0.002, error: 0.001 }),
        detectable: Some(0.004),
        ..failed
    });
    let mut record = record(times(3, &one));
    record.reference = Some("https://b.example".into());
    record.alone = vec![alone(9.0), alone(9.5), alone(10.0)];
    insta::assert_snapshot!(text(&record), @r"
    shop: 0 of 3 false alarms (95% interval 0–70.8%)

    gates

         seeded                failed  95% interval  too noisy  not measured  added in truth
       ✓ A/A, two deployments  0 of 3       0–70.8%          0             0               –

    figures: how often each failed its gate

         request  metric     A/A  slow-downs  smallest found    could show
         reserve  p50     0 of 3                           –         +3.0%
         reserve  p95     0 of 3                           –         +3.0%
         reserve  failed  0 of 3                           –  +0.40 points

    interference: the target alone, and beside a loaded arm

         request  metric   alone  beside  change     95% interval
         reserve  p50     9.49ms  10.5ms  +10.6%  [-2.9%, +26.1%]

    deployments: the target against the other of the same commit

         request  metric    difference                  95% interval
         reserve  failed  +0.20 points  [+0.09 points, +0.31 points]
         reserve  p50            +5.0%                [+3.8%, +6.2%]
         reserve  p95            +5.0%                [+3.8%, +6.2%]
    ");
}

#[test]
fn a_gate_that_cries_wolf_is_marked_once_that_is_proven() {
    for (failed, passed, mark) in [(0, 20, "✓"), (2, 18, "✓"), (4, 16, "✗")] {
        let gates = [times(failed, &gate(None, GateOutcome::Fail)), times(passed, &gate(None, GateOutcome::Pass))];
        let text = text(&record(gates.concat()));
        let line = text.lines().find(|line| line.contains("generator only")).unwrap();
        assert!(line.trim_start().starts_with(mark), "{failed} of {}: {line}", failed + passed);
    }
}

#[test]
fn nothing_measured_is_no_table_of_zeros() {
    insta::assert_snapshot!(text(&record(Vec::new())), @r"
    shop: no gate was measured

    gates

         seeded               failed  95% interval  too noisy  not measured  added in truth
         A/A, generator only       –             –          0             0               –
    ");
}

#[test]
fn each_gate_is_told_as_it_ends() {
    use GateOutcome::{Fail, NotMeasured, Pass, TooNoisy};
    for (gate, told) in [
        (gate(None, Pass), "pass"),
        (gate(None, Fail), "false alarm: reserve p50 10ms → 11ms"),
        (gate(Some(TEN), Fail), "found: reserve p50 10ms → 11ms"),
        (gate(Some(TEN), Pass), "not found"),
        (gate(None, TooNoisy), "too noisy"),
        (gate(None, NotMeasured), "not measured: the generator's loop lagged"),
    ] {
        assert_eq!(line(&gate), told);
    }
}
