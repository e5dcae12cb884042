//! What the YAML parser says of a text that is no YAML, in words for people who write plans.

/// Part of the parser's message, the problem and the cure.
const KNOWN: [(&str, &str, &str); 6] = [
    ("tabs disallowed", "a tab can't indent a line", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a `key: value` can't stand here",
        "give this line the indentation of its neighbours, or put text that holds `: ` in quotes",
    ),
    ("quoted scalar", "a quote that was opened is not closed", "close it on its own line"),
    (
        "flow mapping",
        "a `,` or the `}` of this map is missing",
        "separate `key: value` pairs by `, `, and put text that holds `: ` or `,` in quotes",
    ),
    (
        "flow sequence",
        "a `,` or the `]` of this list is missing",
        "separate items by `, `, and put text with a `,` in quotes",
    ),
    ("expected <block end>", "this line's indentation fits no line above", "give it the indentation of its neighbours"),
];

/// Problem and cure.
pub fn in_words(message: &str) -> (String, &'static str) {
    match KNOWN.iter().find(|(part, ..)| message.contains(part)) {
        Some((_, problem, cure)) => (format!("this is not YAML: {problem}"), cure),
        None => (
            format!("this is not YAML: {message}"),
            "text that holds `: `, ` #` or begins with one of {[\"'*&!|>%@` needs quotes",
        ),
    }
}
