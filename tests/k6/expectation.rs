//! What a directive expects of a run.
//!
//! | expectation | holds if |
//! | --- | --- |
//! | `exit pass` | the exit code is that, see [`CODES`] |
//! | `checks 5` | 5 checks passed, none failed |
//! | `checks some` | checks passed, none failed |
//! | `checks 3 of 5` | 3 of 5 checks passed |
//! | `check "name" 3 of 5` | the same of one check |
//! | `metric iterations count == 3` | the aggregate of a metric compares so; `metric x absent`: it has no sample |
//! | `request "name" 2` | 2 requests have that name, in which `{BASE_URL}` is the server's |
//! | `stderr contains "text"`, `stderr lacks "text"` | what was printed; also `stdout`, `output`, `file PATH` |

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::run::Outcome;

/// Ways to end, with loadgate's exit code.
pub const CODES: &[(&str, i32)] = &[
    ("pass", 0),
    // A threshold is broken; in loadgate also a failure that k6 lets pass.
    ("thresholds", 1),
    // The script can't be read, or its options can't.
    ("script", 2),
    ("options", 2),
    // setup() or teardown() threw.
    ("setup", 4),
    ("setup timeout", 4),
    ("teardown timeout", 4),
    // exec.test.abort()
    ("aborted", 1),
    // exec.test.fail()
    ("failed", 1),
    // handleSummary() threw. k6 passes over that.
    ("summary", 4),
    // A guard fired. Only loadgate ends so.
    ("not measured", 3),
];

/// One expectation.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    Exit(String),
    Checks { passed: u64, of: u64 },
    SomeChecks,
    Check { name: String, passed: u64, of: u64 },
    Metric { name: String, aggregate: String, operator: String, value: f64 },
    Absent { metric: String },
    Request { name: String, count: u64 },
    Text { stream: Stream, contains: bool, text: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
    Either,
    File(String),
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(line: &str) -> Result<Expectation, String> {
        let wrong = || format!("`{line}` is no expectation");
        let (kind, rest) = line.split_once(' ').ok_or_else(wrong)?;
        let tally = |text: &str| {
            let (passed, of) = text.split_once(" of ").unwrap_or((text, text));
            Some((passed.parse().ok()?, of.parse().ok()?))
        };
        match kind {
            "exit" if CODES.iter().any(|(name, _)| *name == rest) => Ok(Expectation::Exit(rest.to_owned())),
            "checks" if rest == "some" => Ok(Expectation::SomeChecks),
            "checks" => {
                let (passed, of) = tally(rest).ok_or_else(wrong)?;
                Ok(Expectation::Checks { passed, of })
            }
            "check" => {
                let (name, rest) = quoted(rest).ok_or_else(wrong)?;
                let (passed, of) = tally(rest).ok_or_else(wrong)?;
                Ok(Expectation::Check { name, passed, of })
            }
            "request" => {
                let (name, rest) = quoted(rest).ok_or_else(wrong)?;
                Ok(Expectation::Request { name, count: rest.parse().map_err(|_| wrong())? })
            }
            "metric" => match *rest.split(' ').collect::<Vec<_>>() {
                [metric, "absent"] => Ok(Expectation::Absent { metric: metric.to_owned() }),
                [name, aggregate, operator, value] => Ok(Expectation::Metric {
                    name: name.to_owned(),
                    aggregate: aggregate.to_owned(),
                    operator: operator.to_owned(),
                    value: value.parse().map_err(|_| wrong())?,
                }),
                _ => Err(wrong()),
            },
            "stdout" | "stderr" | "output" | "file" => {
                let (stream, rest) = match kind {
                    "stdout" => (Stream::Out, rest),
                    "stderr" => (Stream::Err, rest),
                    "output" => (Stream::Either, rest),
                    _ => {
                        let (path, rest) = rest.split_once(' ').ok_or_else(wrong)?;
                        (Stream::File(path.to_owned()), rest)
                    }
                };
                let (verb, rest) = rest.split_once(' ').ok_or_else(wrong)?;
                if verb != "contains" && verb != "lacks" {
                    return Err(wrong());
                }
                let (text, _) = quoted(rest).ok_or_else(wrong)?;
                Ok(Expectation::Text { stream, contains: verb == "contains", text })
            }
            _ => Err(wrong()),
        }
    }
}

/// A text in double quotes, in JSON's writing, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    let end = values.byte_offset();
    Some((value, text.get(end..)?.trim_start()))
}

impl Expectation {
    /// What is wrong with the outcome, by this expectation.
    pub fn miss(&self, outcome: &Outcome) -> Option<String> {
        let found = match self {
            Expectation::Exit(name) => {
                let code = CODES.iter().find(|(known, _)| known == name).map(|(_, code)| *code);
                let found = if name == "not measured" { outcome.code } else { outcome.code_besides_guards() };
                (found != code).then(|| format!("exit {found:?}, not {code:?}"))
            }
            Expectation::Checks { passed, of } => outcome.miss_of_checks(None, *passed, *of),
            Expectation::SomeChecks => {
                let (passed, of, failed) = outcome.checks(None);
                (passed == 0 || passed < of).then(|| format!("{passed} of {of}, failed: {failed}"))
            }
            Expectation::Check { name, passed, of } => outcome.miss_of_checks(Some(name), *passed, *of),
            Expectation::Metric { name, aggregate, operator, value } => {
                let figure = outcome.metric(name).and_then(|metric| figure(metric, aggregate));
                let holds = figure.is_some_and(|figure| compare(figure, operator, *value));
                (!holds).then(|| format!("{aggregate} is {figure:?}"))
            }
            Expectation::Absent { metric } => {
                let found = outcome.metric(metric).filter(|metric| has_samples(metric));
                found.map(|found| format!("there is {found}"))
            }
            Expectation::Request { name, count } => {
                let found = outcome.requests(&name.replace("{BASE_URL}", &super::run::base_url()));
                (found != *count).then(|| format!("{found}; all are {}", outcome.request_names()))
            }
            Expectation::Text { stream, contains, text } => {
                let found = outcome.text(stream);
                (found.contains(text.as_str()) != *contains).then(|| "not so".to_owned())
            }
        };
        found.map(|found| format!("{self}: {found}"))
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expectation::Exit(name) => write!(f, "exit {name}"),
            Expectation::Checks { passed, of } => write!(f, "checks {passed} of {of}"),
            Expectation::SomeChecks => f.write_str("checks some"),
            Expectation::Check { name, passed, of } => write!(f, "check {name:?} {passed} of {of}"),
            Expectation::Metric { name, aggregate, operator, value } => {
                write!(f, "metric {name} {aggregate} {operator} {value}")
            }
            Expectation::Absent { metric } => write!(f, "metric {metric} absent"),
            Expectation::Request { name, count } => write!(f, "request {name:?} {count}"),
            Expectation::Text { stream, contains, text } => {
                write!(f, "{stream:?} {} {text:?}", if *contains { "contains" } else { "lacks" })
            }
        }
    }
}

/// A figure of a metric of the JSON report, by k6's name of the aggregate.
fn figure(metric: &Value, aggregate: &str) -> Option<f64> {
    let field = match aggregate {
        "rate" if metric["kind"] == "counter" => "per_second".to_owned(),
        _ => aggregate.replace(['(', ')'], "").replace('.', "_"),
    };
    metric[&field].as_f64()
}

/// The report has rows for metrics without samples too.
fn has_samples(metric: &Value) -> bool {
    let figures = ["count", "value", "rate"].map(|field| metric[field].as_f64());
    figures.into_iter().flatten().any(|figure| figure != 0.0)
}

fn compare(left: f64, operator: &str, right: f64) -> bool {
    match operator {
        "==" => (left - right).abs() <= 1e-9 * right.abs().max(1.0),
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => false,
    }
}
