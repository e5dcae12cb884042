//! What a response offers of its HTML: its elements, and what a browser would do with its forms and links.

use rquickjs::function::{Opt, This};
use rquickjs::{Class, Ctx, Function, Object, Value};

use super::response::Response;
use super::url::Address;
use super::{params, respond};
use crate::k6::api::html::{Dom, FieldValue, Form, link, selection};
use crate::k6::host::{host, thrown};

type Answer<'js> = This<Class<'js, Response<'js>>>;

/// Adds `html`, `submitForm` and `clickLink` to responses.
pub fn install<'js>(ctx: &Ctx<'js>, prototype: &Object<'js>) -> rquickjs::Result<()> {
    prototype.set("html", Function::new(ctx.clone(), html)?)?;
    prototype.set("submitForm", Function::new(ctx.clone(), submit_form)?)?;
    prototype.set("clickLink", Function::new(ctx.clone(), click_link)?)
}

/// The page as text; without one there is nothing to find in it.
fn page<'js>(ctx: &Ctx<'js>, response: &Response<'js>) -> rquickjs::Result<String> {
    match response.bytes() {
        Some(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        None => Err(thrown(
            ctx,
            "the body is null, so that there is no HTML in it: the request failed, or its body was discarded",
        )),
    }
}

/// `res.html(selector)`
fn html<'js>(this: Answer<'js>, ctx: Ctx<'js>, selector: Opt<Option<String>>) -> rquickjs::Result<Value<'js>> {
    let response = this.0.borrow();
    let text = page(&ctx, &response)?;
    selection(&ctx, &text, &response.url(), selector.0.flatten().as_deref())
}

/// `res.submitForm({ formSelector, submitSelector, fields, params })`
fn submit_form<'js>(this: Answer<'js>, ctx: Ctx<'js>, given: Opt<Option<Object<'js>>>) -> rquickjs::Result<Value<'js>> {
    let response = this.0.borrow();
    let given = given.0.flatten();
    let selector = |name: &str, default: &str| text(given.as_ref(), name, default);
    let (form, submit) = (selector("formSelector", "form")?, selector("submitSelector", "[type=\"submit\"]")?);
    let page = Dom::parse(&page(&ctx, &response)?);
    let form = Form::read(&page, &response.url(), &form, &submit).map_err(|problem| thrown(&ctx, &problem))?;
    let fields = Object::new(ctx.clone())?;
    for (name, value) in form.fields {
        match value {
            FieldValue::One(value) => fields.set(name, value)?,
            FieldValue::Several(values) => fields.set(name, values)?,
        }
    }
    if let Some(own) = given.as_ref().map(|given| given.get::<_, Option<Object<'js>>>("fields")).transpose()?.flatten()
    {
        for entry in own.props::<String, Value<'js>>() {
            let (name, value) = entry?;
            fields.set(name, value)?;
        }
    }
    let params = params_of(given.as_ref())?;
    match form.method.as_str() {
        "GET" => {
            let encoded = super::body::encode(&ctx, fields.into_value())?;
            let query = String::from_utf8_lossy(&encoded.bytes).into_owned();
            let action = form.action.split(['?', '#']).next().unwrap_or_default();
            go(&ctx, "GET", format!("{action}?{query}"), None, params)
        }
        method => go(&ctx, method, form.action.clone(), Some(fields.into_value()), params),
    }
}

/// `res.clickLink({ selector, params })`
fn click_link<'js>(this: Answer<'js>, ctx: Ctx<'js>, given: Opt<Option<Object<'js>>>) -> rquickjs::Result<Value<'js>> {
    let response = this.0.borrow();
    let given = given.0.flatten();
    let selector = text(given.as_ref(), "selector", "a[href]")?;
    let page = Dom::parse(&page(&ctx, &response)?);
    let address = link(&page, &response.url(), &selector).map_err(|problem| thrown(&ctx, &problem))?;
    go(&ctx, "GET", address, None, params_of(given.as_ref())?)
}

fn go<'js>(
    ctx: &Ctx<'js>,
    method: &str,
    url: String,
    body: Option<Value<'js>>,
    params: Option<Value<'js>>,
) -> rquickjs::Result<Value<'js>> {
    let host = host(ctx)?;
    let run = host.run(ctx, "http")?;
    let sending = params::sending(ctx, &host, run, method, Address { url, name: None }, body, params)?;
    respond(ctx, &host, sending)
}

fn text(given: Option<&Object<'_>>, name: &str, default: &str) -> rquickjs::Result<String> {
    let own = given.map(|given| given.get::<_, Option<String>>(name)).transpose()?.flatten();
    Ok(own.filter(|own| !own.is_empty()).unwrap_or_else(|| default.to_owned()))
}

fn params_of<'js>(given: Option<&Object<'js>>) -> rquickjs::Result<Option<Value<'js>>> {
    given.map(|given| given.get::<_, Value<'js>>("params")).transpose()
}
