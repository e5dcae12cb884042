//! The control: a request outside of the deployment. Only what it shows may be said of the environment, and that is never green.

use crate::baseline::Window;
use crate::measurement::Measurement;
use crate::plan::Policy;
use crate::plan::policy::GatedMetric;

use super::{Base, Compared, Comparison, Guard, GuardKind, Row, RowOutcome, history};

const CURE: &str = "measure again when the control is as usual, or compare with a reference (--reference), which the \
                    environment hits alike; the change of the deployment is neither proven nor ruled out";

/// Looks at the control of a run that is compared with history, and would fail by a latency of that comparison and by nothing
/// else: if the control has become slower than in the window, by the same test, what failed says nothing of the deployment.
/// Thresholds, failures and rates are facts whatever the environment does. None where the plan has no control.
pub fn examine(
    run: &Measurement,
    policy: &Policy,
    window: Option<&Window>,
    comparison: &Comparison,
    fails_otherwise: bool,
) -> Option<Guard> {
    let Comparison::Made(compared @ Compared { with: Base::History(_), .. }) = comparison else { return None };
    let rows = history::of_control(run, policy, window?)?;
    let fails = !fails_otherwise && fails_by_latency(compared);
    let moved = rows.iter().find(|row| row.outcome == RowOutcome::Fail);
    let (fired, finding) = match (moved, rows.first()) {
        (Some(row), _) if fails => {
            (true, format!("outside of the deployment, the control became slower too: {}", row.sentence()))
        }
        (Some(row), _) => (false, format!("the control became slower, and excuses nothing here: {}", row.sentence())),
        (None, Some(row)) => (false, format!("the control is not proven slower: {}", row.sentence())),
        (None, None) => (false, "the control has too few samples, or too few runs that know it".into()),
    };
    Some(Guard { kind: GuardKind::Environment, subject: None, fired, finding, cure: CURE.into() })
}

/// Whether rows block, all of them latencies.
fn fails_by_latency(compared: &Compared) -> bool {
    let failed: Vec<&Row> = compared.rows.iter().filter(|row| compared.blocks(row)).collect();
    !failed.is_empty() && failed.iter().all(|row| row.metric != GatedMetric::Failed)
}

#[cfg(test)]
mod tests;
