//! Zips that are more than a file, or less.

use super::{Case, Expected, measured};
use crate::forks::zips::{Entry, entry, honest, zip};

const NAME: &str = "loadgate-measurement.json";

fn refused(name: &str, reason: &'static str, zip: Vec<u8>) -> Case {
    Case { name: name.into(), zip, expected: Expected::Refused(reason) }
}

fn of(name: &str, reason: &'static str, entries: &[Entry]) -> Case {
    refused(name, reason, zip(entries))
}

pub fn cases() -> Vec<Case> {
    let good = || entry(NAME, measured());
    let whole = honest(measured());
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let half = whole[..whole.len() / 2].to_vec();
    let leads_out = "leads out of it";
    let mut names: Vec<Case> = [
        ("zip slip", "../loadgate-measurement.json"),
        ("zip slip from a folder", "out/../../loadgate-measurement.json"),
        ("zip slip beside a good file", "../../.github/workflows/x.yml"),
        ("an absolute path", "/tmp/loadgate-measurement.json"),
        ("a Windows path", "C:\\loadgate-measurement.json"),
        ("a path with backslashes", "..\\..\\loadgate-measurement.json"),
        ("a name with a NUL", "loadgate-measurement.json\0.txt"),
        ("a name that is a command", "x\n::error::y.json"),
    ]
    .into_iter()
    .map(|(name, path)| of(name, leads_out, &[good(), entry(path, measured())]))
    .collect();
    let mut others = vec![
        of("a symbolic link", "has a link", &[Entry { mode: 0o120_777, ..entry(NAME, "/etc/passwd") }]),
        of("a link beside a good file", "has a link", &[good(), Entry { mode: 0o120_777, ..entry("x", "/etc") }]),
        of("two measurements", "several measurements", &[entry("a/loadgate-measurement.json", measured()), good()]),
        of("two other JSON files", "several measurements", &[entry("a.json", measured()), entry("b.json", measured())]),
        of("one name twice", "duplicate file names", &[good(), entry(NAME, "{}")]),
        of(
            "another name in front of the content",
            "inconsistency",
            &[Entry { local_name: Some(b"loadgate-measurement.jsoN".to_vec()), ..good() }],
        ),
        of("no JSON at all", "has no measurement", &[entry("report.md", "pass")]),
        of("an empty zip", "has no measurement", &[]),
        of("an empty file", "EOF while parsing", &[entry(NAME, "")]),
        of("an encrypted file", "encrypted", &[Entry { encrypted: true, ..good() }]),
        of("an unknown compression", "compression method not supported", &[Entry { method: Some(99), ..good() }]),
        of("a zip bomb", "over 16 MB", &[entry(NAME, vec![b' '; 200 << 20])]),
        of(
            "a zip bomb with a small size in its header",
            "",
            &[Entry { claimed: Some(100), ..entry(NAME, vec![b' '; 200 << 20]) }],
        ),
        of("a wrong checksum", "", &[Entry { checksum: Some(1), ..good() }]),
        of(
            "a thousand entries",
            "over 100 entries",
            &(0..1000).map(|n| entry(&format!("{n}.txt"), "")).collect::<Vec<_>>(),
        ),
        of("a zip in the zip", "no text in UTF-8", &[entry(NAME, whole.clone())]),
        refused("a truncated zip", "can't be read", half),
        refused("a flipped byte", "", flipped),
        refused("a beginning of a zip", "can't be read", b"PK\x03\x04".to_vec()),
        refused("no zip", "no zip", measured().into()),
        refused("nothing", "no zip", Vec::new()),
        refused("over the limit", "over 32 MB", noise(33 << 20)),
    ];
    others.append(&mut names);
    others
}

/// Bytes that don't compress, behind the beginning of a zip.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    b"PK\x03\x04".iter().copied().chain((0..length).map(next)).collect()
}
