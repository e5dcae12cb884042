//! Reading a script: its modules, its init context, its options.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rquickjs::Value;
use serde_json::Value as Json;
use url::Url;

use super::api::is_builtin;
use super::console::Console;
use super::drive::drive_here;
use super::environment::{find, host, named_urls, script_env};
use super::handle_summary::{Written, handle_summary};
use super::host::Host;
use super::json;
use super::language::uses;
use super::options::{CliOptions, Exports, OptionError, Options};
use super::program::{Bounds, Program};
use super::source::{Bundle, Disk};
use super::url_map::UrlMap;
use super::user::{LONGEST_INIT, no_stack, told, world};
use super::vm::{self, Call};
use crate::metric::{Builtin, Metric, Selector, Statistic};
use crate::plan::script::{Script as Settings, ScriptError};
use crate::plan::threshold::Operator;
use crate::plan::{Condition, Threshold};

/// What the user says of a script beside it.
#[derive(Clone)]
pub struct Given {
    /// Options of the command line.
    pub options: CliOptions,
    /// A config file with options (`--config`).
    pub config: Option<PathBuf>,
    /// `-e NAME=VALUE`
    pub env: Vec<(String, String)>,
    /// `--map OLD=NEW`: origins, and what stands in their place.
    pub maps: Vec<(String, String)>,
    /// Bytes that the script of one virtual user may take (`--js-memory`).
    pub memory: usize,
    /// What `sleep` is multiplied by: `--scale-time`.
    pub time_scale: f64,
    /// How long an init context may take; none for what it is unless something is said.
    pub longest_init: Option<Duration>,
    /// Remote modules may have changed (`--update-lock`).
    pub update_lock: bool,
}

impl Default for Given {
    /// Nothing; 64 MiB for each virtual user.
    fn default() -> Self {
        Given {
            options: CliOptions::default(),
            config: None,
            env: Vec::new(),
            maps: Vec::new(),
            memory: 64 << 20,
            time_scale: 1.0,
            longest_init: None,
            update_lock: false,
        }
    }
}

/// A script that has been read: everything but the target is known.
pub struct Script {
    pub program: Arc<Program>,
    pub settings: Arc<Settings>,
    /// The merged options, as `exec.test.options` has them.
    pub options: Json,
    /// It exports `handleSummary`.
    pub handles_summary: bool,
    maps: Vec<(String, String)>,
    /// Origins that its text names besides the one that stands for the deployment, and that no `--map` leads elsewhere.
    origins: Vec<String>,
    /// URLs that the user has given it by its environment.
    named: Vec<Url>,
    /// Hosts that the user has given it by `-e`.
    named_hosts: Vec<String>,
}

impl Script {
    /// Reads a script. `environment` is the process's.
    ///
    /// # Errors
    /// All that is wrong with it, each with its place and cure.
    pub fn open(
        path: &Path,
        given: &Given,
        environment: &[(String, String)],
        console: Arc<Console>,
    ) -> Result<Self, Vec<ScriptError>> {
        let find = |name: &str| find(environment, name);
        let mut disk = Disk::new(Disk::cache_folder(&find), given.update_lock);
        let bundle = Bundle::load(path, &mut disk, &is_builtin).map_err(of_source)?;
        let env = script_env(environment, &given.env);
        let uses = uses(&bundle);
        let bytecode = compile(&bundle, uses)
            .map_err(|thrown| vec![ScriptError { problem: thrown.to_string(), help: String::new() }])?;
        let (digest, warnings) = (bundle.digest.clone(), bundle.warnings.clone());
        let named = named_urls(&bundle, &env, &given.env);
        let mut origins = bundle.origins.clone();
        origins.retain(|origin| !given.maps.iter().any(|(from, _)| same(from, origin)));
        let home = home(&mut origins, &named);
        let bounds = Bounds {
            memory: given.memory,
            longest_init: given.longest_init.unwrap_or(LONGEST_INIT),
            time_scale: given.time_scale,
        };
        let program = Arc::new(Program::new(bundle, bytecode, env, bounds, console));
        let (options, exported) = init(&program)?;
        let exports = Exports {
            path: path.display().to_string(),
            digest,
            functions: exported.clone(),
            metrics: program.settle(),
            origins: home.into_iter().collect(),
        };
        let merged = merged(given, environment, &options).map_err(of_options)?;
        let shown = merged.consolidated();
        let mut settings = merged.into_script(&exports).map_err(of_options)?;
        settings.warnings.extend(warnings);
        forbid_errors(&mut settings);
        Ok(Script {
            program,
            settings: Arc::new(settings),
            options: shown,
            handles_summary: exported.contains("handleSummary"),
            maps: given.maps.clone(),
            origins,
            named,
            named_hosts: given.env.iter().filter_map(|(_, value)| host(value)).collect(),
        })
    }

    /// Calls the script's `handleSummary` with data of a run; what it wants to be written. Without one there is nothing.
    ///
    /// # Errors
    /// What it has thrown, in words.
    pub fn handle_summary(&self, mut data: Json) -> Result<Vec<Written>, String> {
        let setup_data = self.program.setup_data.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some(object), Some(setup_data)) = (data.as_object_mut(), setup_data) {
            object.insert("setup_data".into(), setup_data);
        }
        match self.handles_summary {
            true => handle_summary(&self.program, data, self.settings.summary.timeout),
            false => Ok(Vec::new()),
        }
    }

    /// Where the script's URLs lead in a run of a deployment.
    pub fn urls(&self, origin: &str) -> UrlMap {
        let mut pairs = self.maps.clone();
        pairs.extend(self.settings.origins.iter().map(|home| (home.clone(), origin.to_owned())));
        UrlMap::new(pairs)
    }

    /// Where the load may go besides the deployment: what the script names, what `--map` leads to, and what the user gives
    /// it by its environment.
    pub fn allowed(&self) -> Vec<Url> {
        let texts = self.origins.iter().chain(self.maps.iter().map(|(_, to)| to));
        texts.filter_map(|text| Url::parse(text).ok()).chain(self.named.iter().cloned()).collect()
    }

    /// Hosts that the user has named in what the script is given.
    pub fn named_hosts(&self) -> &[String] {
        &self.named_hosts
    }

    /// Why a deployment can't be loaded: the script would go on asking others that its text names.
    ///
    /// # Errors
    /// In words.
    pub fn check_target(&self, target: &Url) -> Result<(), String> {
        let own = self.settings.origins.first().and_then(|origin| Url::parse(origin).ok());
        if self.origins.is_empty() || own.is_some_and(|own| same_place(&own, target)) {
            return Ok(());
        }
        let all: Vec<&str> = self.settings.origins.iter().chain(&self.origins).map(String::as_str).collect();
        Err(format!(
            "the script names several origins: {}; say where each of them leads with --map OLD=NEW, as in --map {}={}",
            all.join(", "),
            all.first().copied().unwrap_or_default(),
            target.origin().ascii_serialization()
        ))
    }
}

/// The origin that stands for the deployment: the first that the script's text names, else the first that the user has given
/// it. It is taken out of the others.
fn home(origins: &mut Vec<String>, named: &[Url]) -> Option<String> {
    let is_url = |origin: &String| Url::parse(origin).is_ok_and(|url| url.has_host());
    // A text with a gap in it stands for the deployment only where there is no other.
    let gap = (origins.len() == 1 && named.is_empty()).then_some(0);
    match origins.iter().position(is_url).or(gap) {
        Some(first) => Some(origins.remove(first)),
        None => named.first().map(|url| url.origin().ascii_serialization()),
    }
}

/// Whether two URLs lead to the same host and port, whatever is spoken there.
pub fn same_place(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default()
}

/// An exception fails the run, unless the script itself says how many may be.
fn forbid_errors(settings: &mut Settings) {
    let errors = Metric::Builtin(Builtin::IterationErrors);
    if settings.thresholds.iter().all(|threshold| threshold.selector.metric != errors) {
        settings.thresholds.push(Threshold {
            selector: Selector { metric: errors, tags: Vec::new() },
            submetric: None,
            condition: Condition { statistic: Statistic::Count, operator: Operator::Equal, limit: 0.0 },
            abort_on_fail: false,
            delay_abort_eval: std::time::Duration::ZERO,
        });
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

fn compile(bundle: &Bundle, uses: BTreeSet<String>) -> Result<vm::Bytecode, vm::Thrown> {
    let mut sources: Vec<vm::Source<'_>> = Vec::new();
    for module in bundle.modules.values() {
        sources.push(vm::Source { name: &module.name, code: &module.code, imports: &module.imports });
    }
    let used = |name: &str| bundle.modules.values().flat_map(|module| &module.imports).any(|(_, to)| **to == *name);
    for source in super::api::jslib_sources().filter(|source| used(source.name)) {
        sources.push(source);
    }
    vm::compile(&bundle.main, sources, uses)
}

/// Runs the init context once: the options, and the names of the exported functions.
fn init(program: &Arc<Program>) -> Result<(Json, BTreeSet<String>), Vec<ScriptError>> {
    let failed = |thrown: vm::Thrown| {
        let problem = format!("the init context fails: {}", told(program, &thrown));
        vec![ScriptError { problem, help: String::new() }]
    };
    let vm = world(Rc::new(Host::alone(program.clone())), program).map_err(failed)?;
    let look = |vm: &vm::Vm| {
        vm.within(|ctx| {
            let options = match vm.export(ctx, "options")? {
                Some(options) => json::from_js(ctx, options)?,
                None => Json::Object(serde_json::Map::new()),
            };
            let mut functions = BTreeSet::new();
            for name in vm.exported(ctx)? {
                if vm.export(ctx, &name)?.as_ref().is_some_and(Value::is_function) {
                    functions.insert(name);
                }
            }
            Ok((options, functions))
        })
    };
    let call = Call::new(vm, look).map_err(|error| failed(no_stack(error)))?;
    drive_here(call, program.longest_init).map_err(failed)
}

/// All options, by precedence.
fn merged(given: &Given, environment: &[(String, String)], options: &Json) -> Result<Options, Vec<OptionError>> {
    let find = |name: &str| find(environment, name);
    let config = given.config.clone().or_else(|| find("K6_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
    let config = match config {
        Some(path) => Options::of_config(&read_config(&path)?, &path.display().to_string())?,
        None => Options::default(),
    };
    Ok(Options::merged(
        config,
        Options::of_script(options)?,
        Options::of_environment(&find)?,
        Options::of_command_line(&given.options)?,
    ))
}

fn read_config(path: &Path) -> Result<Json, Vec<OptionError>> {
    let wrong = |problem: String| {
        let place = format!("--config {}", path.display());
        vec![OptionError { place, problem, help: "name a file with k6's options as JSON".into() }]
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

fn of_options(errors: Vec<OptionError>) -> Vec<ScriptError> {
    let error =
        |error: OptionError| ScriptError { problem: format!("{}: {}", error.place, error.problem), help: error.help };
    errors.into_iter().map(error).collect()
}

fn of_source(errors: super::source::SourceErrors) -> Vec<ScriptError> {
    vec![ScriptError { problem: errors.to_string(), help: String::new() }]
}
