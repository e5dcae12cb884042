//! Functions of ours that QuickJS calls directly. The bindings put a class of their own, a closure and a dozen calls between a
//! script and a function, all of which is met again for each request, and lies on the stack of a script that waits.

use std::any::Any;
use std::ffi::{CStr, c_int};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::slice;

use rquickjs::{Ctx, Error, Exception, Function, Object, Value, qjs};

use super::raw::{Atom, owned};
use super::thrown::{cut_off, panicked};
use crate::k6::host::host;

/// A function as QuickJS calls it: with the context, `this`, the arguments and the number that it was made with.
type Entry = unsafe extern "C" fn(*mut qjs::JSContext, qjs::JSValue, c_int, *mut qjs::JSValue, c_int) -> qjs::JSValue;

/// The same, with a value besides.
type KeepingEntry = unsafe extern "C" fn(
    *mut qjs::JSContext,
    qjs::JSValue,
    c_int,
    *mut qjs::JSValue,
    c_int,
    *mut qjs::JSValue,
) -> qjs::JSValue;

/// What a function is called with.
pub struct Called<'a, 'js> {
    pub ctx: &'a Ctx<'js>,
    this: qjs::JSValue,
    arguments: &'a [qjs::JSValue],
    /// The number that the function was made with: one may serve for several.
    pub number: usize,
    kept: qjs::JSValue,
}

impl<'js> Called<'_, 'js> {
    pub fn this(&self) -> Value<'js> {
        self.value(self.this)
    }

    /// An argument; `undefined` where there is none.
    pub fn argument(&self, index: usize) -> Value<'js> {
        self.given(index).unwrap_or_else(|| Value::new_undefined(self.ctx.clone()))
    }

    /// An argument that was given, be it `undefined`.
    pub fn given(&self, index: usize) -> Option<Value<'js>> {
        self.arguments.get(index).map(|argument| self.value(*argument))
    }

    /// An argument that there must be.
    ///
    /// # Errors
    /// There is none.
    pub fn required(&self, index: usize) -> rquickjs::Result<Value<'js>> {
        let given = self.arguments.len();
        self.given(index).ok_or(Error::MissingArgs { expected: index + 1, given })
    }

    /// The value that the function keeps.
    pub fn kept(&self) -> Value<'js> {
        self.value(self.kept)
    }

    fn value(&self, value: qjs::JSValue) -> Value<'js> {
        unsafe {
            qjs::JS_DupValue(self.ctx.as_raw().as_ptr(), value);
            Value::from_raw(self.ctx.clone(), value)
        }
    }
}

/// Makes a function of this name, which says that it takes so many arguments: `native!(ctx, c"name", 2, |called| …)`. One that
/// has a number ends with `number = 5`, one that keeps a value with `kept = value`.
macro_rules! native {
    ($ctx:expr, $name:expr, $arguments:expr, $work:expr) => {
        native!($ctx, $name, $arguments, $work, number = 0)
    };
    ($ctx:expr, $name:expr, $arguments:expr, $work:expr, number = $number:expr) => {{
        use rquickjs::qjs::{JS_UNDEFINED, JSContext, JSValue};
        unsafe extern "C" fn entry(
            ctx: *mut JSContext,
            this: JSValue,
            count: std::ffi::c_int,
            arguments: *mut JSValue,
            number: std::ffi::c_int,
        ) -> JSValue {
            unsafe { $crate::k6::vm::native::enter((ctx, this, count, arguments, number, JS_UNDEFINED), $work) }
        }
        $crate::k6::vm::native::function($ctx, $name, $arguments, $number, entry)
    }};
    ($ctx:expr, $name:expr, $arguments:expr, $work:expr, kept = $kept:expr) => {{
        use rquickjs::qjs::{JSContext, JSValue};
        unsafe extern "C" fn entry(
            ctx: *mut JSContext,
            this: JSValue,
            count: std::ffi::c_int,
            arguments: *mut JSValue,
            number: std::ffi::c_int,
            kept: *mut JSValue,
        ) -> JSValue {
            unsafe { $crate::k6::vm::native::enter((ctx, this, count, arguments, number, *kept), $work) }
        }
        $crate::k6::vm::native::keeping($ctx, $name, $arguments, $kept, entry)
    }};
}
pub(in crate::k6) use native;

/// What [`native`] makes of a function with a number.
///
/// # Errors
/// There is no memory for it.
pub fn function<'js>(
    ctx: &Ctx<'js>,
    name: &CStr,
    arguments: u8,
    number: u8,
    entry: Entry,
) -> rquickjs::Result<Function<'js>> {
    // By the kind, QuickJS knows that it takes the number.
    let kind = qjs::JSCFunctionEnum_JS_CFUNC_generic_magic;
    let value = unsafe {
        let entry = mem::transmute::<Entry, unsafe extern "C" fn(_, _, _, _) -> _>(entry);
        let raw = ctx.as_raw().as_ptr();
        qjs::JS_NewCFunction2(raw, Some(entry), name.as_ptr(), arguments.into(), kind, number.into())
    };
    owned(ctx, value)?.into_function().ok_or(Error::Unknown)
}

/// What [`native`] makes of a function that keeps a value.
///
/// # Errors
/// There is no memory for it.
pub fn keeping<'js>(
    ctx: &Ctx<'js>,
    name: &CStr,
    arguments: u8,
    kept: &Value<'js>,
    entry: KeepingEntry,
) -> rquickjs::Result<Function<'js>> {
    let mut kept = kept.as_raw();
    let value = unsafe {
        let raw = ctx.as_raw().as_ptr();
        qjs::JS_NewCFunctionData2(raw, Some(entry), name.as_ptr(), arguments.into(), 0, 1, &raw mut kept)
    };
    owned(ctx, value)?.into_function().ok_or(Error::Unknown)
}

/// Gives an object a property that these functions read and set. It is enumerable.
///
/// # Errors
/// There is no memory for it.
pub fn accessor<'js>(object: &Object<'js>, name: &str, get: Function<'js>, set: Function<'js>) -> rquickjs::Result<()> {
    let ctx = object.ctx();
    let (raw, name) = (ctx.as_raw().as_ptr(), Atom::of(ctx, name)?);
    let flags = (qjs::JS_PROP_ENUMERABLE | qjs::JS_PROP_CONFIGURABLE) as c_int;
    let defined = unsafe {
        // It takes both over.
        let (get, set) = (qjs::JS_DupValue(raw, get.as_raw()), qjs::JS_DupValue(raw, set.as_raw()));
        qjs::JS_DefinePropertyGetSet(raw, object.as_raw(), name.as_raw(), get, set, flags)
    };
    if defined < 0 { Err(Error::Exception) } else { Ok(()) }
}

/// Calls a Rust function with QuickJS's values.
///
/// # Safety
/// They are what QuickJS calls such functions with.
#[inline(always)]
pub unsafe fn enter(
    (ctx, this, count, arguments, number, kept): (
        *mut qjs::JSContext,
        qjs::JSValue,
        c_int,
        *mut qjs::JSValue,
        c_int,
        qjs::JSValue,
    ),
    work: impl for<'a, 'js> FnOnce(&'a Called<'a, 'js>) -> rquickjs::Result<Value<'js>>,
) -> qjs::JSValue {
    let Some(ctx) = NonNull::new(ctx) else { return qjs::JS_EXCEPTION };
    let ctx = unsafe { Ctx::from_raw(ctx) };
    let arguments = match usize::try_from(count) {
        Ok(count) if count > 0 => unsafe { slice::from_raw_parts(arguments, count) },
        _ => &[],
    };
    let called = Called { ctx: &ctx, this, arguments, number: number as usize, kept };
    // It must not unwind into QuickJS.
    match catch_unwind(AssertUnwindSafe(|| work(&called))) {
        Ok(Ok(value)) => unsafe { qjs::JS_DupValue(ctx.as_raw().as_ptr(), value.as_raw()) },
        Ok(Err(Error::Exception)) => qjs::JS_EXCEPTION,
        Ok(Err(error)) => {
            raise(&ctx, &error);
            qjs::JS_EXCEPTION
        }
        Err(panic) => {
            end(&ctx, &*panic);
            qjs::JS_EXCEPTION
        }
    }
}

/// Ends the script: a function of ours has panicked.
#[cold]
fn end(ctx: &Ctx<'_>, panic: &(dyn Any + Send)) {
    if let Ok(host) = host(ctx) {
        host.panicked.replace(Some(panicked(panic)));
    }
    cut_off(ctx);
}

/// Throws an error of the bindings: what a script passes is not what it should be, as a rule.
#[cold]
fn raise(ctx: &Ctx<'_>, error: &Error) {
    match error {
        Error::Allocation => unsafe {
            qjs::JS_ThrowOutOfMemory(ctx.as_raw().as_ptr());
        },
        error => {
            Exception::throw_type(ctx, &error.to_string());
        }
    }
}
