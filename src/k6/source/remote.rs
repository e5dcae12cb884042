//! Remote modules: fetched once, kept by their hash, and held to the lock.

use sha2::{Digest, Sha256};
use url::Url;

use super::lock::{Entry, Lock, NAME};
use super::resolve::Refusal;
use super::sources::{Fetched, Sources};

/// Largest remote module, in bytes.
pub(super) const LARGEST: usize = 5 << 20;

/// Most remote modules of one script.
pub(super) const MOST: usize = 200;

/// Most redirects of one URL.
const MOST_REDIRECTS: usize = 10;

/// A remote module's content, and the URL that it was found at in the end: its own imports are relative to that.
pub(super) fn load(url: &Url, lock: &mut Lock, sources: &mut dyn Sources) -> Result<(Url, Vec<u8>), Refusal> {
    let mut url = url.clone();
    for _ in 0..=MOST_REDIRECTS {
        let known = lock.get(url.as_str()).filter(|_| !sources.updates_lock());
        match known {
            Some(Entry::Redirect(to)) => match Url::parse(&to) {
                Ok(to) => url = to,
                Err(error) => return Err((format!("{NAME} sends {url} to no URL: {error}"), correct())),
            },
            Some(Entry::Content(digest)) => return pinned(&url, &digest, sources).map(|content| (url, content)),
            None => match fetch(&url, sources)? {
                Fetched::Content(content) => {
                    let digest = hash(&content);
                    sources.keep(&digest, &content);
                    lock.set(url.as_str(), Entry::Content(digest));
                    return Ok((url, content));
                }
                Fetched::Redirect(to) if to.scheme() == "https" => {
                    lock.set(url.as_str(), Entry::Redirect(to.to_string()));
                    url = to;
                }
                Fetched::Redirect(to) => {
                    return Err((
                        format!("{url} leads to {to}, which is not encrypted"),
                        "import another URL".to_owned(),
                    ));
                }
            },
        }
    }
    Err((
        format!("{url} leads on and on: more than {MOST_REDIRECTS} redirects"),
        "import the module's last URL".to_owned(),
    ))
}

/// Content that the lock knows: from the cache, else fetched and compared.
fn pinned(url: &Url, digest: &str, sources: &mut dyn Sources) -> Result<Vec<u8>, Refusal> {
    if let Some(content) = sources.cached(digest).filter(|content| hash(content) == digest) {
        return Ok(content);
    }
    let Fetched::Content(content) = fetch(url, sources)? else {
        return Err((format!("{url} leads to another URL now, and {NAME} knows its content"), correct()));
    };
    let found = hash(&content);
    if found != digest {
        let problem = format!("{url} has changed: its hash is {found}, and {NAME} has {digest}");
        return Err((problem, correct()));
    }
    sources.keep(digest, &content);
    Ok(content)
}

fn correct() -> String {
    format!("look at what changed; then delete the entry in {NAME} or run with --update-lock")
}

fn fetch(url: &Url, sources: &mut dyn Sources) -> Result<Fetched, Refusal> {
    let cure = "check the URL and the network, or download the file and import it from disk";
    sources.fetch(url, LARGEST).map_err(|error| (format!("{url} was not fetched: {error}"), cure.to_owned()))
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
