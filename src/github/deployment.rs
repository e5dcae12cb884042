//! Deployments and their statuses, newest first.

use serde::Deserialize;

use super::answer::Failure;
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const READ: Action = Action { what: "read the deployments", permission: "deployments: read" };

/// A commit that was deployed to an environment, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Newer ones have larger numbers.
    pub id: u64,
    pub sha: String,
    pub environment: String,
    /// Whether it is marked as production.
    pub production: bool,
}

/// What became of a deployment at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `success`, `pending`, `failure` …
    pub state: String,
    /// Where the deployment can be reached: `environment_url`, else `target_url`.
    pub url: Option<String>,
    /// The deployment's log.
    pub log_url: Option<String>,
    pub description: Option<String>,
}

/// Which deployments are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    Commit(&'a str),
    /// By its exact name.
    Environment(&'a str),
    Repository,
}

/// The newest hundred deployments.
///
/// # Errors
/// Everything of [`Error`].
pub async fn deployments(client: &Client, repository: &Repository, of: Of<'_>) -> Result<Vec<Deployment>, Error> {
    let read = client.repeat(async || {
        let mut url = client.repository(repository, &["deployments"])?;
        match of {
            Of::Commit(sha) => drop(url.query_pairs_mut().append_pair("sha", sha)),
            Of::Environment(name) => drop(url.query_pairs_mut().append_pair("environment", name)),
            Of::Repository => {}
        }
        url.query_pairs_mut().append_pair("per_page", "100");
        client.get::<Vec<DeploymentObject>>(&url, READ).await
    });
    let mut all: Vec<Deployment> = read.await?.into_iter().map(Deployment::from).collect();
    all.sort_by_key(|deployment| std::cmp::Reverse(deployment.id));
    Ok(all)
}

/// The newest hundred statuses of a deployment.
///
/// # Errors
/// Everything of [`Error`].
pub async fn statuses(client: &Client, repository: &Repository, deployment: u64) -> Result<Vec<Status>, Error> {
    let read = client.repeat(async || -> Result<Vec<StatusObject>, Failure> {
        let mut url = client.repository(repository, &["deployments", &deployment.to_string(), "statuses"])?;
        url.query_pairs_mut().append_pair("per_page", "100");
        client.get(&url, READ).await
    });
    let mut all = read.await?;
    all.sort_by_key(|status| std::cmp::Reverse(status.id));
    Ok(all.into_iter().map(Status::from).collect())
}

#[derive(Deserialize)]
struct DeploymentObject {
    id: u64,
    sha: String,
    environment: String,
    #[serde(default)]
    production_environment: bool,
}

impl From<DeploymentObject> for Deployment {
    fn from(object: DeploymentObject) -> Deployment {
        let DeploymentObject { id, sha, environment, production_environment: production } = object;
        Deployment { id, sha, environment, production }
    }
}

#[derive(Deserialize)]
struct StatusObject {
    id: u64,
    state: String,
    #[serde(default)]
    environment_url: Option<String>,
    #[serde(default)]
    target_url: Option<String>,
    #[serde(default)]
    log_url: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl From<StatusObject> for Status {
    fn from(object: StatusObject) -> Status {
        // GitHub sends an empty string where there is nothing.
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Status {
            state: object.state,
            url: given(object.environment_url).or(given(object.target_url)),
            log_url: given(object.log_url),
            description: given(object.description),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use url::Url;
    use wiremock::matchers::{method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::github::{Limits, Token};

    async fn hub(at: &str, query: (&str, &str), body: Value) -> (MockServer, Client, Repository) {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(at))
            .and(query_param(query.0, query.1))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
        let url = Url::parse(&server.uri()).unwrap();
        let client = Client::new(&Token::new("t".into()), &url, &url, Limits::default()).unwrap();
        (server, client, "acme/shop".parse().unwrap())
    }

    #[tokio::test]
    async fn deployments_come_newest_first() {
        let body = json!([
            { "id": 1, "sha": "aaaa", "environment": "Preview" },
            { "id": 3, "sha": "aaaa", "environment": "Production – api", "production_environment": true },
            { "id": 2, "sha": "aaaa", "environment": "Preview", "production_environment": false },
        ]);
        let (_server, client, repository) = hub("/repos/acme/shop/deployments", ("sha", "aaaa"), body).await;
        let found = deployments(&client, &repository, Of::Commit("aaaa")).await.unwrap();
        let short: Vec<_> = found.iter().map(|one| (one.id, one.environment.as_str(), one.production)).collect();
        assert_eq!(short, [(3, "Production – api", true), (2, "Preview", false), (1, "Preview", false)]);
    }

    #[tokio::test]
    async fn a_statuss_url_is_the_environments_else_the_targets() {
        let body = json!([
            { "id": 8, "state": "success", "environment_url": "", "target_url": "https://b.example", "log_url": "" },
            { "id": 9, "state": "inactive", "environment_url": "https://a.example", "target_url": "https://b.example",
              "log_url": "https://ci.example/9", "description": "Replaced" },
            { "id": 7, "state": "pending" },
        ]);
        let (_server, client, repository) =
            hub("/repos/acme/shop/deployments/5/statuses", ("per_page", "100"), body).await;
        let found = statuses(&client, &repository, 5).await.unwrap();
        let urls: Vec<_> = found.iter().map(|one| (one.state.as_str(), one.url.as_deref())).collect();
        assert_eq!(
            urls,
            [("inactive", Some("https://a.example")), ("success", Some("https://b.example")), ("pending", None)]
        );
        assert_eq!(found[0].log_url.as_deref(), Some("https://ci.example/9"));
    }
}
