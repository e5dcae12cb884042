//! The one measurement in an artifact's zip. It is read in memory: nothing is ever unpacked to the disk.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::measurement::claim::{self, Refused};

/// The names that `loadgate run` and the action give to the file.
const MEASUREMENTS: [&str; 2] = ["loadgate-measurement.json", "measurement.json"];
/// Entries of an artifact at most: a measurement, its reports, folders.
const MOST_ENTRIES: usize = 100;

/// The content of the measurement's file: the one with a name that loadgate gives it, else the only one that ends with
/// `.json`.
///
/// # Errors
/// An archive that is damaged, encrypted, ambiguous, too large, or whose names lead anywhere but into it.
pub fn measurement(zip: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Refused::new(format!("the zip has over {MOST_ENTRIES} entries")));
    }
    // What one reader takes for the archive's content must be what every other takes for it.
    archive.validate_header_consistency().map_err(damaged)?;
    let index = candidate(&mut archive)?;
    let entry = archive.by_index(index).map_err(damaged)?;
    let too_large = || Refused::new(format!("the measurement in the zip is over {} MB", claim::LARGEST >> 20));
    if entry.size() > claim::LARGEST as u64 {
        return Err(too_large());
    }
    let mut content = Vec::new();
    // The sizes in the headers are the author's: what comes out is counted. At its end the checksum is compared.
    let mut limited = entry.take(claim::LARGEST as u64 + 1);
    limited.read_to_end(&mut content).map_err(|error| Refused::new(format!("the zip is damaged: {error}")))?;
    if content.len() > claim::LARGEST { Err(too_large()) } else { Ok(content) }
}

/// The index of the measurement's entry. Every name is looked at: an archive with one that is up to no good is refused.
fn candidate(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<usize, Refused> {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name =
            std::str::from_utf8(entry.name_raw()).map_err(|_| Refused::new("the zip has a name that is no UTF-8"))?;
        if !is_inside(name) {
            return Err(Refused::new(format!("the zip has a name that leads out of it: {name:?}")));
        }
        if entry.is_symlink() {
            return Err(Refused::new(format!("the zip has a link: {name:?}")));
        }
        if entry.encrypted() {
            return Err(Refused::new(format!("the zip has an encrypted file: {name:?}")));
        }
        if entry.is_dir() {
            continue;
        }
        if name.rsplit('/').next().is_some_and(|last| MEASUREMENTS.contains(&last)) {
            named.push(index);
        } else if name.ends_with(".json") {
            others.push(index);
        }
    }
    let candidates = if named.is_empty() { others } else { named };
    match candidates[..] {
        [index] => Ok(index),
        [] => Err(Refused::new("the zip has no measurement")),
        _ => Err(Refused::new("the zip has several measurements")),
    }
}

/// Whether a name stays in the folder that it would be unpacked to, on every system.
fn is_inside(name: &str) -> bool {
    let plain = !name.is_empty() && !name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'));
    plain && name.trim_end_matches('/').split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn damaged(error: ZipError) -> Refused {
    Refused::new(format!("the zip can't be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside() {
        for (name, inside) in [
            ("loadgate-measurement.json", true),
            ("out/loadgate-measurement.json", true),
            ("out/", true),
            ("예약.json", true),
            ("../x.json", false),
            ("out/../x.json", false),
            ("out/..", false),
            ("./x.json", false),
            ("/etc/x.json", false),
            ("//host/x.json", false),
            ("out//x.json", false),
            ("..\\x.json", false),
            ("C:x.json", false),
            ("a\0b.json", false),
            ("a\n::error::b.json", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(is_inside(name), inside, "{name:?}");
        }
    }
}
