//! Options of connections: `hosts`, `blockHostnames`, `blacklistIPs`, TLS.

use bytes::Bytes;

use super::Problems;
use super::json::At;
use super::scenario::spelt;
use crate::plan::hosts::{HostOverride, Hosts, HostsError, NamePattern};
use crate::plan::pem::{PemPart, identity};
use crate::plan::script::{ClientCertificate, IpRange};
use crate::plan::target::{TlsVersion, TlsVersions};

/// Reads `hosts`: names, patterns or names with ports, and the addresses that stand for them.
pub(super) fn hosts(at: &At<'_>, problems: &mut Problems) -> Option<Hosts> {
    let mut entries = Vec::new();
    for (name, at) in at.fields(problems)? {
        let Some(address) = at.text(problems) else { continue };
        // `*example.com` is any name that ends so.
        let tail = name.strip_prefix('*').filter(|tail| !tail.is_empty() && !tail.starts_with('.'));
        let read = HostOverride::parse(tail.unwrap_or(name), &address).map(|entry| match (tail, entry.name.clone()) {
            (Some(_), NamePattern::Exact(name)) => HostOverride { name: NamePattern::Below(name), ..entry },
            _ => entry,
        });
        match read {
            Ok(entry) => entries.push(entry),
            Err(HostsError::Name(problem)) => {
                problems.add(&at.place, problem, "write `name`, `*.name` or `name:port`, without a scheme");
            }
            Err(HostsError::Address(problem)) => {
                problems.add(&at.place, problem, "write an address such as '10.0.0.7' or '10.0.0.7:8443'");
            }
        }
    }
    Some(Hosts::new(entries))
}

/// Reads one of `blockHostnames`.
pub(super) fn name_pattern(text: &str, place: &str, problems: &mut Problems) -> Option<NamePattern> {
    let tail = text.strip_prefix('*').filter(|tail| !tail.is_empty() && !tail.starts_with('.'));
    match (tail, NamePattern::parse(tail.unwrap_or(text))) {
        (Some(_), Ok(NamePattern::Exact(name))) => Some(NamePattern::Below(name)),
        (_, Ok(pattern)) => Some(pattern),
        (_, Err(problem)) => {
            problems.add(place, problem, "write `name` or `*.name`, without a scheme or port");
            None
        }
    }
}

/// Reads one of `blacklistIPs`.
pub(super) fn ip_range(text: &str, place: &str, problems: &mut Problems) -> Option<IpRange> {
    let range = IpRange::parse(text);
    if range.is_none() {
        let help = "write a block in CIDR notation: '10.0.0.0/8', or '192.0.2.7/32' for one address";
        problems.add(place, format!("`{text}` is no block of addresses"), help);
    }
    range
}

/// Reads `tlsVersion`: one version, or the oldest and the newest.
pub(super) fn tls_version(at: &At<'_>, problems: &mut Problems) -> Option<TlsVersions> {
    let all = TlsVersions::default();
    if at.value.is_string() {
        return match version(at, problems)? {
            Version::Any => Some(all),
            Version::TooOld(_) => {
                too_old(at, problems);
                None
            }
            Version::Spoken(version) => Some(TlsVersions { min: version, max: version }),
        };
    }
    let mut versions = all;
    for (field, at) in at.fields(problems)? {
        match (spelt(field, ["min", "max"]), version(&at, problems)?) {
            (Some("min"), Version::TooOld(old)) => {
                problems.warn(format!(
                    "{}: {old} is not spoken, since RFC 8996 forbids it; TLS 1.2 is the oldest",
                    at.place
                ));
            }
            (Some("min"), Version::Spoken(version)) => versions.min = version,
            (Some(_), Version::TooOld(_)) => {
                too_old(&at, problems);
                return None;
            }
            (Some(_), Version::Spoken(version)) => versions.max = version,
            (Some(_), Version::Any) => {}
            (None, _) => problems.add(&at.place, "a range of versions has no such field", "write { min, max }"),
        }
    }
    if versions.min > versions.max {
        problems.add(&at.place, "`min` is newer than `max`", "exchange the two");
    }
    Some(versions)
}

enum Version {
    Any,
    TooOld(String),
    Spoken(TlsVersion),
}

fn version(at: &At<'_>, problems: &mut Problems) -> Option<Version> {
    Some(match at.text(problems)?.as_str() {
        "" => Version::Any,
        old @ ("ssl3.0" | "tls1.0" | "tls1.1") => Version::TooOld(old.to_owned()),
        "tls1.2" => Version::Spoken(TlsVersion::Tls12),
        "tls1.3" => Version::Spoken(TlsVersion::Tls13),
        _ => {
            at.refuse("a version of TLS", "write 'tls1.2' or 'tls1.3'", problems);
            return None;
        }
    })
}

fn too_old(at: &At<'_>, problems: &mut Problems) {
    at.refuse(
        "a version of TLS that is spoken here",
        "write 'tls1.2' or 'tls1.3': RFC 8996 forbids older ones",
        problems,
    );
}

/// Reads `tlsAuth`: certificates of our own.
pub(super) fn tls_auth(at: &At<'_>, problems: &mut Problems) -> Option<Vec<ClientCertificate>> {
    let certificates = at.list(problems)?;
    Some(certificates.iter().filter_map(|at| certificate(at, problems)).collect())
}

fn certificate(at: &At<'_>, problems: &mut Problems) -> Option<ClientCertificate> {
    let mut certificate =
        ClientCertificate { place: at.place.clone(), domains: Vec::new(), cert: Bytes::new(), key: Bytes::new() };
    let (mut cert, mut key) = (None, None);
    for (field, at) in at.fields(problems)? {
        match field {
            "cert" => cert = at.text(problems),
            "key" => key = at.text(problems),
            "domains" => {
                let domains = at.texts(problems).unwrap_or_default();
                let read = domains.iter().filter_map(|domain| name_pattern(domain, &at.place, problems));
                certificate.domains = read.collect();
            }
            "password" if at.value.as_str().is_some_and(str::is_empty) => {}
            "password" => {
                let help = "decrypt the key (`openssl pkey`), and leave `password` out";
                problems.add(&at.place, "encrypted keys are not read", help);
            }
            _ => problems.add(&at.place, "a certificate has no such field", "write { domains, cert, key }"),
        }
    }
    for (field, text) in [("cert", &cert), ("key", &key)] {
        if text.is_none() {
            problems.add(&at.place, format!("`{field}` is missing"), "write its text in PEM, or `open('FILE.pem')`");
        }
    }
    certificate.cert = cert?.into();
    certificate.key = key?.into();
    if let Err(error) = identity(("`cert`", &certificate.cert), ("`key`", &certificate.key)) {
        let field = if error.part == PemPart::Key { "key" } else { "cert" };
        problems.add(&format!("{}.{field}", at.place), error.problem, error.help);
        return None;
    }
    Some(certificate)
}
