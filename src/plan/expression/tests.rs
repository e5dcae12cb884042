use minijinja::{Value, context};
use proptest::prelude::*;
use serde_json::json;

use super::lowering::lower;
use super::{Expression, reason};
use crate::plan::functions::{ENVIRONMENT, FILTERS, FUNCTIONS, Random, TESTS};

fn scope() -> Value {
    context! {
        status => 200,
        body => Value::from_pairs([
            ("n", Value::from(5)),
            ("f", Value::from(5.0)),
            ("s", Value::from("abc")),
            ("null", Value::from(())),
            ("yes", Value::from(true)),
            ("list", Value::from(vec![1, 2, 3])),
            ("empty", Value::from(Vec::<i64>::new())),
            ("nan", Value::from(f64::NAN)),
        ]),
        __random => Value::from_dyn_object(Random::new(7, 1)),
    }
}

/// What an expression gives: JSON, `undefined`, or the reason of its error.
fn gives(source: &str) -> String {
    match Expression::compile(source).unwrap_or_else(|error| panic!("{source}: {error}")).eval(&scope()) {
        Ok(value) if value.is_undefined() => "undefined".to_owned(),
        Ok(value) => serde_json::to_string(&value).unwrap(),
        Err(error) => format!("error: {}", error.reason),
    }
}

fn refused(source: &str) -> String {
    let error = Expression::compile(source).expect_err(source);
    format!("{} at {:?}", error.message, error.offset)
}

#[test]
fn what_is_missing_satisfies_no_comparison() {
    for source in ["body.x", "body.x.y.z", "body.list[9]", "body.s.length", "nobody", "body[nobody]", "body.n.x"] {
        assert_eq!(gives(source), "undefined", "{source}");
        for other in ["5", "0", "-1", "'a'", "''", "none", "true", "[]", "body.also_missing"] {
            for operator in ["==", "<", "<=", ">", ">=", "in"] {
                assert_eq!(gives(&format!("{source} {operator} {other}")), "false", "{source} {operator} {other}");
                if operator != "in" || !["5", "0", "-1", "none", "true"].contains(&other) {
                    assert_eq!(gives(&format!("{other} {operator} {source}")), "false", "{other} {operator} {source}");
                }
            }
            assert_eq!(gives(&format!("{source} != {other}")), "true", "{source} != {other}");
            assert_eq!(gives(&format!("{source} not in [{other}]")), "true", "{source} not in [{other}]");
        }
        assert_eq!(gives(&format!("{source} is lt 5 or {source} is eq({source})")), "false", "{source}");
        assert_eq!(gives(&format!("{source} is defined")), "false", "{source}");
        assert_eq!(gives(&format!("{source}|default(3)")), "3", "{source}");
        assert_eq!(gives(&format!("'yes' if {source} else 'no'")), "\"no\"", "{source}");
    }
}

#[test]
fn what_is_missing_gives_no_number_and_no_text() {
    for source in [
        "body.x + 1",
        "1 - body.x",
        "-body.x",
        "body.x * 2",
        "body.x ~ 'a'",
        "'a' ~ body.x",
        "body.x|int",
        "body.x|length",
        "body.x|lower",
        "body.x|abs < 1",
        "(body.x or body.y)|float",
        "body.x is startingwith('a')",
        "body.x is odd",
        "body.x|string",
        "body.x[1:]",
        "base64(body.x)",
        "sha256(body.x)",
        "pick(body.x)",
        "hmac('k', body.x)",
        "random_int(1, body.x)",
        "body.list|join(body.x)",
        "body.empty|first|int",
    ] {
        assert!(gives(source).starts_with("error: "), "{source} gives {}", gives(source));
        let negated = Expression::compile(&format!("not ({source})")).unwrap();
        assert!(negated.holds(&scope()).is_err(), "{source}");
    }
    assert_eq!(gives("body.x|int"), "error: `body.x` is missing");
    assert_eq!(gives("body.list[7].id|lower"), "error: `body.list[7].id` is missing");
}

#[test]
fn comparisons_of_what_is_there() {
    for (source, expected) in [
        ("1 == 1.0", "true"),
        ("body.n == body.f", "true"),
        ("body.n == 5", "true"),
        ("body.n != 5", "false"),
        ("9007199254740993 == 9007199254740992.0", "false"),
        ("body.n < 5.5", "true"),
        ("5 <= body.f", "true"),
        ("-1 < 0", "true"),
        ("'abc' < 'abd'", "true"),
        ("body.s == 'abc'", "true"),
        // Kinds without an order between them: neither less nor greater.
        ("'5' < 6", "false"),
        ("'5' > 4", "false"),
        ("'5' == 5", "false"),
        ("body.null < 5", "false"),
        ("body.null >= 0", "false"),
        ("body.null == none", "true"),
        ("body.null == 0", "false"),
        ("body.null is none", "true"),
        ("body.x is none", "false"),
        ("[1] < [2]", "false"),
        ("body.list == [1, 2, 3]", "true"),
        ("body.nan < 1 or body.nan > 1 or body.nan == body.nan", "false"),
        ("1 < body.n < 10", "true"),
        ("1 < body.n < 5", "false"),
        ("1 < body.x < 10", "false"),
        ("1 == 1.0 == body.f / 5", "true"),
        ("2 in body.list", "true"),
        ("9 not in body.list", "true"),
        ("'bc' in body.s", "true"),
        ("body.null in 'none'", "false"),
        ("'n' in body", "true"),
        ("status == 200 and body.n == 5 and not body.empty", "true"),
        ("2 + 3 * 4 - 1", "13"),
        ("(2 + 3) * 4", "20"),
        ("10 - 4 - 3", "3"),
        ("2 ** 3 ** 1", "8"),
        ("7 // 2 + 7 % 2", "4"),
        ("-body.n|abs", "5"),
        ("(body.n - 8)|abs < 4", "true"),
        ("body.list[0] + body.list[-1]", "4"),
        ("body.list[1:]", "[2,3]"),
        ("{'a': body.n, 'b': [1, 'x']}.b[1]", "\"x\""),
        ("'a\\'b\\\\n' ~ \"\\\"c\"", "\"a'b\\\\n\\\"c\""),
        ("'줄' ~ 1 ~ true", "\"줄1true\""),
        ("1.5e3 + 0.1", "1500.1"),
        ("[1, 2, 3]|select('gt', 1)|list|length", "2"),
        ("[{'id': 1}, {'id': 2}]|selectattr('id', 'eq', 2)|map(attribute='id')|list", "[2]"),
        ("body.list|sum == 6 and body.list|max == 3", "true"),
        ("'a b/c'|urlencode", "\"a%20b%2Fc\""),
    ] {
        assert_eq!(gives(source), expected, "{source}");
    }
}

#[test]
fn functions() {
    for (source, expected) in [
        ("base64('hello')", "\"aGVsbG8=\""),
        ("base64_decode('aGVsbG8')", "\"hello\""),
        ("base64_decode('!')", "error: base64_decode: this is no base64"),
        ("sha256('abc')", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
        // RFC 4231, test case 2.
        (
            "hmac('Jefe', 'what do ya want for nothing?')",
            "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\"",
        ),
        ("hmac('k', 'x', 'md5')", "error: hmac: unknown algorithm 'md5', use 'sha256' or 'sha512'"),
        ("random_int(3, 3)", "3"),
        ("random_int(2, 1)", "error: random_int(2, 1): the first number must not be the larger one"),
        ("pick([7])", "7"),
        ("pick([])", "error: pick: the list is empty"),
        ("pick(body.list) in body.list", "true"),
        ("pick('abc')", "error: pick: this is no list but a string"),
        ("now() > 1700000000000", "true"),
        ("now('iso')|length", "24"),
        ("uuid()|length", "36"),
        ("uuid()[14]", "\"4\""),
    ] {
        assert_eq!(gives(source), expected, "{source}");
    }
}

#[test]
fn the_same_seed_and_user_draw_the_same_values() {
    let draws = |seed, stream| {
        let scope = context! { __random => Value::from_dyn_object(Random::new(seed, stream)) };
        let expression =
            Expression::compile("[random_int(1, 1000000), uuid(), pick([1, 2, 3, 4, 5, 6, 7, 8])]").unwrap();
        (0..3).map(|_| expression.eval(&scope).unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(draws(1, 1), draws(1, 1));
    assert_ne!(draws(1, 1), draws(1, 2));
    assert_ne!(draws(1, 1), draws(2, 1));
}

#[test]
fn random_numbers_reach_both_ends() {
    let expression = Expression::compile("random_int(1, 3)").unwrap();
    let scope = scope();
    let drawn: std::collections::BTreeSet<i64> =
        (0..200).map(|_| expression.eval(&scope).unwrap().as_i64().unwrap()).collect();
    assert_eq!(drawn, [1, 2, 3].into());
}

#[test]
fn errors_say_where_and_what_to_do() {
    insta::assert_snapshot!(refused(""), @"the expression is empty at Some(0)");
    insta::assert_snapshot!(refused("status =="), @"unexpected end of input, expected expression; it ends too early: complete it at Some(7)");
    insta::assert_snapshot!(refused("status = 200"), @"unexpected input after expression; to compare, write `==` at Some(7)");
    insta::assert_snapshot!(refused("status == 200 &&"), @"unexpected character; write `and` at Some(14)");
    insta::assert_snapshot!(refused("status == 200 || x"), @"unexpected `|`, expected a name; write `or` at Some(15)");
    insta::assert_snapshot!(refused("status === 200"), @"unexpected `=`; to compare, write `==` at Some(9)");
    insta::assert_snapshot!(refused("!x"), @"unexpected character; write `not` at Some(0)");
    insta::assert_snapshot!(refused("a ? b : c"), @"unexpected character; write `a if condition else b` at Some(2)");
    insta::assert_snapshot!(refused("body.list|lenght > 2"), @"unknown filter `lenght`; did you mean `length`? at Some(10)");
    insta::assert_snapshot!(refused("random(1, 5)"), @"unknown function `random`; did you mean `random_int`? at Some(0)");
    insta::assert_snapshot!(refused("1 + pik(x)"), @"unknown function `pik`; did you mean `pick`? at Some(4)");
    insta::assert_snapshot!(refused("x is defind"), @"unknown test `defind`; did you mean `defined`? at Some(5)");
    insta::assert_snapshot!(refused("name.lower()"), @"values have no methods, so there is no `.lower()`; write `value|lower` at Some(4)");
    insta::assert_snapshot!(refused("body.items()"), @"values have no methods, so there is no `.items()`; write `value|items` at Some(4)");
    insta::assert_snapshot!(refused("__random"), @"`__random`: no name starts with `__` at Some(0)");
    insta::assert_snapshot!(refused("pick(*x)"), @"arguments can't be unpacked with `*` at Some(6)");
    insta::assert_snapshot!(refused("'open"), @"unexpected end of string; it ends too early: complete it at Some(5)");
    assert!(Expression::compile(&"(".repeat(2000)).is_err());
    assert!(Expression::compile(&"1+".repeat(6000)).is_err());
}

#[test]
fn the_number_of_arguments_is_checked_before_the_load() {
    insta::assert_snapshot!(refused("random_int(1)"), @"`random_int` takes 2 arguments, not 1; write `random_int(from, to)` at Some(0)");
    insta::assert_snapshot!(refused("pick()"), @"`pick` takes 1 argument, not 0; write `pick(list)` at Some(0)");
    insta::assert_snapshot!(refused("hmac('k')"), @"`hmac` takes 2 to 3 arguments, not 1; write `hmac(key, text) or hmac(key, text, 'sha512')` at Some(0)");
    insta::assert_snapshot!(refused("body.n|abs(1)"), @"`abs` takes no argument, not 1; write `value|abs` at Some(7)");
    insta::assert_snapshot!(refused("body.s|replace('a')"), @"`replace` takes 2 arguments, not 1; write `value|replace('from', 'to')` at Some(7)");
    insta::assert_snapshot!(refused("body.list|map"), @"`map` takes at least 1 argument, not 0; write `value|map(attribute='id')` at Some(10)");
    insta::assert_snapshot!(refused("body.s is startingwith"), @"`startingwith` takes 1 argument, not 0; write `value is startingwith('a')` at Some(10)");
    insta::assert_snapshot!(refused("len(body.list)"), @"unknown function `len`; there is a filter: write `value|length` at Some(0)");
    insta::assert_snapshot!(refused("body.s.includes('a')"), @"values have no methods, so there is no `.includes()`; write `part in value` at Some(6)");
    insta::assert_snapshot!(refused("게시판 == 1"), @"unexpected character; names are of a-z, 0-9 and `_`, other letters stand in quotes only at Some(0)");
}

/// Every word of the vocabulary is one that the language has, and takes the arguments that its usage shows.
#[test]
fn every_usage_compiles() {
    for callable in FUNCTIONS.iter().chain(FILTERS).chain(TESTS) {
        for usage in callable.usage.split(" or ").flat_map(|usage| usage.split("), ")) {
            let closed =
                if usage.contains('(') && !usage.ends_with(')') { format!("{usage})") } else { usage.to_owned() };
            Expression::compile(&closed).unwrap_or_else(|error| panic!("{closed}: {error}"));
            let reason = gives(&closed.replace("value", "body.list"));
            assert!(!reason.contains("unknown") && !reason.contains("too many"), "{closed}: {reason}");
        }
    }
}

#[test]
fn long_chains_of_one_operator_compile() {
    assert_eq!(gives(&["status == 200"; 300].join(" and ")), "true");
    assert_eq!(gives(&["1"; 300].join(" + ")), "300");
}

#[test]
fn names_are_those_of_variables() {
    let names = |source| Expression::compile(source).unwrap().names().iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names("body.a.b[i] == pick(tokens) and x|default(y) and {'k': z}"), "body i tokens x y z");
    assert_eq!(names("1 < random_int(1, 2)"), "");
}

/// Arithmetic as text and its value, with every pair of operands in brackets or not.
fn arithmetic() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![(0i64..100).prop_map(|n| n.to_string()), Just("a".to_owned()), Just("b.c".to_owned())];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("({a})|abs")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} if {b} > {c} else {c})")),
        ]
    })
}

proptest! {
    /// Lowering changes nothing but the rules for what is missing: where nothing is, minijinja itself agrees.
    #[test]
    fn lowering_keeps_the_meaning(source in arithmetic()) {
        let scope = context! { a => 3, b => context! { c => 11 } };
        let mut plain = minijinja::Environment::new();
        plain.add_filter("abs", minijinja::filters::abs);
        let expected = plain.compile_expression(&source).and_then(|compiled| compiled.eval(scope.clone()));
        match (expected, Expression::compile(&source)) {
            (Ok(expected), Ok(ours)) => prop_assert_eq!(ours.eval(&scope).unwrap(), expected),
            (Err(_), ours) => prop_assert!(ours.is_err() || ours.unwrap().eval(&scope).is_err()),
            (Ok(_), Err(error)) => return Err(TestCaseError::fail(format!("{source}: {error}"))),
        }
    }

    #[test]
    fn no_source_panics(source in "[ a-z0-9.|()\\[\\]{}'\"<>=!~*+,:-]{0,40}") {
        if let Ok(expression) = Expression::compile(&source) {
            let _ = expression.eval(&scope());
        }
    }

    #[test]
    fn every_string_survives(text in any::<String>()) {
        let quoted = json!(text).to_string();
        let expression = Expression::compile(&quoted).unwrap();
        prop_assert_eq!(expression.eval(&scope()).unwrap(), Value::from(text));
    }
}

/// An expression made of what [`super::direct`] evaluates itself.
fn direct_source() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "status",
        "nobody",
        "body",
        "body.n",
        "body.f",
        "body.s",
        "body.null",
        "body.yes",
        "body.list",
        "body.empty",
        "body.nan",
        "body.x",
        "body.x.y",
        "body.list[1]",
        "body.list[9]",
        "body['s']",
        "body.s[0]",
        "5",
        "5.0",
        "'abc'",
        "''",
        "none",
        "true",
        "false",
        "[1, 2, 3]",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 2, |inner| {
        let operator = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">=", "and", "or"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            inner.clone().prop_map(|a| format!("({a}) is defined")),
            inner.prop_map(|a| format!("({a}) is undefined")),
        ]
    })
}

proptest! {
    #[test]
    fn direct_evaluation_means_what_minijinja_does(source in direct_source()) {
        let expression = Expression::compile(&source).unwrap();
        let lowered = lower(&source).unwrap();
        let by_minijinja = ENVIRONMENT.compile_expression_owned(lowered.source).unwrap().eval(scope()).unwrap();
        let value = expression.eval(&scope()).unwrap();
        prop_assert_eq!(serde_json::to_string(&value).unwrap(), serde_json::to_string(&by_minijinja).unwrap());
        prop_assert_eq!(value.is_undefined(), by_minijinja.is_undefined());
        prop_assert_eq!(expression.holds(&scope()).unwrap(), by_minijinja.is_true());
    }
}

/// A function that is called directly draws the same numbers, and refuses the same with the same words.
#[test]
fn direct_calls_are_minijinjas() {
    for source in [
        "random_int(1, 1000)",
        "random_int(9, 1)",
        "random_int(-5, -1)",
        "uuid()",
        "pick(body.list)",
        "pick(body.empty)",
        "pick(body.x)",
        "pick(body.s)",
        "pick(body)",
        "pick([1, 2])",
        "pick(nobody)",
        "pick(body.list) > 1",
    ] {
        let told = |value: Result<Value, String>| value.map(|value| value.to_string());
        let direct = Expression::compile(source).unwrap().eval(&scope()).map_err(|error| error.reason);
        let compiled = ENVIRONMENT.compile_expression_owned(lower(source).unwrap().source).unwrap();
        assert_eq!(told(direct), told(compiled.eval(scope()).map_err(|error| reason(&error))), "{source}");
        let nowhere = |value: Result<Value, String>| told(value).err();
        let direct = Expression::compile(source).unwrap().eval(&context! {}).map_err(|error| error.reason);
        assert_eq!(
            nowhere(direct),
            nowhere(compiled.eval(context! {}).map_err(|error| reason(&error))),
            "{source} where nothing is random"
        );
    }
}

#[test]
fn what_checks_and_templates_mostly_are_is_evaluated_directly() {
    for (source, direct) in [
        ("status == 200", true),
        ("body.data.token is defined", true),
        ("body.list[0].id != '' and timings.duration < 500", true),
        ("not (status >= 400 or error is defined)", true),
        ("vu", true),
        ("random_int(1, 100000)", true),
        ("pick(tokens).id", true),
        ("uuid()", true),
        ("random_int(1, body.n)", false),
        ("status in [200, 201]", false),
        ("body.n + 1 == 6", false),
        ("0 < body.n < 9", false),
        ("body.list|length > 0", false),
    ] {
        assert_eq!(lower(source).unwrap().direct.is_some(), direct, "{source}");
    }
}
