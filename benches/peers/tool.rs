//! The generators, how each is started, and how its own figures are read.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;

use crate::rig::cores::{Cores, Place};
use crate::rig::loadgate::{Job, Loadgate};
use crate::rig::process::{self, Finished};
use crate::said::{Said, read_hey, read_k6, read_oha, read_wrk};
use crate::workload::{Size, Workload};

/// A load generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    Wrk,
    Oha,
    Hey,
    K6,
    Loadgate,
    /// loadgate, running k6's script.
    #[serde(rename = "loadgate-script")]
    #[value(name = "loadgate-script")]
    Script,
}

/// Where and with what a generator runs.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub loadgate: &'a Loadgate,
    pub cores: &'a Cores,
    pub folder: &'a Path,
    pub url: &'a str,
    pub size: &'a Size,
}

impl Tool {
    pub const ALL: [Tool; 6] = [Tool::Wrk, Tool::Oha, Tool::Hey, Tool::K6, Tool::Loadgate, Tool::Script];

    pub fn name(self) -> &'static str {
        match self {
            Tool::Wrk => "wrk",
            Tool::Oha => "oha",
            Tool::Hey => "hey",
            Tool::K6 => "k6",
            Tool::Loadgate => "loadgate",
            Tool::Script => "loadgate script",
        }
    }

    /// Whether it takes part. In `post-checks` wrk does its plain GET, as the yardstick.
    pub fn does(self, workload: Workload) -> bool {
        match workload {
            Workload::Get => true,
            Workload::PostChecks => matches!(self, Tool::Wrk | Tool::K6 | Tool::Loadgate | Tool::Script),
            Workload::Ramp => matches!(self, Tool::K6 | Tool::Loadgate | Tool::Script),
        }
    }

    /// What it says of its version; none where it is not installed.
    pub fn version(self, loadgate: &Loadgate) -> Option<String> {
        let ask = |argument: &str| {
            let said = Command::new(process::find(self.name())?).arg(argument).output().ok()?;
            let text = if said.stdout.is_empty() { said.stderr } else { said.stdout };
            Some(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned())
        };
        match self {
            Tool::Wrk => ask("-v").map(|line| line.split(" [").next().unwrap_or_default().to_owned()),
            Tool::Oha | Tool::K6 => ask("--version"),
            // It has no way to tell.
            Tool::Hey => process::find("hey").map(|_| "hey".to_owned()),
            Tool::Loadgate | Tool::Script => Some(loadgate.version.clone()),
        }
    }

    /// Runs it once on the generator's core.
    ///
    /// # Errors
    /// It fails, hangs, or says what can't be read.
    pub fn run(self, workload: Workload, setting: &Setting<'_>) -> Result<(Finished, Said)> {
        let Setting { cores, folder, url, size, .. } = *setting;
        let length = workload.length(size);
        let (seconds, connections) = (format!("{}s", length.as_secs().max(1)), size.connections.to_string());
        let limit = length + Duration::from_secs(60);
        let start = |command: &mut Command| {
            process::run(command, cores, Place::Generator, limit, folder)?.expect(self.name(), &[0])
        };
        let mut command = Command::new(self.name());
        match self {
            Tool::Wrk => {
                command.args(["-t1", "-c", &connections, "-d", &seconds, &format!("{url}/")]);
                let finished = start(&mut command)?;
                let said = read_wrk(&finished.stdout).context("wrk's output")?;
                Ok((finished, said))
            }
            Tool::Oha => {
                command.args(["-z", &seconds, "-c", &connections, "--worker-threads", "1", "--no-tui"]);
                let finished = start(command.args(["--output-format", "json", &format!("{url}/")]))?;
                let said = read_oha(&serde_json::from_str(&finished.stdout)?).context("oha's output")?;
                Ok((finished, said))
            }
            Tool::Hey => {
                command.args(["-z", &seconds, "-c", &connections, "-cpus", "1", &format!("{url}/")]);
                let finished = start(command.env("GOMAXPROCS", "1"))?;
                let said = read_hey(&finished.stdout).context("hey's output")?;
                Ok((finished, said))
            }
            Tool::K6 => {
                let (script, out) = (folder.join("k6.js"), folder.join("k6.json"));
                fs::write(&script, workload.script(size))?;
                let _ = fs::remove_file(&out);
                command.args(["run", "--quiet", "--no-color", "--no-usage-report", "--log-output=stderr"]).arg(&script);
                // It speaks to the target alone.
                command.envs([("GOMAXPROCS", "1"), ("K6_AUTO_EXTENSION_RESOLUTION", "false"), ("TARGET", url)]);
                let finished = start(command.env("OUT", &out))?;
                let text = fs::read_to_string(&out).context("k6 wrote no summary")?;
                let said = read_k6(&serde_json::from_str(&text)?).context("k6's summary")?;
                Ok((finished, said))
            }
            Tool::Loadgate | Tool::Script => {
                let lasts = length + Duration::from_secs(10);
                let plan = match self {
                    Tool::Script => {
                        fs::write(folder.join("loadgate.js"), workload.script_for(size, url))?;
                        "version: 1\nname: script\nscript: loadgate.js\n".to_owned()
                    }
                    _ => workload.plan(size),
                };
                let job = Job { plan: &plan, target: url, workers: 1, place: Place::Generator, lasts };
                let run = setting.loadgate.run(&job, cores, folder)?;
                let p95 = run.report.requests.first().and_then(|request| request.duration).map(|times| times.p95);
                let said = Said {
                    requests: run.report.responses(),
                    seconds: run.report.run.judged_ms / 1e3,
                    errors: run.report.errors(),
                    p95,
                    fired: run.report.fired(),
                };
                Ok((run.process, said))
            }
        }
    }
}
