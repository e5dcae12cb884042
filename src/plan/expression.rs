//! Expressions: minijinja's language over what a virtual user knows.

use std::fmt;

use minijinja::Value;

/// A compiled expression. A missing field is undefined, and every ordering comparison with it is false.
pub struct Expression {
    source: String,
    compiled: minijinja::Expression<'static, 'static>,
}

impl Expression {
    /// The expression as the plan writes it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The value in a scope; undefined where a field is missing.
    pub fn eval(&self, scope: &Value) -> Result<Value, minijinja::Error> {
        self.compiled.eval(scope.clone())
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}
