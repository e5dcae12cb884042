//! Redirects: in chains, absolute or relative, with any status.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::echo::{host, query};

fn redirect(status: StatusCode, location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (status, [(header::LOCATION, location)], "elsewhere").into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// `/redirect/{n}`: n redirects with absolute URLs, then `/get`.
pub async fn chain(Path(n): Path<u32>, headers: HeaderMap, uri: Uri) -> Response {
    let host = host(&headers, &uri);
    match n {
        0 | 1 => redirect(StatusCode::FOUND, &format!("http://{host}/get")),
        _ => redirect(StatusCode::FOUND, &format!("http://{host}/redirect/{}", n - 1)),
    }
}

/// `/relative-redirect/{n}`: n redirects with relative URLs, then `/get`.
pub async fn relative_chain(Path(n): Path<u32>) -> Response {
    match n {
        0 | 1 => redirect(StatusCode::FOUND, "../get"),
        _ => redirect(StatusCode::FOUND, &(n - 1).to_string()),
    }
}

/// `/redirect-to?url=…&status_code=302`
pub async fn to(uri: Uri) -> Response {
    let (mut location, mut status) = (String::new(), StatusCode::FOUND);
    for (name, value) in query(&uri) {
        match name.as_str() {
            "url" => location = value,
            "status_code" => {
                status = value.parse().ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(status)
            }
            _ => {}
        }
    }
    redirect(status, &location)
}
