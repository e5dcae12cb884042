//! `init` in folders like those that people have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::plan::{self as gate_file, ReadOptions, Source};

use super::*;

/// A folder called `concerts` with these files.
fn folder(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let outer = TempDir::new().expect("a folder");
    let folder = outer.path().join("concerts");
    fs::create_dir(&folder).expect("a folder");
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    (outer, folder)
}

const OPENAPI: &str = r#"
openapi: 3.0.0
paths:
  /health: { get: {} }
  /concerts: { get: {} }
  /concerts/{id}: { get: {} }
  /search+all: { get: {} }
"#;

const FOLDERS: [(&str, &[(&str, &str)]); 8] = [
    ("nothing", &[]),
    ("vercel", &[("vercel.json", "{}")]),
    ("netlify", &[("netlify.toml", "")]),
    ("fly", &[("fly.toml", "app = 'x'")]),
    ("render", &[("render.yaml", "services: []")]),
    ("compose", &[("compose.yaml", "services: { web: { image: x, ports: ['8080:80'] } }")]),
    ("openapi", &[("docs/openapi.yaml", OPENAPI)]),
    (
        "all of them",
        &[
            ("docker-compose.yml", "services: { web: { ports: ['80:80'] } }"),
            ("fly.toml", ""),
            ("openapi.yaml", OPENAPI),
        ],
    ),
];

fn file(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).expect("it was written")
}

#[test]
fn every_plan_that_it_writes_reads_in_both_profiles() {
    for (what, files) in FOLDERS {
        let (_outer, folder) = folder(files);
        init(&folder, false).expect("an empty place");
        let source = Source::load(folder.join("loadgate.yml")).expect("it was written");
        for (profile, vus) in [(None, 20), (Some("pr"), 20), (Some("nightly"), 50)] {
            let options = ReadOptions { profile, env: &|_| Some("secret".into()), ..ReadOptions::default() };
            let plan = gate_file::read(&source, &options).unwrap_or_else(|errors| panic!("{what}: {errors}"));
            assert_eq!(&*plan.name, "concerts");
            assert_eq!(plan.scenarios[0].executor.max_vus(), vus, "{what}, {profile:?}");
            assert_eq!(plan.warnings, [""; 0], "{what}");
        }
    }
}

#[test]
fn every_workflow_that_it_writes_asks_for_little_and_runs_nothing_foreign() {
    for (what, files) in FOLDERS {
        let (_outer, folder) = folder(files);
        init(&folder, false).expect("an empty place");
        for (name, job) in [("loadgate", "gate"), ("loadgate-nightly", "baseline")] {
            let text = file(&folder, &format!(".github/workflows/{name}.yml"));
            let holes = ["@TARGET@", "@ENV@", "@PREVIEW@", "@NAME@", "@ACTION@"];
            assert!(!holes.iter().any(|hole| text.contains(hole)), "{text}");
            let workflow: Value =
                serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
            assert_eq!(workflow["permissions"], json!({}), "{what}");
            let job = &workflow["jobs"][job];
            let permissions: BTreeMap<String, String> =
                serde_json::from_value(job["permissions"].clone()).expect("a map of text");
            let writable: Vec<&str> =
                permissions.iter().filter(|(_, access)| *access == "write").map(|(name, _)| name.as_str()).collect();
            let expected = if name == "loadgate" { ["checks", "pull-requests"] } else { ["contents", "issues"] };
            assert_eq!(writable, expected, "{what}, {name}");
            assert_eq!(permissions["deployments"], "read", "{what}, {name}");
            for step in job["steps"].as_array().expect("steps") {
                let uses = step["uses"].as_str().unwrap_or("loadgate/");
                let pinned = uses.split_once('@').is_some_and(|(_, commit)| commit.len() == 40);
                assert!(pinned || uses.starts_with("loadgate/"), "{what}: {uses} is not pinned");
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{what}: an expression inside a script: {script}");
            }
        }
    }
}

#[test]
fn the_target_is_where_the_host_puts_previews() {
    for (files, expected, url) in [
        (FOLDERS[1].1, None, None),
        (FOLDERS[2].1, None, Some("https://deploy-preview-${pr}--YOUR-SITE.netlify.app")),
        (FOLDERS[4].1, None, None),
        (FOLDERS[5].1, Some("http://localhost:8080"), None),
        (FOLDERS[0].1, None, Some("https://pr-${pr}.preview.example")),
    ] {
        let (_outer, folder) = folder(files);
        init(&folder, false).expect("an empty place");
        let text = file(&folder, ".github/workflows/loadgate.yml");
        let workflow: Value = serde_saphyr::from_str(&text).expect("a workflow");
        let steps = workflow["jobs"]["gate"]["steps"].as_array().expect("steps");
        let gate = steps.last().expect("a step");
        assert_eq!(gate["uses"], "loadgate/loadgate@v1");
        let mut with = json!({ "plan": "loadgate.yml", "profile": "pr" });
        if let Some(target) = expected {
            with["target"] = target.into();
        }
        assert_eq!(gate["with"], with);
        assert_eq!(text.contains("# No target"), expected.is_none(), "{text}");
        let plan: Value = serde_saphyr::from_str(&file(&folder, "loadgate.yml")).expect("YAML");
        assert_eq!(plan["target"]["url"].as_str(), url);
        assert!(text.contains("the check `loadgate / concerts` a required one"), "{text}");
    }
}

#[test]
fn an_api_becomes_steps_and_its_health_the_readiness() {
    let (_outer, folder) = folder(FOLDERS[6].1);
    init(&folder, false).expect("an empty place");
    let plan: Value = serde_saphyr::from_str(&file(&folder, "loadgate.yml")).expect("YAML");
    assert_eq!(plan["target"]["ready"]["get"], "/health");
    let steps = plan["scenarios"]["visitors"]["steps"].as_array().expect("steps");
    let paths: Vec<&str> = steps.iter().filter_map(|step| step["get"].as_str()).collect();
    assert_eq!(paths, ["/concerts", "/search+all"]);
}

#[test]
fn what_is_there_stays_unless_forced() {
    let (_outer, folder) = folder(&[("loadgate.yml", "mine")]);
    let error = init(&folder, false).expect_err("it is taken");
    insta::assert_snapshot!(error, @r"
    loadgate.yml is there already; nothing was written
      move it away, or overwrite with `loadgate init --force`
    ");
    assert_eq!(file(&folder, "loadgate.yml"), "mine");
    assert!(!folder.join(".github").exists(), "nothing was written");
    init(&folder, true).expect("forced");
    assert!(file(&folder, "loadgate.yml").starts_with("# The load test"));
    let error = init(&folder, false).expect_err("all three are taken");
    insta::assert_snapshot!(error, @r"
    loadgate.yml, .github/workflows/loadgate.yml, .github/workflows/loadgate-nightly.yml are there already; nothing was written
      move them away, or overwrite with `loadgate init --force`
    ");
}

#[test]
fn it_says_what_it_found_and_what_to_edit() {
    let (_outer, folder) = folder(&[
        ("docker-compose.yml", "services: { web: { ports: ['8080:80'] } }"),
        ("vercel.json", "{}"),
        ("openapi.yaml", OPENAPI),
        ("openapi.json", "[1"),
        ("load/test.js", "import http from 'k6/http';"),
        ("load/other.js", "import http from 'http';"),
        ("node_modules/k6/x.js", "import http from 'k6/http';"),
    ]);
    insta::assert_snapshot!(init(&folder, false).expect("an empty place"), @r"
    Found
      vercel.json: Vercel
      docker-compose.yml: Docker Compose (not used)
      openapi.yaml: 2 GET paths become steps (1 left out: they need parameters, or ten were enough)
      load/test.js: a k6 script. `loadgate run load/test.js` runs it as it is; `script:` in the plan makes it the plan's load
    Wrote
      loadgate.yml (look for EDIT)
      .github/workflows/loadgate.yml
      .github/workflows/loadgate-nightly.yml (look for EDIT)
    Next
      loadgate validate
      loadgate run --profile pr --target URL
    Mind
      Vercel permits load tests on Enterprise plans only: ask them first, or keep the `pr` profile small. Protected previews need the secret VERCEL_AUTOMATION_BYPASS_SECRET in the repository's settings.
    ");
}

#[test]
fn the_plan_says_how_a_k6_script_becomes_its_load() {
    let (_outer, folder) = folder(&[("load/a.js", "import http from 'k6/http';"), ("load/b.ts", "import 'k6/http';")]);
    init(&folder, false).expect("an empty place");
    let plan = file(&folder, "loadgate.yml");
    let hint = "# load/a.js is a k6 script, which loadgate runs as it is: write `script: load/a.js` in the place of `scenarios`,";
    assert!(plan.contains(hint), "{plan}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let (_outer, folder) = folder(&[
        ("compose.yml", "services: { db: { image: postgres } }"),
        ("openapi.json", "{\"paths\": "),
        ("swagger.json", "{\"name\": \"x\"}"),
    ]);
    let said = init(&folder, false).expect("an empty place");
    assert!(said.contains("compose.yml: left aside, it publishes no port"), "{said}");
    assert!(said.contains("openapi.json: left aside, it is no YAML or JSON: "), "{said}");
    assert!(said.contains("swagger.json: left aside, it has no `paths`"), "{said}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (_outer, folder) = folder(&[]);
    let error = init(&folder.join("nowhere"), false).expect_err("it is not there");
    assert!(error.to_string().contains("nowhere can't be read: "), "{error}");
}

#[test]
fn folders_of_any_name_give_a_plan_a_name() {
    for (name, expected) in
        [("my shop!", "my-shop"), ("한국", "service"), ("2024", "service-2024"), ("a.b_c-d", "a.b_c-d")]
    {
        let findings = Findings { folder: name.to_owned(), ..Findings::default() };
        let text = plan(&findings).remove(0).text;
        assert!(text.contains(&format!("\nname: {expected}\n")), "{name}");
        let source = Source { text, path: "loadgate.yml".into() };
        gate_file::read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{name}: {errors}"));
    }
}
