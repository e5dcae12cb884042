//! What every request does, asked of QuickJS itself: the bindings make a text of each name and count each value's context.

use std::mem::ManuallyDrop;
use std::ptr;

use rquickjs::{Ctx, Error, Object, Value, qjs};

/// Calls a function with one argument.
///
/// # Errors
/// What it throws.
pub fn call_with<'js>(function: &Value<'js>, argument: &Value<'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = function.ctx();
    let mut argument = argument.as_raw();
    let result = unsafe {
        qjs::JS_Call(ctx.as_raw().as_ptr(), function.as_raw(), qjs::JS_UNDEFINED, 1, ptr::from_mut(&mut argument))
    };
    owned(ctx, result)
}

/// A property of an object.
///
/// # Errors
/// What a getter throws.
pub fn property<'js>(object: &Object<'js>, name: qjs::JSAtom) -> rquickjs::Result<Value<'js>> {
    let ctx = object.ctx();
    owned(ctx, unsafe { qjs::JS_GetProperty(ctx.as_raw().as_ptr(), object.as_raw(), name) })
}

/// A value that QuickJS has made, unless it has thrown.
pub(super) fn owned<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> rquickjs::Result<Value<'js>> {
    Owned::of(ctx, value).map(Owned::into_value)
}

/// What an atom stands for.
///
/// # Errors
/// There is no memory for it.
pub fn text(ctx: &Ctx<'_>, atom: qjs::JSAtom) -> rquickjs::Result<String> {
    let raw = ctx.as_raw().as_ptr();
    let mut length = 0;
    unsafe {
        let bytes = qjs::JS_AtomToCStringLen(raw, &mut length, atom);
        if bytes.is_null() {
            return Err(Error::Exception);
        }
        let text = String::from_utf8_lossy(std::slice::from_raw_parts(bytes.cast(), length as usize)).into_owned();
        qjs::JS_FreeCString(raw, bytes);
        Ok(text)
    }
}

/// The enumerable properties of its own that an object had when it was asked.
pub struct Properties<'js> {
    ctx: Ctx<'js>,
    list: *mut qjs::JSPropertyEnum,
    count: u32,
}

impl<'js> Properties<'js> {
    /// # Errors
    /// What a proxy throws.
    pub fn of(object: &Object<'js>) -> rquickjs::Result<Self> {
        let ctx = object.ctx().clone();
        let (mut list, mut count) = (ptr::null_mut(), 0);
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        let raw = ctx.as_raw().as_ptr();
        match unsafe { qjs::JS_GetOwnPropertyNames(raw, &mut list, &mut count, object.as_raw(), flags) } {
            0 => Ok(Properties { ctx, list, count }),
            _ => Err(Error::Exception),
        }
    }

    /// All of them, in the object's order.
    pub fn all(&self) -> &[qjs::JSPropertyEnum] {
        match self.list.is_null() {
            true => &[],
            false => unsafe { std::slice::from_raw_parts(self.list, self.count as usize) },
        }
    }
}

impl Drop for Properties<'_> {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreePropertyEnum(self.ctx.as_raw().as_ptr(), self.list, self.count) };
    }
}

/// A value that is being made: it does not count its context, which is borrowed.
pub struct Owned<'a, 'js> {
    ctx: &'a Ctx<'js>,
    value: qjs::JSValue,
}

impl<'a, 'js> Owned<'a, 'js> {
    /// Takes what QuickJS has made over, unless it has thrown.
    ///
    /// # Errors
    /// It has.
    pub fn of(ctx: &'a Ctx<'js>, value: qjs::JSValue) -> rquickjs::Result<Self> {
        match unsafe { qjs::JS_IsException(value) } {
            true => Err(Error::Exception),
            false => Ok(Owned { ctx, value }),
        }
    }

    fn into_raw(self) -> qjs::JSValue {
        ManuallyDrop::new(self).value
    }

    pub fn into_value(self) -> Value<'js> {
        unsafe { Value::from_raw(self.ctx.clone(), self.into_raw()) }
    }

    /// Gives an object a property of its own, as reading JSON does: whatever its prototype has.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn define(&self, name: &Atom<'a, 'js>, value: Owned<'a, 'js>) -> rquickjs::Result<()> {
        let raw = self.ctx.as_raw().as_ptr();
        let flags = qjs::JS_PROP_C_W_E as i32;
        done(unsafe { qjs::JS_DefinePropertyValue(raw, self.value, name.atom, value.into_raw(), flags) })
    }

    /// The same for an array's item.
    ///
    /// # Errors
    /// As [`Owned::define`].
    pub fn define_index(&self, index: u32, value: Owned<'a, 'js>) -> rquickjs::Result<()> {
        let raw = self.ctx.as_raw().as_ptr();
        let flags = qjs::JS_PROP_C_W_E as i32;
        done(unsafe { qjs::JS_DefinePropertyValueUint32(raw, self.value, index, value.into_raw(), flags) })
    }
}

impl Drop for Owned<'_, '_> {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeValue(self.ctx.as_raw().as_ptr(), self.value) };
    }
}

/// The name of a property.
pub struct Atom<'a, 'js> {
    ctx: &'a Ctx<'js>,
    atom: qjs::JSAtom,
}

impl<'a, 'js> Atom<'a, 'js> {
    /// # Errors
    /// There is no memory for it.
    pub fn of(ctx: &'a Ctx<'js>, name: &str) -> rquickjs::Result<Self> {
        let atom = unsafe { qjs::JS_NewAtomLen(ctx.as_raw().as_ptr(), name.as_ptr().cast(), name.len() as _) };
        match atom == qjs::JS_ATOM_NULL {
            true => Err(Error::Exception),
            false => Ok(Atom { ctx, atom }),
        }
    }

    pub fn as_raw(&self) -> qjs::JSAtom {
        self.atom
    }
}

impl Drop for Atom<'_, '_> {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeAtom(self.ctx.as_raw().as_ptr(), self.atom) };
    }
}

fn done(result: i32) -> rquickjs::Result<()> {
    if result < 0 { Err(Error::Exception) } else { Ok(()) }
}
