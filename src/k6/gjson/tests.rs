use serde_json::{Value, json};

use super::get;

fn document() -> Value {
    json!({"shop": {"name": "Kiosk", "open": true, "owner": null}, "count": 3, "ratio": 2.5, "tags": ["red", "green", "blue"], "a.b": "dotted", "star*": "starred", "pi|pe": 1, "": "empty key", "nested": {"arr": [[1, 2], [3, [4, 5]], []]}, "items": [{"id": 1, "name": "Tea", "price": 2.5, "tags": ["hot", "new"], "sold": true}, {"id": 2, "name": "Cake", "price": 4, "tags": ["sweet"], "sold": false}, {"id": 3, "name": "Juice", "price": 3, "tags": [], "note": null}, {"id": 4, "name": "Toast", "price": 4, "stock": "0", "x": {"y": 1}}], "mixed": [1, "two", true, false, null, {"k": 1}, [9]], "json": "{\"in\":[1,2]}", "columns": {"id": [1, 2], "name": ["a", "b", "c"], "z": 1}, "emoji": "ü☕", "42": "answer", "deep": {"a": {"b": {"c": 7}}, "c": 8}})
}

/// Numbers compare by value: k6 has no integers.
fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => found.as_f64() == expected.as_f64(),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| same(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.len() == expected.len()
                && found.iter().all(|(key, value)| expected.get(key).is_some_and(|expected| same(value, expected)))
        }
        (found, expected) => found == expected,
    }
}

/// Each row is a path and what k6 selects by it, as JSON; empty for nothing.
fn check(rows: &[(&str, &str)]) {
    let document = document();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(path, expected)| {
            let found = get(&document, path);
            let expected_value: Option<Value> = (!expected.is_empty()).then(|| serde_json::from_str(expected).unwrap());
            let right = match (&found, &expected_value) {
                (Some(found), Some(expected)) => same(found, expected),
                (found, expected) => found.is_none() && expected.is_none(),
            };
            (!right).then(|| format!("{path} is {found:?}, not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_and_indices() {
    check(&[
        ("shop.name", r#""Kiosk""#),
        ("shop.owner", "null"),
        ("shop.missing", ""),
        ("tags.1", r#""green""#),
        ("tags.3", ""),
        ("tags.-1", ""),
        ("tags.01", r#""green""#),
        ("count.x", ""),
        ("mixed.5.k", "1"),
        ("42", r#""answer""#),
        ("", r#""empty key""#),
        ("#", ""),
        ("items.", ""),
        ("items..name", ""),
        ("emoji", r#""ü☕""#),
        (r#"a\.b"#, r#""dotted""#),
        (r#"star\*"#, r#""starred""#),
        (r#"pi\|pe"#, "1"),
        (r#"\a\.b"#, r#""dotted""#),
    ]);
}

#[test]
fn wildcards() {
    check(&[
        ("sh*.name", r#""Kiosk""#),
        ("s?op.name", r#""Kiosk""#),
        ("*.name", r#""Kiosk""#),
        ("t*.0", r#""red""#),
        ("deep.*.b.c", "7"),
        ("*", r#"{"name":"Kiosk","open":true,"owner":null}"#),
        ("?", ""),
    ]);
}

#[test]
fn counts_and_each_element() {
    check(&[
        ("tags.#", "3"),
        ("items.#", "4"),
        ("items|#", "4"),
        ("items.#.name", r#"["Tea","Cake","Juice","Toast"]"#),
        ("items.#.tags.0", r#"["hot","sweet"]"#),
        ("items.#.tags.#", "[2,1,0]"),
        ("items.#.missing", "[]"),
        ("#.x", ""),
        ("items.#.x.y", "[1]"),
        ("items.#.name.0", "[]"),
    ]);
}

#[test]
fn queries() {
    check(&[
        ("items.#(id=2).name", r#""Cake""#),
        ("items.#(id==2).name", r#""Cake""#),
        ("items.#( name = Tea ).id", "1"),
        ("items.#(price>3)#.name", r#"["Cake","Toast"]"#),
        ("items.#(price>=4)#.id", "[2,4]"),
        ("items.#(price<3).name", r#""Tea""#),
        (r#"items.#(name!="Tea")#.id"#, "[2,3,4]"),
        (r#"items.#(name%"T*")#.name"#, r#"["Tea","Toast"]"#),
        (r#"items.#(name!%"T*")#.name"#, r#"["Cake","Juice"]"#),
        (r#"items.#(name%"?ake").id"#, "2"),
        (r#"items.#(name>"J")#.name"#, r#"["Tea","Juice","Toast"]"#),
        (r#"items.#(name="T\u0065a").id"#, "1"),
        ("items.#(sold=true).name", r#""Tea""#),
        ("items.#(sold)#.id", "[1,2]"),
        ("items.#(note)#.id", "[3]"),
        ("items.#(id>9)", ""),
        ("items.#(id>9)#", "[]"),
        (r#"items.#(tags.#(="hot")).name"#, r#""Tea""#),
        ("items.#(x.y=1).name", r#""Toast""#),
        ("tags.#(=red)", r#""red""#),
        (r#"tags.#(%"*e*")#"#, r#"["red","green","blue"]"#),
        ("mixed.#(>0)#", r#"[1,"two"]"#),
        ("mixed.#()#", r#"[1,"two",true,false,null]"#),
        ("items.#(id=1", ""),
        ("items.#[id=2].name", r#""Cake""#),
    ]);
}

#[test]
fn truths() {
    check(&[
        ("items.#(sold==~true)#.id", "[1]"),
        ("items.#(sold==~false)#.id", "[2,3,4]"),
        ("items.#(sold==~null)#.id", "[3,4]"),
        ("items.#(sold==~*)#.id", "[1,2]"),
        ("items.#(sold!=~*)#.id", "[3,4]"),
        ("items.#(stock==~false)#.id", "[1,2,3,4]"),
    ]);
}

#[test]
fn dots_and_pipes() {
    check(&[
        ("items.#.name|0", r#""Tea""#),
        ("items.#(price=4)#.name", r#"["Cake","Toast"]"#),
        ("items.#(price=4)#|0.name", r#""Cake""#),
        ("items.#(price=4)#|name", ""),
        ("items.#(price=4)#.0", "[]"),
        ("items.#(price=4)#.#", "[]"),
        ("items.#(price=4)#|#", "2"),
        ("items.#(price=4)#.@keys", r#"[["id","name","price","tags","sold"],["id","name","price","stock","x"]]"#),
    ]);
}

#[test]
fn modifiers() {
    check(&[
        ("tags.@reverse", r#"["blue","green","red"]"#),
        ("tags|@reverse", r#"["blue","green","red"]"#),
        ("tags.@reverse.0", r#""blue""#),
        ("shop.@keys", r#"["name","open","owner"]"#),
        ("shop|@values", r#"["Kiosk",true,null]"#),
        ("@this.count", "3"),
        ("count.@keys", "[null]"),
        ("missing|@keys", "[]"),
        ("missing.@keys", "[]"),
        ("nested.arr.@flatten", "[1,2,3,[4,5]]"),
        (r#"nested.arr|@flatten:{"deep":true}"#, "[1,2,3,4,5]"),
        ("items.#.x|@join", r#"{"y":1}"#),
        ("shop.@ugly", r#"{"name":"Kiosk","open":true,"owner":null}"#),
        ("json.@fromstr.in.1", "2"),
        ("shop.owner.@fromstr", ""),
        ("tags.@tostr", r#""[\"red\",\"green\",\"blue\"]""#),
        ("count.@tostr", r#""3""#),
        ("columns.@group", r#"[{"id":1,"name":"a"},{"id":2,"name":"b"},{"name":"c"}]"#),
        ("@dig:c", "[8,7]"),
        ("@dig:price|@reverse", "[4,3,4,2.5]"),
        ("items.#(id<3)#.tags|@flatten", r#"["hot","new","sweet"]"#),
        ("@unknown", ""),
    ]);
}

#[test]
fn multipaths_and_literals() {
    check(&[
        ("{count,ratio}", r#"{"ratio":2.5,"count":3}"#),
        (r#"{shop.name,n:count,"q":ratio}"#, r#"{"q":2.5,"name":"Kiosk","n":3}"#),
        ("[count,shop.name,missing]", r#"[3,"Kiosk"]"#),
        ("{items.#.name,tags.#}", r#"{"_":3,"name":["Tea","Cake","Juice","Toast"]}"#),
        ("shop.{name,open}", r#"{"name":"Kiosk","open":true}"#),
        ("items.#.{id,name}|0", r#"{"id":1,"name":"Tea"}"#),
        ("[count,ratio].1", "2.5"),
        (r#"!"lit""#, r#""lit""#),
        (r#"{a:!"lit",b:!true,c:!5,d:!null,e:![1,2]}"#, r#"{"a":"lit","b":true,"c":5,"d":null,"e":[1,2]}"#),
        ("!true", "true"),
        ("{}", r#"{"":"empty key"}"#),
        ("[]", r#"["empty key"]"#),
    ]);
}

#[test]
fn lines() {
    check(&[("..#", "1"), ("..0.count", "3"), ("..count", "")]);
}

#[test]
fn no_path_panics() {
    let document = document();
    const PIECES: &[&str] = &[
        "#", "#(", ")", "a", ".", "|", "@", "@keys", ":", "{", "}", "[", "]", "!", "\\", "\"", "*", "?", "%", "=", "~",
        "é",
    ];
    proptest::proptest!(|(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..9))| {
        let _ = get(&document, &parts.concat());
    });
}

#[test]
fn long_and_deep_paths_take_no_stack() {
    let document = json!({ "count": 3 });
    assert_eq!(get(&document, &("@this|".repeat(200_000) + "count")), Some(json!(3)));
    assert_eq!(get(&document, &("[".repeat(100_000) + &"]".repeat(100_000))), None);
}
