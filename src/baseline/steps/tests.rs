use proptest::collection::vec;
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::{Distribution, Normal};

use super::*;

/// Of a series that is looked at alone, whatever it is.
fn p(values: &[f64]) -> f64 {
    let split = largest_split(values).expect("values enough");
    chance(values, split, 4_000, 1.0).expect("no chance is above 1")
}

fn noise(seed: u64, count: usize, deviation: f64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let normal = Normal::new(0.0, deviation).unwrap();
    (0..count).map(|_| normal.sample(&mut random)).collect()
}

fn stepped(at: usize, count: usize, by: f64) -> Vec<f64> {
    (0..count).map(|index| if index < at { 0.0 } else { by }).collect()
}

#[test]
fn the_largest_split_is_where_the_level_changes() {
    let table: [(&[f64], _); 5] = [
        (&[], None),
        (&[0.0; 7], None),
        (&[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], Some((4, 1.0))),
        (&[2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0], Some((5, -1.0))),
        // Two later values are no level.
        (&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.0], Some((4, 1.5))),
    ];
    for (values, expected) in table {
        assert_eq!(largest_split(values).map(|split| (split.at, split.difference)), expected, "{values:?}");
    }
    let equal = largest_split(&[5.0; 10]).unwrap();
    assert_eq!((equal.difference, p(&[5.0; 10])), (0.0, 1.0), "equal values hold no step");
}

/// With 4 equal values before and 4 after, 2 of the 70 orders have as large a difference.
#[test]
fn the_chance_is_that_of_all_orders() {
    let p = p(&stepped(4, 8, 1.0));
    assert!((p - 2.0 / 70.0).abs() < 0.01, "{p}");
}

/// Series alone, and among others: more orders are drawn where a smaller chance must be told.
#[test]
fn chances_are_as_small_as_the_family_needs() {
    let (step, level) = (stepped(20, 30, 1.0), noise(1, 30, 0.1));
    let split = |values| largest_split(values).unwrap();
    let splits = [(&step[..], split(&step)), (&level[..], split(&level))];
    assert_eq!(chances(&[], 5, 0.01), []);
    for family in [1, 30, 300] {
        let found = chances(&splits, family, 0.001);
        assert!(found[0].is_some_and(|p| p <= 0.001 / family as f64) && found[1].is_none(), "{family}: {found:?}");
    }
}

/// 2,000 series without a step: a p value of at most x in about a share of x of them.
#[test]
fn without_a_step_small_chances_are_as_rare_as_they_say() {
    let found = |seed| {
        let values = noise(seed, 20, 0.07);
        chance(&values, largest_split(&values).unwrap(), 4_000, 0.05)
    };
    let p: Vec<f64> = (0..2_000).filter_map(found).collect();
    let share = |limit: f64| p.iter().filter(|p| **p <= limit).count() as f64 / 2_000.0;
    // Two standard errors of 2,000 series are 1 and 0.4 points.
    assert!((0.04..=0.06).contains(&share(0.05)), "{}", share(0.05));
    assert!((0.005..=0.015).contains(&share(0.01)), "{}", share(0.01));
}

#[test]
fn one_outlier_is_no_step() {
    for at in [0, 5, 10, 15] {
        let mut values = noise(1, 16, 0.02);
        values[at] += 0.4;
        assert!(p(&values) > 0.1, "{at}: {}", p(&values));
    }
}

#[test]
fn a_slope_is_no_step() {
    let slope: Vec<f64> = noise(3, 30, 0.01).iter().enumerate().map(|(i, noise)| 0.005 * i as f64 + noise).collect();
    let split = largest_split(&slope).unwrap();
    assert!(p(&slope) < 0.01 && drifts_rather(&slope, split));
    for at in [5, 15, 25] {
        let values: Vec<f64> = noise(3, 30, 0.01).iter().zip(stepped(at, 30, 0.1)).map(|(a, b)| a + b).collect();
        let split = largest_split(&values).unwrap();
        assert!(split.at == at && !drifts_rather(&values, split), "{at}: {split:?}");
    }
}

#[test]
fn discoveries_are_those_of_benjamini_and_hochberg() {
    // The example of the paper: of 15 p values, four at a rate of 5 %.
    let paper = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ];
    let found = discoveries(&paper, 0.05);
    assert_eq!(found.iter().filter(|found| **found).count(), 4);
    assert!(found[..4].iter().all(|found| *found));
    assert_eq!(discoveries(&[], 0.05), Vec::<bool>::new());
    assert_eq!(discoveries(&[0.04, 0.049], 0.05), [true, true], "the larger one carries the smaller one");
}

proptest! {
    /// A level that is added to all values changes nothing, a factor nothing but the difference's size.
    #[test]
    fn steps_do_not_depend_on_level_and_unit(values in vec(-1.0..1.0_f64, 8..40), level in -5.0..5.0_f64) {
        let split = largest_split(&values).unwrap();
        let moved: Vec<f64> = values.iter().map(|value| value + level).collect();
        let other = largest_split(&moved).unwrap();
        prop_assert!((other.difference.abs() - split.difference.abs()).abs() < 1e-9 || other.at != split.at);
        prop_assert!((other.statistic - split.statistic).abs() < 1e-9);
    }

    #[test]
    fn a_chance_is_a_chance(values in vec(-1.0..1.0_f64, 8..20)) {
        let p = p(&values);
        prop_assert!(p > 0.0 && p <= 1.0);
    }
}

#[test]
fn a_series_in_random_order_is_reproducible() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let values: Vec<f64> = (0..20).map(|_| random.random()).collect();
    assert_eq!(p(&values), p(&values));
}
