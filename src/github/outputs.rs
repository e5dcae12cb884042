//! A step's outputs, which later steps read.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use rand::{Rng, RngExt};

/// Appends outputs to the file that `GITHUB_OUTPUT` names.
///
/// Every value is written as a block that ends with a random delimiter, so that no value can end its block and set an output
/// of its own.
///
/// # Errors
/// The file's; also a name that is no output's name.
pub fn append(path: &Path, outputs: &[(&str, &str)], random: &mut impl Rng) -> io::Result<()> {
    let mut text = String::new();
    for (name, value) in outputs {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is no name of an output")));
        }
        let delimiter = delimiter(value, random);
        // Writing to a string can't fail.
        let _ = write!(text, "{name}<<{delimiter}\n{value}\n{delimiter}\n");
    }
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

fn delimiter(value: &str, random: &mut impl Rng) -> String {
    loop {
        let delimiter = format!("ghadelimiter_{:032x}", random.random::<u128>());
        if !value.contains(&delimiter) {
            return delimiter;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn values_can_not_set_other_outputs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        let hostile = "fail\nEOF\nverdict=pass";
        append(&path, &[("verdict", hostile), ("report", "r.md")], &mut StdRng::seed_from_u64(1)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(read(&text), [("verdict".to_owned(), hostile.to_owned()), ("report".to_owned(), "r.md".to_owned())]);
        let delimiters: Vec<_> = text.lines().filter_map(|line| line.split_once("<<")).map(|(_, end)| end).collect();
        assert_ne!(delimiters[0], delimiters[1], "one for each value");
    }

    /// Reads the file as the runner does.
    fn read(text: &str) -> Vec<(String, String)> {
        let mut lines = text.lines();
        let mut outputs = Vec::new();
        while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        }
        outputs
    }

    #[test]
    fn a_name_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        for name in ["", "a=b", "a\nb", "a<<b"] {
            assert!(append(&path, &[(name, "x")], &mut StdRng::seed_from_u64(1)).is_err(), "{name:?}");
        }
        assert!(!path.exists(), "nothing is written");
    }
}
