//! The README's plan works as it stands there.

use std::path::PathBuf;

use loadgate::plan::{self, ReadOptions, Source};

const README: &str = include_str!("../README.md");

#[test]
fn the_plan_of_the_readme_is_read() {
    let plans: Vec<String> = yaml_blocks(README).into_iter().filter(|block| block.starts_with("version:")).collect();
    assert_eq!(plans.len(), 1);
    let source = Source { text: plans[0].clone(), path: PathBuf::from("loadgate.yml") };
    let plan = plan::read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(plan.scenarios.len(), 1);
    assert_eq!(plan.warnings, Vec::<String>::new());
}

/// The text between "```yaml" and "```", without the fence's own indentation.
fn yaml_blocks(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let Some(indent) = line.find("```yaml") else { continue };
        let block = lines.by_ref().take_while(|line| line.trim() != "```");
        blocks.push(block.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect());
    }
    blocks
}
