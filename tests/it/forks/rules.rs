//! What must never be seen of a hostile artifact: in a log, and in a comment. Each rule names what breaks it.

/// The first line of a log that the runner would take for a command: `::name` at its beginning, `##[name]` anywhere.
pub fn command_in(log: &str) -> Option<&str> {
    log.split(['\n', '\r']).find(|line| line.trim_start().starts_with("::") || line.contains("##["))
}

/// What a comment does that only its author may do: mention somebody, link, or bring HTML of its own.
pub fn escape_in(comment: &str) -> Option<String> {
    let text = without_code(comment.split_once('\n').map_or(comment, |(_, rest)| rest));
    let around = |at: usize| {
        let end = text.ceil_char_boundary((at + 60).min(text.len()));
        text[text.floor_char_boundary(at.saturating_sub(20))..end].to_owned()
    };
    for (at, _) in text.match_indices('@') {
        if !text[at + 1..].starts_with("&#8203;") {
            return Some(format!("a mention: {}", around(at)));
        }
    }
    let found = ["&#64;", "&#x40;", "&commat;", "://evil"].into_iter().filter_map(|one| text.find(one));
    let links = text.match_indices("](").filter(|(at, _)| !text[..*at].ends_with('\\'));
    let theirs = links.map(|(at, _)| at).filter(|at| !text[*at..].starts_with("](https://github.com/"));
    if let Some(at) = found.chain(theirs).next() {
        return Some(format!("a mention or a link: {}", around(at)));
    }
    let ours = ["<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>", "<br>"];
    for (at, _) in text.match_indices('<') {
        let html = text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if html && !ours.iter().any(|tag| text[at..].starts_with(tag)) {
            return Some(format!("HTML: {}", around(at)));
        }
    }
    if text.matches("<details>").count() != text.matches("</details>").count() {
        return Some("a fold that is closed by the artifact".into());
    }
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.find(turning).map(|at| format!("a character that turns the direction: {}", around(at)))
}

/// The text outside of code blocks and code spans, where nothing is a mention or HTML.
fn without_code(markdown: &str) -> String {
    let (mut out, mut fence) = (String::new(), None::<String>);
    for line in markdown.lines() {
        let ticks: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && line.trim() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    // A span of our own text never holds what is looked for; text of others has no backtick.
    out.split('`').step_by(2).collect()
}

#[test]
fn the_rules_find_what_they_are_for() {
    for comment in [
        "m\nhello @octocat",
        "m\nmail a@b.example",
        "m\n&#64;team",
        "m\n<img src=x>",
        "m\n</details>",
        "m\n<!-- loadgate:shop -->",
        "m\n<a href=x>",
        "m\n[x](https://evil.example)",
        "m\n[x](//evil.example)",
        "m\n[x](javascript:alert(1))",
        "m\nhttps://evil.example",
        "m\n\u{202e}live",
        "m\n```\ncode\n```\n@octocat",
    ] {
        assert!(escape_in(comment).is_some(), "{comment:?}");
    }
    for comment in
        ["<!-- loadgate-claim:shop -->\nfine", "m\na @&#8203;team", "m\n```\n@octocat <b>\n```", "m\n`@x` <sub>x</sub>"]
    {
        assert_eq!(escape_in(comment), None, "{comment:?}");
    }
    for log in ["a\n::error::x", "  ::set-output name=a::b", "x ##[add-path]/tmp", "a\r::add-mask::b"] {
        assert!(command_in(log).is_some(), "{log:?}");
    }
    assert_eq!(command_in("loadgate: ::error::x\na :: b"), None);
}
