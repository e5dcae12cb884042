//! `loadgate`: parse the command line, run the command, turn its outcome into an exit code.

use std::process::ExitCode;

use clap::Parser;
use loadgate::cli::Cli;
use loadgate::commands;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("{}", commands::harmless(&format!("loadgate: {error}")));
            error.exit().into()
        }
    }
}
