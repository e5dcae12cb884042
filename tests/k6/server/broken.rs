//! Answers that don't come whole.

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::bodies::gzipped;
use super::door::Cut;

/// `/close`: closes the connection instead of an answer.
pub async fn close(ConnectInfo(cut): ConnectInfo<Cut>) -> Response {
    cut.close();
    "never sent".into_response()
}

/// `/reset`: resets the connection instead of an answer.
pub async fn reset(ConnectInfo(cut): ConnectInfo<Cut>) -> Response {
    cut.reset();
    "never sent".into_response()
}

/// `/close-in-body`: 10 bytes of 100.
pub async fn close_in_body() -> Response {
    let pieces = stream::unfold(0, |i| async move {
        match i {
            0 => Some((Ok(Bytes::from_static(b"ten bytes.")), 1)),
            _ => {
                // Let what is written already leave before the connection ends.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Some((Err(std::io::Error::other("cut")), 2))
            }
        }
    });
    ([(header::CONTENT_LENGTH, "100")], Body::from_stream(pieces)).into_response()
}

/// `/bad-gzip`: says gzip, is something else.
pub async fn bad_gzip() -> Response {
    let mut bytes = gzipped(b"something").unwrap_or_default();
    bytes.iter_mut().take(2).for_each(|byte| *byte = b'?');
    ([(header::CONTENT_ENCODING, "gzip")], bytes).into_response()
}
