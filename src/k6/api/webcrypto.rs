//! The global `crypto`: Web Cryptography as far as load tests sign and encrypt with it.
//!
//! Hashes, HMAC, AES-GCM with keys of 128 and 256 bits, and PBKDF2; keys as raw bytes and as JWK of the kind `oct`. What
//! of k6's is missing: AES-CBC, AES-CTR and AES-KW, elliptic curves and RSA, `wrapKey` and `unwrapKey`.

use std::num::NonZeroU32;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{digest, hmac, pbkdf2};
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, Value};

use super::encoding::base64_of;
use super::{Script, bytes_of, global, random};

static SCRIPT: Script = Script::new("loadgate:crypto", include_str!("webcrypto.js"));

/// Makes the global `crypto`, when a script first reads it.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    global(ctx, "crypto", make)
}

fn make<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>> {
    let core = Object::new(ctx.clone())?;
    core.set("random", Function::new(ctx.clone(), random_bytes)?)?;
    core.set("uuid", Function::new(ctx.clone(), uuid)?)?;
    core.set("digest", Function::new(ctx.clone(), hash)?)?;
    core.set("sign", Function::new(ctx.clone(), sign)?)?;
    core.set("verify", Function::new(ctx.clone(), verify)?)?;
    core.set("seal", Function::new(ctx.clone(), seal)?)?;
    core.set("open", Function::new(ctx.clone(), open)?)?;
    core.set("derive", Function::new(ctx.clone(), derive)?)?;
    core.set("bytes", Function::new(ctx.clone(), bytes)?)?;
    core.set("toBase64", Function::new(ctx.clone(), to_base64)?)?;
    core.set("fromBase64", Function::new(ctx.clone(), from_base64)?)?;
    let wrap: Function<'js> = SCRIPT.value(ctx)?;
    wrap.call((core,))
}

fn random_bytes<'js>(ctx: Ctx<'js>, length: usize) -> Result<ArrayBuffer<'js>> {
    let mut bytes = vec![0; length];
    random::secure(&ctx, &mut bytes)?;
    ArrayBuffer::new(ctx, bytes)
}

/// A random UUID, of the operating system's randomness.
fn uuid(ctx: Ctx<'_>) -> Result<String> {
    let mut bytes = [0; 16];
    random::secure(&ctx, &mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// A copy of the bytes of a buffer or a view.
fn bytes<'js>(ctx: Ctx<'js>, data: Value<'js>, what: String) -> Result<ArrayBuffer<'js>> {
    if data.is_string() {
        return Err(Exception::throw_type(&ctx, &format!("{what} must be an ArrayBuffer, TypedArray, or DataView")));
    }
    let bytes = bytes_of(&ctx, Some(data), &what)?;
    ArrayBuffer::new(ctx, bytes)
}

fn data<'js>(ctx: &Ctx<'js>, buffer: ArrayBuffer<'js>) -> Result<Vec<u8>> {
    bytes_of(ctx, Some(buffer.into_value()), "the data")
}

fn hash<'js>(ctx: Ctx<'js>, name: String, input: ArrayBuffer<'js>) -> Result<ArrayBuffer<'js>> {
    let algorithm = match name.as_str() {
        "SHA-1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "SHA-256" => &digest::SHA256,
        "SHA-384" => &digest::SHA384,
        "SHA-512" => &digest::SHA512,
        _ => return Err(unknown(&ctx)),
    };
    let found = digest::digest(algorithm, &data(&ctx, input)?);
    ArrayBuffer::new_copy(ctx, found.as_ref())
}

fn hmac_key<'js>(ctx: &Ctx<'js>, hash: &str, key: ArrayBuffer<'js>) -> Result<hmac::Key> {
    let algorithm = match hash {
        "SHA-1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "SHA-256" => hmac::HMAC_SHA256,
        "SHA-384" => hmac::HMAC_SHA384,
        "SHA-512" => hmac::HMAC_SHA512,
        _ => return Err(unknown(ctx)),
    };
    Ok(hmac::Key::new(algorithm, &data(ctx, key)?))
}

fn sign<'js>(
    ctx: Ctx<'js>,
    hash: String,
    key: ArrayBuffer<'js>,
    message: ArrayBuffer<'js>,
) -> Result<ArrayBuffer<'js>> {
    let tag = hmac::sign(&hmac_key(&ctx, &hash, key)?, &data(&ctx, message)?);
    ArrayBuffer::new_copy(ctx, tag.as_ref())
}

fn verify<'js>(
    ctx: Ctx<'js>,
    hash: String,
    key: ArrayBuffer<'js>,
    signature: ArrayBuffer<'js>,
    message: ArrayBuffer<'js>,
) -> Result<bool> {
    let key = hmac_key(&ctx, &hash, key)?;
    Ok(hmac::verify(&key, &data(&ctx, message)?, &data(&ctx, signature)?).is_ok())
}

/// The cipher of a key, and the nonce.
fn cipher<'js>(ctx: &Ctx<'js>, key: ArrayBuffer<'js>, nonce: ArrayBuffer<'js>) -> Result<(LessSafeKey, Nonce)> {
    let key = data(ctx, key)?;
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let nonce = Nonce::try_assume_unique_for_key(&data(ctx, nonce)?);
    match (UnboundKey::new(algorithm, &key), nonce) {
        (Ok(key), Ok(nonce)) => Ok((LessSafeKey::new(key), nonce)),
        _ => Err(Exception::throw_type(ctx, "the key has 16 or 32 bytes, and the nonce 12")),
    }
}

fn seal<'js>(
    ctx: Ctx<'js>,
    key: ArrayBuffer<'js>,
    nonce: ArrayBuffer<'js>,
    besides: ArrayBuffer<'js>,
    text: ArrayBuffer<'js>,
) -> Result<ArrayBuffer<'js>> {
    let (key, nonce) = cipher(&ctx, key, nonce)?;
    let mut text = data(&ctx, text)?;
    key.seal_in_place_append_tag(nonce, Aad::from(data(&ctx, besides)?), &mut text)
        .map_err(|_| Exception::throw_type(&ctx, "there is too much to encrypt"))?;
    ArrayBuffer::new(ctx, text)
}

/// The text, or `undefined` when the key or what was encrypted is another.
fn open<'js>(
    ctx: Ctx<'js>,
    key: ArrayBuffer<'js>,
    nonce: ArrayBuffer<'js>,
    besides: ArrayBuffer<'js>,
    sealed: ArrayBuffer<'js>,
) -> Result<Option<ArrayBuffer<'js>>> {
    let (key, nonce) = cipher(&ctx, key, nonce)?;
    let mut sealed = data(&ctx, sealed)?;
    match key.open_in_place(nonce, Aad::from(data(&ctx, besides)?), &mut sealed) {
        Ok(text) => ArrayBuffer::new_copy(ctx, &*text).map(Some),
        Err(_) => Ok(None),
    }
}

fn derive<'js>(
    ctx: Ctx<'js>,
    hash: String,
    password: ArrayBuffer<'js>,
    salt: ArrayBuffer<'js>,
    iterations: u32,
    length: usize,
) -> Result<ArrayBuffer<'js>> {
    let algorithm = match hash.as_str() {
        "SHA-1" => pbkdf2::PBKDF2_HMAC_SHA1,
        "SHA-256" => pbkdf2::PBKDF2_HMAC_SHA256,
        "SHA-384" => pbkdf2::PBKDF2_HMAC_SHA384,
        "SHA-512" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(unknown(&ctx)),
    };
    let Some(iterations) = NonZeroU32::new(iterations) else {
        return Err(Exception::throw_type(&ctx, "iterations must be at least 1"));
    };
    let mut derived = vec![0; length];
    pbkdf2::derive(algorithm, iterations, &data(&ctx, salt)?, &data(&ctx, password)?, &mut derived);
    ArrayBuffer::new(ctx, derived)
}

fn to_base64<'js>(ctx: Ctx<'js>, bytes: ArrayBuffer<'js>) -> Result<String> {
    Ok(base64_of(&URL_SAFE, false).encode(data(&ctx, bytes)?))
}

fn from_base64<'js>(ctx: Ctx<'js>, text: String) -> Result<Option<ArrayBuffer<'js>>> {
    let decoded = base64_of(&URL_SAFE, false).decode(text);
    decoded.ok().map(|bytes| ArrayBuffer::new(ctx, bytes)).transpose()
}

fn unknown(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_type(ctx, "the hash must be SHA-1, SHA-256, SHA-384 or SHA-512")
}

#[cfg(test)]
mod tests;
