//! What the generators say of themselves, read from their output.

use serde_json::Value;

/// What a generator says that it did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub requests: u64,
    pub seconds: f64,
    /// Requests without an answer of 2xx, and checks that did not hold.
    pub errors: u64,
    /// The 95th percentile of the response time in ms, where it tells it.
    pub p95: Option<f64>,
    /// The guards that fired.
    pub fired: Vec<String>,
}

/// The number before, or after, a word of some text.
fn number_before(text: &str, word: &str) -> Option<f64> {
    text[..text.find(word)?].split_whitespace().next_back()?.parse().ok()
}

fn number_after(text: &str, word: &str) -> Option<f64> {
    let rest = &text[text.find(word)? + word.len()..];
    let digits = rest.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    digits.parse().ok()
}

/// From its text; none where that is not as known.
pub fn read_wrk(text: &str) -> Option<Said> {
    let requests = number_before(text, " requests in")?;
    let seconds = requests / number_after(text, "Requests/sec:")?;
    let mut errors = number_after(text, "Non-2xx or 3xx responses:").unwrap_or(0.0);
    if let Some(line) = text.lines().find(|line| line.contains("Socket errors:")) {
        errors +=
            ["connect", "read", "write", "timeout"].iter().filter_map(|word| number_after(line, word)).sum::<f64>();
    }
    Some(Said { requests: requests as u64, seconds, errors: errors as u64, ..Said::default() })
}

/// From its JSON.
pub fn read_oha(summary: &Value) -> Option<Said> {
    let count = |key: &str, wanted: fn(&str) -> bool| -> Option<u64> {
        let counts = summary.get(key)?.as_object()?.iter().filter(|(name, _)| wanted(name));
        Some(counts.filter_map(|(_, count)| count.as_u64()).sum())
    };
    let requests = count("statusCodeDistribution", |_| true)?;
    let refused = count("statusCodeDistribution", |status| !status.starts_with('2'))?;
    // What was under way at the end is neither an answer nor an error.
    let failed = count("errorDistribution", |what| what != "aborted due to deadline")?;
    let seconds = summary["summary"]["total"].as_f64()?;
    let p95 = summary["latencyPercentiles"]["p95"].as_f64().map(|seconds| seconds * 1e3);
    Some(Said { requests, seconds, errors: refused + failed, p95, fired: Vec::new() })
}

/// From its text.
pub fn read_hey(text: &str) -> Option<Said> {
    let seconds = number_after(text, "Total:")?;
    let (_, counts) = text.split_once("Status code distribution:")?;
    let (statuses, failures) = counts.split_once("Error distribution:").unwrap_or((counts, ""));
    // Lines such as "[200] 12345 responses" and "[3] some error".
    let row = |line: &str| -> Option<(String, u64)> {
        let (key, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
        Some((key.to_owned(), rest.split_whitespace().next()?.parse().unwrap_or(0)))
    };
    let (mut requests, mut errors) = (0, 0);
    for (status, count) in statuses.lines().filter_map(row) {
        requests += count;
        errors += if status.starts_with('2') { 0 } else { count };
    }
    errors += failures.lines().filter_map(row).filter_map(|(count, _)| count.parse::<u64>().ok()).sum::<u64>();
    let p95 = number_after(text, "95% in").map(|seconds| seconds * 1e3);
    Some(Said { requests, seconds, errors, p95, fired: Vec::new() })
}

/// From the data that `handleSummary` gets.
pub fn read_k6(summary: &Value) -> Option<Said> {
    let value = |metric: &str, figure: &str| summary["metrics"][metric]["values"][figure].as_f64();
    let (requests, rate) = (value("http_reqs", "count")?, value("http_reqs", "rate")?);
    // `passes` of a rate counts what was true: requests that failed, checks that held.
    let errors = value("http_req_failed", "passes")? + value("checks", "fails").unwrap_or(0.0);
    Some(Said {
        requests: requests as u64,
        seconds: requests / rate,
        errors: errors as u64,
        p95: value("http_req_duration", "p(95)"),
        fired: Vec::new(),
    })
}
