//! Values of JSON in a plan: what YAML's scalars mean, and the templates in them.

use serde_json::{Number, Value};

use super::Compiler;
use super::names::Scope;
use crate::plan::file::read::Spanned;
use crate::plan::file::tree::{Content, Node, Scalar};
use crate::plan::step::ValueTemplate;

impl Compiler<'_> {
    /// Compiles a JSON value in which every string may be a template.
    pub fn value(&mut self, node: &Node, scope: &Scope) -> Option<ValueTemplate> {
        let right = self.check_strings(node, scope);
        let value = self.json(node);
        if right { ValueTemplate::compile(&value).ok() } else { None }
    }

    /// Checks the templates of a value, each at its own place, the later ones too where an earlier one is wrong.
    fn check_strings(&mut self, node: &Node, scope: &Scope) -> bool {
        match &node.content {
            Content::Scalar(scalar) if matches!(scalar_value(scalar), Value::String(_)) => {
                let text = Spanned { value: scalar.text.clone(), place: node.place.clone() };
                self.template(&text, scope).is_some()
            }
            Content::Scalar(_) => true,
            Content::List(items) => items.iter().filter(|item| !self.check_strings(item, scope)).count() == 0,
            Content::Map(entries) => {
                entries.iter().filter(|entry| !self.check_strings(&entry.value, scope)).count() == 0
            }
        }
    }

    /// The value of JSON that a node means; what JSON can't say is noted.
    pub fn json(&mut self, node: &Node) -> Value {
        self.check_numbers(node);
        json_of(node)
    }

    fn check_numbers(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar(scalar) => {
                if scalar.plain && matches!(scalar.text.as_str(), ".inf" | "-.inf" | "+.inf" | ".nan" | ".NaN" | ".Inf")
                {
                    let problem = format!("JSON has no `{}`", scalar.text);
                    self.problems.add(&node.place, problem, "write a finite number, or text in quotes");
                }
            }
            Content::List(items) => items.iter().for_each(|item| self.check_numbers(item)),
            Content::Map(entries) => entries.iter().for_each(|entry| self.check_numbers(&entry.value)),
        }
    }
}

/// The value of JSON that a node means.
pub fn json_of(node: &Node) -> Value {
    match &node.content {
        Content::Scalar(scalar) => scalar_value(scalar),
        Content::List(items) => items.iter().map(json_of).collect(),
        Content::Map(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), json_of(&entry.value)));
            Value::Object(entries.collect())
        }
    }
}

/// What a scalar means by YAML's core schema. Digits after a leading zero stay text, since `007` is no number that JSON
/// could write.
fn scalar_value(scalar: &Scalar) -> Value {
    let text = scalar.text.as_str();
    if !scalar.plain {
        return Value::String(text.to_owned());
    }
    match text {
        _ if scalar.is_null() => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if leading_zero || !numeric {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}
