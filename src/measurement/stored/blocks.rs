//! The blocks of a request in the file: numbers in LEB128, deflated, base64.
//!
//! For each block: its index less the one before, attempts, failed, number of buckets; then the gaps between the buckets'
//! indices; then their counts. Gaps and counts apart compress best.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::measurement::bucket;
use crate::measurement::tally::{Block, SparseCounts};

use super::Invalid;
use super::histogram::{push_varint, varint};

/// No run has more bytes of blocks.
const LARGEST: u64 = 256 << 20;

/// None without blocks.
pub fn pack(blocks: &BTreeMap<u32, Block>) -> Option<String> {
    if blocks.is_empty() {
        return None;
    }
    let mut plain = Vec::new();
    let mut next = 0;
    for (index, block) in blocks {
        for number in [index - next, block.attempts, block.failed, block.counts.iter().count() as u32] {
            push_varint(&mut plain, number.into());
        }
        next = index + 1;
        let mut bucket = 0;
        for (index, _) in block.counts.iter() {
            push_varint(&mut plain, (index - bucket).into());
            bucket = index + 1;
        }
        block.counts.iter().for_each(|(_, count)| push_varint(&mut plain, count.into()));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain).expect("a vector takes every byte");
    Some(STANDARD.encode(encoder.finish().expect("a vector takes every byte")))
}

/// Reads the blocks of a grid of `number` blocks.
pub fn unpack(stored: Option<String>, number: u32) -> Result<BTreeMap<u32, Block>, Invalid> {
    let Some(stored) = stored else { return Ok(BTreeMap::new()) };
    let bytes = STANDARD.decode(stored).map_err(|error| Invalid::new(format!("bad base64: {error}")))?;
    let mut plain = Vec::new();
    let inflated = ZlibDecoder::new(bytes.as_slice()).take(LARGEST + 1).read_to_end(&mut plain);
    inflated.map_err(|error| Invalid::new(format!("bad compression: {error}")))?;
    if plain.len() as u64 > LARGEST {
        return Err(Invalid::new("more blocks than a run has"));
    }
    decode(&plain, number).ok_or_else(|| Invalid::new("these are no blocks of the grid"))
}

fn decode(mut plain: &[u8], number: u32) -> Option<BTreeMap<u32, Block>> {
    let mut blocks = BTreeMap::new();
    let mut next = 0_u32;
    while !plain.is_empty() {
        let mut read = || u32::try_from(varint(&mut plain)?).ok();
        let index = next.checked_add(read()?)?;
        let (attempts, failed, buckets) = (read()?, read()?, read()?);
        if index >= number || failed > attempts || buckets > bucket::index_of(bucket::LARGEST) {
            return None;
        }
        let mut bucket = 0_u32;
        let mut indices = Vec::new();
        for _ in 0..buckets {
            let index = bucket.checked_add(read()?)?;
            indices.push(index);
            bucket = index.checked_add(1)?;
        }
        if bucket > bucket::index_of(bucket::LARGEST) {
            return None;
        }
        let mut counts = SparseCounts::default();
        for index in indices {
            counts.add(index, read()?);
        }
        if counts.total() > u64::from(attempts) {
            return None;
        }
        blocks.insert(index, Block { attempts, failed, counts });
        next = index + 1;
    }
    Some(blocks)
}
