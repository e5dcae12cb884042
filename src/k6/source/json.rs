//! JSON files that a script imports.

use serde::de::IgnoredAny;

use super::origins::{self, Origins};
use super::problem::Problem;

/// A JSON file as a module.
pub(super) struct Json {
    /// `export default` of the value.
    pub code: String,
    /// The text without the white space between its tokens.
    pub compact: String,
    pub origins: Origins,
}

/// Reads a JSON file. The value is made by `JSON.parse`: as code, a large file would be slow, and a key `__proto__` would
/// mean something else.
pub(super) fn read(text: &str) -> Result<Json, Problem> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = line_start + error.column().saturating_sub(1);
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        return Err(Problem::new(
            (at, at),
            format!("this is not JSON: {what}"),
            "correct the file, or import a module",
        ));
    }
    let compact = compact(text);
    let literal = serde_json::Value::from(compact.as_str());
    let mut origins = Origins::default();
    for string in strings(&compact) {
        origins::note(&string, false, &mut origins);
    }
    Ok(Json { code: format!("export default JSON.parse({literal});\n"), compact, origins })
}

/// Valid JSON without the white space between its tokens.
fn compact(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |c: &char| {
        let keep = in_string || !c.is_ascii_whitespace();
        in_string = if *c == '"' && !escaped { !in_string } else { in_string };
        escaped = *c == '\\' && !escaped;
        keep
    };
    text.chars().filter(keep).collect()
}

/// Every string of valid JSON, keys included.
fn strings(json: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = json;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let mut values = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<String>();
        let value = values.next()?.ok();
        let end = start + values.byte_offset().max(1);
        rest = rest.get(end..).unwrap_or_default();
        Some(value.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_a_module_that_parses_it() {
        let read = read("{ \"a b\" : [1,\n 2 ], \"q\\\"\\\\\": \"http://a:1/x\",\t\"__proto__\": null }\n")
            .expect("it is JSON");
        assert_eq!(read.compact, r#"{"a b":[1,2],"q\"\\":"http://a:1/x","__proto__":null}"#);
        assert!(read.code.starts_with("export default JSON.parse(\"{\\\"a b\\\":[1,2]"), "{}", read.code);
        assert_eq!(read.origins.leading, ["http://a:1"]);
    }

    #[test]
    fn what_is_no_json_is_shown_where_it_stops_to_be() {
        let rows = [("{\n  a: 1\n}", (4, 4)), ("", (0, 0)), ("[1,]", (3, 3))];
        for (text, span) in rows {
            let problem = read(text).err().unwrap_or_else(|| panic!("{text} is JSON"));
            assert_eq!(problem.span, span, "{text}: {}", problem.problem);
        }
    }
}
