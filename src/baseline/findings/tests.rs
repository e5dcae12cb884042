use super::*;
use crate::baseline::simulated::{Night, night, passes, runs};
use crate::baseline::store::Skipped;
use crate::measurement::BaselineStatus;

const SIZES: Sizes = Sizes { window: 20, anchor: 5 };

fn told(runs: &Runs) -> String {
    let findings = runs.findings(&runs.lives(), SIZES);
    let line = |finding: &Finding| {
        format!("{}: {}: {}; {}\n", finding.kind.key(), finding.place, finding.problem, finding.cure)
    };
    findings.iter().map(line).collect()
}

fn slow(nights: &mut Vec<Night>, count: i64, status: BaselineStatus, latency: f64) {
    let begin = nights.len() as i64;
    nights.extend((begin..begin + count).map(|number| night(number, status, latency)));
}

#[test]
fn a_quiet_history_has_no_findings() {
    for count in [0, 1, 30] {
        assert_eq!(told(&runs(&passes(count))), "", "{count} runs");
    }
}

#[test]
fn a_suspect_is_told_with_what_decides_it() {
    let mut nights = passes(12);
    slow(&mut nights, 1, BaselineStatus::Suspect, 12.0);
    slow(&mut nights, 2, BaselineStatus::Pass, 10.0);
    insta::assert_snapshot!(told(&runs(&nights)), @r#"suspect: 012.json: suspect: fail: reserve p50 +20 %; 2 of the 4 runs that decide about it are there; wait for 2 runs: it enters the window if they show no step; if the change is meant to stay, `loadgate baseline accept --run 012.json --why "…"`"#);
}

#[test]
fn a_step_with_a_suspect_makes_the_window_wait() {
    let mut nights = passes(12);
    slow(&mut nights, 1, BaselineStatus::Suspect, 12.0);
    slow(&mut nights, 5, BaselineStatus::TooNoisy, 12.0);
    insta::assert_snapshot!(told(&runs(&nights)), @r#"waits: 012.json: reserve p50 +19.7% since this run (2026-11-30 11:06Z, commit 0123456); the window waits, and holds the 12 runs before it; undo the change behind it; or, if it is meant to stay, `loadgate baseline accept --run 012.json --why "…"`"#);
}

#[test]
fn a_step_within_the_window_is_told_until_the_window_has_passed_it() {
    let mut nights = passes(12);
    slow(&mut nights, 6, BaselineStatus::Pass, 9.0);
    insta::assert_snapshot!(told(&runs(&nights)), @r#"step: 012.json: reserve p50 -9.9% since this run (2026-11-30 11:06Z, commit 0123456); find out why; the window holds runs from before and after it, unless you `loadgate baseline accept --run 012.json --why "…"`"#);
    slow(&mut nights, 14, BaselineStatus::Pass, 9.0);
    assert_eq!(told(&runs(&nights)), "");
}

#[test]
fn drift_is_told_with_both_ends() {
    let nights: Vec<Night> = (0..40).map(|n| night(n, BaselineStatus::Pass, 10.0 * 1.005_f64.powi(n as i32))).collect();
    insta::assert_snapshot!(told(&runs(&nights)), @r#"drift: reserve p50: drifted by +18.2%, from 10.27ms in the first 5 runs since 2026-11-18 to 12.14ms in the latest; no run alone is to blame: look at what changed since; if it is meant to stay, `loadgate baseline accept --run 020.json --why "…"`"#);
}

#[test]
fn what_is_wrong_with_files_is_told() {
    let mut nights = passes(3);
    nights.push(nights[1].clone());
    nights.push(Night { number: 400, ..nights[2].clone() });
    let mut runs = runs(&nights);
    let path = "baselines/shop/cut.json";
    let reason = format!("{path}: no measurement, or a damaged one: EOF; measure again, or fetch the file anew");
    runs.skipped.push(Skipped { path: path.into(), reason });
    insta::assert_snapshot!(told(&runs), @r"
    skipped: baselines/shop/cut.json: no measurement, or a damaged one: EOF; measure again, or fetch the file anew; it counts for nothing until it is restored or removed
    future: 400.json: it began at 2027-12-23T11:06:40Z, which is yet to come; it does not count; set the clock of the machine that measured, and remove the file
    duplicate: 001.json: the same run as 001.json; it counts once; remove one of the two
    ");
}

#[test]
fn many_figures_are_counted() {
    let step = |request: &str, shift| Step {
        request: request.into(),
        figure: crate::baseline::Figure::P50,
        at: 0,
        shift,
        p: 0.0,
    };
    let steps = [step("a", 0.1), step("b", 0.3), step("c", 0.2), step("d", -0.5), step("e", 0.05), step("f", 0.06)];
    let all: Vec<&Step> = steps.iter().collect();
    assert_eq!(shifts(&all[..1]), "a p50 +10.0%");
    assert_eq!(shifts(&all), "d p50 -50.0%, b p50 +30.0%, c p50 +20.0%, a p50 +10.0% and 2 more");
}
