//! The globals `TextEncoder` and `TextDecoder`.

use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, Value};

use super::{Script, bytes_of, global, text_of};

static SCRIPT: Script = Script::new("loadgate:encoding", include_str!("text_encoding.js"));

/// Makes the globals, when a script first reads them.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    global(ctx, "TextEncoder", |ctx| make(ctx)?.get("TextEncoder"))?;
    global(ctx, "TextDecoder", |ctx| make(ctx)?.get("TextDecoder"))
}

fn make<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let wrap: Function<'js> = SCRIPT.value(ctx)?;
    wrap.call((Function::new(ctx.clone(), encode)?, Function::new(ctx.clone(), decode)?))
}

fn encode<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<ArrayBuffer<'js>> {
    let text = text_of(&ctx, &text)?;
    ArrayBuffer::new(ctx, text.into_bytes())
}

/// Decodes bytes in the encoding of that name. `fatal`: bytes that are no text throw instead of becoming U+FFFD.
fn decode<'js>(ctx: Ctx<'js>, encoding: String, fatal: bool, keep_mark: bool, data: Opt<Value<'js>>) -> Result<String> {
    let Some(data) = data.0.filter(|data| !data.is_undefined()) else { return Ok(String::new()) };
    let bytes = bytes_of(&ctx, Some(data), "the data to decode")?;
    let decoded = match encoding.as_str() {
        "utf-8" => String::from_utf8(bytes).map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        "utf-16le" => utf16(&bytes, u16::from_le_bytes),
        _ => utf16(&bytes, u16::from_be_bytes),
    };
    let text = match decoded {
        Ok(text) => text,
        Err(_) if fatal => return Err(Exception::throw_type(&ctx, &format!("the data is no {encoding}"))),
        Err(text) => text,
    };
    match text.strip_prefix('\u{feff}') {
        Some(rest) if !keep_mark => Ok(rest.to_owned()),
        _ => Ok(text),
    }
}

/// The text, or as `Err` the text with U+FFFD for what is none.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> std::result::Result<String, String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(String::from_utf16_lossy(&units) + if rest.is_empty() { "" } else { "\u{fffd}" }),
    }
}

#[cfg(test)]
mod tests {
    use super::install;
    use crate::k6::api::harness::check_global;

    #[test]
    fn text_to_bytes_and_back() {
        check_global(
            install,
            &[
                ("[...new TextEncoder().encode('é☕')]", "[195,169,226,152,149]"),
                ("[...new TextEncoder().encode()]", "[]"),
                ("[...new TextEncoder().encode('\\ud800')]", "[239,191,189]"),
                ("new TextDecoder().decode(new Uint8Array([226, 152, 149, 255]))", "\"☕\u{fffd}\""),
                ("new TextDecoder().decode(new Uint8Array([239, 187, 191, 65]))", r#""A""#),
                (
                    "new TextDecoder('utf8', { ignoreBOM: true }).decode(new Uint8Array([239, 187, 191, 65])).length",
                    "2",
                ),
                ("new TextDecoder('UTF-16LE').decode(new Uint8Array([65, 0, 66, 0]).buffer)", r#""AB""#),
                ("new TextDecoder('utf-16be').decode(new Uint8Array([0, 65]))", r#""A""#),
                ("new TextDecoder().decode()", r#""""#),
                ("[new TextDecoder().encoding, new TextDecoder().fatal]", r#"["utf-8",false]"#),
                ("new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))", "!the data is no utf-8"),
                ("new TextDecoder('latin9')", "!unsupported encoding: latin9"),
            ],
        );
    }
}
