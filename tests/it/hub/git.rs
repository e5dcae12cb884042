//! Files, branches and what they are made of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::routes::{Asked, not_found};
use super::{Answer, State};

pub fn answer(asked: &Asked<'_>, path: &[&str], state: &mut State) -> Answer {
    match (asked.method, path) {
        ("GET", ["contents", file @ ..]) => content(asked, &file.join("/"), state),
        ("PUT", ["contents", file @ ..]) => put(asked, &file.join("/"), state),
        ("GET", ["git", "ref", "heads", name @ ..]) => match state.branches.get(&name.join("/")) {
            Some(sha) => reference(200, &name.join("/"), sha),
            None => not_found(),
        },
        ("GET", ["branches", name @ ..]) => match state.branches.get(&name.join("/")) {
            Some(sha) => Answer::json(200, &json!({ "name": name.join("/"), "commit": { "sha": sha } })),
            None => not_found(),
        },
        ("POST", ["git", "trees"]) => tree(asked, state),
        ("POST", ["git", "commits"]) => {
            let sha = made(state, "c");
            state.commits.insert(sha.clone(), asked.text("tree"));
            Answer::json(201, &json!({ "sha": sha, "tree": { "sha": asked.text("tree") } }))
        }
        ("POST", ["git", "refs"]) => create(asked, state),
        ("GET", ["git", "trees", reference]) => listing(reference, state),
        _ => not_found(),
    }
}

fn made(state: &mut State, letter: &str) -> String {
    format!("{letter}{:039x}", state.next())
}

fn reference(status: u16, name: &str, sha: &str) -> Answer {
    Answer::json(status, &json!({ "ref": format!("refs/heads/{name}"), "object": { "type": "commit", "sha": sha } }))
}

/// A file's name in git: the hash of a content stands in for it.
fn blob(content: &[u8]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:040x}", hasher.finish())
}

fn content(asked: &Asked<'_>, path: &str, state: &State) -> Answer {
    let named = asked.query("ref").unwrap_or("main");
    // A branch can be named by its head too.
    let branch = state.branches.iter().find(|(_, head)| *head == named).map_or(named, |(branch, _)| branch);
    let of_commit = state.files.keys().any(|(at, _)| at == named);
    let reference = if of_commit { named } else { branch }.to_owned();
    if let Some(content) = state.files.get(&(reference.clone(), path.to_owned())) {
        if asked.raw {
            return Answer { status: 200, headers: Vec::new(), body: content.clone() };
        }
        return Answer::json(200, &file(path, content));
    }
    let beneath = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut entries: Vec<Value> = Vec::new();
    for ((at, name), content) in &state.files {
        let Some(rest) = name.strip_prefix(&beneath).filter(|_| *at == reference) else { continue };
        match rest.split_once('/') {
            None => entries.push(entry(name, content)),
            Some((folder, _)) => {
                let folder = json!({ "type": "dir", "name": folder, "path": format!("{beneath}{folder}"), "size": 0 });
                if !entries.contains(&folder) {
                    entries.push(folder);
                }
            }
        }
    }
    if entries.is_empty() { not_found() } else { Answer::json(200, &entries.into()) }
}

/// What GraphQL tells of `refs/heads/BRANCH:FOLDER`: the files right in it with their text.
pub fn tree_of(expression: &str, state: &State) -> Answer {
    let (branch, folder) = expression.split_once(':').unwrap_or_default();
    let branch = branch.trim_start_matches("refs/heads/");
    let mut entries = Vec::new();
    for ((at, path), content) in &state.files {
        let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        if let Some(name) = name.filter(|name| at == branch && !name.contains('/')) {
            let text = String::from_utf8_lossy(content);
            entries.push(json!({ "name": name, "object": { "isTruncated": false, "text": text } }));
        }
    }
    let object = if entries.is_empty() { Value::Null } else { json!({ "entries": entries }) };
    Answer::json(200, &json!({ "data": { "repository": { "object": object } } }))
}

fn entry(path: &str, content: &[u8]) -> Value {
    let name = path.rsplit('/').next().unwrap_or_default();
    json!({ "type": "file", "name": name, "path": path, "sha": blob(content), "size": content.len() })
}

fn file(path: &str, content: &[u8]) -> Value {
    let mut file = entry(path, content);
    file["encoding"] = "base64".into();
    file["content"] = STANDARD.encode(content).into();
    file
}

/// Creates or replaces a file on a branch. What is there must be known by its hash, as GitHub asks.
fn put(asked: &Asked<'_>, path: &str, state: &mut State) -> Answer {
    let named = asked.text("branch");
    let branch = if named.is_empty() { "main".to_owned() } else { named };
    if !state.branches.contains_key(&branch) {
        return Answer::refusal(404, &format!("Branch {branch} not found"));
    }
    let Ok(content) = STANDARD.decode(asked.text("content")) else {
        return Answer::refusal(422, "content is not valid Base64");
    };
    if asked.text("message").is_empty() {
        return Answer::refusal(422, "Invalid request. \"message\" wasn't supplied.");
    }
    let key = (branch.clone(), path.to_owned());
    match (state.files.get(&key).map(|there| blob(there)), asked.body["sha"].as_str()) {
        (Some(_), None) => return Answer::refusal(422, "Invalid request. \"sha\" wasn't supplied."),
        (Some(there), Some(sha)) if there != sha => {
            return Answer::refusal(409, &format!("{path} does not match {sha}"));
        }
        _ => {}
    }
    let is_new = state.files.insert(key, content.clone()).is_none();
    let commit = made(state, "d");
    state.branches.insert(branch, commit.clone());
    Answer::json(
        if is_new { 201 } else { 200 },
        &json!({ "content": file(path, &content), "commit": { "sha": commit } }),
    )
}

fn tree(asked: &Asked<'_>, state: &mut State) -> Answer {
    let entries = asked.body["tree"].as_array().cloned().unwrap_or_default();
    let files = entries.iter().map(|entry| {
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        (text("path"), text("content").into_bytes())
    });
    let files = files.collect();
    let sha = made(state, "t");
    state.trees.insert(sha.clone(), files);
    Answer::json(201, &json!({ "sha": sha, "tree": entries, "truncated": false }))
}

fn create(asked: &Asked<'_>, state: &mut State) -> Answer {
    let (name, sha) = (asked.text("ref"), asked.text("sha"));
    let Some(name) = name.strip_prefix("refs/heads/").map(str::to_owned) else {
        return Answer::refusal(422, "Reference name must start with 'refs/heads/'");
    };
    if state.branches.contains_key(&name) {
        return Answer::refusal(422, "Reference already exists");
    }
    // A branch off another one has its files, one off a commit of its own those of the commit's tree.
    let parent = state.branches.iter().find(|(_, head)| **head == sha).map(|(parent, _)| parent.clone());
    let files: Vec<(String, Vec<u8>)> = match (parent, state.commits.get(&sha).and_then(|tree| state.trees.get(tree))) {
        (_, Some(files)) => files.clone(),
        (Some(parent), None) => {
            let of_parent = state.files.iter().filter(|((branch, _), _)| *branch == parent);
            of_parent.map(|((_, path), content)| (path.clone(), content.clone())).collect()
        }
        (None, None) => return Answer::refusal(422, "Object does not exist"),
    };
    for (path, content) in files {
        state.files.insert((name.clone(), path), content);
    }
    state.branches.insert(name.clone(), sha.clone());
    reference(201, &name, &sha)
}

/// Every file of a branch.
fn listing(reference: &str, state: &State) -> Answer {
    let name = state.branches.iter().find(|(name, sha)| *name == reference || *sha == reference).map(|(name, _)| name);
    let Some(name) = name else { return not_found() };
    let files = state.files.iter().filter(|((branch, _), _)| branch == name);
    let tree: Vec<Value> = files
        .map(|((_, path), content)| json!({ "path": path, "type": "blob", "mode": "100644", "sha": blob(content), "size": content.len() }))
        .collect();
    Answer::json(200, &json!({ "sha": reference, "tree": tree, "truncated": false }))
}
