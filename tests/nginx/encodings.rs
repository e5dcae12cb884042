//! Bodies that come compressed: by nginx itself, and as files that it serves as they are.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

use crate::server::Nginx;

const TEXT: &str =
    "{\"seats\":[1,2,3,4,5,6,7,8,9,10],\"hall\":\"large\",\"again\":\"large large large large large large\"}";

#[test]
fn what_nginx_compresses_is_read() {
    let http = "server { LISTEN; types { } default_type application/json; root .;
      location /plain { alias text.json; }
      location /gzip { alias text.json; gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0; }
      location /br { alias text.json; brotli on; brotli_types *; brotli_min_length 1; } }";
    let Some(nginx) = Nginx::serve(http, &[("text.json", TEXT.to_owned())]) else { return };
    let step = |coding: &str| {
        format!(
            "{{ get: /{coding}, headers: {{ Accept-Encoding: {coding} }}, check: {{ {coding}: \"headers['content-encoding'] == \
             '{coding}' and body.seats|length == 10 and body.hall == 'large'\" }} }}"
        )
    };
    let steps = [step("gzip"), step("br"), "{ get: /plain, check: { plain: \"body.hall == 'large'\" } }".to_owned()];
    let (code, text) = nginx.load("http", &plan(&steps.join(", ")));
    assert_eq!(code, Some(0), "{text}");
    assert!(nginx.log().len() > 3 * 3, "each was asked for");
}

/// nginx has no module of its own for these: it serves what is compressed already.
#[test]
fn deflate_zstd_and_codings_in_a_row_are_read() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(TEXT.as_bytes()).expect("deflate");
    let zlib = zlib.finish().expect("deflate");
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(TEXT.as_bytes()).expect("deflate");
    let zstd = zstd::encode_all(TEXT.as_bytes(), 3).expect("zstd");
    let twice = zstd::encode_all(&zlib[..], 3).expect("zstd");
    let bodies = [
        ("zlib", "deflate", zlib),
        ("raw", "deflate", raw.finish().expect("deflate")),
        ("zstd", "zstd", zstd),
        ("twice", "deflate, zstd", twice),
    ];
    let locations: String = bodies
        .iter()
        .map(|(path, coding, _)| format!("location /{path} {{ add_header Content-Encoding \"{coding}\" always; }}"))
        .collect();
    let http = format!("server {{ LISTEN; types {{ }} default_type application/json; root .; {locations} }}");
    let Some(nginx) = Nginx::serve(&http, &[]) else { return };
    for (path, _, body) in &bodies {
        nginx.put(path, body);
    }
    let steps: Vec<String> = bodies
        .iter()
        .map(|(path, coding, _)| {
            let check = format!("headers['content-encoding'] == '{coding}' and body.hall == 'large'");
            format!("{{ get: /{path}, check: {{ {path}: \"{check}\" }} }}")
        })
        .collect();
    let (code, text) = nginx.load("http", &plan(&steps.join(", ")));
    assert_eq!(code, Some(0), "{text}");
}

/// A body that is not what it says is no answer.
#[test]
fn what_is_no_gzip_is_told() {
    let http = "server { LISTEN; location / { add_header Content-Encoding gzip always; return 200 'no gzip'; } }";
    let Some(nginx) = Nginx::serve(http, &[]) else { return };
    let (code, text) = nginx.load("http", &plan("{ get: /, check: { read: \"status == 200\" } }"));
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("no answer (body)") && text.contains("gzip"), "{text}");
}

fn plan(steps: &str) -> String {
    format!(
        "version: 1
name: encoded
target: {{}}
scenarios:
  load: {{ executor: per-vu-iterations, vus: 2, iterations: 3, steps: [{steps}] }}
thresholds: {{ checks: [\"rate==1\"], http_req_failed: [\"rate==0\"] }}"
    )
}
