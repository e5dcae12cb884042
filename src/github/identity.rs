//! Who the token is, and so what is ours of all that can be read.
//!
//! GraphQL's `viewer` answers for every kind of token; REST's `GET /user` refuses the token of a workflow. Where GraphQL
//! can't be asked, what apps wrote counts as ours: what a person wrote never does.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Failure;
use super::client::Client;
use super::error::{Action, Error};

const WHO: Action = Action { what: "ask who it is", permission: "contents: read" };

/// Who wrote something, as the API shows it.
#[derive(Deserialize)]
pub(super) struct Author {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// Who the token is.
pub(super) enum Identity {
    Login(String),
    /// GraphQL can't be asked: an app, whichever.
    App,
}

impl Identity {
    /// Whether a text is ours: it begins with the marker, which anybody can copy, and the token's own identity wrote it. A text
    /// that quotes ours doesn't begin so.
    pub fn owns(&self, marker: &str, body: Option<&str>, author: Option<&Author>) -> bool {
        let first = body.and_then(|body| body.lines().next());
        first.is_some_and(|line| line.trim_end() == marker) && self.is(author)
    }

    /// Whether the token's own identity wrote something.
    pub fn is(&self, author: Option<&Author>) -> bool {
        let Some(author) = author else { return false };
        match self {
            Identity::Login(login) => author.login.eq_ignore_ascii_case(login),
            Identity::App => author.kind == "Bot",
        }
    }
}

/// Asks who the token is.
pub(super) async fn identity(client: &Client) -> Result<Identity, Failure> {
    #[derive(Serialize)]
    struct Query {
        query: &'static str,
    }
    #[derive(Deserialize)]
    struct Reply {
        data: Option<Data>,
    }
    #[derive(Deserialize)]
    struct Data {
        viewer: Viewer,
    }
    #[derive(Deserialize)]
    struct Viewer {
        login: String,
    }
    let query = Query { query: "query { viewer { login } }" };
    match client.send(Method::POST, client.graphql_url(), Some(&query), WHO).await {
        Ok(answer) => Ok(match serde_json::from_slice::<Reply>(&answer.body) {
            Ok(Reply { data: Some(data) }) => Identity::Login(data.viewer.login),
            _ => Identity::App,
        }),
        Err(Failure::Final(Error::NotFound { .. } | Error::NoPermission { .. } | Error::Refused { .. })) => {
            Ok(Identity::App)
        }
        Err(other) => Err(other),
    }
}
