//! One text in JavaScript or TypeScript: checked, its types stripped, and read for what it says of itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::VisitMut;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{TransformOptions, Transformer};

use super::commonjs;
use super::facts::{self, Facts};
use super::lines::SourceMap;
use super::nesting;
use super::problem::Problem;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    JavaScript,
    TypeScript,
}

/// A text that can be run.
#[derive(Debug)]
pub(super) struct Script {
    /// JavaScript for QuickJS. Of JavaScript no line and no column moves.
    pub code: String,
    /// Where the lines of generated code come from.
    pub map: Option<SourceMap>,
    pub facts: Facts,
    /// The text without what does not matter: comments, white space, and the main module's options.
    pub essence: String,
}

/// Reads a text. Comparing essences, the main module's `options` don't count.
pub(super) fn read(text: &str, language: Language, is_main: bool) -> Result<Script, Vec<Problem>> {
    let stack = nesting::stack(text).map_err(|at| {
        let help = format!("keep expressions and statements below {} nested or chained parts", nesting::MOST_OPEN);
        vec![Problem::new((at, at), "this is nested too deeply to be read", help)]
    })?;
    let work = || parsed(text, language, is_main);
    let failed = |why: &str| {
        let help = "please report the script to loadgate's developers; bundled by esbuild it may work";
        Err(vec![Problem::new((0, 0), format!("the script can't be read: {why}"), help)])
    };
    thread::scope(|scope| match thread::Builder::new().stack_size(stack).spawn_scoped(scope, work) {
        Ok(thread) => thread.join().unwrap_or_else(|_| failed("the parser has failed")),
        Err(error) => failed(&format!("no thread could be started: {error}")),
    })
}

fn parsed(text: &str, language: Language, is_main: bool) -> Result<Script, Vec<Problem>> {
    let allocator = Allocator::default();
    let source_type = match language {
        Language::JavaScript => SourceType::mjs(),
        Language::TypeScript => SourceType::ts().with_module(true),
    };
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        return Err(problems(&parsed.diagnostics));
    }
    let is_module = parsed.module_record.has_module_syntax || language == Language::TypeScript;
    let mut program = parsed.program;
    let checked = SemanticBuilder::new_compiler().with_enum_eval(true).build(&program);
    if checked.diagnostics.has_errors() {
        return Err(problems(&checked.diagnostics));
    }
    let mut scoping = checked.semantic.into_scoping();
    if language == Language::TypeScript {
        let unsupported = facts::read(&program, &scoping, is_module).problems;
        if !unsupported.is_empty() {
            return Err(unsupported);
        }
        let done = Transformer::new(&allocator, Path::new("script.ts"), &TransformOptions::default())
            .build_with_scoping(scoping, &mut program);
        if !done.diagnostics.is_empty() {
            return Err(problems(&done.diagnostics));
        }
        scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
    }
    let facts = facts::read(&program, &scoping, is_module);
    if !facts.problems.is_empty() {
        return Err(facts.problems);
    }
    if language == Language::TypeScript && !facts.common_js.requires.is_empty() {
        let help = "write `import … from 'module'`";
        let problem = |span| Problem::new(span, "require() can't be used in TypeScript", help);
        return Err(facts.common_js.requires.iter().map(|require| problem(require.span)).collect());
    }
    let (code, map) = match language {
        Language::JavaScript => (in_place(text, &facts), None),
        Language::TypeScript => printed(&mut program, text),
    };
    let essence = essence(&mut program, is_main);
    Ok(Script { code, map, facts, essence })
}

/// A script's JavaScript with what QuickJS can't read overwritten in place.
fn in_place(text: &str, facts: &Facts) -> String {
    let mut edits: Vec<((usize, usize), String)> = facts.clauses.iter().map(|span| (*span, String::new())).collect();
    let requires = facts.common_js.requires.iter().enumerate();
    edits.extend(requires.map(|(number, require)| (require.span, commonjs::name(number))));
    if text.starts_with("#!") {
        edits.push(((0, 2), "//".to_owned()));
    }
    edits.sort();
    let (mut code, mut done) = (String::with_capacity(text.len()), 0);
    for ((start, end), new) in edits {
        let (Some(kept), Some(old)) = (text.get(done..start), text.get(start..end)) else { continue };
        code.push_str(kept);
        code.push_str(&new);
        // Line breaks stay, and so do the columns behind.
        let mut spare = new.len();
        for byte in old.bytes() {
            match byte {
                b'\n' => code.push('\n'),
                _ if spare > 0 => spare -= 1,
                _ => code.push(' '),
            }
        }
        done = end;
    }
    code.push_str(text.get(done..).unwrap_or_default());
    code
}

/// The code of a tree, and where its lines come from.
fn printed<'a>(program: &mut Program<'a>, text: &str) -> (String, Option<SourceMap>) {
    Attributes.visit_program(program);
    let options = CodegenOptions {
        source_map_path: Some("script.ts".into()),
        comments: CommentOptions::disabled(),
        ..CodegenOptions::default()
    };
    let printed = Codegen::new().with_options(options).build(program);
    let map = printed.map.map(|map| {
        let tokens = map.get_tokens();
        let tokens = tokens.map(|t| (t.get_dst_line(), t.get_dst_col(), t.get_src_line(), t.get_src_col()));
        SourceMap::new(tokens, &printed.code, text)
    });
    (printed.code, map)
}

/// Takes the attributes off imports: a JSON module is one already.
struct Attributes;

impl<'a> VisitMut<'a> for Attributes {
    fn visit_import_declaration(&mut self, it: &mut ImportDeclaration<'a>) {
        it.with_clause = None;
    }

    fn visit_export_from_declaration(&mut self, it: &mut ExportFromDeclaration<'a>) {
        it.with_clause = None;
    }

    fn visit_export_all_declaration(&mut self, it: &mut ExportAllDeclaration<'a>) {
        it.with_clause = None;
    }

    fn visit_import_expression(&mut self, it: &mut ImportExpression<'a>) {
        it.options = None;
    }
}

/// The code without what does not matter for what a script does to its target.
fn essence(program: &mut Program<'_>, is_main: bool) -> String {
    if is_main {
        let names = option_names(program);
        program.body.retain_mut(|statement| {
            if commonjs::sets_options(statement) {
                return false;
            }
            if let Statement::ExportNamedDeclaration(export) = statement {
                let before = export.specifiers.len();
                export.specifiers.retain(|it| it.exported.name() != "options");
                return export.specifiers.len() == before || !export.specifiers.is_empty();
            }
            let declaration = match statement {
                Statement::ExportDeclaration(export) => match &mut export.declaration {
                    Declaration::VariableDeclaration(declaration) => declaration,
                    _ => return true,
                },
                Statement::VariableDeclaration(declaration) => declaration,
                _ => return true,
            };
            declaration
                .declarations
                .retain(|it| !it.id.get_identifier_name().is_some_and(|name| names.contains(name.as_str())));
            !declaration.declarations.is_empty()
        });
    }
    program.hashbang = None;
    Codegen::new().with_options(CodegenOptions::minify()).build(program).code
}

/// The names of the module that are exported as `options`.
fn option_names(program: &Program<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDeclaration(export)
                if matches!(export.declaration, Declaration::VariableDeclaration(_)) =>
            {
                let Declaration::VariableDeclaration(declaration) = &export.declaration else { continue };
                let declared = declaration.declarations.iter().filter_map(|it| it.id.get_identifier_name());
                names.extend(declared.map(|name| name.as_str().to_owned()).filter(|name| name == "options"));
            }
            Statement::ExportNamedDeclaration(export) => {
                let options = export.specifiers.iter().filter(|it| it.exported.name() == "options");
                names.extend(options.map(|it| it.local.name().as_str().to_owned()));
            }
            _ => {}
        }
    }
    names
}

/// What the parser and those behind it have to say.
fn problems(diagnostics: &[OxcDiagnostic]) -> Vec<Problem> {
    let problem = |diagnostic: &OxcDiagnostic| {
        let label = diagnostic.labels.first();
        let start = label.map_or(0, |label| label.offset() as usize);
        let end = start + label.map_or(0, |label| label.len() as usize);
        let help = diagnostic.help.as_deref().unwrap_or_default();
        Problem::new((start, end), diagnostic.message.as_ref(), help)
    };
    diagnostics.iter().map(problem).collect()
}
