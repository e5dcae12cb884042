//! What a request sends, as bytes.

use bytes::Bytes;
use minijinja::Value;
use url::form_urlencoded;

use crate::plan::expression::EvaluationError;
use crate::plan::step::{Body, Part, PartContent};

/// The content type of a body, where its kind says so.
pub(super) fn content_type(body: &Body) -> Option<String> {
    match body {
        Body::Json(_) => Some("application/json".to_owned()),
        Body::Form(_) => Some("application/x-www-form-urlencoded".to_owned()),
        // The boundary depends on the content.
        Body::Multipart(_) | Body::Raw(_) | Body::Bytes(_) => None,
    }
}

/// A body and, for a multipart one, its content type with the boundary.
pub(super) struct Encoded {
    pub(super) bytes: Bytes,
    pub(super) content_type: Option<String>,
}

impl From<Bytes> for Encoded {
    fn from(bytes: Bytes) -> Self {
        Encoded { bytes, content_type: None }
    }
}

/// Whether the body is the same in every scope.
pub(super) fn is_constant(body: &Body) -> bool {
    match body {
        Body::Json(value) => value.constant().is_some(),
        Body::Form(fields) => fields.iter().all(|(_, value)| value.constant().is_some()),
        Body::Multipart(parts) => parts.iter().all(|part| match &part.content {
            PartContent::Text(text) => text.constant().is_some(),
            PartContent::Bytes(_) => true,
        }),
        Body::Raw(text) => text.constant().is_some(),
        Body::Bytes(_) => true,
    }
}

/// The body in a scope.
pub(super) fn encode(body: &Body, scope: &Value) -> Result<Encoded, EvaluationError> {
    let mut text = String::new();
    match body {
        Body::Json(value) => value.render_json(scope, &mut text)?,
        Body::Form(fields) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                text.clear();
                value.render(scope, &mut text)?;
                form.append_pair(name, &text);
            }
            text = form.finish();
        }
        Body::Multipart(parts) => return multipart(parts, scope),
        Body::Raw(template) => template.render(scope, &mut text)?,
        Body::Bytes(bytes) => return Ok(bytes.clone().into()),
    }
    Ok(Bytes::from(text).into())
}

/// `multipart/form-data`, by RFC 7578.
fn multipart(parts: &[Part], scope: &Value) -> Result<Encoded, EvaluationError> {
    let mut contents = Vec::with_capacity(parts.len());
    for part in parts {
        contents.push(match &part.content {
            PartContent::Bytes(bytes) => bytes.clone(),
            PartContent::Text(template) => {
                let mut text = String::new();
                template.render(scope, &mut text)?;
                Bytes::from(text)
            }
        });
    }
    let boundary = boundary(&contents);
    let mut out = Vec::new();
    for (part, content) in parts.iter().zip(&contents) {
        out.extend_from_slice(format!("--{boundary}\r\n{}\r\n\r\n", part_headers(part)).as_bytes());
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let content_type = Some(format!("multipart/form-data; boundary={boundary}"));
    Ok(Encoded { bytes: out.into(), content_type })
}

fn part_headers(part: &Part) -> String {
    // As browsers write them: the three characters that would end the value are percent-encoded.
    let quoted = |name: &str| name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut headers = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&part.name));
    if let Some(filename) = &part.filename {
        headers.push_str(&format!("; filename=\"{}\"", quoted(filename)));
    }
    let content_type = match (&part.content_type, &part.filename) {
        (Some(content_type), _) => Some(content_type.as_str()),
        (None, Some(_)) => Some("application/octet-stream"),
        (None, None) => None,
    };
    if let Some(content_type) = content_type {
        headers.push_str(&format!("\r\nContent-Type: {content_type}"));
    }
    headers
}

/// A boundary that is in none of the contents; the same for the same contents.
fn boundary(contents: &[Bytes]) -> String {
    let mut boundary = "loadgate-part".to_owned();
    let used = |boundary: &str| {
        contents.iter().any(|content| content.windows(boundary.len()).any(|window| window == boundary.as_bytes()))
    };
    while used(&boundary) {
        boundary.push('x');
    }
    boundary
}

#[cfg(test)]
mod tests {
    use minijinja::context;
    use serde_json::json;

    use super::*;
    use crate::plan::Template;
    use crate::plan::step::ValueTemplate;

    fn encoded(body: &Body) -> (String, Option<String>) {
        let scope = context! { id => 7, name => "a & b" };
        let encoded = encode(body, &scope).unwrap();
        (String::from_utf8(encoded.bytes.to_vec()).unwrap(), encoded.content_type)
    }

    fn template(source: &str) -> Template {
        Template::compile(source).unwrap()
    }

    #[test]
    fn json_form_and_raw() {
        let body = Body::Json(ValueTemplate::compile(&json!({ "id": "${id}", "name": "${name}" })).unwrap());
        assert_eq!(encoded(&body).0, r#"{"id":7,"name":"a & b"}"#);
        let body = Body::Form(vec![("id".into(), template("${id}")), ("full name".into(), template("${name}"))]);
        assert_eq!(encoded(&body).0, "id=7&full+name=a+%26+b");
        assert_eq!(encoded(&Body::Raw(template("id ${id}"))).0, "id 7");
        assert_eq!(encoded(&Body::Bytes(Bytes::from_static(b"x"))).0, "x");
    }

    #[test]
    fn multipart_parts_have_headers_and_a_boundary_that_none_contains() {
        let body = Body::Multipart(vec![
            Part {
                name: "te\"xt".into(),
                filename: None,
                content_type: None,
                content: PartContent::Text(template("${id} loadgate-part")),
            },
            Part {
                name: "file".into(),
                filename: Some("a.bin".into()),
                content_type: None,
                content: PartContent::Bytes(Bytes::from_static(b"bytes")),
            },
        ]);
        let (text, content_type) = encoded(&body);
        assert_eq!(content_type.as_deref(), Some("multipart/form-data; boundary=loadgate-partx"));
        insta::assert_snapshot!(text.replace('\r', ""), @r#"
        --loadgate-partx
        Content-Disposition: form-data; name="te%22xt"

        7 loadgate-part
        --loadgate-partx
        Content-Disposition: form-data; name="file"; filename="a.bin"
        Content-Type: application/octet-stream

        bytes
        --loadgate-partx--
        "#);
    }

    #[test]
    fn constant_bodies_are_known() {
        assert!(is_constant(&Body::Json(ValueTemplate::compile(&json!({ "a": 1 })).unwrap())));
        assert!(!is_constant(&Body::Json(ValueTemplate::compile(&json!({ "a": "${id}" })).unwrap())));
        assert!(is_constant(&Body::Raw(template("x"))));
        assert!(!is_constant(&Body::Form(vec![("a".into(), template("${id}"))])));
    }
}
