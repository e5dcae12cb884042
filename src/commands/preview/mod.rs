//! Finding the deployments to load: what was named, else what the event, GitHub's deployments or the plan tells.

mod not_found;

use url::Url;

use crate::load::ReferenceJob;
use crate::plan::Plan;

use super::ci::CiJob;

pub use not_found::NotFound;

/// What is known before anything is looked for.
pub struct Wanted<'a> {
    pub plan: &'a Plan,
    /// `--target`.
    pub target: Option<&'a Url>,
    /// `--reference`.
    pub reference: Option<&'a Url>,
    /// None outside of GitHub.
    pub job: Option<&'a CiJob>,
}

/// The deployments to load.
pub struct Found {
    pub target: Url,
    pub reference: Option<ReferenceJob>,
    /// What the reader must know of how they were found.
    pub notes: Vec<String>,
}

/// Finds the target, and the reference where one is wanted.
///
/// # Errors
/// There is no target, or it may not be loaded.
pub fn find(wanted: &Wanted<'_>) -> Result<Found, NotFound> {
    let target = target(wanted)?;
    Ok(Found { target, reference: reference(wanted), notes: Vec::new() })
}

/// Finds the target alone.
///
/// # Errors
/// As for [`find`].
pub fn target(wanted: &Wanted<'_>) -> Result<Url, NotFound> {
    let absent = || {
        let why =
            "there is no target to load; give `--target URL`, set LOADGATE_TARGET, or write target.url into the plan";
        if wanted.job.is_some() { NotFound::Absent(why.into()) } else { NotFound::Unnamed(why.into()) }
    };
    wanted.target.or(wanted.plan.target.url.as_ref()).cloned().ok_or_else(absent)
}

/// The base deployment to measure beside the target: the one that was named, else the plan's.
fn reference(wanted: &Wanted<'_>) -> Option<ReferenceJob> {
    let Wanted { plan, reference, .. } = wanted;
    let target = reference.or(plan.reference.as_ref().and_then(|reference| reference.url.as_ref()));
    if target.is_none() && plan.reference.is_some() {
        eprintln!(
            "warning: the plan wants a reference and none is known: give `--reference URL`, set LOADGATE_REFERENCE, or write \
             reference.url into the plan; the run is compared with its baseline instead"
        );
    }
    target.cloned().map(ReferenceJob::new)
}
