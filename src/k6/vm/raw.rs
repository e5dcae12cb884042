//! What every request does, asked of QuickJS itself: the bindings make a text of each name and count each value's context.

use std::ffi::c_char;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use rquickjs::{Ctx, Error, Object, Value, qjs};

/// Calls a function with an argument, or with none.
///
/// # Errors
/// What it throws.
pub fn call_with<'js>(function: &Object<'js>, argument: Option<&Value<'js>>) -> rquickjs::Result<Value<'js>> {
    let ctx = function.ctx();
    let (count, mut argument) = match argument {
        Some(argument) => (1, argument.as_raw()),
        None => (0, qjs::JS_UNDEFINED),
    };
    let raw = ctx.as_raw().as_ptr();
    let result = unsafe { qjs::JS_Call(raw, function.as_raw(), qjs::JS_UNDEFINED, count, &raw mut argument) };
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
    Ok(String::from_utf8_lossy(Chars::of_atom(ctx, atom)?.bytes()).into_owned())
}

/// A text of QuickJS's.
pub struct Chars<'a, 'js> {
    ctx: &'a Ctx<'js>,
    from: NonNull<c_char>,
    length: usize,
}

impl<'a, 'js> Chars<'a, 'js> {
    /// # Errors
    /// There is no memory for it.
    pub fn of_atom(ctx: &'a Ctx<'js>, atom: qjs::JSAtom) -> rquickjs::Result<Self> {
        let mut length = 0;
        Self::of(ctx, unsafe { qjs::JS_AtomToCStringLen(ctx.as_raw().as_ptr(), &mut length, atom) }, length as usize)
    }

    /// A text or a number: of others, this runs code of the script's.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn of_value(ctx: &'a Ctx<'js>, value: qjs::JSValue) -> rquickjs::Result<Self> {
        let mut length = 0;
        Self::of(ctx, unsafe { qjs::JS_ToCStringLen(ctx.as_raw().as_ptr(), &mut length, value) }, length)
    }

    fn of(ctx: &'a Ctx<'js>, from: *const c_char, length: usize) -> rquickjs::Result<Self> {
        let from = NonNull::new(from.cast_mut()).ok_or(Error::Exception)?;
        Ok(Chars { ctx, from, length })
    }

    /// In UTF-8, but that a half of a surrogate pair without the other is written like any character.
    pub fn bytes(&self) -> &[u8] {
        unsafe { std::slice::from_raw_parts(self.from.as_ptr().cast_const().cast(), self.length) }
    }

    /// The text; none where it has such a half.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }
}

impl Drop for Chars<'_, '_> {
    fn drop(&mut self) {
        unsafe { qjs::JS_FreeCString(self.ctx.as_raw().as_ptr(), self.from.as_ptr()) };
    }
}

/// The enumerable properties of its own that an object had when it was asked.
pub struct Properties<'a, 'js> {
    ctx: &'a Ctx<'js>,
    list: *mut qjs::JSPropertyEnum,
    count: u32,
}

impl<'a, 'js> Properties<'a, 'js> {
    /// # Errors
    /// What a proxy throws.
    pub fn of(ctx: &'a Ctx<'js>, object: qjs::JSValue) -> rquickjs::Result<Self> {
        let (mut list, mut count) = (ptr::null_mut(), 0);
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        let raw = ctx.as_raw().as_ptr();
        match unsafe { qjs::JS_GetOwnPropertyNames(raw, &mut list, &mut count, object, flags) } {
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

impl Drop for Properties<'_, '_> {
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

    pub fn as_raw(&self) -> qjs::JSValue {
        self.value
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
        Self::made(ctx, atom)
    }

    /// That of an array's item.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn of_index(ctx: &'a Ctx<'js>, index: u32) -> rquickjs::Result<Self> {
        Self::made(ctx, unsafe { qjs::JS_NewAtomUInt32(ctx.as_raw().as_ptr(), index) })
    }

    fn made(ctx: &'a Ctx<'js>, atom: qjs::JSAtom) -> rquickjs::Result<Self> {
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
