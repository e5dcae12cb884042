use insta::assert_snapshot;
use rquickjs::loader::{BuiltinLoader, BuiltinResolver};
use rquickjs::{CatchResultExt, Context, Module, Promise, Runtime};

use super::{K6_SUMMARY, K6_UTILS, provided};
use crate::k6::api::{random, webcrypto};

/// k6's own modules as far as these use them: what is checked and tagged can be seen.
const K6: &str = "export function check(value, outcomes, tags) { \
    globalThis.checked = { value, outcomes, tags }; return Object.values(outcomes).every(Boolean) }";
const EXECUTION: &str = "export default { test: { options: { scenarios: { \
      ramp: { stages: [{ duration: '1m', target: 5 }, { duration: '30s', target: 5 }, { duration: 10000, target: 0 }] }, \
      flat: { vus: 1 } } } }, \
    scenario: { get name() { return globalThis.scenario ?? 'ramp' }, get startTime() { return Date.now() - globalThis.elapsed } }, \
    vu: { metrics: { tags: globalThis.tags = {} } } }";

/// The value of `script`, an expression over `utils` and `summary`, as JSON; an exception is `!` and its message.
fn run(script: &str) -> String {
    let runtime = Runtime::new().unwrap();
    let names = ["k6", "k6/execution", "utils", "summary"];
    let resolver = names.into_iter().fold(BuiltinResolver::default(), |resolver, name| resolver.with_module(name));
    let loader = BuiltinLoader::default()
        .with_module("k6", K6)
        .with_module("k6/execution", EXECUTION)
        .with_module("utils", K6_UTILS)
        .with_module("summary", K6_SUMMARY);
    runtime.set_loader(resolver, loader);
    let context = Context::full(&runtime).unwrap();
    context.with(|ctx| {
        random::seed(&ctx, 1).unwrap();
        random::install_math_random(&ctx).unwrap();
        webcrypto::install(&ctx).unwrap();
        let source = format!(
            "import * as utils from 'utils'; import * as summary from 'summary'; \
             globalThis.found = (async () => {{ try {{ return String(JSON.stringify(await ({script}))) }} \
             catch (error) {{ return '!' + error.message }} }})()"
        );
        let imported = Module::evaluate(ctx.clone(), "test", source).catch(&ctx).unwrap();
        imported.finish::<()>().catch(&ctx).unwrap();
        let found: Promise = ctx.globals().get("found").unwrap();
        found.finish::<String>().catch(&ctx).unwrap()
    })
}

fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(script, expected)| {
            let found = run(script);
            (found != *expected).then(|| format!("{script}\n   is {found}\n  not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A string, from its JSON.
fn text(script: &str) -> String {
    serde_json::from_str(&run(script)).unwrap()
}

#[test]
fn random_values_keep_to_their_bounds() {
    let uuid = "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/";
    check(&[
        (&format!("Array.from({{ length: 200 }}, () => utils.uuidv4()).every((id) => {uuid}.test(id))"), "true"),
        (&format!("{uuid}.test(utils.uuidv4(true))"), "true"),
        ("new Set(Array.from({ length: 200 }, () => utils.uuidv4())).size", "200"),
        (
            "[...new Set(Array.from({ length: 200 }, () => utils.randomIntBetween(-1, 2)))].sort((a, b) => a - b)",
            "[-1,0,1,2]",
        ),
        ("[...new Set(Array.from({ length: 200 }, () => utils.randomItem(['a', 'b'])))].sort()", r#"["a","b"]"#),
        ("/^[a-z]{12}$/.test(utils.randomString(12))", "true"),
        ("/^[xy]{40}$/.test(utils.randomString(40, 'xy'))", "true"),
        ("utils.randomString(0)", r#""""#),
    ]);
}

#[test]
fn a_seed_replays_what_is_random() {
    let script = "[utils.uuidv4(), utils.randomString(8), utils.randomIntBetween(1, 1000)]";
    assert_eq!(run(script), run(script));
}

#[test]
fn find_between() {
    check(&[
        ("utils.findBetween('<b>1</b><b>2</b>', '<b>', '</b>')", r#""1""#),
        ("utils.findBetween('<b>1</b><b>2</b><b>3', '<b>', '</b>', true)", r#"["1","2"]"#),
        ("utils.findBetween('nothing', '<b>', '</b>')", "null"),
        ("utils.findBetween('nothing', '<b>', '</b>', true)", "[]"),
    ]);
}

#[test]
fn stages_along_a_bell_curve() {
    assert_snapshot!(
        text("utils.normalDistributionStages(20, 60, 4).map((s) => `${s.duration} ${s.target}`).join('\\n')"),
        @r"
    10s 3
    10s 12
    10s 20
    10s 12
    10s 3
    10s 0
    "
    );
    check(&[
        ("utils.normalDistributionStages(10, 20).length", "12"),
        ("utils.normalDistributionStages(10, 20).at(-1)", r#"{"duration":"4s","target":0}"#),
    ]);
}

#[test]
fn the_stage_that_runs() {
    check(&[
        ("((globalThis.elapsed = 1000), utils.getCurrentStageIndex())", "0"),
        ("((globalThis.elapsed = 61000), utils.getCurrentStageIndex())", "1"),
        ("((globalThis.elapsed = 95000), utils.getCurrentStageIndex())", "2"),
        ("((globalThis.elapsed = 900000), utils.getCurrentStageIndex())", "2"),
        ("((globalThis.elapsed = 61000), utils.tagWithCurrentStageIndex(), tags)", r#"{"stage":1}"#),
        ("((globalThis.elapsed = 0), utils.tagWithCurrentStageProfile(), tags)", r#"{"stage_profile":"ramp-up"}"#),
        ("((globalThis.elapsed = 61000), utils.tagWithCurrentStageProfile(), tags)", r#"{"stage_profile":"steady"}"#),
        (
            "((globalThis.elapsed = 95000), utils.tagWithCurrentStageProfile(), tags)",
            r#"{"stage_profile":"ramp-down"}"#,
        ),
        (
            "((globalThis.scenario = 'flat'), utils.getCurrentStageIndex())",
            "!getCurrentStageIndex() needs a scenario with stages, and 'flat' has none",
        ),
        ("['1h2m3.5s', '500ms', 20, '7'].map(utils.parseDuration)", "[3723500,500,20,7]"),
        ("utils.parseDuration('soon')", r#"!the duration 'soon' must be a number with a unit, such as "1m30s""#),
    ]);
}

#[test]
fn checks_may_be_asynchronous() {
    check(&[
        (
            "[utils.check(5, { big: (v) => v > 3, fixed: true }), checked]",
            r#"[true,{"value":5,"outcomes":{"big":true,"fixed":true}}]"#,
        ),
        (
            "utils.check(5, { now: (v) => v > 3, later: async (v) => v > 9 }).then((ok) => [ok, checked.outcomes])",
            r#"[false,{"now":true,"later":false}]"#,
        ),
        (
            "utils.check(Promise.resolve(5), { now: (v) => v === 5 }, { a: 'b' }).then((ok) => [ok, checked.tags])",
            r#"[true,{"a":"b"}]"#,
        ),
    ]);
}

/// A run with what each kind of metric looks like.
const DATA: &str = r#"{
  root_group: { name: "", groups: [
    { name: "cart", checks: [{ name: "added", passes: 2, fails: 1 }], groups: [
      { name: "coupon", checks: [{ name: "accepted", passes: 3, fails: 0 }], groups: [] }] }],
    checks: [{ name: "status is 200", passes: 3, fails: 0 }, { name: "fast", passes: 0, fails: 3 }] },
  options: { summaryTrendStats: ["avg", "max", "p(95)", "count"], summaryTimeUnit: "" },
  state: { isStdOutTTY: false, testRunDurationMs: 3000 },
  metrics: {
    vus: { type: "gauge", contains: "default", values: { value: 1, min: 1, max: 12 } },
    http_reqs: { type: "counter", contains: "default", values: { count: 3, rate: 9.4286203 } },
    data_received: { type: "counter", contains: "data", values: { count: 2249, rate: 749.67 } },
    checks: { type: "rate", contains: "default", values: { rate: 0.666666, passes: 8, fails: 4 }, thresholds: { "rate>0.9": { ok: false } } },
    http_req_duration: { type: "trend", contains: "time", values: { avg: 4.343297, max: 61234.5, "p(95)": 0.12345, count: 3 },
      thresholds: { "p(95)<500": { ok: true } } },
    "http_req_duration{kind:a}": { type: "trend", contains: "time", values: { avg: 1000, max: 1234.5, "p(95)": 0, count: 3 },
      thresholds: { "avg<1": { ok: false }, "max<9s": { ok: true } } },
    size: { type: "trend", contains: "default", values: { avg: 0.12345678, max: 2, "p(95)": 1.5, count: 10 } },
  } }"#;

#[test]
fn the_summary_as_text() {
    let summary = text(&format!("summary.textSummary({DATA}, {{ enableColors: false }})"));
    let lines: Vec<String> = summary.lines().map(|line| format!("{line}|")).collect();
    assert_snapshot!(lines.join("\n"), @r"
         ✓ status is 200|
         ✗ fast|
          ↳  0% — ✓ 0 / ✗ 3|
    |
         █ cart|
    |
           ✗ added|
            ↳  66% — ✓ 2 / ✗ 1|
    |
           █ coupon|
    |
             ✓ accepted|
    |
       ✗ checks..............: 66.66% 8 out of 12|
         data_received.......: 2.2 kB 750 B/s|
       ✓ http_req_duration...: avg=4.34ms   max=1m1s  p(95)=123.45µs count=3 |
         ✗ { kind:a }........: avg=1s       max=1.23s p(95)=0s       count=3 |
         http_reqs...........: 3      9.42862/s|
         size................: avg=0.123457 max=2     p(95)=1.5      count=10|
         vus.................: 1      min=1       max=12|
    ");
}

#[test]
fn colours_and_an_indent() {
    let data = "{ metrics: { up: { type: 'rate', contains: 'default', values: { rate: 1, passes: 2, fails: 0 }, \
                thresholds: { 'rate>0': { ok: true } } } } }";
    assert_snapshot!(
        text(&format!("summary.textSummary({data}, {{ indent: '>' }})")).replace('\u{1b}', "␛"),
        @">  ␛[32m✓␛[0m up␛[2m...:␛[0m ␛[36m100.00%␛[0m ␛[36;2m2 out of 2␛[0m"
    );
}

#[test]
fn values_for_people() {
    let time = "{ type: 'trend', contains: 'time' }";
    let data = "{ type: 'counter', contains: 'data' }";
    check(&[
        (
            &format!(
                "[0, 1e-7, 0.0005, 0.001, 0.5, 999.999, 1000, 59999, 60000, 61234.5, 3661234].map((v) => summary.humanizeValue(v, {time}))"
            ),
            r#"["0s","0ns","500ns","1µs","500µs","999.99ms","1s","59.99s","1m0s","1m1s","1h1m1s"]"#,
        ),
        (
            &format!("['s', 'ms', 'us'].map((unit) => summary.humanizeValue(61234.5, {time}, unit))"),
            r#"["61.23s","61234.50ms","61234500.00µs"]"#,
        ),
        (
            &format!(
                "[0, 9.4, 999, 1000, 1050, 9951, 10500, 999499, 1e6, 1.5e9].map((v) => summary.humanizeValue(v, {data}))"
            ),
            r#"["0 B","9.4 B","999 B","1.0 kB","1.1 kB","10 kB","11 kB","1000 kB","1.0 MB","1.5 GB"]"#,
        ),
        ("summary.humanizeValue(0.99999, { type: 'rate', contains: 'default' })", r#""99.99%""#),
        ("summary.humanizeValue(1.123456789, { type: 'trend', contains: 'default' })", r#""1.123457""#),
    ]);
}

#[test]
fn thresholds_as_junit() {
    assert_snapshot!(text(&format!("summary.jUnit({DATA}, {{ name: 'load & more' }})")), @r#"
    <?xml version="1.0"?>
    <testsuites tests="4" failures="2">
    <testsuite name="load &amp; more" tests="4" failures="2">
    <testcase name="checks - rate&gt;0.9" classname="Unnamed folder"><failure message="failed" /></testcase>
    <testcase name="http_req_duration - p(95)&lt;500" classname="Unnamed folder" />
    <testcase name="http_req_duration{kind:a} - avg&lt;1" classname="Unnamed folder"><failure message="failed" /></testcase>
    <testcase name="http_req_duration{kind:a} - max&lt;9s" classname="Unnamed folder" />
    </testsuite>
    </testsuites>
    "#);
}

#[test]
fn what_is_provided_at_which_address() {
    let rows = [
        ("https://jslib.k6.io/k6-utils/1.4.0/index.js", Some("k6-utils")),
        ("https://jslib.k6.io/k6-summary/0.0.1/index.js", Some("k6-summary")),
        ("http://jslib.k6.io/url/1.0.0/index.js", Some("url")),
        ("https://jslib.k6.io/httpx/0.1.0/index.js", None),
        ("https://example.com/k6-utils/1.4.0/index.js", None),
    ];
    for (url, expected) in rows {
        assert_eq!(provided(url), expected, "{url}");
    }
}
