//! One component of a path: what stands before the next `.` or `|`.

use std::borrow::Cow;

use super::modifier;
use super::query::{self, Query};

/// A component as an object reads it: a key, perhaps with wildcards.
pub struct ObjectComponent<'p> {
    /// The key, its escapes resolved.
    pub name: Cow<'p, str>,
    pub wild: bool,
    /// The path behind a `.`.
    pub rest: Option<&'p str>,
    /// The path behind a `|`, or behind a `.` when a modifier or a multipath follows.
    pub pipe: Option<&'p str>,
}

impl<'p> ObjectComponent<'p> {
    pub fn read(path: &'p str) -> Self {
        let mut name = String::new();
        let (mut plain, mut wild) = (0, false);
        let mut chars = path.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => {
                    name.push_str(&path[plain..at]);
                    // The character behind it is taken as it is.
                    plain = at + 1;
                    chars.next();
                }
                '*' | '?' => wild = true,
                '.' | '|' => {
                    let (rest, pipe) = continuation(path, at);
                    return ObjectComponent { name: join(name, &path[plain..at]), wild, rest, pipe };
                }
                _ => {}
            }
        }
        ObjectComponent { name: join(name, &path[plain..]), wild, rest: None, pipe: None }
    }
}

fn join<'p>(mut unescaped: String, plain: &'p str) -> Cow<'p, str> {
    if unescaped.is_empty() {
        return Cow::Borrowed(plain);
    }
    unescaped.push_str(plain);
    Cow::Owned(unescaped)
}

/// What follows the separator at `at`: the rest of the path, or a pipe.
fn continuation(path: &str, at: usize) -> (Option<&str>, Option<&str>) {
    let rest = &path[at + 1..];
    if path.as_bytes()[at] == b'|' || starts_anew(rest) { (None, Some(rest)) } else { (Some(rest), None) }
}

/// Whether what follows a `.` is a modifier or a multipath, which take the value so far as a whole.
fn starts_anew(path: &str) -> bool {
    match path.as_bytes().first() {
        Some(b'[' | b'{') => true,
        Some(b'@') => modifier::exists(path[1..].split(['.', '|', ':']).next().unwrap_or_default()),
        _ => false,
    }
}

/// A component as an array reads it.
pub enum ArrayComponent<'p> {
    /// `3`: one element; `None` for what is no index.
    Index { index: Option<usize>, rest: Option<&'p str>, pipe: Option<&'p str> },
    /// `#`: how many there are.
    Count { pipe: Option<&'p str> },
    /// `#.path`: the path in each element.
    Each { path: &'p str },
    /// `#(…)`: the first element that matches, or with `#` behind it all that do.
    Query { query: Query<'p>, all: bool, rest: Option<&'p str>, pipe: Option<&'p str> },
}

impl<'p> ArrayComponent<'p> {
    pub fn read(path: &'p str) -> Self {
        if let Some(each) = path.strip_prefix("#.") {
            return ArrayComponent::Each { path: each };
        }
        let (query, from) = match query::read(path) {
            Some((query, length)) => (Some(query), length),
            None => (None, 0),
        };
        let end = path[from..].find(['.', '|']).map(|at| from + at);
        let part = &path[from..end.unwrap_or(path.len())];
        // Behind a `#` a `.` is never a pipe: `#(a=1)#.@keys` is applied to each.
        let (rest, pipe) = match end {
            None => (None, None),
            Some(at) if path.as_bytes()[at] == b'.' && path[..at].contains('#') => (Some(&path[at + 1..]), None),
            Some(at) => continuation(path, at),
        };
        match query {
            Some(query) => ArrayComponent::Query { query, all: part.starts_with('#'), rest, pipe },
            None if part == "#" => ArrayComponent::Count { pipe },
            None => {
                let index = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
                ArrayComponent::Index { index, rest, pipe }
            }
        }
    }
}

/// Splits at the first `|` that stands in no query: what is before it concerns each element, what is behind it all.
pub fn split_pipe(path: &str) -> (&str, Option<&str>) {
    if path.starts_with('{') {
        let length = balanced(path).unwrap_or(path.len());
        return match path[length..].strip_prefix('|') {
            Some(pipe) => (&path[..length], Some(pipe)),
            None => (path, None),
        };
    }
    let bytes = path.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'|' => return (&path[..at], Some(&path[at + 1..])),
            b'.' if matches!(bytes.get(at + 1..at + 3), Some(b"#(" | b"#[")) => match balanced(&path[at + 2..]) {
                Some(length) => at += 1 + length,
                None => return (path, None),
            },
            _ => {}
        }
        at += 1;
    }
    (path, None)
}

/// How many bytes the bracket that `text` starts with spans, with what is nested in it and in strings.
pub fn balanced(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quoted) = (0, 0_usize, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
