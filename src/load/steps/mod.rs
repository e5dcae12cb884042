//! The work of a plan: virtual users that run its steps.
//!
//! [`StepUsers`] makes them; [`run_bracket`] runs setup and teardown, [`preflight`] tries each scenario once before the
//! load. All three are the same interpreter ([`runner`]) in different [modes](runner::Mode).

mod answer;
mod body;
mod bracket;
mod data;
mod evidence;
mod loops;
mod mask;
mod names;
mod outgoing;
mod preflight;
mod requests;
mod runner;
mod scope;
#[cfg(test)]
mod tests;
mod user;

pub use bracket::{BracketFailure, BracketKind, run_bracket};
pub use evidence::{EvidenceLog, FailureClass, Incident};
pub use mask::{MASKED, Mask};
pub use outgoing::is_allowed;
pub use preflight::{PreflightFailure, PreflightNote, preflight};
pub use user::{StepUser, StepUsers};
