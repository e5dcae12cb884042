//! `k6/encoding`: Base64.

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, IntoJs, Object, Result, Value};

use super::{bytes_of, text_of};

/// What `k6/encoding` exports.
pub const NAMES: &[&str] = &["b64decode", "b64encode"];

/// The module `k6/encoding`.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn exports<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("b64encode", Function::new(ctx.clone(), b64encode)?.with_name("b64encode")?)?;
    object.set("b64decode", Function::new(ctx.clone(), b64decode)?.with_name("b64decode")?)?;
    Ok(object)
}

fn b64encode<'js>(ctx: Ctx<'js>, input: Opt<Value<'js>>, encoding: Opt<Value<'js>>) -> Result<String> {
    let bytes = bytes_of(&ctx, input.0, "b64encode()'s first argument")?;
    Ok(engine(&named(&ctx, encoding.0)?).encode(bytes))
}

/// As in k6, the result is an `ArrayBuffer`, or with the format `"s"` a string.
fn b64decode<'js>(
    ctx: Ctx<'js>,
    input: Opt<Value<'js>>,
    encoding: Opt<Value<'js>>,
    format: Opt<Value<'js>>,
) -> Result<Value<'js>> {
    let Some(input) = input.0 else {
        return Err(Exception::throw_type(&ctx, "b64decode() needs the text to decode as its first argument"));
    };
    let text = text_of(&ctx, &input)?.replace(['\r', '\n'], "");
    let encoding = named(&ctx, encoding.0)?;
    let bytes = engine(&encoding).decode(text).map_err(|error| {
        let encoding = if encoding.is_empty() { "std" } else { &encoding };
        Exception::throw_type(
            &ctx,
            &format!("b64decode()'s first argument is no Base64 of the kind '{encoding}': {error}"),
        )
    })?;
    if named(&ctx, format.0)? == "s" {
        return String::from_utf8_lossy(&bytes).into_js(&ctx);
    }
    Ok(ArrayBuffer::new(ctx, bytes)?.into_value())
}

fn named<'js>(ctx: &Ctx<'js>, value: Option<Value<'js>>) -> Result<String> {
    match value {
        Some(value) if !value.is_undefined() && !value.is_null() => text_of(ctx, &value),
        _ => Ok(String::new()),
    }
}

/// As in k6, what is no encoding's name means `std`.
fn engine(encoding: &str) -> GeneralPurpose {
    match encoding {
        "rawstd" => base64_of(&STANDARD, false),
        "rawurl" => base64_of(&URL_SAFE, false),
        "url" => base64_of(&URL_SAFE, true),
        _ => base64_of(&STANDARD, true),
    }
}

/// Base64 as k6's language reads and writes it: padding is there or it is not, and left-over bits don't matter.
pub fn base64_of(alphabet: &Alphabet, padded: bool) -> GeneralPurpose {
    let padding = if padded { DecodePaddingMode::RequireCanonical } else { DecodePaddingMode::RequireNone };
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(padded)
        .with_decode_padding_mode(padding)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config)
}

#[cfg(test)]
mod tests {
    use super::exports;
    use crate::k6::api::harness::check;

    #[test]
    fn text_and_bytes_are_encoded_in_each_alphabet() {
        check(
            exports,
            &[
                ("b64encode('hello world')", r#""aGVsbG8gd29ybGQ=""#),
                ("b64encode('hello world', 'rawstd')", r#""aGVsbG8gd29ybGQ""#),
                ("b64encode('??>>', 'std')", r#""Pz8+Pg==""#),
                ("b64encode('??>>', 'url')", r#""Pz8-Pg==""#),
                ("b64encode('??>>', 'rawurl')", r#""Pz8-Pg""#),
                ("b64encode('???', 'std')", r#""Pz8/""#),
                ("b64encode('???', 'url')", r#""Pz8_""#),
                ("b64encode('こんにちは')", r#""44GT44KT44Gr44Gh44Gv""#),
                ("b64encode(new Uint8Array([0, 255, 1]).buffer)", r#""AP8B""#),
                ("b64encode(new Uint8Array([9, 0, 255, 1]).subarray(1))", r#""AP8B""#),
                ("b64encode([0])", "!b64encode()'s first argument must be a string or an ArrayBuffer, and is array"),
                ("b64encode('')", r#""""#),
                ("b64encode(5)", "!b64encode()'s first argument must be a string or an ArrayBuffer, and is int"),
                ("b64encode()", "!b64encode()'s first argument must be a string or an ArrayBuffer, and is missing"),
            ],
        );
    }

    #[test]
    fn decoding_yields_bytes_or_with_s_a_string() {
        check(
            exports,
            &[
                ("b64decode('aGVsbG8gd29ybGQ=', 'std', 's')", r#""hello world""#),
                ("b64decode('aGVsbG8gd29ybGQ', 'rawstd', 's')", r#""hello world""#),
                ("b64decode('Pz8-Pg==', 'url', 's')", r#""??>>""#),
                ("b64decode('Pz8-Pg', 'rawurl', 's')", r#""??>>""#),
                ("[...new Uint8Array(b64decode('AP8B'))]", "[0,255,1]"),
                ("b64decode('AP8B') instanceof ArrayBuffer", "true"),
                ("b64decode('aGVs\\nbG8=', 'std', 's')", r#""hello""#),
                (
                    "b64decode('aGVsbG8', 'std', 's')",
                    "!b64decode()'s first argument is no Base64 of the kind 'std': Invalid padding",
                ),
                (
                    "b64decode('*')",
                    "!b64decode()'s first argument is no Base64 of the kind 'std': Invalid symbol 42, offset 0.",
                ),
            ],
        );
    }
}
