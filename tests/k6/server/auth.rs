//! Who may come in, by RFC 7617 and RFC 7616 with MD5.

use std::collections::HashMap;

use axum::extract::Path;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use md5::{Digest, Md5};
use serde_json::json;

const REALM: &str = "tests";
const NONCE: &str = "a1b2c3d4e5f6";

fn welcome(user: &str) -> Response {
    axum::Json(json!({ "authenticated": true, "user": user })).into_response()
}

fn refuse(challenge: String) -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], "who are you?").into_response()
}

/// `/basic-auth/{user}/{password}`
pub async fn basic(Path((user, password)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let expected = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given == Some(&format!("Basic {expected}")) {
        welcome(&user)
    } else {
        refuse(format!("Basic realm=\"{REALM}\""))
    }
}

/// `/digest-auth/{qop}/{user}/{password}`
pub async fn digest(
    method: Method,
    Path((qop, user, password)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|given| given.strip_prefix("Digest ")).is_some_and(|given| {
        let fields = fields(given);
        let field = |name: &str| fields.get(name).map_or("", |value| value);
        let known = hex(&format!("{user}:{REALM}:{password}"));
        let asked = hex(&format!("{method}:{}", field("uri")));
        let middle = format!("{NONCE}:{}:{}:{}", field("nc"), field("cnonce"), field("qop"));
        field("username") == user && field("response") == hex(&format!("{known}:{middle}:{asked}"))
    }) {
        return welcome(&user);
    }
    refuse(format!("Digest realm=\"{REALM}\", qop=\"{qop}\", nonce=\"{NONCE}\", algorithm=MD5, opaque=\"0p4que\""))
}

fn fields(list: &str) -> HashMap<&str, String> {
    let pairs = list.split(',').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| (name, value.trim_matches('"').to_owned())).collect()
}

fn hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
