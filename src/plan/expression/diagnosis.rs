//! What errors of expressions say: names for operands, and cures.

use minijinja::machinery::Span;
use minijinja::machinery::ast::Expr;

use super::ExpressionError;
use crate::plan::functions::nearest;

/// The cure for an operator that other languages have, by the text before and after the error.
pub(super) fn other_languages((before, after): (&str, &str)) -> Option<&'static str> {
    if before.ends_with('|') && after.starts_with('|') {
        return Some("; write `or`");
    }
    let cures = [
        ("&&", "; write `and`"),
        ("!", "; write `not`"),
        ("?", "; write `a if condition else b`"),
        ("==", ""),
        ("=", "; to compare, write `==`"),
    ];
    cures.into_iter().find(|(operator, _)| after.starts_with(operator)).map(|(_, cure)| cure)
}

/// What an error calls the operand.
pub(super) fn describe(expr: &Expr<'_>) -> String {
    match expr {
        Expr::Var(var) => var.id.to_owned(),
        Expr::GetAttr(get) => format!("{}.{}", describe(&get.expr), get.name),
        Expr::GetItem(get) => format!("{}[{}]", describe(&get.expr), describe(&get.subscript_expr)),
        Expr::Const(constant) => constant.value.to_string(),
        Expr::Filter(filter) => match &filter.expr {
            Some(input) => format!("{}|{}", describe(input), filter.name),
            None => filter.name.to_owned(),
        },
        other => other.description().to_owned(),
    }
}

/// Refuses a name that doesn't exist, and offers the nearest that does.
pub(super) fn known(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'static str> + Clone,
    span: Span,
) -> Result<(), ExpressionError> {
    if names.clone().any(|known| known == name) {
        return Ok(());
    }
    let cure = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
    };
    Err(ExpressionError::new(format!("unknown {kind} `{name}`; {cure}"), Some(span.start_offset as usize)))
}
