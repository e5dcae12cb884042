//! Multipart bodies through nginx, which writes them to files, to a parser that is not ours.

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use sha2::{Digest, Sha256};

use crate::server::Nginx;
use crate::upstream::serve;

/// Each part on a line: name, file name, content type, size, and the beginning of its SHA-256.
async fn parts(headers: HeaderMap, body: Bytes) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).expect("a boundary");
    let mut multipart = multer::Multipart::new(stream::iter([Ok::<_, std::io::Error>(body)]), boundary);
    let mut told = Vec::new();
    while let Some(field) = multipart.next_field().await.expect("a part") {
        let name = field.name().unwrap_or("-").to_owned();
        let file = field.file_name().unwrap_or("-").to_owned();
        let kind = field.content_type().map_or("-".to_owned(), ToString::to_string);
        let content = field.bytes().await.expect("its content");
        told.push(format!("{name}|{file}|{kind}|{}|{}", content.len(), sha256(&content)));
    }
    told.join("\n")
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn parts_arrive_as_the_plan_says() {
    let upstream = serve(Router::new().route("/photos", post(parts)).layer(axum::extract::DefaultBodyLimit::disable()));
    let http = format!(
        "server {{ LISTEN; client_max_body_size 10m; client_body_in_file_only clean;
           location / {{ proxy_pass http://{upstream}; }} }}"
    );
    let Some(nginx) = Nginx::serve(&http, &[]) else { return };
    // Over nginx's buffers in memory, and with lines that look like a boundary.
    let photo = "--seat\r\n--\r\n\u{1F4F7}".repeat(40_000);
    let expected = [
        format!("title|-|-|5|{}", sha256(b"Hello")),
        format!("photo|photo.bin|application/octet-stream|{}|{}", photo.len(), sha256(photo.as_bytes())),
        format!("drawing|a.svg|image/svg+xml|6|{}", sha256(b"<svg/>")),
        format!("\u{c8fc}\u{c11d}|-|-|6|{}", sha256("\u{c88c}\u{c11d}".as_bytes())),
    ];
    let plan = format!(
        "version: 1
name: uploads
target: {{}}
scenarios:
  load:
    executor: per-vu-iterations
    vus: 2
    iterations: 2
    let: {{ expected: {} }}
    steps:
      - post: /photos
        multipart:
          title: Hello
          photo: {{ file: photos/photo.bin }}
          drawing: {{ value: <svg/>, filename: a.svg, contentType: image/svg+xml }}
          \u{c8fc}\u{c11d}: \"\u{c88c}\u{c11d}\"
        check: {{ as sent: \"text == expected\" }}
thresholds: {{ checks: [\"rate==1\"], http_req_failed: [\"rate==0\"] }}",
        serde_json::Value::from(expected.join("\n"))
    );
    let (code, text) = nginx.run(&nginx.url("http"), &plan, &[("photos/photo.bin", photo)], &[]);
    assert_eq!(code, Some(0), "{text}");
}
