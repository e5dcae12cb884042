//! What a person may do in the repository.

use serde::Deserialize;

use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const READ: Action = Action { what: "read what the author may do here", permission: "metadata: read" };

/// A person's rights, as GitHub sums them up: who maintains may write, who triages may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Admin,
    Write,
    Read,
    None,
}

impl Permission {
    /// Whether this person may push to the repository.
    pub fn may_write(self) -> bool {
        matches!(self, Permission::Admin | Permission::Write)
    }
}

/// The rights of the person with this login. Who is unknown has none, and a word that is unknown gives none.
///
/// # Errors
/// Everything of [`Error`].
pub async fn of(client: &Client, repository: &Repository, login: &str) -> Result<Permission, Error> {
    #[derive(Deserialize)]
    struct Rights {
        permission: String,
    }
    let read = client.repeat(async || {
        let url = client.repository(repository, &["collaborators", login, "permission"])?;
        client.get::<Rights>(&url, READ).await
    });
    match read.await {
        Ok(rights) => Ok(match rights.permission.as_str() {
            "admin" => Permission::Admin,
            "write" => Permission::Write,
            "read" => Permission::Read,
            _ => Permission::None,
        }),
        Err(Error::NotFound { .. }) => Ok(Permission::None),
        Err(error) => Err(error),
    }
}
