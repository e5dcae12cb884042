//! What is wrong with a gate file: every error at once, each with its place, the problem and the cure.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::functions;

/// Longest excerpt of a source line, in characters; longer lines are cut around the error.
const EXCERPT: usize = 110;

/// Most errors that are shown; all are counted.
const MOST_SHOWN: usize = 100;
/// Longest problem or help, in characters.
const LONGEST: usize = 600;

/// Where something is written in a gate file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// From 1; 0 where the problem is not in the file (an option of the command line).
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Characters to underline on that line, at least 1.
    pub width: u32,
    /// The way from the file's root: `scenarios.reserve.stages[2].duration`; empty for the root itself.
    pub path: Arc<str>,
    /// In base's plan, and not in the file itself.
    pub at_base: bool,
}

/// `path.key`, with the key in quotes where it holds what a path could not be split at.
pub(super) fn join(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '<'));
    match (path.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key:?}]"),
    }
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub place: Place,
    /// What is wrong, in words.
    pub problem: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Collects errors while a file is read, so that one does not hide the next.
#[derive(Debug, Default)]
pub struct Problems {
    noted: Vec<Diagnostic>,
    /// Point and problem of each.
    known: HashSet<(Point, String)>,
    /// Places about which all is said.
    settled: HashSet<Point>,
}

/// Whether it is in base's plan; line and column.
type Point = (bool, u32, u32);

fn point(place: &Place) -> Point {
    (place.at_base, place.line, place.column)
}

impl Problems {
    /// Notes an error. One that was noted already, of the same place, is not noted twice.
    pub fn add(&mut self, place: &Place, problem: impl Into<String>, help: impl Into<String>) {
        let (problem, help) = (shortened(problem.into()), shortened(help.into()));
        let settled = self.settled.contains(&point(place));
        if !settled && self.known.insert((point(place), problem.clone())) {
            self.noted.push(Diagnostic { place: place.clone(), problem, help: (!help.is_empty()).then_some(help) });
        }
    }

    /// Takes no more errors of this place: what was noted is why all others would follow.
    pub fn settle(&mut self, place: &Place) {
        self.settled.insert(point(place));
    }

    /// Adds another collection's errors.
    pub fn append(&mut self, other: Problems) {
        for diagnostic in other.noted {
            self.add(&diagnostic.place, diagnostic.problem, diagnostic.help.unwrap_or_default());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    /// What was noted first.
    pub fn first(&self) -> Option<&Diagnostic> {
        self.noted.first()
    }

    /// The errors in the order of the file, with what is needed to show them.
    pub fn into_diagnostics(mut self, file: impl Into<String>, text: &str) -> Diagnostics {
        self.noted.sort_by_key(|d| point(&d.place));
        Diagnostics { file: file.into(), text: text.to_owned(), base: None, errors: self.noted }
    }
}

/// All errors of a gate file. `Display` prints each with its source line, and their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// The file's name as errors show it.
    pub file: String,
    /// The file's text, for the excerpts.
    pub text: String,
    /// Base's plan, where it was read beside the file: its name and its text.
    pub base: Option<(String, String)>,
    /// In the order of the file, those of base's plan last; at least one.
    pub errors: Vec<Diagnostic>,
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in self.errors.iter().take(MOST_SHOWN) {
            self.show(error, f)?;
            writeln!(f)?;
        }
        if self.errors.len() > MOST_SHOWN {
            writeln!(f, "… and {} more\n", self.errors.len() - MOST_SHOWN)?;
        }
        match self.errors.len() {
            1 => write!(f, "{}: 1 error", self.file),
            n => write!(f, "{}: {n} errors", self.file),
        }
    }
}

impl Diagnostics {
    fn show(&self, error: &Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &error.place;
        let problem = printable(&error.problem);
        if place.line == 0 {
            writeln!(f, "{problem}")?;
        } else {
            write!(f, "{}:{}:{}: ", self.of(place).0, place.line, place.column)?;
            if !place.path.is_empty() {
                write!(f, "{}: ", printable(&place.path))?;
            }
            writeln!(f, "{problem}")?;
            self.excerpt(place, f)?;
        }
        if let Some(help) = &error.help {
            writeln!(f, "  help: {}", printable(help))?;
        }
        Ok(())
    }

    /// Name and text of the file that a place is in.
    fn of(&self, place: &Place) -> (&str, &str) {
        match &self.base {
            Some((name, text)) if place.at_base => (name, text),
            _ => (&self.file, &self.text),
        }
    }

    /// The source line with carets under the place.
    fn excerpt(&self, place: &Place, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(line) = self.of(place).1.lines().nth(place.line as usize - 1) else { return Ok(()) };
        let line: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if line.iter().all(|c| c.is_whitespace()) {
            return Ok(());
        }
        let at = (place.column.max(1) as usize - 1).min(line.len());
        let start = if line.len() > EXCERPT { at.saturating_sub(EXCERPT / 2) } else { 0 };
        let end = line.len().min(start + EXCERPT);
        let shown: String = line[start..end].iter().collect();
        let before: String = line[start..at].iter().collect();
        let marked: usize =
            line[at..end].iter().take(place.width.max(1) as usize).filter_map(|c| c.width()).sum::<usize>().max(1);
        let number = place.line.to_string();
        let gutter = " ".repeat(number.len());
        let cut = if start > 0 { "…" } else { "" };
        writeln!(f, " {number} | {cut}{}{}", shown.trim_end(), if end < line.len() { "…" } else { "" })?;
        writeln!(f, " {gutter} | {}{}", " ".repeat(cut.width() + before.width()), "^".repeat(marked))
    }
}

/// Text that repeats at most so much of the file.
fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Text of the file, safe on a terminal: control characters become their escapes.
fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

/// The known name that is most like the wrong one, if any is like it at all; the same letters in another case or with
/// other underscores are most like it.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let letters = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let wanted = letters(wrong);
    known.clone().into_iter().find(|name| letters(name) == wanted).or_else(|| functions::nearest(wrong, known))
}

/// The cure for an unknown name: the nearest known one, or else all of them.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(wrong, known.clone()) {
        return format!("did you mean `{name}`?");
    }
    let all = list(known);
    if all.is_empty() { "there are none in this plan".to_owned() } else { format!("known here: {all}") }
}

/// `a`, `b`, `c`: at most twenty names.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut shown: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    if names.len() > shown.len() {
        shown.push(format!("and {} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_place_problem_and_cure() {
        let text = "version: 1\ntreshold:\n  a: 1\n";
        let place = Place { line: 2, column: 1, width: 8, path: "".into(), ..Place::default() };
        let mut problems = Problems::default();
        problems.add(&place, "unknown key `treshold`", "did you mean `thresholds`?");
        problems.add(&place, "unknown key `treshold`", "did you mean `thresholds`?");
        insta::assert_snapshot!(problems.into_diagnostics("loadgate.yml", text), @r"
        loadgate.yml:2:1: unknown key `treshold`
         2 | treshold:
           | ^^^^^^^^
          help: did you mean `thresholds`?

        loadgate.yml: 1 error
        ");
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        let text = "이름: 5x\n";
        let place = Place { line: 1, column: 5, width: 2, path: "이름".into(), ..Place::default() };
        let mut problems = Problems::default();
        problems.add(&place, "`5x` is not a duration\u{1b}[31m", "");
        insta::assert_snapshot!(problems.into_diagnostics("p.yml", text), @r"
        p.yml:1:5: 이름: `5x` is not a duration\u{1b}[31m
         1 | 이름: 5x
           |       ^^

        p.yml: 1 error
        ");
    }

    #[test]
    fn long_lines_are_cut_around_the_error() {
        let text = format!("{}bad{}", "a".repeat(300), "b".repeat(300));
        let place = Place { line: 1, column: 301, width: 3, path: "".into(), ..Place::default() };
        let mut problems = Problems::default();
        problems.add(&place, "x", "");
        let shown = problems.into_diagnostics("p.yml", &text).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].chars().count() < 130, "{shown}");
        assert_eq!(lines[1].chars().position(|c| c == 'b'), lines[2].chars().position(|c| c == '^'));
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("treshold", ["target", "thresholds"]), Some("thresholds"));
        assert_eq!(nearest("max_vus", ["maxVUs", "vus"]), Some("maxVUs"));
        assert_eq!(nearest("xyz", ["maxVUs", "vus"]), None);
    }
}
