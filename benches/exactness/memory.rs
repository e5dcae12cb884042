//! What memory grows with: with virtual users a little, with requests not at all.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::rig::cores::Place;
use crate::rig::loadgate::Job;
use crate::rig::nginx::Nginx;
use crate::rig::statistics::Spread;
use crate::rig::target::{Limit, Target};
use crate::run::Setting;

const LOGIN: &str = r#"      - post: /login
        headers: { Authorization: "Bearer test::user::token" }
        json: { userId: "${random_int(1, 100000)}" }
        check:
          status is 200: "status == 200"
          has token: "body.token is defined"
          is waiting: "body.status == 'WAITING'"
"#;

/// The same as a k6 script, whose virtual users have a JavaScript engine each.
const SCRIPT: &str = r#"import http from 'k6/http';
import { check, sleep } from 'k6';
export const options = { scenarios: { main: OPTIONS } };
export default function () {
  const body = JSON.stringify({ userId: 1 + Math.floor(Math.random() * 100000) });
  const res = http.post('TARGET/login', body, { headers: { Authorization: 'Bearer test::user::token' } });
  check(res, {
    'status is 200': (r) => r.status === 200,
    'has token': (r) => r.json().token !== undefined,
    'is waiting': (r) => r.json().status === 'WAITING',
  });
  sleep(PAUSE);
}
"#;

/// Measures all of them.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Target>> {
    let nginx = Nginx::start(setting.cores, Place::Server, setting.folder, setting.open_files)?;
    let mut targets = by_requests(setting, &nginx)?;
    targets.extend(by_users(setting, &nginx)?);
    targets.push(of_script(setting, &nginx)?);
    targets.push(of_tokens(setting, &nginx)?);
    Ok(targets)
}

fn by_requests(setting: &Setting<'_>, nginx: &Nginx) -> Result<Vec<Target>> {
    let peak = |requests: u64| -> Result<f64> {
        let plan = format!(
            "version: 1\nname: requests\nscenarios:\n  main:\n    executor: shared-iterations\n    vus: 50\n    \
             iterations: {requests}\n    maxDuration: 40m\n    steps:\n{LOGIN}"
        );
        let (memory, answered) = run(setting, nginx, &plan, Duration::from_secs(2400))?;
        ensure!(answered == requests, "{answered} of {requests} requests were answered");
        Ok(memory)
    };
    let [few, many] = setting.effort.requests;
    // Short runs differ from each other by more than they should: what memory was touched first is chance.
    let small = (0..3).map(|_| peak(few)).collect::<Result<Vec<_>>>()?;
    let small = Spread::of(small).map_or(f64::NAN, |spread| spread.median);
    let large = peak(many)?;
    let note = format!("{few} requests: {:.1} MB, {many}: {:.1} MB", small / 1e6, large / 1e6);
    Ok(vec![Target::new("memory by requests, many to few", Some(large / small), " ×", Limit::AtMost(1.1), note)])
}

/// The memory of a virtual user is the slope between few and many: the process's own is in both.
fn by_users(setting: &Setting<'_>, nginx: &Nginx) -> Result<[Target; 2]> {
    let [few, many] = setting.effort.users;
    // Each does something three times or so.
    let pause = (setting.effort.users_length / 3).as_millis();
    let slope = |steps: &str| -> Result<(f64, String)> {
        let peak = |users: u64| {
            Ok::<_, anyhow::Error>(
                run(setting, nginx, &users_plan(setting, users, "", steps), setting.effort.users_length)?.0,
            )
        };
        let (small, large) = (peak(few)?, peak(many)?);
        let note = format!("{few} VUs: {:.1} MB, {many}: {:.1} MB", small / 1e6, large / 1e6);
        Ok(((large - small) / 1e3 / (many - few) as f64, note))
    };
    let (idle, idle_note) = slope(&format!("      - think: {pause}ms\n"))?;
    let (busy, busy_note) = slope(&format!("{LOGIN}      - think: {pause}ms\n"))?;
    Ok([
        Target::new("a VU that has no connection", Some(idle), " kB", Limit::AtMost(10.0), idle_note),
        // 150 MB for 5,000 of them.
        Target::new("a VU with its connection", Some(busy), " kB", Limit::AtMost(30.0), busy_note),
    ])
}

/// As [`by_users`], of a script. A fifth of the virtual users will do: each takes ten times as much.
fn of_script(setting: &Setting<'_>, nginx: &Nginx) -> Result<Target> {
    let [few, many] = setting.effort.users.map(|users| users / 5);
    let length = setting.effort.users_length;
    let (ramp, pause) = ((length / 3).as_millis(), (length / 3).as_secs_f64());
    let peak = |users: u64| -> Result<f64> {
        let hold = length.as_millis() - ramp;
        let options = format!(
            "{{ executor: 'ramping-vus', startVUs: 0, gracefulStop: '5s', stages: [\
             {{ duration: '{ramp}ms', target: {users} }}, {{ duration: '{hold}ms', target: {users} }}] }}"
        );
        let script = SCRIPT.replace("OPTIONS", &options).replace("TARGET", &nginx.url());
        fs::write(setting.folder.join("users.js"), script.replace("PAUSE", &pause.to_string()))?;
        Ok(run(setting, nginx, "version: 1\nname: script\nscript: users.js\n", length)?.0)
    };
    let (small, large) = (peak(few)?, peak(many)?);
    let each = (large - small) / 1e3 / (many - few) as f64;
    let note = format!("{few} VUs: {:.1} MB, {many}: {:.1} MB", small / 1e6, large / 1e6);
    Ok(Target::new("a VU of a script, with its connection", Some(each), " kB", Limit::AtMost(150.0), note))
}

/// If each virtual user had its own list of the values, it would need at least 24 bytes for each of them: 240 kB for 10,000.
fn of_tokens(setting: &Setting<'_>, nginx: &Nginx) -> Result<Target> {
    let tokens = setting.effort.tokens;
    let [few, many] = setting.effort.users.map(|users| users / 5);
    let setup = format!(
        "setup:\n  timeout: 2m\n  steps:\n    - repeat: {{ count: {tokens}, parallel: 16 }}\n      steps:\n        - post: /login\n          \
         json: {{ userId: \"${{index + 1}}\" }}\n          collect: {{ tokens: \"body.token\" }}\n      atLeast: {tokens}\n"
    );
    let steps =
        |header: &str| format!("      - get: /\n        headers: {{ User-Token: \"{header}\" }}\n      - think: 1s\n");
    let peak = |users: u64, setup: &str, header: &str| -> Result<f64> {
        let plan = users_plan(setting, users, setup, &steps(header));
        Ok(run(setting, nginx, &plan, setting.effort.users_length + Duration::from_secs(120))?.0)
    };
    let with = [peak(few, &setup, "${pick(tokens)}")?, peak(many, &setup, "${pick(tokens)}")?];
    let without = [peak(few, "", "${uuid()}")?, peak(many, "", "${uuid()}")?];
    let more = ((with[1] - with[0]) - (without[1] - without[0])) / 1e3 / (many - few) as f64;
    let note = format!(
        "{tokens} tokens, {few} and {many} VUs: {:.1} and {:.1} MB; without {:.1} and {:.1} MB",
        with[0] / 1e6,
        with[1] / 1e6,
        without[0] / 1e6,
        without[1] / 1e6
    );
    Ok(Target::new("a VU's share of the setup's tokens", Some(more), " kB", Limit::AtMost(10.0), note))
}

/// All virtual users are there after the first third, so that not all of them connect at once.
fn users_plan(setting: &Setting<'_>, users: u64, setup: &str, steps: &str) -> String {
    let length = setting.effort.users_length;
    let ramp = (length / 3).as_millis();
    let hold = length.as_millis() - ramp;
    format!(
        "version: 1\nname: users\n{setup}scenarios:\n  main:\n    executor: ramping-vus\n    startVUs: 0\n    stages:\n      \
         - {{ duration: {ramp}ms, target: {users} }}\n      - {{ duration: {hold}ms, target: {users} }}\n    \
         gracefulStop: 5s\n    steps:\n{steps}"
    )
}

/// The most memory that was resident at once, in bytes, and the number of answers.
fn run(setting: &Setting<'_>, nginx: &Nginx, plan: &str, lasts: Duration) -> Result<(f64, u64)> {
    let url = nginx.url();
    let job = Job { plan, target: &url, workers: 1, place: Place::Generator, lasts };
    let run = setting.loadgate.run(&job, setting.cores, setting.folder)?;
    let errors = run.report.errors();
    ensure!(errors == 0, "{errors} requests or checks failed: {}", run.report.headline);
    Ok((run.process.peak_memory as f64, run.report.responses()))
}
