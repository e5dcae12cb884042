//! Says what was asked: `/anything` and its like.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::door::Cut;

/// Values by name, in the order of their coming.
pub fn lists<N: AsRef<str>, V: Into<Value>>(pairs: impl IntoIterator<Item = (N, V)>) -> Value {
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in pairs {
        lists.entry(name.as_ref().to_owned()).or_default().push(value.into());
    }
    lists.into_iter().map(|(name, values)| (name, Value::from(values))).collect::<Map<_, _>>().into()
}

/// The query's values by name.
pub fn query(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn header_lists(headers: &HeaderMap) -> Value {
    lists(headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())))
}

/// The host that was asked for: HTTP/2 has it in the URI.
pub fn host(headers: &HeaderMap, uri: &Uri) -> String {
    let header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    header.or(uri.host()).unwrap_or_default().to_owned()
}

/// `GET /anything`: everything that was received.
pub async fn echo(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match axum::body::to_bytes(body, 64 << 20).await {
        Ok(body) => body,
        Err(error) => return (axum::http::StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (form, files) = form(content_type, &body).await;
    let mut echoed = json!({
        "method": head.method.as_str(),
        "host": host(&head.headers, &head.uri),
        "path": head.uri.path(),
        "query": head.uri.query().unwrap_or_default(),
        "args": lists(query(&head.uri)),
        "headers": header_lists(&head.headers),
        "body": String::from_utf8_lossy(&body),
        "size": body.len(),
        "json": serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null),
        "form": form,
        "files": files,
    });
    if head.method == Method::POST || head.method == Method::PUT {
        echoed["hex"] = body.iter().take(64).map(|byte| format!("{byte:02x}")).collect::<String>().into();
    }
    axum::Json(echoed).into_response()
}

async fn form(content_type: &str, body: &Bytes) -> (Value, Value) {
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return (lists(url::form_urlencoded::parse(body).into_owned()), json!({}));
    }
    let Ok(boundary) = multer::parse_boundary(content_type) else { return (json!({}), json!({})) };
    let mut parts = multer::Multipart::new(Body::from(body.clone()).into_data_stream(), boundary);
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Ok(Some(part)) = parts.next_field().await {
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        let Ok(bytes) = part.bytes().await else { break };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match filename {
            None => fields.push((name, text)),
            Some(filename) => {
                let size = bytes.len();
                let file = json!({"filename": filename, "content_type": content_type, "size": size, "body": text});
                files.push((name, file));
            }
        }
    }
    (lists(fields), lists(files))
}

/// `GET /headers`
pub async fn headers(headers: HeaderMap) -> Response {
    axum::Json(json!({ "headers": header_lists(&headers) })).into_response()
}

/// `GET /user-agent`
pub async fn user_agent(headers: HeaderMap) -> Response {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    axum::Json(json!({ "user-agent": agent })).into_response()
}

/// `GET /ip`: the client's address and port, so that a script can tell connections apart.
pub async fn ip(ConnectInfo(cut): ConnectInfo<Cut>) -> Response {
    axum::Json(json!({ "origin": cut.peer.ip().to_string(), "port": cut.peer.port() })).into_response()
}
