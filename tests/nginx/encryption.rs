//! TLS as nginx (OpenSSL) speaks it: versions, names, authorities, client certificates.

use std::fs;

use crate::certificates::{Authority, Pair, its_own_authority};
use crate::server::Nginx;

/// Two virtual users, three requests each, of which each must be answered as the check says.
fn plan(target: &str, check: &str) -> String {
    format!(
        "version: 1
name: encrypted
secrets: [CLIENT_KEY]
target: {target}
scenarios:
  load:
    executor: per-vu-iterations
    vus: 2
    iterations: 3
    steps: [{{ get: /, check: {{ as expected: \"{check}\" }} }}]
thresholds: {{ checks: [\"rate==1\"], http_req_failed: [\"rate==0\"] }}"
    )
}

fn files(pair: &Pair) -> [(&'static str, String); 2] {
    [("server.pem", pair.cert.clone()), ("server.key", pair.key.clone())]
}

const CERTIFICATE: &str = "ssl_certificate server.pem; ssl_certificate_key server.key;";

#[test]
fn both_sides_agree_on_a_version() {
    let authority = Authority::new("staging");
    let server = files(&authority.issue(&["localhost"]));
    let ca = [("ca.pem", authority.pem())];
    for (speaks, wanted, spoken) in [
        ("TLSv1.2 TLSv1.3", "{ min: tls1.2, max: tls1.3 }", Some("TLSv1.3")),
        ("TLSv1.2 TLSv1.3", "tls1.2", Some("TLSv1.2")),
        ("TLSv1.2", "{ max: tls1.3 }", Some("TLSv1.2")),
        ("TLSv1.3", "tls1.3", Some("TLSv1.3")),
        ("TLSv1.2", "tls1.3", None),
        ("TLSv1.3", "{ max: tls1.2 }", None),
    ] {
        let http = format!(
            "server {{ LISTEN ssl; {CERTIFICATE} ssl_protocols {speaks}; location / {{ return 200 $ssl_protocol; }} }}"
        );
        let Some(nginx) = Nginx::serve(&http, &server) else { return };
        let target = format!("{{ tls: {{ ca: ca.pem }}, tlsVersion: {wanted} }}");
        let check = format!("text == '{}'", spoken.unwrap_or_default());
        let (code, text) = nginx.run(&nginx.url("https"), &plan(&target, &check), &ca, &[]);
        match spoken {
            Some(_) => assert_eq!(code, Some(0), "{speaks} {wanted}\n{text}"),
            None => {
                assert_eq!(code, Some(4), "{speaks} {wanted}\n{text}");
                assert!(text.contains("no answer (tls)") && text.contains("(target.tlsVersion;"), "{text}");
            }
        }
    }
}

#[test]
fn a_server_of_two_names_shows_the_certificate_of_each() {
    let authority = Authority::new("staging");
    let (first, second) = (authority.issue(&["one.example", "127.0.0.1"]), authority.issue(&["two.example"]));
    let files = [files(&first).to_vec(), vec![("two.pem", second.cert), ("two.key", second.key)]].concat();
    let http = format!(
        "server {{ LISTEN ssl default_server; server_name one.example; {CERTIFICATE}
           location / {{ return 200 \"one:$ssl_server_name:$http_host\"; }} }}
         server {{ LISTEN ssl; server_name two.example; ssl_certificate two.pem; ssl_certificate_key two.key;
           location / {{ return 200 \"two:$ssl_server_name:$http_host\"; }} }}"
    );
    let Some(nginx) = Nginx::serve(&http, &files) else { return };
    let url = nginx.url("https");
    let port = url.rsplit(':').next().unwrap();
    let target =
        "{ tls: { ca: [ca.pem] }, hosts: { \"*.example\": 127.0.0.1 }, allowedHosts: [two.example, 127.0.0.1] }";
    let plan = plan(target, &format!("text == 'one:one.example:one.example:{port}'")).replace(
        "steps: [",
        &format!(
            "steps: [{{ get: \"https://two.example:{port}/\", check: {{ two: \"text == 'two:two.example:two.example:{port}'\" }} }},
               {{ get: \"https://127.0.0.1:{port}/\", check: {{ no name: \"text == 'one::127.0.0.1:{port}'\" }} }}, "
        ),
    );
    let (code, text) = nginx.run(&format!("https://one.example:{port}"), &plan, &[("ca.pem", authority.pem())], &[]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn servers_are_trusted_by_their_authority() {
    let authority = Authority::new("staging");
    let own = its_own_authority(&["localhost"]);
    let ca = |pem: String| vec![("ca.pem", pem)];
    let unknown = vec!["no answer (tls)", "UnknownIssuer", "target.tls.ca names a file of it"];
    for (server, ca, target, told) in [
        (authority.issue(&["localhost"]), ca(authority.pem()), "{ tls: { ca: ca.pem } }", vec![]),
        (authority.issue(&["localhost"]), vec![], "{}", unknown.clone()),
        (authority.issue(&["localhost"]), ca(Authority::new("other").pem()), "{ tls: { ca: ca.pem } }", unknown),
        (authority.issue(&["localhost"]), vec![], "{ insecureSkipTLSVerify: true }", vec![]),
        (
            authority.issue(&["other.example"]),
            ca(authority.pem()),
            "{ tls: { ca: ca.pem } }",
            vec!["use the name that"],
        ),
        (
            authority.issue_expired(&["localhost"]),
            ca(authority.pem()),
            "{ tls: { ca: ca.pem } }",
            vec!["renew the cert"],
        ),
        (its_own_authority(&["other.example"]), ca(own.cert.clone()), "{ tls: { ca: ca.pem } }", vec!["(tls)"]),
        (own, vec![], "{}", vec!["no answer (tls)", "if it is its own authority, name it under"]),
    ] {
        let http = format!("server {{ LISTEN ssl; {CERTIFICATE} location / {{ return 200 seat; }} }}");
        let Some(nginx) = Nginx::serve(&http, &files(&server)) else { return };
        let (code, text) = nginx.run(&nginx.url("https"), &plan(target, "text == 'seat'"), &ca, &[]);
        assert_eq!(code, Some(if told.is_empty() { 0 } else { 4 }), "{target} {told:?}\n{text}");
        for part in told {
            assert!(text.contains(part), "{target}: {part}\n{text}");
        }
    }
}

#[test]
fn a_certificate_that_is_its_own_authority_is_trusted_where_it_is_named() {
    for (names, code) in [(["localhost"], 0), (["other.example"], 4)] {
        let own = its_own_authority(&names);
        let http = format!("server {{ LISTEN ssl; {CERTIFICATE} location / {{ return 200 seat; }} }}");
        let Some(nginx) = Nginx::serve(&http, &files(&own)) else { return };
        let plan = plan("{ tls: { ca: ca.pem } }", "text == 'seat'");
        let (got, text) = nginx.run(&nginx.url("https"), &plan, &[("ca.pem", own.cert)], &[]);
        assert_eq!(got, Some(code), "{names:?}\n{text}");
    }
}

/// nginx ends the handshake without a certificate, and then refuses with 400.
#[test]
fn a_client_shows_its_certificate_to_the_servers_it_is_for() {
    let (authority, clients) = (Authority::new("staging"), Authority::new("clients"));
    let client = clients.issue(&["load"]);
    let stranger = Authority::new("strangers").issue(&["load"]);
    let server = files(&authority.issue(&["localhost", "127.0.0.1"]));
    let server = [server.to_vec(), vec![("clients.pem", clients.pem())]].concat();
    let http = format!(
        "server {{ LISTEN ssl; {CERTIFICATE} ssl_client_certificate clients.pem; ssl_verify_client on;
           location / {{ return 200 \"$ssl_client_verify $ssl_client_s_dn\"; }} }}"
    );
    let Some(nginx) = Nginx::serve(&http, &server) else { return };
    let files = [
        ("ca.pem", authority.pem()),
        ("client.pem", client.cert),
        ("client.key", client.key.clone()),
        ("stranger.pem", stranger.cert),
        ("stranger.key", stranger.key),
    ];
    for (auth, code, told) in [
        ("[{ cert: client.pem, key: client.key }]", 0, "pass"),
        ("[{ cert: client.pem, key: \"${secret.CLIENT_KEY}\" }]", 0, "pass"),
        ("[{ cert: client.pem, key: client.key, domains: [localhost] }]", 0, "pass"),
        ("[{ cert: client.pem, key: client.key, domains: [\"*.localhost\", other.example] }]", 4, "status 400"),
        ("[]", 4, "status 400"),
        ("[{ cert: stranger.pem, key: stranger.key }]", 4, "status 400"),
        (
            "[{ cert: stranger.pem, key: client.key }]",
            2,
            "the key of `client.key` is not that of the first certificate",
        ),
        ("[{ cert: stranger.pem, key: \"${secret.CLIENT_KEY}\" }]", 4, "the key of target.tlsAuth[0].key is not that"),
    ] {
        let target = format!("{{ tls: {{ ca: ca.pem }}, tlsAuth: {auth} }}");
        let plan = plan(&target, "text == 'SUCCESS CN=load' and status == 200").replace(
            "thresholds",
            "setup: { steps: [{ get: / }] }
thresholds",
        );
        let folder = tempfile::tempdir().expect("a temporary folder");
        let variables = [("CLIENT_KEY", client.key.as_str())];
        let (got, text) = nginx.run_in(&folder, &nginx.url("https"), &plan, &files, &variables);
        assert_eq!(got, Some(code), "{auth}\n{text}");
        assert!(text.contains(told), "{auth}: {told}\n{text}");
        no_key_in(&text, &client.key);
        for file in fs::read_dir(folder.path()).expect("a folder").flatten() {
            if file.path().is_file() && file.file_name() != "client.key" {
                no_key_in(&String::from_utf8_lossy(&fs::read(file.path()).expect("a file")), &client.key);
            }
        }
    }
}

fn no_key_in(text: &str, key: &str) {
    let lines = key.lines().filter(|line| !line.starts_with("-----") && line.len() > 20);
    for line in lines {
        assert!(!text.contains(line), "a line of the key is in:\n{text}");
    }
}
