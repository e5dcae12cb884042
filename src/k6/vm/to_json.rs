//! JSON of values, written in one pass.
//!
//! QuickJS's own writer makes a text of each name and each value, a list of each object's names, and looks through all that is
//! around an object for it: a sixth of what a script did for a request. This one takes values that are what they look like, with
//! nothing of the script's to be called. So nothing has happened where it gives up, and QuickJS begins anew.

use std::mem::MaybeUninit;

use rquickjs::{Ctx, Value, qjs};

use super::raw::{Atom, Chars, Owned, Properties};

/// QuickJS's numbers of the classes of `{}` and `[]`.
const OBJECT: qjs::JSClassID = 1;
const ARRAY: qjs::JSClassID = 2;

/// How deep objects may lie in each other. What refers to itself is deeper.
const DEEPEST: u32 = 64;

/// Bytes of the longest text: QuickJS counts longer ones to the script's memory while it makes them.
const LONGEST: usize = 1 << 20;

/// Whole numbers below are written as such by both languages.
const WHOLE: f64 = 1e15;

/// A value as JSON; none where that is to be left to QuickJS.
pub fn to_json(ctx: &Ctx<'_>, value: &Value<'_>) -> Option<String> {
    let text = Writer::new(ctx).and_then(|mut writer| {
        let is_json = writer.value(value.as_raw(), 0)?;
        is_json.then_some(writer.text)
    });
    if text.is_none() {
        // What QuickJS has thrown, if it has, it will throw again.
        ctx.catch();
    }
    text.and_then(|text| String::from_utf8(text).ok())
}

struct Writer<'a, 'js> {
    ctx: &'a Ctx<'js>,
    /// The name `toJSON`.
    to_json: Atom<'a, 'js>,
    /// What objects and arrays are expected to inherit from: nothing of it is called.
    objects: Owned<'a, 'js>,
    arrays: Owned<'a, 'js>,
    text: Vec<u8>,
}

impl<'a, 'js> Writer<'a, 'js> {
    /// None where a script has given all objects or all arrays something to be called.
    fn new(ctx: &'a Ctx<'js>) -> Option<Self> {
        let prototype = |class| Owned::of(ctx, unsafe { qjs::JS_GetClassProto(ctx.as_raw().as_ptr(), class) }).ok();
        let writer = Writer {
            ctx,
            to_json: Atom::of(ctx, "toJSON").ok()?,
            objects: prototype(OBJECT)?,
            arrays: prototype(ARRAY)?,
            text: Vec::with_capacity(128),
        };
        let (objects, arrays) = (writer.objects.as_raw(), writer.arrays.as_raw());
        let pristine = writer.inherits(objects, qjs::JS_NULL)
            && writer.inherits(arrays, objects)
            && !writer.is_converted(objects)
            && !writer.is_converted(arrays);
        pristine.then_some(writer)
    }

    fn raw(&self) -> *mut qjs::JSContext {
        self.ctx.as_raw().as_ptr()
    }

    /// Whether a value has this prototype, or none. It must not be a proxy.
    fn inherits(&self, value: qjs::JSValue, from: qjs::JSValue) -> bool {
        let Ok(prototype) = Owned::of(self.ctx, unsafe { qjs::JS_GetPrototype(self.raw(), value) }) else {
            return false;
        };
        let prototype = prototype.as_raw();
        unsafe {
            qjs::JS_IsNull(prototype)
                || (qjs::JS_IsObject(from) && qjs::JS_VALUE_GET_PTR(prototype) == qjs::JS_VALUE_GET_PTR(from))
        }
    }

    /// Whether an object says itself what is written for it. It must not be a proxy.
    fn is_converted(&self, object: qjs::JSValue) -> bool {
        unsafe { qjs::JS_GetOwnProperty(self.raw(), std::ptr::null_mut(), object, self.to_json.as_raw()) != 0 }
    }

    /// Writes a value. Tells whether JSON knows such values; none where QuickJS has to do it.
    fn value(&mut self, value: qjs::JSValue, depth: u32) -> Option<bool> {
        match unsafe { qjs::JS_VALUE_GET_NORM_TAG(value) } {
            qjs::JS_TAG_NULL => self.put("null"),
            qjs::JS_TAG_BOOL => self.put(if unsafe { qjs::JS_VALUE_GET_BOOL(value) } { "true" } else { "false" }),
            qjs::JS_TAG_INT => self.put(itoa::Buffer::new().format(unsafe { qjs::JS_VALUE_GET_INT(value) })),
            qjs::JS_TAG_FLOAT64 => self.number(value)?,
            qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE => self.quoted(&Chars::of_value(self.ctx, value).ok()?)?,
            qjs::JS_TAG_UNDEFINED | qjs::JS_TAG_SYMBOL => return Some(false),
            qjs::JS_TAG_OBJECT => self.nested(value, depth)?,
            _ => return None,
        }
        Some(true)
    }

    fn put(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, value: qjs::JSValue) -> Option<()> {
        let number = unsafe { qjs::JS_VALUE_GET_FLOAT64(value) };
        match number {
            _ if !number.is_finite() => self.put("null"),
            _ if number.abs() < WHOLE && number.fract() == 0.0 => self.put(itoa::Buffer::new().format(number as i64)),
            _ => self.put(Chars::of_value(self.ctx, value).ok()?.as_str()?),
        }
        Some(())
    }

    fn quoted(&mut self, chars: &Chars<'_, '_>) -> Option<()> {
        serde_json::to_writer(&mut self.text, chars.as_str()?).ok()
    }

    fn nested(&mut self, value: qjs::JSValue, depth: u32) -> Option<()> {
        let class = unsafe { qjs::JS_GetClassID(value) };
        let prototype = match class {
            OBJECT => self.objects.as_raw(),
            ARRAY => self.arrays.as_raw(),
            _ => return None,
        };
        if depth == DEEPEST || !self.inherits(value, prototype) || self.is_converted(value) {
            return None;
        }
        if class == ARRAY { self.array(value, depth + 1) } else { self.object(value, depth + 1) }
    }

    fn array(&mut self, array: qjs::JSValue, depth: u32) -> Option<()> {
        let mut length = 0;
        if unsafe { qjs::JS_GetLength(self.raw(), array, &mut length) } != 0 {
            return None;
        }
        self.put("[");
        for index in 0..u32::try_from(length).ok()? {
            if index > 0 {
                self.put(",");
            }
            let name = Atom::of_index(self.ctx, index).ok()?;
            let item = self.own(array, name.as_raw())?;
            if !self.value(item.as_raw(), depth)? {
                self.put("null");
            }
            self.is_short()?;
        }
        self.put("]");
        Some(())
    }

    fn object(&mut self, object: qjs::JSValue, depth: u32) -> Option<()> {
        self.put("{");
        let begin = self.text.len();
        for property in Properties::of(self.ctx, object).ok()?.all() {
            let before = self.text.len();
            if before > begin {
                self.put(",");
            }
            self.quoted(&Chars::of_atom(self.ctx, property.atom).ok()?)?;
            self.put(":");
            let value = self.own(object, property.atom)?;
            if !self.value(value.as_raw(), depth)? {
                self.text.truncate(before);
            }
            self.is_short()?;
        }
        self.put("}");
        Some(())
    }

    fn is_short(&self) -> Option<()> {
        (self.text.len() <= LONGEST).then_some(())
    }

    /// A property of an object's own; none where there is no such, or a getter.
    fn own(&self, object: qjs::JSValue, name: qjs::JSAtom) -> Option<Owned<'a, 'js>> {
        let mut found = MaybeUninit::uninit();
        if unsafe { qjs::JS_GetOwnProperty(self.raw(), found.as_mut_ptr(), object, name) } != 1 {
            return None;
        }
        let qjs::JSPropertyDescriptor { flags, value, getter, setter } = unsafe { found.assume_init() };
        if flags & qjs::JS_PROP_GETSET as i32 == 0 {
            return Owned::of(self.ctx, value).ok();
        }
        // To be freed.
        let _ = [Owned::of(self.ctx, getter), Owned::of(self.ctx, setter)];
        None
    }
}

#[cfg(test)]
mod tests {
    use rquickjs::{CatchResultExt, Context, Runtime};

    use super::*;

    fn with(test: impl FnOnce(&Ctx<'_>)) {
        let runtime = Runtime::new().unwrap();
        Context::full(&runtime).unwrap().with(|ctx| test(&ctx));
    }

    /// What both writers make of an expression.
    fn both(ctx: &Ctx<'_>, code: &str) -> (Option<String>, Option<String>) {
        let value: Value<'_> = ctx.eval(format!("({code})")).catch(ctx).unwrap();
        let ours = to_json(ctx, &value);
        assert!(!ctx.has_exception(), "{code}");
        let theirs = ctx.json_stringify(value).catch(ctx).ok().flatten().map(|text| text.to_string().unwrap());
        (ours, theirs)
    }

    #[test]
    fn it_writes_what_quickjs_writes() {
        with(|ctx| {
            for code in [
                "null",
                "[true, false, 0, -0, 1, -1, 2147483648, 9007199254740993, 1e15, -123456789012345]",
                "[1.5, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, NaN, Infinity, -Infinity]",
                "['', 'a', 'ä€😀', '\\0\\b\\t\\n\\f\\r\\x1f\\x7f', '\"\\\\/', '\\u2028']",
                "'a'.repeat(3000) + 'ä'.repeat(3000)",
                "{ b: 1, a: { '': [] }, 2: 0, 1: 0, 'x y': {} }",
                "{ a: undefined, b: Symbol('s'), c: [undefined, Symbol('s')], d: null }",
                "Object.create(null, { seen: { value: 1, enumerable: true }, unseen: { value: 2 } })",
                "Object.assign([1, 2], { more: 3 })",
                "Object.freeze({ a: Object.freeze([1]) })",
                "JSON.parse('{\"__proto__\": 1}')",
            ] {
                let (ours, theirs) = both(ctx, code);
                assert_eq!(ours, theirs, "{code}");
                assert!(ours.is_some(), "{code}");
            }
        });
    }

    #[test]
    fn what_is_not_what_it_looks_like_is_left_to_quickjs() {
        for code in [
            "undefined",
            "() => 1",
            "10n",
            "new Date(0)",
            "new Map()",
            "new Number(1)",
            "new (class { x = 1 })",
            "new Proxy({}, {})",
            "Object.create({ toJSON: () => 1 })",
            "{ toJSON: () => 1 }",
            "{ get x() { return 1 } }",
            "{ set x(_) {} }",
            "[, 1]",
            "[() => 1]",
            "'\\ud800'",
            "{ '\\ud800': 1 }",
            "(() => { const one = {}; one.one = one; return one })()",
            "(() => { let deep = []; for (let i = 0; i < 100; i++) deep = [deep]; return deep })()",
            "'a'.repeat(2 ** 20).split('')",
            "(() => { Object.prototype.toJSON = function () { return 1 }; return {} })()",
            "(() => { Array.prototype.toJSON = undefined; return {} })()",
            "(() => { Object.setPrototypeOf(Array.prototype, new Proxy({}, {})); return {} })()",
        ] {
            with(|ctx| {
                let value: Value<'_> = ctx.eval(format!("({code})")).catch(ctx).unwrap();
                assert_eq!(to_json(ctx, &value), None, "{code}");
                assert!(!ctx.has_exception(), "{code}");
            });
        }
    }

    #[test]
    fn the_classes_are_those_of_quickjs() {
        with(|ctx| {
            let class = |code: &str| unsafe { qjs::JS_GetClassID(ctx.eval::<Value<'_>, _>(code).unwrap().as_raw()) };
            assert_eq!((class("({})"), class("[]")), (OBJECT, ARRAY));
        });
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_written_as_quickjs_writes_it(json in super::super::from_json::samples()) {
            with(|ctx| {
                let (ours, theirs) = both(ctx, &json.to_string());
                assert_eq!(ours, theirs, "{json}");
                assert!(ours.is_some(), "{json}");
            });
        }
    }
}
