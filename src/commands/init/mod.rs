//! `loadgate init`: looks at a folder and writes a first plan and the workflows that run it. It asks nothing, and leaves what
//! is there alone.

mod files;
mod findings;
mod openapi;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub use files::{File, plan};
pub use findings::{Findings, Found, Host, look};

/// Why nothing was written, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Files of these names are there; nothing was written.
    #[error("{} there already; nothing was written\n  move {} away, or overwrite with `loadgate init --force`",
        .0.join(", ") + if .0.len() == 1 { " is" } else { " are" }, if .0.len() == 1 { "it" } else { "them" })]
    Exists(Vec<String>),
    #[error("{} can't be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{} can't be written: {cause}", path.display())]
    Unwritable { path: PathBuf, cause: io::Error },
}

/// Looks at the folder, writes the files, and returns what there is to say about it. With `force`, files that are there are
/// overwritten.
///
/// # Errors
/// A file is there already (then none is written), or can't be written.
pub fn init(folder: &Path, force: bool) -> Result<String, InitError> {
    let findings = look(folder).map_err(|cause| InitError::Unreadable { path: folder.to_owned(), cause })?;
    let files = plan(&findings);
    write(folder, &files, force)?;
    Ok(summary(&findings, &files))
}

fn write(folder: &Path, files: &[File], force: bool) -> Result<(), InitError> {
    let taken = |file: &&File| folder.join(file.path).symlink_metadata().is_ok();
    let existing: Vec<String> = files.iter().filter(taken).map(|file| file.path.to_owned()).collect();
    if !force && !existing.is_empty() {
        return Err(InitError::Exists(existing));
    }
    for file in files {
        let path = folder.join(file.path);
        write_one(&path, &file.text, force).map_err(|cause| InitError::Unwritable { path, cause })?;
    }
    Ok(())
}

fn write_one(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = fs::OpenOptions::new();
    // Without force even a file that came a moment ago is left alone.
    let options =
        if force { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) };
    options.open(path)?.write_all(text.as_bytes())
}

/// What was found, what was written, what to edit. Lines without a newline at the end of the last.
pub fn summary(findings: &Findings, files: &[File]) -> String {
    let mut out = String::from("Found\n");
    // Writing to a string can't fail.
    for (index, found) in findings.hosts.iter().enumerate() {
        let used = if index == 0 { "" } else { " (not used)" };
        let _ = writeln!(out, "  {}: {}{used}", found.file, found.what.name());
    }
    if let Some(Found { file, what }) = &findings.api {
        let left_out = match what.left_out {
            0 => String::new(),
            count => format!(" ({count} left out: they need parameters, or ten were enough)"),
        };
        let _ = writeln!(out, "  {file}: {} GET paths become steps{left_out}", what.paths.len());
    }
    for script in &findings.k6_scripts {
        let _ = writeln!(
            out,
            "  {script}: a k6 script. `loadgate run {script}` runs it as it is; `script:` in the plan makes it the plan's load"
        );
    }
    for Found { file, what } in &findings.unusable {
        let _ = writeln!(out, "  {file}: left aside, {what}");
    }
    if out == "Found\n" {
        out.push_str("  nothing that says where this service runs or what it answers\n");
    }
    out.push_str("Wrote\n");
    for file in files {
        let edits = file.text.lines().filter(|line| line.contains("EDIT")).count();
        let _ = writeln!(out, "  {}{}", file.path, if edits > 0 { " (look for EDIT)" } else { "" });
    }
    out.push_str("Next\n");
    out.push_str("  loadgate validate\n");
    out.push_str("  loadgate run --profile pr --target URL");
    if let Some(advice) = findings.hosts.first().and_then(|found| advice(found.what)) {
        let _ = write!(out, "\nMind\n  {advice}");
    }
    out
}

/// What somebody should know before they load this host.
fn advice(host: Host) -> Option<&'static str> {
    match host {
        Host::Vercel => Some(
            "Vercel permits load tests on Enterprise plans only: ask them first, or keep the `pr` profile small. \
             Protected previews need the secret VERCEL_AUTOMATION_BYPASS_SECRET in the repository's settings.",
        ),
        Host::Netlify | Host::Fly | Host::Render => {
            Some("Read your host's terms on load tests before you raise the load, and mind what traffic costs.")
        }
        Host::Compose { .. } => {
            Some("Service and load share the runner's cores: compare runs with each other, not with production.")
        }
    }
}
