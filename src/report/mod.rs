//! The reports: one judgement, told once for each reader. A report computes nothing and writes to whom it is given.

mod base;
mod design;
mod environment;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod metrics;
pub mod progress;
pub mod side_by_side;
pub mod sparkline;
pub mod table;
pub mod tables;
pub mod text;

#[cfg(test)]
mod fixture;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::gate::{Judgement, Verdict};
use crate::measurement::{Measurement, ReferenceArm};

use table::Mark;

/// A run and its judgement, ready to be told.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The candidate: what is judged.
    pub measurement: &'a Measurement,
    /// The other arm of a paired run.
    pub reference: Option<&'a ReferenceArm>,
    pub judgement: &'a Judgement,
    pub context: &'a ReportContext,
}

/// What a report says besides measurement and judgement. Whatever is empty is left out.
#[derive(Clone, Debug, Default)]
pub struct ReportContext {
    /// The plan's file, as the user named it.
    pub plan_path: Option<String>,
    /// The exact command that measures the same again.
    pub rerun: Option<String>,
    /// Where the measurement lies.
    pub measurement_path: Option<String>,
    /// The folder of baselines.
    pub baseline: Option<String>,
    /// The pull request that was measured.
    pub pull_request: Option<u64>,
    /// Pages to look at: the CI run, the deployment.
    pub links: Vec<Link>,
    /// What the reader must know besides: the plan's warnings, a fork's missing rights.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub url: String,
}

/// A report's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    Text,
    Markdown,
    Json,
    Junit,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Text, Format::Markdown, Format::Json, Format::Junit];

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Markdown => "markdown",
            Format::Json => "json",
            Format::Junit => "junit",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            format!("`{name}` is no report format; use one of {}", Format::ALL.map(Format::name).join(", "))
        })
    }
}

impl Report<'_> {
    /// The mark of something that holds or doesn't. Where nothing could be measured, nothing is well.
    fn mark(&self, holds: bool) -> Mark {
        if holds && self.judgement.verdict == Verdict::NotMeasured { Mark::Unclear } else { Mark::of(holds) }
    }

    /// Writes the report in a format, as it goes into a file: without colour, Markdown as long as a step summary may be.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, false, out),
            Format::Markdown => markdown::write(self, markdown::SUMMARY_BYTES, out),
            Format::Json => json::write(self, out),
            Format::Junit => junit::write(self, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_format_is_read_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        insta::assert_snapshot!("html".parse::<Format>().unwrap_err(), @"`html` is no report format; use one of text, markdown, json, junit");
    }

    const DOCS: &str = include_str!("../../docs/reports.md");

    /// The samples of the documentation are what is written.
    #[test]
    fn the_documentation_shows_real_reports() {
        let of = |format| fixture::written(&fixture::fail(), |report, out| report.write(format, out).unwrap());
        let text = of(Format::Text);
        assert!(DOCS.contains(text.trim_matches('\n')), "{text}");
        let markdown = of(Format::Markdown);
        let (head, _) = markdown.split_once("<details>").unwrap();
        assert!(DOCS.contains(head.trim_end()), "{head}");
        assert!(DOCS.contains(of(Format::Junit).trim_end()), "{}", of(Format::Junit));
        assert_part_of(&samples("json")[0], &serde_json::from_str(&of(Format::Json)).unwrap());
    }

    /// So are those of a run with a reference: each paragraph of them.
    #[test]
    fn the_documentation_shows_real_reports_of_paired_runs() {
        let of = |fixture: &fixture::Fixture, format| {
            fixture::written(fixture, |report, out| report.write(format, out).unwrap())
        };
        let (_, section) = DOCS.split_once("## A run with a reference").unwrap();
        let fail = of(&fixture::paired_fail(), Format::Text);
        let (_, sample) = section.split_once("```text\n").unwrap();
        let (sample, rest) = sample.split_once("\n```").unwrap();
        for paragraph in sample.split("\n\n").filter(|paragraph| paragraph.trim() != "…") {
            assert!(fail.contains(paragraph), "{paragraph}\nis not in\n{fail}");
        }
        let (_, first_line) = rest.split_once("```text\n").unwrap();
        let (first_line, _) = first_line.split_once('\n').unwrap();
        assert_eq!(first_line, of(&fixture::paired_too_noisy(), Format::Text).lines().next().unwrap());
        let pass = of(&fixture::paired_pass(), Format::Markdown);
        let (head, _) = pass.split_once("To measure again").unwrap();
        assert!(section.contains(head.trim_end()), "{head}");
        let document = serde_json::from_str(&of(&fixture::paired_fail(), Format::Json)).unwrap();
        assert_part_of(&samples("json")[1], &document);
    }

    /// The blocks of a language in the documentation.
    fn samples(language: &str) -> Vec<Value> {
        let fence = format!("\n```{language}\n");
        let blocks = DOCS.split(&fence).skip(1);
        let block = |rest: &str| serde_json::from_str(rest.split_once("\n```").unwrap().0).unwrap();
        blocks.map(block).collect()
    }

    /// Every field of the sample has its value in the document; lists are compared by their first item.
    fn assert_part_of(sample: &Value, document: &Value) {
        match (sample, document) {
            (Value::Object(fields), Value::Object(_)) => {
                fields.iter().for_each(|(name, value)| assert_part_of(value, &document[name]));
            }
            (Value::Array(items), Value::Array(all)) if !items.is_empty() => assert_part_of(&items[0], &all[0]),
            _ => assert_eq!(sample, document),
        }
    }
}
