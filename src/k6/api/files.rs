//! `open`: files of the script's folder.

use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Function, IntoJs, Value};

use crate::k6::host::{Stage, host, thrown};

/// Makes `open` global.
pub fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    ctx.globals().set("open", Function::new(ctx.clone(), open)?.with_name("open")?)
}

/// `open(path, "b")`: a text, or an ArrayBuffer.
fn open<'js>(ctx: Ctx<'js>, path: String, mode: Opt<Option<String>>) -> rquickjs::Result<Value<'js>> {
    let host = host(&ctx)?;
    if host.stage.get() != Stage::Init {
        return Err(thrown(&ctx, "open() can be used in the init context alone: outside of all functions"));
    }
    let binary = mode.0.flatten().is_some_and(|mode| mode.contains('b'));
    let content = host.program.open(&path).map_err(|problem| thrown(&ctx, &problem))?;
    match binary {
        true => Ok(ArrayBuffer::new_copy(ctx.clone(), &content[..])?.into_value()),
        false => String::from_utf8_lossy(&content).into_js(&ctx),
    }
}
