//! A script and all that it imports, as ES modules that QuickJS can run.
//!
//! JavaScript stays as it is, so that lines and columns are the script's own; of TypeScript the types are stripped. Nothing
//! here knows QuickJS: what is found is text, and facts about it.

mod build;
mod commonjs;
mod disk;
mod facts;
mod json;
mod lines;
mod load;
mod lock;
mod nesting;
mod origins;
mod problem;
mod remote;
mod resolve;
mod script;
mod sources;
#[cfg(test)]
mod tests;
mod unsupported;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use disk::Disk;
pub use lines::SourceMap;
pub use problem::SourceErrors;
pub use sources::{Fetched, Sources};

/// A script and every module that it needs.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The script's name in [`Bundle::modules`].
    pub main: Arc<str>,
    /// All modules but the built-in ones, by their names.
    pub modules: BTreeMap<Arc<str>, Module>,
    /// SHA-256 in hexadecimal digits of what the script and its modules are. Comments, layout and the script's `options`
    /// don't count, so that changing thresholds does not make it another script.
    pub digest: String,
    /// The origins that the script's URLs begin with, each once, as they are written (`http://{host}`) and in the order of
    /// the text. Those of remote modules don't count.
    pub origins: Vec<String>,
    /// The names that are read from `__ENV`.
    pub env_names: BTreeSet<String>,
    /// Names that are used and declared nowhere, and those that syntax needs without naming them: `RegExp` for literals and
    /// `match`, `matchAll` and `search`; `Promise` for `async`, `await` and `import()`; `BigInt`; `JSON`. A script with `eval`,
    /// `Function` or `globalThis` in here may reach any other.
    pub globals: BTreeSet<String>,
    /// The folder that the script is in, absolute.
    pub folder: PathBuf,
    /// What may not work although nothing is wrong, with its place.
    pub warnings: Vec<String>,
}

/// An ES module.
#[derive(Clone, Debug)]
pub struct Module {
    /// As stack traces show it: the file's path from the script's folder with `/`, or the URL.
    pub name: Arc<str>,
    /// The file; none of a remote module.
    pub path: Option<PathBuf>,
    /// JavaScript.
    pub code: String,
    /// Each specifier as it is written, and the name of the module that it means: one of [`Bundle::modules`], or a built-in
    /// one.
    pub imports: Vec<(String, Arc<str>)>,
    /// Where the lines of generated code come from; none where they are the script's own.
    pub map: Option<SourceMap>,
}

impl Bundle {
    /// Reads a script and all that it imports. `is_builtin` knows the modules that are provided (`k6/http`,
    /// `jslib:k6-utils`).
    ///
    /// # Errors
    /// All errors of all files, each with its place and cure.
    pub fn load(
        path: &Path,
        sources: &mut dyn Sources,
        is_builtin: &dyn Fn(&str) -> bool,
    ) -> Result<Bundle, SourceErrors> {
        load::load(path, sources, is_builtin)
    }

    /// The place in the script for a place in a module's code: the file, the line and the column. Lines and columns count
    /// from 1; the column is in bytes in the code, as QuickJS has it, and in characters in the script. What is not known
    /// stays as it is.
    pub fn original(&self, module: &str, line: u32, column: u32) -> (Arc<str>, u32, u32) {
        let Some(module) = self.modules.get(module) else { return (module.into(), line, column) };
        let (line, column) = match &module.map {
            Some(map) => map.original(line, column).unwrap_or((line, column)),
            None => (line, lines::in_characters(&module.code, line, column)),
        };
        (module.name.clone(), line, column)
    }

    /// A stack trace of QuickJS with the script's own lines and columns.
    pub fn trace(&self, stack: &str) -> String {
        stack.split_inclusive('\n').map(|line| self.traced(line)).collect()
    }

    fn traced(&self, line: &str) -> String {
        let known = lines::mention(line).and_then(|mention| {
            let names = self.modules.keys().filter(|name| lines::ends_in_name(mention.before, name));
            Some((names.max_by_key(|name| name.len())?, mention))
        });
        let Some((module, mention)) = known else { return line.to_owned() };
        let (_, number, column) = self.original(module, mention.line, mention.column);
        format!("{}:{number}:{column}{}", mention.before, mention.after)
    }
}
