//! How exact loadgate's figures are, and what it needs for them: `cargo bench --bench exactness`.
//!
//! See `docs/performance.md`. The figures are no assertions: it exits with 0 whatever they are, and with 1 where it could
//! not measure.

#[cfg(target_os = "linux")]
#[path = "../rig/mod.rs"]
mod rig;

#[cfg(target_os = "linux")]
mod delays;
#[cfg(target_os = "linux")]
mod lag;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod timer;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match run::run(&clap::Parser::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("exactness: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("exactness: SKIPPED: it pins processes to cores and reads /proc, as only Linux lets it");
}
