//! Text of others in the log of a job.

/// The text as it may stand in a log. GitHub's runner takes a line that begins with `::`, and `##[` anywhere in one, for a
/// command: what a server answered must not give any.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let (indent, words) = line.split_at(line.len() - line.trim_start().len());
        out.push_str(indent);
        match words.strip_prefix("::") {
            Some(rest) => out.extend([": :", rest]),
            None => out.push_str(words),
        }
    }
    out.replace("##[", "## [")
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_line_is_a_command() {
        for (text, expected) in [
            ("a\n\n  b\r\n", "a\n\n  b\r\n"),
            ("::error::x", ": :error::x"),
            ("x\n \t::stop-commands::y\nz", "x\n \t: :stop-commands::y\nz"),
            ("x\r::error::y", "x\r: :error::y"),
            ("a path::of::names", "a path::of::names"),
            ("said ##[set-output name=verdict]pass", "said ## [set-output name=verdict]pass"),
            ("###[error]", "### [error]"),
        ] {
            assert_eq!(harmless(text), expected, "{text:?}");
        }
    }
}
