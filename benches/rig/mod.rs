//! What the benches stand on: pinned processes, the server that is loaded, the facts of the machine, and tables.
//!
//! Each bench uses a part of it.
#![allow(dead_code)]

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

pub mod cores;
pub mod loadgate;
pub mod machine;
pub mod nginx;
pub mod process;
pub mod statistics;
pub mod table;
pub mod target;

/// A folder for a bench's files, removed at its end.
///
/// # Errors
/// It can't be made.
pub fn folder() -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("loadgate-bench-").tempdir()?;
    // The worker of an nginx that root starts runs as another user.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    Ok(folder)
}
