//! Values as `console` shows them: `{ a: [ 1, "x" ] }`.
//!
//! A script may show anything: an object without end, one that refers to itself, a body of megabytes. What is shown has a
//! limit in depth and in length.

use rquickjs::function::This;
use rquickjs::{Coerced, Ctx, Function, Object, Result, Value, qjs};

use super::text_of;

/// Bytes of a line. What is longer ends in an ellipsis.
const LONGEST: usize = 64 * 1024;

/// Objects within objects. Those deeper are shown by their kind alone.
const DEEPEST: usize = 32;

/// Values side by side, as one line.
///
/// # Errors
/// What a getter or a proxy of the script throws.
pub fn line<'js>(ctx: &Ctx<'js>, values: Vec<Value<'js>>) -> Result<String> {
    let mut line = Line { ctx, text: String::new(), full: false, within: Vec::new() };
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            line.put(" ");
        }
        line.bare(value)?;
    }
    Ok(line.text)
}

struct Line<'a, 'js> {
    ctx: &'a Ctx<'js>,
    text: String,
    /// The limit is reached.
    full: bool,
    /// The objects around what is shown next.
    within: Vec<Value<'js>>,
}

impl<'js> Line<'_, 'js> {
    fn put(&mut self, text: &str) {
        if self.full {
            return;
        }
        let room = LONGEST.saturating_sub(self.text.len());
        self.full = text.len() > room;
        self.text.push_str(if self.full { &text[..text.floor_char_boundary(room)] } else { text });
        if self.full {
            self.text.push('…');
        }
    }

    /// A value of its own: texts as they are.
    fn bare(&mut self, value: Value<'js>) -> Result<()> {
        match value.as_symbol() {
            Some(symbol) => {
                let description = symbol.description()?;
                if description.is_undefined() { Ok(()) } else { self.plain(&description) }
            }
            None if value.is_object() => self.object(value),
            None => self.plain(&value),
        }
    }

    /// A value within another: texts in quotes, and what JSON doesn't know as null.
    fn nested(&mut self, value: Value<'js>) -> Result<()> {
        if value.is_string() || value.is_symbol() {
            self.put("\"");
            self.bare(value)?;
            self.put("\"");
            Ok(())
        } else if value.is_undefined() {
            self.put("null");
            Ok(())
        } else {
            self.bare(value)
        }
    }

    fn plain(&mut self, value: &Value<'js>) -> Result<()> {
        self.put(&text_of(self.ctx, value)?);
        Ok(())
    }

    fn object(&mut self, value: Value<'js>) -> Result<()> {
        let Some(object) = value.as_object().cloned().filter(|_| !value.is_function()) else {
            self.put("[object Function]");
            return Ok(());
        };
        if value.is_error() {
            return self.error(&object);
        }
        if let Some(date) = date(self.ctx, &value, &object)? {
            self.put(&format!("\"{date}\""));
            return Ok(());
        }
        if self.within.contains(&value) {
            self.put("[Circular]");
        } else if self.within.len() >= DEEPEST {
            self.put(if value.is_array() { "[Array]" } else { "[Object]" });
        } else {
            self.within.push(value);
            let shown = self.members(object);
            self.within.pop();
            return shown;
        }
        Ok(())
    }

    fn members(&mut self, object: Object<'js>) -> Result<()> {
        // SAFETY: it looks at the object's class.
        if unsafe { qjs::JS_IsArrayBuffer(object.as_raw()) } {
            return self.buffer(&object);
        }
        if let Some(name) = typed_array(&object) {
            let length: usize = object.get("length")?;
            self.put(&format!("{name}({length}) "));
            return self.items(&object, length);
        }
        if object.is_array() {
            let length: usize = object.get("length")?;
            return self.items(&object, length);
        }
        let mut first = true;
        for key in object.keys::<Value<'js>>() {
            self.put(if first { "{ " } else { ", " });
            first = false;
            let key = key?;
            self.plain(&key)?;
            self.put(": ");
            self.nested(object.get(key)?)?;
            if self.full {
                break;
            }
        }
        self.put(if first { "{}" } else { " }" });
        Ok(())
    }

    fn items(&mut self, object: &Object<'js>, length: usize) -> Result<()> {
        for index in (0..length).take_while(|index| u32::try_from(*index).is_ok()) {
            self.put(if index == 0 { "[ " } else { ", " });
            self.nested(object.get(index as u32)?)?;
            if self.full {
                break;
            }
        }
        self.put(if length == 0 { "[]" } else { " ]" });
        Ok(())
    }

    fn buffer(&mut self, object: &Object<'js>) -> Result<()> {
        let length: usize = object.get("byteLength")?;
        self.put("ArrayBuffer { [Uint8Contents]: <");
        let bytes = rquickjs::ArrayBuffer::from_object(object.clone());
        // SAFETY: no script runs while the bytes are shown.
        for (index, byte) in bytes.iter().flat_map(|bytes| bytes.as_bytes().unwrap_or_default()).enumerate() {
            self.put(&if index == 0 { format!("{byte:02x}") } else { format!(" {byte:02x}") });
            if self.full {
                break;
            }
        }
        self.put(&format!(">, byteLength: {length} }}"));
        Ok(())
    }

    /// As `String(error)`.
    fn error(&mut self, error: &Object<'js>) -> Result<()> {
        let part = |name: &str| {
            let value: Value<'js> = error.get(name)?;
            if value.is_undefined() { Ok(String::new()) } else { text_of(self.ctx, &value) }
        };
        let (name, message) = (part("name")?, part("message")?);
        let between = if name.is_empty() || message.is_empty() { "" } else { ": " };
        self.put(&format!("{name}{between}{message}"));
        Ok(())
    }
}

/// A date that there is, as JSON has it.
fn date<'js>(ctx: &Ctx<'js>, value: &Value<'js>, object: &Object<'js>) -> Result<Option<String>> {
    // SAFETY: it looks at the object's class.
    if !unsafe { qjs::JS_IsDate(value.as_raw()) } {
        return Ok(None);
    }
    let time: Coerced<f64> = object.get::<_, Function<'js>>("getTime")?.call((This(value.clone()),))?;
    if time.0.is_nan() {
        return Ok(None);
    }
    let text: Value<'js> = object.get::<_, Function<'js>>("toISOString")?.call((This(value.clone()),))?;
    text_of(ctx, &text).map(Some)
}

/// The name of a typed array's kind.
fn typed_array(object: &Object<'_>) -> Option<&'static str> {
    // In the order of the engine's kinds.
    const NAMES: [&str; 12] = [
        "Uint8ClampedArray",
        "Int8Array",
        "Uint8Array",
        "Int16Array",
        "Uint16Array",
        "Int32Array",
        "Uint32Array",
        "BigInt64Array",
        "BigUint64Array",
        "Float16Array",
        "Float32Array",
        "Float64Array",
    ];
    // SAFETY: it looks at the object's class.
    let kind = unsafe { qjs::JS_GetTypedArrayType(object.as_raw()) };
    usize::try_from(kind).ok().and_then(|kind| NAMES.get(kind)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k6::api::harness::engine;

    /// What `console.log(…)` shows, or what it throws.
    fn shown(arguments: &str) -> String {
        engine(|ctx| {
            let values: Vec<Value<'_>> = ctx.eval(format!("[{arguments}]")).unwrap();
            line(ctx, values).unwrap_or_else(|_| {
                let thrown = ctx.catch();
                format!("!{}", thrown.into_exception().and_then(|error| error.message()).unwrap_or_default())
            })
        })
    }

    #[test]
    fn values_are_shown_as_k6_shows_them() {
        let rows = [
            ("", ""),
            ("'several', 1, true, null, undefined", "several 1 true null undefined"),
            ("1.5, -0, NaN, 1e21, 10n, Symbol('s')", "1.5 0 NaN 1e+21 10 s"),
            ("'%s', 'a\"b'", "%s a\"b"),
            ("{ a: [1, 'x'], 'b-c': { d: null } }", "{ a: [ 1, \"x\" ], b-c: { d: null } }"),
            ("[], {}, [[]], { a: {} }", "[] {} [ [] ] { a: {} }"),
            ("[undefined, , () => 1, Symbol('s'), Symbol()]", "[ null, null, [object Function], \"s\", \"\" ]"),
            ("() => 1, class A {}", "[object Function] [object Function]"),
            ("new Error('x'), new TypeError(''), [new RangeError('y')]", "Error: x TypeError [ RangeError: y ]"),
            ("new Date(0), new Date(NaN), /x/", "\"1970-01-01T00:00:00.000Z\" {} {}"),
            ("new Map([[1, 2]]), new Set([1]), Promise.resolve(1)", "{} {} {}"),
            ("new Uint8Array([1, 2]), new BigInt64Array([1n])", "Uint8Array(2) [ 1, 2 ] BigInt64Array(1) [ 1 ]"),
            ("new Uint8Array(0), new Float64Array([1.5])", "Uint8Array(0) [] Float64Array(1) [ 1.5 ]"),
            (
                "new Uint8Array([1, 255]).buffer, new ArrayBuffer(0)",
                "ArrayBuffer { [Uint8Contents]: <01 ff>, byteLength: 2 } \
                 ArrayBuffer { [Uint8Contents]: <>, byteLength: 0 }",
            ),
            ("{ get a() { return 7 } }", "{ a: 7 }"),
            ("{ get a() { throw new Error('getter') } }", "!getter"),
            ("new Proxy({}, { ownKeys() { throw new Error('trap') } })", "!trap"),
            ("'\\ud800'", "\u{fffd}"),
        ];
        for (arguments, expected) in rows {
            assert_eq!(shown(arguments), expected, "{arguments}");
        }
    }

    #[test]
    fn what_refers_to_itself_is_cut_where_it_does() {
        assert_eq!(shown("(() => { const a = { b: [] }; a.b.push(a); return a })()"), "{ b: [ [Circular] ] }");
        assert_eq!(shown("(() => { const a = {}; return [a, a] })()"), "[ {}, {} ]");
    }

    #[test]
    fn what_has_no_end_is_cut() {
        let deep = shown("(() => { let a = 1; for (let n = 0; n < 1e5; n += 1) a = { a }; return a })()");
        assert!(deep.contains("a: [Object] }") && deep.len() < 1000, "{deep}");
        let endless = "(() => { const make = () => new Proxy({}, { ownKeys: () => ['a', 'b'], get: make, \
                       getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) }); return make() })()";
        for long in [endless, "'é'.repeat(1e6)", "new Array(4e9)", "new ArrayBuffer(1e6)", "...new Array(1e5)"] {
            let text = shown(long);
            assert!(text.ends_with('…') && text.len() <= LONGEST + '…'.len_utf8(), "{long}: {} bytes", text.len());
        }
    }
}
