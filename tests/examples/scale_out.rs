//! The run on several machines: its manifests and its workflow name the shards as loadgate reads them.

use std::path::Path;

use clap::Parser;
use loadgate::cli::{Cli, Command, MergeArgs, Output, RunArgs, ShardNumber};
use serde_json::Value;

fn documents(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/scale-out").join(name);
    let text = std::fs::read_to_string(path).expect("text");
    text.split("\n---\n").map(|document| serde_saphyr::from_str(document).expect("YAML")).collect()
}

fn job(name: &str) -> Value {
    let found = documents(name).into_iter().find(|document| document["kind"] == "Job");
    found.expect("a job")
}

/// The arguments of a job's container, with its variables' values.
fn arguments(job: &Value, variables: &[(&str, &str)]) -> Vec<String> {
    let arguments = job["spec"]["template"]["spec"]["containers"][0]["args"].as_array().expect("arguments");
    let filled = |argument: &Value| {
        let text = argument.as_str().expect("text").to_owned();
        variables.iter().fold(text, |text, (name, value)| text.replace(&format!("$({name})"), value))
    };
    arguments.iter().map(filled).collect()
}

fn parse(arguments: Vec<String>) -> Command {
    let arguments = ["loadgate".to_owned()].into_iter().chain(arguments);
    Cli::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}")).command
}

fn run(arguments: Vec<String>) -> RunArgs {
    let Command::Run(run) = parse(arguments) else { panic!("no run") };
    run
}

fn merge(arguments: Vec<String>) -> MergeArgs {
    let Command::Merge(merge) = parse(arguments) else { panic!("no merge") };
    merge
}

#[test]
fn every_pod_is_another_shard_and_what_they_write_is_merged() {
    let job = job("shards.yaml");
    let count = job["spec"]["completions"].as_u64().expect("a number");
    assert_eq!(job["spec"]["parallelism"], count, "or some would be late");
    let merge = merge(arguments(&self::job("merge.yaml"), &[]));
    for index in 0..count {
        let variables =
            [("JOB_COMPLETION_INDEX", &*index.to_string()), ("TARGET", "http://x"), ("START_AT", "1790000000")];
        let run = run(arguments(&job, &variables));
        assert_eq!(run.shard, Some(ShardNumber { number: index + 1, count }));
        let [Output::Measurement(out)] = &run.measure.out[..] else { panic!("a file") };
        assert_eq!(out.to_str(), Some(&*format!("/results/shard-{index}.json")));
        assert_eq!([out.parent().expect("a folder")], [&*merge.shards[0]]);
        assert_eq!(Some(run.measure.plan.plan), merge.plan);
    }
}

#[test]
fn every_job_of_the_matrix_is_another_shard() {
    let workflow = documents("workflow.yml").remove(0);
    let load = &workflow["jobs"]["load"];
    let shards = load["strategy"]["matrix"]["shard"].as_array().expect("a list");
    let gate = load["steps"].as_array().expect("steps").iter().find(|step| step["id"] == "gate").expect("a step");
    for (number, shard) in (1..).zip(shards) {
        let given = gate["with"]["args"].as_str().expect("text");
        let given = given.replace("${{ matrix.shard }}", &shard.to_string());
        let given = given.replace("${{ strategy.job-total }}", &shards.len().to_string());
        let given = given.replace("${{ needs.start.outputs.at }}", "1790000000");
        let run = run(["run"].into_iter().chain(given.lines()).map(str::to_owned).collect());
        assert_eq!(run.shard, Some(ShardNumber { number, count: shards.len() as u64 }));
    }
}
