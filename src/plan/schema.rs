//! The JSON Schema of the gate file, from the structs that read it.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::file::PlanFile;

/// The JSON Schema (draft 2020-12) of a gate file. Keys are there in camelCase, as the docs write them, and in
/// snake_case. Where a rule needs more than shapes (one verb in a step, say), only reading the plan finds the error.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<PlanFile>().to_value();
    spell_both_ways(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), json!("loadgate plan"));
        root.insert("required".into(), json!(["version", "name", "scenarios"]));
    }
    schema
}

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
