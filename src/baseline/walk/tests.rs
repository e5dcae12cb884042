use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

/// What a history looked like, and what must become of it.
struct Case {
    what: &'static str,
    /// The level from each of these nights on, beside the noise: 0.1 for 10 %.
    levels: &'static [(usize, f64)],
    nights: usize,
    suspects: &'static [usize],
    /// Fates by nights; all others count.
    fates: &'static [(Range<usize>, Fate)],
    waits: Option<usize>,
    /// Where steps begin, as they were found.
    steps: &'static [usize],
}

/// Three figures of one request that differ by 1 % from night to night.
fn tracks(case: &Case, seed: u64) -> Vec<Track> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let normal = Normal::new(0.0, 0.01).unwrap();
    let level = |night| case.levels.iter().rev().find(|(from, _)| night >= *from).map_or(0.0, |(_, level)| *level);
    [Figure::P50, Figure::P95, Figure::P99]
        .map(|figure| {
            let value = |night| Some(10.0 * (1.0 + level(night)) * f64::exp(normal.sample(&mut random)));
            Track { figure, values: (0..case.nights).map(value).collect() }
        })
        .to_vec()
}

fn walked(case: &Case, seed: u64) -> Walked {
    let suspects: Vec<bool> = (0..case.nights).map(|night| case.suspects.contains(&night)).collect();
    walk(&tracks(case, seed), &suspects, &vec![false; case.nights])
}

#[test]
fn suspects_are_decided_by_the_runs_after_them() {
    use Fate::*;
    let quiet = Case { what: "", levels: &[], nights: 20, suspects: &[], fates: &[], waits: None, steps: &[] };
    let table = [
        Case { what: "nothing happens", ..quiet },
        Case { what: "no runs", nights: 0, ..quiet },
        Case { what: "one outlier", levels: &[(12, 0.3), (13, 0.0)], suspects: &[12], ..quiet },
        Case { what: "three nights too early", suspects: &[17], fates: &[(17..18, Undecided { later: 2 })], ..quiet },
        Case {
            what: "a step that stays",
            levels: &[(12, 0.2)],
            suspects: &[12, 13, 15, 19],
            fates: &[(12..20, Waits)],
            waits: Some(12),
            steps: &[12],
            ..quiet
        },
        Case {
            what: "a step within the tolerance, which nobody has to accept",
            levels: &[(12, 0.08)],
            steps: &[12],
            ..quiet
        },
        Case { what: "faster than before", levels: &[(12, -0.2)], steps: &[12], ..quiet },
        Case {
            what: "a slow week that ends by itself",
            levels: &[(12, 0.2), (19, 0.0)],
            nights: 30,
            suspects: &[12, 13, 14, 15, 16, 17, 18],
            fates: &[(12..19, Over)],
            steps: &[12, 19],
            ..quiet
        },
        Case {
            what: "back half of the way is not back",
            levels: &[(12, 0.3), (19, 0.15)],
            nights: 30,
            suspects: &[12, 13, 14],
            fates: &[(12..30, Waits)],
            waits: Some(12),
            steps: &[12, 19],
        },
    ];
    for case in &table {
        for seed in 1..=3 {
            let Walked { steps, fates, waits } = walked(case, seed);
            let fate =
                |night| case.fates.iter().find(|(nights, _)| nights.contains(&night)).map_or(Counts, |(_, f)| *f);
            assert_eq!(fates, (0..case.nights).map(fate).collect::<Vec<_>>(), "{}, seed {seed}", case.what);
            assert_eq!(waits, case.waits, "{}, seed {seed}", case.what);
            let mut begins: Vec<usize> = steps.iter().map(|step| step.at).collect();
            begins.dedup();
            assert_eq!(begins, case.steps, "{}, seed {seed}: {steps:?}", case.what);
        }
    }
}

/// What was decided stays decided: a history that grows tells the same of its old runs.
#[test]
fn decisions_are_not_taken_back() {
    let levels = &[(15, 0.2), (24, 0.0), (40, 0.12)];
    let suspects = &[4, 15, 16, 20, 30, 40, 41];
    let case = Case { what: "", levels, nights: 60, suspects, fates: &[], waits: None, steps: &[] };
    let tracks = tracks(&case, 3);
    let suspect: Vec<bool> = (0..60).map(|night| suspects.contains(&night)).collect();
    let up_to = |count: usize| {
        let cut = |track: &Track| Track { figure: track.figure, values: track.values[..count].to_vec() };
        walk(&tracks.iter().map(cut).collect::<Vec<_>>(), &suspect[..count], &vec![false; count])
    };
    for count in (1..60).step_by(3) {
        let (earlier, later) = (up_to(count), up_to(count + 1));
        assert_eq!(earlier.steps, later.steps[..earlier.steps.len()], "{count}");
        let cleared = |walked: &Walked, run: usize| suspect[run] && walked.fates[run] == Fate::Counts;
        for run in (0..count).filter(|run| cleared(&earlier, *run)) {
            assert!(matches!(later.fates[run], Fate::Counts | Fate::Waits | Fate::Over), "{count} {run}");
        }
    }
}

#[test]
fn no_step_is_looked_for_across_a_gap() {
    let levels = &[(10, 0.2)];
    let case = Case { what: "", levels, nights: 20, suspects: &[], fates: &[], waits: None, steps: &[] };
    let gaps: Vec<bool> = (0..20).map(|night| night == 10).collect();
    assert_eq!(walk(&tracks(&case, 1), &[false; 20], &gaps).steps, []);
    assert!(!walk(&tracks(&case, 1), &[false; 20], &[false; 20]).steps.is_empty());
}

/// Failures step by points, not by shares of what may be nothing.
#[test]
fn a_step_of_failures_is_one_of_points() {
    for (before, after, expected) in [(0.0, 0.0, false), (0.0, 0.0005, false), (0.0, 0.01, true), (0.02, 0.0, true)] {
        let value = |night| Some(if night < 15 { before } else { after });
        let track = Track { figure: Figure::Failed, values: (0..25).map(value).collect() };
        let steps = walk(&[track], &[false; 25], &[false; 25]).steps;
        assert_eq!(
            steps.iter().any(|step| step.at == 15 && (step.shift - (after - before)).abs() < 1e-9),
            expected,
            "{before} {after}"
        );
    }
}

/// Constant, zero, or of one run: no step, and no panic.
#[test]
fn poor_histories_hold_no_steps() {
    for (what, values) in [
        ("all equal", vec![Some(10.0); 30]),
        ("all zero", vec![Some(0.0); 30]),
        ("none", vec![None; 30]),
        ("one run", vec![Some(10.0)]),
        ("every other", (0..30).map(|night| (night % 2 == 0).then_some(5.0)).collect()),
    ] {
        let count = values.len();
        let tracks = Figure::ALL.map(|figure| Track { figure, values: values.clone() });
        let walked = walk(&tracks, &vec![true; count], &vec![false; count]);
        assert_eq!((walked.steps, walked.waits), (vec![], None), "{what}");
    }
}

/// Nights on which nothing changes, with figures that differ by 5 % from night to night: few histories show a step. At a rate
/// of 0.1 % a night, and for nights that share most of their runs, about one in thirty.
#[test]
fn without_a_change_a_step_is_rare() {
    let normal = Normal::new(0.0, 0.05).unwrap();
    let shows_a_step = |seed: &u64| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(*seed);
        let mut value = || Some(10.0 * f64::exp(normal.sample(&mut random)));
        let mut track = || Track { figure: Figure::P50, values: (0..120).map(|_| value()).collect() };
        let tracks: Vec<Track> = (0..6).map(|_| track()).collect();
        !walk(&tracks, &[false; 120], &[false; 120]).steps.is_empty()
    };
    let with_steps = (0..40).filter(shows_a_step).count();
    assert!(with_steps <= 4, "{with_steps} of 40");
}
