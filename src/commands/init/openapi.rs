//! The requests of an OpenAPI description that can be sent as they are.

use serde_json::Value;

/// Steps of the first plan: enough to see how it goes on.
const MOST_PATHS: usize = 10;

/// Paths that tell whether a service is ready, the usual names.
const READY: [&str; 9] =
    ["/health", "/healthz", "/readyz", "/ready", "/livez", "/api/health", "/actuator/health", "/up", "/status"];

/// What an API can be asked without knowing anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Api {
    /// The path that tells whether it is ready, if it has one of the usual name.
    pub ready: Option<String>,
    /// GET paths without parameters that must be given, in the file's order, base path included.
    pub paths: Vec<String>,
    /// GET paths that were left out, for they need parameters or are too many.
    pub left_out: usize,
}

/// Reads an OpenAPI 3 or Swagger 2 description.
///
/// # Errors
/// It has no `paths`.
pub fn read(description: &Value) -> Result<Api, String> {
    let paths = description.get("paths").and_then(Value::as_object).ok_or("it has no `paths`")?;
    let base = base_path(description);
    let mut api = Api::default();
    for (path, item) in paths {
        let Some(get) = item.get("get") else { continue };
        let usable =
            path.starts_with('/') && path.chars().all(plain) && !needs_parameters(item) && !needs_parameters(get);
        let whole = format!("{base}{path}");
        if !usable {
            api.left_out += 1;
        } else if api.ready.is_none() && READY.contains(&path.trim_end_matches('/')) {
            api.ready = Some(whole);
        } else if api.paths.len() < MOST_PATHS {
            api.paths.push(whole);
        } else {
            api.left_out += 1;
        }
    }
    Ok(api)
}

/// Characters that a path has literally: `{id}` is a parameter, and anything else would have to be encoded.
fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c)
}

/// Parameters that a request can't do without. One behind a `$ref` may be one of them.
fn needs_parameters(holder: &Value) -> bool {
    let Some(parameters) = holder.get("parameters").and_then(Value::as_array) else { return false };
    parameters.iter().any(|parameter| {
        parameter.get("$ref").is_some() || parameter.get("required").and_then(Value::as_bool) == Some(true)
    })
}

/// The path in front of all paths: of the first server, or Swagger's `basePath`; without a slash at the end.
fn base_path(description: &Value) -> String {
    let server = description.pointer("/servers/0/url").and_then(Value::as_str);
    let base = match server {
        Some(url) => match url.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
            None => url,
        },
        None => description.get("basePath").and_then(Value::as_str).unwrap_or_default(),
    };
    let base = base.trim_end_matches('/');
    // A base with variables can't be known.
    if base.starts_with('/') && base.chars().all(plain) { base.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_that_need_nothing_are_taken() {
        let api = read(&json!({
            "openapi": "3.1.0",
            "servers": [{ "url": "https://example.com/api/v1/" }],
            "paths": {
                "/health": { "get": {} },
                "/concerts": { "get": { "parameters": [{ "name": "page", "in": "query" }] }, "post": {} },
                "/concerts/{id}": { "get": {} },
                "/search": { "get": { "parameters": [{ "name": "q", "in": "query", "required": true }] } },
                "/me": { "parameters": [{ "$ref": "#/components/parameters/User" }], "get": {} },
                "/orders": { "post": {} },
                "/a b": { "get": {} },
            },
        }));
        assert_eq!(
            api,
            Ok(Api { ready: Some("/api/v1/health".into()), paths: vec!["/api/v1/concerts".into()], left_out: 4 })
        );
    }

    #[test]
    fn the_base_path_of_either_version() {
        for (description, expected) in [
            (json!({}), ""),
            (json!({ "basePath": "/v2" }), "/v2"),
            (json!({ "basePath": "/" }), ""),
            (json!({ "servers": [{ "url": "/v3" }] }), "/v3"),
            (json!({ "servers": [{ "url": "https://example.com" }] }), ""),
            (json!({ "servers": [{ "url": "https://example.com/{stage}" }] }), ""),
        ] {
            assert_eq!(base_path(&description), expected, "{description}");
        }
    }

    #[test]
    fn ten_paths_are_enough() {
        let paths: serde_json::Map<String, Value> = (0..14).map(|n| (format!("/p{n}"), json!({ "get": {} }))).collect();
        let api = read(&json!({ "paths": paths })).expect("paths");
        assert_eq!((api.paths.len(), api.left_out), (10, 4));
    }

    #[test]
    fn something_else_is_refused() {
        assert_eq!(read(&json!({ "name": "x" })), Err("it has no `paths`".to_owned()));
    }
}
