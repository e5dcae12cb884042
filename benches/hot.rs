//! The pieces of the hot path on their own, with what each allocates: `cargo bench --bench hot`.
//!
//! They go through the library's public interface: what a virtual user does around them (the clock, the network) is in
//! `peers`.

use std::sync::Arc;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use loadgate::load::layout::layout;
use loadgate::measurement::{HttpSample, Layout, Phases, Recorder, Slot, Tallies};
use loadgate::plan::expression::parse_json;
use loadgate::plan::functions::{RANDOM, Random};
use loadgate::plan::step::Body;
use loadgate::plan::{self, Plan, ReadOptions, Request, Source, Step, Work};
use minijinja::Value;

/// The binary's allocator, counted.
#[global_allocator]
static ALLOCATOR: AllocProfiler<mimalloc::MiMalloc> = AllocProfiler::new(mimalloc::MiMalloc);

fn main() {
    divan::main();
}

/// The queue-token request, with an expression in every place.
const PLAN: &str = r#"
version: 1
name: hot
scenarios:
  main:
    executor: constant-vus
    vus: 1
    duration: 60s
    let: { concert: "${random_int(1, 50)}", token: "${uuid()}" }
    steps:
      - post: /api/v1/concerts/${concert}/queue/token
        headers: { User-Token: "${token}" }
        json: { userId: "${random_int(1, 100000)}", name: "user ${vu}", remember: true }
        check:
          status is 200: "status == 200"
          has token: "body.data.token is defined"
          is waiting: "body.data.status == 'WAITING'"
"#;

const ANSWER: &[u8] = br#"{"code":"200","message":"ok","data":{"token":"8b1a9953c4611296a827abf8c47804d7",
"status":"WAITING","position":1234,"estimatedWaitingTime":42}}"#;

fn read_plan() -> Plan {
    let source = Source { text: PLAN.to_owned(), path: "hot.yml".into() };
    plan::read(&source, &ReadOptions::default()).expect("the plan above is right")
}

fn request(plan: &Plan) -> &Request {
    let Work::Steps(flow) = &plan.scenarios[0].work else { panic!("the plan has steps") };
    match &flow.steps[0] {
        Step::Request(request) => request,
        other => unreachable!("the plan's first step is a request: {other:?}"),
    }
}

/// What expressions see of a virtual user, with the answer that it got.
fn scope(body: Value) -> Value {
    Value::from_pairs([
        ("concert", Value::from(7)),
        ("token", Value::from("8b1a9953c4611296a827abf8c47804d7")),
        ("vu", Value::from(42)),
        ("status", Value::from(200)),
        ("body", body),
        (RANDOM, Value::from_dyn_object(Random::new(1, 1))),
    ])
}

fn parse(text: &[u8]) -> Value {
    parse_json(text).expect("the answer above is JSON")
}

/// A whole answer whose phases vary, as samples do.
fn sample(number: u64) -> HttpSample {
    let waiting = Duration::from_micros(400 + (number * 7919) % 900);
    let phases = Phases {
        sending: Duration::from_micros(6),
        waiting,
        receiving: Duration::from_micros(12),
        ..Phases::default()
    };
    HttpSample {
        phases,
        status: Some(200),
        error: None,
        expected: true,
        sent: 310,
        received: 240,
        limit: Duration::from_secs(60),
        schedule_lag: None,
    }
}

fn filled(layout: &Arc<Layout>, samples: u64) -> Tallies {
    let mut recorder = Recorder::new(layout.clone());
    for number in 0..samples {
        recorder.http(Slot::Block(0), 0, &sample(number), []);
        recorder.check(Slot::Block(0), 0, true, []);
    }
    recorder.swap(Tallies::new(layout))
}

#[divan::bench]
fn record_a_sample(bencher: Bencher) {
    let mut recorder = Recorder::new(Arc::new(layout(&read_plan())));
    let mut number = 0;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        number += 1;
        recorder.http(black_box(Slot::Block(3)), 0, &sample(black_box(number)), []);
    });
}

#[divan::bench]
fn record_a_check(bencher: Bencher) {
    let mut recorder = Recorder::new(Arc::new(layout(&read_plan())));
    bencher
        .counter(ItemsCount::new(1u32))
        .bench_local(|| recorder.check(black_box(Slot::Block(3)), 0, black_box(true), []));
}

#[divan::bench]
fn render_a_path(bencher: Bencher) {
    let plan = read_plan();
    let (request, scope) = (request(&plan), scope(Value::UNDEFINED));
    let mut out = String::with_capacity(256);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        request.url.render(black_box(&scope), &mut out).expect("every name is in the scope");
        black_box(out.len())
    });
}

#[divan::bench]
fn render_a_json_body(bencher: Bencher) {
    let plan = read_plan();
    let (request, scope) = (request(&plan), scope(Value::UNDEFINED));
    let Some(Body::Json(body)) = &request.body else { unreachable!("the request has a JSON body") };
    let mut out = String::with_capacity(256);
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        out.clear();
        body.render_json(black_box(&scope), &mut out).expect("every name is in the scope");
        black_box(out.len())
    });
}

#[divan::bench]
fn evaluate_a_check(bencher: Bencher) {
    let plan = read_plan();
    let (request, scope) = (request(&plan), scope(parse(ANSWER)));
    let check = &request.checks[2].condition;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| check.holds(black_box(&scope)));
}

#[divan::bench]
fn parse_an_answer(bencher: Bencher) {
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| parse(black_box(ANSWER)));
}

#[divan::bench]
fn parse_an_answer_and_evaluate_three_checks(bencher: Bencher) {
    let plan = read_plan();
    let checks = &request(&plan).checks;
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        let scope = scope(parse(black_box(ANSWER)));
        checks.iter().filter(|check| check.condition.holds(&scope) == Ok(true)).count()
    });
}

/// What a worker hands over once a second.
#[divan::bench(args = [100, 10_000, 100_000])]
fn take_a_snapshot(bencher: Bencher, samples: u64) {
    let layout = Arc::new(layout(&read_plan()));
    bencher
        .with_inputs(|| {
            let mut recorder = Recorder::new(layout.clone());
            recorder.merge(&filled(&layout, samples));
            (recorder, Tallies::new(&layout))
        })
        .bench_local_values(|(mut recorder, empty)| (recorder.swap(empty), recorder));
}

/// What is done with it on the collector's side.
#[divan::bench(args = [100, 10_000, 100_000])]
fn merge_a_snapshot(bencher: Bencher, samples: u64) {
    let layout = Arc::new(layout(&read_plan()));
    let (mut total, snapshot) = (filled(&layout, 1000), filled(&layout, samples));
    bencher.bench_local(|| total.merge(black_box(&snapshot)));
}

#[divan::bench(args = [100, 10_000, 100_000])]
fn clear_a_snapshot(bencher: Bencher, samples: u64) {
    let layout = Arc::new(layout(&read_plan()));
    bencher.with_inputs(|| filled(&layout, samples)).bench_local_values(|mut snapshot| {
        snapshot.clear();
        snapshot
    });
}
