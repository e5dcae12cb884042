//! JSON between answers, the host and scripts.

use rquickjs::{Array, Ctx, Error, Exception, IntoJs, Object, Value};
use serde_json::Value as Json;

/// What a text of JSON stands for.
///
/// # Errors
/// An exception that says where it is no JSON.
pub fn parse<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> rquickjs::Result<Value<'js>> {
    if let Some(value) = super::vm::from_json(ctx, bytes) {
        return Ok(value);
    }
    match ctx.json_parse(bytes) {
        Ok(value) => Ok(value),
        Err(Error::Exception) => {
            let thrown = ctx.catch();
            let message = thrown.into_object().and_then(Exception::from_object).and_then(|error| error.message());
            Err(unparsable(ctx, &message.unwrap_or_default()))
        }
        // A NUL byte, which no JSON has.
        Err(_) => Err(unparsable(ctx, "a byte that JSON does not have")),
    }
}

/// The exception for what is no JSON.
pub fn unparsable(ctx: &Ctx<'_>, problem: &str) -> Error {
    match Exception::from_message(ctx.clone(), &format!("cannot parse json due to an error: {problem}")) {
        Ok(exception) => exception.throw(),
        Err(error) => error,
    }
}

/// A value for a script.
pub fn to_js<'js>(ctx: &Ctx<'js>, value: &Json) -> rquickjs::Result<Value<'js>> {
    match value {
        Json::Null => Ok(Value::new_null(ctx.clone())),
        Json::Bool(truth) => Ok(Value::new_bool(ctx.clone(), *truth)),
        Json::Number(number) => Ok(Value::new_number(ctx.clone(), number.as_f64().unwrap_or(f64::NAN))),
        Json::String(text) => text.into_js(ctx),
        Json::Array(items) => {
            let array = Array::new(ctx.clone())?;
            for (index, item) in items.iter().enumerate() {
                array.set(index, to_js(ctx, item)?)?;
            }
            Ok(array.into_value())
        }
        Json::Object(entries) => {
            let object = Object::new(ctx.clone())?;
            for (name, entry) in entries {
                object.set(name.as_str(), to_js(ctx, entry)?)?;
            }
            Ok(object.into_value())
        }
    }
}

/// What JSON knows of a script's value: nothing of a function, say.
///
/// # Errors
/// A value that refers to itself, or whose `toJSON` throws.
pub fn from_js<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Json> {
    match text_of(ctx, value)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| unparsable(ctx, &error.to_string())),
        None => Ok(Json::Null),
    }
}

/// A script's value as a text of JSON; none for what JSON does not know.
///
/// # Errors
/// As [`from_js`].
pub fn text_of<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Option<String>> {
    ctx.json_stringify(value)?.map(|text| text.to_string()).transpose()
}
