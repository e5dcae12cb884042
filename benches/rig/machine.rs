//! What a figure is worth nothing without: the date and the machine.

use std::fs;

use serde::Serialize;

/// The machine and its state when the bench began.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub date: String,
    pub cpu: String,
    pub cores: usize,
    pub memory_gb: f64,
    pub kernel: String,
    /// Runnable processes over the last minute, before the bench began.
    pub load: f64,
}

impl Machine {
    pub fn look() -> Machine {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let (cpuinfo, meminfo) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let kilobytes = field(&meminfo, "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        Machine {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            cpu: field(&cpuinfo, "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: kilobytes.unwrap_or(0.0) / 1e6,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }

    /// In a line, and a second one where something else was running.
    pub fn describe(&self) -> String {
        let Machine { date, cpu, cores, memory_gb, kernel, load } = self;
        let mut text = format!("{date} · {cpu} · {cores} cores · {memory_gb:.0} GB · Linux {kernel}");
        if *load > 0.5 {
            text += &format!("\nwarning: the machine was not idle before (load {load:.2}): the figures are worth less");
        }
        text
    }
}
