//! `console`, for scripts.

use rquickjs::function::Rest;
use rquickjs::{Ctx, Exception, Function, Object, Value};

use crate::k6::host::host;
use crate::k6::json;

/// Levels by method.
const METHODS: [(&str, &str); 5] =
    [("log", "info"), ("info", "info"), ("warn", "warn"), ("error", "error"), ("debug", "debug")];

/// Gives the context its `console`.
pub fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, level) in METHODS {
        let say = move |ctx, arguments| say(&ctx, level, arguments);
        console.set(name, Function::new(ctx.clone(), say)?.with_name(name)?)?;
    }
    ctx.globals().set("console", console)
}

fn say<'js>(ctx: &Ctx<'js>, level: &str, arguments: Rest<Value<'js>>) -> rquickjs::Result<()> {
    let texts: Vec<String> = arguments.0.into_iter().map(|value| shown(ctx, value)).collect();
    host(ctx)?.program.console.say(level, &texts.join(" "));
    Ok(())
}

/// A value as k6 shows it: texts as they are, objects as JSON.
fn shown<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> String {
    if let Some(text) = value.as_string() {
        return text.to_string().unwrap_or_default();
    }
    if let Some(error) = value.as_object().cloned().and_then(Exception::from_object) {
        let stack = error.stack().unwrap_or_default();
        let name: String = error.as_object().get("name").unwrap_or_else(|_| "Error".into());
        return format!("{name}: {}\n{stack}", error.message().unwrap_or_default()).trim_end().to_owned();
    }
    if value.is_undefined() {
        return "undefined".into();
    }
    match json::text_of(ctx, value.clone()) {
        Ok(Some(text)) => text,
        Ok(None) => value.get::<rquickjs::Coerced<String>>().map(|text| text.0).unwrap_or_default(),
        Err(_) => {
            ctx.catch();
            "[a value that JSON can't show]".into()
        }
    }
}
