//! Reads a script and, by its imports, every module that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Bundle;
use super::build;
use super::json::{self, Json};
use super::lock::{self, Lock};
use super::origins::Origins;
use super::problem::{Problem, SourceErrors, point};
use super::remote;
use super::resolve::{self, Place, Refusal, Target};
use super::script::{self, Language, Script};
use super::sources::Sources;

/// Largest file, in bytes.
const LARGEST: usize = 20 << 20;

/// A module that was read.
pub(super) struct Loaded {
    pub name: Arc<str>,
    pub path: Option<PathBuf>,
    pub text: String,
    pub content: Content,
    /// Each specifier once, with the module that it means.
    pub imports: Vec<(String, Arc<str>)>,
}

pub(super) enum Content {
    Script(Box<Script>),
    Json(Json),
    /// It has errors.
    Broken,
}

/// A module that is to be read, and which import of which module asks for it first.
struct Wanted {
    place: Place,
    name: Arc<str>,
    importer: Option<(usize, (usize, usize))>,
}

pub(super) struct Loader<'a> {
    sources: &'a mut dyn Sources,
    is_builtin: &'a dyn Fn(&str) -> bool,
    folder: PathBuf,
    lock: Lock,
    names: BTreeMap<Place, Arc<str>>,
    modules: Vec<Loaded>,
    /// Of each module, by its number.
    problems: BTreeMap<usize, Vec<Problem>>,
    errors: SourceErrors,
    warnings: Vec<String>,
    remote: usize,
}

/// See [`Bundle::load`].
pub(super) fn load(
    path: &Path,
    sources: &mut dyn Sources,
    is_builtin: &dyn Fn(&str) -> bool,
) -> Result<Bundle, SourceErrors> {
    let shown = path.display().to_string();
    let mut errors = SourceErrors::default();
    let path = match std::path::absolute(path) {
        Ok(path) => resolve::normal(&path),
        Err(error) => {
            errors.add_outside(&shown, format!("{shown} can't be read: {error}"), "name the script's file");
            return Err(errors);
        }
    };
    let folder = path.parent().unwrap_or(&path).to_owned();
    let mut loader = Loader {
        lock: Lock::default(),
        folder,
        sources,
        is_builtin,
        names: BTreeMap::new(),
        modules: Vec::new(),
        problems: BTreeMap::new(),
        errors,
        warnings: Vec::new(),
        remote: 0,
    };
    loader.read_lock();
    let place = Place::File(path);
    let name = loader.name(&place);
    let mut wanted = vec![Wanted { place, name, importer: None }];
    while let Some(next) = wanted.pop() {
        wanted.extend(loader.module(next).into_iter().rev());
    }
    loader.finish(&shown)
}

impl Loader<'_> {
    fn read_lock(&mut self) {
        let path = self.folder.join(lock::NAME);
        if !self.sources.is_file(&path) {
            return;
        }
        let read = self.sources.read(&path, LARGEST).map_err(|error| error.to_string());
        let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
        match text.and_then(|text| Lock::parse(&text)) {
            Ok(lock) => self.lock = lock,
            Err(_) if self.sources.updates_lock() => {}
            Err(error) => {
                let help = "restore it from the repository, or run with --update-lock to write it anew";
                let shown = path.display().to_string();
                self.errors.add_outside(&shown, format!("{shown} is no lock file: {error}"), help);
            }
        }
    }

    /// The name of a module; the first call for a place gives it one.
    fn name(&mut self, place: &Place) -> Arc<str> {
        if let Some(name) = self.names.get(place) {
            return name.clone();
        }
        let name = match place {
            Place::File(path) => {
                let name = resolve::shown(path, &self.folder);
                // A file must not be taken for a module that is provided.
                let is_taken = (self.is_builtin)(&name) || name.starts_with("jslib:") || name.starts_with("commonjs:");
                if is_taken { format!("./{name}") } else { name }
            }
            Place::Remote(url) => url.to_string(),
        };
        let name: Arc<str> = name.into();
        self.names.insert(place.clone(), name.clone());
        name
    }

    /// Reads a module. Gives the modules that it needs and nobody needed before.
    fn module(&mut self, wanted: Wanted) -> Vec<Wanted> {
        let number = self.modules.len();
        let (base, bytes) = match self.bytes(&wanted.place) {
            Ok(read) => read,
            Err((problem, help)) => {
                match wanted.importer {
                    Some((importer, span)) => self.problem(importer, Problem::new(span, problem, help)),
                    None => self.errors.add_outside(&wanted.name, problem, help),
                }
                return Vec::new();
            }
        };
        let path = match &wanted.place {
            Place::File(path) => Some(path.clone()),
            Place::Remote(_) => None,
        };
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        let content = match valid(&bytes).and_then(|()| read(&text, &base, wanted.importer.is_none())) {
            Ok(content) => content,
            Err(problems) => {
                self.problems.insert(number, problems);
                Content::Broken
            }
        };
        let facts = match &content {
            Content::Script(script) => Some((script.facts.imports.clone(), script.facts.warnings.clone())),
            _ => None,
        };
        self.modules.push(Loaded { name: wanted.name, path, text, content, imports: Vec::new() });
        let (imports, warnings) = facts.unwrap_or_default();
        for (at, warning) in warnings {
            self.warn(number, at, &warning);
        }
        let mut new = Vec::new();
        for import in imports {
            let is_known = |(specifier, _): &(String, Arc<str>)| *specifier == import.specifier;
            if self.modules[number].imports.iter().any(is_known) {
                continue;
            }
            let sources = &mut *self.sources;
            match resolve::resolve(&import.specifier, &base, self.is_builtin, &mut |path| sources.is_file(path)) {
                Ok(target) => {
                    let (name, place) = self.target(target);
                    self.modules[number].imports.push((import.specifier, name.clone()));
                    let wanted = place.map(|place| Wanted { place, name, importer: Some((number, import.span)) });
                    new.extend(wanted);
                }
                Err((problem, _)) if import.is_optional => {
                    let warning = format!("{problem}; require() gives undefined for it");
                    self.warn(number, import.span.0, &warning);
                }
                Err((problem, help)) => self.problem(number, Problem::new(import.span, problem, help)),
            }
        }
        new
    }

    /// The name of what an import means, and its place if it is to be read.
    fn target(&mut self, target: Target) -> (Arc<str>, Option<Place>) {
        match target {
            Target::Builtin(name) => (name.into(), None),
            Target::Module(place) => {
                let is_new = !self.names.contains_key(&place);
                (self.name(&place), is_new.then_some(place))
            }
        }
    }

    /// A module's content, and the place that its imports are relative to.
    fn bytes(&mut self, place: &Place) -> Result<(Place, Vec<u8>), Refusal> {
        match place {
            Place::File(path) => {
                let bytes = self.sources.read(path, LARGEST);
                let bytes = bytes.map_err(|error| {
                    let problem = format!("{} can't be read: {error}", path.display());
                    (problem, "check the path and the file's permissions".to_owned())
                })?;
                if bytes.len() > LARGEST {
                    let problem = format!("{} is larger than {} MB", path.display(), LARGEST >> 20);
                    return Err((problem, "read data by open() in a SharedArray instead".to_owned()));
                }
                Ok((place.clone(), bytes))
            }
            Place::Remote(url) => {
                self.remote += 1;
                if self.remote > remote::MOST {
                    let problem = format!("the script imports more than {} remote modules", remote::MOST);
                    return Err((problem, "bundle it first (esbuild, webpack or rollup)".to_owned()));
                }
                let (url, bytes) = remote::load(url, &mut self.lock, self.sources)?;
                Ok((Place::Remote(url), bytes))
            }
        }
    }

    fn problem(&mut self, module: usize, problem: Problem) {
        self.problems.entry(module).or_default().push(problem);
    }

    fn warn(&mut self, module: usize, at: usize, warning: &str) {
        let module = &self.modules[module];
        self.warnings.push(format!("{}:{}: {warning}", module.name, point(&module.text, at)));
    }

    fn finish(mut self, shown: &str) -> Result<Bundle, SourceErrors> {
        for (module, problems) in std::mem::take(&mut self.problems) {
            let module = &self.modules[module];
            self.errors.add(&module.name, &module.text, problems);
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.write_lock();
        let Some(main) = self.modules.first().map(|module| module.name.clone()) else {
            self.errors.add_outside(shown, "there is no script", "name the script's file");
            return Err(self.errors);
        };
        let digest = build::digest(&self.modules);
        let (mut origins, mut env_names, mut globals) = (Origins::default(), BTreeSet::new(), BTreeSet::new());
        for module in &self.modules {
            let found = match &module.content {
                Content::Script(script) => {
                    env_names.extend(script.facts.env_names.iter().cloned());
                    globals.extend(script.facts.globals.iter().cloned());
                    &script.facts.origins
                }
                Content::Json(json) => {
                    globals.insert("JSON".to_owned());
                    &json.origins
                }
                Content::Broken => continue,
            };
            if module.path.is_some() {
                origins.append(found.clone());
            }
        }
        let modules = self.modules.iter().flat_map(|module| build::built(module, &self.modules));
        let modules = modules.map(|module| (module.name.clone(), module)).collect();
        let Loader { folder, warnings, .. } = self;
        Ok(Bundle { main, modules, digest, origins: origins.into_list(), env_names, globals, folder, warnings })
    }

    fn write_lock(&mut self) {
        let Some(text) = self.lock.changed() else { return };
        let path = self.folder.join(lock::NAME);
        let warning = match self.sources.write(&path, &text) {
            Ok(()) => format!("{} has new entries for remote modules; commit it beside the script", path.display()),
            Err(error) => {
                format!(
                    "{} can't be written: {error}; remote modules are not held to what they are now",
                    path.display()
                )
            }
        };
        self.warnings.push(warning);
    }
}

/// Whether bytes are text in UTF-8.
fn valid(bytes: &[u8]) -> Result<(), Vec<Problem>> {
    let Err(error) = std::str::from_utf8(bytes) else { return Ok(()) };
    // Up to there, the text is the same with what is no UTF-8 replaced.
    let bom = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let at = error.valid_up_to().saturating_sub(bom);
    Err(vec![Problem::new((at, at + 1), "this is not UTF-8", "save the file as UTF-8")])
}

/// Reads a text by its ending.
fn read(text: &str, place: &Place, is_main: bool) -> Result<Content, Vec<Problem>> {
    let ending = match place {
        Place::File(path) => path.extension().map(|ending| ending.to_string_lossy().to_lowercase()),
        Place::Remote(url) => Path::new(url.path()).extension().map(|ending| ending.to_string_lossy().to_lowercase()),
    };
    let language = match ending.as_deref() {
        Some("json") if is_main => {
            return Err(vec![Problem::new((0, 0), "this is JSON, not a script", "name the script's file")]);
        }
        Some("json") => return json::read(text).map(Content::Json).map_err(|problem| vec![problem]),
        Some("ts" | "mts") => Language::TypeScript,
        Some(ending @ ("jsx" | "tsx" | "cts")) => {
            let problem = format!("files that end in .{ending} can't be run");
            return Err(vec![Problem::new((0, 0), problem, "write .js or .ts, or bundle the script with esbuild")]);
        }
        _ => Language::JavaScript,
    };
    script::read(text, language, is_main).map(|script| Content::Script(Box::new(script)))
}
