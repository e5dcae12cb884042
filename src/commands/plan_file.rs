//! Reading the plan that the command line names.

use std::io;
use std::path::Path;

use crate::cli::PlanArgs;
use crate::plan::{self, Plan, ReadOptions, Source};

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
    read(args, &|name| Some(variable(name).unwrap_or_else(|| format!("<{name}>"))))
}

fn read(args: &PlanArgs, env: &dyn Fn(&str) -> Option<String>) -> Result<Plan, CommandError> {
    let options = ReadOptions {
        profile: args.profile.as_deref(),
        scale_load: args.scale_load.0,
        scale_time: args.scale_time.0,
        env,
    };
    plan::read(&load(&args.plan)?, &options).map_err(|diagnostics| CommandError::Usage(diagnostics.to_string()))
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
