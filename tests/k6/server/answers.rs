//! Answers without a history: statuses, headers, documents.

use std::time::Duration;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::echo::query;

/// The smallest GIF: one transparent pixel.
const IMAGE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00\
    ,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;";

/// `/status/{code}`: that status, and a short body where one may be.
pub async fn status(Path(code): Path<u16>) -> Response {
    match StatusCode::from_u16(code) {
        Ok(status) if code == 204 || code == 304 => status.into_response(),
        Ok(status) => (status, format!("status {code}")).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "no such status").into_response(),
    }
}

/// `/delay/{ms}`: answers late.
pub async fn delay(Path(ms): Path<u64>) -> Response {
    tokio::time::sleep(Duration::from_millis(ms.min(10_000))).await;
    axum::Json(json!({ "delayed": ms })).into_response()
}

/// `/response-headers?X-A=1&X-A=2`: these headers, in this order.
pub async fn response_headers(uri: Uri) -> Response {
    let mut response = axum::Json(json!({ "ok": true })).into_response();
    for (name, value) in query(&uri) {
        let parsed = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(name), Ok(value)) = parsed else { return StatusCode::BAD_REQUEST.into_response() };
        if name == header::CONTENT_TYPE {
            response.headers_mut().insert(name, value);
        } else {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// `OPTIONS /options`
pub async fn options() -> Response {
    let allowed = [(header::ALLOW, "GET, POST, OPTIONS")];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// `/json`: nested data.
pub async fn json() -> Response {
    axum::Json(json!({
        "shop": {
            "name": "Corner",
            "open": true,
            "closed": null,
            "rating": 4.5,
            "founded": 1987,
            "owner": { "first": "Ada", "last": "Byron" },
            "items": [
                { "id": 1, "name": "apple", "price": 0.5, "tags": ["fruit", "red"] },
                { "id": 2, "name": "bread", "price": 3.0, "tags": ["bakery"] },
                { "id": 3, "name": "cherry", "price": 7.25, "tags": ["fruit", "red", "small"] },
                { "id": 4, "name": "dill", "price": 1.0, "tags": [] },
            ],
            "a.dotted": "key",
            "greeting": "Grüße 🌍",
        },
        "numbers": [10, 20, 30],
        "empty": {},
    }))
    .into_response()
}

/// `/html`: links, forms, a table and what a parser has to take as it comes.
pub async fn html() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("page.html")).into_response()
}

/// `/text`: plain text beyond ASCII.
pub async fn text() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "Grüße, 世界 🌍").into_response()
}

/// `/latin1`: bytes that are no UTF-8.
pub async fn latin1() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=iso-8859-1")], b"caf\xe9".to_vec()).into_response()
}

/// `/image`
pub async fn image() -> Response {
    ([(header::CONTENT_TYPE, "image/gif")], IMAGE).into_response()
}

/// `/cache-etag`: 304 to who has it.
pub async fn cache_etag(headers: HeaderMap) -> Response {
    let etag = [(header::ETAG, "\"v1\"")];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == "\"v1\"") {
        return (StatusCode::NOT_MODIFIED, etag).into_response();
    }
    (etag, "fresh").into_response()
}
