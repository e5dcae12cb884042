//! What errors of expressions say: names for operands, and cures.

use minijinja::machinery::Span;
use minijinja::machinery::ast::Expr;

use super::ExpressionError;
use crate::plan::functions::{Callable, FILTERS, nearest};

/// The cure for an operator that other languages have, by the text before and after the error.
pub(super) fn other_languages((before, after): (&str, &str)) -> Option<&'static str> {
    if before.ends_with('|') && after.starts_with('|') {
        return Some("; write `or`");
    }
    if after.starts_with(|c: char| !c.is_ascii() && c.is_alphanumeric()) {
        return Some("; names are of a-z, 0-9 and `_`, other letters stand in quotes only");
    }
    if after.starts_with(['‘', '’', '“', '”']) {
        return Some("; write straight quotes: ' or \"");
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

/// Refuses a name that doesn't exist, and offers the nearest that does; and a number of arguments that it doesn't take.
pub(super) fn known(
    kind: &str,
    name: &str,
    arguments: usize,
    callables: &'static [Callable],
    span: Span,
) -> Result<(), ExpressionError> {
    let refused = |message| Err(ExpressionError::new(message, Some(span.start_offset as usize)));
    let names = callables.iter().map(|callable| callable.name);
    match callables.iter().find(|callable| callable.name == name) {
        Some(callable) if callable.takes(arguments) => Ok(()),
        Some(callable) => {
            let (arity, usage) = (callable.arity(), callable.usage);
            refused(format!("`{name}` takes {arity}, not {arguments}; write `{usage}`"))
        }
        None => {
            let filter =
                if kind == "function" { nearest(name, FILTERS.iter().map(|filter| filter.name)) } else { None };
            let cure = match (nearest(name, names.clone()), filter) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(filter)) => format!("there is a filter: write `value|{filter}`"),
                (None, None) => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
            };
            refused(format!("unknown {kind} `{name}`; {cure}"))
        }
    }
}

/// What to write for a method of another language.
pub(super) fn instead_of(method: &str) -> String {
    match method {
        "includes" | "contains" | "indexOf" | "hasOwnProperty" | "has" => "write `part in value`".to_owned(),
        "startsWith" | "startswith" => "write `value is startingwith('…')`".to_owned(),
        "endsWith" | "endswith" => "write `value is endingwith('…')`".to_owned(),
        "toLowerCase" => "write `value|lower`".to_owned(),
        "toUpperCase" => "write `value|upper`".to_owned(),
        "toString" => "write `value|string`".to_owned(),
        _ => match nearest(method, FILTERS.iter().map(|filter| filter.name)) {
            Some(filter) => format!("write `value|{filter}`"),
            None => "write a filter: `value|name`".to_owned(),
        },
    }
}
