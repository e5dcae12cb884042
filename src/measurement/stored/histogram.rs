//! A distribution in the file: HdrHistogram's V2-deflate form in base64, as its own tools read it, with the exact sum and
//! extremes that it does not hold.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use crate::measurement::bucket;
use crate::measurement::trend::{DIGITS, Trend};

use super::{At, Invalid};

/// In the histogram's unit: µs of a time, thousandths of any other unit.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredTrend {
    sum: u128,
    min: u64,
    max: u64,
    histogram: String,
}

/// None for a trend without samples.
pub fn pack(trend: &Trend) -> Option<StoredTrend> {
    if trend.is_empty() {
        return None;
    }
    // Made anew, for the range that it states must span what it holds.
    let mut histogram =
        Histogram::<u32>::new_with_bounds(1, trend.max.max(2), DIGITS).expect("3 digits from 1 are a valid histogram");
    for (index, count) in trend.buckets() {
        histogram.record_n(bucket::lowest(index), count).expect("the range was made for these values");
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(&histogram, &mut bytes).expect("a vector takes every byte");
    Some(StoredTrend { sum: trend.sum, min: trend.min, max: trend.max, histogram: STANDARD.encode(bytes) })
}

pub fn unpack(stored: Option<StoredTrend>) -> Result<Trend, Invalid> {
    let mut trend = Trend::default();
    let Some(StoredTrend { sum, min, max, histogram }) = stored else { return Ok(trend) };
    let bytes =
        STANDARD.decode(histogram).map_err(|error| Invalid::new(format!("bad base64: {error}"))).at("histogram")?;
    let buckets = decode(&bytes).at("histogram")?;
    let (Some((first, _)), Some((last, _))) = (buckets.first(), buckets.last()) else {
        return Err(Invalid::new("no samples").within("histogram"));
    };
    if min > max || max > bucket::LARGEST || bucket::index_of(min) != *first || bucket::index_of(max) != *last {
        return Err(Invalid::new("min and max are not those of the histogram"));
    }
    let total = |value: fn(u32) -> u64| -> u128 {
        buckets.iter().map(|(index, count)| u128::from(value(*index)) * u128::from(*count)).sum()
    };
    if !(total(bucket::lowest)..=total(|index| bucket::lowest(index + 1) - 1)).contains(&sum) {
        return Err(Invalid::new("the sum is not that of the histogram"));
    }
    buckets.iter().for_each(|(index, count)| trend.record_steps(bucket::lowest(*index), *count));
    (trend.sum, trend.min, trend.max) = (sum, min, max);
    Ok(trend)
}

/// HdrHistogram's cookies of the V2 encoding: with counts of variable length, plain and deflated.
const COOKIE: u32 = 0x1c84_9303 | 0x10;
const DEFLATE_COOKIE: u32 = 0x1c84_9304 | 0x10;
const HEADER: usize = 40;
/// A histogram up to [`bucket::LARGEST`] has 46,080 buckets of at most 9 bytes.
const LARGEST_PAYLOAD: u64 = 46_080 * 9;

/// The buckets that are not empty, by index. The library's own decoder trusts lengths that it reads and may overflow on
/// hostile bytes, so this one looks at everything first.
fn decode(bytes: &[u8]) -> Result<Vec<(u32, u32)>, Invalid> {
    let bad = |what: &str| Invalid::new(format!("no HdrHistogram in V2-deflate form: {what}"));
    let (outer, compressed) = bytes.split_at_checked(8).ok_or_else(|| bad("too short"))?;
    if word(outer, 0) != u64::from(DEFLATE_COOKIE) || word(outer, 4) != compressed.len() as u64 {
        return Err(bad("wrong cookie or length"));
    }
    let mut plain = Vec::new();
    let limit = HEADER as u64 + LARGEST_PAYLOAD;
    let inflated = ZlibDecoder::new(compressed).take(limit + 1).read_to_end(&mut plain);
    inflated.map_err(|error| bad(&error.to_string()))?;
    let (header, payload) = plain.split_at_checked(HEADER).ok_or_else(|| bad("too short"))?;
    if word(header, 0) != u64::from(COOKIE) || word(header, 4) != payload.len() as u64 || plain.len() as u64 > limit {
        return Err(bad("wrong cookie or length"));
    }
    let lowest = word(header, 16) << 32 | word(header, 20);
    let ratio = word(header, 32) << 32 | word(header, 36);
    if (word(header, 8), word(header, 12), lowest, f64::from_bits(ratio)) != (0, u64::from(DIGITS), 1, 1.0) {
        return Err(bad("not of 3 significant digits from 1"));
    }
    decode_counts(payload).ok_or_else(|| bad("counts out of range"))
}

/// A big-endian word of 4 bytes.
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 4].iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Counts in ZigZag LEB128, a negative one being that many empty buckets.
fn decode_counts(mut payload: &[u8]) -> Option<Vec<(u32, u32)>> {
    let mut buckets = Vec::new();
    let mut index = 0_u32;
    while !payload.is_empty() {
        let number = varint(&mut payload)?;
        let count = (number >> 1) as i64 ^ -((number & 1) as i64);
        if count < 0 {
            index = index.checked_add(u32::try_from(count.unsigned_abs()).ok()?)?;
        } else {
            if count > 0 {
                buckets.push((index, u32::try_from(count).ok()?));
            }
            index = index.checked_add(1)?;
        }
        if index > bucket::index_of(bucket::LARGEST) + 1 {
            return None;
        }
    }
    Some(buckets)
}

/// A number in LEB128: 7 bits a byte, the lowest first, and 8 bits in the ninth.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for at in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at == 8 || byte & 0x80 == 0 {
            return Some(number | u64::from(*byte) << (7 * at));
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
    }
    None
}

/// Writes a number below 2⁵⁶ so that [`varint`] reads it.
pub(super) fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
