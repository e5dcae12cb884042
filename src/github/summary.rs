//! The step summary: Markdown on the run's page.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// GitHub refuses the whole summary of a step past this.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Appends Markdown to the file that `GITHUB_STEP_SUMMARY` names. What would pass GitHub's limit is cut off, and the last
/// line says so.
///
/// # Errors
/// The file's.
pub fn append(path: &Path, markdown: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let used = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    file.write_all(fitted(markdown, MOST_BYTES.saturating_sub(used)).as_bytes())
}

fn fitted(markdown: &str, room: usize) -> String {
    const CUT: &str = "\n\n(cut: a step summary holds 1 MiB)\n";
    if markdown.len() < room {
        return format!("{markdown}\n");
    }
    let end = markdown.floor_char_boundary(room.saturating_sub(CUT.len()));
    if end == 0 { String::new() } else { format!("{}{CUT}", &markdown[..end]) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_adds_to_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        append(&path, "# one").unwrap();
        append(&path, "# two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# one\n# two\n");
    }

    #[test]
    fn the_limit_holds_for_the_file_and_cuts_between_characters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        fs::write(&path, "x".repeat(1000)).unwrap();
        append(&path, &"한".repeat(400_000)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!((MOST_BYTES - 3..=MOST_BYTES).contains(&text.len()), "{}", text.len());
        assert!(text.ends_with("한\n\n(cut: a step summary holds 1 MiB)\n"));
        append(&path, "no room left").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(append(&folder.path().join("missing/summary.md"), "x").is_err());
    }
}
