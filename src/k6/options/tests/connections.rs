//! Where connections go, and how they are encrypted.

use super::*;
use crate::plan::target::{TlsVersion, TlsVersions};

#[test]
fn addresses_and_patterns_are_read_as_k6_does() {
    let script = script(
        r#"{"hosts": {"shop.example": "10.0.0.1", "*.shop.example:443": "10.0.0.2:8443", "*end.example": "10.0.0.3"},
            "blockHostnames": ["ads.example", "*.Ads.example", "*ads.test"], "blacklistIPs": ["10.0.0.0/8"]}"#,
    )
    .unwrap();
    let to = |host: &str, port| script.network.hosts.find(host, port).map(|to| to.to_string());
    assert_eq!(to("shop.example", 80).as_deref(), Some("10.0.0.1:80"));
    assert_eq!(to("a.shop.example", 443).as_deref(), Some("10.0.0.2:8443"));
    assert_eq!(to("backend.example", 80).as_deref(), Some("10.0.0.3:80"));
    assert_eq!(to("other.example", 80), None);
    let blocked = |host: &str| script.network.block_hostnames.iter().any(|pattern| pattern.matches(host));
    let hosts = ["ads.example", "x.ads.example", "myads.test", "example"];
    assert_eq!(hosts.map(blocked), [true, true, true, false]);
}

#[test]
fn versions_of_tls() {
    let of = |versions: &str| {
        let script = script(&format!(r#"{{"tlsVersion": {versions}}}"#))?;
        Ok((script.network.tls_versions.unwrap(), script.warnings.join("")))
    };
    let only = |version| TlsVersions { min: version, max: version };
    let old = "options.tlsVersion.min: tls1.0 is not spoken, since RFC 8996 forbids it; TLS 1.2 is the oldest";
    for (versions, expected) in [
        (r#""tls1.3""#, Ok((only(TlsVersion::Tls13), ""))),
        (r#""""#, Ok((TlsVersions::default(), ""))),
        (r#"{"min": "tls1.2", "max": "tls1.2"}"#, Ok((only(TlsVersion::Tls12), ""))),
        (r#"{"min": "tls1.0", "max": "tls1.2"}"#, Ok((only(TlsVersion::Tls12), old))),
        (
            r#"{"max": "tls1.1"}"#,
            Err("options.tlsVersion.max: `\"tls1.1\"` is not a version of TLS that is spoken here; write 'tls1.2' or \
                 'tls1.3': RFC 8996 forbids older ones"),
        ),
        (r#""tls2""#, Err("options.tlsVersion: `\"tls2\"` is not a version of TLS; write 'tls1.2' or 'tls1.3'")),
    ] {
        let expected = expected.map(|(versions, warning)| (versions, warning.to_owned())).map_err(str::to_owned);
        assert_eq!(of(versions), expected, "{versions}");
    }
}

#[test]
fn certificates_are_checked_and_keys_never_shown() {
    let own = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
    let (cert, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let options = serde_json::json!({ "tlsAuth": [{ "domains": ["*.shop.example"], "cert": cert, "key": key }] });
    let script = Options::of_script(&options).unwrap().into_script(&exports()).unwrap();
    let auth = script.network.tls_auth[0].tls_auth();
    assert!(auth.domains[0].matches("a.shop.example"));
    assert!(!format!("{script:?}").contains("PRIVATE KEY"));
    for (options, expected) in [
        (
            serde_json::json!({ "tlsAuth": [{ "cert": cert }] }),
            "options.tlsAuth[0]: `key` is missing; write its text in PEM, or `open('FILE.pem')`",
        ),
        (
            serde_json::json!({ "tlsAuth": [{ "cert": cert, "key": key, "password": "x" }] }),
            "options.tlsAuth[0].password: encrypted keys are not read; decrypt the key (`openssl pkey`), and leave \
             `password` out",
        ),
    ] {
        assert_eq!(joined(Options::of_script(&options).unwrap_err()), expected);
    }
    let other = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    let options = serde_json::json!({ "tlsAuth": [{ "cert": cert, "key": other.signing_key.serialize_pem() }] });
    let error = joined(Options::of_script(&options).unwrap_err());
    assert!(error.starts_with("options.tlsAuth[0].key: "), "{error}");
}

#[test]
fn addresses_that_are_none_are_refused() {
    for (options, expected) in [
        (
            r#"{"hosts": {"shop.example": "nowhere"}}"#,
            "options.hosts[\"shop.example\"]: `nowhere` is no IP address, nor one with a port; write an address such as \
             '10.0.0.7' or '10.0.0.7:8443'",
        ),
        (
            r#"{"blockHostnames": ["http://ads.example"]}"#,
            "options.blockHostnames: `http://ads.example` is no host name; write `name` or `*.name`, without a scheme or port",
        ),
        (
            r#"{"blacklistIPs": ["10.0.0.1"]}"#,
            "options.blacklistIPs: `10.0.0.1` is no block of addresses; write a block in CIDR notation: '10.0.0.0/8', or \
             '192.0.2.7/32' for one address",
        ),
    ] {
        assert_eq!(script(options).map(|_| ()), Err(expected.to_owned()), "{options}");
    }
}
