//! Bodies: encoded, large, in pieces, slow.

use std::io::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

fn encoded(encoding: &'static str, encode: impl FnOnce(&[u8]) -> std::io::Result<Vec<u8>>) -> Response {
    let plain = json!({ "encoding": encoding, "filler": "x".repeat(500) }).to_string();
    match encode(plain.as_bytes()) {
        Ok(bytes) => {
            let headers = [(header::CONTENT_ENCODING, encoding), (header::CONTENT_TYPE, "application/json")];
            (headers, bytes).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Gzip, as a file would have it.
pub fn gzipped(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// `/gzip`
pub async fn gzip() -> Response {
    encoded("gzip", gzipped)
}

/// `/deflate`: with zlib's wrapper, as RFC 9110 means it.
pub async fn deflate() -> Response {
    encoded("deflate", |plain| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(plain)?;
        encoder.finish()
    })
}

/// `/brotli`
pub async fn brotli() -> Response {
    encoded("br", |mut plain| {
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut plain, &mut out, &brotli::enc::BrotliEncoderParams::default())?;
        Ok(out)
    })
}

/// `/zstd`
pub async fn zstd() -> Response {
    encoded("zstd", |plain| zstd::encode_all(plain, 3))
}

/// `/decoded`: what the request's body was before it was encoded, by its `content-encoding` (of one or two).
pub async fn decoded(headers: HeaderMap, body: Bytes) -> Response {
    let encodings = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut bytes = body.to_vec();
    for encoding in encodings.split(',').map(str::trim).rev() {
        match decode(encoding, &bytes) {
            Ok(decoded) => bytes = decoded,
            Err(error) => return (StatusCode::BAD_REQUEST, format!("{encoding}: {error}")).into_response(),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    axum::Json(json!({ "encoding": encodings, "received": body.len(), "body": text })).into_response()
}

fn decode(encoding: &str, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut out = Vec::new();
    match encoding {
        "" => out.extend_from_slice(bytes),
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out)?),
        "deflate" => drop(flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut out)?),
        "br" => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out)?),
        "zstd" => out = zstd::decode_all(bytes)?,
        _ => return Err(std::io::Error::other("no such encoding")),
    }
    Ok(out)
}

/// `/bytes/{n}`: 0, 1, 2 … 255, 0 …
pub async fn bytes(Path(n): Path<usize>) -> Response {
    let body: Vec<u8> = (0..n.min(1 << 20)).map(|i| i as u8).collect();
    ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
}

/// `/big/{n}`: n times `x`.
pub async fn big(Path(n): Path<usize>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], "x".repeat(n.min(32 << 20))).into_response()
}

/// `/stream/{n}`: n lines, a chunk each.
pub async fn stream(Path(n): Path<usize>) -> Response {
    let lines = (0..n.min(1_000)).map(|i| Ok::<_, std::io::Error>(format!("line {i}\n")));
    Body::from_stream(stream::iter(lines)).into_response()
}

/// `/slow-body`: the head at once, ten pieces over a second.
pub async fn slow() -> Response {
    let pieces = stream::unfold(0, |i| async move {
        if i == 10 {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok::<_, std::io::Error>("piece "), i + 1))
    });
    Body::from_stream(pieces).into_response()
}
