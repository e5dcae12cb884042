//! Cookies of a request's parameters, and those that a response shows.

use std::time::SystemTime;

use http::header::SET_COOKIE;
use rquickjs::{Array, Coerced, Ctx, IntoJs, Object, Value};

use super::send::{Answered, Sending};
use crate::k6::host::Host;

/// Adds the parameters' cookies to the request: `{ name: "value" }`, or `{ name: { value, replace } }`. One of the jar of the
/// same name stays beside it unless it is replaced.
pub fn of_params<'js>(
    ctx: &Ctx<'js>,
    host: &Host,
    cookies: &Object<'js>,
    sending: &mut Sending,
) -> rquickjs::Result<()> {
    let session = host.session(ctx)?;
    let own_jar = sending.jar.as_ref().map_or(session.jar(), |jar| jar.jar());
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut replaced: Vec<String> = Vec::new();
    for entry in cookies.props::<String, Value<'js>>() {
        let (name, value) = entry?;
        match value.as_object() {
            Some(object) => {
                let Coerced(value) = object.get::<_, Coerced<String>>("value")?;
                if object.get::<_, Option<Coerced<bool>>>("replace")?.is_some_and(|Coerced(replace)| replace) {
                    replaced.push(name.clone());
                }
                pairs.push((name, value));
            }
            None => pairs.push((name, value.get::<Coerced<String>>()?.0)),
        }
    }
    let jar = own_jar.borrow();
    let kept = jar.of(&sending.outgoing.url, SystemTime::now());
    let kept = kept.into_iter().filter(|(name, _)| !replaced.iter().any(|other| other == name));
    let own = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<String> =
        own.chain(kept.filter(|_| !replaced.is_empty())).map(|(name, value)| format!("{name}={value}")).collect();
    if let Ok(header) = all.join("; ").try_into() {
        sending.outgoing.headers.insert(http::header::COOKIE, header);
    }
    // Where one is replaced, the header above has all of the jar's that are to be sent.
    sending.outgoing.cookies = replaced.is_empty();
    Ok(())
}

/// The cookies that an answer sets: lists by name.
pub fn of_response<'js>(ctx: &Ctx<'js>, answered: &Answered) -> rquickjs::Result<Value<'js>> {
    let object = Object::new(ctx.clone())?;
    let Ok(answer) = &answered.exchange.outcome else { return Ok(object.into_value()) };
    for header in answer.headers.get_all(SET_COOKIE) {
        let Some(parsed) = header.to_str().ok().and_then(|text| cookie::Cookie::parse(text).ok()) else { continue };
        let list = match object.get::<_, Option<Array<'js>>>(parsed.name())? {
            Some(list) => list,
            None => {
                let list = Array::new(ctx.clone())?;
                object.set(parsed.name(), list.clone())?;
                list
            }
        };
        list.set(list.len(), shown(ctx, &parsed)?)?;
    }
    object.into_js(ctx)
}

fn shown<'js>(ctx: &Ctx<'js>, cookie: &cookie::Cookie<'_>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("name", cookie.name())?;
    object.set("value", cookie.value())?;
    object.set("domain", cookie.domain().unwrap_or_default())?;
    object.set("path", cookie.path().unwrap_or_default())?;
    object.set("http_only", cookie.http_only().unwrap_or_default())?;
    object.set("secure", cookie.secure().unwrap_or_default())?;
    object.set("max_age", cookie.max_age().map_or(0, |age| age.whole_seconds()) as f64)?;
    let expires = cookie.expires_datetime().map_or(0, |at| at.unix_timestamp() * 1000);
    object.set("expires", expires as f64)?;
    Ok(object)
}

/// The cookies that were sent: lists by name.
pub fn of_request<'js>(ctx: &Ctx<'js>, answered: &Answered) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let header = answered.sending.outgoing.headers.get(http::header::COOKIE).and_then(|header| header.to_str().ok());
    for pair in header.unwrap_or_default().split("; ").filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let cookie = Object::new(ctx.clone())?;
        cookie.set("name", name)?;
        cookie.set("value", value)?;
        cookie.set("replace", false)?;
        object.set(name, vec![cookie])?;
    }
    Ok(object)
}
