//! Production is not loaded unless the plan says so.

use std::collections::BTreeMap;

use url::Url;

use crate::commands::ci::CiJob;
use crate::github::Error;
use crate::github::deployment::{Deployment, Of, deployments, statuses};

use super::NotFound;
use super::address::{is_local, origin};
use super::choice::is_production;

/// Deployments to production that are looked at, so that a run asks for no more than a few.
const MOST: usize = 4;
/// Of one environment: the newest may not be there yet.
const MOST_OF_ONE: usize = 2;

/// Why a deployment is not loaded.
pub fn refusal(what: &str, environment: &str) -> NotFound {
    NotFound::Refused(format!(
        "{what} is production (environment `{environment}`), which is not loaded; give a preview, or write \
         `target: {{ allowProduction: true }}` into the plan if that is what you want"
    ))
}

/// Refuses addresses that somebody named if GitHub knows them as production. Where GitHub can't be asked, that is a warning.
///
/// # Errors
/// One of them is production.
pub fn refuse(job: &CiJob, named: &[(&str, &Url)]) -> Result<(), NotFound> {
    if !job.has_token() || named.iter().all(|(_, url)| is_local(url)) {
        return Ok(());
    }
    let known = match production(job) {
        Ok(known) => known,
        Err(error) => {
            eprintln!("warning: whether the target is production could not be told: {error}");
            return Ok(());
        }
    };
    for (what, url) in named {
        if let Some((environment, _)) = known.iter().find(|(_, known)| known.origin() == url.origin()) {
            return Err(refusal(&format!("{what} {}", url.origin().ascii_serialization()), environment));
        }
    }
    Ok(())
}

/// Where production is: environments and addresses of its newest deployments.
fn production(job: &CiJob) -> Result<Vec<(String, Url)>, Error> {
    job.ask(async |client, repository| {
        let is = |one: &Deployment| one.production || is_production(&one.environment);
        let mut found = deployments(client, repository, Of::Repository).await?;
        found.retain(is);
        // Hundreds of previews may be newer.
        for name in ["production", "Production"] {
            if found.is_empty() {
                found = deployments(client, repository, Of::Environment(name)).await?;
            }
        }
        let mut of_each: BTreeMap<String, usize> = BTreeMap::new();
        found.retain(|one| {
            let count = of_each.entry(one.environment.clone()).or_default();
            *count += 1;
            *count <= MOST_OF_ONE
        });
        let mut known = Vec::new();
        for deployment in found.into_iter().take(MOST) {
            let statuses = statuses(client, repository, deployment.id).await?;
            let urls = statuses.iter().filter(|status| status.state == "success").filter_map(|one| one.url.as_deref());
            known.extend(urls.filter_map(|url| origin(url).ok()).map(|url| (deployment.environment.clone(), url)));
        }
        Ok(known)
    })
}
