//! k6 scripts on the command line: a script alone is a plan that names it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::cli::{PlanArgs, ScriptArgs};
use crate::k6::console::Console;
use crate::k6::options::CliOptions;
use crate::k6::{Given, Script};
use crate::plan::{ScriptError, Source};

pub use crate::plan::Script as Settings;

use super::error::CommandError;
use super::harmless;

/// Whether a path names a script, by its extension.
pub fn is_script(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("js" | "mjs" | "cjs" | "ts" | "mts" | "cts"))
}

/// The plan that a script alone stands for.
///
/// # Errors
/// The path has no name that a plan could have.
pub fn plan_of(path: &Path) -> io::Result<Source> {
    let wrong = |problem: &str| io::Error::new(io::ErrorKind::InvalidInput, problem.to_owned());
    if !path.is_file() {
        return Err(match path.is_dir() {
            true => wrong("it is a folder"),
            false => io::ErrorKind::NotFound.into(),
        });
    }
    let text = |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).map(str::to_owned);
    let (Some(file), Some(name)) = (text(path.file_name()).map(|file| quoted(&file)), text(path.file_stem())) else {
        return Err(wrong("its name is not in UTF-8"));
    };
    Ok(Source {
        text: format!("version: 1\nname: {}\nscript: {file}\n", quoted(&plan_name(&name))),
        path: path.to_owned(),
    })
}

/// A file's name as a plan's: it is a folder of baselines too.
fn plan_name(stem: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = stem.chars().map(letter).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "script".to_owned() } else { name.to_owned() }
}

/// A text as YAML and JSON write it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads a script, with what the command line says of it.
///
/// # Errors
/// All that is wrong with it.
pub fn open(path: &Path, args: &PlanArgs, console: &Arc<Console>) -> Result<Script, Vec<ScriptError>> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Script::open(path, &given(args), &environment, console.clone())
}

/// Where the script's lines go.
///
/// # Errors
/// The file can't be written.
pub fn console(args: &ScriptArgs) -> Result<Arc<Console>, CommandError> {
    Ok(Arc::new(match &args.console_output {
        None => Console::new(|line| eprintln!("{}", harmless(line))),
        Some(path) => {
            let open = || format!("--console-output {} can't be written", path.display());
            let mut file = File::options().create(true).append(true).open(path).with_context(open)?;
            // What can't be written is not worth ending a run for.
            Console::new(move |line| drop(writeln!(file, "{line}")))
        }
    }))
}

fn given(plan: &PlanArgs) -> Given {
    let args = &plan.script;
    let pairs = |pairs: &[crate::cli::Pair]| pairs.iter().map(|pair| (pair.0.clone(), pair.1.clone())).collect();
    let yes = |given: bool| given.then_some(true);
    Given {
        options: CliOptions {
            vus: args.vus,
            duration: args.duration.clone(),
            iterations: args.iterations,
            stages: args.stages.clone(),
            rps: args.rps,
            max_redirects: args.max_redirects,
            tags: args.tags.clone(),
            user_agent: args.user_agent.clone(),
            insecure_skip_tls_verify: yes(args.insecure_skip_tls_verify),
            no_connection_reuse: yes(args.no_connection_reuse),
            no_vu_connection_reuse: yes(args.no_vu_connection_reuse),
            min_iteration_duration: args.min_iteration_duration.clone(),
            throw: yes(args.throw),
            batch: args.batch,
            batch_per_host: args.batch_per_host,
            discard_response_bodies: yes(args.discard_response_bodies),
            blacklist_ips: args.blacklist_ips.clone(),
            block_hostnames: args.block_hostnames.clone(),
            summary_trend_stats: args.summary_trend_stats.clone(),
            summary_time_unit: args.summary_time_unit.clone(),
            no_setup: yes(args.no_setup),
            no_teardown: yes(args.no_teardown),
            execution_segment: args.execution_segment.clone(),
            system_tags: args.system_tags.clone(),
        },
        config: args.config.clone(),
        env: pairs(&args.env),
        maps: pairs(&args.map),
        memory: args.js_memory.bytes(),
        time_scale: plan.scale_time.0,
        longest_init: args.init_timeout.map(std::time::Duration::from_millis),
        update_lock: args.update_lock,
    }
}

/// Errors of a script, each with its cure.
pub fn told(errors: &[ScriptError]) -> String {
    let one = |error: &ScriptError| match error.help.is_empty() {
        true => harmless(&error.problem),
        false => format!("{}\n  help: {}", harmless(&error.problem), harmless(&error.help)),
    };
    errors.iter().map(one).collect::<Vec<_>>().join("\n\n")
}
