//! What a hostile file would unfold to, found out before it is read: nesting, repeated keys, numbers of values, and the bytes
//! behind its compressed strings. A scan keeps nothing but the keys of the objects that it is in.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::measurement::bucket;

/// A measurement nests to 8.
const DEEPEST: usize = 16;
/// Strings, numbers, lists and objects together.
const MOST_VALUES: u32 = 1_000_000;
/// Of a string that isn't compressed.
const LONGEST_TEXT: usize = 64 << 10;
const LONGEST_KEY: usize = 1 << 10;
/// What all compressed strings may hold.
const MOST_INFLATED: u64 = 64 << 20;
/// What the blocks may hold of it: in memory they take four times that.
const MOST_BLOCKS: u64 = 32 << 20;
/// What all histograms may take in memory.
const MOST_HISTOGRAMS: u64 = 512 << 20;

/// Looks through a file.
///
/// # Errors
/// It is no JSON, or more than a measurement holds.
pub fn scan(json: &str) -> Result<(), serde_json::Error> {
    let mut left =
        Left { values: MOST_VALUES, inflated: MOST_INFLATED, blocks: MOST_BLOCKS, histograms: MOST_HISTOGRAMS };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Scan { left: &mut left, depth: 0, key: "" }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// What is left of the limits.
struct Left {
    values: u32,
    inflated: u64,
    blocks: u64,
    histograms: u64,
}

/// One value, under its key.
struct Scan<'a> {
    left: &'a mut Left,
    depth: usize,
    key: &'a str,
}

/// What an object has to know of a value in it.
enum Seen {
    Number(u64),
    Other,
}

impl Scan<'_> {
    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.left.values = self.left.values.checked_sub(1).ok_or_else(|| E::custom("too many values"))?;
        Ok(())
    }

    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth < DEEPEST { Ok(self.depth + 1) } else { Err(E::custom("nested too deeply")) }
    }

    fn text<E: Error>(&mut self, text: &str) -> Result<Seen, E> {
        self.count()?;
        // Of a histogram 8 bytes stand before the compressed ones.
        let compressed = match self.key {
            "histogram" => Some(8),
            "blocks" => Some(0),
            _ => None,
        };
        let Some(before) = compressed else {
            let problem = "a text is too long";
            return if text.len() <= LONGEST_TEXT { Ok(Seen::Other) } else { Err(E::custom(problem)) };
        };
        // What can't be decoded is told by who reads it.
        let bytes = STANDARD.decode(text).unwrap_or_default();
        let limit = if before == 0 { self.left.blocks.min(self.left.inflated) } else { self.left.inflated };
        let inflated = inflated(bytes.get(before..).unwrap_or_default(), limit);
        if inflated > limit {
            return Err(E::custom(format_args!("{} hold more than those of any run", self.key)));
        }
        self.left.inflated -= inflated;
        if before == 0 {
            self.left.blocks -= inflated;
        }
        Ok(Seen::Other)
    }
}

/// The bytes that a compressed string holds, counted to the limit and one more.
fn inflated(compressed: &[u8], limit: u64) -> u64 {
    struct Counted(u64);
    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    // One that breaks off is refused by who reads it.
    let _ = io::copy(&mut ZlibDecoder::new(compressed).take(limit + 1), &mut counted);
    counted.0
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<Seen, E> {
        self.count().map(|()| Seen::Other)
    }

    fn visit_unit<E: Error>(mut self) -> Result<Seen, E> {
        self.count().map(|()| Seen::Other)
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<Seen, E> {
        self.count().map(|()| Seen::Number(number))
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<Seen, E> {
        self.count().map(|()| Seen::Other)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<Seen, E> {
        self.count().map(|()| Seen::Other)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<Seen, E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Seen, A::Error> {
        self.count()?;
        let depth = self.deeper()?;
        while list.next_element_seed(Scan { left: self.left, depth, key: "" })?.is_some() {}
        Ok(Seen::Other)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Seen, A::Error> {
        self.count()?;
        let depth = self.deeper()?;
        let mut keys = HashSet::new();
        let mut largest = None;
        while let Some(key) = map.next_key::<String>()? {
            if key.len() > LONGEST_KEY {
                return Err(A::Error::custom("a key is too long"));
            }
            let seen = map.next_value_seed(Scan { left: self.left, depth, key: &key })?;
            if let ("max", Seen::Number(number)) = (key.as_str(), seen) {
                largest = Some(number);
            }
            if let Some(key) = keys.replace(key) {
                return Err(A::Error::custom(format_args!("the key `{key}` is there twice")));
            }
        }
        // A histogram takes 4 bytes a bucket up to its largest value.
        if let Some(largest) = largest.filter(|_| keys.contains("histogram")) {
            let bytes = u64::from(bucket::index_of(largest.min(bucket::LARGEST)) + 1) * 4;
            let left = self.left.histograms.checked_sub(bytes);
            self.left.histograms = left.ok_or_else(|| A::Error::custom("more histograms than a run has"))?;
        }
        Ok(Seen::Other)
    }
}
