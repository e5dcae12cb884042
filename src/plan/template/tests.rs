use minijinja::{Value, context};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::Template;
use crate::plan::step::ValueTemplate;

fn scope() -> Value {
    context! { id => 7, half => 2.5, whole => 10.0, name => "Kim \"A\"", none => (), yes => true,
    seat => context! { id => 3, tags => vec!["a", "b"] } }
}

fn rendered(source: &str) -> String {
    let template = Template::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut out = String::new();
    match template.render(&scope(), &mut out) {
        Ok(()) => out,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn text_and_expressions_in_turn() {
    for (source, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("/events/${id}/seats", "/events/7/seats"),
        ("${id}${half}", "72.5"),
        ("${ id + 1 }", "8"),
        ("${whole}", "10"),
        ("${whole / 4}", "2.5"),
        ("${name}", "Kim \"A\""),
        ("${yes} ${none}", "true null"),
        ("${seat}", "{\"id\":3,\"tags\":[\"a\",\"b\"]}"),
        ("${seat.tags}", "[\"a\",\"b\"]"),
        ("${{'a': {'b': 1}}.a.b}", "1"),
        ("${'}' ~ \"{\" ~ '\\''}", "}{'"),
        ("$${id} costs 5$", "${id} costs 5$"),
        ("$id {id} $ {id}", "$id {id} $ {id}"),
        ("한글 ${id}", "한글 7"),
        ("x${seat.missing}", "error: `seat.missing`: nothing is there: the value is missing"),
        (
            "x${seat.missing + 1}",
            "error: `seat.missing + 1`: tried to use + operator on unsupported types undefined and number (`seat.missing` is undefined)",
        ),
    ] {
        assert_eq!(rendered(source), expected, "{source}");
    }
}

#[test]
fn errors_point_into_the_template() {
    let refused = |source: &str| {
        let error = Template::compile(source).expect_err(source);
        format!("{} at {:?}", error.message, error.offset)
    };
    insta::assert_snapshot!(refused("/a/${id"), @"`${` has no `}`; for a plain `${` write `$${` at Some(3)");
    insta::assert_snapshot!(refused("/a/${'}"), @"`${` has no `}`; for a plain `${` write `$${` at Some(3)");
    insta::assert_snapshot!(refused("/a/${}"), @"the expression is empty at Some(5)");
    insta::assert_snapshot!(refused("/a/${id}/${pikc(x)}"), @"unknown function `pikc`; did you mean `pick`? at Some(11)");
}

#[test]
fn a_value_that_is_one_expression_keeps_its_type() {
    let value = json!({
        "id": "${id}", "text": "id ${id}", "half": "${half}", "whole": "${whole}", "none": "${none}", "seat": "${seat}",
        "list": ["${yes}", 1, "x", null], "quote\"": "${name}", "plain": "$${", "nested": { "constant": [1.5, true] }
    });
    let template = ValueTemplate::compile(&value).unwrap();
    assert!(template.constant().is_none());
    let mut out = String::new();
    template.render_json(&scope(), &mut out).unwrap();
    let expected = json!({
        "id": 7, "text": "id 7", "half": 2.5, "whole": 10, "none": null, "seat": { "id": 3, "tags": ["a", "b"] },
        "list": [true, 1, "x", null], "quote\"": "Kim \"A\"", "plain": "${", "nested": { "constant": [1.5, true] }
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), expected);
    assert_eq!(serde_json::to_value(template.eval(&scope()).unwrap()).unwrap()["seat"], expected["seat"]);
    assert_eq!(template.names().into_iter().collect::<Vec<_>>().join(" "), "half id name seat whole yes");
}

#[test]
fn a_value_without_expressions_is_constant() {
    let value = json!({ "a": [1, "x", { "b": "$${c}" }], "d": null });
    let expected = json!({ "a": [1, "x", { "b": "${c}" }], "d": null });
    assert_eq!(ValueTemplate::compile(&value).unwrap().constant(), Some(expected));
}

#[test]
fn a_missing_value_in_a_body_is_an_error() {
    let template = ValueTemplate::compile(&json!({ "a": ["${seat.missing}"] })).unwrap();
    let error = template.render_json(&scope(), &mut String::new()).unwrap_err();
    assert_eq!(error.to_string(), "`seat.missing`: nothing is there: the value is missing");
    assert!(template.eval(&scope()).is_err());
}

proptest! {
    #[test]
    fn escaped_text_renders_as_itself(text in "[ -~한]{0,30}") {
        // `$` before `$${` would be read as part of the escape of what follows.
        prop_assume!(!text.contains("$$"));
        let template = Template::compile(&text.replace("${", "$${")).unwrap();
        prop_assert_eq!(template.constant(), Some(text.as_str()));
    }

    #[test]
    fn json_survives(numbers in prop::collection::vec(any::<i64>(), 0..4), float in -1e9f64..1e9, text in any::<String>()) {
        let value = json!({ "numbers": numbers, "float": float, "text": text });
        let scope = context! { value => Value::deserialize(&value).unwrap() };
        let mut out = String::new();
        Template::compile("${value}").unwrap().render(&scope, &mut out).unwrap();
        let read: serde_json::Value = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(&read["numbers"], &value["numbers"]);
        prop_assert_eq!(read["float"].as_f64(), value["float"].as_f64());
        prop_assert_eq!(&read["text"], &value["text"]);
    }
}
