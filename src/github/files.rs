//! The files of a folder on a branch.
//!
//! GraphQL tells all of them with one request, but for large ones. Where it can't be asked, each file costs a request.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Failure, parse};
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const READ: Action = Action { what: "read the files of a branch", permission: "contents: read" };

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file's name, or `folder/name`: no part of it leads elsewhere.
    pub name: String,
    pub content: Vec<u8>,
}

/// The `.json` files of a folder and of the folders in it; none where there is no such folder or branch.
///
/// # Errors
/// Everything of [`Error`].
pub async fn beneath(
    client: &Client,
    repository: &Repository,
    branch: &str,
    folder: &str,
) -> Result<Option<Vec<Found>>, Error> {
    let place = Place { client, repository, branch, folder };
    client
        .repeat(async || {
            match place.at_once().await {
                Ok(Some(entries)) => return place.completed(entries).await.map(Some),
                Ok(None) => return Ok(None),
                Err(limited @ Failure::Limited(_)) => return Err(limited),
                Err(Failure::Final(error @ Error::BadToken { .. })) => return Err(Failure::Final(error)),
                Err(_) => {}
            }
            place.one_by_one().await
        })
        .await
}

/// The content of a file on a branch; none where there is no such file.
pub(super) async fn content(
    client: &Client,
    repository: &Repository,
    path: &str,
    branch: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut url = client.repository(repository, &segments(&["contents"], path))?;
    url.query_pairs_mut().append_pair("ref", branch);
    match client.raw(&url, READ).await {
        Ok(content) => Ok(Some(content.to_vec())),
        Err(Failure::Final(Error::NotFound { .. })) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A path in parts, after others.
pub(super) fn segments<'a>(before: &[&'a str], path: &'a str) -> Vec<&'a str> {
    before.iter().copied().chain(path.split('/').filter(|part| !matches!(*part, "" | "."))).collect()
}

struct Place<'a> {
    client: &'a Client,
    repository: &'a Repository,
    branch: &'a str,
    folder: &'a str,
}

const QUERY: &str = "query($owner: String!, $name: String!, $folder: String!) { repository(owner: $owner, name: $name) { \
                     object(expression: $folder) { ... on Tree { entries { name object { \
                     ... on Blob { isTruncated text } \
                     ... on Tree { entries { name object { ... on Blob { isTruncated text } } } } } } } } } }";

#[derive(Deserialize)]
struct Reply {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    repository: Holder,
}

/// A missing `object` is no answer to the question; one that is null says that there is no such folder.
#[derive(Deserialize)]
struct Holder {
    #[serde(deserialize_with = "Option::deserialize")]
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Object {
    entries: Option<Vec<Entry>>,
    text: Option<String>,
    #[serde(rename = "isTruncated", default)]
    is_truncated: bool,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    object: Option<Object>,
}

impl Place<'_> {
    /// All files with one request; those whose text is too large without it.
    async fn at_once(&self) -> Result<Option<Vec<(String, Option<String>)>>, Failure> {
        let Repository { owner, name } = self.repository;
        let folder = format!("refs/heads/{}:{}", self.branch, self.folder);
        let body: Value = json!({ "query": QUERY, "variables": { "owner": owner, "name": name, "folder": folder } });
        let answer = self.client.send(Method::POST, self.client.graphql_url(), Some(&body), READ).await?;
        let reply: Reply = parse(&answer.body)?;
        let Some(Object { entries: Some(entries), .. }) = reply.data.repository.object else { return Ok(None) };
        let mut files = Vec::new();
        for Entry { name, object } in entries {
            let Some(object) = object else { continue };
            match object.entries {
                Some(inner) if is_plain(&name) => {
                    let inner = inner.into_iter().filter_map(|entry| Some((entry.name, entry.object?)));
                    let inner = inner.filter(|(file, object)| is_file(file) && object.entries.is_none());
                    files.extend(inner.map(|(file, object)| (format!("{name}/{file}"), object.whole())));
                }
                None if is_file(&name) => files.push((name, object.whole())),
                _ => {}
            }
        }
        Ok(Some(files))
    }

    /// Adds the files that were too large for one answer.
    async fn completed(&self, entries: Vec<(String, Option<String>)>) -> Result<Vec<Found>, Failure> {
        let mut files = Vec::new();
        for (name, text) in entries {
            let content = match text {
                Some(text) => Some(text.into_bytes()),
                None => content(self.client, self.repository, &self.path(&name), self.branch).await?,
            };
            files.extend(content.map(|content| Found { name, content }));
        }
        Ok(files)
    }

    async fn one_by_one(&self) -> Result<Option<Vec<Found>>, Failure> {
        let Some(listed) = self.listing(self.folder).await? else { return Ok(None) };
        let mut names = Vec::new();
        for item in listed {
            match item.kind.as_str() {
                "dir" if is_plain(&item.name) => {
                    let inner = self.listing(&self.path(&item.name)).await?.unwrap_or_default();
                    let inner = inner.into_iter().filter(|file| file.kind == "file" && is_file(&file.name));
                    names.extend(inner.map(|file| format!("{}/{}", item.name, file.name)));
                }
                "file" if is_file(&item.name) => names.push(item.name),
                _ => {}
            }
        }
        self.completed(names.into_iter().map(|name| (name, None)).collect()).await.map(Some)
    }

    async fn listing(&self, path: &str) -> Result<Option<Vec<Item>>, Failure> {
        let mut url = self.client.repository(self.repository, &segments(&["contents"], path))?;
        url.query_pairs_mut().append_pair("ref", self.branch);
        match self.client.get(&url, READ).await {
            Ok(listed) => Ok(Some(listed)),
            Err(Failure::Final(Error::NotFound { .. })) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    name: String,
}

impl Object {
    /// The text, unless a part of it is missing.
    fn whole(self) -> Option<String> {
        self.text.filter(|_| !self.is_truncated)
    }
}

/// The name of something in a folder, and of nothing elsewhere on any system.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= 255
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'))
}

fn is_file(name: &str) -> bool {
    is_plain(name) && name.ends_with(".json")
}

#[cfg(test)]
mod tests;
