//! The JSON Schema of the gate file, from the structs that read it.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::file::PlanFile;

/// The JSON Schema (draft 2020-12) of a gate file. Keys are there in camelCase, as the docs write them, and in
/// snake_case. Where a rule needs more than shapes (one verb in a step, say), only reading the plan finds the error.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<PlanFile>().to_value();
    spell_both_ways(&mut schema);
    for (section, keys) in REQUIRED {
        schema["$defs"][section]["required"] = json!(keys);
    }
    schema["$id"] = json!("urn:loadgate:plan:1");
    schema["title"] = json!("loadgate plan, version 1");
    schema["required"] = json!(["version", "name"]);
    schema["oneOf"] = json!([{ "required": ["scenarios"] }, { "required": ["script"] }]);
    schema["properties"]["version"]["const"] = json!(1);
    schema
}

/// The keys without which a section means nothing. A scenario is none of them: a profile's has single fields.
const REQUIRED: [(&str, &[&str]); 16] = [
    ("BasicSection", &["username", "password"]),
    ("BracketSection", &["steps"]),
    ("BranchSection", &["steps"]),
    ("CaptureSection", &["from"]),
    ("FileSection", &["file"]),
    ("MetricSection", &["type"]),
    ("PhaseSection", &["from", "to"]),
    ("PollSection", &["until"]),
    ("RangeSection", &["min", "max"]),
    ("ReadySection", &["get"]),
    ("RecordSection", &["value"]),
    ("RequestTarget", &["method", "url"]),
    ("StageSection", &["duration", "target"]),
    ("ThresholdSection", &["threshold"]),
    ("TlsAuthSection", &["cert", "key"]),
    ("TlsSection", &["ca"]),
];

/// Adds the snake_case spelling of every property of two words, and lets every section be checked by editors that know
/// only one of them.
fn spell_both_ways(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                let aliases: Map<String, Value> = properties
                    .iter()
                    .map(|(key, value)| (snake(key), value.clone()))
                    .filter(|(key, _)| !properties.contains_key(key))
                    .map(|(key, mut value)| {
                        // Editors offer the spelling of the docs alone.
                        value["doNotSuggest"] = json!(true);
                        (key, value)
                    })
                    .collect();
                properties.extend(aliases);
            }
            object.values_mut().for_each(spell_both_ways);
        }
        Value::Array(items) => items.iter_mut().for_each(spell_both_ways),
        _ => {}
    }
}

/// `preAllocatedVUs` → `pre_allocated_vus`: an underscore before each run of capitals.
fn snake(camel: &str) -> String {
    let mut out = String::new();
    let mut capital = false;
    for (index, c) in camel.chars().enumerate() {
        if c.is_uppercase() && !capital && index > 0 {
            out.push('_');
        }
        capital = c.is_uppercase();
        out.extend(c.to_lowercase());
    }
    out
}
