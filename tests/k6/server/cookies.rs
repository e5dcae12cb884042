//! Cookies that come and go.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::echo::query;

/// `/cookies`: those that were sent, the first of each name.
pub async fn list(headers: HeaderMap) -> Response {
    let mut cookies = Map::new();
    let mut raw = Vec::new();
    for line in headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()) {
        raw.push(Value::from(line));
        for (name, value) in line.split("; ").filter_map(|pair| pair.split_once('=')) {
            cookies.entry(name).or_insert(value.into());
        }
    }
    axum::Json(json!({ "cookies": cookies, "raw": raw })).into_response()
}

fn answer(lines: Vec<String>) -> Response {
    let headers: Vec<_> = lines.into_iter().map(|line| (header::SET_COOKIE, line)).collect();
    (AppendHeaders(headers), axum::Json(json!({ "ok": true }))).into_response()
}

/// `/cookies/set?a=1&b=2`
pub async fn set(uri: Uri) -> Response {
    answer(query(&uri).into_iter().map(|(name, value)| format!("{name}={value}; Path=/")).collect())
}

/// `/cookies/set-detailed?name=a&value=1&path=/x&domain=d&max-age=5&expires=…&secure=1&httponly=1&samesite=Lax`
pub async fn set_detailed(uri: Uri) -> Response {
    let (mut name, mut value, mut rest) = (String::new(), String::new(), String::new());
    for (key, given) in query(&uri) {
        match key.as_str() {
            "name" => name = given,
            "value" => value = given,
            "secure" | "httponly" => rest += &format!("; {key}"),
            _ => rest += &format!("; {key}={given}"),
        }
    }
    answer(vec![format!("{name}={value}{rest}")])
}

/// `/cookies/set-and-redirect?a=1`: to `/cookies`.
pub async fn set_and_redirect(uri: Uri) -> Response {
    let mut response = set(uri).await;
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/cookies"));
    response
}

/// `/cookies/delete?a`: expires them.
pub async fn delete(uri: Uri) -> Response {
    let names = query(&uri).into_iter();
    answer(
        names.map(|(name, _)| format!("{name}=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:01 GMT")).collect(),
    )
}
