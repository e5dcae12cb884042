//! The real outside of a script: the disk, the network, and a cache in the user's folder for such.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::iter;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::dns::Resolver;

use super::sources::{Fetched, Sources};

/// A remote module must be there after this long.
const LIMIT: Duration = Duration::from_secs(30);

const USER_AGENT: &str = concat!("loadgate/", env!("CARGO_PKG_VERSION"));

/// Reads files and fetches by HTTPS. Requests take the proxy that the environment names.
#[derive(Clone, Debug)]
pub struct Disk {
    cache: Option<PathBuf>,
    updates_lock: bool,
    /// Trusted besides the system's authorities.
    roots: Vec<CertificateDer<'static>>,
}

impl Disk {
    /// Keeps remote modules in a folder, or nowhere. `updates_lock` takes what is found for what the lock said before.
    pub fn new(cache: Option<PathBuf>, updates_lock: bool) -> Disk {
        Disk { cache, updates_lock, roots: Vec::new() }
    }

    /// The folder for remote modules beneath the user's folder for caches, by the environment: `XDG_CACHE_HOME`, else the
    /// system's custom. None where the environment has no such folder.
    pub fn cache_folder(variable: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let custom = || match std::env::consts::OS {
            "windows" => set("LOCALAPPDATA"),
            "macos" => set("HOME").map(|home| home.join("Library").join("Caches")),
            _ => set("HOME").map(|home| home.join(".cache")),
        };
        // The specification of that variable: a path that isn't absolute doesn't count.
        let folder = set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(custom)?;
        Some(folder.join("loadgate").join("modules"))
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(self.roots.iter().cloned());
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Names(Resolver::from_system()))
            .redirect(Policy::none())
            .https_only(true)
            .timeout(LIMIT)
            .user_agent(USER_AGENT);
        client.build().map_err(|error| innermost(&error))
    }
}

impl Sources for Disk {
    fn is_file(&mut self, path: &Path) -> bool {
        path.is_file()
    }

    fn read(&mut self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        // The file is readable by others as any file of the repository is, which a temporary one is not.
        fs::write(path, text)
    }

    fn fetch(&mut self, url: &Url, most: usize) -> Result<Fetched, String> {
        let ask = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| format!("no runtime could be made: {error}"))?;
            let client = self.client()?;
            runtime.block_on(ask(client, url.clone(), most))
        };
        // On a thread of its own, for who reads a script may be on a runtime already.
        thread::scope(|scope| match thread::Builder::new().spawn_scoped(scope, ask) {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err("the client has failed".to_owned())),
            Err(error) => Err(format!("no thread could be started: {error}")),
        })
    }

    fn cached(&mut self, digest: &str) -> Option<Vec<u8>> {
        fs::read(self.cache.as_ref()?.join(digest)).ok()
    }

    fn keep(&mut self, digest: &str, content: &[u8]) {
        let Some(folder) = &self.cache else { return };
        // Whole or not at all; and if not, it is fetched again.
        let _ = fs::create_dir_all(folder).and_then(|()| {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(content)?;
            file.persist(folder.join(digest)).map_err(|error| error.error)
        });
    }

    fn updates_lock(&self) -> bool {
        self.updates_lock
    }
}

async fn ask(client: reqwest::Client, url: Url, most: usize) -> Result<Fetched, String> {
    let told = |error: reqwest::Error| {
        if error.is_timeout() { format!("no answer within {} s", LIMIT.as_secs()) } else { innermost(&error) }
    };
    let mut response = client.get(url.clone()).send().await.map_err(told)?;
    let status = response.status();
    if status.is_redirection() {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let location = location.ok_or_else(|| format!("status {status} without a place to go on"))?;
        return url.join(location).map(Fetched::Redirect).map_err(|error| format!("it leads to no URL: {error}"));
    }
    if !status.is_success() {
        return Err(format!("status {status}"));
    }
    let mut content = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        content.extend_from_slice(&chunk);
        if content.len() > most {
            return Err(format!("it is larger than {} MB", most >> 20));
        }
    }
    Ok(Fetched::Content(content))
}

/// The cause behind all layers: what somebody can do something about.
fn innermost(error: &(dyn Error + 'static)) -> String {
    iter::successors(Some(error), |error| (*error).source()).last().map_or_else(String::new, ToString::to_string)
}

/// Names by hickory, for a static binary.
struct Names(Resolver);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.0.clone();
        Box::pin(async move {
            let found = resolver.lookup(name.as_str()).await?;
            // The port is the URL's.
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_kept_by_its_hash_and_a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut disk = Disk::new(Some(folder.path().join("a").join("b")), true);
        assert_eq!(disk.cached("00"), None);
        disk.keep("00", b"content");
        assert_eq!(disk.cached("00").as_deref(), Some(&b"content"[..]));
        assert!(disk.updates_lock());
        assert!(!disk.is_file(folder.path()));
        assert_eq!(disk.read(folder.path(), 9).map_err(|error| error.to_string()), Err("it is a folder".to_owned()));
        let path = folder.path().join("lock.json");
        disk.write(&path, "0123456789").expect("it can be written");
        assert_eq!(disk.read(&path, 4).expect("it can be read"), b"01234");
        let mut nowhere = Disk::new(None, false);
        nowhere.keep("00", b"content");
        assert_eq!(nowhere.cached("00"), None);
    }

    #[test]
    fn the_cache_is_in_the_users_folder() {
        let with = |set: &'static [(&str, &str)]| {
            Disk::cache_folder(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(with(&[]), None);
        if cfg!(target_os = "linux") {
            assert_eq!(with(&[("HOME", "/h")]), Some("/h/.cache/loadgate/modules".into()));
            assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), Some("/c/loadgate/modules".into()));
            assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")]), Some("/h/.cache/loadgate/modules".into()));
        }
    }

    #[test]
    fn only_https_is_asked() {
        let url = Url::parse("http://127.0.0.1:9/a.js").expect("a URL");
        assert!(Disk::new(None, false).fetch(&url, 9).is_err());
        let url = Url::parse("https://127.0.0.1:9/a.js").expect("a URL");
        assert!(Disk::new(None, false).fetch(&url, 9).is_err());
    }
}
