//! Finding the deployments to load: what was named, else what the event, GitHub's deployments or the plan tells.

mod address;
mod choice;
mod discovery;
mod event;
mod not_found;
mod patience;
mod production;
mod reference;
mod template;

use url::Url;

use crate::load::ReferenceJob;
use crate::plan::Plan;

use super::ci::CiJob;
use patience::Patience;

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

/// A deployment that was found.
#[derive(Clone, Debug)]
struct Preview {
    url: Url,
    /// Where GitHub told it.
    environment: Option<String>,
}

/// Finds the target, and the reference where one is wanted. It waits for them as long as the plan says.
///
/// # Errors
/// There is no target, or one of the two may not be loaded.
pub fn find(wanted: &Wanted<'_>) -> Result<Found, NotFound> {
    let mut patience = Patience::new(wanted.plan.target.deployment.within);
    let named = wanted.reference.or(wanted.plan.reference.as_ref().and_then(|reference| reference.url.as_ref()));
    refuse_production(wanted, named)?;
    let target = preview(wanted, &mut patience)?;
    let mut notes = Vec::new();
    let reference = match (named, &wanted.plan.reference, wanted.job) {
        (Some(url), ..) => Some(ReferenceJob::new(url.clone())),
        (None, None, _) => None,
        (None, Some(_), Some(job)) => match reference::find(job, wanted.plan, &target, &mut patience) {
            Ok(reference) => Some(reference),
            Err(note) => {
                eprintln!("warning: {note}");
                notes.push(note);
                None
            }
        },
        (None, Some(_), None) => {
            eprintln!("{WITHOUT_REFERENCE}");
            None
        }
    };
    Ok(Found { target: target.url, reference, notes })
}

const WITHOUT_REFERENCE: &str = "warning: the plan wants a reference and none is known: give `--reference URL`, set \
                                 LOADGATE_REFERENCE, or write reference.url into the plan; the run is compared with its \
                                 baseline instead";

/// Finds the target alone.
///
/// # Errors
/// As for [`find`].
pub fn target(wanted: &Wanted<'_>) -> Result<Url, NotFound> {
    refuse_production(wanted, None)?;
    Ok(preview(wanted, &mut Patience::new(wanted.plan.target.deployment.within))?.url)
}

/// The target, in the order of the docs.
fn preview(wanted: &Wanted<'_>, patience: &mut Patience) -> Result<Preview, NotFound> {
    let plan = wanted.plan;
    if let Some(url) = named_target(wanted) {
        return Ok(Preview { url: url.clone(), environment: None });
    }
    let Some(job) = wanted.job else {
        return match (&plan.target.template, &plan.target.of_script) {
            (Some(template), _) => template::fill(template, None, false),
            (None, Some(url)) => Ok(Preview { url: url.clone(), environment: None }),
            (None, None) => Err(NotFound::Unnamed(
                "there is no target to load; give `--target URL`, set LOADGATE_TARGET, or write target.url into the plan".into(),
            )),
        };
    };
    let environment = plan.target.deployment.environment.as_deref();
    match event::told(&job.context.event, environment, plan.policy.allow_production)? {
        Some(preview) => Ok(preview),
        None => discovery::find(job, plan, patience),
    }
}

fn named_target<'a>(wanted: &Wanted<'a>) -> Option<&'a Url> {
    wanted.target.or(wanted.plan.target.url.as_ref())
}

/// Refuses what somebody named, if it is production.
fn refuse_production(wanted: &Wanted<'_>, reference: Option<&Url>) -> Result<(), NotFound> {
    let Some(job) = wanted.job.filter(|_| !wanted.plan.policy.allow_production) else { return Ok(()) };
    let named = [named_target(wanted).map(|url| ("the target", url)), reference.map(|url| ("the reference", url))];
    let named: Vec<_> = named.into_iter().flatten().collect();
    production::refuse(job, &named)
}
