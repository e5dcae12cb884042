//! A neighbour that burns CPU at random: it makes a quiet machine a shared one.

use std::convert::Infallible;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rand_distr::{Distribution, Exp};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::rig::cores::{Cores, Place};
use crate::rig::process::Background;

/// The mean length of a burst, and of a pause: half of the time a core is taken.
pub const MEAN: Duration = Duration::from_millis(300);

/// The longest burst or pause.
const LONGEST: Duration = Duration::from_secs(3);

/// Starts this very program as the neighbour. It ends when this is dropped, or with this process.
///
/// # Errors
/// It can't be started.
pub fn start(seed: u64, cores: &Cores) -> Result<Background> {
    let program = std::env::current_exe().context("this program can't be found")?;
    let mut command = Command::new(program);
    command.args(["--burn", &seed.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
    Background::start(&mut command, cores, Place::Anywhere)
}

/// Burns and pauses, each for an exponentially distributed time, until a signal ends the process.
///
/// # Errors
/// None that can happen: the rate is a constant.
pub fn forever(seed: u64) -> Result<Infallible> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let seconds = Exp::new(1.0 / MEAN.as_secs_f64())?;
    let mut length = || Duration::from_secs_f64(seconds.sample(&mut rng)).min(LONGEST);
    let mut work = 1u64;
    loop {
        let end = Instant::now() + length();
        while Instant::now() < end {
            for _ in 0..10_000 {
                work = black_box(work.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17));
            }
        }
        thread::sleep(length());
    }
}
