//! Markdown for the comment on a pull request and for the step summary: what decides first, everything else folded.

mod comparison;
mod escape;
mod section;
mod side_by_side;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::gate::{Comparison, Reason, Verdict};

use super::table::{Mark, Table};
use super::tables::FirstFailure;
use super::text::no_comparison;
use super::{Report, base, environment, tables};
use section::{Section, drawn, within};

pub use escape::{block, inline, marker, plain};
pub use side_by_side::write as write_side_by_side;

/// A comment's budget: GitHub takes 65,536 characters.
pub const COMMENT_BYTES: usize = 60_000;

/// A step summary's budget: GitHub takes 1 MiB of a step.
pub const SUMMARY_BYTES: usize = 900_000;

/// The longest cell, escaped.
const CELL: usize = 160;
/// The longest sentence, escaped.
const SENTENCE: usize = 600;
/// The longest command to copy. A longer one would be cut, and a cut command is wrong: it is left out instead.
const COMMAND: usize = 3_000;
/// The longest text of a failed response.
const EVIDENCE: usize = 4_000;

/// Writes the report in at most `budget` bytes: the verdict and its grounds always, then as many of the folded details as
/// fit; what was left out is named.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, budget: usize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(within(budget, head(report), &sections(report)).as_bytes())
}

/// The report in two parts, as a check run has them: the verdict's grounds, whole, and as many of the details as fit into
/// `budget` bytes.
pub fn parts(report: &Report<'_>, budget: usize) -> (String, String) {
    (grounds(report), within(budget, String::new(), &sections(report)))
}

fn head(report: &Report<'_>) -> String {
    let verdict = report.judgement.verdict;
    let title = format!("### {} loadgate: {}", verdict_mark(verdict).symbol(), verdict.name());
    format!("{}\n{title}\n\n{}", marker(&report.measurement.plan), grounds(report))
}

/// What stands below the verdict and above the fold.
fn grounds(report: &Report<'_>) -> String {
    let verdict = report.judgement.verdict;
    let mut text = reasons(report);
    let deciding = tables::deciding(report);
    if !deciding.is_empty() {
        text.push_str(&format!("{}\n", drawn(&deciding, usize::MAX).text));
    }
    text.push_str(&comparison::head(report));
    // A pass says so in its first sentence.
    if let Comparison::None(why) = &report.judgement.comparison
        && verdict != Verdict::Pass
    {
        text.push_str(&format!("{}.\n\n", escape::inline(&capitalized(&no_comparison(why)), SENTENCE)));
    }
    if let Some(failure) = tables::first_failure(report) {
        text.push_str(&first_failure(&failure));
    }
    match &report.context.rerun {
        Some(command) if command.len() <= COMMAND => {
            text.push_str(&format!("To measure again:\n\n{}\n", escape::block("sh", command, COMMAND)));
        }
        _ => {}
    }
    for note in report.context.notes.iter().take(10) {
        text.push_str(&format!("Note: {}\n\n", escape::inline(note, SENTENCE)));
    }
    text.push_str(&about(report));
    text
}

fn capitalized(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// One line on what was measured, with the links.
fn about(report: &Report<'_>) -> String {
    let run = report.measurement;
    let mut parts = vec![format!("plan {}", escape::inline(&run.plan, CELL))];
    parts.extend(run.profile.iter().map(|profile| format!("profile {}", escape::inline(profile, CELL))));
    parts.push(format!("target {}", target(&run.target)));
    parts.extend(run.commit.iter().map(|commit| format!("commit {}", escape::inline(commit, 16))));
    for link in report.context.links.iter().take(5) {
        if let Some(url) = safe_url(&link.url) {
            parts.push(format!("[{}]({url})", escape::inline(&link.label, CELL)));
        }
    }
    format!("<sub>{}</sub>\n", parts.join(" · "))
}

/// The deployment as a link. Its text is what the link leads to, so that it can't deceive.
fn target(origin: &str) -> String {
    match (safe_url(origin), origin.split_once("://")) {
        (Some(url), Some((_, host))) => format!("[{}]({url})", escape::inline(host, CELL)),
        _ => escape::inline(origin, CELL),
    }
}

/// A URL that can stand between a link's parentheses.
fn safe_url(url: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '"' | '`' | '|' | '\\' | '@');
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    (scheme && url.len() <= 500 && url.chars().all(plain)).then_some(url)
}

fn verdict_mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Pass => Mark::Pass,
        Verdict::Fail => Mark::Fail,
        Verdict::TooNoisy | Verdict::NotMeasured => Mark::Unclear,
    }
}

/// Why the verdict is what it is: every reason of a failure and of a run that was not measured, else one sentence. A failure
/// alone is an alert.
fn reasons(report: &Report<'_>) -> String {
    const MOST: usize = 5;
    let judgement = report.judgement;
    let (mut text, quote) = match judgement.verdict {
        Verdict::Fail => ("> [!CAUTION]\n".to_owned(), "> "),
        Verdict::NotMeasured => (String::new(), ""),
        Verdict::Pass | Verdict::TooNoisy => {
            return format!("{}\n\n", escape::opening(&judgement.reason(), SENTENCE));
        }
    };
    let reasons = judgement.reasons();
    for Reason { finding, cure } in reasons.iter().take(MOST) {
        let sentence = cure.map_or_else(|| finding.clone(), |cure| format!("{finding}; {cure}"));
        text.push_str(&format!("{quote}- {}\n", escape::opening(&sentence, SENTENCE)));
    }
    if reasons.len() > MOST {
        text.push_str(&format!("{quote}- and {} more\n", reasons.len() - MOST));
    }
    text.push('\n');
    text
}

fn first_failure(failure: &FirstFailure<'_>) -> String {
    let evidence = failure.evidence;
    let mut lines = vec![format!("{} {}", evidence.method, evidence.url)];
    lines.extend(evidence.request_headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend(evidence.request_body.iter().map(|body| format!("\n{body}")));
    if let Some(status) = evidence.status {
        lines.push(format!("\n{status}"));
        lines.extend(evidence.response_headers.iter().map(|(name, value)| format!("{name}: {value}")));
    }
    lines.extend(evidence.response_body.iter().map(|body| format!("\n{body}")));
    format!(
        "First failure of {} ({}): {}\n\n{}\n",
        escape::inline(&failure.place(), CELL),
        escape::inline(&evidence.class, CELL),
        escape::inline(&evidence.message, SENTENCE),
        escape::block("http", &lines.join("\n"), EVIDENCE)
    )
}

/// In the order of their worth: the last are left out first.
fn sections(report: &Report<'_>) -> Vec<Section> {
    let table = |title, table: Table| Section { title, folded: true, text: String::new(), table: Some(table) };
    // Nothing is folded that stands above whole.
    let all_above = tables::rows(&report.judgement.comparison).is_empty();
    let mut thresholds = tables::thresholds(report);
    if all_above && thresholds.rows.len() <= tables::MOST_DECIDING {
        thresholds.rows.clear();
    }
    let details = [
        table("Requests", tables::requests(report)),
        table("Totals of both arms", tables::totals(report)),
        table("Thresholds", thresholds),
        table("Guards", tables::guards(report)),
        table("Errors and stopped iterations", tables::errors(report)),
        table("Failed checks of both arms", tables::failed_checks(report)),
        Section { title: "Environment", folded: true, text: environment(report), table: None },
        Section { title: "Method", folded: true, text: comparison::method(&report.judgement.comparison), table: None },
    ];
    let sections = comparison::section(report).into_iter().chain(by_base(report)).chain(details);
    sections.filter(|section| section.table.as_ref().is_none_or(|table| !table.is_empty())).collect()
}

/// The run by base's rules, where they are others: its thresholds, and what base doesn't accept.
fn by_base(report: &Report<'_>) -> Option<Section> {
    let base = report.judgement.base.as_deref()?;
    let mut text = format!("{}.\n\n", escape::inline(&capitalized(&base::line(base)), SENTENCE));
    for loosened in &base.loosened {
        text.push_str(&format!("- {}\n", escape::inline(&loosened.sentence(), SENTENCE)));
    }
    if !base.loosened.is_empty() {
        text.push('\n');
    }
    let results: Vec<_> = base.judgement.thresholds.iter().collect();
    let table = (!results.is_empty()).then(|| tables::threshold_table(report, &results));
    Some(Section { title: "Base's rules", folded: true, text, table })
}

fn environment(report: &Report<'_>) -> String {
    let mut lines = environment::lines(report.measurement);
    lines.extend([
        ("baseline", report.context.baseline.clone()),
        ("measurement", report.context.measurement_path.clone()),
        ("plan", report.context.plan_path.clone()),
    ]);
    let present = lines.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    present.map(|(name, value)| format!("- {name}: {}\n", escape::inline(&value, SENTENCE))).collect()
}
