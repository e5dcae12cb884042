//! Text that can't do anything in GitHub's Markdown: names, URLs and messages come from the plan and from the target.

/// Escapes text for a sentence or a cell of a table, and shortens it to `most` bytes of output.
///
/// No text can end its cell or its line, start HTML, a code span or a link, mention a person or refer to an issue.
pub fn inline(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|c| !is_hidden(*c)).peekable();
    while let Some(c) = chars.next() {
        let mut piece = String::new();
        let before = |word: &str| {
            let (head, tail) = out.split_at(out.floor_char_boundary(out.len().saturating_sub(word.len())));
            tail.eq_ignore_ascii_case(word) && !head.ends_with(char::is_alphanumeric)
        };
        match c {
            // A mention and a reference are found in the rendered text, where an entity is the character that it stands
            // for; a space of no width ends them.
            '@' => piece.push_str("@&#8203;"),
            '#' if chars.peek().is_some_and(char::is_ascii_digit) => piece.push_str("#&#8203;"),
            '#' => piece.push_str("\\#"),
            // As `GH-1`, which is an issue too.
            '-' if before("gh") => piece.push_str("-&#8203;"),
            // A link begins with `www.` too.
            '.' if before("www") => piece.push_str("\\."),
            '&' => piece.push_str("&amp;"),
            '<' => piece.push_str("&lt;"),
            '>' => piece.push_str("&gt;"),
            '|' => piece.push_str("&#124;"),
            '`' => piece.push_str("&#96;"),
            // Not `://`, which makes a link of itself.
            ':' if chars.peek() == Some(&'/') => piece.push_str("&#58;"),
            '\\' | '*' | '_' | '[' | ']' | '~' | '!' | '$' => piece.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => piece.push(' '),
            c => piece.push(c),
        }
        if out.len() + piece.len() + '…'.len_utf8() > most {
            out.push('…');
            break;
        }
        out.push_str(&piece);
    }
    out
}

/// Escapes text that begins a paragraph or an item of a list as [`inline`] does, and so that it begins nothing else: no list,
/// no rule, no code.
pub fn opening(text: &str, most: usize) -> String {
    let text = inline(text.trim_start(), most.saturating_sub(1));
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    let begins = match digits {
        0 => rest.starts_with(['-', '+', '=']),
        _ => rest.starts_with(['.', ')']),
    };
    if begins { format!("{number}\\{rest}") } else { text }
}

/// Text for a place that takes no Markdown: one line, nothing hidden.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Characters that turn the direction of text, or have no width, could make one name look like another.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A code block that no text can end, shortened to `most` bytes.
pub fn block(language: &str, text: &str, most: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let visible = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || is_hidden(*c));
    let mut kept: String = text.chars().filter(visible).collect();
    if kept.len() > most {
        kept.truncate(kept.floor_char_boundary(most));
        kept.push('…');
    }
    let longest = kept.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", kept.trim_end_matches('\n'))
}

/// The hidden line by which a plan's comment is found again. It is one HTML comment whatever the plan's name is; of a very
/// long name the beginning counts.
pub fn marker(plan: &str) -> String {
    const MOST: usize = 200;
    let mut name = String::new();
    for byte in plan.bytes().take(MOST) {
        match byte {
            // No `--` and no `>`, which end an HTML comment.
            b'-' if name.ends_with('-') => name.push_str("%2D"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => name.push(byte as char),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("<!-- loadgate:{name} -->")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_not_leave_its_cell() {
        for (text, expected) in [
            ("reserve", "reserve"),
            ("POST /concerts/:id", "POST /concerts/:id"),
            ("a|b", "a&#124;b"),
            ("a\nb\r\nc", "a b  c"),
            ("`code`", "&#96;code&#96;"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("@team", "@&#8203;team"),
            ("&#64;team", "&amp;#&#8203;64;team"),
            ("see #12 and #x", "see #&#8203;12 and \\#x"),
            ("[x](https://evil.example)", "\\[x\\](https&#58;//evil.example)"),
            ("**bold** _it_", "\\*\\*bold\\*\\* \\_it\\_"),
            ("back\\slash", "back\\\\slash"),
            ("좌석 예약", "좌석 예약"),
            ("\u{202e}evil", "evil"),
            ("GH\u{200d}-12, gh-12, high-12", "GH-&#8203;12, gh-&#8203;12, high-12"),
            ("see WWW.evil.example", "see WWW\\.evil.example"),
        ] {
            assert_eq!(inline(text, 200), expected, "{text:?}");
        }
    }

    #[test]
    fn what_begins_a_line_begins_nothing_else() {
        for (text, expected) in [
            ("- x", "\\- x"),
            ("   - x", "\\- x"),
            ("+ x", "\\+ x"),
            ("===", "\\==="),
            ("12. x", "12\\. x"),
            ("1) x", "1\\) x"),
            ("1.5 ms", "1\\.5 ms"),
            ("1 threshold", "1 threshold"),
            ("# x", "\\# x"),
            ("> x", "&gt; x"),
            ("reserve", "reserve"),
        ] {
            assert_eq!(opening(text, 200), expected, "{text:?}");
        }
        assert!(opening(&"-".repeat(200), 100).len() <= 100);
    }

    #[test]
    fn long_text_is_cut_between_characters_and_entities() {
        assert_eq!(inline("abcdef", 6), "abc…");
        assert_eq!(inline("예약예약", 10), "예약…");
        assert_eq!(inline("a@@@@", 12), "a@&#8203;…");
        assert!(inline(&"|".repeat(1000), 100).len() <= 100);
    }

    #[test]
    fn a_block_outlasts_the_fences_inside_it() {
        insta::assert_snapshot!(block("sh", "echo\n```\n@team ````x", 100), @r"
        `````sh
        echo
        ```
        @team ````x
        `````
        ");
        assert_eq!(block("", "한글한글", 7), "```\n한글…\n```\n");
    }

    #[test]
    fn a_marker_is_one_html_comment() {
        for (plan, expected) in [
            ("concert-reservation", "<!-- loadgate:concert-reservation -->"),
            ("a--b", "<!-- loadgate:a-%2Db -->"),
            ("x --> <b>", "<!-- loadgate:x%20-%2D%3E%20%3Cb%3E -->"),
            ("예약", "<!-- loadgate:%EC%98%88%EC%95%BD -->"),
            ("a\nb", "<!-- loadgate:a%0Ab -->"),
        ] {
            assert_eq!(marker(plan), expected);
        }
    }
}
