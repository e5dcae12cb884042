//! How a virtual user's imports find what they name: the script's own modules as bytecode, and those of k6.

use std::sync::Arc;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::{Ctx, Error, Function, Module};

use super::{Bytecode, Declared};
use crate::k6::api::builtin;

/// The modules of a script.
#[derive(Clone)]
pub struct Modules(pub Arc<Bytecode>);

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        self.0.resolve(base, name).map(str::to_owned).ok_or_else(|| Error::new_resolving(base, name))
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, rquickjs::module::Declared>> {
        declare(ctx, &self.0, name)
    }
}

/// The module that the user has named.
pub fn main<'js>(ctx: &Ctx<'js>, bytecode: &Bytecode) -> rquickjs::Result<Declared<'js>> {
    declare(ctx, bytecode, bytecode.main())
}

fn declare<'js>(ctx: &Ctx<'js>, bytecode: &Bytecode, name: &str) -> rquickjs::Result<Declared<'js>> {
    match bytecode.of(name) {
        // It was made by this program, and outlives every context that runs it.
        Some(bytes) => {
            let module = unsafe { Module::load(ctx.clone(), bytes) }?;
            if bytecode.uses("import.meta") {
                let resolve = |specifier: String| specifier;
                module.meta()?.set("resolve", Function::new(ctx.clone(), resolve)?)?;
            }
            Ok(module)
        }
        None => Module::declare_def::<Native, _>(ctx.clone(), name),
    }
}

/// A module of k6 that is written in Rust: which one its name says.
struct Native;

impl ModuleDef for Native {
    fn declare<'js>(declarations: &Declarations<'js>) -> rquickjs::Result<()> {
        let name: String = declarations.module().name()?;
        let Some(builtin) = builtin(&name) else { return Err(Error::new_loading(&name)) };
        declarations.declare("default")?;
        for name in builtin.names {
            declarations.declare(*name)?;
        }
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> rquickjs::Result<()> {
        let name: String = exports.module().name()?;
        let Some(builtin) = builtin(&name) else { return Err(Error::new_loading(&name)) };
        let object = (builtin.exports)(ctx)?;
        for name in builtin.names {
            exports.export(*name, object.get::<_, rquickjs::Value<'js>>(*name)?)?;
        }
        exports.export("default", object)?;
        Ok(())
    }
}
