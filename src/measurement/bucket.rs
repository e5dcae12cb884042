//! The buckets of a histogram with 3 significant digits, by index: HdrHistogram's own layout, so that sparse counts and
//! stored histograms mean the same.

/// Values per bucket row: the smallest power of two that tells 2 × 10³ values apart.
const ROW: u64 = 2048;
const HALF_ROW_BITS: u32 = 10;

/// The largest value that a stored histogram may hold; far above what a trend records (10¹⁵).
pub const LARGEST: u64 = 1 << 53;

/// The index of the bucket that a value falls into.
pub fn index_of(value: u64) -> u32 {
    let row = 64 - (value | (ROW - 1)).leading_zeros() - ROW.trailing_zeros();
    let offset = (value >> row) as u32;
    (row << HALF_ROW_BITS) + offset
}

/// The smallest value of a bucket.
pub fn lowest(index: u32) -> u64 {
    let row = (index >> HALF_ROW_BITS).saturating_sub(1);
    u64::from(index - (row << HALF_ROW_BITS)) << row
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn buckets_are_those_of_hdrhistogram(value in prop_oneof![0..5_000u64, 0..LARGEST]) {
            let histogram = Histogram::<u32>::new_with_bounds(1, LARGEST, 3).unwrap();
            let index = index_of(value);
            prop_assert_eq!(lowest(index), histogram.lowest_equivalent(value));
            prop_assert_eq!(index_of(lowest(index)), index);
            prop_assert_eq!(index_of(histogram.next_non_equivalent(value)), index + 1);
        }
    }
}
