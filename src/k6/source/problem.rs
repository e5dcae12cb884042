//! What is wrong with a script: every error of every file at once, each with its place, the problem and the cure.

use std::fmt;

use crate::plan::error::{Diagnostics, Place, Problems};

/// An error of one text, not yet tied to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where it starts and ends, in bytes.
    pub span: (usize, usize),
    pub problem: String,
    /// What to write instead; empty where the problem says it.
    pub help: String,
}

impl Problem {
    pub fn new(span: (usize, usize), problem: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem { span, problem: problem.into(), help: help.into() }
    }
}

/// The errors of all files of a script. `Display` prints each with its file, line, column and source line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceErrors {
    /// One for each file with errors, in the order in which they were read; at least one.
    pub files: Vec<Diagnostics>,
}

impl SourceErrors {
    /// Notes the errors of one file.
    pub(super) fn add(&mut self, file: &str, text: &str, problems: Vec<Problem>) {
        let mut noted = Problems::default();
        for Problem { span, problem, help } in problems {
            noted.add(&place(text, span), problem, help);
        }
        if !noted.is_empty() {
            self.files.push(noted.into_diagnostics(file, text));
        }
    }

    /// Notes an error that is at no place of a file.
    pub(super) fn add_outside(&mut self, file: &str, problem: impl Into<String>, help: impl Into<String>) {
        let mut noted = Problems::default();
        noted.add(&Place::default(), problem, help);
        self.files.push(noted.into_diagnostics(file, ""));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl fmt::Display for SourceErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, file) in self.files.iter().enumerate() {
            if number > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{file}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SourceErrors {}

/// Line and column of a range of bytes, both from 1, the column in characters.
pub(super) fn place(text: &str, (start, end): (usize, usize)) -> Place {
    let start = floor(text, start);
    let end = floor(text, end.max(start));
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let marked = text[start..end].lines().next().unwrap_or_default();
    Place {
        line: number(before.matches('\n').count() + 1),
        column: number(before[line_start..].chars().count() + 1),
        width: number(marked.chars().count().max(1)),
        ..Place::default()
    }
}

/// `line:column` of a byte.
pub(super) fn point(text: &str, at: usize) -> String {
    let place = place(text, (at, at));
    format!("{}:{}", place.line, place.column)
}

/// The nearest border of a character at or before a byte.
fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "ab\n서버 x\n\nend";
        let rows = [
            ((0, 2), [1, 1, 2]),
            ((1, 1), [1, 2, 1]),
            ((10, 11), [2, 4, 1]),
            ((3, 9), [2, 1, 2]),
            // Within a character, over the end of a line, behind the text.
            ((4, 4), [2, 1, 1]),
            ((0, 9), [1, 1, 2]),
            ((99, 100), [4, 4, 1]),
        ];
        for (span, expected) in rows {
            let place = place(text, span);
            assert_eq!([place.line, place.column, place.width], expected, "{span:?}");
        }
    }
}
