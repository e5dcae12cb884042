//! GJSON paths: what `res.json("users.#(age>30)#.name")` takes.
//!
//! A path is walked over a parsed value, so what the text of the body looked like is gone: `@tostr` writes compact JSON,
//! `@ugly`, `@pretty` and `@valid` change nothing, and of a key that an object has twice only the last is there.

mod component;
mod modifier;
mod multipath;
mod query;
mod wildcard;

use serde_json::Value;

use component::{ArrayComponent, ObjectComponent};

/// The value that `path` selects in `json`, or `None` when there is none. A `null` in the document is `Some(Null)`.
///
/// A path never fails: what can't be read as GJSON selects nothing.
pub fn get(json: &Value, path: &str) -> Option<Value> {
    select(Some(json), path)
}

/// Like [`get`], on a value that may be missing: `missing|@keys` is `[]`.
fn select(json: Option<&Value>, path: &str) -> Option<Value> {
    let (mut value, mut rest) = first(json, path);
    while let Some(path) = rest {
        (value, rest) = first(value.as_ref(), path);
    }
    value
}

/// The value up to the first `|`, or what stands for one, and the path behind that.
fn first<'p>(json: Option<&Value>, path: &'p str) -> (Option<Value>, Option<&'p str>) {
    if path.len() > 1 {
        let special = match path.as_bytes()[0] {
            b'@' => modifier::apply(json, path),
            b'!' => multipath::literal(path),
            b'[' | b'{' => multipath::collect(json, path),
            _ => None,
        };
        if let Some((value, rest)) = special {
            return (value, rest.strip_prefix(['.', '|']));
        }
    }
    let found = match path.strip_prefix("..") {
        // JSON lines: the document is one line.
        Some(rest) => in_array(json.map_or(&[], std::slice::from_ref), rest),
        None => json.map_or_else(Found::default, |json| descend(json, path)),
    };
    (found.value, found.pipe)
}

/// What a walk came to, and what a `|` leaves to do with it.
#[derive(Default)]
struct Found<'p> {
    value: Option<Value>,
    pipe: Option<&'p str>,
}

fn descend<'p>(json: &Value, path: &'p str) -> Found<'p> {
    match json {
        Value::Object(members) => in_object(members, path),
        Value::Array(items) => in_array(items, path),
        _ => Found::default(),
    }
}

fn in_object<'p>(members: &serde_json::Map<String, Value>, path: &'p str) -> Found<'p> {
    let component = ObjectComponent::read(path);
    let mut pipe = component.pipe;
    if !component.wild {
        return match (members.get(component.name.as_ref()), component.rest) {
            (Some(value), Some(rest)) => descend(value, rest),
            (value, _) => Found { value: value.cloned(), pipe },
        };
    }
    for (_, value) in members.iter().filter(|(key, _)| wildcard::matches(key, &component.name)) {
        let Some(rest) = component.rest else { return Found { value: Some(value.clone()), pipe } };
        let found = descend(value, rest);
        if found.value.is_some() {
            return found;
        }
        pipe = found.pipe.or(pipe);
    }
    Found { value: None, pipe }
}

fn in_array<'p>(items: &[Value], path: &'p str) -> Found<'p> {
    let component = ArrayComponent::read(path);
    match component {
        ArrayComponent::Index { index, rest, pipe } => {
            let item = index.and_then(|index| items.get(index));
            match (item, rest) {
                (Some(item), Some(rest)) => descend(item, rest),
                (item, _) => Found { value: item.cloned(), pipe },
            }
        }
        ArrayComponent::Count { pipe } => Found { value: Some(Value::from(items.len())), pipe },
        ArrayComponent::Each { path } => {
            let (path, pipe) = component::split_pipe(path);
            let values = items.iter().filter_map(|item| get(item, path)).collect();
            Found { value: Some(Value::Array(values)), pipe }
        }
        ArrayComponent::Query { query, all, rest, pipe } => {
            let (rest, late) = rest.map_or((None, None), |rest| {
                let (rest, pipe) = component::split_pipe(rest);
                (Some(rest), pipe)
            });
            let mut hits = items.iter().filter(|item| query.matches(item));
            let take = |item: &Value| rest.map_or_else(|| Some(item.clone()), |rest| get(item, rest));
            let value =
                if all { Some(Value::Array(hits.filter_map(take).collect())) } else { hits.next().and_then(take) };
            Found { value, pipe: pipe.or(late) }
        }
    }
}

#[cfg(test)]
mod tests;
