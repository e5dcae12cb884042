//! Reading the plan that the command line names.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::cli::PlanArgs;
use crate::k6::StepsOrScript;
use crate::plan::{self, AtBase, BaseSource, Diagnostics, Plan, ReadOptions, Source};

use super::error::CommandError;
use super::{script, variable};

/// A plan, and what its iterations are made of.
pub struct ReadPlan<P = Plan> {
    pub plan: P,
    pub workload: StepsOrScript,
}

/// Reads the plan for a run: secrets and variables come from the environment.
///
/// # Errors
/// A missing or unreadable file; all errors of the plan, and of the script that it names.
pub fn read_plan(args: &PlanArgs) -> Result<ReadPlan, CommandError> {
    read(args, &variable)
}

/// Reads a plan that sends nothing: a secret that is not set doesn't matter.
///
/// # Errors
/// As for [`read_plan`].
pub fn read_plan_to_look_at(args: &PlanArgs) -> Result<Plan, CommandError> {
    Ok(read(args, &any)?.plan)
}

/// Reads a plan beside its base's.
///
/// # Errors
/// As for [`read_plan`]; what it uses and base doesn't declare.
pub fn read_plan_at_base(args: &PlanArgs, base: &BaseSource, sends: bool) -> Result<ReadPlan<AtBase>, CommandError> {
    let env: &dyn Fn(&str) -> Option<String> = if sends { &variable } else { &any };
    with_script(args, env, |source, options| plan::read_at_base(source, base, options))
}

/// Whether nothing is wrong with a plan but that secrets of it are not set, or empty, as in a fork's run.
pub fn lacks_secrets_alone(args: &PlanArgs) -> bool {
    let Ok(plan) = read_plan_to_look_at(args) else { return false };
    let is_secret = |name: &str| plan.secrets.iter().any(|secret| secret.name == name);
    let with_secrets = |name: &str| if is_secret(name) { any(name) } else { variable(name) };
    read_plan(args).is_err() && read(args, &with_secrets).is_ok()
}

fn read(args: &PlanArgs, env: &dyn Fn(&str) -> Option<String>) -> Result<ReadPlan, CommandError> {
    with_script(args, env, plan::read)
}

/// Reads the plan's file by `read`, and the script that it names beside it.
fn with_script<P>(
    args: &PlanArgs,
    env: &dyn Fn(&str) -> Option<String>,
    read: impl FnOnce(&Source, &ReadOptions<'_>) -> Result<P, Diagnostics>,
) -> Result<ReadPlan<P>, CommandError> {
    let source = load(&args.plan)?;
    let console = script::console(&args.script)?;
    let (opened, failed) = (RefCell::new(None), RefCell::new(Vec::new()));
    let reader = |path: &Path| {
        let script = script::open(path, args, &console).inspect_err(|errors| {
            failed.replace(errors.clone());
        })?;
        let settings = script::Settings::clone(&script.settings);
        opened.replace(Some(Arc::new(script)));
        Ok(settings)
    };
    let options = ReadOptions {
        profile: args.profile.as_deref(),
        scale_load: args.scale_load.0,
        scale_time: args.scale_time.0,
        env,
        script: Some(&reader),
    };
    let plan = read(&source, &options).map_err(|errors| match failed.take() {
        of_plan if of_plan.is_empty() => CommandError::Usage(errors.to_string()),
        // They have places of their own, in the script.
        of_script => CommandError::Usage(script::told(&of_script)),
    })?;
    Ok(ReadPlan { plan, workload: StepsOrScript { script: opened.take(), samples: None } })
}

/// A variable's value, or a text in its place; GitHub gives a fork's run an empty one for a secret.
fn any(name: &str) -> Option<String> {
    Some(variable(name).filter(|value| !value.is_empty()).unwrap_or_else(|| format!("<{name}>")))
}

fn load(path: &Path) -> Result<Source, CommandError> {
    let source = if script::is_script(path) { script::plan_of(path) } else { Source::load(path) };
    source.map_err(|error| {
        let path = path.display();
        CommandError::Usage(match error.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no plan {path}; write one with `loadgate init`, or name another one")
            }
            _ => format!("the plan {path} can't be read: {error}"),
        })
    })
}
