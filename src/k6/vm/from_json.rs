//! Values from JSON, made as it is read.
//!
//! QuickJS's own reader makes each text twice and each number by way of the C library: half of what a script does with a short
//! answer. It has the last word: what this one does not take is read by it, and its errors are the script's.

use std::fmt;

use rquickjs::{Ctx, Value, qjs};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::raw::{Atom, Owned};

/// What the JSON stands for; none where it is none, is not of UTF-8, or is nested too deep for this reader.
pub fn from_json<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Option<Value<'js>> {
    let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(bytes).ok()?);
    let made = Reader(ctx).deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    match made {
        Ok(value) => Some(value.into_value()),
        Err(_) => {
            // What QuickJS has thrown, if it has, it will throw again.
            ctx.catch();
            None
        }
    }
}

/// Makes one value.
struct Reader<'a, 'js>(&'a Ctx<'js>);

impl<'a, 'js> Reader<'a, 'js> {
    fn raw(&self) -> *mut qjs::JSContext {
        self.0.as_raw().as_ptr()
    }

    fn owned<E: Error>(&self, value: qjs::JSValue) -> Result<Owned<'a, 'js>, E> {
        Owned::of(self.0, value).map_err(E::custom)
    }
}

impl<'de, 'a, 'js> DeserializeSeed<'de> for Reader<'a, 'js> {
    type Value = Owned<'a, 'js>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Owned<'a, 'js>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, 'a, 'js> Visitor<'de> for Reader<'a, 'js> {
    type Value = Owned<'a, 'js>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Owned<'a, 'js>, E> {
        self.owned(qjs::JS_NULL)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Owned<'a, 'js>, E> {
        self.owned(if truth { qjs::JS_TRUE } else { qjs::JS_FALSE })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Owned<'a, 'js>, E> {
        match i32::try_from(number) {
            Ok(number) => self.owned(qjs::JS_MKVAL(qjs::JS_TAG_INT, number)),
            Err(_) => self.visit_f64(number as f64),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Owned<'a, 'js>, E> {
        match i32::try_from(number) {
            Ok(number) => self.visit_i64(number.into()),
            Err(_) => self.visit_f64(number as f64),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Owned<'a, 'js>, E> {
        self.owned(qjs::JS_NewFloat64(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Owned<'a, 'js>, E> {
        self.owned(unsafe { qjs::JS_NewStringLen(self.raw(), text.as_ptr().cast(), text.len() as _) })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Owned<'a, 'js>, A::Error> {
        let array = self.owned(unsafe { qjs::JS_NewArray(self.raw()) })?;
        let mut index = 0;
        while let Some(item) = items.next_element_seed(Reader(self.0))? {
            array.define_index(index, item).map_err(A::Error::custom)?;
            index += 1;
        }
        Ok(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Owned<'a, 'js>, A::Error> {
        let object = self.owned(unsafe { qjs::JS_NewObject(self.raw()) })?;
        while let Some(name) = entries.next_key_seed(Key(self.0))? {
            let value = entries.next_value_seed(Reader(self.0))?;
            object.define(&name, value).map_err(A::Error::custom)?;
        }
        Ok(object)
    }
}

/// Makes the name of a property.
struct Key<'a, 'js>(&'a Ctx<'js>);

impl<'de, 'a, 'js> DeserializeSeed<'de> for Key<'a, 'js> {
    type Value = Atom<'a, 'js>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Atom<'a, 'js>, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'a, 'js> Visitor<'_> for Key<'a, 'js> {
    type Value = Atom<'a, 'js>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Atom<'a, 'js>, E> {
        Atom::of(self.0, name).map_err(E::custom)
    }
}

/// Any JSON, for tests.
#[cfg(test)]
pub(super) fn samples() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((".{0,6}", inner), 0..6)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

#[cfg(test)]
mod tests {
    use rquickjs::{Context, Runtime};

    use super::*;

    /// Both readers' values as JSON, and whether each is none.
    fn both<'js>(ctx: &Ctx<'js>, json: &str) -> (Option<String>, Option<String>) {
        let shown = |value: Value<'js>| -> String {
            ctx.eval::<rquickjs::Function<'js>, _>(SHOWN).unwrap().call((value,)).unwrap()
        };
        let ours = from_json(ctx, json.as_bytes()).map(&shown);
        let theirs = ctx.json_parse(json).ok().map(&shown);
        ctx.catch();
        (ours, theirs)
    }

    /// Tells apart what JSON itself does not: `-0`, and the names' order.
    const SHOWN: &str = "(value) => JSON.stringify(value, (name, one) => Object.is(one, -0) ? 'minus zero' : one)";

    #[test]
    fn what_it_reads_is_what_quickjs_reads() {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        for json in [
            "null",
            " true\n",
            "[false, 0, -0, 1, -1, 2147483647, 2147483648, -2147483649, 9007199254740993]",
            "[1.5, -0.0, 1e3, 1E-7, 123456789012345678901234567890, 5e-324, 1.7976931348623157e308, 0.1]",
            r#"["", "a", "\u00e4\n\"\\\/", "ä€😀", "\ud83d\ude00", "\u0000"]"#,
            r#"{"b": 1, "a": {"": []}, "2": 0, "1": 0, "b": 2}"#,
            r#"{"__proto__": {"x": 1}, "constructor": 1, "length": 2}"#,
            r#"[[[[]]], {}, {"a": [1, [2, {"b": null}]]}]"#,
        ] {
            context.with(|ctx| {
                let (ours, theirs) = both(&ctx, json);
                assert_eq!(ours, theirs, "{json}");
                assert!(ours.is_some(), "{json}");
            });
        }
    }

    #[test]
    fn what_is_no_json_is_left_to_quickjs() {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for json in
            ["", "nul", "[1,]", "{\"a\" 1}", "01", "1 2", "'a'", "\"\n\"", "\u{feff}1", "\"\\ud800\"", "1e999", &deep]
        {
            context.with(|ctx| {
                assert!(from_json(&ctx, json.as_bytes()).is_none(), "{json}");
                assert!(!ctx.has_exception(), "{json}");
            });
        }
        context.with(|ctx| assert!(from_json(&ctx, b"\"\xff\"").is_none()));
    }

    proptest::proptest! {
        #[test]
        fn any_json_is_read_as_quickjs_reads_it(json in samples()) {
            let runtime = Runtime::new().unwrap();
            let context = Context::full(&runtime).unwrap();
            context.with(|ctx| {
                let (ours, theirs) = both(&ctx, &json.to_string());
                assert_eq!(ours, theirs, "{}", json);
            });
        }
    }
}
