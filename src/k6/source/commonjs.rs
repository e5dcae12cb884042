//! Old scripts in CommonJS: `require()`, `module.exports` and `exports` become imports and exports.
//!
//! No line and no column moves: a call of `require()` is overwritten by a name, and all else is written behind the text. There,
//! imports come first whatever their line, and exports are taken when the text has run. `module` and `exports` come from a
//! module of their own, so that they are there before the text runs.

use std::collections::BTreeSet;
use std::fmt::Write;

use oxc_ast::ast::*;
use oxc_span::GetSpan;

use super::facts::range;
use super::problem::Problem;

/// The export that holds all of `module.exports`.
const WHOLE: &str = "__module_exports";

/// A call of `require()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Require {
    /// The whole call, in bytes.
    pub span: (usize, usize),
    pub specifier: String,
}

/// What a text has of CommonJS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommonJs {
    pub requires: Vec<Require>,
    /// The text has no ES imports and exports, and uses `module` or `exports`.
    pub exports: Option<BTreeSet<String>>,
}

/// Collects it.
#[derive(Default)]
pub(super) struct Reader {
    requires: Vec<Require>,
    is_found: bool,
    names: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Reader {
    pub fn require(&mut self, span: (usize, usize), specifier: &str) {
        self.requires.push(Require { span, specifier: specifier.to_owned() });
    }

    /// `module` or `exports` is used.
    pub fn found(&mut self) {
        self.is_found = true;
    }

    /// Notes what an assignment exports.
    pub fn assigned(
        &mut self,
        it: &AssignmentExpression<'_>,
        is_global: &dyn Fn(&IdentifierReference<'_>, &str) -> bool,
    ) {
        if let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left
            && is_global(name, "exports")
        {
            let help = "assign to `module.exports`, or write `export default`";
            self.problems.push(Problem::new(range(it.left.span()), "`exports` itself can't be assigned", help));
        }
        let Some(target) = it.left.as_member_expression() else { return };
        if is_exports(target.object(), is_global) {
            self.names.extend(target.static_property_name().map(str::to_owned));
        } else if is_whole(target, is_global)
            && let Expression::ObjectExpression(object) = it.right.without_parentheses()
        {
            let keys = object.properties.iter().filter_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) if !property.computed => property.key.static_name(),
                _ => None,
            });
            self.names.extend(keys.map(|key| key.into_owned()));
        }
    }

    pub fn done(self, problems: &mut Vec<Problem>) -> CommonJs {
        problems.extend(self.problems);
        CommonJs { requires: self.requires, exports: self.is_found.then_some(self.names) }
    }
}

/// `exports` or `module.exports`.
fn is_exports(it: &Expression<'_>, is_global: &dyn Fn(&IdentifierReference<'_>, &str) -> bool) -> bool {
    match it.without_parentheses() {
        Expression::Identifier(name) => is_global(name, "exports"),
        other => other.as_member_expression().is_some_and(|member| is_whole(member, is_global)),
    }
}

/// `module.exports`.
fn is_whole(it: &MemberExpression<'_>, is_global: &dyn Fn(&IdentifierReference<'_>, &str) -> bool) -> bool {
    let is_module =
        matches!(it.object().without_parentheses(), Expression::Identifier(name) if is_global(name, "module"));
    is_module && it.static_property_name() == Some("exports")
}

/// Whether a statement sets the script's options: `exports.options = …`, `module.exports.options = …`.
pub(super) fn sets_options(it: &Statement<'_>) -> bool {
    let Statement::ExpressionStatement(statement) = it else { return false };
    let Expression::AssignmentExpression(assignment) = statement.expression.without_parentheses() else { return false };
    let is_named = |name: &IdentifierReference<'_>, expected: &str| name.name == expected;
    assignment.left.as_member_expression().is_some_and(|target| {
        target.static_property_name() == Some("options") && is_exports(target.object(), &is_named)
    })
}

/// The name that stands for a call of `require()`.
pub(super) fn name(number: usize) -> String {
    format!("__r{number}")
}

/// The name of the module that holds a module's `module` and `exports`.
pub(super) fn holder(module: &str) -> String {
    format!("commonjs:{module}")
}

/// The code of that module.
pub(super) const HOLDER: &str = "export const exports = {};\nexport const module = { exports };\n";

/// What a call of `require()` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An ES module: all its exports.
    Namespace,
    /// A CommonJS module: its `module.exports`.
    Whole,
    /// A JSON file: its value.
    Value,
    /// Nothing: the module is not there, and whether it is needed shows when the script runs.
    Nothing,
}

/// What is written behind a text: the imports that its calls of `require()` stand for, and its exports. `shape` says what a
/// specifier leads to.
pub(super) fn tail(module: &str, found: &CommonJs, shape: &dyn Fn(&str) -> Shape) -> String {
    let mut tail = String::new();
    for (number, Require { specifier, .. }) in found.requires.iter().enumerate() {
        let (name, from) = (name(number), literal(specifier));
        let import = match shape(specifier) {
            Shape::Namespace => format!("import * as {name} from {from};"),
            Shape::Whole => format!("import {{ {WHOLE} as {name} }} from {from};"),
            Shape::Value => format!("import {name} from {from};"),
            Shape::Nothing => format!("var {name};"),
        };
        tail.push_str(&import);
        tail.push('\n');
    }
    let Some(names) = &found.exports else { return tail };
    let _ = writeln!(tail, "import {{ module, exports }} from {};", literal(&holder(module)));
    let _ = writeln!(tail, "const {WHOLE} = module.exports;\nexport {{ {WHOLE} }};");
    if !names.contains("default") {
        let _ = writeln!(tail, "export default {WHOLE};");
    }
    for (number, exported) in names.iter().enumerate() {
        let _ = writeln!(tail, "const __e{number} = {WHOLE}[{}];", literal(exported));
        if is_identifier(exported) && exported != WHOLE {
            let _ = writeln!(tail, "export {{ __e{number} as {exported} }};");
        }
    }
    tail
}

fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn is_identifier(name: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    name.starts_with(start) && name.chars().all(|c| start(c) || c.is_ascii_digit())
}
