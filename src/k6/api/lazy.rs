//! What is made when a script first needs it.

use std::sync::OnceLock;

use rquickjs::module::WriteOptions;
use rquickjs::object::{Accessor, Property};
use rquickjs::{Context, Ctx, Exception, FromJs, Module, Result, Runtime, Value};

/// A script of ours: a module whose default export is what it's for. It's compiled once for all virtual users.
pub struct Script {
    name: &'static str,
    source: &'static str,
    compiled: OnceLock<Option<Vec<u8>>>,
}

impl Script {
    pub const fn new(name: &'static str, source: &'static str) -> Self {
        Script { name, source, compiled: OnceLock::new() }
    }

    /// Runs the script, and returns its default export.
    ///
    /// # Errors
    ///
    /// An exception, when the engine has no memory left.
    pub fn value<'js, V: FromJs<'js>>(&'static self, ctx: &Ctx<'js>) -> Result<V> {
        let Some(bytes) = self.compiled.get_or_init(|| self.compile().ok()) else {
            return Err(Exception::throw_internal(ctx, &format!("there is no memory to compile {}", self.name)));
        };
        // SAFETY: QuickJS itself wrote the bytes, and they are never freed.
        let module = unsafe { Module::load(ctx.clone(), bytes) }?;
        // Nothing is awaited in it, so it has run when this returns.
        let (module, _) = module.eval()?;
        module.namespace()?.get("default")
    }

    fn compile(&self) -> Result<Vec<u8>> {
        let context = Context::full(&Runtime::new()?)?;
        context.with(|ctx| {
            let module = Module::declare(ctx, self.name, self.source)?;
            module.write(WriteOptions { strip_source: true, ..WriteOptions::default() })
        })
    }
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
