//! Values as templates write them.

use std::fmt::Write;

use minijinja::Value;
use minijinja::value::ValueKind;

/// Why a value that should be there is not.
pub(super) const MISSING: &str = "nothing is there: the value is missing";

/// Appends a value as templates write it: text as it is, everything else as JSON.
///
/// # Errors
/// The reason, where the value is missing or JSON can't hold it.
pub fn write_text(value: &Value, out: &mut String) -> Result<(), String> {
    match value.as_str() {
        Some(text) => {
            out.push_str(text);
            Ok(())
        }
        None => write_json(value, out),
    }
}

/// Appends a value as JSON. A whole number has no decimal point, whether it is kept as an integer or not, as in
/// JavaScript: what `body.amount / 2` gives would else be refused where an integer is wanted.
///
/// # Errors
/// The reason, where the value or a part of it is missing, not finite, or not of JSON's kinds.
pub fn write_json(value: &Value, out: &mut String) -> Result<(), String> {
    match value.kind() {
        ValueKind::Undefined => return Err(MISSING.to_owned()),
        ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(number) => out.push_str(itoa::Buffer::new().format(number)),
            None => write!(out, "{value}").expect("writing to a string"),
        },
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(number) if number.is_finite() && number.fract() == 0.0 && number.abs() < 1e15 => {
                write!(out, "{}", number as i64).expect("writing to a string");
            }
            Ok(number) if number.is_finite() => {
                write!(out, "{}", serde_json::Value::from(number)).expect("writing to a string");
            }
            _ => return Err(format!("{value} is no number that can be written")),
        },
        ValueKind::String => write_json_string(value.as_str().unwrap_or_default(), out),
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (index, item) in value.try_iter().map_err(|error| error.to_string())?.enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(&item, out)?;
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (index, key) in value.try_iter().map_err(|error| error.to_string())?.enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let mut name = String::new();
                write_text(&key, &mut name)?;
                write_json_string(&name, out);
                out.push(':');
                write_json(&value.get_item(&key).map_err(|error| error.to_string())?, out)?;
            }
            out.push('}');
        }
        other => return Err(format!("a {other} can't be written as text")),
    }
    Ok(())
}

pub(super) fn write_json_string(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    // A serialiser of strings into a `fmt::Write` that escapes as JSON does.
    write!(out, "{}", serde_json::Value::from(text)).expect("writing to a string");
}
