use hdrhistogram::Histogram;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::measurement::Block;

use super::*;

fn tally(blocks: &[&[u64]]) -> RequestTally {
    let mut tally = RequestTally::default();
    for (index, values) in blocks.iter().enumerate().filter(|(_, values)| !values.is_empty()) {
        let mut block = Block { attempts: values.len() as u32, ..Block::default() };
        values.iter().for_each(|value| block.counts.add(bucket::index_of(*value), 1));
        tally.blocks.insert(index as u32, block);
    }
    tally
}

proptest! {
    #[test]
    fn quantiles_of_joined_blocks_are_those_of_one_histogram(
        blocks in vec(vec(prop_oneof![1..3_000u64, 1..10_000_000u64], 0..30), 1..4),
        quantile in 0.01..=1.0f64,
    ) {
        let mut histogram = Histogram::<u32>::new(3).unwrap();
        blocks.iter().flatten().for_each(|value| histogram.record(*value).unwrap());
        prop_assume!(!histogram.is_empty());
        let slices: Vec<&[u64]> = blocks.iter().map(Vec::as_slice).collect();
        let counts = Counts::of(&tally(&slices), 0..blocks.len() as u32);
        let found = counts.quantile(quantile);
        prop_assert!((found - histogram.value_at_quantile(quantile) as f64 * STEP).abs() < 1e-9, "{found}");
    }
}

#[test]
fn effects_are_log_ratios_of_block_quantiles() {
    let candidate = tally(&[&[11_000, 11_000], &[10_000, 12_000, 30_000]]);
    let reference = tally(&[&[10_000, 10_000], &[10_000, 12_000, 30_000]]);
    let request = RequestPair::new("reserve", &candidate, &reference, 2);
    let effects = request.log_ratios(0.5, &[0..1, 1..2]);
    assert!((effects[0] - 1.1_f64.ln()).abs() < 1e-3 && effects[1] == 0.0, "{effects:?}");
}

#[test]
fn a_quantile_of_nothing_is_one_step() {
    let zero = tally(&[&[0, 0]]);
    assert_eq!(Counts::of(&zero, 0..1).quantile(0.5), STEP);
    assert_eq!((latency_resolution(0.05), latency_resolution(20.0)), (0.02, 0.001));
}

#[test]
fn failures_are_differences_of_block_shares() {
    let failing = |counts: &[(u32, u32)]| {
        let blocks = counts.iter().enumerate().map(|(index, (failed, attempts))| {
            (index as u32, Block { attempts: *attempts, failed: *failed, ..Block::default() })
        });
        RequestTally { blocks: blocks.filter(|(_, block)| block.attempts > 0).collect(), ..RequestTally::default() }
    };
    let candidate = failing(&[(1, 10), (0, 10), (5, 10), (3, 10)]);
    let reference = failing(&[(0, 10), (2, 10), (5, 10), (0, 0)]);
    let request = RequestPair::new("reserve", &candidate, &reference, 4);
    let each = [0..1, 1..2, 2..3, 3..4];
    assert_eq!(request.failure_differences(&each), [0.1, -0.2, 0.0, 0.0], "no base, no difference");
    assert_eq!(request.blocks_with_failures(&each), 3);
    assert_eq!(request.failure_differences(&[0..2, 2..4]), [0.05 - 0.1, 0.4 - 0.5]);
}

/// Samples of both arms in each block, what a block needs, and the joined blocks' ends.
#[test]
fn neighbours_are_joined_until_each_has_enough() {
    type Samples<'a> = &'a [[u64; 2]];
    let table: [(&str, Samples<'_>, u64, &[u32]); 7] = [
        ("enough everywhere", &[[10, 10], [10, 12], [11, 10]], 10, &[1, 2, 3]),
        ("one arm has too few", &[[10, 9], [10, 12], [11, 10]], 10, &[2, 3]),
        ("what is left belongs to the last", &[[10, 10], [10, 10], [3, 3]], 10, &[1, 3]),
        ("blocks that are missing in one arm", &[[10, 10], [10, 0], [10, 0], [10, 10]], 10, &[1, 4]),
        ("too few at all", &[[3, 3], [3, 3]], 10, &[]),
        ("nothing needed", &[[0, 0], [0, 0]], 0, &[1, 2]),
        ("a slow start", &[[2, 2], [4, 4], [8, 8], [16, 16]], 10, &[3, 4]),
    ];
    for (what, samples, least, ends) in table {
        let joined = join(&[Need { samples, least }], samples.len() as u32);
        assert_eq!(joined.iter().map(|blocks| blocks.end).collect::<Vec<_>>(), ends, "{what}");
        assert!(joined.windows(2).all(|pair| pair[0].end == pair[1].start), "{what}: without a gap");
        assert!(joined.first().is_none_or(|first| first.start == 0));
    }
}

#[test]
fn metrics_that_are_too_rare_take_no_part_and_cost_the_others_nothing() {
    let even = |samples: u64| vec![[samples, samples]; 20];
    let (plenty, some, rare) = (even(200), even(50), even(3));
    let early: Vec<[u64; 2]> = (0..20).map(|block| if block < 10 { [200, 200] } else { [0, 0] }).collect();
    let late: Vec<[u64; 2]> = early.iter().rev().copied().collect();
    let need = |samples| Need { samples, least: 100 };
    let table: [(&str, Vec<Need<'_>>, usize, Vec<bool>); 6] = [
        ("plenty", vec![need(&plenty)], 20, vec![true]),
        ("half as many join all in pairs", vec![need(&plenty), need(&some)], 10, vec![true, true]),
        ("rare", vec![need(&rare), need(&plenty)], 20, vec![false, true]),
        ("one half of the run has a request", vec![need(&early), need(&plenty)], 10, vec![true, true]),
        ("requests that never meet: the first one", vec![need(&early), need(&late)], 10, vec![true, false]),
        ("none", vec![need(&rare)], 20, vec![false]),
    ];
    for (what, needs, blocks, takes_part) in table {
        let (joined, found) = join_family(&needs, 20);
        assert_eq!((joined.len(), found), (blocks, takes_part), "{what}");
    }
}

#[test]
fn what_a_quantile_needs_of_a_block() {
    let tally = tally(&[&[1]]);
    let request = RequestPair::new("reserve", &tally, &tally, 1);
    let table = [(0.5, 10, 80), (0.95, 100, 800), (0.99, 500, 4_000), (0.999, 5_000, 40_000)];
    for (quantile, least, run) in table {
        assert_eq!((request.need(quantile).least, fewest_samples(quantile)), (least, run), "{quantile}");
    }
}
