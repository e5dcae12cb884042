//! Reading the plan that the command line names.

use std::io;
use std::path::Path;

use crate::cli::PlanArgs;
use crate::plan::{self, AtBase, BaseSource, Plan, ReadOptions, Source};

use super::error::CommandError;
use super::variable;

/// Reads the plan for a run: secrets and variables come from the environment.
///
/// # Errors
/// A missing or unreadable file; all errors of the plan.
pub fn read_plan(args: &PlanArgs) -> Result<Plan, CommandError> {
    read(args, &variable)
}

/// Reads a plan that sends nothing: a secret that is not set doesn't matter.
///
/// # Errors
/// As for [`read_plan`].
pub fn read_plan_to_look_at(args: &PlanArgs) -> Result<Plan, CommandError> {
    read(args, &any)
}

/// Reads a plan beside its base's.
///
/// # Errors
/// As for [`read_plan`]; what it uses and base doesn't declare.
pub fn read_plan_at_base(args: &PlanArgs, base: &BaseSource, sends: bool) -> Result<AtBase, CommandError> {
    let source = load(&args.plan)?;
    let env: &dyn Fn(&str) -> Option<String> = if sends { &variable } else { &any };
    plan::read_at_base(&source, base, &options(args, env)).map_err(|errors| CommandError::Usage(errors.to_string()))
}

/// Whether nothing is wrong with a plan but that secrets of it are not set, or empty, as in a fork's run.
pub fn lacks_secrets_alone(args: &PlanArgs) -> bool {
    let Ok(plan) = read_plan_to_look_at(args) else { return false };
    let is_secret = |name: &str| plan.secrets.iter().any(|secret| secret.name == name);
    let with_secrets = |name: &str| if is_secret(name) { any(name) } else { variable(name) };
    read_plan(args).is_err() && read(args, &with_secrets).is_ok()
}

fn read(args: &PlanArgs, env: &dyn Fn(&str) -> Option<String>) -> Result<Plan, CommandError> {
    let source = load(&args.plan)?;
    plan::read(&source, &options(args, env)).map_err(|diagnostics| CommandError::Usage(diagnostics.to_string()))
}

fn options<'a>(args: &'a PlanArgs, env: &'a dyn Fn(&str) -> Option<String>) -> ReadOptions<'a> {
    let profile = args.profile.as_deref();
    ReadOptions { profile, scale_load: args.scale_load.0, scale_time: args.scale_time.0, env, script: None }
}

/// A variable's value, or a text in its place; GitHub gives a fork's run an empty one for a secret.
fn any(name: &str) -> Option<String> {
    Some(variable(name).filter(|value| !value.is_empty()).unwrap_or_else(|| format!("<{name}>")))
}

fn load(path: &Path) -> Result<Source, CommandError> {
    Source::load(path).map_err(|error| {
        let path = path.display();
        CommandError::Usage(match error.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no plan {path}; write one with `loadgate init`, or name another one")
            }
            _ => format!("the plan {path} can't be read: {error}"),
        })
    })
}
