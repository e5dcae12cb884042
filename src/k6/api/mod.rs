//! What scripts see of k6: its modules, and its globals.

mod argument;
pub mod console;
pub mod crypto;
pub mod data;
pub mod encoding;
pub mod execution;
pub mod files;
#[cfg(test)]
mod harness;
pub mod html;
pub mod http;
mod inspect;
pub mod jslib;
mod json;
pub mod k6;
mod lazy;
pub mod metrics;
pub mod random;
pub mod text_encoding;
pub mod timers;
pub mod url;
pub mod webcrypto;

use rquickjs::{Ctx, Object};

use super::host::host;
use super::vm::{self, Bytecode};
use argument::{bytes_of, elements, text_of};
use lazy::{Script, global};

/// A module that is written in Rust.
#[derive(Clone, Copy)]
pub struct Builtin {
    pub name: &'static str,
    /// What it exports by name; all of it is the default export too.
    pub names: &'static [&'static str],
    pub exports: for<'js> fn(&Ctx<'js>) -> rquickjs::Result<Object<'js>>,
}

const BUILTINS: &[Builtin] = &[
    Builtin { name: "jslib:url", names: url::NAMES, exports: url::exports },
    Builtin { name: "k6", names: k6::NAMES, exports: k6::exports },
    Builtin { name: "k6/crypto", names: crypto::NAMES, exports: crypto::exports },
    Builtin { name: "k6/data", names: data::NAMES, exports: data::exports },
    Builtin { name: "k6/encoding", names: encoding::NAMES, exports: encoding::exports },
    Builtin { name: "k6/execution", names: execution::NAMES, exports: execution::exports },
    Builtin { name: "k6/html", names: html::NAMES, exports: html::exports },
    Builtin { name: "k6/http", names: http::NAMES, exports: http::exports },
    Builtin { name: "k6/metrics", names: metrics::NAMES, exports: metrics::exports },
    Builtin { name: "k6/timers", names: timers::NAMES, exports: timers::exports },
    Builtin { name: "k6/webcrypto", names: &["crypto"], exports: web_crypto },
];

/// `k6/experimental/webcrypto`, which is global by now.
fn web_crypto<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let module = Object::new(ctx.clone())?;
    module.set("crypto", ctx.globals().get::<_, rquickjs::Value<'js>>("crypto")?)?;
    Ok(module)
}

/// The module of this name.
pub fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name).copied()
}

/// Whether a module is provided.
pub fn is_builtin(name: &str) -> bool {
    builtin(name).is_some() || jslib_sources().any(|source| source.name == name)
}

/// Modules of ours that are written in JavaScript.
pub fn jslib_sources() -> impl Iterator<Item = vm::Source<'static>> {
    let modules = [("jslib:k6-utils", jslib::K6_UTILS), ("jslib:k6-summary", jslib::K6_SUMMARY)];
    modules.into_iter().map(|(name, code)| vm::Source { name, code, imports: &[] })
}

/// Gives a context the globals of k6 that the script uses: each takes memory in every virtual user.
pub fn install(ctx: &Ctx<'_>, bytecode: &Bytecode) -> rquickjs::Result<()> {
    let host = host(ctx)?;
    let globals = ctx.globals();
    globals.set("__VU", host.vu)?;
    if let Some(run) = host.loaded() {
        random::seed(ctx, run.random_seed(host.vu))?;
    }
    random::install_math_random(ctx)?;
    if bytecode.uses("JSON") {
        json::install(ctx)?;
    }
    let uses = |names: &[&str]| names.iter().any(|name| bytecode.uses(name));
    if uses(&["__ENV"]) {
        let env = Object::new(ctx.clone())?;
        for (name, value) in host.program.env.iter().chain(&**host.env.borrow()) {
            env.set(name.as_str(), value.as_str())?;
        }
        globals.set("__ENV", env)?;
    }
    if uses(&["global"]) {
        globals.set("global", globals.clone())?;
    }
    if uses(&["console"]) {
        console::install(ctx)?;
    }
    if uses(&["open"]) {
        files::install(ctx)?;
    }
    if uses(&["TextEncoder", "TextDecoder"]) {
        text_encoding::install(ctx)?;
    }
    if uses(&["URL", "URLSearchParams"]) {
        url::install(ctx)?;
    }
    if uses(&["crypto"]) {
        webcrypto::install(ctx)?;
    }
    if uses(&["setTimeout", "setInterval", "clearTimeout", "clearInterval"]) {
        timers::install(ctx)?;
    }
    Ok(())
}
