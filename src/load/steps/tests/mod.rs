//! The interpreter with plans as users write them, against a real server.

mod answers;
mod brackets;
mod data;
mod evidence;
mod loops;
mod preflight;
mod requests;
mod scope;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::dns::Resolver;
use crate::load::http::{Client, ClientSettings};
use crate::load::{Arm, Context, Shard, VirtualUser, VirtualUsers};
use crate::measurement::layout::{CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::{Grid, IterationEnd, Layout, Recorder, Slot, Tallies, Tally};
use crate::metric::{Kind, Metric};
use crate::plan::{self, Plan, ReadOptions, Source};

use super::{EvidenceLog, StepUser, StepUsers};

/// A request that the server got.
#[derive(Clone, Debug)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: String,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// Answers by path: `/status/N` with that status, `/count/KEY` with how often the key was asked for, `/text` without
/// JSON, `/never` not at all, everything else with what was sent.
async fn answer(State(log): State<Log>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    let path = parts.uri.path().to_owned();
    let times = {
        let mut log = log.lock().unwrap();
        log.push(Seen { line, headers: parts.headers.clone(), body: body.clone() });
        log.iter().filter(|seen| seen.line.split(' ').nth(1) == Some(path.as_str())).count()
    };
    let (status, value) = match path.split('/').collect::<Vec<_>>()[..] {
        ["", "status", status] => (status.parse().unwrap(), json!({ "code": status, "data": null })),
        ["", "count", _] => (200, json!({ "n": times, "left": 3 - times as i64 })),
        ["", "text"] => return (StatusCode::OK, "plain, no JSON").into_response(),
        ["", "never"] => std::future::pending().await,
        ["", "cookie"] => return ([("set-cookie", "session=abc; Path=/")], "{}").into_response(),
        ["", "moved"] => return (StatusCode::FOUND, [("location", "/landed")]).into_response(),
        ["", "to-never"] => return (StatusCode::FOUND, [("location", "/never")]).into_response(),
        ["", "away"] => return (StatusCode::FOUND, [("location", "http://elsewhere.test/")]).into_response(),
        ["", "token"] => {
            let user = serde_json::from_str::<Value>(&body).unwrap()["userId"].as_u64().unwrap();
            if user.is_multiple_of(10) { (500, json!({})) } else { (200, json!({ "token": format!("t{user}") })) }
        }
        _ => (200, json!({ "path": path, "body": body, "seats": [{ "id": 7 }], "empty": [] })),
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json"), ("x-served-by", "one")], value.to_string()).into_response()
}

/// A plan, a server and what the plan's virtual users did to it.
struct World {
    plan: Arc<Plan>,
    users: StepUsers,
    user: Option<StepUser>,
    recorder: Rc<RefCell<Recorder>>,
    layout: Arc<Layout>,
    evidence: Arc<EvidenceLog>,
    arm: Arc<Arm>,
    epoch: Instant,
    log: Log,
    iterations: u64,
}

/// A plan of one scenario: other sections, then the scenario's steps.
fn plan(sections: &str, steps: &str) -> String {
    let indented: String = steps.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "version: 1\nname: test\n{sections}\nscenarios:\n  main:\n    executor: per-vu-iterations\n    steps:\n{indented}"
    )
}

impl World {
    /// With the steps alone.
    async fn of(steps: &str) -> World {
        World::new(&plan("", steps)).await
    }

    async fn new(text: &str) -> World {
        World::with_seed(text, 42).await
    }

    async fn with_seed(text: &str, seed: u64) -> World {
        World::in_shard(text, seed, Shard::WHOLE).await
    }

    async fn in_shard(text: &str, seed: u64, shard: Shard) -> World {
        let env = |name: &str| Some(format!("value of {name}"));
        let options = ReadOptions { env: &env, ..ReadOptions::default() };
        let source = Source { text: text.to_owned(), path: "test.yaml".into() };
        let plan = plan::read(&source, &options).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let log = Log::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let app = Router::new().fallback(answer).with_state(log.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let arm = Arm::new(&plan, origin, &plan.target.headers, seed).unwrap();
        let arm = Arc::new(Arm { shard, ..arm });
        let plan = Arc::new(plan);
        let layout = Arc::new(layout(&plan));
        let client = Client::new(ClientSettings::new(Resolver::offline())).unwrap();
        let evidence = Arc::new(EvidenceLog::new(&plan, &arm));
        World {
            users: StepUsers::new(plan.clone(), arm.clone(), client, evidence.clone()),
            user: None,
            recorder: Rc::new(RefCell::new(Recorder::new(layout.clone()))),
            plan,
            layout,
            evidence,
            arm,
            epoch: Instant::now(),
            log,
            iterations: 0,
        }
    }

    fn context(&self, vu: u64) -> Context {
        Context {
            scenario: 0,
            vu,
            iteration: self.iterations,
            vu_iteration: self.iterations,
            slot: Slot::Block(0),
            schedule_lag: None,
            epoch: self.epoch,
            recorder: self.recorder.clone(),
        }
    }

    /// One more iteration of the first virtual user.
    async fn iterate(&mut self) -> IterationEnd {
        let mut context = self.context(1);
        let user = self.user.get_or_insert_with(|| self.users.user(0, 1));
        let end = user.iterate(&mut context).await;
        self.iterations += 1;
        end
    }

    /// One iteration that must come to its end.
    async fn complete(mut self) -> World {
        assert_eq!(self.iterate().await, IterationEnd::Complete, "{:#?}", self.evidence.entries());
        self
    }

    /// What was recorded in the judged phase since the last time.
    fn judged(&self) -> Tally {
        self.recorder.borrow_mut().swap(Tallies::new(&self.layout)).judged
    }

    /// Attempts and failures of each request that was made, by name.
    fn requests(&self) -> Vec<(String, u64, u64)> {
        let tally = self.judged();
        let made = self.plan.requests.iter().zip(&tally.requests).filter(|(_, row)| row.attempts > 0);
        made.map(|(series, row)| (series.name.to_string(), row.attempts, row.failed)).collect()
    }

    /// The request lines that the server got.
    fn lines(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|seen| seen.line.clone()).collect()
    }

    fn seen(&self, index: usize) -> Seen {
        self.log.lock().unwrap()[index].clone()
    }

    /// Request, class and message of the evidence.
    fn failures(&self) -> Vec<String> {
        let line = |kept: crate::measurement::Evidence| format!("{} | {} | {}", kept.request, kept.class, kept.message);
        self.evidence.entries().into_iter().map(line).collect()
    }

    /// A value of the setup, as if it had run.
    fn share(&self, name: &str, value: Value) {
        use serde::Deserialize;
        let value = minijinja::Value::deserialize(value).unwrap();
        self.arm.shared.set(HashMap::from([(name.into(), value)])).unwrap();
    }
}

fn layout(plan: &Plan) -> Layout {
    let kind = |metric: &Metric| match metric {
        Metric::Builtin(builtin) => builtin.kind(),
        Metric::Custom(name) => plan.metrics.iter().find(|custom| custom.name == *name).map_or(Kind::Trend, |m| m.kind),
    };
    Layout {
        requests: plan
            .requests
            .iter()
            .map(|series| RequestLabel {
                name: series.name.clone(),
                optional: series.optional,
                in_scenario: series.in_scenario,
                gated: series.gated,
            })
            .collect(),
        scenarios: plan
            .scenarios
            .iter()
            .map(|scenario| ScenarioLabel { name: scenario.name.clone(), arrival_rate: false, planned: None })
            .collect(),
        checks: plan.checks.clone(),
        groups: plan.groups.clone(),
        custom: plan
            .metrics
            .iter()
            .map(|metric| CustomLabel { name: metric.name.clone(), kind: metric.kind, unit: metric.unit })
            .collect(),
        submetrics: plan
            .submetrics
            .iter()
            .map(|selector| SubmetricLabel {
                selector: selector.to_string(),
                metric: selector.metric.clone(),
                kind: kind(&selector.metric),
            })
            .collect(),
        control: None,
        grid: Grid::new(Duration::ZERO, Duration::from_secs(10)),
    }
}
