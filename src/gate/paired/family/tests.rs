use std::slice::from_ref;

use proptest::collection::vec;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::gate::statistics::holm;

use super::*;
use crate::gate::paired::Scale;
use crate::gate::paired::flips::Signs;

const RESOLUTION: f64 = 0.001;

fn metric(scale: Scale, effects: &[f64]) -> PairedMetric {
    PairedMetric { scale, effects: effects.to_vec(), resolution: RESOLUTION, between_deployments: 0.0 }
}

fn latency(effects: &[f64]) -> PairedMetric {
    metric(Scale::LogRatio, effects)
}

/// Normal effects with this deviation about a shift, half of whose variance the metrics share.
fn normal(metrics: usize, blocks: usize, deviation: f64, shift: f64, seed: u64) -> Vec<PairedMetric> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = |number: usize| -> Vec<f64> { (0..number).map(|_| StandardNormal.sample(&mut random)).collect() };
    let shared = draw(blocks);
    let half = 0.5_f64.sqrt();
    (0..metrics)
        .map(|_| {
            let own = draw(blocks);
            let effects = shared.iter().zip(own).map(|(shared, own)| shift + deviation * half * (shared + own));
            latency(&effects.collect::<Vec<f64>>())
        })
        .collect()
}

/// T of each metric with these signs, written down as it is defined: with the autocorrelation of blocks as they were seen, or
/// without, as of a flip.
fn defined(metrics: &[PairedMetric], turned: &[bool], flipped: bool) -> Vec<f64> {
    let blocks = turned.len() as f64;
    let moments = |metric: &PairedMetric| {
        let signed = metric.effects.iter().zip(turned).map(|(effect, turned)| if *turned { -effect } else { *effect });
        let effects: Vec<f64> = signed.collect();
        let mean = effects.iter().sum::<f64>() / blocks;
        let variance = effects.iter().map(|effect| (effect - mean).powi(2)).sum::<f64>() / (blocks - 1.0);
        let variance = variance.max(RESOLUTION * RESOLUTION);
        let covariance: f64 = effects.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
        (mean, variance, covariance / (variance * (blocks - 1.0)))
    };
    let r = |scale: Scale| {
        let some = |metric: &&PairedMetric| metric.scale == scale && metric.effects.iter().any(|effect| *effect != 0.0);
        let each: Vec<f64> = metrics.iter().filter(some).map(|metric| moments(metric).2).collect();
        let pooled = each.iter().sum::<f64>() / each.len().max(1) as f64 + 1.0 / blocks;
        if flipped { 0.0 } else { pooled.max(0.0).min((blocks - 1.0) / (blocks + 1.0)) }
    };
    let t = |metric: &PairedMetric| {
        let (mean, variance, _) = moments(metric);
        let r = r(metric.scale);
        mean / (variance / blocks * (1.0 + r) / (1.0 - r)).sqrt()
    };
    metrics.iter().map(t).collect()
}

fn families(blocks: impl Strategy<Value = usize>) -> impl Strategy<Value = Vec<PairedMetric>> {
    (blocks, 1..5_usize).prop_flat_map(|(blocks, metrics)| {
        let effect = prop_oneof![4 => -0.3..0.3f64, 1 => Just(0.0)];
        let one = (vec(effect, blocks), any::<bool>())
            .prop_map(|(effects, share)| metric(if share { Scale::Share } else { Scale::LogRatio }, &effects));
        vec(one, metrics)
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t_is_that_of_the_definition_with_any_signs(
        family in families(prop_oneof![2..11_usize, 60..140_usize]),
        turned in vec(any::<bool>(), 140),
    ) {
        let turned = &turned[..family[0].effects.len()];
        let mut flipped = Vec::new();
        Matrix::new(&family).t(&Signs::turning(turned), &mut flipped);
        let seen: Vec<f64> = Family::untested(&family, 0.05).effects.iter().map(Effect::t).collect();
        let expected = [defined(&family, turned, true), defined(&family, &vec![false; turned.len()], false)];
        for (found, expected) in [flipped, seen].iter().flatten().zip(expected.iter().flatten()) {
            prop_assert!(near(*found, *expected), "{found} {expected}");
        }
    }

    #[test]
    fn swapping_the_arms_turns_every_effect_around(family in families(2..11_usize)) {
        let turn = |metric: &PairedMetric| {
            PairedMetric { effects: metric.effects.iter().map(|effect| -effect).collect(), ..metric.clone() }
        };
        let turned = Family::new(&family.iter().map(turn).collect::<Vec<_>>(), 0.05, 1);
        for (there, back) in Family::new(&family, 0.05, 1).effects.iter().zip(&turned.effects) {
            prop_assert!(near(there.t(), -back.t()) && near(there.error, back.error));
            prop_assert!(!(there.proven() && back.proven()), "not both arms are slower");
        }
    }

    #[test]
    fn the_order_of_metrics_does_not_matter(family in families(2..11_usize)) {
        let mut turned = family.clone();
        turned.rotate_left(1);
        let mut found = Family::new(&turned, 0.05, 1).effects;
        found.rotate_right(1);
        for (one, other) in Family::new(&family, 0.05, 1).effects.iter().zip(found) {
            prop_assert!(near(one.p_adjusted, other.p_adjusted) && near(one.critical, other.critical));
        }
    }

    /// Metrics of the other scale, which has its own autocorrelation, leave T as it was.
    #[test]
    fn a_family_only_makes_p_larger(one in vec(-0.3..0.3f64, 8), more in vec(vec(-0.3..0.3f64, 8), 1..4)) {
        let alone = Family::new(&[latency(&one)], 0.05, 1);
        let mut family = vec![latency(&one)];
        family.extend(more.iter().map(|effects| metric(Scale::Share, effects)));
        let together = Family::new(&family, 0.05, 1);
        prop_assert!(near(alone.effects[0].t(), together.effects[0].t()));
        prop_assert!(together.effects[0].p_adjusted >= alone.effects[0].p_adjusted - 1e-12);
        prop_assert!(together.effects[0].critical >= alone.effects[0].critical - 1e-9);
    }

    #[test]
    fn every_figure_is_finite(family in families(2..11_usize), constant in prop_oneof![Just(0.0), -0.2..0.2f64]) {
        let blocks = family[0].effects.len();
        let mut family = family;
        family.push(latency(&vec![constant; blocks]));
        for effect in Family::new(&family, 0.05, 1).effects {
            let (low, high) = effect.interval();
            let figures = [effect.t(), effect.p_adjusted, effect.upper_bound(), low, high, effect.detectable(0.1)];
            prop_assert!(figures.iter().all(|figure| figure.is_finite()), "{effect:?}");
            prop_assert!((0.0..=1.0).contains(&effect.p_adjusted) && effect.p_adjusted > 0.0 && effect.error > 0.0);
        }
    }
}

#[test]
fn where_nothing_changed_in_any_block_nothing_is_found() {
    let effect = Family::new(&[latency(&[0.0; 10])], 0.05, 1).effects[0];
    assert_eq!((effect.t(), effect.p_adjusted), (0.0, 1.0));
    // The resolution, 0.1 % a block, is what remains unknown: t(0.95, 9) × 0.001/√10, once for r = 1/10 of a constant.
    assert!(effect.upper_bound() > 0.0 && effect.upper_bound() < 0.001, "{effect:?}");
}

/// All-equal latencies have no variance: only the histogram's resolution keeps T from infinity, and it is as large in the flips.
#[test]
fn a_constant_shift_is_proven_as_far_as_its_blocks_can() {
    for blocks in [8, 10, 12, 20] {
        let effect = Family::new(&[latency(&vec![0.05; blocks])], 0.05, 1).effects[0];
        let smallest = if blocks <= 12 { 0.5_f64.powi(blocks as i32) } else { 1.0 / 4001.0 };
        assert!((effect.p_adjusted - smallest).abs() < 1e-12 && effect.proven(), "{blocks}: {effect:?}");
        assert!(effect.upper_bound() > 0.05 && effect.upper_bound() < 0.052, "{effect:?}");
    }
    let few = Family::new(&[latency(&[0.05; 4])], 0.05, 1).effects[0];
    assert!(!few.proven(), "1 of 16 choices of signs is beyond no α of 5 %");
}

/// In full, T of each choice of signs by the definition.
#[test]
fn p_values_are_shares_of_all_choices_of_signs() {
    let family = normal(3, 13, 0.05, 0.02, 4);
    let observed = defined(&family, &[false; 13], false);
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| observed[*b].total_cmp(&observed[*a]));
    let mut reached = [0.0; 3];
    for choice in 0..1_u32 << 13 {
        let turned: Vec<bool> = (0..13).map(|block| choice >> block & 1 == 1).collect();
        let t = defined(&family, &turned, true);
        for rank in 0..3 {
            let most = order[rank..].iter().map(|metric| t[*metric]).fold(f64::NEG_INFINITY, f64::max);
            reached[rank] += f64::from(u8::from(most >= observed[order[rank]] - 1e-9)) / 8192.0;
        }
    }
    let found = Family::new(&family, 0.05, 1).effects;
    let mut p: f64 = 0.0;
    for rank in 0..3 {
        p = p.max(reached[rank]);
        let seen = found[order[rank]].p_adjusted;
        // Four standard errors of 4,000 random flips.
        assert!((seen - p).abs() <= 4.0 * (p * (1.0 - p) / 4000.0).sqrt() + 1.0 / 4000.0, "{seen} {p}");
    }
}

/// Of one block structure without autocorrelation, so that a metric's T is the same alone and in its family.
#[test]
fn holm_agrees_where_metrics_are_independent_and_asks_for_more_where_they_are_alike() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut draw = || -> Vec<f64> {
        (0..12)
            .map(|_| {
                let z: f64 = StandardNormal.sample(&mut random);
                0.05 * z + 0.03
            })
            .collect()
    };
    let family: Vec<PairedMetric> = (0..5).map(|_| latency(&draw())).collect();
    let matrix = Matrix::new(&family);
    let t = defined(&family, &[false; 12], true);
    let alone =
        |metric: usize| max_t(&Matrix::new(from_ref(&family[metric])), &t[metric..=metric], 0.05, 1).p_adjusted[0];
    let alone: Vec<f64> = (0..5).map(alone).collect();
    for (p, holm) in max_t(&matrix, &t, 0.05, 1).p_adjusted.into_iter().zip(holm(&alone)) {
        assert!(p <= holm + 0.01 && p >= 0.6 * holm, "{p} beside {holm}");
    }
    let alike = vec![family[0].clone(); 5];
    let p = max_t(&Matrix::new(&alike), &[t[0]; 5], 0.05, 1).p_adjusted[4];
    assert!(near(p, alone[0]), "five copies of a figure are one figure: {p}");
    assert!(near(holm(&[alone[0]; 5])[0], (5.0 * alone[0]).min(1.0)));
}

#[test]
fn what_differs_between_deployments_is_no_proof() {
    let with = |tau| {
        let mut family = normal(1, 20, 0.02, 0.06, 3);
        family[0].between_deployments = tau;
        Family::new(&family, 0.05, 1).effects[0]
    };
    let (without, with) = (with(0.0), with(0.05));
    assert!(without.proven() && !with.proven(), "{without:?} {with:?}");
    assert!(near(with.error, without.error.hypot(0.05)) && with.interval().0 < 0.0);
}

#[test]
fn blocks_that_are_alike_count_for_less() {
    let waves: Vec<f64> = (0..20).map(|block| if block / 5 % 2 == 0 { 0.05 } else { -0.05 }).collect();
    let quick: Vec<f64> = (0..20).map(|block| if block % 2 == 0 { 0.05 } else { -0.05 }).collect();
    let [waves, quick] = [waves, quick].map(|effects| Family::untested(&[latency(&effects)], 0.05).effects[0].error);
    assert!(waves > 2.0 * quick, "{waves} {quick}");
}

#[test]
fn the_same_seed_gives_the_same_verdict() {
    let family = normal(4, 30, 0.05, 0.01, 5);
    let p = |seed| Family::new(&family, 0.05, seed).effects.iter().map(|effect| effect.p_adjusted).collect::<Vec<_>>();
    assert_eq!(p(1), p(1));
    assert_ne!(p(1), p(2));
}
