//! Expressions: minijinja's language over what a virtual user knows, with one rule of its own: what is missing satisfies
//! nothing.
//!
//! A missing field is undefined, whatever depth it is asked for (`body.a.b.c`). `== < <= > >=` and `in` with an
//! undefined operand are false, and so `!=` with one is true; so is every order between values that have none (a number
//! and a string, anything and `none`). Arithmetic, filters and functions refuse undefined operands with an error; where
//! a condition fails with an error it doesn't hold. minijinja's own rules put undefined below every number, which would
//! make `body.failures < 5` true where there is no such field, so expressions are [lowered](lowering) before they are
//! compiled.

mod diagnosis;
mod direct;
mod json;
mod lowering;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use minijinja::Value;

use super::functions::ENVIRONMENT;

use direct::Direct;
pub use json::parse_json;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 10_000;

/// How an expression is evaluated.
enum Program {
    Direct(Direct),
    Compiled(minijinja::Expression<'static, 'static>),
}

/// A compiled expression.
pub struct Expression {
    source: String,
    program: Program,
    names: BTreeSet<String>,
}

impl Expression {
    /// Compiles an expression, without `${` and `}` around it.
    ///
    /// # Errors
    /// Bad syntax; a function, filter or test that doesn't exist; a method call.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        if source.trim().is_empty() {
            return Err(ExpressionError::new("the expression is empty", Some(0)));
        }
        if source.len() > MAX_LENGTH {
            return Err(ExpressionError::new(format!("the expression is longer than {MAX_LENGTH} bytes"), None));
        }
        let lowered = lowering::lower(source)?;
        let compiled = ENVIRONMENT
            .compile_expression_owned(lowered.source)
            .map_err(|error| ExpressionError::new(reason(&error), None))?;
        let program = lowered.direct.map_or(Program::Compiled(compiled), Program::Direct);
        Ok(Expression { source: source.to_owned(), program, names: lowered.names })
    }

    /// The expression as the plan writes it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The variables that the expression refers to: all its names but those of functions, filters and fields.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The value in a scope; undefined where a field is missing.
    pub fn eval(&self, scope: &Value) -> Result<Value, EvaluationError> {
        let value = match &self.program {
            Program::Direct(direct) => direct.eval(scope),
            Program::Compiled(compiled) => compiled.eval(scope.clone()),
        };
        value.map_err(|error| self.failed(&error))
    }

    /// Whether the expression, read as a condition, is true. What is missing, `none`, 0 and what is empty are false.
    pub fn holds(&self, scope: &Value) -> Result<bool, EvaluationError> {
        match &self.program {
            Program::Direct(direct) => direct.holds(scope).map_err(|error| self.failed(&error)),
            Program::Compiled(_) => self.eval(scope).map(|value| value.is_true()),
        }
    }

    fn failed(&self, error: &minijinja::Error) -> EvaluationError {
        EvaluationError { expression: self.source.clone(), reason: reason(error) }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}

/// minijinja's message without its location, which would be that of the lowered source.
fn reason(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

/// Why an expression or a template can't be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// Problem and cure.
    pub message: String,
    /// Where in the source, in bytes from its start; none where only the whole is wrong.
    pub offset: Option<usize>,
}

impl ExpressionError {
    pub(super) fn new(message: impl Into<String>, offset: Option<usize>) -> Self {
        ExpressionError { message: message.into(), offset }
    }

    /// The same error of a text in which the source begins at `start`.
    pub(super) fn shifted(self, start: usize) -> Self {
        ExpressionError { offset: Some(self.offset.unwrap_or(0) + start), ..self }
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}`: {reason}")]
pub struct EvaluationError {
    pub expression: String,
    pub reason: String,
}
