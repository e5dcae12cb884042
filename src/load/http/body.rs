//! The body of an answer: collected as it comes, then decoded, both within the size limit.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::headers::Headers;

/// zstd may ask for a window of its choice; 8 MiB is the most that HTTP allows (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

const BROTLI_BUFFER: usize = 4096;

/// A server may say more than it sends: memory for so many bytes at most is set aside on its word.
const MOST_EXPECTED: u64 = 1024 * 1024;

/// Keeps the bytes of a body until there are too many, then only counts.
#[derive(Debug)]
pub(super) struct Collector {
    limit: usize,
    received: u64,
    kept: Vec<u8>,
}

impl Collector {
    pub fn new(limit: usize) -> Collector {
        Collector { limit, received: 0, kept: Vec::new() }
    }

    /// So many bytes will come, the server says.
    pub fn expect(&mut self, length: u64) {
        if length <= (self.limit as u64).min(MOST_EXPECTED) {
            self.kept.reserve_exact(length as usize);
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.received += bytes.len() as u64;
        if self.is_over() {
            self.kept = Vec::new();
        } else {
            self.kept.extend_from_slice(bytes);
        }
    }

    /// Bytes so far, encoded as they came.
    pub fn received(&self) -> u64 {
        self.received
    }

    fn is_over(&self) -> bool {
        self.received > self.limit as u64
    }

    /// The decoded body; none where it is over the limit. Fails where it is not what `content-encoding` says.
    pub fn finish(self, headers: &Headers) -> io::Result<Option<Bytes>> {
        if self.is_over() {
            return Ok(None);
        }
        let body = Bytes::from(self.kept);
        if body.is_empty() || !headers.noted().content_encoding {
            return Ok(Some(body));
        }
        decode(body, headers, self.limit)
    }
}

/// Undoes the encodings, the last one first. Each step is bounded, so that a small body can't unfold without end. From the
/// first unknown encoding on, the body is left as it is, like in k6.
fn decode(mut body: Bytes, headers: &HeaderMap, limit: usize) -> io::Result<Option<Bytes>> {
    let names: Vec<&str> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .collect();
    for name in names.into_iter().rev() {
        let Some(encoding) = Encoding::named(name) else { break };
        let decoded = encoding.decode(&body, limit).map_err(|error| {
            io::Error::new(error.kind(), format!("the body is not what content-encoding `{name}` says: {error}"))
        })?;
        match decoded {
            Some(decoded) => body = decoded,
            None => return Ok(None),
        }
    }
    Ok(Some(body))
}

#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    fn named(name: &str) -> Option<Encoding> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Encoding::Gzip),
            "deflate" => Some(Encoding::Deflate),
            "br" => Some(Encoding::Brotli),
            "zstd" => Some(Encoding::Zstd),
            _ => None,
        }
    }

    /// None where the decoded body would be over the limit.
    fn decode(self, body: &[u8], limit: usize) -> io::Result<Option<Bytes>> {
        match self {
            Encoding::Gzip => read_bounded(MultiGzDecoder::new(body), limit),
            // The standard says zlib, but some servers send the bare format.
            Encoding::Deflate if is_zlib(body) => read_bounded(ZlibDecoder::new(body), limit),
            Encoding::Deflate => read_bounded(DeflateDecoder::new(body), limit),
            Encoding::Brotli => read_bounded(brotli::Decompressor::new(body, BROTLI_BUFFER), limit),
            Encoding::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                read_bounded(decoder, limit)
            }
        }
    }
}

fn read_bounded(decoder: impl Read, limit: usize) -> io::Result<Option<Bytes>> {
    let mut decoded = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut decoded)?;
    Ok((decoded.len() <= limit).then(|| decoded.into()))
}

/// The two bytes of a zlib header (RFC 1950): deflate, and a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn encode(name: &str, body: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match name {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
            "deflate" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
            "raw deflate" => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
            "br" => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
                encoder.write_all(body).unwrap();
                encoder.into_inner()
            }
            "zstd" => zstd::encode_all(body, 3).unwrap(),
            other => panic!("{other}"),
        }
    }

    fn finish(encodings: &str, limit: usize, chunks: &[&[u8]]) -> io::Result<Option<Bytes>> {
        let mut headers = HeaderMap::new();
        if !encodings.is_empty() {
            headers.insert(CONTENT_ENCODING, encodings.parse().unwrap());
        }
        let mut collector = Collector::new(limit);
        for chunk in chunks {
            collector.push(chunk);
        }
        collector.finish(&headers.into())
    }

    #[test]
    fn every_encoding_is_undone_and_its_damage_noticed() {
        let body = "seat 12, seat 13, seat 14; ".repeat(400).into_bytes();
        for (sent_as, said) in [
            ("gzip", "gzip"),
            ("gzip", "X-GZIP"),
            ("deflate", "deflate"),
            ("raw deflate", "deflate"),
            ("br", "br"),
            ("zstd", "zstd"),
        ] {
            let encoded = encode(sent_as, &body);
            assert_eq!(finish(said, 1 << 20, &[&encoded]).unwrap().unwrap(), body, "{sent_as} as {said}");
            let (head, tail) = encoded.split_at(encoded.len() / 2);
            assert_eq!(finish(said, 1 << 20, &[head, tail]).unwrap().unwrap(), body, "{sent_as} in two chunks");
            assert_eq!(finish(said, body.len() - 1, &[&encoded]).unwrap(), None, "{sent_as} over the limit");
            assert_eq!(finish(said, body.len(), &[&encoded]).unwrap().unwrap(), body, "{sent_as} at the limit");
            let error = finish(said, 1 << 20, &[head]).expect_err(sent_as);
            assert!(error.to_string().starts_with("the body is not what content-encoding `"), "{error}");
            assert!(finish(said, 1 << 20, &[b"plain text"]).is_err(), "{said}: plain text");
            assert_eq!(finish(said, 1 << 20, &[]).unwrap().unwrap(), "", "{said}: an empty body is left alone");
        }
    }

    #[test]
    fn stacked_encodings_are_undone_in_turn_and_unknown_ones_left() {
        let body = b"concert".repeat(50);
        let stacked = encode("br", &encode("gzip", &body));
        assert_eq!(finish("gzip, identity, br", 1 << 20, &[&stacked]).unwrap().unwrap(), body);
        let inner = encode("gzip", &body);
        assert_eq!(finish("rot13, gzip", 1 << 20, &[&inner]).unwrap().unwrap(), body);
        assert_eq!(finish("gzip, rot13", 1 << 20, &[&inner]).unwrap().unwrap(), inner);
        assert_eq!(finish("", 1 << 20, &[&inner]).unwrap().unwrap(), inner);
    }

    #[test]
    fn a_bomb_is_bounded_at_every_layer() {
        let limit = 64 * 1024;
        let zeros = vec![0; 50 << 20];
        for name in ["gzip", "deflate", "br", "zstd"] {
            let bomb = encode(name, &zeros);
            assert!(bomb.len() < limit, "{name}: {}", bomb.len());
            assert_eq!(finish(name, limit, &[&bomb]).unwrap(), None, "{name}");
            let double = encode("gzip", &bomb);
            assert_eq!(finish(&format!("{name}, gzip"), limit, &[&double]).unwrap(), None, "gzip of {name}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_counted_and_not_kept() {
        let mut collector = Collector::new(10);
        for _ in 0..1000 {
            collector.push(b"123456");
        }
        assert_eq!(collector.received(), 6000);
        assert_eq!(collector.finish(&Headers::default()).unwrap(), None);
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_or_a_body_never_a_panic(
            garbage in proptest::collection::vec(any::<u8>(), 0..200),
            name in proptest::sample::select(vec!["gzip", "deflate", "br", "zstd"]),
        ) {
            if let Ok(Some(body)) = finish(name, 1000, &[&garbage]) {
                prop_assert!(body.len() <= 1000);
            }
        }
    }
}
