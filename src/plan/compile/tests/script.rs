//! Plans whose work is a script.

use std::fs;
use std::path::Path;

use super::*;
use crate::metric::{Builtin, Kind, Selector, Unit};
use crate::plan::hosts::{HostOverride, Hosts};
use crate::plan::script::Network;
use crate::plan::step::{SubmetricId, SubmetricMatch};
use crate::plan::{
    BaseSource, Condition, CustomMetric, Exec, Executor, Script, ScriptError, Stage, Threshold, Work, read_at_base,
};

const PLAN: &str = "\
version: 1
name: shop
script: load.js
";

fn threshold(selector: &str, condition: &str) -> Threshold {
    Threshold {
        selector: Selector::parse(selector).unwrap(),
        submetric: None,
        condition: Condition::parse(condition).unwrap(),
        abort_on_fail: false,
        delay_abort_eval: Duration::ZERO,
    }
}

/// A script with two scenarios, thresholds and a metric of its own.
fn script() -> Script {
    let scenario = |name: &str, executor, exec| Scenario {
        name: name.into(),
        executor,
        start_time: Duration::from_secs(5),
        graceful_stop: Duration::from_millis(1500),
        work: Work::Script(exec),
        submetrics: Vec::new(),
    };
    let exec = Exec {
        function: "pay".into(),
        env: [("WHO".to_owned(), "me".to_owned())].into(),
        tags: [("kind".into(), "slow".into())].into(),
    };
    let stages = vec![Stage { duration: MINUTE, target: 50 }];
    let ramp = Executor::RampingVus { start_vus: 1, stages, graceful_ramp_down: Duration::ZERO };
    let rate = Executor::ConstantArrivalRate {
        rate: 30.0,
        time_unit: MINUTE,
        duration: MINUTE,
        pre_allocated_vus: 4,
        max_vus: 8,
    };
    let aborting =
        Threshold { abort_on_fail: true, delay_abort_eval: MINUTE, ..threshold("http_req_failed", "rate<0.01") };
    Script {
        path: "load.js".into(),
        digest: "d1".into(),
        scenarios: vec![scenario("browse", ramp, Exec::default()), scenario("pay", rate, exec)],
        thresholds: vec![
            threshold("paid{any:thing}", "rate>0.9"),
            aborting,
            threshold("iterations{kind:slow}", "count>1"),
        ],
        metrics: vec![CustomMetric { name: "paid".into(), kind: Kind::Rate, unit: Unit::Plain }],
        tags: vec![("run".into(), "7".into())],
        origins: vec!["http://127.0.0.1:8080".into()],
        warnings: vec!["options.foo: there is no such option".into()],
        ..Script::default()
    }
}

/// A folder with a plan's script in it; reading it gives another one, or its errors.
struct Folder {
    folder: tempfile::TempDir,
    script: Result<Script, Vec<ScriptError>>,
}

impl Folder {
    fn with(script: Script) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("load.js"), "export default function () {}").unwrap();
        Folder { folder, script: Ok(script) }
    }

    fn source(&self, text: &str) -> Source {
        Source { text: text.into(), path: self.folder.path().join("loadgate.yml") }
    }

    fn read(&self, text: &str, options: &ReadOptions) -> Result<Plan, String> {
        let reader = |path: &Path| {
            assert_eq!(path, self.folder.path().join("load.js"));
            self.script.clone()
        };
        let folder = format!("{}/", self.folder.path().display());
        let read = read(&self.source(text), &ReadOptions { script: Some(&reader), ..*options });
        read.map_err(|errors| errors.to_string().replace(&folder, ""))
    }

    fn plan(&self, text: &str) -> Plan {
        self.read(text, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"))
    }
}

fn plan_of(text: &str) -> Plan {
    Folder::with(script()).plan(text)
}

fn errors_of(text: &str) -> String {
    Folder::with(script()).read(text, &ReadOptions::default()).map(|_| ()).unwrap_err()
}

fn thresholds(plan: &Plan) -> String {
    let shown = plan.thresholds.iter().map(|threshold| {
        let abort =
            if threshold.abort_on_fail { format!(" abort {:?}", threshold.delay_abort_eval) } else { String::new() };
        format!("{} {}{abort}", threshold.selector, threshold.condition)
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[test]
fn the_script_says_the_load() {
    let plan = plan_of(PLAN);
    let own = script();
    for (scenario, of_script) in plan.scenarios.iter().zip(&own.scenarios) {
        assert_eq!((&scenario.name, &scenario.executor), (&of_script.name, &of_script.executor));
        assert_eq!((scenario.start_time, scenario.graceful_stop), (of_script.start_time, of_script.graceful_stop));
        let (Work::Script(exec), Work::Script(of_script)) = (&scenario.work, &of_script.work) else { panic!() };
        assert_eq!(exec, of_script);
    }
    assert_eq!(plan.scenarios.len(), 2);
    assert_eq!(plan.metrics[0].name.as_ref(), "paid");
    assert_eq!((plan.requests.len(), plan.checks.len(), plan.groups.len()), (0, 0, 0), "they are found while it runs");
    assert!(plan.setup.is_none() && plan.teardown.is_none());
    assert_eq!(plan.warnings, ["options.foo: there is no such option"]);
    assert_eq!(plan.script.as_ref().unwrap().digest, "d1");
    assert_eq!(plan.target.of_script.as_ref().map(AsRef::as_ref), Some("http://127.0.0.1:8080/"));
    assert_eq!(plan.target.url, None);
}

#[test]
fn thresholds_are_counted_under_their_tags_whatever_these_are() {
    let plan = plan_of(PLAN);
    assert_eq!(
        thresholds(&plan),
        "paid{any:thing} rate>0.9; http_req_failed rate<0.01 abort 60s; iterations{kind:slow} count>1"
    );
    let submetrics: Vec<_> = plan.thresholds.iter().map(|threshold| threshold.submetric).collect();
    assert_eq!(submetrics, [Some(SubmetricId(0)), None, Some(SubmetricId(1))]);
    let slow = SubmetricMatch { submetric: SubmetricId(1), pending: vec![] };
    assert_eq!((&plan.scenarios[0].submetrics, &plan.scenarios[1].submetrics), (&vec![], &vec![slow]));
    let by_run = plan_of(&format!("{PLAN}thresholds: {{ 'iterations{{run:7,scenario:pay}}': count>2 }}\n"));
    assert_eq!(by_run.scenarios[1].submetrics.len(), 2);
    assert_eq!(by_run.scenarios[0].submetrics.len(), 0);
}

#[test]
fn the_plan_adds_thresholds_and_a_profile_replaces_them() {
    let text = format!(
        "{PLAN}thresholds:\n  http_reqs: rate>1\n  http_req_failed: rate<0.5\n  'paid{{a:b}}': [rate>0]\n\
         gate: {{ regression: {{ requests: [login] }} }}\n\
         profiles:\n  pr:\n    scenarios: {{ browse: {{ executor: constant-vus, vus: 2, duration: 10s }}, pay: {{ rate: 6 }} }}\n    \
         thresholds: {{ http_req_failed: [], 'paid{{any:thing}}': rate>0.1 }}\n"
    );
    let folder = Folder::with(script());
    let plan = folder.plan(&text);
    assert_eq!(
        thresholds(&plan),
        "paid{any:thing} rate>0.9; iterations{kind:slow} count>1; http_reqs rate>1; http_req_failed rate<0.01 abort 60s; \
         http_req_failed rate<0.5; paid{a:b} rate>0"
    );
    assert_eq!(plan.compared.as_deref(), Some(&["login".into()][..]));
    let profile = folder.read(&text, &ReadOptions { profile: Some("pr"), ..ReadOptions::default() }).unwrap();
    assert_eq!(
        thresholds(&profile),
        "paid{any:thing} rate>0.1; iterations{kind:slow} count>1; http_reqs rate>1; paid{a:b} rate>0"
    );
    assert_eq!(profile.scenarios[0].executor, Executor::ConstantVus { vus: 2, duration: Duration::from_secs(10) });
    let Executor::ConstantArrivalRate { rate, max_vus, .. } = profile.scenarios[1].executor else { panic!() };
    assert_eq!((rate, max_vus), (6.0, 8), "the other fields are the script's");
    assert_ne!(plan.contract.load, profile.contract.load);
}

#[test]
fn a_script_is_scaled_as_any_load() {
    let options = ReadOptions { scale_load: 0.5, scale_time: 0.1, ..ReadOptions::default() };
    let plan = Folder::with(script()).read(PLAN, &options).unwrap();
    let stages = vec![Stage { duration: Duration::from_secs(6), target: 25 }];
    assert_eq!(
        plan.scenarios[0].executor,
        Executor::RampingVus { start_vus: 1, stages, graceful_ramp_down: Duration::ZERO }
    );
    assert_eq!(plan.scenarios[0].start_time, Duration::from_millis(500));
    assert_eq!(plan.thresholds[1].delay_abort_eval, Duration::from_secs(6));
}

#[test]
fn a_script_is_the_same_run_while_it_does_the_same() {
    let of = |change: fn(&mut Script)| {
        let mut script = script();
        change(&mut script);
        Folder::with(script).plan(PLAN).contract
    };
    let same = of(|_| {});
    assert_eq!(of(|script| script.thresholds.clear()), same, "what judges a run makes no other");
    let other = of(|script| script.digest = "d2".into());
    assert_eq!((other.load == same.load, other.plan == same.plan), (true, false));
    let other = of(|script| script.scenarios.truncate(1));
    assert_eq!((other.load == same.load, other.plan == same.plan), (false, false));
}

#[test]
fn options_of_connections_are_the_targets() {
    let mut own = script();
    let entries = ["a.example", "b.example"].map(|name| HostOverride::parse(name, "10.0.0.1").unwrap());
    own.network = Network {
        hosts: Hosts::new(entries.to_vec()),
        insecure_skip_tls_verify: true,
        no_connection_reuse: true,
        ..Network::default()
    };
    let folder = Folder::with(own);
    let text = format!("{PLAN}target: {{ url: 'https://shop.example', hosts: {{ a.example: 10.0.0.2 }} }}\n");
    let plan = folder.plan(&text);
    let to = |plan: &Plan, host: &str| plan.target.hosts.find(host, 80).map(|to| to.ip().to_string());
    assert_eq!(to(&plan, "a.example").as_deref(), Some("10.0.0.2"), "the plan's own go before");
    assert_eq!(to(&plan, "b.example").as_deref(), Some("10.0.0.1"));
    assert!(plan.target.tls.insecure_skip_verify && plan.target.no_connection_reuse);
    assert_eq!(plan.target.of_script, None);

    let base = BaseSource { text: text.clone(), name: "base".into(), commit: "1234abc".into() };
    let reader = |_: &Path| folder.script.clone();
    let options = ReadOptions { script: Some(&reader), ..ReadOptions::default() };
    let held = read_at_base(&folder.source(&text), &base, &options).unwrap().plan;
    assert_eq!(to(&held, "b.example"), None, "a pull request may have changed its script");
    assert!(!held.target.tls.insecure_skip_verify && held.target.no_connection_reuse);
    assert_eq!(held.base, None, "its rules are base's");
    assert_eq!((held.contract, held.scenarios.len()), (plan.contract, 2));
}

#[test]
fn base_judges_a_script_that_asks_less_of_itself() {
    let folder = Folder::with(script());
    let base = format!("{PLAN}thresholds: {{ 'http_req_duration{{name:pay}}': p(95)<300 }}\n");
    let base = BaseSource { text: base, name: "base".into(), commit: "1234abc".into() };
    let reader = |_: &Path| folder.script.clone();
    let options = ReadOptions { script: Some(&reader), ..ReadOptions::default() };
    let held = read_at_base(&folder.source(PLAN), &base, &options).unwrap();
    let rules = held.plan.base.unwrap();
    assert_eq!(rules.thresholds[0].selector.metric, Builtin::HttpReqDuration.into());
    assert!(rules.gone.is_empty(), "{:?}", rules.gone);
    assert!(rules.gates("whatever the script calls it"));
}

#[test]
fn the_default_target_is_the_one_origin_of_the_script() {
    for (origins, expected) in [
        (&["https://shop.example"][..], Some("https://shop.example/")),
        (&[], None),
        (&["https://shop.example", "https://auth.example"], None),
        (&["http://{EC2 IP}"], None),
        (&["ftp://shop.example"], None),
    ] {
        let mut own = script();
        own.origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let plan = Folder::with(own).plan(PLAN);
        assert_eq!(plan.target.of_script.as_ref().map(AsRef::as_ref), expected, "{origins:?}");
    }
}

#[test]
fn what_the_script_does_the_plan_does_not() {
    for (section, problem) in [
        ("flows: { a: [{ get: / }] }", "`flows` can't stand beside `script`"),
        ("scenarios: {}", "`scenarios` can't stand beside `script`"),
        ("setup: { steps: [{ get: / }] }", "`setup` can't stand beside `script`"),
        ("teardown: { steps: [{ get: / }] }", "`teardown` can't stand beside `script`"),
        ("data: { users: [1, 2] }", "`data` can't stand beside `script`"),
        ("metrics: { mine: rate }", "`metrics` can't stand beside `script`"),
        ("defaults: { timeout: 5s }", "`defaults` can't stand beside `script`"),
    ] {
        let errors = errors_of(&format!("{PLAN}{section}\n"));
        assert!(errors.starts_with("loadgate.yml:4:1: ") && errors.contains(problem), "{errors}");
        assert!(errors.ends_with("1 error"), "{errors}");
    }
    let shown = errors_of(&format!("{PLAN}metrics: {{ mine: rate }}\nthresholds: {{ payd: rate>0 }}\n"));
    insta::assert_snapshot!(shown, @r"
    loadgate.yml:4:1: metrics: `metrics` can't stand beside `script`
     4 | metrics: { mine: rate }
       | ^^^^^^^
      help: leave it out: the script makes its own, of `k6/metrics`

    loadgate.yml:5:15: thresholds.payd: there is no metric `payd`
     5 | thresholds: { payd: rate>0 }
       |               ^^^^
      help: did you mean `paid`?

    loadgate.yml: 2 errors
    ");
    let shown = errors_of(&format!("{PLAN}profiles: {{ pr: {{ scenarios: {{ brows: {{ vus: 2 }} }} }} }}\n"));
    assert!(shown.contains("there is no scenario `brows` to override"), "{shown}");
}

#[test]
fn what_is_wrong_with_the_script_stands_where_it_is_named() {
    let errors = vec![
        ScriptError { problem: "options.vus: `-1` is not a whole number".into(), help: "write 0 or more".into() },
        ScriptError { problem: "load.js:3:1: unexpected token".into(), help: String::new() },
    ];
    let folder = Folder { script: Err(errors), ..Folder::with(script()) };
    let text = format!("{PLAN}thresholds: {{ paid: rate>0, http_reqs: rate>>1 }}\n");
    let shown = folder.read(&text, &ReadOptions::default()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(shown, @r"
    loadgate.yml:3:9: script: options.vus: `-1` is not a whole number
     3 | script: load.js
       |         ^^^^^^^
      help: write 0 or more

    loadgate.yml:3:9: script: load.js:3:1: unexpected token
     3 | script: load.js
       |         ^^^^^^^

    loadgate.yml:4:45: thresholds.http_reqs: the number to compare with is missing here
     4 | thresholds: { paid: rate>0, http_reqs: rate>>1 }
       |                                             ^
      help: write p(95)<300, say

    loadgate.yml: 3 errors
    ");
    let shown = folder.read("version: 1\nname: shop\nscript: other.js\n", &ReadOptions::default()).map(|_| ());
    assert!(shown.unwrap_err().contains("`other.js` can't be read"));
    let without = read(&folder.source(PLAN), &ReadOptions::default()).map(|_| ()).unwrap_err().to_string();
    assert!(without.contains("this command reads no scripts"), "{without}");
}
