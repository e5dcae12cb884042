//! What a script sends: texts, bytes, forms and files.

use std::io::Write;

use bytes::Bytes;
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Opt};
use rquickjs::{ArrayBuffer, Class, Coerced, Ctx, Exception, IntoJs, JsLifetime, Object, Value};
use url::form_urlencoded::Serializer;

use crate::k6::api::elements;

/// A body, and its content type where the kind of the body says it.
pub struct Encoded {
    pub bytes: Bytes,
    pub content_type: Option<String>,
}

/// What `http.file` makes: content with a name and a type.
pub struct FileData {
    data: Bytes,
    /// It was given as a text.
    is_text: bool,
    filename: String,
    content_type: String,
}

// It holds no value of a context.
unsafe impl<'js> JsLifetime<'js> for FileData {
    type Changed<'to> = FileData;
}

impl<'js> Trace<'js> for FileData {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for FileData {
    const NAME: &'static str = "FileData";
    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> rquickjs::Result<Option<Object<'js>>> {
        let prototype = Object::new(ctx.clone())?;
        let get = |of: fn(&FileData) -> String| {
            move |this: rquickjs::function::This<Class<'js, FileData>>| of(&this.0.borrow())
        };
        use rquickjs::object::Accessor;
        prototype.prop("filename", Accessor::new_get(get(|file| file.filename.clone())).enumerable())?;
        prototype.prop("content_type", Accessor::new_get(get(|file| file.content_type.clone())).enumerable())?;
        let data = |this: rquickjs::function::This<Class<'js, FileData>>, ctx: Ctx<'js>| {
            let file = this.0.borrow();
            match file.is_text {
                true => String::from_utf8_lossy(&file.data).into_js(&ctx),
                false => Ok(ArrayBuffer::new_copy(ctx, &file.data[..])?.into_value()),
            }
        };
        prototype.prop("data", Accessor::new_get(data).enumerable())?;
        Ok(Some(prototype))
    }

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// `http.file(data, filename?, contentType?)`
pub fn file<'js>(
    ctx: Ctx<'js>,
    data: Value<'js>,
    filename: Opt<Option<String>>,
    content_type: Opt<Option<String>>,
) -> rquickjs::Result<Class<'js, FileData>> {
    let nanoseconds = jiff::Timestamp::now().as_nanosecond();
    let file = FileData {
        is_text: data.is_string(),
        data: bytes_of(&ctx, &data)?,
        filename: filename.0.flatten().unwrap_or_else(|| nanoseconds.to_string()),
        content_type: content_type.0.flatten().unwrap_or_else(|| "application/octet-stream".into()),
    };
    Class::instance(ctx, file)
}

/// A body as it is sent.
///
/// # Errors
/// An exception for what can't be sent.
pub fn encode<'js>(ctx: &Ctx<'js>, body: Value<'js>) -> rquickjs::Result<Encoded> {
    if let Some(text) = body.as_string() {
        return Ok(Encoded { bytes: text.to_string()?.into(), content_type: None });
    }
    if let Some(bytes) = binary(&body) {
        return Ok(Encoded { bytes, content_type: None });
    }
    match body.into_object() {
        Some(object) if object.as_array().is_none() && object.as_function().is_none() => form(ctx, &object),
        _ => Err(Exception::throw_type(ctx, "the body must be a text, an ArrayBuffer or an object of fields")),
    }
}

/// A text's or a buffer's bytes.
///
/// # Errors
/// An exception for anything else.
pub fn bytes_of(ctx: &Ctx<'_>, value: &Value<'_>) -> rquickjs::Result<Bytes> {
    match (value.as_string(), binary(value)) {
        (Some(text), _) => Ok(text.to_string()?.into()),
        (None, Some(bytes)) => Ok(bytes),
        (None, None) => Err(Exception::throw_type(ctx, "data must be a text or an ArrayBuffer")),
    }
}

/// The bytes of an ArrayBuffer or of a typed array.
pub fn binary(value: &Value<'_>) -> Option<Bytes> {
    let object = value.as_object()?;
    if let Some(buffer) = ArrayBuffer::from_object(object.clone()) {
        return Some(Bytes::copy_from_slice(buffer.as_bytes()?));
    }
    let buffer: Object<'_> = object.get::<_, Option<Object<'_>>>("buffer").ok().flatten()?;
    let buffer = ArrayBuffer::from_object(buffer)?;
    let (offset, length) = (object.get::<_, usize>("byteOffset").ok()?, object.get::<_, usize>("byteLength").ok()?);
    Some(Bytes::copy_from_slice(buffer.as_bytes()?.get(offset..offset.checked_add(length)?)?))
}

/// Fields by name: a form, or parts where one of them is a file.
fn form<'js>(ctx: &Ctx<'js>, fields: &Object<'js>) -> rquickjs::Result<Encoded> {
    let mut entries = Vec::new();
    for entry in fields.props::<String, Value<'js>>() {
        entries.push(entry?);
    }
    let is_file = |value: &Value<'js>| value.as_object().is_some_and(|object| object.instance_of::<FileData>());
    if entries.iter().any(|(_, value)| is_file(value)) {
        return multipart(ctx, &entries);
    }
    // k6 sends a form's fields by name.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut form = Serializer::new(String::new());
    for (name, value) in &entries {
        for text in texts(value)? {
            form.append_pair(name, &text);
        }
    }
    let content_type = Some("application/x-www-form-urlencoded".to_owned());
    Ok(Encoded { bytes: form.finish().into(), content_type })
}

/// A field's texts: one for each item of a list.
fn texts(value: &Value<'_>) -> rquickjs::Result<Vec<String>> {
    match value.as_array() {
        Some(items) => elements(items)?.iter().map(|item| Ok(item.get::<Coerced<String>>()?.0)).collect(),
        None => Ok(vec![value.get::<Coerced<String>>()?.0]),
    }
}

fn multipart<'js>(ctx: &Ctx<'js>, entries: &[(String, Value<'js>)]) -> rquickjs::Result<Encoded> {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, content: &[u8]| -> std::io::Result<()> {
        write!(body, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"{more}\r\n\r\n", quoted(name))?;
        body.write_all(content)?;
        body.write_all(b"\r\n")
    };
    for (name, value) in entries {
        let written = match value.as_object().and_then(|object| object.as_class::<FileData>()) {
            Some(file) => {
                let file = file.borrow();
                let more =
                    format!("; filename=\"{}\"\r\nContent-Type: {}", quoted(&file.filename), line(&file.content_type));
                part(name, &more, &file.data)
            }
            None => texts(value)?.iter().try_for_each(|text| part(name, "", text.as_bytes())),
        };
        written.map_err(|error| Exception::throw_internal(ctx, &error.to_string()))?;
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Encoded { bytes: body.into(), content_type: Some(format!("multipart/form-data; boundary={boundary}")) })
}

/// A name between quotes, as browsers escape it.
fn quoted(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text that must not begin a line of its own.
fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

/// A body compressed by an algorithm of k6's `compression`.
///
/// # Errors
/// An exception for any other.
pub fn compress(ctx: &Ctx<'_>, algorithm: &str, body: &Bytes) -> rquickjs::Result<Bytes> {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    let compressed = match algorithm {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        "zstd" => zstd::encode_all(&body[..], 0),
        "br" => {
            let mut out = Vec::new();
            brotli::BrotliCompress(&mut &body[..], &mut out, &brotli::enc::BrotliEncoderParams::default()).map(|_| out)
        }
        _ => {
            let problem =
                format!("unknown compression algorithm {algorithm}: gzip, deflate, zstd and br are supported");
            return Err(Exception::throw_type(ctx, &problem));
        }
    };
    compressed.map(Bytes::from).map_err(|error| Exception::throw_internal(ctx, &error.to_string()))
}
