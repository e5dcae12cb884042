//! Values with a unit or a syntax of their own: durations as k6 writes them, shares, versions of HTTP.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::read::{Expected, Word};
use super::tree::Scalar;
use crate::plan::target::HttpVersion;

const DURATION_HELP: &str = "write a duration such as 500ms or 1m30s";

/// The cure for text that is no duration.
fn duration_help(text: &str) -> String {
    let spaceless: String = text.split_whitespace().collect();
    let last_unit = format!("{text}s");
    if text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok() {
        format!("a duration has a unit: {text}s or {text}ms")
    } else if text.strip_prefix('-').is_some_and(|rest| duration(rest).is_some() || rest.parse::<f64>().is_ok()) {
        "a duration can't be negative".to_owned()
    } else if spaceless != text && duration(&spaceless).is_some() {
        format!("write it without spaces: {spaceless}")
    } else if duration(&last_unit).is_some() {
        format!("its last number has no unit: {last_unit}, say")
    } else if parts(text).is_some() {
        "it is too long: a year (366d) at most".to_owned()
    } else {
        DURATION_HELP.to_owned()
    }
}

/// Units of Go's durations, which are k6's, in nanoseconds; the longer name first where one begins the other.
const UNITS: [(&str, f64); 9] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
    ("d", 86_400e9),
];

/// The longest duration that a plan may write: a year.
const LONGEST: f64 = 366.0 * 86_400e9;

/// Reads `1h30m`, `500ms`, `1.5s`, `0`.
pub fn duration(text: &str) -> Option<Duration> {
    parts(text).filter(|nanos| *nanos <= LONGEST).map(|nanos| Duration::from_nanos(nanos.round() as u64))
}

/// Reads a duration as [`duration`] does; one that is longer than a year becomes a year, which is as good as no end.
pub fn capped_duration(text: &str) -> Option<Duration> {
    parts(text).map(|nanos| Duration::from_nanos(nanos.min(LONGEST).round() as u64))
}

/// The sum of a duration's parts, in nanoseconds, however long.
fn parts(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, nanos) =
            UNITS.iter().filter(|(unit, _)| rest.starts_with(unit)).max_by_key(|(unit, _)| unit.len())?;
        total += number * nanos;
        rest = &rest[unit.len()..];
    }
    (!text.is_empty()).then_some(total)
}

impl Word for Duration {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        duration(&scalar.text).ok_or_else(|| Expected::new("a duration", duration_help(&scalar.text)))
    }

    fn schema() -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^(0|([0-9]*\\.?[0-9]+(ns|us|µs|μs|ms|s|m|h|d))+)$" },
                { "const": 0 },
            ]
        })
    }
}

/// A share of a whole, 0 to 1: written `10%` or `0.1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);

impl Word for Share {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        let text = scalar.text.trim();
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse::<f64>(),
        };
        match share {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Share(share)),
            Ok(share) if share > 1.0 && !text.ends_with('%') => {
                Err(Expected::new("a share of 0 to 1", format!("write {text}% for a per cent")))
            }
            _ => Err(Expected::new("a share", "write a share such as 10% or 0.1")),
        }
    }

    fn schema() -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^[0-9]*\\.?[0-9]+ *%$" },
                { "type": "number", "minimum": 0, "maximum": 1 },
            ]
        })
    }
}

/// A version of HTTP: a number is one as well as a text.
impl Word for HttpVersion {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        match scalar.text.as_str() {
            "auto" => Ok(HttpVersion::Auto),
            "1.1" => Ok(HttpVersion::One),
            "2" => Ok(HttpVersion::Two),
            text => {
                let help = match text.trim_start_matches(['H', 'h', 'T', 't', 'P', 'p', '/']) {
                    "1" | "1.0" => "write 1.1",
                    "2.0" | "2c" => "write 2",
                    "3" | "3.0" => "HTTP/3 is not spoken: write auto, 1.1 or 2",
                    "1.1" => "write 1.1",
                    "2" => "write 2",
                    _ => "write auto, 1.1 or 2",
                };
                Err(Expected::new("a version of HTTP", help))
            }
        }
    }

    fn schema() -> Schema {
        json_schema!({ "enum": ["auto", "1.1", "2", 1.1, 2] })
    }
}

/// Writes a duration as a plan would: `1m30s`, `500ms`.
pub fn written(duration: Duration) -> String {
    let mut nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    let mut out = String::new();
    for (unit, length) in [("h", 3600u128 * 1_000_000_000), ("m", 60_000_000_000)] {
        if nanos >= length {
            out.push_str(&format!("{}{unit}", nanos / length));
            nanos %= length;
        }
    }
    match nanos {
        0 => {}
        1..1_000_000 => out.push_str(&format!("{}us", nanos as f64 / 1e3)),
        1_000_000..1_000_000_000 => out.push_str(&format!("{}ms", nanos as f64 / 1e6)),
        _ => out.push_str(&format!("{}s", nanos as f64 / 1e9)),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_k6_writes_them() {
        for (text, millis) in [
            ("500ms", Some(500.0)),
            ("1m30s", Some(90_000.0)),
            ("1.5s", Some(1500.0)),
            ("2h", Some(7_200_000.0)),
            ("250us", Some(0.25)),
            ("1d", Some(86_400_000.0)),
            ("0", Some(0.0)),
            ("0s", Some(0.0)),
            ("10", None),
            ("", None),
            ("ms", None),
            ("-1s", None),
            ("1 s", None),
            ("5 minutes", None),
            ("1..5s", None),
            ("99999999h", None),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs_f64() * 1e3), millis, "{text}");
        }
    }

    #[test]
    fn a_capped_duration_is_a_year_at_most() {
        assert_eq!(capped_duration("99999999h"), duration("366d"));
        assert_eq!(capped_duration("1m30s"), duration("90s"));
        assert_eq!(capped_duration("10"), None);
    }

    #[test]
    fn what_is_no_duration_is_explained() {
        for (text, help) in [
            ("10", "a duration has a unit: 10s or 10ms"),
            ("1m30", "its last number has no unit: 1m30s, say"),
            ("-10s", "a duration can't be negative"),
            ("-10", "a duration can't be negative"),
            ("1 s", "write it without spaces: 1s"),
            ("99999999h", "it is too long: a year (366d) at most"),
            ("5 minutes", DURATION_HELP),
            ("", DURATION_HELP),
        ] {
            assert_eq!(duration_help(text), help, "{text}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["500ms", "1m30s", "1.5s", "2h", "250us", "0s", "16m40s"] {
            assert_eq!(written(duration(text).unwrap()), text);
        }
    }

    #[test]
    fn shares_are_per_cent_or_fractions() {
        let share = |text: &str| Share::parse(&Scalar { text: text.into(), plain: true }).ok().map(|share| share.0);
        assert_eq!(share("10%"), Some(0.1));
        assert_eq!(share("0.1"), Some(0.1));
        assert_eq!(share("0.1%"), Some(0.001));
        assert_eq!(share("10"), None);
        assert_eq!(share("120%"), None);
        assert_eq!(share("x"), None);
    }

    #[test]
    fn a_version_of_http_is_a_number_or_a_text() {
        let version = |text: &str| HttpVersion::parse(&Scalar { text: text.into(), plain: true });
        for (text, expected) in [("auto", HttpVersion::Auto), ("1.1", HttpVersion::One), ("2", HttpVersion::Two)] {
            assert_eq!(version(text).ok(), Some(expected), "{text}");
        }
        for (text, help) in [
            ("1", "write 1.1"),
            ("HTTP/1.1", "write 1.1"),
            ("http/2.0", "write 2"),
            ("h2", "write 2"),
            ("h2c", "write 2"),
            ("3", "HTTP/3 is not spoken: write auto, 1.1 or 2"),
            ("spdy", "write auto, 1.1 or 2"),
        ] {
            assert_eq!(version(text).err().map(|expected| expected.help).as_deref(), Some(help), "{text}");
        }
    }
}
