//! The k6 scripts that some examples stand for, where the documents they come from lie beside the project: what a script
//! checks, counts and demands, its plan does too.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use loadgate::plan::Plan;

use super::plans::read;
use super::runs::Limit;

/// Plans and the scripts of the same name.
const SCRIPTED: [&str; 4] = ["queue-token", "queue-status", "seat-reservation", "boards-ramp"];

fn scripts() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds/scripts");
    folder.is_dir().then_some(folder)
}

/// The texts in single quotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('\'').skip(1).step_by(2).collect()
}

/// What lies between `open` and the next `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}

/// Lines without their comments.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code).trim()
}

fn checks(script: &str) -> Vec<&str> {
    let Some(block) = between(script, "check(res, {", "});") else { return Vec::new() };
    block.lines().filter_map(|line| Some(code(line).strip_prefix('\'')?.split_once("':")?.0)).collect()
}

fn custom_rates(script: &str) -> Vec<&str> {
    script.lines().filter_map(|line| between(code(line), "new Rate('", "')")).collect()
}

fn thresholds(script: &str) -> Vec<Limit> {
    let Some(block) = between(script, "thresholds: {", "}") else { return Vec::new() };
    let mut found = Vec::new();
    for line in block.lines().map(code) {
        let Some((selector, conditions)) = line.split_once(": [") else { continue };
        found.extend(quoted(conditions).into_iter().map(|text| Limit::read(selector.trim_matches('\''), text)));
    }
    found
}

/// `{duration: '1m', target: 1000}`, in minutes.
fn stages(script: &str) -> Vec<(u64, u64)> {
    let Some(block) = between(script, "stages: [", "]") else { return Vec::new() };
    let stage = |line| {
        let minutes = between(line, "duration: '", "m'")?.parse().ok()?;
        Some((minutes, between(line, "target: ", "}")?.trim().parse().ok()?))
    };
    block.lines().map(code).filter_map(stage).collect()
}

fn planned_stages(plan: &Plan) -> Vec<(u64, u64)> {
    let loadgate::plan::Executor::RampingVus { stages, .. } = &plan.scenarios[0].executor else { return Vec::new() };
    stages.iter().map(|stage| (stage.duration.as_secs() / 60, stage.target)).collect()
}

#[test]
fn plans_ask_what_their_scripts_ask() {
    let Some(folder) = scripts() else {
        // Straight to the stream: what the macros print is kept back from a test that passes.
        let _ =
            writeln!(io::stderr(), "NOT COMPARED: the k6 scripts of the examples are not at ../shared/seeds/scripts");
        return;
    };
    for name in SCRIPTED {
        let path = folder.join(format!("{name}.js"));
        let script = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let plan = read(&format!("{name}.yml"), None);
        let limits: Vec<Limit> =
            plan.thresholds.iter().map(|t| Limit::read(&t.selector.to_string(), &t.condition.to_string())).collect();
        let demanded = thresholds(&script);
        // A script without thresholds demands nothing; its plan may.
        assert!(demanded.is_empty() || limits == demanded, "{name}: {limits:?}, in the script {demanded:?}");
        assert_eq!(demanded.is_empty(), name == "boards-ramp", "{name}: {demanded:?}");
        assert_eq!(plan.checks.iter().map(|check| &**check).collect::<Vec<_>>(), checks(&script), "{name}");
        let metrics: Vec<&str> = plan.metrics.iter().map(|metric| &*metric.name).collect();
        assert_eq!(metrics, custom_rates(&script), "{name}");
        assert_eq!(planned_stages(&plan), stages(&script), "{name}");
        assert!(!stages(&script).is_empty(), "{name}: no stages found in the script");
    }
}
