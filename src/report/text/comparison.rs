//! What the run was compared with, how, and figure by figure.

use std::io::{self, Write};

use crate::gate::{Base, Comparison, NoComparison};
use crate::report::table::one_line;
use crate::report::{Report, design, tables};

use super::{Paint, write_table};

/// Writes the comparison, or why there is none.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let compared = match &report.judgement.comparison {
        Comparison::None(why) => return writeln!(out, "   {}\n", one_line(&no_comparison(why))),
        Comparison::Made(compared) => compared,
    };
    let (title, differs, new) = match &compared.with {
        Base::History(history) => {
            let blocking = if history.blocking { "" } else { ", shown only: too few runs to block" };
            let title = format!("compared with {} of {} runs needed{blocking}", history.runs, history.needed);
            (title, "differs from history", "has no history in this definition")
        }
        Base::Reference(paired) => {
            let commit = paired.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
            let title = format!("compared with the reference {}{commit}", paired.target);
            (title, "differs from the reference", "is not in the reference")
        }
    };
    write_table(&one_line(&title), &tables::comparison(report), paint, out)?;
    for line in design::lines(compared) {
        writeln!(out, "   {}", one_line(&line))?;
    }
    for figure in tables::without_row(compared) {
        writeln!(out, "   not judged: {}", one_line(&figure))?;
    }
    for request in &compared.new_requests {
        writeln!(out, "   new: {} {new}", one_line(request))?;
    }
    for difference in &compared.differences {
        writeln!(out, "   {differs}: {}", one_line(difference))?;
    }
    Ok(())
}

/// Why nothing was compared, as a sentence, and what that means.
pub fn no_comparison(why: &NoComparison) -> String {
    format!("{why}; thresholds alone decide")
}
