//! The baseline: one file a run, what becomes of each run, and the window that a new one is compared with.

mod calibration;
mod drift;
mod figure;
mod findings;
mod life;
mod line;
mod prune;
#[cfg(test)]
mod simulated;
mod steps;
mod store;
mod walk;
mod window;

pub use calibration::{
    Alone, Arms, CALIBRATION_VERSION, Calibration, Calibrations, DeploymentPair, Difference, FigureOutcome, GateFigure,
    GateOutcome, GateRecord, Outcomes, Record, RecordFile, Rules, SlowDown,
};
pub use drift::{Drift, LATEST};
pub use figure::Figure;
pub use findings::{Finding, FindingKind, Sizes, short};
pub use life::{Life, Series, Standing, Step};
pub use prune::{Pruned, Pruning, Spared};
pub use store::{Entry, Runs, Skipped, Store, StoreError};
pub use walk::DECIDING;
pub use window::{Others, Window};
