//! What is made when a script first needs it.

use rquickjs::context::EvalOptions;
use rquickjs::object::{Accessor, Property};
use rquickjs::{Ctx, FromJs, Result, Value};

/// Evaluates one of our own scripts, an expression, and returns its value.
pub fn script<'js, V: FromJs<'js>>(ctx: &Ctx<'js>, name: &str, source: &str) -> Result<V> {
    let mut options = EvalOptions::default();
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(source, options)
}

/// What makes a global's value.
pub type Make<'js> = fn(&Ctx<'js>) -> Result<Value<'js>>;

/// Defines a global that `make` makes when a script first reads it. A script can set it to something else.
pub fn global<'js>(ctx: &Ctx<'js>, name: &'static str, make: Make<'js>) -> Result<()> {
    let read = move |ctx: Ctx<'js>| -> Result<Value<'js>> {
        let value = make(&ctx)?;
        define(&ctx, name, value.clone())?;
        Ok(value)
    };
    let write = move |ctx: Ctx<'js>, value: Value<'js>| define(&ctx, name, value);
    ctx.globals().prop(name, Accessor::new(read, write).configurable())
}

fn define<'js>(ctx: &Ctx<'js>, name: &str, value: Value<'js>) -> Result<()> {
    ctx.globals().prop(name, Property::from(value).writable().configurable())
}
