//! What a run was and what it ran on, in lines.

use std::time::Duration;

use crate::measurement::{Ending, Measurement};
use crate::number;

/// Name and value of each line, always the same ones; none where the run doesn't know.
pub fn lines(run: &Measurement) -> Vec<(&'static str, Option<String>)> {
    let machine = &run.contract.machine;
    let seconds = |time: Duration| number::duration(time.as_secs_f64() * 1e3);
    let ending = match &run.ending {
        Ending::Completed => "completed".to_owned(),
        Ending::Interrupted => "interrupted".to_owned(),
        Ending::Aborted { threshold } => format!("ended early by {threshold}"),
    };
    let cpu = run.generator.busiest_worker_cpu.map(|share| format!("{} of one core", number::percent(share)));
    vec![
        ("started", Some(run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())),
        ("ran", Some(format!("{}, {ending}", seconds(run.elapsed)))),
        ("judged", Some(seconds(run.judged_for))),
        ("seed", Some(run.seed.to_string())),
        ("loadgate", Some(machine.generator.clone())),
        ("CPU", machine.cpu.clone()),
        ("cores", machine.cores.map(|cores| cores.to_string())),
        ("runner image", machine.image.clone()),
        ("region", machine.region.clone()),
        ("spoken", run.contract.spoken()),
        ("job", run.job.clone()),
        ("busiest worker", cpu),
        ("loop lag p99", run.generator.loop_lag.quantile(0.99).map(number::duration)),
    ]
}
