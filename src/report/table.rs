//! A table of finished cells, which the text and the Markdown report each draw in their own way.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// How a row stands to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Pass,
    Fail,
    /// Neither way shown.
    Unclear,
    /// Too little of it to be held to its limit.
    NotJudged,
    /// Held to no limit.
    None,
}

impl Mark {
    pub fn of(passed: bool) -> Mark {
        if passed { Mark::Pass } else { Mark::Fail }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Mark::Pass => "✓",
            Mark::Fail => "✗",
            Mark::Unclear => "?",
            Mark::NotJudged => "–",
            Mark::None => " ",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub title: &'static str,
    pub align: Align,
}

/// A column of words.
pub const fn left(title: &'static str) -> Column {
    Column { title, align: Align::Left }
}

/// A column of figures.
pub const fn right(title: &'static str) -> Column {
    Column { title, align: Align::Right }
}

#[derive(Clone, Debug)]
pub struct TableRow {
    pub mark: Mark,
    /// One for each column.
    pub cells: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<TableRow>,
    /// Whether its rows can stand well or ill to a limit.
    pub marked: bool,
}

impl Table {
    pub fn new(columns: impl Into<Vec<Column>>) -> Table {
        Table { columns: columns.into(), rows: Vec::new(), marked: true }
    }

    /// A table whose rows are held to no limit.
    pub fn unmarked(columns: impl Into<Vec<Column>>) -> Table {
        Table { marked: false, ..Table::new(columns) }
    }

    pub fn push(&mut self, mark: Mark, cells: impl Into<Vec<String>>) {
        let cells = cells.into();
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(TableRow { mark, cells });
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws the table with aligned columns; `paint` may colour a finished line by its row's mark.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_text(&self, paint: impl Fn(Mark, &str) -> String, out: &mut dyn Write) -> io::Result<()> {
        let titles: Vec<String> = self.columns.iter().map(|column| column.title.to_owned()).collect();
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.cells.iter().map(|cell| one_line(cell)).collect()).collect();
        let widths: Vec<usize> = (0..titles.len())
            .map(|at| rows.iter().chain([&titles]).map(|cells| cells[at].width()).max().unwrap_or(0))
            .collect();
        let line = |cells: &[String]| {
            let cells = cells.iter().zip(&widths).zip(&self.columns);
            let padded: Vec<String> = cells.map(|((cell, width), column)| pad(cell, *width, column.align)).collect();
            padded.join("  ").trim_end().to_owned()
        };
        writeln!(out, "     {}", line(&titles))?;
        for (row, cells) in self.rows.iter().zip(&rows) {
            let text = format!("   {} {}", row.mark.symbol(), line(cells));
            writeln!(out, "{}", paint(row.mark, text.trim_end()))?;
        }
        Ok(())
    }
}

/// Fills a cell with spaces up to a width in columns of a terminal; a Korean letter takes two.
pub fn pad(text: &str, width: usize, align: Align) -> String {
    let spaces = " ".repeat(width.saturating_sub(text.width()));
    match align {
        Align::Left => format!("{text}{spaces}"),
        Align::Right => format!("{spaces}{text}"),
    }
}

/// Text for a terminal's line: control characters, line breaks and escape codes among them, become spaces.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_whatever_the_script() {
        let mut table = Table::new([left("request"), right("p95")]);
        table.push(Mark::Pass, ["reserve".into(), "9ms".into()]);
        table.push(Mark::Fail, ["좌석 예약".into(), "312.4ms".into()]);
        table.push(Mark::None, ["evil\n\u{1b}[2J".into(), "–".into()]);
        let mut out = Vec::new();
        table.write_text(|_, line| line.to_owned(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
             request        p95
           ✓ reserve        9ms
           ✗ 좌석 예약  312.4ms
             evil  [2J        –
        ");
    }
}
