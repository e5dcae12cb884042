//! `http.CookieJar`: the virtual user's cookies, or a jar of the script's own.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, Opt, This};
use rquickjs::{Class, Coerced, Ctx, Exception, Function, JsLifetime, Object, Value};
use url::Url;

use crate::k6::host::{Host, host};
use crate::load::http::{Jar, Session};

/// Whose cookies.
#[derive(Clone)]
pub enum JarRef {
    Vu(Rc<Session>),
    Own(Rc<RefCell<Jar>>),
}

impl JarRef {
    pub fn jar(&self) -> &RefCell<Jar> {
        match self {
            JarRef::Vu(session) => session.jar(),
            JarRef::Own(jar) => jar,
        }
    }

    /// The jar that a script gives.
    ///
    /// # Errors
    /// An exception for what is no jar.
    pub fn of(ctx: &Ctx<'_>, host: &Host, value: &Value<'_>) -> rquickjs::Result<Self> {
        if value.is_null() || value.is_undefined() {
            return Ok(JarRef::Vu(host.session(ctx)?.clone()));
        }
        match value.as_object().and_then(Object::as_class::<CookieJar>) {
            Some(jar) => Ok(jar.borrow().0.clone()),
            None => {
                Err(Exception::throw_type(ctx, "`jar` must be what http.cookieJar() or new http.CookieJar() makes"))
            }
        }
    }
}

/// A jar for a script.
pub struct CookieJar(JarRef);

// It holds no value of a context.
unsafe impl<'js> JsLifetime<'js> for CookieJar {
    type Changed<'to> = CookieJar;
}

impl<'js> Trace<'js> for CookieJar {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

type This_<'js> = This<Class<'js, CookieJar>>;

impl<'js> JsClass<'js> for CookieJar {
    const NAME: &'static str = "CookieJar";
    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> rquickjs::Result<Option<Object<'js>>> {
        let prototype = Object::new(ctx.clone())?;
        prototype.set("cookiesForURL", Function::new(ctx.clone(), cookies_for_url)?)?;
        prototype.set("set", Function::new(ctx.clone(), set)?)?;
        prototype.set("clear", Function::new(ctx.clone(), clear)?)?;
        prototype.set("delete", Function::new(ctx.clone(), delete)?)?;
        Ok(Some(prototype))
    }

    fn constructor(ctx: &Ctx<'js>) -> rquickjs::Result<Option<Constructor<'js>>> {
        Constructor::new_class::<CookieJar, _, _>(ctx.clone(), own_jar).map(Some)
    }
}

/// `new http.CookieJar()`
fn own_jar<'js>(ctx: Ctx<'js>) -> rquickjs::Result<Class<'js, CookieJar>> {
    Class::instance(ctx, CookieJar(JarRef::Own(Rc::default())))
}

/// `http.cookieJar()`
pub fn of_vu<'js>(ctx: Ctx<'js>) -> rquickjs::Result<Class<'js, CookieJar>> {
    let session = host(&ctx)?.session(&ctx)?.clone();
    Class::instance(ctx, CookieJar(JarRef::Vu(session)))
}

/// The URL as the load knows it.
fn url(ctx: &Ctx<'_>, text: &str) -> rquickjs::Result<Url> {
    let host = host(ctx)?;
    let mapped = host.loaded().map_or(text.into(), |run| run.urls.map(text));
    Url::parse(&mapped).map_err(|error| Exception::throw_type(ctx, &format!("`{text}` is no URL: {error}")))
}

/// `jar.cookiesForURL(url)`: lists of values by name.
fn cookies_for_url<'js>(this: This_<'js>, ctx: Ctx<'js>, address: String) -> rquickjs::Result<Object<'js>> {
    let url = url(&ctx, &address)?;
    let this = this.0.borrow();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in this.0.jar().borrow().of(&url, SystemTime::now()) {
        match lists.iter_mut().find(|(other, _)| other == name) {
            Some((_, values)) => values.push(value.to_owned()),
            None => lists.push((name.to_owned(), vec![value.to_owned()])),
        }
    }
    // The script may have made setters for all objects, which use the jar.
    let object = Object::new(ctx.clone())?;
    for (name, values) in lists {
        object.set(name, values)?;
    }
    Ok(object)
}

/// `jar.set(url, name, value, { domain, path, expires, max_age, secure, http_only })`
fn set<'js>(
    this: This_<'js>,
    ctx: Ctx<'js>,
    address: String,
    name: String,
    value: Coerced<String>,
    options: Opt<Option<Object<'js>>>,
) -> rquickjs::Result<bool> {
    let url = url(&ctx, &address)?;
    let mut cookie = cookie::Cookie::new(name, value.0);
    if let Some(options) = options.0.flatten() {
        for entry in options.props::<String, Coerced<String>>() {
            let (name, Coerced(text)) = entry?;
            match name.as_str() {
                "domain" => cookie.set_domain(text),
                "path" => cookie.set_path(text),
                "secure" => cookie.set_secure(text == "true"),
                "http_only" => cookie.set_http_only(text == "true"),
                "max_age" => cookie.set_max_age(text.parse().ok().map(cookie::time::Duration::seconds)),
                "expires" => cookie.set_expires(expiry(&ctx, &text)?),
                _ => {}
            }
        }
    }
    Ok(this.0.borrow().0.jar().borrow_mut().set(&url, &cookie.to_string(), SystemTime::now()))
}

/// A date as k6 takes it: RFC 1123.
fn expiry(ctx: &Ctx<'_>, text: &str) -> rquickjs::Result<Option<cookie::time::OffsetDateTime>> {
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = jiff::fmt::rfc2822::parse(text).map_err(|error| {
        Exception::throw_type(ctx, &format!("`expires` is `{text}`: write a date as in a header: {error}"))
    })?;
    Ok(cookie::time::OffsetDateTime::from_unix_timestamp(parsed.timestamp().as_second()).ok())
}

fn clear<'js>(this: This_<'js>, ctx: Ctx<'js>, address: String) -> rquickjs::Result<()> {
    let url = url(&ctx, &address)?;
    this.0.borrow().0.jar().borrow_mut().remove(&url, None, SystemTime::now());
    Ok(())
}

fn delete<'js>(this: This_<'js>, ctx: Ctx<'js>, address: String, name: String) -> rquickjs::Result<()> {
    let url = url(&ctx, &address)?;
    this.0.borrow().0.jar().borrow_mut().remove(&url, Some(&name), SystemTime::now());
    Ok(())
}
