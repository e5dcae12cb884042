//! From the lines of code that was generated back to the lines of the script.

/// Which place of the script each place of generated code comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Sorted by the place in the code.
    points: Vec<Point>,
}

/// A place in the code, and the one in the script; lines and columns from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    line: u32,
    /// In bytes, as QuickJS counts.
    column: u32,
    source_line: u32,
    /// In characters, as our errors count.
    source_column: u32,
}

impl SourceMap {
    /// From the code generator's tokens: line and column in the code, line and column in the script, columns in UTF-16.
    pub(super) fn new(tokens: impl Iterator<Item = (u32, u32, u32, u32)>, code: &str, source: &str) -> SourceMap {
        let (code, source): (Vec<&str>, Vec<&str>) = (code.split('\n').collect(), source.split('\n').collect());
        let line = |lines: &[&str], number: u32, column: u32, size: fn(char) -> usize| {
            let line = lines.get(number as usize).copied().unwrap_or_default();
            if line.is_ascii() { column } else { columns(line, column, size) }
        };
        let mut points: Vec<Point> = tokens
            .map(|(line_in_code, column, source_line, source_column)| Point {
                line: line_in_code,
                column: line(&code, line_in_code, column, char::len_utf8),
                source_line,
                source_column: line(&source, source_line, source_column, |_| 1),
            })
            .collect();
        points.sort_unstable();
        SourceMap { points }
    }

    /// The script's line and column (from 1, in characters) for a line and column of the code (from 1, in bytes): those of
    /// the last token of that line that starts at or before it, or else of the line's first. None for a line of which the
    /// script knows nothing.
    pub fn original(&self, line: u32, column: u32) -> Option<(u32, u32)> {
        let (line, column) = (line.checked_sub(1)?, column.saturating_sub(1));
        let behind = self.points.partition_point(|point| (point.line, point.column) <= (line, column));
        let before = behind.checked_sub(1).and_then(|at| self.points.get(at)).filter(|point| point.line == line);
        let point = before.or_else(|| self.points.get(behind).filter(|point| point.line == line))?;
        Some((point.source_line + 1, point.source_column + 1))
    }
}

/// A column in UTF-16 as a column in another unit.
fn columns(line: &str, utf16: u32, size: fn(char) -> usize) -> u32 {
    let mut passed = 0;
    let before = line.chars().take_while(|c| {
        passed += c.len_utf16();
        passed <= utf16 as usize
    });
    u32::try_from(before.map(size).sum::<usize>()).unwrap_or(u32::MAX)
}

/// The column in characters (from 1) of a column in bytes (from 1) of a line (from 1).
pub(super) fn in_characters(code: &str, line: u32, column: u32) -> u32 {
    let text = code.split('\n').nth((line as usize).saturating_sub(1)).unwrap_or_default();
    if text.is_ascii() {
        return column;
    }
    let bytes = (column as usize).saturating_sub(1);
    let before = text.char_indices().take_while(|(at, _)| *at < bytes).count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// A place at the end of a line of a stack trace.
pub(super) struct Mention<'a> {
    /// All before the colon: a file's name is its end.
    pub before: &'a str,
    pub line: u32,
    pub column: u32,
    pub after: &'a str,
}

/// The place at the end of a line of a stack: `    at name (file:1:2)`, `    at file:1:2`.
pub(super) fn mention(line: &str) -> Option<Mention<'_>> {
    let text = line.trim_end();
    let text = text.strip_suffix(')').unwrap_or(text);
    let (rest, column) = text.rsplit_once(':')?;
    let (before, number) = rest.rsplit_once(':')?;
    Some(Mention { before, line: number.parse().ok()?, column: column.parse().ok()?, after: &line[text.len()..] })
}

/// Whether a text ends in a file's name: not in the end of a longer one.
pub(super) fn ends_in_name(text: &str, name: &str) -> bool {
    text.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(['(', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_last_token_before_it() {
        let map = SourceMap::new([(0, 0, 2, 4), (0, 6, 3, 0), (2, 4, 7, 1)].into_iter(), "", "");
        let rows = [
            ((1, 1), Some((3, 5))),
            ((1, 6), Some((3, 5))),
            ((1, 7), Some((4, 1))),
            ((1, 99), Some((4, 1))),
            ((2, 1), None),
            ((3, 1), Some((8, 2))),
            ((0, 0), None),
            ((9, 9), None),
        ];
        for ((line, column), expected) in rows {
            assert_eq!(map.original(line, column), expected, "{line}:{column}");
        }
    }

    #[test]
    fn columns_are_bytes_in_the_code_and_characters_in_the_script() {
        let map = SourceMap::new([(0, 3, 0, 6)].into_iter(), "서😀x", "a서😀😀x");
        // UTF-16: 서 1, 😀 2 each.
        assert_eq!(map.original(1, 8), Some((1, 5)));
        assert_eq!(in_characters("a\n서버 x", 2, 8), 4);
        assert_eq!(in_characters("a\n서버 x", 9, 8), 8);
    }

    #[test]
    fn a_line_of_a_stack_ends_in_a_place() {
        let rows = [
            ("    at f (lib/a.ts:3:14)", Some(("    at f (lib/a.ts", 3, 14, ")"))),
            ("    at my file.ts:3:14", Some(("    at my file.ts", 3, 14, ""))),
            ("    at f (https://esm.sh/x.ts:80:2)", Some(("    at f (https://esm.sh/x.ts", 80, 2, ")"))),
            ("    at map (native)", None),
            ("TypeError: a", None),
            ("", None),
        ];
        for (line, expected) in rows {
            assert_eq!(mention(line).map(|m| (m.before, m.line, m.column, m.after)), expected, "{line}");
        }
        assert!(ends_in_name("    at f (lib/a.ts", "lib/a.ts"));
        assert!(!ends_in_name("    at f (lib/a.ts", "a.ts"));
    }
}
