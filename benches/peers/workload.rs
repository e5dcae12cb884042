//! What the generators are told to do.

use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

/// A job that several generators can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// A plain GET over 50 connections that are kept.
    Get,
    /// A POST with headers and a JSON body, three checks on the parsed answer, 50 VUs; wrk's plain GET beside it.
    PostChecks,
    /// VUs ramped up to 5,000, each with the same POST and checks and a pause of a second.
    Ramp,
}

/// How long and how large.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of a run at full speed.
    pub length: Duration,
    pub connections: u32,
    /// Of the ramp: how many virtual users, how long until they are all there, and how long in all.
    pub ramp_vus: u32,
    pub ramp_up: Duration,
    pub ramp_length: Duration,
}

impl Workload {
    pub const ALL: [Workload; 3] = [Workload::Get, Workload::PostChecks, Workload::Ramp];

    pub fn name(self) -> &'static str {
        match self {
            Workload::Get => "get",
            Workload::PostChecks => "post-checks",
            Workload::Ramp => "ramp",
        }
    }

    /// How long a run lasts.
    pub fn length(self, size: &Size) -> Duration {
        if self == Workload::Ramp { size.ramp_length } else { size.length }
    }

    /// How many requests may be under way at once.
    pub fn at_once(self, size: &Size) -> u64 {
        u64::from(if self == Workload::Ramp { size.ramp_vus } else { size.connections })
    }

    /// The plan that loadgate runs.
    pub fn plan(self, size: &Size) -> String {
        let Size { length, connections, ramp_vus, ramp_up, ramp_length } = size;
        let executor = match self {
            Workload::Get | Workload::PostChecks => {
                format!("executor: constant-vus\nvus: {connections}\nduration: {}s\n", length.as_secs_f64())
            }
            Workload::Ramp => format!(
                "executor: ramping-vus\nstartVUs: 0\nstages:\n  - {{ duration: {}s, target: {ramp_vus} }}\n  \
                 - {{ duration: {}s, target: {ramp_vus} }}\n",
                ramp_up.as_secs_f64(),
                (*ramp_length - *ramp_up).as_secs_f64()
            ),
        };
        let steps = match self {
            Workload::Get => "- get: /\n".to_owned(),
            Workload::PostChecks => LOGIN_STEP.to_owned(),
            Workload::Ramp => format!("{LOGIN_STEP}- think: 1s\n"),
        };
        let scenario = format!("{executor}gracefulStop: 5s\nsteps:\n{}", indent(&steps));
        format!("version: 1\nname: {}\nscenarios:\n  main:\n{}", self.name(), indent(&indent(&scenario)))
    }

    /// The script that k6 runs; it writes its figures to the file that `OUT` names.
    pub fn script(self, size: &Size) -> String {
        let Size { length, connections, ramp_vus, ramp_up, ramp_length } = size;
        let scenario = match self {
            Workload::Get | Workload::PostChecks => format!(
                "{{ executor: 'constant-vus', vus: {connections}, duration: '{}ms', gracefulStop: '5s' }}",
                length.as_millis()
            ),
            Workload::Ramp => format!(
                "{{ executor: 'ramping-vus', startVUs: 0, gracefulStop: '5s', stages: [{{ duration: '{}ms', target: {ramp_vus} }}, \
                 {{ duration: '{}ms', target: {ramp_vus} }}] }}",
                ramp_up.as_millis(),
                (*ramp_length - *ramp_up).as_millis()
            ),
        };
        let body = match self {
            Workload::Get => "http.get(`${__ENV.TARGET}/`);".to_owned(),
            Workload::PostChecks => LOGIN_SCRIPT.to_owned(),
            Workload::Ramp => format!("{LOGIN_SCRIPT}\n  sleep(1);"),
        };
        format!(
            "import http from 'k6/http';\nimport {{ check, sleep }} from 'k6';\n\
             export const options = {{ scenarios: {{ main: {scenario} }} }};\n\
             export default function () {{\n  {body}\n}}\n\
             export function handleSummary(data) {{ return {{ [__ENV.OUT]: JSON.stringify(data) }}; }}\n"
        )
    }
}

impl Workload {
    /// The same script with the target in it, and without the summary that k6 writes.
    pub fn script_for(self, size: &Size, url: &str) -> String {
        let script = self.script(size).replace("${__ENV.TARGET}", url);
        script.split("export function handleSummary").next().unwrap_or_default().to_owned()
    }
}

const LOGIN_STEP: &str = r#"- post: /login
  headers: { Authorization: "Bearer test::user::token", X-Request: "${vu}-${iteration}" }
  json: { userId: "${random_int(1, 100000)}", name: "user ${vu}", remember: true }
  check:
    status is 200: "status == 200"
    has token: "body.token is defined"
    is waiting: "body.status == 'WAITING'"
"#;

const LOGIN_SCRIPT: &str = r#"const body = JSON.stringify({
    userId: 1 + Math.floor(Math.random() * 100000), name: `user ${__VU}`, remember: true });
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test::user::token',
    'X-Request': `${__VU}-${__ITER}` };
  const res = http.post(`${__ENV.TARGET}/login`, body, { headers });
  check(res, {
    'status is 200': (r) => r.status === 200,
    'has token': (r) => r.json().token !== undefined,
    'is waiting': (r) => r.json().status === 'WAITING',
  });"#;

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
