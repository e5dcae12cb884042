//! `Response`: what a request came to, read as the script asks for it.

use std::cell::RefCell;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, StatusCode};
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, This};
use rquickjs::{ArrayBuffer, Class, Ctx, Exception, Function, IntoJs, JsLifetime, Object, Value};

use super::params::ResponseType;
use super::send::Answered;
use crate::k6::error_code::{error_code, error_text};
use crate::k6::gjson;
use crate::k6::host::{Host, thrown};
use crate::k6::json;
use crate::k6::vm::Held;
use crate::k6::vm::native::{self, Called, native};

/// What requests say of us unless the script sets it otherwise.
const OUR_USER_AGENT: &str = concat!("loadgate/", env!("CARGO_PKG_VERSION"));

/// A request's result, for the script.
pub struct Response<'js> {
    answered: Box<Answered>,
    /// What the body takes of the script's memory.
    _held: Option<Held>,
    /// Fields that the script has read or set, by their places in [`FIELDS`], so that they stay what they are. And [`JSON`].
    fields: RefCell<Vec<(usize, Value<'js>)>>,
}

// Both values are of the same context, and traced.
unsafe impl<'js> JsLifetime<'js> for Response<'js> {
    type Changed<'to> = Response<'to>;
}

impl<'js> Trace<'js> for Response<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        if let Ok(fields) = self.fields.try_borrow() {
            fields.iter().for_each(|(_, value)| value.trace(tracer));
        }
    }
}

impl<'js> JsClass<'js> for Response<'js> {
    const NAME: &'static str = "Response";
    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> rquickjs::Result<Option<Object<'js>>> {
        let prototype = Object::new(ctx.clone())?;
        for (place, (name, _)) in FIELDS.iter().enumerate() {
            let get = native!(ctx, c"get", 0, get, number = place as u8)?;
            let set = native!(ctx, c"set", 1, set, number = place as u8)?;
            native::accessor(&prototype, name, get, set)?;
        }
        prototype.set("json", native!(ctx, c"json", 1, read_json)?)?;
        prototype.set("toJSON", Function::new(ctx.clone(), to_json)?)?;
        super::html::install(ctx, &prototype)?;
        Ok(Some(prototype))
    }

    fn constructor(_: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// How a field is made when it is first read.
type Make = for<'js> fn(&Ctx<'js>, &Answered) -> rquickjs::Result<Value<'js>>;

/// k6's fields, in its order.
const FIELDS: &[(&str, Make)] = &[
    ("remote_ip", |ctx, answered| peer(answered, |peer| peer.ip()).into_js(ctx)),
    ("remote_port", |ctx, answered| answered.exchange.peer.as_ref().map_or(0, |peer| peer.port()).into_js(ctx)),
    ("url", |ctx, answered| url(answered).into_js(ctx)),
    ("status", |ctx, answered| status(answered).into_js(ctx)),
    ("status_text", |ctx, answered| status_text(answered).into_js(ctx)),
    ("proto", |ctx, answered| peer(answered, |peer| peer.proto().to_owned()).into_js(ctx)),
    ("headers", |ctx, answered| headers(ctx, answered.exchange.outcome.as_ref().ok().map(|one| &*one.headers))),
    ("cookies", super::cookies::of_response),
    ("body", body),
    ("timings", timings),
    ("tls_version", |ctx, answered| {
        peer(answered, |peer| peer.tls_version().unwrap_or_default().to_owned()).into_js(ctx)
    }),
    ("tls_cipher_suite", |ctx, answered| {
        peer(answered, |peer| peer.tls_cipher_suite().unwrap_or_default()).into_js(ctx)
    }),
    ("ocsp", ocsp),
    ("error", |ctx, answered| error_text(&answered.exchange).into_js(ctx)),
    ("error_code", |ctx, answered| error_code(&answered.exchange).into_js(ctx)),
    ("request", request),
];

/// The place of what `json()` has made of the body.
const JSON: usize = FIELDS.len();

/// A response for the script.
///
/// # Errors
/// There is no memory; or the request failed, and the script wants that to be thrown.
#[inline(never)]
pub fn of<'js>(ctx: &Ctx<'js>, host: &Host, answered: Box<Answered>) -> rquickjs::Result<Value<'js>> {
    if answered.sending.throw
        && let Err(failure) = &answered.exchange.outcome
    {
        let message = format!("{}: {}", error_text(&answered.exchange), failure.message);
        return Err(thrown(ctx, &message));
    }
    let held = match bytes(&answered) {
        Some(body) => Some(host.memory.hold(ctx, body.len())?),
        None => None,
    };
    let response = Response { answered, _held: held, fields: RefCell::default() };
    Ok(Class::instance(ctx.clone(), response)?.into_value())
}

impl<'js> Response<'js> {
    pub fn answered(&self) -> &Answered {
        &self.answered
    }

    /// Where the answer came from.
    pub fn url(&self) -> String {
        url(&self.answered)
    }

    /// The body as it came; none where there is no answer, or it was not kept.
    pub fn bytes(&self) -> Option<&Bytes> {
        bytes(&self.answered)
    }

    /// What was made for a place, or is made for it now.
    fn kept(&self, place: usize, make: impl FnOnce() -> rquickjs::Result<Value<'js>>) -> rquickjs::Result<Value<'js>> {
        if let Some((_, value)) = self.fields.borrow().iter().find(|(other, _)| *other == place) {
            return Ok(value.clone());
        }
        let value = make()?;
        // What is no object is as soon made again.
        if value.is_object() || value.is_string() {
            self.fields.borrow_mut().push((place, value.clone()));
        }
        Ok(value)
    }
}

fn field<'js>(ctx: &Ctx<'js>, response: &Response<'js>, place: usize, make: Make) -> rquickjs::Result<Value<'js>> {
    response.kept(place, || make(ctx, &response.answered))
}

/// Reads a field: the function keeps its place.
fn get<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let this: Class<'js, Response<'js>> = called.this().get()?;
    let (place, response) = (called.number, this.borrow());
    match FIELDS.get(place) {
        Some((_, make)) => field(called.ctx, &response, place, *make),
        None => Ok(Value::new_undefined(called.ctx.clone())),
    }
}

/// Sets a field.
fn set<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let this: Class<'js, Response<'js>> = called.this().get()?;
    let (place, response) = (called.number, this.borrow());
    let mut fields = response.fields.borrow_mut();
    fields.retain(|(other, _)| *other != place);
    fields.push((place, called.argument(0)));
    Ok(Value::new_undefined(called.ctx.clone()))
}

/// All fields as a plain object: what `JSON.stringify` and `console.log` show.
fn to_json<'js>(this: This<Class<'js, Response<'js>>>, ctx: Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    for (place, (name, make)) in FIELDS.iter().enumerate() {
        object.set(*name, field(&ctx, &this.0.borrow(), place, *make)?)?;
    }
    Ok(object)
}

fn read_json<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let this: Class<'js, Response<'js>> = called.this().get()?;
    let response = this.borrow();
    let selector: Option<String> = called.given(0).map(|selector| selector.get()).transpose()?.flatten();
    let Some(bytes) = response.bytes().filter(|bytes| !bytes.is_empty()) else {
        let message = "the body is null so we can't transform it to JSON - this likely was because of a request error getting the response";
        return Err(Exception::from_message(ctx.clone(), message)?.throw());
    };
    match selector {
        // As in k6, what a script changes in it is so the next time.
        None => response.kept(JSON, || json::parse(ctx, bytes)),
        Some(selector) => {
            // What is no JSON has nothing that a selector could find.
            let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
            match value.and_then(|value| gjson::get(&value, &selector)) {
                Some(found) => json::to_js(ctx, &found),
                None => Ok(Value::new_undefined(ctx.clone())),
            }
        }
    }
}

fn peer(answered: &Answered, of: impl Fn(&crate::load::http::PeerInfo) -> String) -> String {
    answered.exchange.peer.as_deref().map(of).unwrap_or_default()
}

fn url(answered: &Answered) -> String {
    match (&answered.exchange.hop, &answered.sending.malformed) {
        (Some(hop), _) => hop.url.to_string(),
        (None, Some(text)) => text.clone(),
        (None, None) => answered.sending.outgoing.url.to_string(),
    }
}

fn status(answered: &Answered) -> u16 {
    answered.exchange.outcome.as_ref().map_or(0, |answer| answer.status.as_u16())
}

fn status_text(answered: &Answered) -> String {
    match &answered.exchange.outcome {
        Ok(answer) => {
            let reason = answer.status.canonical_reason().unwrap_or_default();
            format!("{} {reason}", answer.status.as_u16()).trim_end().to_owned()
        }
        Err(_) => String::new(),
    }
}

fn bytes(answered: &Answered) -> Option<&Bytes> {
    match (&answered.exchange.outcome, answered.sending.response_type) {
        (Ok(answer), ResponseType::Text | ResponseType::Binary) if !answer.truncated && has_body(answer.status) => {
            Some(&answer.body)
        }
        _ => None,
    }
}

/// Answers with these statuses have no body at all.
fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn body<'js>(ctx: &Ctx<'js>, answered: &Answered) -> rquickjs::Result<Value<'js>> {
    match bytes(answered) {
        Some(bytes) if answered.sending.response_type == ResponseType::Binary => {
            Ok(ArrayBuffer::new_copy(ctx.clone(), &bytes[..])?.into_value())
        }
        Some(bytes) => String::from_utf8_lossy(bytes).into_js(ctx),
        None => Ok(Value::new_null(ctx.clone())),
    }
}

/// Headers as Go writes their names; those of one name are one text.
pub fn headers<'js>(ctx: &Ctx<'js>, headers: Option<&HeaderMap>) -> rquickjs::Result<Value<'js>> {
    let object = Object::new(ctx.clone())?;
    let Some(headers) = headers else { return Ok(object.into_value()) };
    for name in headers.keys() {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        object.set(canonical(name.as_str()), values.join(", "))?;
    }
    Ok(object.into_value())
}

/// `content-type` as `Content-Type`.
pub fn canonical(name: &str) -> String {
    let mut begins = true;
    let letters = name.chars().map(|letter| {
        let written = if begins { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        begins = letter == '-';
        written
    });
    letters.collect()
}

fn timings<'js>(ctx: &Ctx<'js>, answered: &Answered) -> rquickjs::Result<Value<'js>> {
    let phases = &answered.exchange.phases;
    let object = Object::new(ctx.clone())?;
    for (name, time) in [
        ("duration", phases.duration()),
        ("blocked", phases.blocked),
        ("looking_up", std::time::Duration::ZERO),
        ("connecting", phases.connecting),
        ("tls_handshaking", phases.tls_handshaking),
        ("sending", phases.sending),
        ("waiting", phases.waiting),
        ("receiving", phases.receiving),
    ] {
        object.set(name, time.as_secs_f64() * 1e3)?;
    }
    Ok(object.into_value())
}

fn ocsp<'js>(ctx: &Ctx<'js>, _: &Answered) -> rquickjs::Result<Value<'js>> {
    let object = Object::new(ctx.clone())?;
    for name in ["produced_at", "this_update", "next_update", "revoked_at"] {
        object.set(name, 0)?;
    }
    object.set("revocation_reason", "")?;
    object.set("status", "")?;
    Ok(object.into_value())
}

/// The request as it was sent first.
fn request<'js>(ctx: &Ctx<'js>, answered: &Answered) -> rquickjs::Result<Value<'js>> {
    let outgoing = &answered.sending.outgoing;
    let object = Object::new(ctx.clone())?;
    object.set("method", outgoing.method.as_str())?;
    object.set("url", answered.sending.malformed.as_deref().unwrap_or(outgoing.url.as_str()))?;
    let headers = Object::new(ctx.clone())?;
    if !outgoing.headers.contains_key(USER_AGENT) {
        headers.set("User-Agent", vec![OUR_USER_AGENT])?;
    }
    for name in outgoing.headers.keys() {
        let values = outgoing.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.set(canonical(name.as_str()), values.map(|value| value.into_owned()).collect::<Vec<_>>())?;
    }
    object.set("headers", headers)?;
    object.set("body", &*String::from_utf8_lossy(&outgoing.body))?;
    object.set("cookies", super::cookies::of_request(ctx, answered)?)?;
    Ok(object.into_value())
}
