//! `console`, for scripts.

use rquickjs::function::Rest;
use rquickjs::{Ctx, Function, Object, Value};

use super::inspect;
use crate::k6::host::host;

/// Levels by method. `debug` is for k6's `--verbose`, which is not here: it says nothing.
const METHODS: [(&str, Option<&str>); 5] =
    [("log", Some("info")), ("info", Some("info")), ("warn", Some("warn")), ("error", Some("error")), ("debug", None)];

/// Gives the context its `console`.
pub fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, level) in METHODS {
        let say = move |ctx, arguments| say(&ctx, level, arguments);
        console.set(name, Function::new(ctx.clone(), say)?.with_name(name)?)?;
    }
    ctx.globals().set("console", console)
}

fn say<'js>(ctx: &Ctx<'js>, level: Option<&str>, arguments: Rest<Value<'js>>) -> rquickjs::Result<()> {
    if let Some(level) = level {
        let line = inspect::line(ctx, arguments.0)?;
        host(ctx)?.program.console.say(level, &line);
    }
    Ok(())
}
