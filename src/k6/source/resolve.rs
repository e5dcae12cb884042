//! Which module an import means.

use std::path::{Component, Path, PathBuf};

use url::Url;

use super::unsupported;

/// What an extension may be left out of, in the order in which files are tried.
const ENDINGS: [&str; 6] = [".js", ".ts", ".mjs", ".mts", "/index.js", "/index.ts"];

/// Endings that TypeScript's own rules have in imports, and what the file is called.
const RENAMED: [(&str, &str); 2] = [(".js", ".ts"), (".mjs", ".mts")];

/// Modules of k6 that scripts import, to guess what a wrong name means.
const KNOWN: [&str; 11] = [
    "k6",
    "k6/http",
    "k6/metrics",
    "k6/html",
    "k6/encoding",
    "k6/crypto",
    "k6/data",
    "k6/execution",
    "k6/timers",
    "k6/webcrypto",
    "k6/experimental",
];

/// Modules of Node.js that scripts import by mistake.
const NODE: [&str; 12] =
    ["fs", "path", "crypto", "http", "https", "os", "util", "url", "buffer", "stream", "events", "child_process"];

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Absolute, without `.` and `..`.
    File(PathBuf),
    /// `https://`.
    Remote(Url),
}

/// What an import leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Builtin(String),
    Module(Place),
}

/// Why an import leads nowhere: the problem and the cure.
pub(super) type Refusal = (String, String);

/// Finds what a specifier means in a module. `is_builtin` knows the modules that are provided, `is_file` the files.
pub(super) fn resolve(
    specifier: &str,
    importer: &Place,
    is_builtin: &dyn Fn(&str) -> bool,
    is_file: &mut dyn FnMut(&Path) -> bool,
) -> Result<Target, Refusal> {
    let name = unsupported::today(specifier);
    if is_builtin(name) {
        return Ok(Target::Builtin(name.to_owned()));
    }
    if let Some(cure) = unsupported::cure(specifier) {
        return Err((format!("`{specifier}` is not supported"), cure.to_owned()));
    }
    if specifier == "k6" || specifier.starts_with("k6/") {
        let known = KNOWN.into_iter().filter(|known| is_builtin(known));
        let cure = crate::plan::error::did_you_mean(specifier, known);
        return Err((format!("k6 has no module `{specifier}`"), cure));
    }
    if let Some(url) = absolute_url(specifier) {
        return of_url(specifier, &url, importer, is_builtin, is_file);
    }
    let is_relative = specifier.starts_with("./") || specifier.starts_with("../") || matches!(specifier, "." | "..");
    let is_absolute = specifier.starts_with('/') || Path::new(specifier).is_absolute();
    if !is_relative && !is_absolute {
        return Err(bare(specifier, importer, is_file));
    }
    match importer {
        Place::File(from) => file(specifier, &from.parent().unwrap_or(from).join(specifier), is_file),
        Place::Remote(from) => match from.join(specifier) {
            Ok(url) => of_url(specifier, &url, importer, is_builtin, is_file),
            Err(error) => Err((format!("`{specifier}` is no URL: {error}"), "correct the import".to_owned())),
        },
    }
}

/// A specifier that is a URL with a scheme; a drive's letter is none.
fn absolute_url(specifier: &str) -> Option<Url> {
    let (scheme, _) = specifier.split_once(':')?;
    let is_scheme = scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    Url::parse(specifier).ok().filter(|_| is_scheme)
}

fn of_url(
    specifier: &str,
    url: &Url,
    importer: &Place,
    is_builtin: &dyn Fn(&str) -> bool,
    is_file: &mut dyn FnMut(&Path) -> bool,
) -> Result<Target, Refusal> {
    match url.scheme() {
        "https" => {
            if let Some(name) = jslib(url).filter(|name| is_builtin(name)) {
                return Ok(Target::Builtin(name));
            }
            if !url.username().is_empty() || url.password().is_some() {
                let cure = "leave user and password out of the URL, or download the file and import it from disk";
                return Err((format!("`{}` has credentials", without_credentials(url)), cure.to_owned()));
            }
            let mut url = url.clone();
            url.set_fragment(None);
            Ok(Target::Module(Place::Remote(url)))
        }
        "http" => {
            let cure = "write https://, or download the file and import it from disk";
            Err((
                format!("`{specifier}` would be fetched without encryption, and anybody on the way could change it"),
                cure.into(),
            ))
        }
        "file" => match (importer, url.to_file_path()) {
            (Place::Remote(_), _) => Err((
                format!("`{specifier}` is a file, and the importing module is a remote one"),
                "import it in the script".into(),
            )),
            (Place::File(_), Ok(path)) => file(specifier, &path, is_file),
            (Place::File(_), Err(())) => Err((
                format!("`{specifier}` names no file of this machine"),
                "write a path relative to the script".into(),
            )),
        },
        "node" => Err(of_node(specifier)),
        scheme => {
            let cure = "import a file by its path, or a module by https://";
            Err((format!("modules can't be loaded by `{scheme}:`"), cure.to_owned()))
        }
    }
}

fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // They fail only for URLs without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The built-in module that stands for one of jslib's, whatever its version: `jslib:k6-utils`.
fn jslib(url: &Url) -> Option<String> {
    let mut parts = url.path_segments()?;
    let (name, _version, file) = (parts.next()?, parts.next()?, parts.next()?);
    let is_known = matches!(name, "k6-utils" | "k6-summary" | "url") && file == "index.js" && parts.next().is_none();
    (is_known && url.host_str() == Some("jslib.k6.io") && url.port().is_none()).then(|| format!("jslib:{name}"))
}

/// The file that a path means, with or without its extension.
fn file(specifier: &str, path: &Path, is_file: &mut dyn FnMut(&Path) -> bool) -> Result<Target, Refusal> {
    let path = normal(path);
    let text = path.as_os_str().to_string_lossy().into_owned();
    if is_file(&path) {
        return Ok(Target::Module(Place::File(path)));
    }
    let renamed = RENAMED.iter().filter_map(|(written, real)| Some(format!("{}{real}", text.strip_suffix(written)?)));
    for candidate in ENDINGS.iter().map(|ending| format!("{text}{ending}")).chain(renamed) {
        let candidate = PathBuf::from(candidate);
        if is_file(&candidate) {
            return Ok(Target::Module(Place::File(candidate)));
        }
    }
    let tried = ENDINGS.map(|ending| format!("`{ending}`")).join(", ");
    let cure = format!("correct the path; it was tried as it is and with {tried}");
    Err((format!("there is no file `{specifier}`: looked for {text}"), cure))
}

fn bare(specifier: &str, importer: &Place, is_file: &mut dyn FnMut(&Path) -> bool) -> Refusal {
    if let Place::File(from) = importer
        && file(specifier, &from.parent().unwrap_or(from).join(specifier), is_file).is_ok()
    {
        return (format!("`{specifier}` is a file beside the script"), format!("write `./{specifier}`"));
    }
    if NODE.contains(&specifier) {
        return of_node(specifier);
    }
    let problem = format!("`{specifier}` is an npm package, and packages can't be loaded as they are");
    (problem, "bundle the script first (esbuild, webpack or rollup), and run what comes out".to_owned())
}

fn of_node(specifier: &str) -> Refusal {
    let cure = "read files by open(), hash by k6/crypto, and use k6's modules for the rest";
    (format!("`{specifier}` is a module of Node.js, and scripts don't run on it"), cure.to_owned())
}

/// A path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            Component::ParentDir if normal.has_root() => {}
            part => normal.push(part),
        }
    }
    normal
}

/// A file's name as stack traces show it: its path from the script's folder, with `/`.
pub(super) fn shown(path: &Path, folder: &Path) -> String {
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let is_apart = shared == 0
        || path
            .components()
            .zip(folder.components())
            .next()
            .is_some_and(|(a, _)| matches!(a, Component::Prefix(_)) && shared < 2);
    if is_apart {
        return path.display().to_string();
    }
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
