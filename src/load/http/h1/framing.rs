//! Where an HTTP/1.1 body ends (RFC 9112, sections 6 and 7).

/// How a body is told from what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    /// The end of the connection is the end of the body.
    UntilClose,
}

/// Most bytes that extensions of one chunk, or all trailers, may have.
const MOST_OVERHEAD: u32 = 64 * 1024;

/// Takes a body out of its framing, however its bytes are cut into reads.
#[derive(Debug)]
pub(super) enum Decoder {
    /// So many bytes are left.
    Length(u64),
    Chunked {
        at: Chunked,
        overhead: u32,
    },
    UntilClose,
}

/// What the next byte of a chunked body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunked {
    /// A digit of a size; how many there were, and their value.
    Size {
        digits: u8,
        size: u64,
    },
    Extension {
        size: u64,
    },
    SizeLineFeed {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataReturn,
    DataLineFeed,
    /// The first byte of a trailer line.
    Trailer,
    TrailerLine,
    TrailerLineFeed,
    EndLineFeed,
    End,
}

/// What became of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// How many belonged to the body. Fewer than there were only if it is complete.
    pub consumed: usize,
    pub complete: bool,
}

impl Decoder {
    pub fn new(framing: Framing) -> Decoder {
        match framing {
            Framing::Length(length) => Decoder::Length(length),
            Framing::Chunked => Decoder::Chunked { at: Chunked::Size { digits: 0, size: 0 }, overhead: 0 },
            Framing::UntilClose => Decoder::UntilClose,
        }
    }

    /// Reads on; what is the body's own goes to `keep`.
    ///
    /// # Errors
    /// The framing is no valid HTTP, and why.
    pub fn decode(&mut self, bytes: &[u8], keep: &mut impl FnMut(&[u8])) -> Result<Decoded, &'static str> {
        match self {
            Decoder::UntilClose => {
                keep(bytes);
                Ok(Decoded { consumed: bytes.len(), complete: false })
            }
            Decoder::Length(left) => {
                let consumed = prefix(bytes, *left);
                keep(&bytes[..consumed]);
                *left -= consumed as u64;
                Ok(Decoded { consumed, complete: *left == 0 })
            }
            Decoder::Chunked { at, overhead } => decode_chunked(at, overhead, bytes, keep),
        }
    }
}

/// How many of the bytes are among the next `left`.
fn prefix(bytes: &[u8], left: u64) -> usize {
    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
}

fn decode_chunked(
    at: &mut Chunked,
    overhead: &mut u32,
    bytes: &[u8],
    keep: &mut impl FnMut(&[u8]),
) -> Result<Decoded, &'static str> {
    let mut consumed = 0;
    while consumed < bytes.len() && *at != Chunked::End {
        if let Chunked::Data { left } = at {
            let data = prefix(&bytes[consumed..], *left);
            keep(&bytes[consumed..consumed + data]);
            consumed += data;
            *left -= data as u64;
            if *left == 0 {
                (*at, *overhead) = (Chunked::DataReturn, 0);
            }
            continue;
        }
        *at = at.after(bytes[consumed])?;
        consumed += 1;
        *overhead += 1;
        if *overhead > MOST_OVERHEAD {
            return Err("a chunk's extensions, or the trailers, have no end");
        }
    }
    Ok(Decoded { consumed, complete: *at == Chunked::End })
}

impl Chunked {
    /// The state after a byte that is no data.
    fn after(self, byte: u8) -> Result<Chunked, &'static str> {
        use Chunked::*;
        Ok(match (self, byte) {
            (Size { digits, size }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                // 16 digits fill 64 bits.
                if digits == 16 {
                    return Err("a chunk's size has too many digits");
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                Size { digits: digits + 1, size: size << 4 | u64::from(digit) }
            }
            (Size { digits: 0, .. }, _) => return Err("a chunk has no size"),
            (Size { size, .. }, b'\r') => SizeLineFeed { size },
            (Size { size, .. }, b';' | b' ' | b'\t') => Extension { size },
            (Size { .. }, _) => return Err("a chunk's size is no hexadecimal number"),
            (Extension { size }, b'\r') => SizeLineFeed { size },
            (Extension { .. }, b'\n') => return Err("a chunk's extension has a bare line feed"),
            (Extension { size }, _) => Extension { size },
            (SizeLineFeed { size: 0 }, b'\n') => Trailer,
            (SizeLineFeed { size }, b'\n') => Data { left: size },
            (SizeLineFeed { .. }, _) => return Err("a chunk's size does not end with a line"),
            (DataReturn, b'\r') => DataLineFeed,
            (DataLineFeed, b'\n') => Size { digits: 0, size: 0 },
            (DataReturn | DataLineFeed, _) => return Err("a chunk is longer than its size"),
            (Trailer, b'\r') => EndLineFeed,
            (Trailer | TrailerLine, b'\n') => return Err("a trailer has a bare line feed"),
            (TrailerLine, b'\r') => TrailerLineFeed,
            (Trailer | TrailerLine, _) => TrailerLine,
            (TrailerLineFeed, b'\n') => Trailer,
            (EndLineFeed, b'\n') => End,
            (TrailerLineFeed | EndLineFeed, _) => return Err("a trailer does not end with a line"),
            (Data { .. } | End, _) => self,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The body, what is left over, and whether it was complete; or what is wrong. Cut into reads of `step` bytes.
    fn decoded(framing: Framing, bytes: &[u8], step: usize) -> String {
        let (mut decoder, mut body, mut rest) = (Decoder::new(framing), Vec::new(), Vec::new());
        let mut complete = framing == Framing::Length(0);
        for part in bytes.chunks(step) {
            if complete {
                rest.extend_from_slice(part);
                continue;
            }
            match decoder.decode(part, &mut |data| body.extend_from_slice(data)) {
                Ok(decoded) => {
                    assert!(decoded.complete || decoded.consumed == part.len());
                    rest.extend_from_slice(&part[decoded.consumed..]);
                    complete = decoded.complete;
                }
                Err(error) => return error.to_owned(),
            }
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        format!("{}{}{}", text(&body), if complete { "." } else { "…" }, text(&rest))
    }

    /// Bytes (`|` is a line's end), and what is read: the body, `.` if it was complete, and what follows it.
    #[test]
    fn bodies_end_where_their_framing_says() {
        use Framing::{Chunked, Length, UntilClose};
        for (framing, bytes, expected) in [
            (Length(4), "seat", "seat."),
            (Length(4), "seats", "seat.s"),
            (Length(9), "seat", "seat…"),
            (Length(u64::MAX), "seat", "seat…"),
            (Length(0), "seat", ".seat"),
            (UntilClose, "seat", "seat…"),
            (Chunked, "4|seat|0||", "seat."),
            (Chunked, "4|seat|0||next", "seat.next"),
            (Chunked, "2|se|02;x=y|at|0;z|a: b|c: d||", "seat."),
            (Chunked, "A |0123456789|0||", "0123456789."),
            (Chunked, "4|seat|", "seat…"),
            (Chunked, "4|seats", "a chunk is longer than its size"),
            (Chunked, "seat", "a chunk has no size"),
            (Chunked, "|", "a chunk has no size"),
            (Chunked, "-1|", "a chunk has no size"),
            (Chunked, "4x|", "a chunk's size is no hexadecimal number"),
            (Chunked, "4\nseat", "a chunk's size is no hexadecimal number"),
            (Chunked, "ffffffffffffffff|x", "x…"),
            (Chunked, "0ffffffffffffffff|", "a chunk's size has too many digits"),
            (Chunked, "0|a: b\rc", "a trailer does not end with a line"),
        ] {
            let bytes = bytes.replace('|', "\r\n");
            for step in 1..=bytes.len() {
                assert_eq!(decoded(framing, bytes.as_bytes(), step), expected, "{bytes:?} in reads of {step}");
            }
        }
    }

    #[test]
    fn what_is_no_body_is_bounded() {
        for start in ["4;", "0\r\nx: "] {
            let bytes = [start.as_bytes(), &[b'x'; 70_000]].concat();
            let expected = "a chunk's extensions, or the trailers, have no end";
            assert_eq!(decoded(Framing::Chunked, &bytes, 1000), expected);
        }
    }

    proptest! {
        #[test]
        fn chunks_are_put_together_however_they_are_read(
            chunks in vec(vec(any::<u8>(), 1..50), 0..8), step in 1usize..40, rest in vec(any::<u8>(), 0..5),
        ) {
            let mut bytes = Vec::new();
            for chunk in &chunks {
                bytes.extend(format!("{:X}\r\n", chunk.len()).bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
            bytes.extend_from_slice(&rest);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let expected = format!("{}.{}", text(&chunks.concat()), text(&rest));
            prop_assert_eq!(decoded(Framing::Chunked, &bytes, step), expected);
        }
    }
}
