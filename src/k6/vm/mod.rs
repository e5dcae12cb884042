//! One virtual user's JavaScript: a QuickJS runtime of its own, whose native functions wait without blocking the thread.
//!
//! A [`Call`] runs on the thread's [stack]. A native function that has to wait hands an [`Ask`] to whoever drives the call and is
//! resumed with what it is [`Told`]; meanwhile the thread serves other virtual users.

mod allocator;
pub mod ask;
mod bytecode;
mod call;
mod event_loop;
mod from_json;
mod memory;
mod modules;
mod names;
pub mod native;
mod raw;
mod small_blocks;
mod stack;
mod thrown;
mod to_json;

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::context::Intrinsic;
use rquickjs::context::intrinsic as js;
use rquickjs::promise::PromiseState;
use rquickjs::{Context, Ctx, Function, Module, Object, Persistent, Runtime, Value, qjs};

use super::host::{self, Host};

pub use ask::{Ask, Told};
pub use bytecode::{Bytecode, Source, compile};
pub use call::{Call, Step};
pub use from_json::from_json;
pub use memory::{Held, Memory};
pub use names::{Known, Names};
pub use raw::{Chars, call_with};
pub use thrown::{Thrown, cut_off};
pub use to_json::to_json;

/// When QuickJS first looks for cycles of garbage: as it counts, a small block is 16 bytes (see [`allocator`]), and a world without
/// garbage some 50 kB. Most garbage is freed without it.
const GC_THRESHOLD: usize = 64 * 1024;

/// A script's world: its global objects and its modules.
pub struct Vm {
    exports: RefCell<Option<Persistent<Object<'static>>>>,
    /// Exported functions that were called, by their names.
    functions: RefCell<Vec<(Box<str>, Persistent<Function<'static>>)>>,
    // See `drop`.
    context: ManuallyDrop<Context>,
    runtime: ManuallyDrop<Runtime>,
    /// The init context has begun and not ended.
    is_loading: Cell<bool>,
    host: Rc<Host>,
}

impl Vm {
    /// A world without the script, which [`Vm::load`] brings in.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(host: Rc<Host>, bytecode: &Arc<Bytecode>) -> Result<Rc<Self>, Thrown> {
        let none = |_| Thrown::memory();
        let blocks = allocator::Blocks::of_thread(host.memory.clone());
        let runtime = Runtime::new_with_alloc(blocks).map_err(none)?;
        runtime.set_max_stack_size(stack::FOR_SCRIPTS);
        runtime.set_gc_threshold(GC_THRESHOLD);
        let asked = host.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || asked.interrupt())));
        let modules = modules::Modules(bytecode.clone());
        runtime.set_loader(modules.clone(), modules);
        let context = Context::custom::<js::None>(&runtime).map_err(none)?;
        context.with(|ctx| {
            add_intrinsics(&ctx, bytecode);
            host::keep(&ctx, &host);
            super::api::install(&ctx, bytecode).map_err(|error| thrown::caught(&ctx, error))
        })?;
        let raw = context.with(|ctx| NonNull::new(unsafe { qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) }));
        // It is told of the runtime's end when this is dropped.
        unsafe { host.memory.follow(raw) };
        Ok(Rc::new(Vm {
            exports: RefCell::default(),
            functions: RefCell::default(),
            context: ManuallyDrop::new(context),
            runtime: ManuallyDrop::new(runtime),
            is_loading: Cell::default(),
            host,
        }))
    }

    pub fn host(&self) -> &Rc<Host> {
        &self.host
    }

    /// Runs the script's init context.
    ///
    /// # Errors
    /// What it has thrown.
    pub fn load(&self, bytecode: &Bytecode) -> Result<(), Thrown> {
        self.within(|ctx| {
            let module = modules::main(ctx, bytecode)?;
            let (module, promise) = module.eval()?;
            self.is_loading.set(true);
            let result = event_loop::run(ctx, &self.host, Some(promise.clone().into_value()));
            self.is_loading.set(promise.state() == PromiseState::Pending);
            result?;
            if self.is_loading.get() {
                return Err(host::thrown(ctx, "the init context awaits what never happens"));
            }
            let exports: Object<'_> = module.namespace()?;
            self.exports.replace(Some(Persistent::save(ctx, exports)));
            Ok(())
        })
    }

    /// Does something in the context.
    ///
    /// # Errors
    /// The exception that ended it.
    pub fn within<T>(&self, work: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<T>) -> Result<T, Thrown> {
        self.context.with(|ctx| {
            // QuickJS measures what is left of the stack from here: the world was made on another one.
            unsafe { qjs::JS_UpdateStackTop(qjs::JS_GetRuntime(ctx.as_raw().as_ptr())) };
            let result = work(&ctx);
            self.ended(&ctx, result)
        })
    }

    /// What became of work that has ended.
    // Like others here that are called before a script waits or after it has: apart, they leave nothing on the stack meanwhile.
    #[inline(never)]
    fn ended<T>(&self, ctx: &Ctx<'_>, result: rquickjs::Result<T>) -> Result<T, Thrown> {
        let result = result.map_err(|error| match self.host.is_cut() {
            true => {
                ctx.catch();
                Thrown::Cut
            }
            false => thrown::caught(ctx, error),
        });
        self.host.operations.clear();
        if let Some(panicked) = self.host.panicked.take() {
            return Err(panicked);
        }
        // Whatever became of the exception that QuickJS has made of it.
        match (self.host.is_exhausted.take(), result) {
            (false, result) => result,
            (true, Err(Thrown::Exception { stack, .. })) => Err(Thrown::out_of_memory(stack)),
            (true, _) => Err(Thrown::memory()),
        }
    }

    /// What the script exports under a name; none where that is nothing.
    pub fn export<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Option<Value<'js>>> {
        let Some(exports) = self.exports.borrow().clone() else { return Ok(None) };
        let value: Value<'js> = exports.restore(ctx)?.get(name)?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// Calls an exported function and waits for all that it has started; what it returns, or its promise resolves to.
    pub fn call<'js>(&self, ctx: &Ctx<'js>, name: &str, argument: Option<&Value<'js>>) -> rquickjs::Result<Value<'js>> {
        let function = self.function(ctx, name)?;
        let returned = call_with(&function, argument)?;
        event_loop::run(ctx, &self.host, Some(returned))
    }

    #[inline(never)]
    fn function<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        if let Some((_, known)) = self.functions.borrow().iter().find(|(other, _)| **other == *name) {
            return known.clone().restore(ctx);
        }
        let Some(function) = self.export(ctx, name)?.and_then(Value::into_function) else {
            return Err(rquickjs::Exception::throw_reference(ctx, &format!("the script exports no function {name}")));
        };
        self.functions.borrow_mut().push((name.into(), Persistent::save(ctx, function.clone())));
        Ok(function)
    }

    /// The names of all that the script exports.
    pub fn exported(&self, ctx: &Ctx<'_>) -> rquickjs::Result<Vec<String>> {
        let Some(exports) = self.exports.borrow().clone() else { return Ok(Vec::new()) };
        exports.restore(ctx)?.keys().collect()
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        // The context must not outlive what is kept of it, in a reference cycle with the host.
        self.host.operations.clear();
        self.exports.take();
        self.functions.take();
        unsafe {
            let raw = self.context.with(|ctx| qjs::JS_GetRuntime(ctx.as_raw().as_ptr()));
            self.host.names.forget(raw);
            self.host.memory.follow(None);
        }
        self.runtime.set_interrupt_handler(None);
        // QuickJS aborts where it frees a module whose evaluation has not ended: its memory stays, and the run is over anyway.
        if !self.is_loading.get() {
            unsafe {
                ManuallyDrop::drop(&mut self.context);
                ManuallyDrop::drop(&mut self.runtime);
            }
        }
    }
}

/// Adds what a script can see of the language, but for what this one does not use: each takes memory in every virtual user.
fn add_intrinsics(ctx: &Ctx<'_>, bytecode: &Bytecode) {
    let raw = ctx.as_raw();
    // Each adds to a context that has none of it yet.
    let add = |used: bool, intrinsic: unsafe fn(NonNull<qjs::JSContext>)| {
        if used {
            unsafe { intrinsic(raw) }
        }
    };
    let uses = |name: &str| bytecode.uses(name);
    add(true, js::Json::add_intrinsic);
    add(true, js::Promise::add_intrinsic);
    add(uses("Map"), js::MapSet::add_intrinsic);
    add(uses("Date"), js::Date::add_intrinsic);
    add(true, js::Eval::add_intrinsic);
    add(true, js::Proxy::add_intrinsic);
    add(uses("RegExp"), js::RegExpCompiler::add_intrinsic);
    add(uses("RegExp"), js::RegExp::add_intrinsic);
    add(uses("ArrayBuffer"), js::TypedArrays::add_intrinsic);
    add(uses("WeakRef"), js::WeakRef::add_intrinsic);
    add(uses("performance"), js::Performance::add_intrinsic);
}

/// A module that has not been evaluated.
type Declared<'js> = Module<'js, rquickjs::module::Declared>;
