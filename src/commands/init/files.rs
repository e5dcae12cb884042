//! The files that `init` writes, as a pure function of what was found.

use std::fmt::Write;

use super::findings::{Findings, Host};
use super::openapi::Api;

/// The action that the workflows use. Its users do better to pin it to a commit, as a comment tells them.
const ACTION: &str = "loadgate/loadgate@v1";

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path in the folder.
    pub path: &'static str,
    pub text: String,
}

/// The plan and the workflows for what was found.
pub fn plan(findings: &Findings) -> Vec<File> {
    let host = findings.hosts.first().map(|found| found.what);
    vec![
        File { path: "loadgate.yml", text: gate_file(findings, host) },
        File { path: ".github/workflows/loadgate.yml", text: pull_request(host, &name(&findings.folder)) },
        File { path: ".github/workflows/loadgate-nightly.yml", text: nightly(host) },
    ]
}

fn gate_file(findings: &Findings, host: Option<Host>) -> String {
    let nothing = Api::default();
    let api = findings.api.as_ref().map_or(&nothing, |found| &found.what);
    let (secrets, headers) = match host {
        Some(Host::Vercel) => (
            "# Values that no output shows, from the job's environment.\nsecrets: [VERCEL_AUTOMATION_BYPASS_SECRET]\n",
            "  # Lets the load through Vercel's deployment protection; sent to the target alone.\n  \
             headers: { x-vercel-protection-bypass: \"${secret.VERCEL_AUTOMATION_BYPASS_SECRET}\" }\n",
        ),
        _ => ("", ""),
    };
    include_str!("templates/plan.yml")
        .replace("@NAME@", &name(&findings.folder))
        .replace("@SECRETS@", secrets)
        .replace("@HEADERS@", headers)
        .replace("@URL@", url(host))
        .replace("@READY@", &quoted(api.ready.as_deref().unwrap_or("/")))
        .replace("@SCRIPT@", &script(findings))
        .replace("@STEPS@", &steps(findings, api))
}

/// How the first k6 script that was found becomes the plan's load; nothing without one. YAML needs quotes for some paths.
fn script(findings: &Findings) -> String {
    let Some(script) = findings.k6_scripts.first().map(|script| quoted(script)) else { return String::new() };
    format!(
        "# {script} is a k6 script, which loadgate runs as it is: write `script: {script}` in the place of `scenarios`,\n\
         # with its scenarios' names in the profiles (`default`, if its options name none). See docs/k6.md of loadgate.\n"
    )
}

/// Where a preview is, if it is no deployment that GitHub knows of.
fn url(host: Option<Host>) -> &'static str {
    match host {
        Some(Host::Netlify) => "  url: \"https://deploy-preview-${pr}--YOUR-SITE.netlify.app\" # EDIT the site\n",
        None => {
            "  # Only where GitHub knows of no deployment of the commit. EDIT: your preview's URL; also ${sha} and ${branch}.\n  \
             url: \"https://pr-${pr}.preview.example\"\n"
        }
        Some(_) => "",
    }
}

fn steps(findings: &Findings, api: &Api) -> String {
    let mut steps = String::new();
    let paths: Vec<&str> = api.paths.iter().map(String::as_str).collect();
    let origin = match &findings.api {
        Some(found) if !paths.is_empty() => format!("The paths of {} that need no parameters.", found.file),
        _ => "Only the first page.".to_owned(),
    };
    // Writing to a string can't fail.
    let _ = writeln!(steps, "      # {origin} EDIT: what your users do, in their order.");
    for path in if paths.is_empty() { vec!["/"] } else { paths } {
        let _ = writeln!(steps, "      - get: {}", quoted(path));
        let _ = writeln!(steps, "        check: {{ status is 200: \"status == 200\" }}");
    }
    steps
}

/// A plan's name from a folder's: letters, digits, `-`, `_` and `.`.
fn name(folder: &str) -> String {
    let name: String =
        folder.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let name = name.trim_matches(['-', '.']);
    match name.chars().any(|c| c.is_ascii_alphabetic()) {
        true => name.to_owned(),
        // A number, or nothing at all.
        false => format!("service-{name}").trim_end_matches('-').to_owned(),
    }
}

/// Text in YAML's double quotes. A `$` before a brace would begin a template; no path of ours has a brace.
fn quoted(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A workflow's part that depends on the host.
#[derive(Default)]
struct Preview {
    /// Where the load goes; empty where loadgate finds the preview by itself, or the plan says it.
    target: &'static str,
    /// Steps before the load.
    steps: &'static str,
    /// Secrets that the plan uses.
    secret: Option<&'static str>,
}

fn preview(host: Option<Host>) -> Preview {
    match host {
        Some(Host::Vercel) => Preview { secret: Some("VERCEL_AUTOMATION_BYPASS_SECRET"), ..Preview::default() },
        Some(Host::Fly) => Preview {
            // The name that superfly/fly-pr-review-apps gives by default.
            target: "https://pr-${{ github.event.pull_request.number }}-${{ github.repository_owner }}-${{ \
                     github.event.repository.name }}.fly.dev # EDIT if your review apps are named otherwise",
            ..Preview::default()
        },
        Some(Host::Compose { .. }) => Preview { steps: COMPOSE, ..Preview::default() },
        // They tell GitHub of their previews, or the plan tells the address.
        Some(Host::Render | Host::Netlify) | None => Preview::default(),
    }
}

const COMPOSE: &str = "      - name: Start the service
        run: docker compose up --detach --build --wait
";

/// An `env:` of one secret, indented by this many spaces.
fn env(secret: Option<&str>, indent: usize, heading: &str) -> String {
    let pad = " ".repeat(indent);
    secret.map(|name| format!("{heading}{pad}{name}: ${{{{ secrets.{name} }}}}\n")).unwrap_or_default()
}

fn pull_request(host: Option<Host>, name: &str) -> String {
    let preview = preview(host);
    let target = match target(host, preview.target) {
        target if target.is_empty() => {
            "          # No target: loadgate waits for the commit's deployment, and takes its URL from GitHub."
                .to_owned()
        }
        target => format!("          target: {target}"),
    };
    include_str!("templates/pull-request.yml")
        .replace("@NAME@", name)
        .replace("@ACTION@", ACTION)
        .replace("@PREVIEW@", preview.steps)
        .replace("@ENV@", &env(preview.secret, 10, "        env:\n"))
        .replace("@TARGET@", &target)
}

fn nightly(host: Option<Host>) -> String {
    let preview = preview(host);
    include_str!("templates/nightly.yml")
        .replace("@ACTION@", ACTION)
        .replace("@PREVIEW@", preview.steps)
        .replace("@ENV@", &env(preview.secret, 6, ""))
        .replace("@TARGET@", &target(host, "https://staging.example # EDIT"))
}

fn target(host: Option<Host>, otherwise: &str) -> String {
    match host {
        Some(Host::Compose { port }) => format!("http://localhost:{port}"),
        _ => otherwise.to_owned(),
    }
}
