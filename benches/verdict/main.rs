//! Whether the paired gate's verdicts are right, shown live: `cargo bench --bench verdict`.
//!
//! Each gate is two processes of `loadgate demo serve`, one of them slowed by a known share or not at all, and a process of
//! `loadgate run` that judges the one by the other. See `docs/verdict.md`. The figures are no assertions: it exits with 0
//! whatever they are, and with 1 where it could not measure.

#[cfg(target_os = "linux")]
#[path = "../rig/mod.rs"]
mod rig;

#[cfg(target_os = "linux")]
mod burn;
#[cfg(target_os = "linux")]
mod deployment;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod outcome;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod show;
#[cfg(target_os = "linux")]
mod summary;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match run::run(&clap::Parser::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("verdict: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("verdict: SKIPPED: it ends its processes and reads their CPU time as only Linux lets it");
}
