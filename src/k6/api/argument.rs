//! Reading what a script passes.

use rquickjs::function::This;
use rquickjs::{Array, ArrayBuffer, Coerced, Ctx, Exception, FromJs, Function, Object, Result, Value};

/// A string, or the bytes that a script passes in its place.
pub enum Source {
    Text(String),
    Bytes(Vec<u8>),
}

impl Source {
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Source::Text(text) => text.into_bytes(),
            Source::Bytes(bytes) => bytes,
        }
    }
}

/// A string, an `ArrayBuffer`, or a view of one; `None` for anything else.
pub fn source_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<Source>> {
    if value.is_string() {
        return Ok(Some(Source::Text(text_of(ctx, value)?)));
    }
    let Some(object) = value.as_object() else { return Ok(None) };
    if let Some(buffer) = ArrayBuffer::from_object(object.clone()) {
        return Ok(Some(Source::Bytes(copy(&buffer))));
    }
    let Some(buffer) = object.get::<_, Value>("buffer")?.into_object().and_then(ArrayBuffer::from_object) else {
        return Ok(None);
    };
    let (offset, length): (usize, usize) = (object.get("byteOffset")?, object.get("byteLength")?);
    let bytes = copy(&buffer);
    Ok(bytes.get(offset..offset.saturating_add(length)).map(|view| Source::Bytes(view.to_vec())))
}

/// The bytes of a value that should be a string or an `ArrayBuffer`; `what` names the argument: "the data to hash".
///
/// # Errors
///
/// A `TypeError` that says what it is instead.
pub fn bytes_of<'js>(ctx: &Ctx<'js>, value: Option<Value<'js>>, what: &str) -> Result<Vec<u8>> {
    let found = match value {
        Some(value) => match source_of(ctx, &value)? {
            Some(source) => return Ok(source.into_bytes()),
            None => value.type_name(),
        },
        None => "missing",
    };
    Err(Exception::throw_type(ctx, &format!("{what} must be a string or an ArrayBuffer, and is {found}")))
}

/// `String(value)`. What of a string is no Unicode becomes U+FFFD.
pub fn text_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<String> {
    match Coerced::<String>::from_js(ctx, value.clone()) {
        Ok(text) => Ok(text.0),
        Err(rquickjs::Error::Utf8(_)) => {
            let string: Object<'js> = ctx.globals().get::<_, Object>("String")?.get("prototype")?;
            let wellformed: Function<'js> = string.get("toWellFormed")?;
            wellformed.call((This(value.clone()),))
        }
        Err(error) => Err(error),
    }
}

/// Elements of an array that a script passes, at most: a hole takes memory here, and the script's own limit knows nothing of it.
const LONGEST_ARRAY: f64 = 10_000_000.0;

/// The elements of an array that a script passes.
///
/// # Errors
///
/// A `RangeError`, where there are more than 10,000,000; what an element's getter throws.
pub fn elements<'js>(array: &Array<'js>) -> Result<Vec<Value<'js>>> {
    // Asked of the object: `Array::len` panics where the length is above 2³¹.
    let length: f64 = array.as_object().get("length")?;
    if length > LONGEST_ARRAY {
        let message = format!("an array of {length} elements is too long: 10,000,000 at most");
        return Err(Exception::throw_range(array.ctx(), &message));
    }
    array.iter().collect()
}

fn copy(buffer: &ArrayBuffer<'_>) -> Vec<u8> {
    // SAFETY: no script runs before the bytes are copied.
    buffer.as_bytes().unwrap_or_default().to_vec()
}
