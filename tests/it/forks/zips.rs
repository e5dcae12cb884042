//! Zip archives byte by byte, so that nothing stands in the way of a wrong one.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A file in an archive. What is wrong about it is set by hand.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    /// The name in front of the content, where it is another.
    pub local_name: Option<Vec<u8>>,
    /// The size that the headers claim, where it is another.
    pub claimed: Option<u32>,
    pub checksum: Option<u32>,
    /// Unix mode.
    pub mode: u32,
    pub encrypted: bool,
    /// As the field says: 0 stored, 8 deflated.
    pub method: Option<u16>,
}

pub fn entry(name: &str, content: impl Into<Vec<u8>>) -> Entry {
    Entry {
        name: name.into(),
        content: content.into(),
        local_name: None,
        claimed: None,
        checksum: None,
        mode: 0o100_644,
        encrypted: false,
        method: None,
    }
}

/// The artifact of an honest run.
pub fn honest(json: &str) -> Vec<u8> {
    zip(&[entry("loadgate-measurement.json", json)])
}

/// Packs files as GitHub's uploader does: deflated as a stream, sizes and checksum behind each content.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = out.len() as u32;
        let packed = deflated(&entry.content);
        let size = entry.claimed.unwrap_or(entry.content.len() as u32);
        let mut crc = flate2::Crc::new();
        crc.update(&entry.content);
        let checksum = entry.checksum.unwrap_or(crc.sum());
        let sizes = [checksum, packed.len() as u32, size];
        let flags = 0x0808 | u16::from(entry.encrypted);
        let method = entry.method.unwrap_or(8);
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        words(&mut out, &[0x0403_4b50]);
        halves(&mut out, &[20, flags, method, 0, 0x5821]);
        words(&mut out, &[0, 0, 0]);
        halves(&mut out, &[local_name.len() as u16, 0]);
        out.extend_from_slice(local_name);
        out.extend_from_slice(&packed);
        words(&mut out, &[0x0807_4b50]);
        words(&mut out, &sizes);
        words(&mut directory, &[0x0201_4b50]);
        halves(&mut directory, &[0x0314, 20, flags, method, 0, 0x5821]);
        words(&mut directory, &sizes);
        halves(&mut directory, &[entry.name.len() as u16, 0, 0, 0, 0]);
        words(&mut directory, &[entry.mode << 16, offset]);
        directory.extend_from_slice(&entry.name);
    }
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    words(&mut out, &[0x0605_4b50]);
    halves(&mut out, &[0, 0, entries.len() as u16, entries.len() as u16]);
    words(&mut out, &[directory.len() as u32, start]);
    halves(&mut out, &[0]);
    out
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend(word.to_le_bytes()));
}

fn halves(out: &mut Vec<u8>, halves: &[u16]) {
    halves.iter().for_each(|half| out.extend(half.to_le_bytes()));
}
