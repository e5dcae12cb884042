//! From the arguments of a script's request to one that can be sent.

use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rquickjs::{Coerced, Ctx, Exception, Object, Value};

use super::body;
use super::cookies;
use super::jar::JarRef;
use super::send::Sending;
use super::url::Address;
use crate::k6::host::Host;
use crate::k6::run::Run;
use crate::k6::tags::Tags;
use crate::load::http::{Credentials, Outgoing};
use crate::plan::duration;

/// k6's default for a request and all its redirects.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes that a request and its response take, without their headers and bodies.
const REQUEST: usize = 2048;

/// As what a script gets an answer's body (`responseType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    Text,
    Binary,
    None,
}

/// The request that a script describes.
///
/// # Errors
/// An exception that names the argument that can't be used.
pub fn sending<'js>(
    ctx: &Ctx<'js>,
    host: &Host,
    run: &Arc<Run>,
    method: &str,
    address: Address,
    body: Option<Value<'js>>,
    params: Option<Value<'js>>,
) -> rquickjs::Result<Box<Sending>> {
    let method =
        Method::from_str(method).map_err(|_| Exception::throw_type(ctx, &format!("`{method}` is no HTTP method")))?;
    let params = params.filter(|params| !params.is_undefined() && !params.is_null());
    let params = match params {
        Some(value) => Some(value.into_object().ok_or_else(|| {
            Exception::throw_type(
                ctx,
                "the last argument must be an object of parameters: { headers, tags, timeout … }",
            )
        })?),
        None => None,
    };
    let options = &run.settings.requests;
    let (url, malformed) = match run.url(&address.url) {
        Ok(url) => (url, None),
        Err(error) if options.throw => {
            let message = format!("`{}` is no URL: {error}", address.url);
            return Err(Exception::from_message(ctx.clone(), &message)?.throw());
        }
        // It is answered by a failure, as k6 does: a script may look at it.
        Err(_) => (run.arm.origin.clone(), Some(address.url.clone())),
    };
    let mut sending = Box::new(Sending {
        outgoing: Outgoing {
            method,
            url,
            headers: HeaderMap::new(),
            origin_headers: run.arm.headers.iter().cloned().collect(),
            body: Bytes::new(),
            timeout: TIMEOUT,
            redirects: options.max_redirects,
            cookies: true,
            digest: None,
        },
        written: (!run.submetrics.http.is_empty() || run.samples.is_some()).then(|| address.url.as_str().into()),
        name: address.name.map(Rc::from),
        tags: None,
        expected: host.expected.borrow().clone(),
        response_type: if options.discard_response_bodies { ResponseType::None } else { ResponseType::Text },
        jar: None,
        held: None,
        throw: options.throw,
        malformed,
        run: run.clone(),
    });
    if let Some(agent) = &options.user_agent {
        set_header(ctx, &mut sending.outgoing.headers, USER_AGENT, agent.to_string())?;
    }
    if !crate::load::http::same_origin(&sending.outgoing.url, &run.arm.origin) {
        sending.outgoing.origin_headers.clear();
    }
    let compression = match &params {
        Some(params) => read(ctx, host, params, &mut sending)?,
        None => None,
    };
    if let Some(body) = body.filter(|body| !body.is_undefined() && !body.is_null()) {
        let encoded = body::encode(ctx, body)?;
        sending.outgoing.body = encoded.bytes;
        if let Some(content_type) = encoded.content_type
            && !sending.outgoing.headers.contains_key(CONTENT_TYPE)
        {
            set_header(ctx, &mut sending.outgoing.headers, CONTENT_TYPE, content_type)?;
        }
    }
    if let Some(names) = compression {
        compress(ctx, &names, &mut sending.outgoing)?;
    }
    let headers: usize = sending.outgoing.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    sending.held = Some(host.memory.hold(ctx, REQUEST + headers + sending.outgoing.body.len())?);
    Ok(sending)
}

/// Takes over all that the parameters say, but for the names of algorithms that the body is to be compressed by.
fn read<'js>(
    ctx: &Ctx<'js>,
    host: &Host,
    params: &Object<'js>,
    sending: &mut Sending,
) -> rquickjs::Result<Option<String>> {
    let (mut cookies, mut compression) = (None, None);
    host.names.each(params, |known, value| {
        let name = &*known.name.text;
        if value.is_undefined() || value.is_null() {
            return Ok(());
        }
        match name {
            "headers" => headers(ctx, host, &object(ctx, name, value)?, &mut sending.outgoing.headers)?,
            "tags" => tags(&object(ctx, name, value)?, sending)?,
            "timeout" => sending.outgoing.timeout = timeout(ctx, &value)?,
            "redirects" => sending.outgoing.redirects = value.get::<Coerced<i32>>()?.0.max(0).unsigned_abs(),
            "responseType" => sending.response_type = response_type(ctx, &value)?,
            "auth" => authentication(ctx, &value.get::<Coerced<String>>()?.0, &mut sending.outgoing)?,
            "throw" => sending.throw = value.get::<Coerced<bool>>()?.0,
            "jar" => sending.jar = Some(JarRef::of(ctx, host, &value)?),
            "responseCallback" => sending.expected = super::expected::of(ctx, &value)?,
            "cookies" => cookies = Some(object(ctx, name, value)?),
            "compression" => compression = Some(value.get::<Coerced<String>>()?.0),
            _ => {}
        }
        Ok(())
    })?;
    // After the jar, whose cookies they stand over.
    if let Some(cookies) = cookies {
        cookies::of_params(ctx, host, &cookies, sending)?;
    }
    Ok(compression)
}

fn object<'js>(ctx: &Ctx<'js>, name: &str, value: Value<'js>) -> rquickjs::Result<Object<'js>> {
    value.into_object().ok_or_else(|| Exception::throw_type(ctx, &format!("`{name}` must be an object")))
}

fn headers<'js>(ctx: &Ctx<'js>, host: &Host, given: &Object<'js>, headers: &mut HeaderMap) -> rquickjs::Result<()> {
    host.names.each(given, |known, value| {
        let name = &known.name;
        let Coerced(value) = value.get::<Coerced<String>>()?;
        let no_name = || Exception::throw_type(ctx, &format!("`{}` is no name of a header", name.text));
        set_header(ctx, headers, name.header().ok_or_else(no_name)?.clone(), value)
    })
}

fn set_header(ctx: &Ctx<'_>, headers: &mut HeaderMap, name: HeaderName, value: String) -> rquickjs::Result<()> {
    let value = HeaderValue::try_from(value).map_err(|_| {
        Exception::throw_type(ctx, &format!("header `{name}` has a value with a line break or control character"))
    })?;
    headers.insert(name, value);
    Ok(())
}

fn tags(given: &Object<'_>, sending: &mut Sending) -> rquickjs::Result<()> {
    let mut tags = Tags::default();
    tags.extend(given)?;
    if let Some(name) = tags.get("name") {
        sending.name = Some(name.clone());
    }
    sending.tags = Some(tags);
    Ok(())
}

/// Milliseconds as a number, or a text with units.
pub fn timeout<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> rquickjs::Result<Duration> {
    let wrong =
        |text: &str| Exception::throw_type(ctx, &format!("`timeout` is `{text}`: write milliseconds, or \"10s\""));
    if let Some(milliseconds) = value.as_number() {
        return Duration::try_from_secs_f64(milliseconds / 1e3).map_err(|_| wrong(&milliseconds.to_string()));
    }
    let Coerced(text) = value.get::<Coerced<String>>()?;
    if let Ok(milliseconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(milliseconds / 1e3).map_err(|_| wrong(&text));
    }
    duration(&text).ok_or_else(|| wrong(&text))
}

fn response_type(ctx: &Ctx<'_>, value: &Value<'_>) -> rquickjs::Result<ResponseType> {
    let Coerced(text) = value.get::<Coerced<String>>()?;
    match text.as_str() {
        "text" | "" => Ok(ResponseType::Text),
        "binary" => Ok(ResponseType::Binary),
        "none" => Ok(ResponseType::None),
        _ => Err(Exception::throw_type(ctx, &format!("`responseType` is `{text}`: write text, binary or none"))),
    }
}

/// The URL's user and password, by the scheme that `auth` names.
fn authentication(ctx: &Ctx<'_>, scheme: &str, outgoing: &mut Outgoing) -> rquickjs::Result<()> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = decoded(outgoing.url.username());
    let password = decoded(outgoing.url.password().unwrap_or_default());
    match scheme {
        "basic" => {
            let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            set_header(ctx, &mut outgoing.headers, AUTHORIZATION, value)
        }
        "digest" => {
            let credentials = Credentials::new(user, password)
                .ok_or_else(|| Exception::throw_type(ctx, "the user name of `auth` has a control character"))?;
            // Else they would be sent in the clear at once.
            let _ = outgoing.url.set_username("");
            let _ = outgoing.url.set_password(None);
            outgoing.digest = Some(Arc::new(credentials));
            Ok(())
        }
        _ => Err(Exception::throw_type(ctx, &format!("`auth` is `{scheme}`: basic and digest are supported"))),
    }
}

/// Compresses the body by the algorithms that are named, in order.
fn compress(ctx: &Ctx<'_>, names: &str, outgoing: &mut Outgoing) -> rquickjs::Result<()> {
    let mut encodings = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        outgoing.body = body::compress(ctx, name, &outgoing.body)?;
        encodings.push(name);
    }
    if encodings.is_empty() {
        return Ok(());
    }
    set_header(ctx, &mut outgoing.headers, http::header::CONTENT_ENCODING, encodings.join(", "))?;
    Ok(())
}
