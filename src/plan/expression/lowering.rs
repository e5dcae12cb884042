//! Rewrites an expression so that minijinja evaluates it by our rules: comparisons become tests of ours, and what is
//! missing is stopped before a filter can turn it into something.
//!
//! The crate offers no way to compile a tree, so the tree is written out again as source, with brackets wherever they
//! could matter.

use std::collections::BTreeSet;
use std::fmt::Write;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::{Span, parse_expr};

use super::ExpressionError;
use super::diagnosis::{describe, instead_of, known, other_languages};
use super::direct::Direct;
use crate::plan::functions::{FILTERS, FUNCTIONS, PREFIX, TESTS};

/// An expression by minijinja's rules that means what the plan's expression means by ours.
pub(super) struct Lowered {
    pub(super) source: String,
    pub(super) names: BTreeSet<String>,
    /// The expression itself, where minijinja is not needed for it.
    pub(super) direct: Option<Direct>,
}

pub(super) fn lower(source: &str) -> Result<Lowered, ExpressionError> {
    let tree = parse_expr(source).map_err(|error| {
        let offset = error.range().map(|range| range.start.min(source.len()));
        let reason = super::reason(&error).replace("identifier", "a name");
        let cure = match reason.contains("unexpected end") {
            true => Some("; it ends too early: complete it"),
            false => offset.and_then(|offset| source.split_at_checked(offset)).and_then(other_languages),
        };
        ExpressionError::new(reason + cure.unwrap_or_default(), offset)
    })?;
    let mut lowering = Lowering { out: String::with_capacity(source.len() * 2), names: BTreeSet::new() };
    lowering.expression(&tree)?;
    Ok(Lowered { source: lowering.out, names: lowering.names, direct: Direct::of(&tree) })
}

struct Lowering {
    out: String,
    names: BTreeSet<String>,
}

type Lowers = Result<(), ExpressionError>;

impl Lowering {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn expression(&mut self, expr: &Expr<'_>) -> Lowers {
        match expr {
            Expr::Var(var) => self.variable(var.id, var.span()),
            Expr::Const(constant) => self.constant(&constant.value, constant.span()),
            Expr::UnaryOp(unary) => {
                self.push(match unary.op {
                    UnaryOpKind::Not => "not ",
                    UnaryOpKind::Neg => "-",
                });
                self.operand(&unary.expr)
            }
            Expr::BinOp(binary) => self.binary(binary.op, &binary.left, &binary.right),
            Expr::Compare(compare) => {
                self.operand(&compare.expr)?;
                self.push(" is __chain(");
                for op in &compare.ops {
                    write!(self.out, "'{}', ", test_of(op.op)).expect("writing to a string");
                    self.expression(&op.expr)?;
                    self.push(", ");
                }
                self.push(")");
                Ok(())
            }
            Expr::IfExpr(choice) => {
                self.operand(&choice.true_expr)?;
                self.push(" if ");
                self.operand(&choice.test_expr)?;
                if let Some(otherwise) = &choice.false_expr {
                    self.push(" else ");
                    self.operand(otherwise)?;
                }
                Ok(())
            }
            Expr::Filter(filter) => {
                let Some(input) = &filter.expr else {
                    return Err(ExpressionError::new("a filter needs a value: value|filter", at(filter.span())));
                };
                known("filter", filter.name, filter.args.len(), FILTERS, filter.span())?;
                let tolerant = matches!(filter.name, "default" | "d");
                self.input(input, tolerant)?;
                write!(self.out, "|{}", filter.name).expect("writing to a string");
                self.arguments(&filter.args, tolerant)
            }
            Expr::Test(test) => {
                known("test", test.name, test.args.len(), TESTS, test.span())?;
                let strict = matches!(test.name, "divisibleby" | "endingwith" | "even" | "odd" | "startingwith");
                self.input(&test.expr, !strict)?;
                write!(self.out, " is {}", test.name).expect("writing to a string");
                self.arguments(&test.args, !strict)
            }
            Expr::GetAttr(get) => {
                self.operand(&get.expr)?;
                write!(self.out, ".{}", get.name).expect("writing to a string");
                Ok(())
            }
            Expr::GetItem(get) => {
                self.operand(&get.expr)?;
                self.bracketed("[", &get.subscript_expr, "]")
            }
            Expr::Slice(slice) => {
                self.input(&slice.expr, false)?;
                self.push("[");
                for (index, bound) in [&slice.start, &slice.stop, &slice.step].into_iter().enumerate() {
                    if index > 0 {
                        self.push(":");
                    }
                    if let Some(bound) = bound {
                        self.operand(bound)?;
                    }
                }
                self.push("]");
                Ok(())
            }
            Expr::Call(call) => self.call(call, expr.span()),
            Expr::List(list) => self.items("[", &list.items, "]"),
            Expr::Tuple(tuple) => self.items("[", &tuple.items, "]"),
            Expr::Map(map) => {
                self.push("{");
                for (key, value) in map.keys.iter().zip(&map.values) {
                    self.operand(key)?;
                    self.push(": ");
                    self.operand(value)?;
                    self.push(", ");
                }
                self.push("}");
                Ok(())
            }
        }
    }

    fn variable(&mut self, name: &str, span: Span) -> Lowers {
        if name.starts_with(PREFIX) {
            return Err(ExpressionError::new(format!("`{name}`: no name starts with `{PREFIX}`"), at(span)));
        }
        self.names.insert(name.to_owned());
        self.push(name);
        Ok(())
    }

    fn constant(&mut self, value: &Value, span: Span) -> Lowers {
        match value.as_str() {
            Some(text) => {
                self.push("\"");
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        self.out.push('\\');
                    }
                    self.out.push(c);
                }
                self.push("\"");
            }
            None if value.is_none() => self.push("none"),
            None if value.is_number() && !value.is_integer() => match f64::try_from(value.clone()) {
                // Without an exponent, which the language writes in its own way.
                Ok(number) if number.is_finite() => {
                    let digits = number.to_string();
                    self.push(&digits);
                    if !digits.contains('.') {
                        self.push(".0");
                    }
                }
                _ => return Err(ExpressionError::new("the number is too large", at(span))),
            },
            None => match bool::try_from(value.clone()) {
                Ok(truth) if !value.is_number() => self.push(if truth { "true" } else { "false" }),
                _ => write!(self.out, "{value}").expect("writing to a string"),
            },
        }
        Ok(())
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) -> Lowers {
        let symbol = match op {
            BinOpKind::Eq => return self.comparison("eq", left, right),
            BinOpKind::Ne => return self.comparison("ne", left, right),
            BinOpKind::Lt => return self.comparison("lt", left, right),
            BinOpKind::Lte => return self.comparison("le", left, right),
            BinOpKind::Gt => return self.comparison("gt", left, right),
            BinOpKind::Gte => return self.comparison("ge", left, right),
            BinOpKind::In => return self.comparison("in", left, right),
            BinOpKind::Concat => {
                self.operand(left)?;
                self.push("|__concat");
                return self.bracketed("(", right, ")");
            }
            BinOpKind::ScAnd => "and",
            BinOpKind::ScOr => "or",
            BinOpKind::Add => "+",
            BinOpKind::Sub => "-",
            BinOpKind::Mul => "*",
            BinOpKind::Div => "/",
            BinOpKind::FloorDiv => "//",
            BinOpKind::Rem => "%",
            BinOpKind::Pow => "**",
        };
        // A chain of one operator groups to the left: brackets would only deepen it, and the parser's depth is limited.
        match left {
            Expr::BinOp(inner) if inner.op as u8 == op as u8 => self.expression(left)?,
            _ => self.operand(left)?,
        }
        write!(self.out, " {symbol} ").expect("writing to a string");
        self.operand(right)
    }

    fn comparison(&mut self, test: &str, left: &Expr<'_>, right: &Expr<'_>) -> Lowers {
        self.operand(left)?;
        write!(self.out, " is {test}").expect("writing to a string");
        self.bracketed("(", right, ")")
    }

    /// A function's call. Calls of other values and of methods don't exist: JSON has neither.
    fn call(&mut self, call: &Call<'_>, span: Span) -> Lowers {
        match &call.expr {
            Expr::Var(var) => {
                known("function", var.id, call.args.len(), FUNCTIONS, var.span())?;
                write!(self.out, "{PREFIX}{}", var.id).expect("writing to a string");
                if call.args.is_empty() {
                    self.push("()");
                    return Ok(());
                }
                self.arguments(&call.args, false)
            }
            Expr::GetAttr(get) => {
                let message =
                    format!("values have no methods, so there is no `.{}()`; {}", get.name, instead_of(get.name));
                Err(ExpressionError::new(message, at(span)))
            }
            _ => Err(ExpressionError::new("only a function can be called, by its name", at(span))),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>], tolerant: bool) -> Lowers {
        if arguments.is_empty() {
            return Ok(());
        }
        self.push("(");
        for argument in arguments {
            match argument {
                CallArg::Pos(value) => self.input(value, tolerant)?,
                CallArg::Kwarg(name, value) => {
                    write!(self.out, "{name}=").expect("writing to a string");
                    self.input(value, tolerant)?;
                }
                CallArg::PosSplat(value) | CallArg::KwargSplat(value) => {
                    return Err(ExpressionError::new("arguments can't be unpacked with `*`", at(value.span())));
                }
            }
            self.push(", ");
        }
        self.push(")");
        Ok(())
    }

    /// An operand that must not be missing, unless the receiver tolerates it.
    fn input(&mut self, expr: &Expr<'_>, tolerant: bool) -> Lowers {
        if tolerant || !may_be_missing(expr) {
            return self.operand(expr);
        }
        self.push("(");
        self.operand(expr)?;
        self.push("|__defined(");
        self.constant(&Value::from(describe(expr)), expr.span())?;
        self.push("))");
        Ok(())
    }

    fn operand(&mut self, expr: &Expr<'_>) -> Lowers {
        match expr {
            Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Call(_) | Expr::GetAttr(_) | Expr::GetItem(_) => {
                self.expression(expr)
            }
            _ => self.bracketed("(", expr, ")"),
        }
    }

    fn bracketed(&mut self, open: &str, expr: &Expr<'_>, close: &str) -> Lowers {
        self.push(open);
        self.expression(expr)?;
        self.push(close);
        Ok(())
    }

    fn items(&mut self, open: &str, items: &[Expr<'_>], close: &str) -> Lowers {
        self.push(open);
        for item in items {
            self.expression(item)?;
            self.push(", ");
        }
        self.push(close);
        Ok(())
    }
}

fn at(span: Span) -> Option<usize> {
    Some(span.start_offset as usize)
}

fn test_of(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "eq",
        CompareOpKind::Ne => "ne",
        CompareOpKind::Lt => "lt",
        CompareOpKind::Lte => "le",
        CompareOpKind::Gt => "gt",
        CompareOpKind::Gte => "ge",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}

fn may_be_missing(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::IfExpr(_) | Expr::Filter(_) => true,
        Expr::BinOp(binary) => matches!(binary.op, BinOpKind::ScAnd | BinOpKind::ScOr),
        _ => false,
    }
}
