//! The deployment that the event itself tells of.

use url::Url;

use crate::github::Event;

use super::address::origin;
use super::choice::{is_production, matches};
use super::production;
use super::{NotFound, Preview};

/// The deployment of a `deployment_status` event, or of a `repository_dispatch` as Vercel sends it; none where the event is
/// another.
///
/// # Errors
/// The event says that there is nothing to measure, or its deployment may not be loaded.
pub fn told(event: &Event, environment: Option<&str>, allow_production: bool) -> Result<Option<Preview>, NotFound> {
    let (state, url, name, production) = match event {
        Event::DeploymentStatus(one) => (&*one.state, one.url.as_deref(), &one.environment, one.production),
        Event::RepositoryDispatch(dispatch) => match &dispatch.deployment {
            Some(one) => (state(&dispatch.action), Some(&*one.url), &one.environment, false),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    if let Some(pattern) = environment.filter(|pattern| !matches(pattern, name)) {
        return Err(NotFound::Failed(format!(
            "nothing to measure: the event is of the environment `{name}`, and target.deployment.environment is `{pattern}`; let \
             the job run for that one alone: `if: github.event.deployment.environment == '…'`"
        )));
    }
    if state != "success" {
        return Err(NotFound::Failed(format!(
            "nothing to measure: the deployment to `{name}` is not there, its state is `{state}`; let the job run on success \
             alone: `if: github.event.deployment_status.state == 'success'`"
        )));
    }
    if !allow_production && (production || is_production(name)) {
        return Err(production::refusal("the event's deployment", name));
    }
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        return Err(NotFound::Failed(format!(
            "the event's deployment to `{name}` has no URL; let whoever deploys set environment_url, or write target.url"
        )));
    };
    let url: Url = origin(url).map_err(|why| NotFound::Failed(format!("the event's deployment to `{name}`: {why}")))?;
    Ok(Some(Preview { url, environment: Some(name.clone()) }))
}

/// The state that a sender's name for its event tells of: `vercel.deployment.error`. Others send one when all is there.
fn state(action: &str) -> &str {
    match action.strip_prefix("vercel.deployment.") {
        Some("success" | "ready" | "succeeded" | "promoted") | None => "success",
        Some(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::github::event::{DeploymentStatus, DispatchedDeployment, RepositoryDispatch};

    use super::*;

    fn status(state: &str, environment: &str, url: Option<&str>, production: bool) -> Event {
        Event::DeploymentStatus(DeploymentStatus {
            state: state.into(),
            environment: environment.into(),
            sha: "aaaa".into(),
            url: url.map(str::to_owned),
            production,
        })
    }

    fn dispatch(action: &str, environment: &str) -> Event {
        let url = "shop-git-faster.vercel.app".into();
        let deployment = DispatchedDeployment { url, environment: environment.into(), sha: None, branch: None };
        Event::RepositoryDispatch(RepositoryDispatch { action: action.into(), deployment: Some(deployment) })
    }

    #[test]
    fn an_event_leads_to_its_deployment_or_says_why_not() {
        const A: Option<&str> = Some("https://a.example/shop");
        let table: &[(Event, Option<&str>, &str)] = &[
            (Event::Schedule, None, "nothing"),
            (status("success", "Preview", A, false), None, "https://a.example/"),
            (status("success", "Preview", A, false), Some("preview"), "https://a.example/"),
            (status("success", "Preview – web", A, false), Some("*api"), "the event is of the environment"),
            (status("pending", "Preview", A, false), None, "its state is `pending`"),
            (status("success", "Preview", None, false), None, "has no URL"),
            (status("success", "Preview", Some("ssh://a"), false), None, "no address of http"),
            (status("success", "Production", A, false), None, "production"),
            (status("success", "live", A, true), None, "production"),
            (dispatch("vercel.deployment.success", "preview"), None, "https://shop-git-faster.vercel.app/"),
            (dispatch("deployed", "preview"), None, "https://shop-git-faster.vercel.app/"),
            (dispatch("vercel.deployment.error", "preview"), None, "its state is `error`"),
            (dispatch("vercel.deployment.success", "production"), None, "production"),
        ];
        for (event, environment, expected) in table {
            let told = match told(event, *environment, false) {
                Ok(None) => "nothing".to_owned(),
                Ok(Some(preview)) => preview.url.to_string(),
                Err(not_found) => not_found.to_string(),
            };
            assert!(told.contains(expected), "{event:?}: {told}");
        }
        let allowed = told(&status("success", "Production", A, true), None, true).unwrap().unwrap();
        assert_eq!((allowed.url.as_str(), allowed.environment.as_deref()), ("https://a.example/", Some("Production")));
    }
}
