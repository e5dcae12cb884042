use crate::gate::{
    Base, Compared, Comparison, GatedMetric, Guard, GuardKind, History, NoComparison, Row, RowOutcome, ThresholdResult,
    Verdict,
};
use crate::metric::Unit;

use super::*;

use OnInconclusive::{Fail as NoisyFails, Warn as NoisyWarns};
use RowOutcome::{Fail, Pass, TooNoisy};

fn threshold(selector: &str, condition: &str, figure: f64) -> ThresholdResult {
    let parsed = crate::plan::Condition::parse(condition).unwrap();
    ThresholdResult {
        selector: selector.into(),
        condition: condition.into(),
        unit: Unit::Milliseconds,
        figure: Some(figure),
        limit: parsed.limit,
        passed: parsed.holds(figure),
        aborted: false,
    }
}

fn row(metric: GatedMetric, limit: f64, outcome: RowOutcome) -> Row {
    Row {
        request: "reserve".into(),
        metric,
        base: 10.0,
        candidate: 13.0,
        change: 0.3,
        interval: (0.2, 0.4),
        limit,
        samples: 3000,
        t: None,
        p_adjusted: Some(0.001),
        detectable: None,
        outcome,
        history: vec![],
        blocks: vec![],
    }
}

/// A judgement by thresholds and rows against a history that decides.
fn judgement(thresholds: Vec<ThresholdResult>, rows: Vec<Row>) -> Judgement {
    let comparison = match rows.is_empty() {
        true => Comparison::None(NoComparison::NoBaseline { needed: 10 }),
        false => Comparison::Made(Compared {
            with: Base::History(History { runs: 10, needed: 10, blocking: true }),
            alpha: 0.05,
            rows,
            lost: vec![],
            hidden: vec![],
            new_requests: vec![],
            differences: vec![],
            track_record: None,
            confirmation: None,
        }),
    };
    let mut judgement =
        Judgement { verdict: Verdict::Pass, guards: vec![], failures: vec![], thresholds, comparison, base: None };
    judgement.verdict = crate::gate::verdict(&judgement);
    judgement
}

fn ruled(judgement: Judgement, inconclusive: OnInconclusive) -> Ruled {
    Ruled { judgement, inconclusive }
}

fn by_thresholds(conditions: &[&str]) -> Judgement {
    judgement(conditions.iter().map(|condition| threshold("http_req_duration", condition, 312.4)).collect(), vec![])
}

fn held(own: Judgement, base: Judgement) -> Judgement {
    hold(ruled(own, NoisyWarns), ruled(base, NoisyWarns), "1234abc", false)
}

fn guarded(fired: bool, mut judgement: Judgement) -> Judgement {
    let finding = "30 of 100 arrivals dropped".into();
    let guard = Guard { kind: GuardKind::Rate, subject: Some("main".into()), fired, finding, cure: "fewer".into() };
    judgement.guards.push(guard);
    judgement.verdict = crate::gate::verdict(&judgement);
    judgement
}

/// Which verdict stands, by the verdicts of both and what their plans make of noise.
#[test]
fn base_decides_where_its_rules_alone_fail_the_run() {
    let verdicts = [Verdict::NotMeasured, Verdict::Fail, Verdict::TooNoisy, Verdict::Pass];
    let of = |verdict| match verdict {
        Verdict::NotMeasured => guarded(true, by_thresholds(&["p(95)<500"])),
        Verdict::Fail => by_thresholds(&["p(95)<300"]),
        Verdict::TooNoisy => judgement(vec![], vec![row(GatedMetric::P95, 0.1, TooNoisy)]),
        Verdict::Pass => by_thresholds(&["p(95)<500"]),
    };
    for own in verdicts {
        for base in verdicts {
            for (own_noise, base_noise) in
                [(NoisyWarns, NoisyWarns), (NoisyWarns, NoisyFails), (NoisyFails, NoisyWarns)]
            {
                let fails = |verdict, noise| match verdict {
                    Verdict::NotMeasured | Verdict::Fail => true,
                    Verdict::TooNoisy => noise == NoisyFails,
                    Verdict::Pass => false,
                };
                let decides = !fails(own, own_noise) && fails(base, base_noise);
                let both = || (ruled(of(own), own_noise), ruled(of(base), base_noise));
                let case = format!("{own:?} {own_noise:?}, at base {base:?} {base_noise:?}");
                for waived in [false, true] {
                    let (ours, theirs) = both();
                    assert_eq!(only_base_fails(&ours, &theirs), decides, "{case}");
                    let judgement = hold(ours, theirs, "1234abc", waived);
                    let expected = if decides && !waived { base } else { own };
                    assert_eq!(judgement.verdict, expected, "{case}");
                    let noise = if decides && !waived { base_noise } else { own_noise };
                    assert_eq!(
                        fails(judgement.verdict, judgement.inconclusive(own_noise)),
                        fails(expected, noise),
                        "{case}"
                    );
                    assert_eq!(judgement.waived().is_some(), decides && waived, "{case}");
                }
            }
        }
    }
}

#[test]
fn what_is_loosened_is_said_with_both_limits() {
    // by the pull request's own, by base's, what base doesn't accept and it does
    let table: [(&[&str], &[&str], &[&str]); 8] = [
        (&["p(95)<500"], &["p(95)<300"], &["http_req_duration p(95) is 312.4ms, limit < 300ms at base, < 500ms here"]),
        (&[], &["p(95)<300"], &["http_req_duration p(95) is 312.4ms, limit < 300ms at base, none here"]),
        (&["p(95)<300"], &["p(95)<300"], &[]),
        // A tighter one of its own fails on its own.
        (&["p(95)<200"], &["p(95)<300"], &[]),
        (&["p(95)<500"], &["p(95)<400"], &[]),
        // Other statistics, and limits from the other side, are other thresholds.
        (&["p(99)<500"], &["p(95)<300"], &["http_req_duration p(95) is 312.4ms, limit < 300ms at base, none here"]),
        (&["p(95)>100"], &["p(95)<=300"], &["http_req_duration p(95) is 312.4ms, limit <= 300ms at base, none here"]),
        (
            &["p(95)<=500"],
            &["p(95)<300"],
            &["http_req_duration p(95) is 312.4ms, limit < 300ms at base, <= 500ms here"],
        ),
    ];
    for (own, base, expected) in table {
        let judgement = held(by_thresholds(own), by_thresholds(base));
        let loosened: Vec<String> = judgement.base.unwrap().loosened.iter().map(Loosened::sentence).collect();
        assert_eq!(loosened, expected, "{own:?} {base:?}");
    }
}

#[test]
fn a_row_is_loosened_where_it_fails_by_bases_limit_alone() {
    use GatedMetric::{P50, P95};
    let table = [
        (vec![row(P95, 0.5, Pass)], Some("limit +10% at base, +50% here")),
        (vec![row(P95, 0.5, TooNoisy)], Some("limit +10% at base, +50% here")),
        (vec![row(P95, 0.1, Pass)], Some("limit +10%")),
        (vec![row(P50, 0.1, Pass)], Some("limit +10% at base, none here")),
        (vec![], Some("limit +10% at base, none here")),
        (vec![row(P95, 0.2, Fail)], None),
    ];
    for (own, expected) in table {
        let judgement = held(judgement(vec![], own), judgement(vec![], vec![row(P95, 0.1, Fail)]));
        let loosened: Vec<String> = judgement.base.unwrap().loosened.iter().map(Loosened::sentence).collect();
        match expected {
            Some(end) => assert!(loosened.len() == 1 && loosened[0].ends_with(end), "{loosened:?}"),
            None => assert!(loosened.is_empty(), "{loosened:?}"),
        }
    }
}

#[test]
fn the_first_line_says_whose_limit_it_was() {
    let noisy = || judgement(vec![], vec![row(GatedMetric::P95, 0.5, TooNoisy)]);
    let base = || by_thresholds(&["p(95)<300", "avg<100"]);
    let lines = [
        held(by_thresholds(&["p(95)<500", "avg<500"]), base()),
        held(noisy(), base()),
        held(by_thresholds(&[]), base()),
        held(guarded(false, by_thresholds(&["p(95)<500"])), guarded(true, by_thresholds(&["p(95)<500"]))),
        held(by_thresholds(&["p(95)<200"]), base()),
        held(by_thresholds(&["p(95)<500"]), by_thresholds(&["p(95)<400"])),
        hold(ruled(by_thresholds(&["p(95)<500"]), NoisyWarns), ruled(noisy(), NoisyFails), "1234abc", false),
    ];
    let lines: Vec<String> = lines.iter().map(Judgement::headline).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    fail: passes this pull request's loosened limit, not base's: http_req_duration p(95) is 312.4ms, limit < 300ms at base, < 500ms here; and 1 more
    fail: not decided by this pull request's rules, but by base's: http_req_duration p(95) is 312.4ms, limit < 300ms at base, none here; and 1 more
    fail: not decided by this pull request's rules, but by base's: http_req_duration p(95) is 312.4ms, limit < 300ms at base, none here; and 1 more
    not measured: passes by this pull request's rules, not by base's: main: 30 of 100 arrivals dropped
    fail: http_req_duration p(95) is 312.4ms, limit < 200ms; and 1 more
    pass: 1 threshold holds; no baseline: 0 of 10 runs
    too noisy: passes by this pull request's rules; by base's it is too noisy, which is a failure there: reserve p95 10ms → 13ms, +30.0%, 95% interval [+20.0, +40.0]%, limit +50%
    ");
}

#[test]
fn reasons_are_not_doubled_and_the_label_is_the_cure() {
    let alone = held(by_thresholds(&["p(95)<500"]), by_thresholds(&["p(95)<300"]));
    let reasons = alone.reasons();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].cure.unwrap().contains(LABEL));
    let both = held(by_thresholds(&["p(95)<300", "avg<500"]), by_thresholds(&["p(95)<300", "avg<100"]));
    let findings: Vec<String> = both.reasons().into_iter().map(|reason| reason.finding).collect();
    insta::assert_snapshot!(findings.join("\n"), @r"
    http_req_duration p(95) is 312.4ms, limit < 300ms
    by base's rules: http_req_duration avg is 312.4ms, limit < 100ms at base, < 500ms here
    ");
}

#[test]
fn a_baseline_keeps_what_base_made_of_the_run() {
    use crate::measurement::BaselineStatus;
    let by_limit = held(by_thresholds(&["p(95)<500"]), by_thresholds(&["p(95)<300"]));
    assert_eq!(by_limit.baseline_status(), BaselineStatus::ThresholdsFailed);
    let slower = judgement(vec![], vec![row(GatedMetric::P95, 0.1, Fail)]);
    let by_row = held(judgement(vec![], vec![row(GatedMetric::P95, 0.5, Pass)]), slower);
    assert_eq!(by_row.baseline_status(), BaselineStatus::Suspect);
    let waived = hold(
        ruled(by_thresholds(&["p(95)<500"]), NoisyWarns),
        ruled(by_thresholds(&["p(95)<300"]), NoisyWarns),
        "1234abc",
        true,
    );
    assert_eq!(waived.baseline_status(), BaselineStatus::Pass);
}
