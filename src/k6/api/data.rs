//! `k6/data`: arrays that all virtual users share. Their elements are kept once, as JSON, and made where they are read.

use rquickjs::proxy::ProxyHandler;
use rquickjs::{Array, Ctx, Exception, Function, Object, Proxy, Value};

use super::argument::elements;
use crate::k6::host::{Stage, host, thrown};
use crate::k6::json;
use crate::k6::program::SharedItems;

/// What the module exports.
pub const NAMES: &[&str] = &["SharedArray"];

/// The module.
pub fn exports<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let data = Object::new(ctx.clone())?;
    // Not the bindings' own kind of constructor, which gives what it makes a prototype: this one makes arrays.
    let constructor = Function::new(ctx.clone(), shared_array)?.with_name("SharedArray")?.with_constructor(true);
    data.set("SharedArray", constructor)?;
    Ok(data)
}

/// `new SharedArray(name, function)`
fn shared_array<'js>(ctx: Ctx<'js>, name: String, make: Function<'js>) -> rquickjs::Result<Value<'js>> {
    let host = host(&ctx)?;
    if host.stage.get() != Stage::Init {
        return Err(thrown(&ctx, "a SharedArray can be made in the init context alone: outside of all functions"));
    }
    if name.is_empty() {
        return Err(Exception::throw_type(&ctx, "a SharedArray needs a name"));
    }
    let items = match host.program.shared_array(&name) {
        Some(items) => items,
        None => {
            let made: Value<'js> = make.call(())?;
            let Some(array) = made.into_array() else {
                return Err(Exception::throw_type(&ctx, "only arrays can be made into SharedArray: return one"));
            };
            host.program.share(&name, as_json(&ctx, &array)?)
        }
    };
    of_items(&ctx, items)
}

fn as_json<'js>(ctx: &Ctx<'js>, array: &Array<'js>) -> rquickjs::Result<SharedItems> {
    let item = |item: Value<'js>| Ok(json::text_of(ctx, item)?.unwrap_or_else(|| "null".into()).into());
    elements(array)?.into_iter().map(item).collect::<rquickjs::Result<Vec<_>>>().map(Into::into)
}

/// An array that can be read like any other, and not be changed.
pub fn of_items<'js>(ctx: &Ctx<'js>, items: SharedItems) -> rquickjs::Result<Value<'js>> {
    let handler = Object::new(ctx.clone())?;
    let own = items.clone();
    let get = move |ctx: Ctx<'js>, target: Object<'js>, key: Value<'js>| match place(&key) {
        Some(Place::Length) => Ok(Value::new_number(ctx, own.len() as f64)),
        Some(Place::Index(index)) => element(&ctx, &own, index),
        None => target.get(key),
    };
    handler.set("get", Function::new(ctx.clone(), get)?)?;
    let own = items.clone();
    let has = move |target: Object<'js>, key: Value<'js>| match place(&key) {
        Some(Place::Length) => Ok(true),
        Some(Place::Index(index)) => Ok(index < own.len()),
        None => target.contains_key(key),
    };
    handler.set("has", Function::new(ctx.clone(), has)?)?;
    let own = items.clone();
    let keys = move |_: Object<'js>| {
        (0..own.len()).map(|index| index.to_string()).chain(["length".to_owned()]).collect::<Vec<_>>()
    };
    handler.set("ownKeys", Function::new(ctx.clone(), keys)?)?;
    let descriptor = move |ctx: Ctx<'js>, _: Object<'js>, key: Value<'js>| descriptor(&ctx, &items, &key);
    handler.set("getOwnPropertyDescriptor", Function::new(ctx.clone(), descriptor)?)?;
    for name in ["set", "deleteProperty", "defineProperty"] {
        let refuse = |ctx: Ctx<'js>| -> rquickjs::Result<bool> {
            Err(Exception::throw_type(
                &ctx,
                "this array is shared by all virtual users and can't be changed: copy it first",
            ))
        };
        handler.set(name, Function::new(ctx.clone(), refuse)?)?;
    }
    let handler = ProxyHandler::from_object(handler)?;
    Ok(Proxy::new(ctx.clone(), Array::new(ctx.clone())?.into_object(), handler)?.into_value())
}

/// A place of an array that a property's name stands for.
enum Place {
    Length,
    Index(usize),
}

fn place(key: &Value<'_>) -> Option<Place> {
    let key = key.as_string()?.to_string().ok()?;
    if key == "length" {
        return Some(Place::Length);
    }
    let index: u32 = key.parse().ok()?;
    (index.to_string() == key && index < u32::MAX).then_some(Place::Index(index as usize))
}

fn element<'js>(ctx: &Ctx<'js>, items: &SharedItems, index: usize) -> rquickjs::Result<Value<'js>> {
    let Some(item) = items.get(index) else { return Ok(Value::new_undefined(ctx.clone())) };
    let value = json::parse(ctx, item.as_bytes())?;
    freeze(ctx, &value)?;
    Ok(value)
}

/// Freezes a value and all in it: it is a copy, and a change of it would be lost.
pub fn freeze<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> rquickjs::Result<()> {
    // Not by recursion: JSON may be nested deeper than the stack has room for.
    let mut left = vec![value.clone()];
    while let Some(value) = left.pop() {
        let Some(object) = value.as_object() else { continue };
        for entry in object.props::<String, Value<'js>>() {
            left.push(entry?.1);
        }
        // Both belong to this context.
        let frozen = unsafe { rquickjs::qjs::JS_FreezeObject(ctx.as_raw().as_ptr(), value.as_raw()) };
        if frozen < 0 {
            return Err(rquickjs::Error::Exception);
        }
    }
    Ok(())
}

fn descriptor<'js>(ctx: &Ctx<'js>, items: &SharedItems, key: &Value<'js>) -> rquickjs::Result<Value<'js>> {
    let descriptor = Object::new(ctx.clone())?;
    match place(key) {
        Some(Place::Length) => {
            descriptor.set("value", items.len())?;
            descriptor.set("writable", true)?;
            descriptor.set("enumerable", false)?;
            descriptor.set("configurable", false)?;
        }
        Some(Place::Index(index)) if index < items.len() => {
            descriptor.set("value", element(ctx, items, index)?)?;
            descriptor.set("writable", true)?;
            descriptor.set("enumerable", true)?;
            descriptor.set("configurable", true)?;
        }
        _ => return Ok(Value::new_undefined(ctx.clone())),
    }
    Ok(descriptor.into_value())
}
