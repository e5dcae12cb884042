//! Two runs side by side, as a page: a before/after report.

use std::io::{self, Write};

use crate::report::side_by_side::{FEW_SAMPLES, INCOMPARABLE, JUDGED_BY, NOT_JUDGED, SideBySide, tables};
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
    let mut text = "### loadgate: two runs side by side\n\n> [!NOTE]\n".to_owned();
    text.push_str(&format!("> {}.\n> {}.\n", capitalized(NOT_JUDGED), JUDGED_BY));
    let hard = tables::hard_lines(described);
    if !hard.is_empty() {
        text.push_str(&format!("\n> [!WARNING]\n> {}\n", capitalized(INCOMPARABLE)));
        hard.iter().for_each(|line| text.push_str(&format!("> - {}\n", escape::inline(line, SENTENCE))));
    }
    let lists = [
        ("What else changed:", tables::soft_lines(described)),
        ("What is missing:", described.differences.incomplete.clone()),
    ];
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        text.push_str(&format!("\n{title}\n\n"));
        lines.iter().for_each(|line| text.push_str(&format!("- {}\n", escape::inline(line, SENTENCE))));
    }
    if described.few_samples {
        text.push_str(&format!("\n{}\n", escape::inline(FEW_SAMPLES, SENTENCE)));
    }
    text
}

/// In the order of their worth: the last are left out first.
fn sections(described: &SideBySide<'_>) -> Vec<Section> {
    let section = |title, folded, table: Table| Section { title, folded, text: String::new(), table: Some(table) };
    let sections = [
        section("Totals", false, tables::metrics(&described.totals)),
        section("Requests", false, tables::requests(described)),
        section("Failures and stopped iterations", false, tables::failures(described)),
        section("Checks", false, tables::checks(described)),
        section("Metrics of the plan", false, tables::metrics(&described.custom)),
        section("Phases", true, tables::phases(described)),
        section("Runs", true, tables::runs(described)),
    ];
    sections.into_iter().filter(|section| section.table.as_ref().is_some_and(|table| !table.is_empty())).collect()
}
