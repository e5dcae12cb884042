use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::trend::steps_of;
use std::time::Duration;

/// A tally of blocks of so many samples, in milliseconds, and so many failed requests.
fn tally(blocks: &[(&[u64], u32)]) -> RequestTally {
    let mut tally = RequestTally::default();
    for (number, (samples, failed)) in blocks.iter().enumerate() {
        let mut block = Block { attempts: samples.len() as u32, failed: *failed, ..Block::default() };
        for milliseconds in *samples {
            let time = Duration::from_millis(*milliseconds);
            tally.comparable.record(time);
            block.counts.add(bucket::index_of(steps_of(time)), 1);
        }
        tally.attempts += u64::from(block.attempts);
        tally.failed += u64::from(*failed);
        tally.blocks.insert(number as u32, block);
    }
    tally
}

#[test]
fn samples_that_come_alike_are_worth_less() {
    const QUICK: &[u64] = &[10; 40];
    const SLOW: &[u64] = &[90; 40];
    const MIXED: &[u64] = &[10, 10, 10, 90, 10, 10, 10, 90];
    let table: [(&str, RequestTally, f64); 5] = [
        ("no samples", RequestTally::default(), 1.0),
        ("too few blocks to tell", tally(&[(QUICK, 0), (SLOW, 0), (QUICK, 0)]), 1.0),
        ("all equal", tally(&[(QUICK, 0); 8]), 1.0),
        ("each block as the others", tally(&[(MIXED, 0); 8]), 1.0),
        // Shares 0, 0, 0, 1 of four blocks of 40: 40 (3·0.25² + 0.75²) / 3 / (0.25·0.75) = 53.3, times 159/160.
        ("one block unlike the others", tally(&[(QUICK, 0), (QUICK, 0), (QUICK, 0), (SLOW, 0)]), 53.0),
    ];
    for (what, tally, expected) in table {
        let found = tally.variance_inflation(0.5);
        assert!((found - expected).abs() < 1e-9, "{what}: {found}");
    }
}

#[test]
fn failures_that_come_together_are_worth_less() {
    const TEN: &[u64] = &[10; 10];
    let even = tally(&[(TEN, 1), (TEN, 1), (TEN, 1), (TEN, 1)]);
    assert_eq!((even.failure_inflation(), RequestTally::default().failure_inflation()), (1.0, 1.0));
    // 4 of 40, in one block: 10 (3·0.1² + 0.3²) / 3 / (0.1·0.9) = 4.44, times 39/40.
    let burst = tally(&[(TEN, 0), (TEN, 4), (TEN, 0), (TEN, 0)]);
    assert!((burst.failure_inflation() - 13.0 / 3.0).abs() < 1e-9, "{}", burst.failure_inflation());
}

#[test]
fn what_the_blocks_said_outlives_them() {
    let mut slim = Simulated::new(vec![SimulatedRequest { failures: 0.1, ..SimulatedRequest::new("reserve", 20.0) }])
        .measure()
        .judged
        .requests
        .remove(0);
    let full = slim.clone();
    slim.drop_blocks();
    assert!(slim.blocks.is_empty() && slim.inflation.is_some());
    for quantile in [0.5, 0.95, 0.99, 0.999] {
        assert_eq!(slim.variance_inflation(quantile), full.variance_inflation(quantile), "{quantile}");
        assert_eq!(slim.log_quantile_error(quantile), full.log_quantile_error(quantile), "{quantile}");
    }
    assert_eq!(slim.failure_inflation(), full.failure_inflation());
    let kept = slim.clone();
    slim.drop_blocks();
    assert_eq!(slim, kept, "dropping them twice loses nothing");
}

/// Two thousand samples that come in clumps of ten equal ones are worth two hundred.
#[test]
fn the_inflation_of_clumps_is_their_size() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let runs = 200;
    let total: f64 = (0..runs)
        .map(|_| {
            let blocks: Vec<Vec<u64>> =
                (0..20).map(|_| (0..10).flat_map(|_| [random.random_range(1..=2000_u64); 10]).collect()).collect();
            let blocks: Vec<(&[u64], u32)> = blocks.iter().map(|block| (block.as_slice(), 0)).collect();
            tally(&blocks).variance_inflation(0.5)
        })
        .sum();
    let mean = total / f64::from(runs);
    assert!((9.0..11.0).contains(&mean), "{mean}");
}

/// ln Q of 400 runs spreads as w of one of them says.
#[test]
fn the_standard_error_within_a_run_is_the_spread_of_runs_that_differ_by_chance() {
    let request = SimulatedRequest { count: 1000, sigma: 0.3, ..SimulatedRequest::new("reserve", 20.0) };
    let runs: Vec<RequestTally> = (0..400)
        .map(|seed| Simulated { seed, ..Simulated::new(vec![request.clone()]) }.measure().judged.requests.remove(0))
        .collect();
    for quantile in [0.5, 0.95] {
        let logs: Vec<f64> = runs.iter().map(|run| run.comparable.quantile(quantile).unwrap().ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let spread = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (logs.len() - 1) as f64).sqrt();
        let errors = runs.iter().filter_map(|run| run.log_quantile_error(quantile));
        let error = errors.sum::<f64>() / runs.len() as f64;
        // The inflation is never taken for less than 1, so it errs upwards.
        assert!((0.95..1.2).contains(&(error / spread)), "{quantile}: {error} against {spread}");
    }
}

#[test]
fn a_rank_limit_beyond_the_samples_is_not_made_up() {
    let few = tally(&[(&[10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 0)]);
    assert!(few.log_quantile_error(0.5).is_some());
    assert_eq!((few.log_quantile_error(0.95), few.log_quantile_error(0.999)), (None, None));
    assert_eq!(RequestTally::default().log_quantile_error(0.5), None);
    let equal = tally(&[(&[10; 100], 0)]);
    assert_eq!(equal.log_quantile_error(0.5), Some(0.0));
}
