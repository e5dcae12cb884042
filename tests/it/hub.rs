//! A stand-in of GitHub's API that keeps state: comments, deployments, pull requests, files, branches, check runs, issues,
//! artifacts. It knows one repository, `acme/shop`, and answers as GitHub documents, as far as loadgate reads it.

mod git;
mod routes;

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use std::io::Write as _;

use serde_json::{Value, json};

use crate::servers::{Request, Server};

/// The token that may do everything.
pub const TOKEN: &str = "ghs_t0k3n";
/// Who that token is.
pub const BOT: &str = "github-actions[bot]";

/// The server. Its state can be read and changed while it answers.
pub struct Hub {
    pub server: Server,
    state: Arc<Mutex<State>>,
}

/// What GitHub would know.
#[derive(Default)]
pub struct State {
    /// Of issues and pull requests, oldest first.
    pub comments: Vec<Comment>,
    /// Newest first, as GitHub lists them.
    pub deployments: Vec<Deployment>,
    pub pulls: Vec<Pull>,
    /// Content by reference (branch or commit) and path.
    pub files: BTreeMap<(String, String), Vec<u8>>,
    /// Head commits by name. `main` is the default branch.
    pub branches: BTreeMap<String, String>,
    /// As they were sent, with an `id`.
    pub checks: Vec<Value>,
    /// As they were sent, with `number`, `state` and `user`.
    pub issues: Vec<Value>,
    pub artifacts: Vec<Artifact>,
    /// `admin`, `write`, `read` or `none` by login.
    pub permissions: BTreeMap<String, String>,
    /// The merge base by `base...head`.
    pub merge_bases: BTreeMap<String, String>,
    /// Answers that come in place of the right one.
    pub forced: Vec<Forced>,
    /// Method, path and query of every request, in order.
    pub seen: Vec<String>,
    trees: BTreeMap<String, Vec<(String, Vec<u8>)>>,
    commits: BTreeMap<String, String>,
    made: u64,
}

pub struct Comment {
    pub id: u64,
    pub issue: u64,
    pub body: String,
    pub login: String,
    /// `Bot` or `User`.
    pub kind: String,
}

#[derive(Clone, Default)]
pub struct Deployment {
    pub id: u64,
    pub sha: String,
    pub environment: String,
    pub production: bool,
    /// State and `environment_url`, newest first.
    pub statuses: Vec<(String, String)>,
}

pub struct Pull {
    pub number: u64,
    pub head_sha: String,
    pub head_ref: String,
    pub head_repo: String,
    pub base_sha: String,
    pub base_ref: String,
    pub labels: Vec<String>,
    pub state: String,
    pub title: String,
    pub body: String,
}

impl Pull {
    /// An open pull request of the repository's own branch.
    pub fn new(number: u64, head_sha: &str, base_sha: &str) -> Pull {
        Pull {
            number,
            head_sha: head_sha.into(),
            head_ref: "faster".into(),
            head_repo: "acme/shop".into(),
            base_sha: base_sha.into(),
            base_ref: "main".into(),
            labels: Vec::new(),
            state: "open".into(),
            title: "Faster".into(),
            body: String::new(),
        }
    }
}

/// A file that a workflow run uploaded.
pub struct Artifact {
    pub id: u64,
    pub run: u64,
    pub name: String,
    pub zip: Vec<u8>,
}

/// An answer to the next requests whose line begins so.
pub struct Forced {
    /// `POST /repos/acme/shop/issues/7/comments`, or a part of it from the beginning.
    pub line: String,
    pub answer: Answer,
    /// How many requests get it.
    pub times: u32,
    /// The request is carried out all the same: only its answer is lost.
    pub carried_out: bool,
}

/// An answer as it goes out.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Answer {
        let headers = vec![("content-type".into(), "application/json; charset=utf-8".into())];
        Answer { status, headers, body: body.to_string().into_bytes() }
    }

    /// A refusal as GitHub words them.
    pub fn refusal(status: u16, message: &str) -> Answer {
        Answer::json(status, &json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }))
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn write(&self, stream: &mut TcpStream) {
        let mut text = format!("HTTP/1.1 {} Status\r\ncontent-length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let _ = stream.write_all(text.as_bytes());
        let _ = stream.write_all(&self.body);
    }
}

impl Hub {
    pub fn start() -> Hub {
        let mut state = State::default();
        state.branches.insert("main".into(), "fedcba9876543210".into());
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Server::start(move |_, request, stream| {
            let answer = respond(request, &mut shared.lock().unwrap_or_else(PoisonError::into_inner));
            answer.write(stream);
        });
        Hub { server, state }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What GitHub knows now.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The comments' bodies, oldest first.
    pub fn comments(&self) -> Vec<String> {
        self.state().comments.iter().map(|comment| comment.body.clone()).collect()
    }

    /// Lines of the requests that change something.
    pub fn writes(&self) -> Vec<String> {
        let writes = |line: &&String| !line.starts_with("GET") && !line.starts_with("POST /graphql");
        self.state().seen.iter().filter(writes).cloned().collect()
    }

    /// Answers the next requests whose line begins so with something else.
    pub fn force(&self, forced: Forced) {
        self.state().forced.push(forced);
    }
}

impl State {
    /// A number that was not given out yet.
    pub fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}

fn respond(request: &Request, state: &mut State) -> Answer {
    let line = request.line().to_owned();
    state.seen.push(line.clone());
    let forced = state.forced.iter_mut().find(|forced| forced.times > 0 && line.starts_with(&forced.line));
    let forced = forced.map(|forced| {
        forced.times -= 1;
        (forced.answer.clone(), forced.carried_out)
    });
    if let Some((answer, false)) = &forced {
        return answer.clone();
    }
    // Where artifacts lie is another host's matter: it takes no token.
    let stored = line.starts_with("GET /storage/");
    let header = |name: &str| {
        let mut fields = request.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let authorization = header("authorization");
    if stored && authorization.is_some() {
        return Answer::refusal(400, "a token went to the host of the artifacts");
    }
    if !stored && authorization.as_deref() != Some(&format!("Bearer {TOKEN}")) {
        return Answer::refusal(401, "Bad credentials");
    }
    if header("user-agent").is_none() {
        return Answer::refusal(403, "Request forbidden by administrative rules: a User-Agent is missing");
    }
    let raw = header("accept").is_some_and(|accept| accept.contains("raw"));
    let host = header("host").unwrap_or_default();
    let right = routes::answer(&line, &request.body, raw, &host, state);
    forced.map_or(right, |(answer, _)| answer)
}
