//! The example plans: as they are written, and run against the demo API.

mod plans;
mod runs;
mod scale_out;
mod scripts;
