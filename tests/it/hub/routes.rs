//! What each endpoint answers.

use serde_json::{Value, json};
use url::Url;

use super::{Answer, BOT, Comment, State, git};

/// The repository that everything is of.
const REPOSITORY: &str = "acme/shop";

/// A request's parts.
pub struct Asked<'a> {
    pub method: &'a str,
    /// After `/repos/acme/shop/`.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub body: Value,
    /// The file itself is wanted, not JSON about it.
    pub raw: bool,
}

impl Asked<'_> {
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }
}

pub fn not_found() -> Answer {
    Answer::refusal(404, "Not Found")
}

pub fn answer(line: &str, body: &str, raw: bool, host: &str, state: &mut State) -> Answer {
    let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
    let Ok(url) = Url::parse(&format!("http://{host}{target}")) else { return not_found() };
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let decode = |segment: &str| {
        let pair = format!("x={}", segment.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let segments: Vec<String> = url.path().trim_matches('/').split('/').map(decode).collect();
    if segments == ["graphql"] {
        if let Some(folder) = body["variables"]["folder"].as_str() {
            return git::tree_of(folder, state);
        }
        return Answer::json(200, &json!({ "data": { "viewer": { "login": BOT } } }));
    }
    if let [first, id] = &segments[..]
        && first == "storage"
    {
        let zip = state.artifacts.iter().find(|artifact| artifact.id.to_string() == *id).map(|found| found.zip.clone());
        return zip.map_or_else(not_found, |body| Answer { status: 200, headers: Vec::new(), body });
    }
    let inside = segments.len() >= 3 && segments[0] == "repos" && segments[1..3].join("/") == REPOSITORY;
    if !inside {
        return not_found();
    }
    let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let asked = Asked { method, path: segments[3..].to_vec(), query, body, raw };
    route(&asked, host, state)
}

fn route(asked: &Asked<'_>, host: &str, state: &mut State) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match (asked.method, &path[..]) {
        ("GET", []) => Answer::json(200, &json!({ "full_name": REPOSITORY, "default_branch": "main" })),
        (method, ["issues", rest @ ..]) => issues(method, rest, asked, state),
        ("GET", ["deployments"]) => deployments(asked, state),
        ("GET", ["deployments", id, "statuses"]) => statuses(id, state),
        (_, ["pulls", ..]) | (_, ["commits", _, "pulls"]) => pulls(asked, &path, state),
        ("GET", ["compare", range]) => match state.merge_bases.get(*range) {
            Some(sha) => Answer::json(200, &json!({ "merge_base_commit": { "sha": sha }, "status": "ahead" })),
            None => not_found(),
        },
        ("GET", ["collaborators", login, "permission"]) => match state.permissions.get(*login) {
            Some(permission) => Answer::json(200, &json!({ "permission": permission, "user": { "login": login } })),
            None => not_found(),
        },
        ("GET", ["actions", "runs", run, "artifacts"]) => {
            let of_run = state.artifacts.iter().filter(|artifact| artifact.run.to_string() == *run);
            let artifacts: Vec<Value> = of_run
                .map(|found| json!({ "id": found.id, "name": found.name, "size_in_bytes": found.zip.len(), "expired": false }))
                .collect();
            Answer::json(200, &json!({ "total_count": artifacts.len(), "artifacts": artifacts }))
        }
        ("GET", ["actions", "artifacts", id, "zip"]) => {
            // Another origin: the same server under its other name.
            let elsewhere = host.replace("127.0.0.1", "localhost");
            Answer { status: 302, headers: Vec::new(), body: Vec::new() }
                .with_header("location", &format!("http://{elsewhere}/storage/{id}"))
        }
        (_, ["check-runs", ..]) | ("GET", ["commits", _, "check-runs"]) => checks(asked, &path, state),
        (_, ["contents", ..] | ["git", ..] | ["branches", ..]) => git::answer(asked, &path, state),
        _ => not_found(),
    }
}

fn issues(method: &str, path: &[&str], asked: &Asked<'_>, state: &mut State) -> Answer {
    let user = || json!({ "login": BOT, "type": "Bot" });
    match (method, path) {
        ("GET", [issue, "comments"]) => {
            let of_issue = state.comments.iter().filter(|comment| comment.issue.to_string() == *issue);
            Answer::json(200, &of_issue.map(shown).collect())
        }
        ("POST", [issue, "comments"]) => {
            let (id, issue) = (state.comments.len() as u64, issue.parse().unwrap_or_default());
            let comment =
                Comment { id, issue, body: asked.text("body"), login: BOT.to_owned(), kind: "Bot".to_owned() };
            let answer = Answer::json(201, &shown(&comment));
            state.comments.push(comment);
            answer
        }
        ("PATCH", ["comments", id]) => {
            let Some(comment) = state.comments.iter_mut().find(|comment| comment.id.to_string() == *id) else {
                return not_found();
            };
            comment.body = asked.text("body");
            Answer::json(200, &shown(comment))
        }
        ("GET", []) => {
            let wanted = asked.query("state").unwrap_or("open");
            let labels: Vec<&str> = asked.query("labels").map(|list| list.split(',').collect()).unwrap_or_default();
            let has = |issue: &Value, label: &str| {
                issue["labels"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == label))
            };
            let listed = state.issues.iter().filter(|issue| wanted == "all" || issue["state"] == wanted);
            Answer::json(200, &listed.filter(|issue| labels.iter().all(|label| has(issue, label))).cloned().collect())
        }
        ("POST", []) => {
            let number = state.next();
            let mut issue = asked.body.clone();
            let labels = issue["labels"].as_array().cloned().unwrap_or_default();
            issue["labels"] = labels.into_iter().map(|name| json!({ "name": name })).collect();
            issue["number"] = number.into();
            issue["state"] = "open".into();
            issue["user"] = user();
            issue["html_url"] = format!("https://github.example/issues/{number}").into();
            state.issues.push(issue.clone());
            Answer::json(201, &issue)
        }
        ("GET" | "PATCH", [number]) => {
            let Some(issue) = state.issues.iter_mut().find(|issue| issue["number"].as_u64() == number.parse().ok())
            else {
                return not_found();
            };
            for (field, value) in asked.body.as_object().into_iter().flatten() {
                issue[field] = value.clone();
            }
            Answer::json(200, issue)
        }
        _ => not_found(),
    }
}

fn shown(comment: &Comment) -> Value {
    let Comment { id, body, login, kind, .. } = comment;
    json!({ "id": id, "body": body, "html_url": format!("https://github.example/comments/{id}"),
            "user": { "login": login, "type": kind }, "created_at": "2026-01-01T00:00:00Z" })
}

fn deployments(asked: &Asked<'_>, state: &State) -> Answer {
    let is = |name: &str, value: &str| asked.query(name).is_none_or(|wanted| wanted == value);
    let listed =
        state.deployments.iter().filter(|found| is("sha", &found.sha) && is("environment", &found.environment));
    let limit = asked.query("per_page").and_then(|text| text.parse().ok()).unwrap_or(30);
    let shown = listed.take(limit).map(|found| {
        json!({ "id": found.id, "sha": found.sha, "ref": found.sha, "environment": found.environment,
                "production_environment": found.production, "created_at": "2026-01-01T00:00:00Z" })
    });
    Answer::json(200, &shown.collect())
}

fn statuses(id: &str, state: &State) -> Answer {
    let Some(deployment) = state.deployments.iter().find(|deployment| deployment.id.to_string() == id) else {
        return not_found();
    };
    let shown = deployment.statuses.iter().enumerate().map(|(age, (status, url))| {
        json!({ "id": 1000 - age, "state": status, "environment_url": url, "target_url": "", "log_url": "",
                "description": "", "environment": deployment.environment })
    });
    Answer::json(200, &shown.collect())
}

fn pulls(asked: &Asked<'_>, path: &[&str], state: &mut State) -> Answer {
    match (asked.method, path) {
        ("GET", ["pulls", number]) => match state.pulls.iter().find(|pull| pull.number.to_string() == *number) {
            Some(pull) => Answer::json(200, &shown_pull(pull)),
            None => not_found(),
        },
        ("GET", ["pulls"]) => {
            let wanted = asked.query("state").unwrap_or("open");
            let head = |pull: &super::Pull| {
                format!("{}:{}", pull.head_repo.split('/').next().unwrap_or_default(), pull.head_ref)
            };
            let listed = state.pulls.iter().filter(|pull| wanted == "all" || pull.state == wanted);
            let listed = listed.filter(|pull| asked.query("head").is_none_or(|wanted| wanted == head(pull)));
            Answer::json(200, &listed.map(shown_pull).collect())
        }
        ("GET", ["commits", sha, "pulls"]) => {
            let listed = state.pulls.iter().filter(|pull| pull.head_sha == *sha);
            Answer::json(200, &listed.map(shown_pull).collect())
        }
        ("POST", ["pulls"]) => {
            let number = 100 + state.next();
            let head = state.branches.get(&asked.text("head")).cloned().unwrap_or_default();
            let base = state.branches.get(&asked.text("base")).cloned().unwrap_or_default();
            let mut pull = super::Pull::new(number, &head, &base);
            pull.head_ref = asked.text("head");
            (pull.title, pull.body) = (asked.text("title"), asked.text("body"));
            let answer = Answer::json(201, &shown_pull(&pull));
            state.pulls.push(pull);
            answer
        }
        ("PATCH", ["pulls", number]) => {
            let Some(pull) = state.pulls.iter_mut().find(|pull| pull.number.to_string() == *number) else {
                return not_found();
            };
            for (field, place) in [("title", &mut pull.title), ("body", &mut pull.body), ("state", &mut pull.state)] {
                if let Some(text) = asked.body[field].as_str() {
                    *place = text.to_owned();
                }
            }
            Answer::json(200, &shown_pull(pull))
        }
        _ => not_found(),
    }
}

fn shown_pull(pull: &super::Pull) -> Value {
    let labels: Vec<Value> = pull.labels.iter().map(|name| json!({ "name": name })).collect();
    json!({ "number": pull.number, "state": pull.state, "title": pull.title, "body": pull.body, "labels": labels,
            "html_url": format!("https://github.example/pull/{}", pull.number), "user": { "login": BOT, "type": "Bot" },
            "head": { "sha": pull.head_sha, "ref": pull.head_ref, "repo": { "full_name": pull.head_repo } },
            "base": { "sha": pull.base_sha, "ref": pull.base_ref, "repo": { "full_name": REPOSITORY } } })
}

fn checks(asked: &Asked<'_>, path: &[&str], state: &mut State) -> Answer {
    match (asked.method, path) {
        ("GET", ["commits", sha, "check-runs"]) => {
            let listed = state.checks.iter().filter(|check| check["head_sha"] == **sha);
            let listed = listed.filter(|check| asked.query("check_name").is_none_or(|name| check["name"] == name));
            let listed: Vec<Value> = listed.cloned().collect();
            Answer::json(200, &json!({ "total_count": listed.len(), "check_runs": listed }))
        }
        ("POST", ["check-runs"]) => {
            let id = state.next();
            let mut check = asked.body.clone();
            check["id"] = id.into();
            check["html_url"] = format!("https://github.example/checks/{id}").into();
            check["app"] = json!({ "slug": "github-actions" });
            state.checks.push(check.clone());
            Answer::json(201, &check)
        }
        ("PATCH", ["check-runs", id]) => {
            let Some(check) = state.checks.iter_mut().find(|check| check["id"].as_u64() == id.parse().ok()) else {
                return not_found();
            };
            for (field, value) in asked.body.as_object().into_iter().flatten() {
                check[field] = value.clone();
            }
            Answer::json(200, check)
        }
        _ => not_found(),
    }
}
