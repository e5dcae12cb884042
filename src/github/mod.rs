//! Life in GitHub: where a job runs, the comment on its pull request, its check run, summary, outputs and annotations.
//!
//! This module takes text and plain structs: it knows nothing of plans, measurements and verdicts. Nothing here may change
//! a verdict: what goes wrong is a value that the caller prints as a warning.

pub mod annotation;
mod answer;
pub mod artifact;
mod branch;
pub mod check_run;
pub mod client;
pub mod comment;
pub mod comparison;
mod connector;
pub mod contents;
pub mod context;
pub mod deployment;
pub mod error;
pub mod event;
pub mod files;
mod identity;
pub mod issue;
pub mod landing;
pub mod outputs;
pub mod permission;
pub mod pull_request;
pub mod rate_limit;
mod redirect;
pub mod summary;

pub use annotation::{Annotation, Level};
pub use check_run::{CheckRun, Conclusion, WrittenCheck};
pub use client::{Client, Limits, Token};
pub use comment::{Comment, Upserted, upsert};
pub use connector::Proxies;
pub use context::{Context, ContextError, Repository, Subject};
pub use error::{Action, Error};
pub use event::{Event, IssueComment, PullRequest, WorkflowRun};
