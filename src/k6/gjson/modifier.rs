//! Modifiers: `@reverse`, `@keys`, `@flatten:{"deep":true}`, …

use serde_json::{Map, Value};

use super::component::balanced;
use super::{get, query};

/// A modifier and its argument, on a value that may be missing.
type Modifier = fn(Option<&Value>, &str) -> Option<Value>;

const MODIFIERS: [(&str, Modifier); 13] = [
    ("dig", dig),
    ("flatten", flatten),
    ("fromstr", from_string),
    ("group", group),
    ("join", join),
    ("keys", keys),
    ("pretty", same),
    ("reverse", reverse),
    ("this", same),
    ("tostr", to_string),
    ("ugly", same),
    ("valid", same),
    ("values", values),
];

fn modifier(name: &str) -> Option<Modifier> {
    MODIFIERS.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier)
}

/// Whether there is a modifier of that name.
pub fn exists(name: &str) -> bool {
    modifier(name).is_some()
}

/// Applies the modifier that `path` starts with: what came of it, and the path behind it. `None` when it's a key after
/// all.
pub fn apply<'p>(json: Option<&Value>, path: &'p str) -> Option<(Option<Value>, &'p str)> {
    let end = path.find(['.', '|', ':']).unwrap_or(path.len());
    let modifier = modifier(&path[1..end])?;
    let (argument, rest) = match path[end..].strip_prefix(':') {
        Some(rest) => argument(rest),
        None => ("", &path[end..]),
    };
    Some((modifier(json, argument), rest))
}

/// An argument is JSON, or else everything up to a `|`.
fn argument(text: &str) -> (&str, &str) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    if text.starts_with(['{', '[', '"']) && matches!(values.next(), Some(Ok(_))) {
        return text.split_at(values.byte_offset());
    }
    let mut at = 0;
    while at < text.len() && text.as_bytes()[at] != b'|' {
        at += match text.as_bytes()[at] {
            b'{' | b'[' | b'(' => balanced(&text[at..]).unwrap_or(text.len() - at),
            _ => 1,
        };
    }
    text.split_at(at)
}

/// Whether the argument says `{"name": true}`.
fn flag(argument: &str, name: &str) -> bool {
    let Ok(Value::Object(options)) = serde_json::from_str(argument) else { return false };
    match options.get(name) {
        Some(Value::Bool(is)) => *is,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => query::word(text) == Some(true),
        _ => false,
    }
}

fn same(json: Option<&Value>, _: &str) -> Option<Value> {
    json.cloned()
}

fn reverse(json: Option<&Value>, _: &str) -> Option<Value> {
    Some(match json? {
        Value::Array(items) => items.iter().rev().cloned().collect(),
        Value::Object(members) => {
            Value::Object(members.iter().rev().map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    })
}

fn flatten(json: Option<&Value>, argument: &str) -> Option<Value> {
    let Value::Array(items) = json? else { return json.cloned() };
    let mut flat = Vec::with_capacity(items.len());
    spread(items, flag(argument, "deep"), &mut flat);
    Some(Value::Array(flat))
}

fn spread(items: &[Value], deep: bool, flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::Array(inner) if deep => spread(inner, deep, flat),
            Value::Array(inner) => flat.extend_from_slice(inner),
            other => flat.push(other.clone()),
        }
    }
}

fn keys(json: Option<&Value>, _: &str) -> Option<Value> {
    Some(match json {
        None => Value::Array(Vec::new()),
        Some(Value::Object(members)) => members.keys().map(String::as_str).collect(),
        Some(Value::Array(items)) => Value::Array(vec![Value::Null; items.len()]),
        Some(_) => Value::Array(vec![Value::Null]),
    })
}

fn values(json: Option<&Value>, _: &str) -> Option<Value> {
    Some(match json {
        None => Value::Array(Vec::new()),
        Some(Value::Object(members)) => members.values().cloned().collect(),
        Some(Value::Array(items)) => Value::Array(items.clone()),
        Some(other) => Value::Array(vec![other.clone()]),
    })
}

/// Of a key that several objects have, the last value counts.
fn join(json: Option<&Value>, _: &str) -> Option<Value> {
    let Value::Array(items) = json? else { return json.cloned() };
    let mut joined = Map::new();
    for members in items.iter().filter_map(Value::as_object) {
        joined.extend(members.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Some(Value::Object(joined))
}

fn to_string(json: Option<&Value>, _: &str) -> Option<Value> {
    Some(Value::String(json.map_or_else(String::new, Value::to_string)))
}

fn from_string(json: Option<&Value>, _: &str) -> Option<Value> {
    match json? {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => None,
        other => Some(other.clone()),
    }
}

/// `{"id":[1,2],"name":["a","b"]}` to `[{"id":1,"name":"a"},{"id":2,"name":"b"}]`.
fn group(json: Option<&Value>, _: &str) -> Option<Value> {
    let members = json?.as_object()?;
    let mut groups: Vec<Value> = Vec::new();
    for (key, items) in members.iter().filter_map(|(key, value)| Some((key, value.as_array()?))) {
        for (at, item) in items.iter().enumerate() {
            if at == groups.len() {
                groups.push(Value::Object(Map::new()));
            }
            groups[at][key] = item.clone();
        }
    }
    Some(Value::Array(groups))
}

/// What the path in the argument selects, in the value and in everything beneath it.
fn dig(json: Option<&Value>, path: &str) -> Option<Value> {
    let mut found = Vec::new();
    if let Some(json) = json {
        dig_into(json, path, &mut found);
    }
    Some(Value::Array(found))
}

fn dig_into(json: &Value, path: &str, found: &mut Vec<Value>) {
    found.extend(get(json, path));
    match json {
        Value::Array(items) => items.iter().for_each(|item| dig_into(item, path, found)),
        Value::Object(members) => members.values().for_each(|value| dig_into(value, path, found)),
        _ => {}
    }
}
