//! Templates: text with `${expression}` in it. `$${` stands for a plain `${`.

mod json;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use minijinja::Value;
use serde::Deserialize;

use json::{MISSING, write_json_string};

use super::expression::{EvaluationError, Expression, ExpressionError};
use super::step::ValueTemplate;

pub use json::{write_json, write_text};

/// A compiled template: constant text and expressions in turn.
#[derive(Debug)]
pub struct Template {
    pub(super) source: String,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Expression(Expression),
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// A `${` without its `}`, and all that an expression refuses.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(dollar) = rest.find('$') {
            let start = source.len() - rest.len() + dollar;
            text.push_str(&rest[..dollar]);
            rest = &rest[dollar..];
            if let Some(after) = rest.strip_prefix("$${") {
                text.push_str("${");
                rest = after;
            } else if let Some(inside) = rest.strip_prefix("${") {
                let Some(length) = closing_brace(inside) else {
                    let message = "`${` has no `}`; for a plain `${` write `$${`";
                    return Err(ExpressionError::new(message, Some(start)));
                };
                let expression = Expression::compile(&inside[..length]).map_err(|error| error.shifted(start + 2))?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Expression(expression));
                rest = &inside[length + 1..];
            } else {
                text.push('$');
                rest = &rest[1..];
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Template { source: source.to_owned(), parts })
    }

    /// The template as the plan writes it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text, where there is no expression in it.
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The constant text and the expressions, in order: `Ok` for text, `Err` for an expression.
    pub fn parts(&self) -> impl Iterator<Item = Result<&str, &Expression>> {
        self.parts.iter().map(|part| match part {
            Part::Text(text) => Ok(text.as_str()),
            Part::Expression(expression) => Err(expression),
        })
    }

    /// The variables that the template's expressions refer to.
    pub fn names(&self) -> BTreeSet<String> {
        self.parts().filter_map(Result::err).flat_map(|expression| expression.names().iter().cloned()).collect()
    }

    /// Appends the text to `out`.
    ///
    /// # Errors
    /// A value that is missing, or an expression without a value; `out` then holds the text before it.
    pub fn render(&self, scope: &Value, out: &mut String) -> Result<(), EvaluationError> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expression(expression) => {
                    let value = expression.eval(scope)?;
                    write_text(&value, out)
                        .map_err(|reason| EvaluationError { expression: expression.source().to_owned(), reason })?;
                }
            }
        }
        Ok(())
    }

    /// The value: that of the expression with its type where the template is one `${…}`, text otherwise.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn eval(&self, scope: &Value) -> Result<Value, EvaluationError> {
        if let [Part::Expression(expression)] = self.parts.as_slice() {
            let value = expression.eval(scope)?;
            if value.is_undefined() {
                return Err(EvaluationError { expression: expression.source().to_owned(), reason: MISSING.to_owned() });
            }
            return Ok(value);
        }
        let mut out = String::new();
        self.render(scope, &mut out)?;
        Ok(Value::from(out))
    }
}

/// Length of the expression before the brace that closes it, past strings and braces of its own.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') => {
                bytes.next();
            }
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth == 0 => return Some(index),
            (None, b'}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

impl ValueTemplate {
    /// Compiles a JSON value in which every string may be a template. Keys are taken as they are.
    ///
    /// # Errors
    /// As [`Template::compile`]; the offset is that in the string which is wrong.
    pub fn compile(value: &serde_json::Value) -> Result<Self, ExpressionError> {
        Ok(match value {
            serde_json::Value::String(text) => {
                let template = Template::compile(text)?;
                match template.constant() {
                    Some(text) => Self::of_constant(text.into()),
                    None => ValueTemplate::Template(template),
                }
            }
            serde_json::Value::Array(items) => {
                let items = items.iter().map(Self::compile).collect::<Result<Vec<_>, _>>()?;
                match items.iter().map(Self::constant).collect() {
                    Some(items) => Self::of_constant(serde_json::Value::Array(items)),
                    None => ValueTemplate::Array(items),
                }
            }
            serde_json::Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::compile(value)?)))
                    .collect::<Result<Vec<_>, ExpressionError>>()?;
                match fields.iter().map(|(name, value)| Some((name.clone(), value.constant()?))).collect() {
                    Some(fields) => Self::of_constant(serde_json::Value::Object(fields)),
                    None => ValueTemplate::Object(fields),
                }
            }
            other => Self::of_constant(other.clone()),
        })
    }

    fn of_constant(value: serde_json::Value) -> Self {
        ValueTemplate::Constant { json: value.to_string(), value }
    }

    /// The value, where there is no expression in it.
    pub fn constant(&self) -> Option<serde_json::Value> {
        match self {
            ValueTemplate::Constant { value, .. } => Some(value.clone()),
            _ => None,
        }
    }

    /// The variables that the value's expressions refer to.
    pub fn names(&self) -> BTreeSet<String> {
        match self {
            ValueTemplate::Constant { .. } => BTreeSet::new(),
            ValueTemplate::Template(template) => template.names(),
            ValueTemplate::Array(items) => items.iter().flat_map(Self::names).collect(),
            ValueTemplate::Object(fields) => fields.iter().flat_map(|(_, value)| value.names()).collect(),
        }
    }

    /// The value in a scope.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn eval(&self, scope: &Value) -> Result<Value, EvaluationError> {
        match self {
            ValueTemplate::Constant { value, .. } => Value::deserialize(value)
                .map_err(|error| EvaluationError { expression: value.to_string(), reason: error.to_string() }),
            ValueTemplate::Template(template) => template.eval(scope),
            ValueTemplate::Array(items) => {
                Ok(Value::from(items.iter().map(|item| item.eval(scope)).collect::<Result<Vec<_>, _>>()?))
            }
            ValueTemplate::Object(fields) => {
                let fields: Vec<(&str, Value)> = fields
                    .iter()
                    .map(|(name, value)| Ok((name.as_str(), value.eval(scope)?)))
                    .collect::<Result<_, EvaluationError>>()?;
                Ok(Value::from_pairs(fields))
            }
        }
    }

    /// Appends the value to `out` as JSON.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_json(&self, scope: &Value, out: &mut String) -> Result<(), EvaluationError> {
        match self {
            ValueTemplate::Constant { json, .. } => out.push_str(json),
            ValueTemplate::Template(template) => {
                let value = template.eval(scope)?;
                write_json(&value, out)
                    .map_err(|reason| EvaluationError { expression: template.source.clone(), reason })?;
            }
            ValueTemplate::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.render_json(scope, out)?;
                }
                out.push(']');
            }
            ValueTemplate::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_json_string(name, out);
                    out.push(':');
                    value.render_json(scope, out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}
