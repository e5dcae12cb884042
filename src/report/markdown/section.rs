//! Parts of a page, as many of which are written as fit.

use crate::report::table::{Align, Table};

use super::{CELL, escape};

/// A part of the page below its head.
pub struct Section {
    pub title: &'static str,
    /// Shown only to who opens it.
    pub folded: bool,
    /// Escaped Markdown, before the table.
    pub text: String,
    pub table: Option<Table>,
}

/// The head, whole, and as many of the sections after it as fit into `budget` bytes; what was left out is named.
pub fn within(budget: usize, head: String, sections: &[Section]) -> String {
    let mut text = head;
    let mut left_out = Vec::new();
    for section in sections {
        let room = budget.saturating_sub(text.len() + LEFT_OUT_BYTES);
        match section.fitted(room) {
            Some(section) => text.push_str(&section),
            None => left_out.push(section.title),
        }
    }
    if !left_out.is_empty() {
        text.push_str(&format!("\nLeft out for want of room: {}.\n", left_out.join(", ")));
    }
    text
}

/// Room for the line that names the sections left out.
pub const LEFT_OUT_BYTES: usize = 300;

impl Section {
    /// The section with as many rows as fit; none if not even the first does.
    fn fitted(&self, room: usize) -> Option<String> {
        let (open, close) = match self.folded {
            true => (format!("\n<details><summary>{}</summary>\n\n{}", self.title, self.text), "\n</details>\n"),
            false => (format!("\n#### {}\n\n{}", self.title, self.text), ""),
        };
        const MORE_BYTES: usize = 60;
        let room = room.checked_sub(open.len() + close.len() + MORE_BYTES)?;
        let mut text = open;
        if let Some(table) = &self.table {
            let drawn = drawn(table, room);
            if drawn.rows == 0 {
                return None;
            }
            text.push_str(&drawn.text);
            let more = table.rows.len() - drawn.rows;
            if more > 0 {
                text.push_str(&format!("\nand {more} more rows, left out for want of room\n"));
            }
        }
        text.push_str(close);
        Some(text)
    }
}

pub struct Drawn {
    pub text: String,
    pub rows: usize,
}

/// A table with as many rows as fit into `room` bytes.
pub fn drawn(table: &Table, room: usize) -> Drawn {
    let mut text = String::from("|");
    for column in &table.columns {
        text.push_str(&format!(" {} |", column.title));
    }
    text.push_str(if table.marked { " |\n|" } else { "\n|" });
    for column in &table.columns {
        text.push_str(if column.align == Align::Left { " --- |" } else { " ---: |" });
    }
    text.push_str(if table.marked { " --- |\n" } else { "\n" });
    let mut rows = 0;
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| format!(" {} |", escape::inline(cell.trim(), CELL)));
        let mark = if table.marked { format!(" {} |", row.mark.symbol()) } else { String::new() };
        let line = format!("|{}{mark}\n", cells.collect::<String>());
        if text.len() + line.len() > room {
            break;
        }
        text.push_str(&line);
        rows += 1;
    }
    Drawn { text, rows }
}
