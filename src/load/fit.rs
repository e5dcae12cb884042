//! Whether a plan fits the machine that is to run it: said before anything is sent.

use std::net::IpAddr;

use url::{Host, Url};

use crate::plan::Plan;

use super::limits::Limits;
use super::needs::Needs;
use super::pacer::Shard;

/// Files that are no connections: standard streams, the event loop and timers of each worker, reports, DNS.
const SPARE_FILES: u64 = 64;
const FILES_A_WORKER: u64 = 16;

/// Memory of a virtual user without a connection, in bytes.
#[derive(Clone, Copy)]
struct VuMemory {
    least: u64,
    usual: u64,
}

/// The least is below what was measured (5 kB, waiting); usual is one with data.
const OF_STEPS: VuMemory = VuMemory { least: 4_000, usual: 8_000 };
/// An engine alone takes 83 kB (measured); usual is a script of a team (135 kB) with data.
const OF_SCRIPT: VuMemory = VuMemory { least: 80_000, usual: 150_000 };
/// Memory of a connection: the kernel's part alone (3.7 kB measured: socket, inode, descriptor), and with the buffers of
/// both for answers of some kB (2 kB measured for small ones), and with TLS's.
const LEAST_CONNECTION: u64 = 3_500;
const USUAL_CONNECTION: u64 = 12_000;
const USUAL_TLS_CONNECTION: u64 = 45_000;
/// More than this share of the memory that is left is too close.
const USABLE_MEMORY: f64 = 0.9;

/// How long a closed connection keeps its local port, on Linux: TIME_WAIT, or what `tcp_tw_reuse` makes of it.
const TIME_WAIT_SECONDS: f64 = 60.0;
const REUSE_SECONDS: f64 = 1.0;

/// What the run is besides its plan.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// None where it is not known yet.
    pub target: Option<&'a Url>,
    pub workers: usize,
    pub shard: Shard,
    /// How many deployments are loaded: 2 in a paired run.
    pub arms: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// What may not fit, each with figures and cure. The run shows whether it does: guards watch for it.
    pub warnings: Vec<String>,
    /// What can't fit: the system would kill the process, and all that it had measured with it.
    pub refusal: Option<String>,
}

impl Fit {
    /// Compares what the plan can need with what the machine gives. Nothing is said of a limit that is not known.
    pub fn of(plan: &Plan, run: Circumstances<'_>, limits: &Limits) -> Fit {
        let needs = Needs::of(plan, run.shard).times(run.arms);
        let target = run.target.or(plan.target.url.as_ref()).or(plan.target.of_script.as_ref());
        let mut fit = Fit::default();
        fit.warnings.extend(files(&needs, run.workers, limits));
        fit.warnings.extend(ports(&needs, limits));
        fit.warnings.extend(waiting_ports(&needs, target, limits));
        fit.warnings.extend(workers(run.workers, limits));
        let a_vu = if plan.script.is_some() { OF_SCRIPT } else { OF_STEPS };
        match memory(&needs, a_vu, target, limits) {
            Some(Memory::TooClose(warning)) => fit.warnings.push(warning),
            Some(Memory::TooLittle(refusal)) => fit.refusal = Some(refusal),
            None => {}
        }
        fit
    }
}

fn files(needs: &Needs, workers: usize, limits: &Limits) -> Option<String> {
    let limit = limits.open_files?;
    let needed = needs.connections.saturating_add(SPARE_FILES + FILES_A_WORKER * workers as u64);
    (needed > limit).then(|| {
        format!(
            "the plan can need {needed} open files at once ({} connections of {} VUs), and a process may open {limit} here: \
             raise the hard limit (`ulimit -Hn`, LimitNOFILE, a container's --ulimit nofile), or use fewer VUs or more shards",
            needs.connections, needs.most_vus
        )
    })
}

/// Linux finds a free port for each connection to one address and port of the target, so that every address has the whole
/// range.
fn ports(needs: &Needs, limits: &Limits) -> Option<String> {
    let limit = limits.local_ports?;
    (needs.connections > limit).then(|| {
        format!(
            "the plan can hold {} connections at once, and this machine has {limit} local ports for those to one address: \
             unless the target has several, widen net.ipv4.ip_local_port_range, or use fewer VUs or more shards",
            needs.connections
        )
    })
}

/// Whichever side closes a connection first keeps its ports for a while. Where connections are not kept that is often this
/// one.
fn waiting_ports(needs: &Needs, target: Option<&Url>, limits: &Limits) -> Option<String> {
    let limit = limits.local_ports?;
    let loopback = target.is_some_and(is_loopback);
    let reuses = limits.reuses_ports || loopback && limits.reuses_loopback_ports;
    let seconds = if reuses { REUSE_SECONDS } else { TIME_WAIT_SECONDS };
    let waiting = (needs.new_connections_a_second * seconds).ceil();
    (waiting > limit as f64).then(|| {
        let cure = if reuses { "" } else { "set net.ipv4.tcp_tw_reuse=1, " };
        format!(
            "{:.0} new connections a second keep up to {waiting} local ports for {seconds} s each after their end, and this \
             machine has {limit} for those to one address: keep connections alive, {cure}widen \
             net.ipv4.ip_local_port_range, or use more shards",
            needs.new_connections_a_second
        )
    })
}

fn is_loopback(target: &Url) -> bool {
    match target.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn workers(workers: usize, limits: &Limits) -> Option<String> {
    let cores = limits.cores?;
    (workers as u64 > cores).then(|| {
        let cores = if cores == 1 { "1 core".into() } else { format!("{cores} cores") };
        format!("{workers} workers on {cores} take each other's time, which shows as lag: leave --workers out")
    })
}

enum Memory {
    TooClose(String),
    TooLittle(String),
}

fn memory(needs: &Needs, a_vu: VuMemory, target: Option<&Url>, limits: &Limits) -> Option<Memory> {
    let left = limits.memory?;
    // No more connections than the system gives a process can take memory.
    let possible = limits.open_files.map_or(needs.connections, |files| files.min(needs.connections));
    let takes = |vus: u64, a_vu: u64, connections: u64, a_connection: u64| {
        vus.saturating_mul(a_vu).saturating_add(connections.saturating_mul(a_connection))
    };
    let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    let cure = "use fewer VUs, more shards or a larger machine";
    // Connections of VUs that are made on demand may never come.
    let certain = possible.min(needs.vus);
    let least = takes(needs.vus, a_vu.least, certain, LEAST_CONNECTION);
    if least > left {
        return Some(Memory::TooLittle(format!(
            "{} VUs take at least {} of memory, and {} are left here: the system would kill the run, and what it had measured \
             would be lost; {cure}",
            needs.vus,
            gigabytes(least),
            gigabytes(left)
        )));
    }
    let a_connection = match target.map(Url::scheme) {
        Some("https") => USUAL_TLS_CONNECTION,
        _ => USUAL_CONNECTION,
    };
    let usual = takes(needs.most_vus, a_vu.usual, possible, a_connection);
    (usual as f64 > left as f64 * USABLE_MEMORY).then(|| {
        Memory::TooClose(format!(
            "{} VUs can take about {} of memory ({possible} connections at once), and {} are left here: {cure}",
            needs.most_vus,
            gigabytes(usual),
            gigabytes(left)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ReadOptions, Source, read};

    const ROOMY: Limits = Limits {
        open_files: Some(1_048_576),
        local_ports: Some(28_232),
        reuses_ports: false,
        reuses_loopback_ports: true,
        memory: Some(23_000_000_000),
        cores: Some(2),
    };

    fn fit(plan: &str, target: &str, workers: usize, limits: Limits) -> Fit {
        let source = Source { text: format!("version: 1\nname: test\n{plan}"), path: "test.yaml".into() };
        let plan = read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
        let target = target.parse().unwrap();
        Fit::of(&plan, Circumstances { target: Some(&target), workers, shard: Shard::WHOLE, arms: 1 }, &limits)
    }

    fn vus(count: u64) -> String {
        format!(
            "scenarios: {{ main: {{ executor: constant-vus, vus: {count}, duration: 1m, steps: [{{ get: / }}] }} }}"
        )
    }

    #[test]
    fn what_fits_is_not_talked_about() {
        assert_eq!(fit(&vus(5_000), "https://a.example", 2, ROOMY), Fit::default());
        assert_eq!(
            fit(&vus(1_000_000), "https://a.example", 64, Limits::default()),
            Fit::default(),
            "nothing is known"
        );
    }

    #[test]
    fn each_limit_is_named_with_figures_and_cure() {
        let tight = Limits { open_files: Some(1024), ..ROOMY };
        insta::assert_snapshot!(fit(&vus(1_000), "http://a.example", 4, tight).warnings.join("\n"), @"
        the plan can need 1128 open files at once (1000 connections of 1000 VUs), and a process may open 1024 here: raise the hard limit (`ulimit -Hn`, LimitNOFILE, a container's --ulimit nofile), or use fewer VUs or more shards
        4 workers on 2 cores take each other's time, which shows as lag: leave --workers out
        ");
        insta::assert_snapshot!(fit(&vus(30_000), "http://a.example", 2, ROOMY).warnings.join("\n"), @"the plan can hold 30000 connections at once, and this machine has 28232 local ports for those to one address: unless the target has several, widen net.ipv4.ip_local_port_range, or use fewer VUs or more shards");
    }

    #[test]
    fn ports_wait_after_their_connections_unless_the_kernel_reuses_them() {
        let plan = "
target: { noConnectionReuse: true }
scenarios:
  main: { executor: constant-arrival-rate, rate: 1000, duration: 1m, preAllocatedVUs: 100, steps: [{ get: / }] }
";
        insta::assert_snapshot!(fit(plan, "http://a.example", 2, ROOMY).warnings.join("\n"), @"1000 new connections a second keep up to 60000 local ports for 60 s each after their end, and this machine has 28232 for those to one address: keep connections alive, set net.ipv4.tcp_tw_reuse=1, widen net.ipv4.ip_local_port_range, or use more shards");
        for (target, limits, warnings) in [
            ("http://127.0.0.1:80", ROOMY, 0),
            ("http://localhost", ROOMY, 0),
            ("http://[::1]", ROOMY, 0),
            ("http://127.0.0.1", Limits { reuses_loopback_ports: false, ..ROOMY }, 1),
            ("http://a.example", Limits { reuses_ports: true, ..ROOMY }, 0),
            ("http://a.example", Limits { local_ports: Some(60_000), ..ROOMY }, 0),
        ] {
            assert_eq!(fit(plan, target, 2, limits).warnings.len(), warnings, "{target} {limits:?}");
        }
    }

    #[test]
    fn what_would_be_killed_is_refused_and_what_comes_close_is_told() {
        let small = Limits { memory: Some(4_000_000_000), ..ROOMY };
        let refused = fit(&vus(1_000_000), "http://a.example", 2, small);
        insta::assert_snapshot!(refused.refusal.unwrap(), @"1000000 VUs take at least 7.5 GB of memory, and 4.0 GB are left here: the system would kill the run, and what it had measured would be lost; use fewer VUs, more shards or a larger machine");
        let close = fit(&vus(20_000), "https://a.example", 2, Limits { memory: Some(1_100_000_000), ..ROOMY });
        insta::assert_snapshot!(close.warnings.join("\n"), @"20000 VUs can take about 1.1 GB of memory (20000 connections at once), and 1.1 GB are left here: use fewer VUs, more shards or a larger machine");
        assert_eq!(close.refusal, None);
    }

    #[test]
    fn a_virtual_user_of_a_script_takes_twenty_times_as_much() {
        let needs = Needs { vus: 10_000, most_vus: 10_000, connections: 10_000, new_connections_a_second: 0.0 };
        let verdict = |memory: u64| super::memory(&needs, OF_SCRIPT, None, &Limits { memory: Some(memory), ..ROOMY });
        assert!(matches!(verdict(800_000_000), Some(Memory::TooLittle(_))));
        assert!(matches!(verdict(1_700_000_000), Some(Memory::TooClose(_))));
        assert!(verdict(2_000_000_000).is_none());
        assert!(super::memory(&needs, OF_STEPS, None, &Limits { memory: Some(800_000_000), ..ROOMY }).is_none());
    }
}
