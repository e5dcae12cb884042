//! A deployment: the demo API as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::rig::cores::{Cores, Place};
use crate::rig::loadgate::Loadgate;
use crate::rig::process::{Background, cpu_of};

/// The request that is slowed: 6 ms in the median, log-normal with σ = 0.3.
pub const SLOWED: &str = "concerts";

/// A running `loadgate demo serve`; it ends when this is dropped, or with this process.
#[derive(Debug)]
pub struct Deployment {
    process: Background,
    pub url: String,
}

impl Deployment {
    /// Serves on a free loopback port, with [`SLOWED`] slower by a share in percent.
    ///
    /// # Errors
    /// It can't be started, or does not say where it serves.
    pub fn start(loadgate: &Loadgate, slow_percent: u32, seed: u64, cores: &Cores) -> Result<Deployment> {
        let mut command = loadgate.command();
        command.args(["demo", "serve", "--slow", &format!("{SLOWED}={slow_percent}%"), "--seed", &seed.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Background::start(&mut command, cores, Place::Anywhere)?;
        let mut said = String::new();
        let stdout = process.take_stdout().context("the demo API's output is not piped")?;
        BufReader::new(stdout).read_line(&mut said).context("the demo API says nothing")?;
        let url = said.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.with_context(|| format!("the demo API does not say where it serves: `{}`", said.trim()))?;
        let url = url.trim_end_matches([';', '.', ',']).to_owned();
        Ok(Deployment { process, url })
    }

    /// The CPU time that it has used.
    ///
    /// # Errors
    /// It has ended.
    pub fn cpu(&self) -> Result<Duration> {
        cpu_of(self.process.pid()).context("a deployment ended during its gate")
    }
}
