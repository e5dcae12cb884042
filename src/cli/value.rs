//! Values of the command line, each parsed into its type.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use crate::delay::Delay;
use crate::report::Format;

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTarget {
    pub format: Format,
    /// None for standard output.
    pub path: Option<PathBuf>,
}

impl FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((format, path)) = text.split_once('=') else {
            return Err("write FORMAT=PATH, such as markdown=summary.md".into());
        };
        let format = format.parse()?;
        match path {
            "" => Err("the path after `=` is missing; `-` is standard output".into()),
            "-" => Ok(ReportTarget { format, path: None }),
            path => Ok(ReportTarget { format, path: Some(path.into()) }),
        }
    }
}

/// A factor above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(pub f64);

impl FromStr for Factor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Factor(factor)),
            _ => Err("write a number above 0, such as 0.1".into()),
        }
    }
}

/// A share of at least 0, written as `25%` or `25`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl Percent {
    /// 25 % is 0.25.
    pub fn share(self) -> f64 {
        self.0 / 100.0
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>() {
            Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(Percent(percent)),
            _ => Err("write a percentage of at least 0, such as 25%".into()),
        }
    }
}

/// How much slower which request is: `concerts=10%`, or `10%` for the request that the demo is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    pub request: Option<String>,
    pub by: Percent,
}

impl FromStr for Slow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (request, by) = match text.split_once('=') {
            Some((request, by)) => (Some(request.trim().to_owned()), by),
            None => (None, text),
        };
        Ok(Slow { request, by: by.parse()? })
    }
}

/// A share above 0 as `10%`, or a time above 0 as `5ms` or `1s`.
pub fn slow_down(text: &str) -> Result<Delay, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    let time = |text: &str, second: f64| Duration::try_from_secs_f64(number(text)? / second).ok();
    let read = if let Some(percent) = text.strip_suffix('%') {
        number(percent).map(|percent| Delay::Share(percent / 100.0))
    } else if let Some(milliseconds) = text.strip_suffix("ms") {
        time(milliseconds, 1000.0).map(Delay::Fixed)
    } else {
        text.strip_suffix('s').and_then(|seconds| time(seconds, 1.0)).map(Delay::Fixed)
    };
    read.filter(|delay| *delay != Delay::Fixed(Duration::ZERO))
        .ok_or_else(|| "write a share or a time above 0, such as 10% or 5ms".into())
}

/// An address of http or https.
pub fn http_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|e| format!("{e}; write an address such as https://preview.example"))?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        _ => Err("write an address that begins with http:// or https://".into()),
    }
}

/// What a run writes, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// What was measured.
    Measurement(PathBuf),
    /// Each sample, as k6's `--out json=FILE`.
    Samples(PathBuf),
}

/// Outputs of samples that k6 has and loadgate has not, by the names that its `--out` takes.
const OUTPUTS_OF_K6: [&str; 6] = ["csv", "cloud", "influxdb", "statsd", "opentelemetry", "experimental-prometheus-rw"];

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').unwrap_or((text, ""));
        match (name, path) {
            ("json", "") => Err("name the file of the samples: json=FILE".into()),
            ("json", path) => Ok(Output::Samples(path.into())),
            (name, _) if OUTPUTS_OF_K6.contains(&name) => Err(format!(
                "there is no output of samples in k6's format `{name}`: json=FILE is there, and --report json=FILE has the figures"
            )),
            _ => Ok(Output::Measurement(text.into())),
        }
    }
}

/// Two texts with an equals sign between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair(pub String, pub String);

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Pair(name.into(), value.into())),
            _ => Err("write two texts with an equals sign between them: NAME=VALUE".into()),
        }
    }
}

/// An amount of memory, in MiB: at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mebibytes(pub usize);

impl Mebibytes {
    pub fn bytes(self) -> usize {
        self.0.saturating_mul(1 << 20)
    }
}

impl Default for Mebibytes {
    fn default() -> Self {
        Mebibytes(64)
    }
}

impl FromStr for Mebibytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(amount @ 1..) => Ok(Mebibytes(amount)),
            _ => Err("write a whole number of MiB, at least 1".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_targets() {
        let cases = [
            ("markdown=summary.md", Some((Format::Markdown, Some("summary.md")))),
            ("json=-", Some((Format::Json, None))),
            ("junit=a=b.xml", Some((Format::Junit, Some("a=b.xml")))),
            ("html=x", None),
            ("text", None),
            ("text=", None),
        ];
        for (text, expected) in cases {
            let parsed = text.parse::<ReportTarget>().ok();
            let expected = expected.map(|(format, path)| ReportTarget { format, path: path.map(PathBuf::from) });
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn percentages_and_factors() {
        for (text, share) in
            [("25%", Some(0.25)), ("0", Some(0.0)), ("12.5 %", Some(0.125)), ("-1%", None), ("x", None)]
        {
            assert_eq!(text.parse::<Percent>().ok().map(Percent::share), share, "{text}");
        }
        for (text, factor) in [("0.1", Some(Factor(0.1))), ("0", None), ("-1", None), ("inf", None), ("", None)] {
            assert_eq!(text.parse::<Factor>().ok(), factor, "{text}");
        }
    }

    #[test]
    fn slow_requests() {
        let slow = |request: Option<&str>, by| Slow { request: request.map(str::to_owned), by: Percent(by) };
        for (text, expected) in [
            ("25%", Some(slow(None, 25.0))),
            ("concerts=10%", Some(slow(Some("concerts"), 10.0))),
            ("concerts = 10 %", Some(slow(Some("concerts"), 10.0))),
            ("concerts", None),
            ("concerts=", None),
            ("concerts=-1%", None),
        ] {
            assert_eq!(text.parse::<Slow>().ok(), expected, "{text}");
        }
    }

    #[test]
    fn slow_downs_are_shares_or_times() {
        let milliseconds = |ms| Some(Delay::Fixed(Duration::from_millis(ms)));
        for (text, delay) in [
            ("10%", Some(Delay::Share(0.1))),
            ("12.5 %", Some(Delay::Share(0.125))),
            ("5ms", milliseconds(5)),
            ("1.5 s", milliseconds(1500)),
            ("0%", None),
            ("0ms", None),
            ("0.0000001ms", None),
            ("-5%", None),
            ("1e30s", None),
            ("NaN%", None),
            ("10", None),
            ("", None),
        ] {
            assert_eq!(slow_down(text).ok(), delay, "{text}");
        }
    }

    #[test]
    fn targets_are_http_addresses() {
        assert!(http_url("https://preview.example").is_ok());
        for text in ["preview.example", "ftp://preview.example", "/path", ""] {
            assert!(http_url(text).is_err(), "{text}");
        }
    }
}
