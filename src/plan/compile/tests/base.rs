//! A pull request's plan held to its base's.

use super::*;
use crate::plan::{AtBase, BaseSource, read_at_base};

const OWN: &str = "\
version: 1
name: shop
secrets: [KEY]
target: { url: 'https://shop.example', headers: { X-Key: '${secret.KEY}' }, allowedHosts: [cdn.example] }
scenarios:
  main:
    executor: constant-vus
    vus: 2
    duration: 10s
    steps:
      - { get: /products, name: products, tags: { tier: gold }, check: { fresh: 'status == 200' } }
      - { get: /cart, name: cart }
thresholds:
  http_req_failed: rate<0.01
  http_req_duration{name:cart}: p(95)<300
gate: { regression: { tolerance: 10%, requests: [cart] } }
profiles:
  long: { thresholds: { http_req_failed: rate<0.02 } }
";

fn at(own: &str, base: &str, profile: Option<&str>) -> Result<AtBase, String> {
    let env = |name: &str| Some(format!("value of {name}"));
    let base =
        BaseSource { text: base.into(), name: "loadgate.yml at base 1234abc".into(), commit: "1234abcdef".into() };
    let options = ReadOptions { env: &env, profile, ..ReadOptions::default() };
    read_at_base(&source(own), &base, &options).map_err(|errors| errors.to_string())
}

/// The plan of a pull request that replaces something of its base's.
fn changed(from: &str, to: &str) -> AtBase {
    assert!(OWN.contains(from), "{from}");
    at(&OWN.replace(from, to), OWN, None).unwrap_or_else(|errors| panic!("{errors}"))
}

fn thresholds(plan: &Plan) -> Vec<String> {
    let base = plan.base.iter().flat_map(|base| &base.thresholds);
    base.map(|threshold| format!("{}: {}", threshold.selector, threshold.condition)).collect()
}

#[test]
fn a_plan_with_rules_no_looser_than_bases_is_held_to_nothing_more() {
    for (from, to) in [
        ("", ""),
        ("version: 1", "version: 1 # a comment"),
        ("vus: 2", "vus: 3"),
        ("thresholds:\n", "thresholds:\n  iterations: count>1\n"),
        ("rate<0.02", "rate<0.9"),
    ] {
        let AtBase { plan, notes } = changed(from, to);
        assert_eq!(plan.base, None, "{to}");
        assert_eq!(notes, Vec::<String>::new(), "{to}");
    }
}

#[test]
fn base_judges_what_a_pull_request_loosens() {
    for (from, to) in [
        ("rate<0.01", "rate<0.5"),
        ("  http_req_failed: rate<0.01\n", ""),
        ("tolerance: 10%", "tolerance: 50%"),
        (", requests: [cart]", ", requests: [products]"),
        (" requests: [cart] }", " requests: [cart] }, inconclusive: fail, guards: { dropped: 50% }"),
    ] {
        let AtBase { plan, notes } = changed(from, to);
        let base = plan.base.as_ref().unwrap_or_else(|| panic!("{to} loosens nothing"));
        assert_eq!(base.commit, "1234abcdef");
        assert_eq!(thresholds(&plan), ["http_req_failed: rate<0.01", "http_req_duration{name:cart}: p(95)<300"]);
        assert_eq!((base.policy.regression.tolerance, base.policy.guards.dropped), (0.1, 0.01));
        assert_eq!(base.gated, ["cart".into()]);
        assert_eq!((notes, &base.gone), (Vec::<String>::new(), &Vec::new()), "{to}");
    }
}

/// What is measured is the pull request's to say, but not in silence.
#[test]
fn another_phase_than_bases_is_named() {
    let AtBase { plan, notes } = changed("requests: [cart] }", "requests: [cart] }, judge: { from: 1s, to: 5s }");
    assert_eq!(plan.base, None, "the limits are the same");
    insta::assert_snapshot!(notes.join("\n"), @"`gate.judge` of this pull request differs from base's: base's limits judge what this pull request's plan measures");
}

/// What base's thresholds need is counted, whether the plan's own need it or not.
#[test]
fn a_run_counts_what_bases_thresholds_need() {
    let AtBase { plan, .. } =
        changed("  http_req_duration{name:cart}: p(95)<300\n", "  http_reqs{tier:gold}: count>1\n");
    let names: Vec<String> = plan.submetrics.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["http_reqs{tier:gold}", "http_req_duration{name:cart}"]);
    let matches: Vec<Vec<u16>> = steps(&plan.scenarios[0])
        .iter()
        .map(|step| request(step).submetrics.iter().map(|matched| matched.submetric.0).collect())
        .collect();
    assert_eq!(matches, [vec![0], vec![1]]);
}

#[test]
fn what_base_asks_of_something_that_is_no_more_is_named() {
    let mut said = Vec::new();
    for (from, to) in [("name: cart }\n", "name: basket }\n"), ("      - { get: /cart, name: cart }\n", "")] {
        let own = OWN.replace(from, to).replace("{name:cart}", "{name:products}").replace("[cart]", "[products]");
        let AtBase { plan, notes } = at(&own, OWN, None).unwrap();
        assert_eq!(thresholds(&plan), ["http_req_failed: rate<0.01"]);
        assert!(plan.base.unwrap().gated.is_empty());
        said.extend(notes);
    }
    let base = OWN
        .replace(
            "thresholds:\n",
            "metrics: { stock: rate }\nthresholds:\n  stock: rate>0.5\n  group_duration: p(95)<9\n",
        )
        .replace(
            "name: cart }\n",
            "name: cart, record: { stock: 'true' }}\n      - { group: pay, steps: [{ get: /pay, name: pay }] }\n",
        );
    said.push("---".into());
    said.extend(at(OWN, &base, None).unwrap().notes);
    insta::assert_snapshot!(said.join("\n"), @r"
    base's threshold on `http_req_duration{name:cart}` judges nothing: no sample of http_req_duration carries `name:cart`
    requests of base's plan that this pull request renames or removes are judged by no rule of base's: `cart`
    base's threshold on `http_req_duration{name:cart}` judges nothing: no sample of http_req_duration carries `name:cart`
    requests of base's plan that this pull request renames or removes are judged by no rule of base's: `cart`
    ---
    base's threshold on `stock` judges nothing: there is no metric `stock`
    base's threshold on `group_duration` judges nothing: no step of a scenario makes a sample of `group_duration`
    ");
}

#[test]
fn what_the_load_touches_is_bases() {
    let AtBase { plan, notes } = changed(
        "https://shop.example', headers: { X-Key: '${secret.KEY}' }, allowedHosts: [cdn.example] }",
        "https://evil.example', allowedHosts: [evil.example] }\nenv: [STAGE]\nreference: auto",
    );
    assert_eq!(plan.target.url.as_ref().unwrap().as_str(), "https://shop.example/");
    assert_eq!(plan.target.allowed_hosts, ["cdn.example"]);
    assert_eq!(plan.target.headers.len(), 1);
    assert!(plan.reference.is_none() && plan.env.is_empty());
    assert_eq!(plan.base, None, "the rules are the same");
    insta::assert_snapshot!(notes.join("\n"), @"`target.url`, `target.allowedHosts`, `target.headers`, `reference`, `env` of this pull request take effect after it is merged: base's are used");
    let AtBase { plan, notes } = at(
        &OWN.replace("cdn.example", "other.example"),
        &OWN.replace("version: 1\n", "version: 1\nreference: { url: 'https://main.example' }\n"),
        None,
    )
    .unwrap();
    assert!(plan.reference.unwrap().url.is_some());
    insta::assert_snapshot!(notes.join("\n"), @"`target.allowedHosts`, `reference` of this pull request take effect after it is merged: base's are used");
}

#[test]
fn a_secret_that_base_does_not_declare_can_not_be_used_yet() {
    let own = OWN.replace("secrets: [KEY]", "secrets: [KEY, PIN]\nenv: [STAGE]").replace(
        "{ get: /cart, name: cart }",
        "{ get: /cart, name: cart, headers: { X-Pin: '${secret.PIN}', X-Stage: '${env.STAGE}' } }",
    );
    insta::assert_snapshot!(at(&own, OWN, None).unwrap_err(), @r"
    loadgate.yml:13:53: scenarios.main.steps[1].headers.X-Pin: base's plan does not declare `secret.PIN`, and a pull request can't on its own
     13 |       - { get: /cart, name: cart, headers: { X-Pin: '${secret.PIN}', X-Stage: '${env.STAGE}' } }
        |                                                     ^^^^^^^^^^^^^^^
      help: in a pull request `secrets` is read from base: merge `PIN` under `secrets` first

    loadgate.yml:13:79: scenarios.main.steps[1].headers.X-Stage: base's plan does not declare `env.STAGE`, and a pull request can't on its own
     13 |       - { get: /cart, name: cart, headers: { X-Pin: '${secret.PIN}', X-Stage: '${env.STAGE}' } }
        |                                                                               ^^^^^^^^^^^^^^
      help: in a pull request `env` is read from base: merge `STAGE` under `env` first

    loadgate.yml: 2 errors
    ");
}

/// What only goes wrong together is named where it stands: here in base's plan.
#[test]
fn an_error_in_bases_part_has_bases_place() {
    let base = OWN
        .replace("constant-vus\n    vus: 2", "constant-arrival-rate\n    rate: 2\n    preAllocatedVUs: 2")
        .replace("version: 1\n", "version: 1\nreference: { url: 'https://main.example', mode: alternating }\n");
    insta::assert_snapshot!(at(OWN, &base, None).unwrap_err(), @r"
    loadgate.yml at base 1234abc:2:49: reference.mode: the scenario `main` is constant-vus, which can't alternate
     2 | reference: { url: 'https://main.example', mode: alternating }
       |                                                 ^^^^^^^^^^^
      help: write `mode: parallel`, or use constant-arrival-rate or ramping-arrival-rate in every scenario

    loadgate.yml: 1 error
    ");
}

#[test]
fn a_broken_base_holds_a_plan_to_nothing() {
    let mut said = Vec::new();
    for (from, to) in [
        ("version: 1", "version: ["),
        ("https://shop.example", "shop"),
        ("{ X-Key: '${secret.KEY}' }", "{ X-Key: '${secret.KEI}' }"),
        ("tolerance: 10%", "tolerance: much"),
        ("gate: {", "gate: { nothing: 1, "),
    ] {
        let AtBase { plan, notes } = at(OWN, &OWN.replace(from, to), None).unwrap();
        assert_eq!((plan.base, plan.target.allowed_hosts), (None, vec!["cdn.example".to_owned()]));
        assert_eq!(notes.len(), 1, "{notes:?}");
        said.extend(notes);
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    base's plan can't be read, so that this pull request's own rules and `target` count: loadgate.yml at base 1234abc:3:8: this is not YAML: a `,` or the `}` of this map is missing
    base's plan can't be read, so that this pull request's own rules and `target` count: loadgate.yml at base 1234abc:4:16: `shop` is no URL
    base's plan can't be read, so that this pull request's own rules and `target` count: loadgate.yml at base 1234abc:4:58: `secret.KEI` is not declared
    base's plan can't be read, so that this pull request's own rules and `target` count: loadgate.yml at base 1234abc:16:34: `much` is not a share
    base's plan can't be read, so that this pull request's own rules and `target` count: loadgate.yml at base 1234abc:16:9: unknown key `nothing`
    ");
}

#[test]
fn bases_rules_are_those_of_the_same_profile() {
    let own = OWN.replace("rate<0.02", "rate<0.9");
    let AtBase { plan, notes } = at(&own, OWN, Some("long")).unwrap();
    assert_eq!(thresholds(&plan)[0], "http_req_failed: rate<0.02");
    assert!(notes.is_empty());
    let own = OWN.replace("  long:", "  longer:").replace("rate<0.02", "rate<0.9");
    let AtBase { plan, notes } = at(&own, OWN, Some("longer")).unwrap();
    assert_eq!(thresholds(&plan)[0], "http_req_failed: rate<0.01");
    assert_eq!(notes, ["base has no profile `longer`: its rules without a profile count"]);
}

#[test]
fn bases_thresholds_end_no_run() {
    let base = OWN.replace("rate<0.01", "[{ threshold: rate<0.001, abortOnFail: true }]");
    let AtBase { plan, .. } = at(OWN, &base, None).unwrap();
    assert!(!plan.base.unwrap().thresholds[0].abort_on_fail);
}

/// Processes that share a run have the same plan, and runs are compared, whatever base asks of them.
#[test]
fn bases_rules_make_no_other_run() {
    let loose = changed("rate<0.01", "rate<0.5").plan;
    assert_eq!(loose.contract, at(OWN, OWN, None).unwrap().plan.contract);
    // What is sent by base's target is another run than by the pull request's own.
    let own = OWN.replace("https://shop.example", "https://other.example");
    let (held, alone) = (at(&own, OWN, None).unwrap().plan, at(&own, &own, None).unwrap().plan);
    assert_ne!(held.contract.plan, alone.contract.plan);
    assert_eq!(held.contract.plan, loose.contract.plan);
}
