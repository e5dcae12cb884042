//! `URL` and `URLSearchParams`, as `https://jslib.k6.io/url` exports them, and as globals.

use rquickjs::{Ctx, Exception, Function, Object, Result, Value};
use url::{Url, form_urlencoded, quirks};

use super::{Script, global};

static SCRIPT: Script = Script::new("loadgate:url", include_str!("url.js"));

/// What `https://jslib.k6.io/url/…/index.js` exports.
pub const NAMES: &[&str] = &["URL", "URLSearchParams"];

/// The module.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn exports<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let core = Object::new(ctx.clone())?;
    core.set("parse", Function::new(ctx.clone(), parse)?)?;
    core.set("get", Function::new(ctx.clone(), get)?)?;
    core.set("set", Function::new(ctx.clone(), set)?)?;
    core.set("readQuery", Function::new(ctx.clone(), read_query)?)?;
    core.set("writeQuery", Function::new(ctx.clone(), write_query)?)?;
    let wrap: Function<'js> = SCRIPT.value(ctx)?;
    wrap.call((core,))
}

/// Makes the globals, when a script first reads them. k6 has none of that name.
///
/// # Errors
///
/// An exception, when the engine has no memory left.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    global(ctx, "URL", |ctx| both(ctx, "URL"))?;
    global(ctx, "URLSearchParams", |ctx| both(ctx, "URLSearchParams"))
}

/// Whichever is read first, both are set, so that they know each other.
fn both<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Value<'js>> {
    let classes = exports(ctx)?;
    for class in NAMES.iter().filter(|class| **class != name) {
        ctx.globals().set(*class, classes.get::<_, Value>(*class)?)?;
    }
    classes.get(name)
}

/// The normalised address.
fn parse<'js>(ctx: Ctx<'js>, text: String, base: Option<String>) -> Result<String> {
    let base = match base {
        Some(base) => {
            let invalid = |error| Exception::throw_type(&ctx, &format!("the base '{base}' is no URL: {error}"));
            Some(Url::parse(&base).map_err(invalid)?)
        }
        None => None,
    };
    Url::options()
        .base_url(base.as_ref())
        .parse(&text)
        .map(String::from)
        .map_err(|error| Exception::throw_type(&ctx, &format!("Invalid URL: '{text}': {error}")))
}

fn read(ctx: &Ctx<'_>, href: &str) -> Result<Url> {
    Url::parse(href).map_err(|error| Exception::throw_type(ctx, &format!("Invalid URL: '{href}': {error}")))
}

fn get(ctx: Ctx<'_>, href: String, part: String) -> Result<String> {
    let url = read(&ctx, &href)?;
    Ok(match part.as_str() {
        "origin" => quirks::origin(&url),
        "protocol" => quirks::protocol(&url).to_owned(),
        "username" => quirks::username(&url).to_owned(),
        "password" => quirks::password(&url).to_owned(),
        "host" => quirks::host(&url).to_owned(),
        "hostname" => quirks::hostname(&url).to_owned(),
        "port" => quirks::port(&url).to_owned(),
        "pathname" => quirks::pathname(&url).to_owned(),
        "search" => quirks::search(&url).to_owned(),
        "hash" => quirks::hash(&url).to_owned(),
        _ => String::new(),
    })
}

/// The address with a part changed; unchanged when the part can't be that.
fn set(ctx: Ctx<'_>, href: String, part: String, value: String) -> Result<String> {
    let mut url = read(&ctx, &href)?;
    let _: std::result::Result<(), ()> = match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Ok(()),
    };
    Ok(url.into())
}

fn read_query(query: String) -> Vec<Vec<String>> {
    let query = query.strip_prefix('?').unwrap_or(&query);
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| vec![name.into_owned(), value.into_owned()]).collect()
}

fn write_query(pairs: Vec<Vec<String>>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for pair in &pairs {
        if let [name, value] = pair.as_slice() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

#[cfg(test)]
mod tests;
