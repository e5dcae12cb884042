//! The baseline: one file a run, and the window of runs that a new one is compared with.

mod calibration;
mod store;
mod trail;
mod window;

pub use calibration::{
    Alone, Arms, CALIBRATION_VERSION, Calibration, Calibrations, DeploymentPair, Difference, Figure, FigureOutcome,
    GateOutcome, GateRecord, Outcomes, Record, RecordFile, Rules, SlowDown,
};
pub use store::{Entry, Runs, Skipped, Store, StoreError};
pub use trail::{Point, Trail};
pub use window::{Others, Window};
