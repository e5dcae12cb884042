//! loadgate beside wrk, oha, hey and k6, in turn, on a core of its own: `cargo bench --bench peers`.
//!
//! See `docs/performance.md` for the method and for what the columns mean. The figures are no assertions: it exits with 0
//! whatever they are, and with 1 where it could not measure.

#[cfg(target_os = "linux")]
#[path = "../rig/mod.rs"]
mod rig;

#[cfg(target_os = "linux")]
mod rounds;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod said;
#[cfg(target_os = "linux")]
mod summary;
#[cfg(target_os = "linux")]
mod tool;
#[cfg(target_os = "linux")]
mod workload;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match run::run(&clap::Parser::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("peers: SKIPPED: it pins processes to cores and reads /proc, as only Linux lets it");
}
