//! Where texts come from: the disk, the network, the cache. Passed in, so that a script can be read without any of them.

use std::io;
use std::path::Path;

use url::Url;

/// The outside of a script.
pub trait Sources {
    /// Whether there is a file at a path. A folder is none.
    fn is_file(&mut self, path: &Path) -> bool;

    /// A file's content; of a larger file than `most` bytes, at least `most + 1` bytes of it.
    ///
    /// # Errors
    /// The file can't be read.
    fn read(&mut self, path: &Path, most: usize) -> io::Result<Vec<u8>>;

    /// Writes the lock file.
    ///
    /// # Errors
    /// The file can't be written.
    fn write(&mut self, path: &Path, text: &str) -> io::Result<()>;

    /// Asks for a URL of https, without following a redirect.
    ///
    /// # Errors
    /// Why there is no content, in words: no answer in time, a status that isn't success, more than `most` bytes.
    fn fetch(&mut self, url: &Url, most: usize) -> Result<Fetched, String>;

    /// The content with a hash (SHA-256 in hexadecimal digits), if it was kept.
    fn cached(&mut self, digest: &str) -> Option<Vec<u8>>;

    /// Keeps content by its hash, as far as that is possible: it can be fetched again.
    fn keep(&mut self, digest: &str, content: &[u8]);

    /// Whether the lock takes what is found for what it said before (`--update-lock`).
    fn updates_lock(&self) -> bool {
        false
    }
}

/// What a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    Content(Vec<u8>),
    Redirect(Url),
}
