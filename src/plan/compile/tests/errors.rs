//! Wrong plans, and what is said of them.

mod file;
mod judging;
mod steps;
