//! The issue on what a history shows: one for each plan.

use std::path::Path;

use crate::baseline::{Finding, FindingKind, Runs};
use crate::github::issue::{self, Issue};
use crate::github::landing::Way;
use crate::plan::Plan;
use crate::report::markdown;

use super::super::ci::CiJob;
use super::super::conclude::quoted;

/// What the issue is about.
pub struct Told<'a> {
    pub job: &'a CiJob,
    pub plan: &'a Plan,
    /// The plan's file as it was named.
    pub plan_path: &'a Path,
    /// Where the runs are.
    pub way: Option<&'a Way>,
    pub runs: &'a Runs,
    pub findings: &'a [Finding],
}

/// The label by which somebody finds all issues of ours.
const LABEL: &str = "loadgate";

/// Longest sentence, escaped.
const SENTENCE: usize = 1_000;
/// More findings are counted.
const LISTED: usize = 20;

/// Opens, updates or closes the plan's issue. What goes wrong is a warning.
pub fn tell(told: &Told<'_>) {
    let plan = &told.plan.name;
    let marker = marker(plan);
    let findings: Vec<&Finding> = told.findings.iter().filter(|finding| concerns_people(finding.kind)).collect();
    let footer = told.job.context.run_url().map(|url| format!("[The run that found it]({url})")).unwrap_or_default();
    let issue = Issue {
        repository: &told.job.context.repository,
        marker: &marker,
        label: LABEL,
        title: &format!("loadgate: the baseline of {} needs a decision", markdown::plain(plan)),
        body: &body(&marker, told, &findings),
        footer: &footer,
        open: !findings.is_empty(),
    };
    match told.job.ask(async |client, _| issue::tell(client, &issue).await) {
        Ok(issue::Told::Opened { url }) => eprintln!("issue opened: {url}"),
        Ok(issue::Told::Updated { url }) => eprintln!("issue updated: {url}"),
        Ok(issue::Told::Closed { url }) => eprintln!("issue closed: {url}"),
        Ok(issue::Told::Unchanged) => {}
        Err(error) => eprintln!("warning: no issue: {error}; or give --issue never"),
    }
}

/// What waits for somebody. The rest is told in the log of the refresh, and by `baseline show`.
fn concerns_people(kind: FindingKind) -> bool {
    matches!(kind, FindingKind::Waits | FindingKind::Step | FindingKind::Suspect | FindingKind::Drift)
}

/// Not the comment's marker: both are of one plan.
fn marker(plan: &str) -> String {
    markdown::marker(plan).replacen("loadgate:", "loadgate-baseline:", 1)
}

fn body(marker: &str, told: &Told<'_>, findings: &[&Finding]) -> String {
    let plan = markdown::inline(&told.plan.name, 200);
    if findings.is_empty() {
        return format!(
            "{marker}\nThe baseline of {plan} shows no step, drift or suspect run any more: there is nothing to decide.\n"
        );
    }
    let mut text = format!("{marker}\nThe baseline of {plan} shows what somebody should look at.\n\n");
    for finding in findings.iter().take(LISTED) {
        let Finding { place, problem, cure, .. } = finding;
        let (place, problem) = (markdown::inline(place, 300), markdown::inline(problem, SENTENCE));
        text.push_str(&format!("- **{}** {place}: {problem}.\n", heading(finding.kind)));
        text.push_str(&format!("  What to do: {}.\n", markdown::inline(cure, SENTENCE)));
    }
    if findings.len() > LISTED {
        text.push_str(&format!("- and {} more, which `loadgate baseline show` lists\n", findings.len() - LISTED));
    }
    if let Some(file) = findings.iter().find_map(|finding| finding.accept).map(|run| file(told.runs, run)) {
        text.push_str("\nTo take the first of them for the new normal:\n\n");
        text.push_str(&markdown::block("sh", &accept(told.plan_path, told.way, &file), 3_000));
    }
    text
}

fn heading(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Waits => "The window waits.",
        FindingKind::Step => "Step.",
        FindingKind::Suspect => "Suspect.",
        _ => "Drift.",
    }
}

/// The run's file, from the repository's root.
fn file(runs: &Runs, run: usize) -> String {
    runs.entries[run].path.display().to_string()
}

/// The commands that accept the run and publish that, in a clone.
fn accept(plan: &Path, way: Option<&Way>, file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    // Above the plan's own folder.
    let folder = file.rsplitn(3, ['/', '\\']).nth(2).unwrap_or(".");
    let plan = match plan.to_str() {
        None | Some("loadgate.yml") => String::new(),
        Some(path) => format!(" {}", quoted(path)),
    };
    let Some(Way::Branch { name: branch, .. }) = way else {
        let folder = quoted(folder);
        return format!(
            "loadgate baseline accept{plan} --baseline {folder} --run {name} --why \"…\"\n\
             git commit --message \"Accept {name}\" {folder}\n\
             git push"
        );
    };
    let beside = quoted(&format!("../{}", branch.replace('/', "-")));
    let (folder, branch) = (quoted(&format!("../{}/{folder}", branch.replace('/', "-"))), quoted(branch));
    format!(
        "git fetch origin {branch} && git worktree add {beside} {branch}\n\
         loadgate baseline accept{plan} --baseline {folder} --run {name} --why \"…\"\n\
         git -C {beside} commit --all --message \"Accept {name}\" && git -C {beside} push origin {branch}\n\
         git worktree remove {beside}"
    )
}

#[cfg(test)]
mod tests;
