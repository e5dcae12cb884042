//! Two runs side by side, as a page: a before/after report.

use std::io::{self, Write};

use crate::report::side_by_side::{FEW_SAMPLES, GUARDS, MetricPair, SideBySide, tables};
use crate::report::table::Table;

use super::section::{Section, within};
use super::{SENTENCE, capitalized, escape};

/// Writes the page in at most `budget` bytes: what it is and what changed always, then as many of the tables as fit; what was
/// left out is named.
///
/// # Errors
/// The writer's.
pub fn write(described: &SideBySide<'_>, budget: usize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(within(budget, head(described), &sections(described)).as_bytes())
}

fn head(described: &SideBySide<'_>) -> String {
    let subject = described.subject;
    let mut text = format!("### loadgate: {}\n\n> [!NOTE]\n", subject.title());
    text.push_str(&format!("> {}.\n> {}.\n", capitalized(subject.not_judged()), subject.judged_by()));
    let warnings = [(subject.incomparable(), tables::hard_lines(described)), (GUARDS, tables::guard_lines(described))];
    for (title, lines) in warnings.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        text.push_str(&format!("\n> [!WARNING]\n> {}\n", capitalized(title)));
        list(&mut text, "> ", &lines);
    }
    let lists = [
        (subject.differs(), tables::soft_lines(described)),
        ("what is missing:", described.differences.incomplete.clone()),
    ];
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        text.push_str(&format!("\n{}\n\n", capitalized(title)));
        list(&mut text, "", &lines);
    }
    if described.few_samples {
        text.push_str(&format!("\n{}\n", escape::inline(FEW_SAMPLES, SENTENCE)));
    }
    text
}

/// The lines of a list, the first of many.
fn list(text: &mut String, before: &str, lines: &[String]) {
    const MOST: usize = 20;
    lines.iter().take(MOST).for_each(|line| text.push_str(&format!("{before}- {}\n", escape::inline(line, SENTENCE))));
    if lines.len() > MOST {
        text.push_str(&format!("{before}- and {} more\n", lines.len() - MOST));
    }
}

/// In the order of their worth: the last are left out first.
fn sections(described: &SideBySide<'_>) -> Vec<Section> {
    let section = |title, folded, table: Table| Section { title, folded, text: String::new(), table: Some(table) };
    let metrics = |title, metrics: &[MetricPair]| tables::metrics(described.subject, title, metrics);
    let sections = [
        section("Totals", false, metrics("metric", &described.totals)),
        section("Requests", false, tables::requests(described)),
        section("Failures and stopped iterations", false, tables::failures(described)),
        section("Checks", false, tables::checks(described)),
        section("Metrics of the plan", false, metrics("metric", &described.custom)),
        section("Scenarios", true, metrics("scenario", &described.scenarios)),
        section("Groups", true, metrics("group", &described.groups)),
        section("Metrics with a threshold on a part", true, metrics("part", &described.submetrics)),
        section("Phases", true, tables::phases(described)),
        section("Runs", true, tables::runs(described)),
    ];
    sections.into_iter().filter(|section| section.table.as_ref().is_some_and(|table| !table.is_empty())).collect()
}
