//! A script as QuickJS runs it, compiled once for all virtual users.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::context::intrinsic as js;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::WriteOptions;
use rquickjs::{Context, Ctx, Module, Runtime};

use super::{Thrown, thrown};
use crate::k6::api::builtin;

/// The modules of a script.
#[derive(Debug)]
pub struct Bytecode {
    main: Arc<str>,
    modules: BTreeMap<Arc<str>, Vec<u8>>,
    /// What each module's imports lead to, by the module's name and the import's text.
    imports: HashMap<Arc<str>, HashMap<String, Arc<str>>>,
    /// Parts of the language that are used.
    uses: BTreeSet<String>,
}

/// A module as it is compiled.
pub struct Source<'a> {
    pub name: &'a str,
    pub code: &'a str,
    pub imports: &'a [(String, Arc<str>)],
}

impl Bytecode {
    pub fn main(&self) -> &str {
        &self.main
    }

    /// A module's bytecode; none for one that is written in Rust.
    pub fn of(&self, name: &str) -> Option<&[u8]> {
        self.modules.get(name).map(Vec::as_slice)
    }

    /// The module that an import of another one leads to.
    pub fn resolve(&self, base: &str, name: &str) -> Option<&str> {
        if let Some(found) = self.imports.get(base).and_then(|imports| imports.get(name)) {
            return Some(found);
        }
        let own = self.modules.get_key_value(name).map(|(name, _)| &**name);
        own.or_else(|| builtin(name).map(|builtin| builtin.name))
    }

    /// Whether the script may use this part of the language.
    pub fn uses(&self, name: &str) -> bool {
        self.uses.contains(name)
    }
}

/// Compiling a module looks for what it imports, and nothing in it: an empty one will do.
struct Unlinked;

impl Resolver for Unlinked {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        _: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        Ok(format!("import {name}"))
    }
}

impl Loader for Unlinked {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, rquickjs::module::Declared>> {
        Module::declare(ctx.clone(), name, "")
    }
}

/// Compiles the modules of a script.
///
/// # Errors
/// What QuickJS does not understand of one of them.
pub fn compile<'a>(
    main: &Arc<str>,
    sources: impl IntoIterator<Item = Source<'a>>,
    uses: BTreeSet<String>,
) -> Result<Bytecode, Thrown> {
    let blocks = super::allocator::Blocks::of_thread(Rc::new(super::Memory::new(usize::MAX)));
    let runtime = Runtime::new_with_alloc(blocks).map_err(|_| Thrown::memory())?;
    runtime.set_max_stack_size(256 * 1024);
    runtime.set_loader(Unlinked, Unlinked);
    let context =
        Context::custom::<(js::Eval, js::RegExpCompiler, js::RegExp)>(&runtime).map_err(|_| Thrown::memory())?;
    let mut bytecode = Bytecode { main: main.clone(), modules: BTreeMap::new(), imports: HashMap::new(), uses };
    for Source { name, code, imports } in sources {
        let compiled = context.with(|ctx| {
            let written = Module::declare(ctx.clone(), name.as_bytes(), code)
                .and_then(|module| module.write(WriteOptions { strip_source: true, ..WriteOptions::default() }));
            written.map_err(|error| thrown::caught(&ctx, error))
        })?;
        bytecode.modules.insert(name.into(), compiled);
        bytecode.imports.insert(name.into(), imports.iter().cloned().collect());
    }
    Ok(bytecode)
}
