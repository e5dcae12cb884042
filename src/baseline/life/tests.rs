use super::*;
use crate::baseline::simulated::{Night, night, passes, runs};

/// Nights at 10 ms, then at another latency, each with this status.
fn then(mut nights: Vec<Night>, count: i64, status: BaselineStatus, latency: f64) -> Vec<Night> {
    let begin = nights.len() as i64;
    nights.extend((begin..begin + count).map(|number| {
        let noise = 1.0 + 0.002 * (number % 5) as f64;
        night(number, status, latency * noise)
    }));
    nights
}

fn standings(nights: &[Night]) -> Vec<Standing> {
    let runs = runs(nights);
    runs.lives()[0].runs.iter().map(|(_, standing)| *standing).collect()
}

#[test]
fn a_run_counts_by_its_status() {
    use BaselineStatus::*;
    for (status, expected) in [
        (Pass, Standing::Counts),
        (TooNoisy, Standing::Counts),
        (ThresholdsFailed, Standing::Failed),
        (Guard, Standing::NotMeasured),
        (Suspect, Standing::Suspect { later: 0 }),
    ] {
        assert_eq!(standings(&[night(0, status, 10.0)]), [expected], "{status:?}");
    }
}

#[test]
fn four_runs_decide_about_a_suspect_and_only_judged_ones() {
    use BaselineStatus::*;
    let history = then(passes(12), 1, Suspect, 13.0);
    let after = |count, status| standings(&then(history.clone(), count, status, 10.0))[12];
    for later in 0..4_usize {
        assert_eq!(after(later as i64, Pass), Standing::Suspect { later });
    }
    assert_eq!(after(4, Pass), Standing::Cleared);
    assert_eq!(after(4, TooNoisy), Standing::Cleared);
    assert_eq!(after(9, ThresholdsFailed), Standing::Suspect { later: 0 });
    assert_eq!(after(9, Guard), Standing::Suspect { later: 0 });
    let of_one_job: Vec<Night> = then(history.clone(), 4, Pass, 10.0)
        .into_iter()
        .map(|n| Night { job: (n.number > 12).then_some("7"), ..n })
        .collect();
    assert_eq!(standings(&of_one_job)[12], Standing::Suspect { later: 1 });
    assert_eq!(standings(&of_one_job)[13], Standing::SameJob { as_run: 16 });
}

#[test]
fn the_window_waits_at_a_step_until_it_is_accepted() {
    use BaselineStatus::*;
    let mut nights = then(then(passes(12), 1, Suspect, 12.0), 5, TooNoisy, 12.0);
    let slow = runs(&nights);
    let life = &slow.lives()[0];
    assert_eq!((life.waits, life.window(20)), (Some(12), (0..12).collect::<Vec<_>>()));
    assert!(life.runs[12..].iter().all(|(_, standing)| *standing == Standing::Waits), "{:?}", life.runs);
    let step = &life.steps[0];
    assert_eq!((step.request.as_str(), step.figure, step.at), ("reserve", Figure::P50, 12));
    assert!((step.shift - 0.2).abs() < 0.02 && step.p <= 0.01, "{step:?}");

    nights[12].accepted = true;
    let accepted = runs(&nights);
    let life = &accepted.lives()[0];
    assert_eq!((life.accepted, life.waits, life.steps.len()), (Some(12), None, 0));
    assert_eq!(life.window(20), (12..18).collect::<Vec<_>>());
    assert!(life.runs[..12].iter().all(|(_, standing)| *standing == Standing::Before));
    assert_eq!(life.window(3), [15, 16, 17]);
}

#[test]
fn each_contract_has_a_life_of_its_own() {
    let mut nights = passes(6);
    nights.extend(passes(6).into_iter().map(|n| Night {
        load: "other",
        number: n.number + 6,
        accepted: n.number == 2,
        ..n
    }));
    let runs = runs(&nights);
    let lives = runs.lives();
    let windows: Vec<Vec<usize>> = lives.iter().map(|life| life.window(20)).collect();
    assert_eq!(windows, [vec![8, 9, 10, 11], (0..6).collect()]);
}

/// A request that was defined otherwise is another one: its figures are not compared.
#[test]
fn a_new_definition_is_no_step() {
    let mut nights = then(passes(12), 8, BaselineStatus::Pass, 20.0);
    assert!(!runs(&nights).lives()[0].steps.is_empty());
    nights[12..].iter_mut().for_each(|night| night.definition = "new");
    let runs = runs(&nights);
    let life = &runs.lives()[0];
    assert_eq!(life.steps, []);
    let series: Vec<(Figure, bool, usize)> =
        life.series.iter().map(|series| (series.figure, series.current, series.points.len())).collect();
    use Figure::*;
    assert_eq!(series, [(P50, true, 8), (Failed, true, 8), (P50, false, 12), (Failed, false, 12)]);
}

#[test]
fn the_same_run_twice_counts_once() {
    let mut nights = passes(3);
    nights.push(Night { accepted: false, ..nights[1].clone() });
    // Copies are read in the order of their paths, which are equal here.
    assert_eq!(standings(&nights)[1..3], [Standing::Counts, Standing::Duplicate { of: 1 }]);
    nights[3].accepted = true;
    let standings = standings(&nights);
    assert_eq!(standings[1..3], [Standing::Duplicate { of: 2 }, Standing::Counts], "the accepted copy counts");
}

#[test]
fn clocks_that_go_wrong_are_seen() {
    let mut nights = passes(6);
    nights[3].accepted = true;
    // A newer file with an older start, before the accepted run.
    nights.push(Night { number: 1, seed: 70, ..nights[5].clone() });
    nights.push(Night { number: 400, seed: 71, ..nights[5].clone() });
    let standings = standings(&nights);
    assert_eq!(standings[..4], [Standing::Before; 4]);
    assert_eq!(standings[4..7], [Standing::Counts; 3]);
    assert_eq!(standings[7], Standing::Future);
}

#[test]
fn drift_is_measured_from_the_first_runs_to_the_latest_ones() {
    let drifting = |percent: f64, count: i64| -> Vec<Night> {
        (0..count).map(|n| night(n, BaselineStatus::Pass, 10.0 * (1.0 + percent / 100.0).powi(n as i32))).collect()
    };
    let drifts = |nights: &[Night]| runs(nights).lives()[0].drifts(5);
    for (what, nights, expected) in [
        ("nothing stored is no drift", passes(1), false),
        ("too few runs", drifting(5.0, 9), false),
        ("runs that are alike", passes(40), false),
        ("1 % a night, 25 nights apart", drifting(1.0, 30), true),
        ("1 % a night, 12 nights apart", drifting(1.0, 17), false),
        ("faster by 1 % a night", drifting(-1.0, 40), true),
    ] {
        assert_eq!(!drifts(&nights).is_empty(), expected, "{what}");
    }
    let mut nights = drifting(1.0, 40);
    let drift = &drifts(&nights)[0];
    assert_eq!((drift.request.as_str(), drift.figure, drift.since), ("reserve", Figure::P50, 0));
    assert!((drift.shift - (1.01_f64.powi(35) - 1.0)).abs() < 0.02, "{drift:?}");
    nights[25].accepted = true;
    assert_eq!(drifts(&nights), [], "an accepted run begins a new anchor");
}
