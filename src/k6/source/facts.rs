//! What is read off a script's syntax tree: its imports, origins, variables of the environment and globals.

use std::collections::{BTreeSet, HashSet};

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::{ReferenceId, ScopeFlags, Scoping};
use oxc_span::{GetSpan, Span};

use super::commonjs::{self, CommonJs};
use super::origins::{self, Origins};
use super::problem::Problem;

/// Methods of strings that make a regular expression of what they are given.
const REGEX_METHODS: [&str; 3] = ["match", "matchAll", "search"];

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// As it is written.
    pub specifier: String,
    /// Where the specifier stands, in bytes.
    pub span: (usize, usize),
    /// By a `require()` that may never be called: it is in a function, a branch or a `try`.
    pub is_optional: bool,
}

/// What a text says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// In the order of the text.
    pub imports: Vec<Import>,
    pub origins: Origins,
    /// Names behind `__ENV`.
    pub env_names: BTreeSet<String>,
    /// Names that are used and not declared, and those that syntax needs.
    pub globals: BTreeSet<String>,
    pub common_js: CommonJs,
    pub problems: Vec<Problem>,
    /// What may not work; where and what.
    pub warnings: Vec<(usize, String)>,
    /// Clauses `with { type: 'json' }`, which are nothing to QuickJS: start and end.
    pub clauses: Vec<(usize, usize)>,
}

/// Reads the facts off a tree with its scopes. Only a text without ES imports and exports can be CommonJS.
pub(super) fn read(program: &Program<'_>, scoping: &Scoping, is_module: bool) -> Facts {
    let mut reader = Reader {
        scoping,
        is_module,
        facts: Facts::default(),
        followed: HashSet::new(),
        depth: 0,
        common_js: commonjs::Reader::default(),
    };
    let undeclared = scoping.root_unresolved_references();
    let is_value = |ids: &[ReferenceId]| ids.iter().any(|id| !scoping.get_reference(*id).flags().is_type_only());
    reader.facts.globals =
        undeclared.iter().filter(|(_, ids)| is_value(ids)).map(|(name, _)| name.as_str().to_owned()).collect();
    reader.visit_program(program);
    let Reader { mut facts, common_js, .. } = reader;
    facts.common_js = common_js.done(&mut facts.problems);
    facts
}

struct Reader<'s> {
    scoping: &'s Scoping,
    is_module: bool,
    facts: Facts,
    /// Where literals start that an expression follows.
    followed: HashSet<u32>,
    /// How many functions, branches and `try`s the walk is in.
    depth: usize,
    common_js: commonjs::Reader,
}

impl Reader<'_> {
    /// Whether an expression is a name that the script does not declare.
    fn is_global(&self, expression: &Expression<'_>, name: &str) -> bool {
        matches!(expression.without_parentheses(), Expression::Identifier(identifier) if self.names(identifier, name))
    }

    fn names(&self, identifier: &IdentifierReference<'_>, name: &str) -> bool {
        is_undeclared(self.scoping, identifier, name)
    }

    fn global(&mut self, name: &str) {
        self.facts.globals.insert(name.to_owned());
    }

    fn import(&mut self, literal: Span, specifier: &str, is_optional: bool) {
        let specifier = specifier.to_owned();
        self.facts.imports.push(Import { specifier, span: range(literal), is_optional });
    }

    fn problem(&mut self, span: Span, problem: &str, help: &str) {
        self.facts.problems.push(Problem::new(range(span), problem, help));
    }

    /// An import of the module's text, with its clause and phase.
    fn declared(&mut self, source: &StringLiteral<'_>, clause: Option<&WithClause<'_>>, phase: Option<ImportPhase>) {
        self.import(source.span, &source.value, false);
        if phase.is_some() {
            self.problem(source.span, "an import with `source` or `defer` can't be loaded", "leave that word out");
        }
        let Some(clause) = clause else { return };
        for attribute in &clause.with_entries {
            let key = match &attribute.key {
                ImportAttributeKey::Identifier(name) => name.name.as_str(),
                ImportAttributeKey::StringLiteral(name) => name.value.as_str(),
            };
            if key != "type" || attribute.value.value != "json" {
                let help = "import JSON `with { type: 'json' }`, and read other files by open()";
                self.problem(attribute.span, "this attribute of an import is not known", help);
            }
        }
        // The specifier's end to the clause's end: the keyword may be outside of the clause's own span.
        self.facts.clauses.push((source.span.end as usize, clause.span.end as usize));
    }

    /// Marks the literal at the end of an operand behind which another follows.
    fn mark(&mut self, mut operand: &Expression<'_>) {
        loop {
            operand = match operand.without_parentheses() {
                Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => &sum.right,
                Expression::StringLiteral(literal) => {
                    self.followed.insert(literal.span.start);
                    return;
                }
                Expression::TemplateLiteral(template) => {
                    if let Some(last) = template.quasis.last() {
                        self.followed.insert(last.span.start);
                    }
                    return;
                }
                _ => return,
            };
        }
    }

    /// Names taken out of `__ENV` by a pattern.
    fn taken<'k, 'a: 'k>(&mut self, keys: impl Iterator<Item = &'k PropertyKey<'a>>) {
        self.facts.env_names.extend(keys.filter_map(|key| key.static_name()).map(|name| name.into_owned()));
    }

    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        self.declared(&it.source, it.with_clause.as_deref(), it.phase);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.declared(&it.source, it.with_clause.as_deref(), None);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.declared(&it.source, it.with_clause.as_deref(), None);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        self.global("Promise");
        match literal(&it.source) {
            Some(specifier) => self.import(it.source.span(), &specifier, false),
            None => {
                let warning = "an import() of something that is no literal can't be loaded: only what is imported by name \
                               is read before the run";
                self.facts.warnings.push((it.span.start as usize, warning.to_owned()));
                self.visit_expression(&it.source);
            }
        }
        if let Some(options) = &it.options {
            // A JSON module needs no attribute here: it is one already.
            self.facts.clauses.push((it.source.span().end as usize, options.span().end as usize));
        }
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if self.is_global(&it.callee, "require") {
            let argument = it.arguments.first().and_then(Argument::as_expression);
            match argument.and_then(|argument| Some((argument.span(), literal(argument)?))) {
                Some((span, specifier)) => {
                    self.common_js.require(range(it.span), &specifier);
                    return self.import(span, &specifier, self.depth > 0);
                }
                None => self.problem(
                    it.span,
                    "require() of something that is no literal can't be loaded",
                    "name the module: `import … from './module.js'`",
                ),
            }
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        if !self.is_module && (self.names(it, "module") || self.names(it, "exports")) {
            self.common_js.found();
        }
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let AssignmentTarget::ObjectAssignmentTarget(target) = &it.left
            && self.is_global(&it.right, "__ENV")
        {
            for property in &target.properties {
                match property {
                    AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(name) => {
                        self.facts.env_names.insert(name.binding.name.as_str().to_owned());
                    }
                    AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                        self.taken(std::iter::once(&property.name));
                    }
                }
            }
        }
        if !self.is_module {
            let scoping = self.scoping;
            self.common_js.assigned(it, &|identifier, name| is_undeclared(scoping, identifier, name));
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        if it.kind.is_using() {
            self.problem(it.span, "`using` declarations can't be run", "use `const`, and close what it holds yourself");
        }
        walk::walk_variable_declaration(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (BindingPattern::ObjectPattern(pattern), Some(value)) = (&it.id, &it.init)
            && self.is_global(value, "__ENV")
        {
            self.taken(pattern.properties.iter().map(|property| &property.key));
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        if self.is_global(&it.object, "__ENV") {
            self.facts.env_names.insert(it.property.name.as_str().to_owned());
        }
        if REGEX_METHODS.contains(&it.property.name.as_str()) {
            self.global("RegExp");
        }
        walk::walk_static_member_expression(self, it);
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        if self.is_global(&it.object, "__ENV")
            && let Some(name) = literal(&it.expression)
        {
            self.facts.env_names.insert(name);
        }
        walk::walk_computed_member_expression(self, it);
    }

    fn visit_binary_expression(&mut self, it: &BinaryExpression<'a>) {
        if it.operator == BinaryOperator::Addition {
            self.mark(&it.left);
        }
        walk::walk_binary_expression(self, it);
    }

    fn visit_string_literal(&mut self, it: &StringLiteral<'a>) {
        origins::note(&it.value, self.followed.contains(&it.span.start), &mut self.facts.origins);
    }

    fn visit_template_literal(&mut self, it: &TemplateLiteral<'a>) {
        for (at, quasi) in it.quasis.iter().enumerate() {
            let text = quasi.value.cooked.unwrap_or(quasi.value.raw);
            let next = it.quasis.get(at + 1).map(|next| next.value.raw.as_str());
            // `http://api${n}.example.com`: what follows the expression goes on with the name.
            let goes_on = next.is_some_and(|next| next.starts_with(['.', ':', '-', '_']));
            let is_followed = next.is_some() || self.followed.contains(&quasi.span.start);
            if at == 0 && !(goes_on && ends_in_authority(&text)) {
                origins::note(&text, is_followed, &mut self.facts.origins);
            }
        }
        walk::walk_template_literal(self, it);
    }

    fn visit_reg_exp_literal(&mut self, _: &RegExpLiteral<'a>) {
        self.global("RegExp");
    }

    fn visit_big_int_literal(&mut self, _: &BigIntLiteral<'a>) {
        self.global("BigInt");
    }

    fn visit_await_expression(&mut self, it: &AwaitExpression<'a>) {
        self.global("Promise");
        walk::walk_await_expression(self, it);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        if it.r#await {
            self.global("Promise");
        }
        walk::walk_for_of_statement(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if it.r#async {
            self.global("Promise");
        }
        self.deeper(|reader| walk::walk_function(reader, it, flags));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        if it.r#async {
            self.global("Promise");
        }
        self.deeper(|reader| walk::walk_arrow_function_expression(reader, it));
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        self.deeper(|reader| walk::walk_if_statement(reader, it));
    }

    fn visit_conditional_expression(&mut self, it: &ConditionalExpression<'a>) {
        self.deeper(|reader| walk::walk_conditional_expression(reader, it));
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        self.deeper(|reader| walk::walk_logical_expression(reader, it));
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.deeper(|reader| walk::walk_try_statement(reader, it));
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        self.problem(
            it.span,
            "decorators can't be run",
            "call the function yourself, or bundle the script with esbuild",
        );
    }

    fn visit_ts_external_module_reference(&mut self, it: &TSExternalModuleReference<'a>) {
        self.problem(it.span, "`import … = require()` can't be run", "write `import * as name from 'module'`");
    }

    fn visit_ts_export_assignment(&mut self, it: &TSExportAssignment<'a>) {
        self.problem(it.span, "`export =` can't be run", "write `export default`");
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        self.problem(it.span, "`accessor` fields can't be run", "write a getter and a setter");
    }
}

fn is_undeclared(scoping: &Scoping, identifier: &IdentifierReference<'_>, name: &str) -> bool {
    let is_declared = |id| scoping.get_reference(id).symbol_id().is_some();
    identifier.name == name && !identifier.reference_id.get().is_some_and(is_declared)
}

/// Whether a text ends within the authority of the URL that it begins with.
fn ends_in_authority(text: &str) -> bool {
    text.trim_start().split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']))
}

/// The text of a string, or of a template without expressions.
fn literal(expression: &Expression<'_>) -> Option<String> {
    match expression.without_parentheses() {
        Expression::StringLiteral(literal) => Some(literal.value.as_str().to_owned()),
        Expression::TemplateLiteral(template) => template.single_quasi().map(|text| text.as_str().to_owned()),
        _ => None,
    }
}

/// A span in bytes.
pub(super) fn range(span: Span) -> (usize, usize) {
    (span.start as usize, span.end as usize)
}
