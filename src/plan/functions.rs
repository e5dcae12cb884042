//! What expressions can call: the environment that they are compiled in, with its functions, filters and tests.
//!
//! All randomness comes from the [`Random`] that the scope holds, so that a run can be replayed by its seed.

mod comparison;
mod random;
mod vocabulary;

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, filters, tests};
use sha2::{Digest, Sha256, Sha512};
use url::form_urlencoded;

pub use comparison::Comparison;
use comparison::{chain, contained};
pub(in crate::plan) use random::{pick, random_int, uuid};

use super::template::{write_json, write_text};

pub use random::Random;
pub use vocabulary::{Callable, FILTERS, FUNCTIONS, TESTS};

/// The scope's entry that holds the [`Random`].
pub const RANDOM: &str = "__random";

/// What every function's name starts with once an expression is lowered, so that no name of a plan can shadow one.
pub(super) const PREFIX: &str = "__";

/// The environment of every expression.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    // Errors name what was missing, in every build; it costs nothing until there is an error.
    env.set_debug(true);
    add_functions(&mut env);
    add_filters(&mut env);
    add_tests(&mut env);
    env
}

fn add_functions(env: &mut Environment<'static>) {
    env.add_function("__random_int", |state: &State, from: i64, to: i64| {
        random_int(state.lookup(RANDOM).as_ref(), from, to)
    });
    env.add_function("__pick", |state: &State, list: &Value| pick(state.lookup(RANDOM).as_ref(), list));
    env.add_function("__uuid", |state: &State| uuid(state.lookup(RANDOM).as_ref()));
    env.add_function("__now", now);
    env.add_function("__base64", base64_encode);
    env.add_function("__base64_decode", base64_decode);
    env.add_function("__sha256", sha256);
    env.add_function("__hmac", hmac);
    env.add_function("__range", minijinja::functions::range);
}

fn add_filters(env: &mut Environment<'static>) {
    env.add_filter("__defined", defined);
    env.add_filter("__concat", concat);
    env.add_filter("abs", filters::abs);
    env.add_filter("bool", filters::bool);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("count", filters::length);
    env.add_filter("d", filters::default);
    env.add_filter("default", filters::default);
    env.add_filter("first", filters::first);
    env.add_filter("float", filters::float);
    env.add_filter("int", filters::int);
    env.add_filter("items", filters::items);
    env.add_filter("join", filters::join);
    env.add_filter("last", filters::last);
    env.add_filter("length", filters::length);
    env.add_filter("list", filters::list);
    env.add_filter("lower", filters::lower);
    env.add_filter("map", filters::map);
    env.add_filter("max", filters::max);
    env.add_filter("min", filters::min);
    env.add_filter("reject", filters::reject);
    env.add_filter("rejectattr", filters::rejectattr);
    env.add_filter("replace", filters::replace);
    env.add_filter("reverse", filters::reverse);
    env.add_filter("round", filters::round);
    env.add_filter("select", filters::select);
    env.add_filter("selectattr", filters::selectattr);
    env.add_filter("sort", filters::sort);
    env.add_filter("split", filters::split);
    env.add_filter("string", string);
    env.add_filter("sum", filters::sum);
    env.add_filter("title", filters::title);
    env.add_filter("tojson", to_json);
    env.add_filter("trim", filters::trim);
    env.add_filter("unique", filters::unique);
    env.add_filter("upper", filters::upper);
    env.add_filter("urlencode", urlencode);
}

fn add_tests(env: &mut Environment<'static>) {
    env.add_test("__chain", chain);
    env.add_test("boolean", tests::is_boolean);
    env.add_test("defined", tests::is_defined);
    env.add_test("divisibleby", tests::is_divisibleby);
    env.add_test("endingwith", tests::is_endingwith);
    env.add_test("eq", |a: &Value, b: &Value| Comparison::Equal.holds(a, b));
    env.add_test("even", tests::is_even);
    env.add_test("false", tests::is_false);
    env.add_test("float", tests::is_float);
    env.add_test("ge", |a: &Value, b: &Value| Comparison::AtLeast.holds(a, b));
    env.add_test("gt", |a: &Value, b: &Value| Comparison::Greater.holds(a, b));
    env.add_test("in", contained);
    env.add_test("integer", tests::is_integer);
    env.add_test("le", |a: &Value, b: &Value| Comparison::AtMost.holds(a, b));
    env.add_test("lt", |a: &Value, b: &Value| Comparison::Less.holds(a, b));
    env.add_test("mapping", tests::is_mapping);
    env.add_test("ne", |a: &Value, b: &Value| Comparison::NotEqual.holds(a, b));
    env.add_test("none", tests::is_none);
    env.add_test("number", tests::is_number);
    env.add_test("odd", tests::is_odd);
    env.add_test("sequence", tests::is_sequence);
    env.add_test("startingwith", tests::is_startingwith);
    env.add_test("string", tests::is_string);
    env.add_test("true", tests::is_true);
    env.add_test("undefined", tests::is_undefined);
}

fn fail<T>(message: impl Into<Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// Passes a value on, unless it is missing.
pub(super) fn defined(value: &Value, name: &str) -> Result<Value, Error> {
    if value.is_undefined() { fail(format!("`{name}` is missing")) } else { Ok(value.clone()) }
}

/// `a ~ b`.
fn concat(a: &Value, b: &Value) -> Result<Value, Error> {
    let mut out = text(a)?.into_owned();
    out.push_str(&text(b)?);
    Ok(Value::from(out))
}

/// A value as a template writes it.
fn text(value: &Value) -> Result<Cow<'_, str>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::new();
    match write_text(value, &mut out) {
        Ok(()) => Ok(Cow::Owned(out)),
        Err(reason) => fail(reason),
    }
}

fn string(value: &Value) -> Result<Value, Error> {
    text(value).map(|text| Value::from(text.as_ref()))
}

fn to_json(value: &Value) -> Result<Value, Error> {
    let mut out = String::new();
    match write_json(value, &mut out) {
        Ok(()) => Ok(Value::from(out)),
        Err(reason) => fail(reason),
    }
}

/// Percent-encodes all but letters, digits and `-._*`, for use in a path or a query.
fn urlencode(value: &Value) -> Result<String, Error> {
    let text = text(value)?;
    Ok(form_urlencoded::byte_serialize(text.as_bytes()).map(|part| if part == "+" { "%20" } else { part }).collect())
}

fn base64_encode(value: &Value) -> Result<String, Error> {
    match value.as_bytes() {
        Some(bytes) => Ok(STANDARD.encode(bytes)),
        None => Ok(STANDARD.encode(text(value)?.as_bytes())),
    }
}

/// Decodes base64 of either alphabet, padded or not. The result is text.
fn base64_decode(value: &Value) -> Result<String, Error> {
    let text = text(value)?;
    let bytes = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .into_iter()
        .find_map(|alphabet| alphabet.decode(text.as_bytes()).ok());
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => Ok(text),
        Some(Err(_)) => fail("base64_decode: what is encoded is no UTF-8 text"),
        None => fail("base64_decode: this is no base64"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn sha256(value: &Value) -> Result<String, Error> {
    Ok(hex(&Sha256::digest(text(value)?.as_bytes())))
}

fn hmac(key: &Value, message: &Value, algorithm: Option<&str>) -> Result<String, Error> {
    let (key, message) = (text(key)?, text(message)?);
    match algorithm.unwrap_or("sha256") {
        "sha256" => mac::<Hmac<Sha256>>(&key, &message),
        "sha512" => mac::<Hmac<Sha512>>(&key, &message),
        other => fail(format!("hmac: unknown algorithm '{other}', use 'sha256' or 'sha512'")),
    }
}

fn mac<M: Mac + KeyInit>(key: &str, message: &str) -> Result<String, Error> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key.as_bytes()) else {
        return fail("hmac: the key has a length that the algorithm can't take");
    };
    mac.update(message.as_bytes());
    Ok(hex(&mac.finalize().into_bytes()))
}

/// Milliseconds since 1970, or the time in ISO 8601.
fn now(format: Option<&str>) -> Result<Value, Error> {
    let now = Timestamp::now();
    match format {
        None => Ok(Value::from(now.as_millisecond())),
        Some("iso") => Ok(Value::from(format!("{now:.3}"))),
        Some(other) => fail(format!("now: unknown format '{other}', use now() or now('iso')")),
    }
}

/// The known name that is most like a misspelt one, if one is near enough to be meant: one letter off, or else begun with it,
/// or else a few letters off.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + name.len().min(candidate.len()) / 4)
        .min_by_key(|(distance, _)| *distance);
    let begun = || known.iter().copied().find(|candidate| name.len() > 2 && candidate.starts_with(name));
    match near {
        Some((0 | 1, candidate)) => Some(candidate),
        _ => begun().or(near.map(|(_, candidate)| candidate)),
    }
}
