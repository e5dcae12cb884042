//! A measurement that somebody else's machine made, and whose author may be hostile: a claim.
//!
//! It is read far more strictly than a file of our own. Its size is bounded before anything is parsed, and what it would
//! unfold to before anything is unfolded ([`scan`]). Then it is read as any measurement, which refuses unknown fields, other
//! versions and figures that contradict their histograms; then it must add up as the counts of one recorder do
//! ([`consistent`]). All of that tells a broken file from a whole one. It can't tell a true one from a clever lie.

mod consistent;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

use super::MeasurementFile;

/// A larger file is no claim: a five-minute run takes less than 1 MB.
pub const LARGEST: usize = 16 << 20;

/// Why a file is no measurement that can be told of. The text is printable: it has no control characters and starts no
/// command of GitHub's, whatever the file says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// The reason, of which a part may be the file's own text.
    pub fn new(reason: impl fmt::Display) -> Self {
        Refused(printable(&reason.to_string()))
    }
}

/// Reads a claim. `now` is the present: nothing was measured in the future.
///
/// # Errors
/// Everything that no measurement of loadgate's is.
pub fn read(json: &[u8], now: Timestamp) -> Result<MeasurementFile, Refused> {
    if json.len() > LARGEST {
        return Err(Refused::new(format!("over {} MB is no measurement", LARGEST >> 20)));
    }
    let text = str::from_utf8(json).map_err(|error| Refused::new(format!("no text in UTF-8: {error}")))?;
    scan::scan(text).map_err(|error| Refused::new(format!("no measurement, or a damaged one: {error}")))?;
    let file = MeasurementFile::parse(json).map_err(Refused::new)?;
    consistent::check(&file, now).map_err(Refused::new)?;
    Ok(file)
}

/// Most characters of a reason.
const LONGEST: usize = 400;

/// Text that is safe in a job's log: on one line, in one direction, and without the beginning of a command. The runner takes
/// `::name` at the beginning of a line for one, and `##[name]` anywhere.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        if at == LONGEST {
            out.push('…');
            break;
        }
        if c.is_control() || is_direction(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    let out = out.replace("##[", "##\\[");
    match out.trim_start().starts_with("::") {
        true => format!("\\{}", out.trim_start()),
        false => out,
    }
}

/// Characters that turn the direction of text, or break its lines.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
