//! How late does the timer wake that the demo API and `loadgate delay` wait by?

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use loadgate::timer::Timer;

use crate::rig::target::{Limit, Target, short};
use crate::run::Setting;

/// About what the quickest of the demo API's endpoints takes.
const WAIT: Duration = Duration::from_millis(2);

/// Waits again and again on a quiet event loop.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Target>> {
    let waits = setting.effort.waits;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut late = runtime.block_on(async {
        let timer = Timer::start()?;
        let mut late = Vec::with_capacity(waits);
        for _ in 0..waits {
            let due = Instant::now() + WAIT;
            timer.sleep_until(due).await;
            late.push(due.elapsed());
        }
        anyhow::Ok(late)
    })?;
    late.sort_unstable();
    let at = |share: usize| late.get(waits * share / 100).map(|late| late.as_secs_f64() * 1e3);
    let (median, p95) = (at(50).context("no waits")?, at(95).context("no waits")?);
    let note = format!("{waits} waits of {} ms, p95 {} ms", WAIT.as_millis(), short(p95));
    // Tokio's own timer, whose steps are of a millisecond, is half a millisecond late in the median.
    Ok(vec![Target::new("the demo's timer: late, median", Some(median), " ms", Limit::AtMost(0.25), note)])
}
