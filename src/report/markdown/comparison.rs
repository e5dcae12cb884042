//! What the run was compared with, and how: above the fold for a reference, folded with every row for both bases.

use crate::gate::{Base, Compared, Comparison, Paired};
use crate::pairing::ArmMode;
use crate::report::{Report, design, tables};

use super::section::Section;
use super::{CELL, SENTENCE, capitalized, escape, target};

/// What the head says of the comparison besides its figures: how the arms of a paired run shared it, and what could not be
/// judged.
pub fn head(report: &Report<'_>) -> String {
    let Comparison::Made(compared) = &report.judgement.comparison else { return String::new() };
    let mut text = String::new();
    if let Base::Reference(paired) = &compared.with {
        let lines = [vec![reference(paired)], escaped(&design::lines(compared))].concat();
        lines.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
        text.push('\n');
    }
    text.push_str(&not_judged(&tables::not_judged(compared)));
    text
}

fn escaped(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| escape::inline(&capitalized(line), SENTENCE)).collect()
}

/// The first of the figures without a judgement.
fn not_judged(sentences: &[String]) -> String {
    const MOST: usize = 3;
    if sentences.is_empty() {
        return String::new();
    }
    let mut text = String::from("Not judged:\n\n");
    for sentence in sentences.iter().take(MOST) {
        text.push_str(&format!("- {}\n", escape::opening(sentence, SENTENCE)));
    }
    if sentences.len() > MOST {
        text.push_str(&format!("- and {} more\n", sentences.len() - MOST));
    }
    text.push('\n');
    text
}

fn reference(paired: &Paired) -> String {
    let commit = paired.commit.iter().map(|commit| format!(", commit {}", escape::inline(commit, 16)));
    format!("Compared with {}{}", target(&paired.target), commit.collect::<String>())
}

/// Every row, and what else is to be known of it.
pub fn section(report: &Report<'_>) -> Option<Section> {
    let Comparison::Made(compared) = &report.judgement.comparison else { return None };
    let title = match compared.with {
        Base::History(_) => "Comparison with history",
        Base::Reference(_) => "Comparison with the reference",
    };
    Some(Section { title, folded: true, text: notes(compared), table: Some(tables::comparison(report)) })
}

fn notes(compared: &Compared) -> String {
    let mut text = String::new();
    let (new, differs) = match &compared.with {
        Base::History(history) => {
            let blocking = if history.blocking { "it can block" } else { "too few to block, shown only" };
            text.push_str(&format!("{} comparable runs of {} needed: {blocking}.\n\n", history.runs, history.needed));
            for line in escaped(&design::lines(compared)) {
                text.push_str(&format!("- {line}\n"));
            }
            ("new, without history", "differs from history")
        }
        Base::Reference(_) => ("new, not in the reference", "differs from the reference"),
    };
    for figure in tables::without_row(compared).iter().take(20) {
        text.push_str(&format!("- not judged: {}\n", escape::inline(figure, SENTENCE)));
    }
    for request in compared.new_requests.iter().take(20) {
        text.push_str(&format!("- {new}: {}\n", escape::inline(request, CELL)));
    }
    for difference in compared.differences.iter().take(20) {
        text.push_str(&format!("- {differs}: {}\n", escape::inline(difference, SENTENCE)));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// How the run was judged.
pub fn method(comparison: &Comparison) -> String {
    let Comparison::Made(Compared { with: Base::Reference(paired), .. }) = comparison else {
        return format!("{HISTORY} {RULE}\n");
    };
    let load = match paired.pairing.mode {
        ArmMode::Parallel => "at the same time, so that what machine, network and neighbours do hits both",
        ArmMode::Alternating => "in turn, in an order that is drawn anew for each pair of blocks",
    };
    let looks = if paired.pairing.looks.planned > 1 { LOOKS } else { "" };
    format!(
        "The pair of blocks is the replicate, a request never is. One generator gave both deployments the same load {load}. {REFERENCE}{looks} {RULE}\n"
    )
}

const HISTORY: &str = "\
The run is the replicate, a request never is. Each gated figure is compared on a logarithmic scale with the mean of the \
runs of the same plan, load and request definition; its interval comes from the spread between those runs (Student's t), \
and p is adjusted for the number of figures (Holm).";

const REFERENCE: &str = "\
Each gated figure of a block is compared on a logarithmic scale with the same figure of the reference; its interval comes \
from the spread between the pairs (Student's t, wider where neighbouring pairs are alike), and p is adjusted for all figures \
together by swapping the arms of whole pairs (Westfall and Young).";

const LOOKS: &str =
    " The load may go on once to twice its length, so each look at it has half of the 5 % for a false alarm.";

const RULE: &str = "\
A change fails if it is proven and larger than the limit; it passes if a change as large as the limit is ruled out; else the \
run is too noisy to say. *Detectable* is the smallest change that this run would have shown four times out of five. Quantiles \
are those of expected responses, and of time-outs at their limit.";
