//! From modules that were read to what QuickJS compiles, and to the digest of what they are.

use std::sync::Arc;

use super::Module;
use super::commonjs::{self, Shape};
use super::load::{Content, Loaded};
use super::remote;

/// A module for QuickJS, and the module that holds its `module.exports` if it is CommonJS.
pub(super) fn built(module: &Loaded, all: &[Loaded]) -> Vec<Module> {
    let (name, path, imports) = (module.name.clone(), module.path.clone(), module.imports.clone());
    let script = match &module.content {
        Content::Script(script) => script,
        Content::Json(json) => return vec![Module { name, path, code: json.code.clone(), imports, map: None }],
        Content::Broken => return Vec::new(),
    };
    let found = &script.facts.common_js;
    let tail = commonjs::tail(&name, found, &|specifier| shape(module, specifier, all));
    let mut code = script.code.clone();
    if !tail.is_empty() {
        code.push('\n');
        code.push_str(&tail);
    }
    let mut built = Module { name, path, code, imports, map: script.map.clone() };
    if found.exports.is_none() {
        return vec![built];
    }
    let holder: Arc<str> = commonjs::holder(&built.name).into();
    built.imports.push((holder.to_string(), holder.clone()));
    let code = commonjs::HOLDER.to_owned();
    vec![built, Module { name: holder, path: None, code, imports: Vec::new(), map: None }]
}

/// What `require()` of a specifier gives in a module.
fn shape(module: &Loaded, specifier: &str, all: &[Loaded]) -> Shape {
    let Some((_, name)) = module.imports.iter().find(|(written, _)| written == specifier) else {
        return Shape::Nothing;
    };
    match all.iter().find(|module| module.name == *name).map(|module| &module.content) {
        Some(Content::Json(_)) => Shape::Value,
        Some(Content::Script(script)) if script.facts.common_js.exports.is_some() => Shape::Whole,
        _ => Shape::Namespace,
    }
}

/// The hash of what the script is, whatever its comments, its layout and its options.
pub(super) fn digest(all: &[Loaded]) -> String {
    let mut modules: Vec<(&str, &str)> = all.iter().map(|module| (&*module.name, essence(module))).collect();
    if let Some(main) = modules.first_mut() {
        // A script that is renamed stays the same.
        main.0 = "";
    }
    modules.sort_unstable();
    let mut bytes = Vec::new();
    for text in modules.into_iter().flat_map(|(name, essence)| [name, essence]) {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    remote::hash(&bytes)
}

/// What of a module counts in the digest.
fn essence(module: &Loaded) -> &str {
    match &module.content {
        Content::Script(script) if module.path.is_some() => &script.essence,
        Content::Json(json) if module.path.is_some() => &json.compact,
        _ => &module.text,
    }
}
