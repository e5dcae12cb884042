//! Basic and bearer by nginx itself; digest by a server behind it, since nginx has none.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use sha2::{Digest, Sha256};

use crate::server::Nginx;
use crate::upstream::serve;

fn plan(steps: &str) -> String {
    format!(
        "version: 1
name: authenticated
secrets: [TOKEN]
target: {{}}
scenarios:
  load: {{ executor: per-vu-iterations, vus: 2, iterations: 3, steps: [{steps}] }}
thresholds: {{ checks: [\"rate==1\"], http_req_failed: [\"rate==0\"] }}"
    )
}

#[test]
fn basic_and_bearer_open_the_door() {
    let http = "server { LISTEN;
      location /basic { auth_basic shop; auth_basic_user_file users; return 200 $remote_user; }
      location /file { auth_basic shop; auth_basic_user_file users; alias users; }
      location /bearer { if ($http_authorization != \"Bearer s3cret\") { return 401; } return 200 $http_authorization; } }";
    // `return` answers before nginx asks for a password: the file is behind it.
    let users = [("users", "mary:{PLAIN}p/u ss@1\n".to_owned())];
    let Some(nginx) = Nginx::serve(http, &users) else { return };
    let right =
        "{ get: /file, auth: { basic: { username: mary, password: \"p/u ss@1\" } }, check: { in: \"status == 200\" } },
      { get: /basic, auth: { basic: { username: mary, password: \"p/u ss@1\" } }, check: { who: \"text == 'mary'\" } },
      { get: /bearer, auth: { bearer: \"${secret.TOKEN}\" }, check: { token: \"status == 200\" } }";
    let token = [("TOKEN", "s3cret")];
    let (code, text) = nginx.run(&nginx.url("http"), &plan(right), &[], &token);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("p/u ss@1"), "{text}");
    let wrong = "{ get: /file, auth: { basic: { username: mary, password: wrong } }, expect: 401 },
      { get: /bearer, auth: { bearer: wrong }, expect: 401, check: { no: \"status == 401\" } }";
    let (code, text) = nginx.run(&nginx.url("http"), &plan(wrong), &[], &token);
    assert_eq!(code, Some(0), "{text}");
}

fn hash(parts: &[&str]) -> String {
    Sha256::digest(parts.join(":")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How often each nonce was used, by its number.
type Nonces = Arc<Mutex<Vec<u32>>>;

/// Lets in mary by SHA-256-sess: each nonce for three requests.
async fn guarded(State(nonces): State<Nonces>, request: Request) -> Response {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let of = |name: &str| {
        let part = authorization.trim_start_matches("Digest ").split(", ").find_map(|part| part.strip_prefix(name));
        part.and_then(|value| value.strip_prefix('=')).unwrap_or_default().trim_matches('"').to_owned()
    };
    let uri = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let secret = hash(&[&hash(&["mary", "shop", "pu"]), &of("nonce"), &of("cnonce")]);
    let proof =
        hash(&[&secret, &of("nonce"), &of("nc"), &of("cnonce"), "auth", &hash(&[request.method().as_str(), &uri])]);
    let mut nonces = nonces.lock().expect("nobody panics");
    let known = of("nonce").parse().ok().filter(|nonce: &usize| *nonce < nonces.len());
    let proved = of("response") == proof && of("uri") == uri && of("algorithm") == "SHA-256-sess";
    if let Some(nonce) = known.filter(|nonce| proved && nonces[*nonce] < 3) {
        nonces[nonce] += 1;
        let counted = u32::from_str_radix(&of("nc"), 16) == Ok(nonces[nonce]);
        return if counted { StatusCode::OK } else { StatusCode::BAD_REQUEST }.into_response();
    }
    nonces.push(0);
    let stale = if proved { ", stale=true" } else { "" };
    let challenge = format!(
        "Digest realm=\"shop\", nonce=\"{}\", qop=\"auth,auth-int\", algorithm=SHA-256-sess{stale}",
        nonces.len() - 1
    );
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response()
}

#[test]
fn digest_proves_each_request_and_counts_its_challenges_as_expected() {
    let nonces = Nonces::default();
    let upstream = serve(Router::new().fallback(guarded).with_state(nonces.clone()));
    let http = format!("server {{ LISTEN; location / {{ proxy_pass http://{upstream}; }} }}");
    let Some(nginx) = Nginx::serve(&http, &[]) else { return };
    let digest = "auth: { digest: { username: mary, password: \"${secret.TOKEN}\" } }";
    let steps = format!(
        "{{ get: \"/seats?row=1\", {digest}, check: {{ in: \"status == 200\" }} }},
         {{ post: /seats, body: one, {digest}, check: {{ in: \"status == 200\" }} }}"
    );
    let (code, text) = nginx.run(&nginx.url("http"), &plan(&steps), &[], &[("TOKEN", "pu")]);
    assert_eq!(code, Some(0), "{text}");
    let used = nonces.lock().expect("nobody panics").clone();
    assert_eq!(used.iter().sum::<u32>(), 2 + 2 * 3 * 2, "the trial's and the load's requests: {used:?}");
    assert_eq!(used.len(), 1 + 2 * 2, "one nonce for three requests of a virtual user: {used:?}");
    let log = nginx.log();
    assert_eq!(log.iter().filter(|line| line.ends_with(" 401")).count(), used.len());
    let wrong = plan(&steps).replace("${secret.TOKEN}", "wrong");
    let (code, text) = nginx.run(&nginx.url("http"), &wrong, &[], &[("TOKEN", "pu")]);
    assert_ne!(code, Some(0), "{text}");
    assert!(text.contains("401"), "{text}");
}
