//! `k6/crypto`: hashes and HMACs.

mod hasher;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use rquickjs::class::{JsClass, Trace, Tracer, Writable};
use rquickjs::function::{Constructor, Opt, This};
use rquickjs::{ArrayBuffer, Class, Ctx, Exception, Function, IntoJs, JsLifetime, Object, Result, Value};

use super::{bytes_of, random, text_of};
use hasher::{Hasher, hash, keyed};

/// What `k6/crypto` exports.
pub const NAMES: &[&str] = &[
    "createHMAC",
    "createHash",
    "hexEncode",
    "hmac",
    "md4",
    "md5",
    "randomBytes",
    "ripemd160",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "sha512_224",
    "sha512_256",
];

/// The module `k6/crypto`.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn exports<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let set = |name: &str, function: Result<Function<'js>>| object.set(name, function?.with_name(name)?);
    set("createHMAC", Function::new(ctx.clone(), create_hmac))?;
    set("createHash", Function::new(ctx.clone(), create_hash))?;
    set("hexEncode", Function::new(ctx.clone(), hex_encode))?;
    set("hmac", Function::new(ctx.clone(), hmac))?;
    set("randomBytes", Function::new(ctx.clone(), random_bytes))?;
    set("md4", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "md4", input, encoding)))?;
    set("md5", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "md5", input, encoding)))?;
    set("ripemd160", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "ripemd160", input, encoding)))?;
    set("sha1", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha1", input, encoding)))?;
    set("sha256", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha256", input, encoding)))?;
    set("sha384", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha384", input, encoding)))?;
    set("sha512", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha512", input, encoding)))?;
    set("sha512_224", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha512_224", input, encoding)))?;
    set("sha512_256", Function::new(ctx.clone(), |ctx, input, encoding| digest(ctx, "sha512_256", input, encoding)))?;
    Ok(object)
}

type Argument<'js> = Opt<Value<'js>>;

fn digest<'js>(ctx: Ctx<'js>, algorithm: &str, input: Argument<'js>, encoding: Argument<'js>) -> Result<Value<'js>> {
    let mut hasher = make(&ctx, algorithm)?;
    hasher.update(&bytes_of(&ctx, input.0, &format!("the first argument of {algorithm}()"))?);
    encode(&ctx, hasher.finish(), encoding)
}

fn hmac<'js>(
    ctx: Ctx<'js>,
    algorithm: Argument<'js>,
    key: Argument<'js>,
    input: Argument<'js>,
    encoding: Argument<'js>,
) -> Result<Value<'js>> {
    let mut hasher = make_keyed(&ctx, algorithm, key)?;
    hasher.update(&bytes_of(&ctx, input.0, "the data to sign")?);
    encode(&ctx, hasher.finish(), encoding)
}

fn hex_encode<'js>(ctx: Ctx<'js>, input: Argument<'js>) -> Result<String> {
    Ok(hex(&bytes_of(&ctx, input.0, "hexEncode()'s argument")?))
}

fn random_bytes<'js>(ctx: Ctx<'js>, size: Argument<'js>) -> Result<ArrayBuffer<'js>> {
    const LARGEST: f64 = 1_073_741_824.0;
    let size = size.0.and_then(|size| size.as_number()).unwrap_or(f64::NAN).trunc();
    if !(1.0..=LARGEST).contains(&size) {
        return Err(Exception::throw_type(&ctx, "invalid size: randomBytes() takes a number from 1 to 1073741824"));
    }
    let mut bytes = vec![0; size as usize];
    random::secure(&ctx, &mut bytes)?;
    ArrayBuffer::new(ctx, bytes)
}

fn create_hash<'js>(ctx: Ctx<'js>, algorithm: Argument<'js>) -> Result<Class<'js, Hash>> {
    let hasher = make(&ctx, &name(&ctx, algorithm)?)?;
    Class::instance(ctx, Hash(hasher))
}

fn create_hmac<'js>(ctx: Ctx<'js>, algorithm: Argument<'js>, key: Argument<'js>) -> Result<Class<'js, Hash>> {
    let hasher = make_keyed(&ctx, algorithm, key)?;
    Class::instance(ctx, Hash(hasher))
}

fn name<'js>(ctx: &Ctx<'js>, argument: Argument<'js>) -> Result<String> {
    argument.0.map_or(Ok(String::new()), |value| text_of(ctx, &value))
}

fn make(ctx: &Ctx<'_>, algorithm: &str) -> Result<Box<dyn Hasher>> {
    hash(algorithm).ok_or_else(|| unknown(ctx, algorithm))
}

fn make_keyed<'js>(ctx: &Ctx<'js>, algorithm: Argument<'js>, key: Argument<'js>) -> Result<Box<dyn Hasher>> {
    let algorithm = name(ctx, algorithm)?;
    let key = bytes_of(ctx, key.0, "the key")?;
    keyed(&algorithm, &key).ok_or_else(|| unknown(ctx, &algorithm))
}

fn unknown(ctx: &Ctx<'_>, algorithm: &str) -> rquickjs::Error {
    let known = hasher::ALGORITHMS.join(", ");
    Exception::throw_type(ctx, &format!("invalid algorithm: '{algorithm}'; there are {known}"))
}

fn encode<'js>(ctx: &Ctx<'js>, bytes: Vec<u8>, encoding: Argument<'js>) -> Result<Value<'js>> {
    let encoding = name(ctx, encoding)?;
    match encoding.as_str() {
        "hex" => hex(&bytes).into_js(ctx),
        "base64" => STANDARD.encode(bytes).into_js(ctx),
        "base64url" => URL_SAFE.encode(bytes).into_js(ctx),
        "base64rawurl" => URL_SAFE_NO_PAD.encode(bytes).into_js(ctx),
        "binary" => Ok(ArrayBuffer::new(ctx.clone(), bytes)?.into_value()),
        _ => {
            let known = "hex, base64, base64url, base64rawurl and binary";
            Err(Exception::throw_type(ctx, &format!("invalid output encoding: '{encoding}'; there are {known}")))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What `createHash()` and `createHMAC()` return.
struct Hash(Box<dyn Hasher>);

// SAFETY: no lifetime in it.
unsafe impl<'js> JsLifetime<'js> for Hash {
    type Changed<'to> = Hash;
}

impl<'js> Trace<'js> for Hash {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Hash {
    const NAME: &'static str = "Hasher";
    type Mutable = Writable;

    fn prototype(ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        let prototype = Object::new(ctx.clone())?;
        prototype.set("update", Function::new(ctx.clone(), update)?)?;
        prototype.set("digest", Function::new(ctx.clone(), digest_so_far)?)?;
        Ok(Some(prototype))
    }

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

fn update<'js>(ctx: Ctx<'js>, this: This<Class<'js, Hash>>, input: Argument<'js>) -> Result<()> {
    let bytes = bytes_of(&ctx, input.0, "update()'s argument")?;
    this.borrow_mut().0.update(&bytes);
    Ok(())
}

/// The hash of what came so far; more may follow.
fn digest_so_far<'js>(ctx: Ctx<'js>, this: This<Class<'js, Hash>>, encoding: Argument<'js>) -> Result<Value<'js>> {
    let bytes = this.borrow().0.finish();
    encode(&ctx, bytes, encoding)
}

#[cfg(test)]
mod tests;
