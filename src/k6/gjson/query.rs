//! Queries: `#(age>=18)`, `#(name%"J*")#`, `#(tags.#(=="new"))`.

use std::borrow::Cow;

use serde_json::Value;

use super::{get, wildcard};

/// What stands between the brackets of a query.
pub struct Query<'p> {
    /// Where to look in the element; empty for the element itself.
    path: &'p str,
    operator: &'p str,
    value: Cow<'p, str>,
}

/// The query that `path` starts with, and how many bytes it is long.
pub fn read(path: &str) -> Option<(Query<'_>, usize)> {
    if !path.starts_with("#(") && !path.starts_with("#[") {
        return None;
    }
    let (operator_at, end) = bounds(path)?;
    let Some(at) = operator_at else {
        return Some((Query { path: trim(&path[2..end]), operator: "", value: Cow::Borrowed("") }, end + 1));
    };
    let comparison = trim(&path[at..end]);
    let length = match comparison.as_bytes() {
        [b'!', b'=' | b'%', ..] | [b'<' | b'>' | b'=', b'=', ..] => 2,
        [b'!', _, ..] => 0,
        _ => 1,
    };
    let operator = if comparison.starts_with("==") { "=" } else { &comparison[..length] };
    let query = Query { path: trim(&path[2..at]), operator, value: unquote(trim(&comparison[length..])) };
    Some((query, end + 1))
}

/// Where the query's operator starts, if it has one, and where its closing bracket is.
fn bounds(path: &str) -> Option<(Option<usize>, usize)> {
    let bytes = path.as_bytes();
    let (mut at, mut depth, mut quoted, mut operator) = (2, 1_usize, false, None);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'!' | b'=' | b'<' | b'>' | b'%' if depth == 1 && operator.is_none() => operator = Some(at),
            b'[' | b'(' => depth += 1,
            b']' | b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some((operator, at));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

fn unquote(text: &str) -> Cow<'_, str> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if inner.contains('\\') => {
            serde_json::from_str(text).map_or(Cow::Borrowed(inner), |text: String| Cow::Owned(text))
        }
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(text),
    }
}

impl Query<'_> {
    /// Whether an element of the array is one that the query means.
    pub fn matches(&self, element: &Value) -> bool {
        let nested;
        let found = if element.is_object() || element.is_array() {
            nested = get(element, self.path);
            nested.as_ref()
        } else if self.path.is_empty() {
            Some(element)
        } else {
            return false;
        };
        match self.value.strip_prefix('~') {
            Some(kind) => {
                let is = match kind {
                    "*" => found.is_some(),
                    "null" => found.is_none_or(Value::is_null),
                    "true" => truth(found) == Some(true),
                    "false" => truth(found) == Some(false),
                    _ => return false,
                };
                self.compares(&Value::Bool(is), "true")
            }
            None => found.is_some_and(|found| self.compares(found, &self.value)),
        }
    }

    fn compares(&self, found: &Value, wanted: &str) -> bool {
        if self.operator.is_empty() {
            return true;
        }
        match found {
            Value::String(text) => match self.operator {
                "%" => wildcard::matches(text, wanted),
                "!%" => !wildcard::matches(text, wanted),
                operator => ordered(operator, text.as_str(), wanted),
            },
            // What is no number compares as 0.
            Value::Number(number) => {
                ordered(self.operator, number.as_f64().unwrap_or(f64::NAN), wanted.parse().unwrap_or(0.0))
            }
            Value::Bool(is) => boolean(self.operator, *is, wanted),
            _ => false,
        }
    }
}

fn ordered<T: PartialOrd>(operator: &str, left: T, right: T) -> bool {
    match operator {
        "=" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => false,
    }
}

/// `false` is less than `true`, and whatever else is asked for is neither.
fn boolean(operator: &str, is: bool, wanted: &str) -> bool {
    let (same, other) = if is { ("true", "false") } else { ("false", "true") };
    match operator {
        "=" => wanted == same,
        "!=" => wanted != same,
        ">" => is && wanted == other,
        "<" => !is && wanted == other,
        ">=" => is,
        "<=" => !is,
        _ => false,
    }
}

/// What a value is as a truth, as `~true` and `~false` ask: a missing one is false, and an object neither.
fn truth(value: Option<&Value>) -> Option<bool> {
    match value {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(is)) => Some(*is),
        Some(Value::Number(number)) => Some(number.as_f64() != Some(0.0)),
        Some(Value::String(text)) => word(text),
        Some(Value::Array(_) | Value::Object(_)) => None,
    }
}

/// The truth that a word says: `true`, `t` or `1`, `false`, `f` or `0`, in any case.
pub fn word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" => Some(true),
        "0" | "f" | "false" => Some(false),
        _ => None,
    }
}
