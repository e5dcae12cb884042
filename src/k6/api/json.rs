//! `JSON.parse` and `JSON.stringify`, which scripts call for each request: as QuickJS's own, and faster for what most of them pass.

use rquickjs::object::Property;
use rquickjs::{Ctx, Function, IntoJs, Object, Value};

use crate::k6::vm::native::{Called, native};
use crate::k6::vm::{Chars, from_json, to_json};

/// Puts them in the place of QuickJS's.
///
/// # Errors
/// There is no memory for them.
pub fn install<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<()> {
    let json: Object<'js> = ctx.globals().get("JSON")?;
    let put = |name: &str, function: Function<'js>| json.prop(name, Property::from(function).writable().configurable());
    let own: Value<'js> = json.get("parse")?;
    put("parse", native!(ctx, c"parse", 2, parse, kept = &own)?)?;
    put("stringify", native!(ctx, c"stringify", 3, stringify)?)
}

/// `JSON.parse(text, reviver)`
fn parse<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let (text, reviver) = (called.argument(0), called.argument(1));
    if reviver.is_undefined()
        && text.is_string()
        && let Some(value) = from_json(called.ctx, Chars::of_value(called.ctx, text.as_raw())?.bytes())
    {
        return Ok(value);
    }
    let own: Function<'js> = called.kept().get()?;
    own.call((text, reviver))
}

/// `JSON.stringify(value, replacer, space)`
fn stringify<'js>(called: &Called<'_, 'js>) -> rquickjs::Result<Value<'js>> {
    let ctx = called.ctx;
    let (value, replacer, space) = (called.argument(0), called.argument(1), called.argument(2));
    if replacer.is_undefined()
        && space.is_undefined()
        && let Some(text) = to_json(ctx, &value)
    {
        return text.into_js(ctx);
    }
    let text = ctx.json_stringify_replacer_space(value, replacer, space)?;
    Ok(text.map_or_else(|| Value::new_undefined(ctx.clone()), |text| text.into_value()))
}

#[cfg(test)]
mod tests {
    use crate::k6::api::harness::{check_global, run_global};

    #[test]
    fn they_are_what_they_replace() {
        check_global(
            super::install,
            &[
                ("[JSON.parse.name, JSON.parse.length]", r#"["parse",2]"#),
                ("[JSON.stringify.name, JSON.stringify.length]", r#"["stringify",3]"#),
                ("Object.keys(JSON)", "[]"),
                ("String(JSON.stringify)", r#""function stringify() {\n    [native code]\n}""#),
                ("(() => { 'use strict'; JSON.parse = 1; return JSON.parse })()", "1"),
                ("new JSON.parse('1')", "!not a constructor"),
            ],
        );
    }

    #[test]
    fn what_is_not_usual_is_as_usual() {
        check_global(
            super::install,
            &[
                ("JSON.parse(' [1, {\"a\": null}] ')", r#"[1,{"a":null}]"#),
                ("JSON.parse('{\"a\": 1}', (name, value) => name ? value + 1 : value)", r#"{"a":2}"#),
                ("JSON.parse({ toString: () => '[1]' })", "[1]"),
                ("JSON.parse(1)", "1"),
                ("JSON.parse(null, undefined)", "null"),
                ("JSON.parse()", "!unexpected token: 'undefined'"),
                ("JSON.stringify()", "undefined"),
                ("JSON.stringify({ a: [1] }, null, 1)", r#""{\n \"a\": [\n  1\n ]\n}""#),
                ("JSON.stringify({ a: 1, b: 2 }, ['b'])", r#""{\"b\":2}""#),
                ("JSON.stringify({ a: 1 }, (name, value) => name ? 2 : value)", r#""{\"a\":2}""#),
                (
                    "JSON.stringify({ at: new Date(0), n: [new Number(1)] })",
                    r#""{\"at\":\"1970-01-01T00:00:00.000Z\",\"n\":[1]}""#,
                ),
                ("JSON.stringify(1n)", "!BigInt are forbidden in JSON.stringify"),
                ("(() => { const one = {}; one.one = one; return JSON.stringify(one) })()", "!circular reference"),
            ],
        );
        assert!(run_global(super::install, "JSON.parse('{\"a\"')").starts_with('!'));
    }
}
