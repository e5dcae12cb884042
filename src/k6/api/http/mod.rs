//! `k6/http`.

pub mod body;
pub mod cookies;
pub mod expected;
pub mod html;
pub mod jar;
pub mod params;
pub mod response;
pub mod send;
pub mod url;

use rquickjs::function::Opt;
use rquickjs::{Array, Class, Coerced, Ctx, Exception, Function, Object, Persistent, Promise, Value};

use crate::k6::host::{Host, ask, host};
use crate::k6::operations::Then;
use crate::k6::vm::ask::Operation;
use crate::k6::vm::native::{Called, native};
use crate::k6::vm::{Ask, Told};
use send::Sending;

/// What the module exports.
pub const NAMES: &[&str] = &[
    "get",
    "head",
    "post",
    "put",
    "patch",
    "del",
    "options",
    "request",
    "asyncRequest",
    "batch",
    "file",
    "url",
    "cookieJar",
    "CookieJar",
    "expectedStatuses",
    "setResponseCallback",
    "Response",
    "FileData",
    "TLS_1_0",
    "TLS_1_1",
    "TLS_1_2",
    "TLS_1_3",
    "SSL_3_0",
    "OCSP_STATUS_GOOD",
    "OCSP_STATUS_REVOKED",
    "OCSP_STATUS_SERVER_FAILED",
    "OCSP_STATUS_UNKNOWN",
];

type Argument<'js> = Opt<Value<'js>>;

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let http = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| http.set(name, function.with_name(name)?);
    http.set("get", native!(ctx, c"get", 2, |called| of_method(called, "GET", None, 1))?)?;
    http.set("head", native!(ctx, c"head", 2, |called| of_method(called, "HEAD", None, 1))?)?;
    http.set("post", native!(ctx, c"post", 3, |called| of_method(called, "POST", Some(1), 2))?)?;
    http.set("put", native!(ctx, c"put", 3, |called| of_method(called, "PUT", Some(1), 2))?)?;
    http.set("patch", native!(ctx, c"patch", 3, |called| of_method(called, "PATCH", Some(1), 2))?)?;
    http.set("del", native!(ctx, c"del", 3, |called| of_method(called, "DELETE", Some(1), 2))?)?;
    http.set("options", native!(ctx, c"options", 3, |called| of_method(called, "OPTIONS", Some(1), 2))?)?;
    http.set("request", native!(ctx, c"request", 4, request)?)?;
    set("asyncRequest", Function::new(ctx.clone(), async_request)?)?;
    set("batch", Function::new(ctx.clone(), batch)?)?;
    set("file", Function::new(ctx.clone(), body::file)?)?;
    set("url", Function::new(ctx.clone(), url::template)?)?;
    set("cookieJar", Function::new(ctx.clone(), jar::of_vu)?)?;
    set("expectedStatuses", Function::new(ctx.clone(), expected::statuses)?)?;
    set("setResponseCallback", Function::new(ctx.clone(), expected::set)?)?;
    http.set("CookieJar", Class::<jar::CookieJar>::create_constructor(ctx)?)?;
    for (name, value) in [
        ("TLS_1_0", "tls1.0"),
        ("TLS_1_1", "tls1.1"),
        ("TLS_1_2", "tls1.2"),
        ("TLS_1_3", "tls1.3"),
        ("SSL_3_0", "ssl3.0"),
        ("OCSP_STATUS_GOOD", "good"),
        ("OCSP_STATUS_REVOKED", "revoked"),
        ("OCSP_STATUS_SERVER_FAILED", "server_failed"),
        ("OCSP_STATUS_UNKNOWN", "unknown"),
    ] {
        http.set(name, value)?;
    }
    Ok(http)
}

/// Sends a request to the URL that is the first argument, and waits for its answer. Where the body is, if the method has one, and
/// the parameters.
fn of_method<'js>(
    called: &Called<'_, 'js>,
    method: &str,
    body: Option<usize>,
    params: usize,
) -> rquickjs::Result<Value<'js>> {
    let host = host(called.ctx)?;
    let sending = described_by(called, &host, method, body, params)?;
    respond(called.ctx, &host, sending)
}

// Apart from those who wait for the answer: nothing of it is left on the stack then.
#[inline(never)]
fn described_by<'js>(
    called: &Called<'_, 'js>,
    host: &Host,
    method: &str,
    body: Option<usize>,
    params: usize,
) -> rquickjs::Result<Box<Sending>> {
    let body = body.and_then(|body| called.given(body));
    described(called.ctx, host, method, &called.required(0)?, body, called.given(params))
}

/// `http.request(method, url, body, params)`
fn request<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let host = host(called.ctx)?;
    let method: String = called.required(0)?.get()?;
    let sending = described(called.ctx, &host, &method, &called.required(1)?, called.given(2), called.given(3))?;
    respond(called.ctx, &host, sending)
}

/// Waits for the answer of a request.
pub fn respond<'js>(ctx: &Ctx<'js>, host: &Host, sending: Box<Sending>) -> rquickjs::Result<Value<'js>> {
    match ask(ctx, host, Ask::Send(sending))? {
        Told::Answered(answered) => response::of(ctx, host, answered),
        _ => Err(Exception::throw_internal(ctx, "a request got no answer of the event loop")),
    }
}

/// The request that the arguments describe.
fn described<'js>(
    ctx: &Ctx<'js>,
    host: &Host,
    method: &str,
    url: &Value<'js>,
    body: Option<Value<'js>>,
    params: Option<Value<'js>>,
) -> rquickjs::Result<Box<Sending>> {
    let run = host.run(ctx, "http")?;
    params::sending(ctx, host, run, method, url::address(ctx, url)?, body, params)
}

/// `http.asyncRequest(method, url, body, params)`: a promise of the response.
fn async_request<'js>(
    ctx: Ctx<'js>,
    method: String,
    url: Value<'js>,
    body: Argument<'js>,
    params: Argument<'js>,
) -> rquickjs::Result<Promise<'js>> {
    let host = host(&ctx)?;
    let (promise, resolve, reject) = Promise::new(&ctx)?;
    match described(&ctx, &host, &method, &url, body.0, params.0) {
        Ok(sending) => {
            let (done, failed) = (Persistent::save(&ctx, resolve), Some(Persistent::save(&ctx, reject)));
            host.operations.start(Operation::Send(sending), Then { done, failed });
        }
        Err(rquickjs::Error::Exception) => reject.call::<_, ()>((ctx.catch(),))?,
        Err(error) => return Err(error),
    }
    Ok(promise)
}

/// `http.batch(requests)`: an array of responses for an array of requests, an object for an object.
fn batch<'js>(ctx: Ctx<'js>, requests: Value<'js>) -> rquickjs::Result<Value<'js>> {
    let host = host(&ctx)?;
    let Some(object) = requests.as_object() else {
        return Err(Exception::throw_type(&ctx, "http.batch takes an array or an object of requests"));
    };
    let is_array = requests.is_array();
    let (mut names, mut sendings) = (Vec::new(), Vec::new());
    for entry in object.props::<String, Value<'js>>() {
        let (name, request) = entry?;
        sendings.push(batched(&ctx, &host, &request)?);
        names.push(name);
    }
    let options = &host.run(&ctx, "http.batch")?.settings.requests;
    let limit = |limit: u32| if limit == 0 { usize::MAX } else { limit as usize };
    let (at_once, of_a_host) = (limit(options.batch), options.batch_per_host as usize);
    let Told::Batch(answers) = ask(&ctx, &host, Ask::Batch { requests: sendings, at_once, of_a_host })? else {
        return Err(Exception::throw_internal(&ctx, "a batch got no answer of the event loop"));
    };
    let array = Array::new(ctx.clone())?;
    let by_name = Object::new(ctx.clone())?;
    for (index, (name, answered)) in names.into_iter().zip(answers).enumerate() {
        let response = response::of(&ctx, &host, answered)?;
        match is_array {
            true => array.set(index, response)?,
            false => by_name.set(name, response)?,
        }
    }
    Ok(if is_array { array.into_value() } else { by_name.into_value() })
}

/// One request of a batch: a URL, an array of arguments, or an object.
fn batched<'js>(ctx: &Ctx<'js>, host: &Host, request: &Value<'js>) -> rquickjs::Result<Box<Sending>> {
    if let Some(arguments) = request.as_array() {
        let at = |index: usize| arguments.get::<Value<'js>>(index).map(Some);
        let Coerced(method) = arguments.get::<Coerced<String>>(0)?;
        return described(ctx, host, &method, &arguments.get(1)?, at(2)?, at(3)?);
    }
    match request.as_object() {
        Some(object)
            if object.contains_key("method")? || object.contains_key("params")? || object.contains_key("body")? =>
        {
            let method = object.get::<_, Option<String>>("method")?.unwrap_or_else(|| "GET".into());
            described(ctx, host, &method, &object.get("url")?, object.get("body")?, object.get("params")?)
        }
        Some(object) if object.contains_key("url")? && !object.contains_key("__loadgate_url")? => {
            described(ctx, host, "GET", &object.get("url")?, None, None)
        }
        _ => described(ctx, host, "GET", request, None, None),
    }
}
