//! What a folder tells about the service that lives in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::openapi::{self, Api};

/// Folders that hold other people's code, or what a build made.
const SKIPPED: [&str; 7] = ["node_modules", "target", "dist", "build", "vendor", "coverage", "venv"];

/// How deep k6 scripts are looked for.
const DEPTH: usize = 4;

/// Files looked at in search of k6 scripts, at most.
const MOST_FILES: usize = 5_000;

/// Larger files are no scripts or API descriptions that somebody wrote.
const LARGEST: u64 = 4 << 20;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The folder's own name.
    pub folder: String,
    /// Every host whose file is there, the one that is used first.
    pub hosts: Vec<Found<Host>>,
    pub api: Option<Found<Api>>,
    /// Scripts that import k6, as paths in the folder, sorted.
    pub k6_scripts: Vec<String>,
    /// Files that are there but can't be used, and why.
    pub unusable: Vec<Found<String>>,
}

/// Something and the file that it was found in, as a path in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    pub file: String,
    pub what: T,
}

/// Where a pull request's version of the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    Vercel,
    Netlify,
    Fly,
    Render,
    /// In the job itself, on this port.
    Compose {
        port: u16,
    },
}

impl Host {
    /// The host's name.
    pub fn name(self) -> &'static str {
        match self {
            Host::Vercel => "Vercel",
            Host::Netlify => "Netlify",
            Host::Fly => "Fly",
            Host::Render => "Render",
            Host::Compose { .. } => "Docker Compose",
        }
    }
}

/// Files of hosts with preview deployments. They come before Compose, which often holds only what developers need.
const HOST_FILES: [(&str, Host); 6] = [
    ("vercel.json", Host::Vercel),
    ("netlify.toml", Host::Netlify),
    ("fly.toml", Host::Fly),
    ("render.yaml", Host::Render),
    ("render.yml", Host::Render),
    (".vercel/project.json", Host::Vercel),
];

const COMPOSE_FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

const OPENAPI_FILES: [&str; 6] =
    ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"];

/// Folders in which an OpenAPI file is looked for, besides the top.
const OPENAPI_FOLDERS: [&str; 4] = ["", "docs/", "api/", "doc/"];

/// Looks at a folder.
///
/// # Errors
/// The folder can't be read.
pub fn look(folder: &Path) -> io::Result<Findings> {
    let whole = fs::canonicalize(folder)?;
    let mut findings = Findings {
        folder: whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        ..Findings::default()
    };
    for (file, host) in HOST_FILES {
        let known = findings.hosts.iter().any(|found| found.what == host);
        if !known && folder.join(file).is_file() {
            findings.hosts.push(Found { file: file.to_owned(), what: host });
        }
    }
    look_at_compose(folder, &mut findings);
    look_at_openapi(folder, &mut findings);
    look_for_scripts(folder, &mut findings)?;
    Ok(findings)
}

fn look_at_compose(folder: &Path, findings: &mut Findings) {
    let Some(file) = COMPOSE_FILES.into_iter().find(|file| folder.join(file).is_file()) else { return };
    let port = match read_tree(&folder.join(file)) {
        Ok(tree) => published_port(&tree).ok_or_else(|| "it publishes no port".to_owned()),
        Err(problem) => Err(problem),
    };
    match port {
        Ok(port) => findings.hosts.push(Found { file: file.to_owned(), what: Host::Compose { port } }),
        Err(what) => findings.unusable.push(Found { file: file.to_owned(), what }),
    }
}

fn look_at_openapi(folder: &Path, findings: &mut Findings) {
    let files = OPENAPI_FOLDERS.iter().flat_map(|within| OPENAPI_FILES.map(|file| format!("{within}{file}")));
    for file in files.filter(|file| folder.join(file).is_file()) {
        match read_tree(&folder.join(&file)).and_then(|tree| openapi::read(&tree)) {
            Ok(what) => {
                findings.api = Some(Found { file, what });
                return;
            }
            Err(what) => findings.unusable.push(Found { file, what }),
        }
    }
}

/// YAML, of which JSON is a part.
fn read_tree(path: &Path) -> Result<Value, String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST => return Err("it is larger than 4 MB".to_owned()),
        Ok(_) => {}
        Err(error) => return Err(format!("it can't be read: {error}")),
    }
    let text = fs::read_to_string(path).map_err(|error| format!("it can't be read: {error}"))?;
    serde_saphyr::from_str(&text).map_err(|error| {
        let error = error.to_string();
        format!("it is no YAML or JSON: {}", error.lines().next().unwrap_or_default())
    })
}

/// The first port that a service publishes, a service called like a web server's first.
fn published_port(compose: &Value) -> Option<u16> {
    const WEB: [&str; 7] = ["web", "app", "api", "server", "backend", "frontend", "gateway"];
    let services = compose.get("services")?.as_object()?;
    let port = |service: &Value| service.get("ports")?.as_array()?.iter().find_map(host_port);
    let named = WEB.iter().find_map(|name| port(services.get(*name)?));
    named.or_else(|| services.values().find_map(port))
}

/// `8080:80`, `127.0.0.1:8080:80/tcp`, or a map with `published`.
fn host_port(port: &Value) -> Option<u16> {
    match port {
        Value::String(text) => {
            let parts: Vec<&str> = text.split(['/']).next()?.split(':').collect();
            let [.., host, _container] = parts[..] else { return None };
            host.parse().ok()
        }
        Value::Object(long) => match long.get("published")? {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64()?.try_into().ok(),
        },
        _ => None,
    }
}

fn look_for_scripts(folder: &Path, findings: &mut Findings) -> io::Result<()> {
    let mut looked_at = 0;
    let mut folders: Vec<(PathBuf, usize)> = vec![(folder.to_owned(), 0)];
    while let Some((next, depth)) = folders.pop() {
        let entries = match fs::read_dir(&next) {
            Ok(entries) => entries,
            // A folder further down that is closed to us holds no scripts for us.
            Err(_) if depth > 0 => continue,
            Err(error) => return Err(error),
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth < DEPTH && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && (name.ends_with(".js") || name.ends_with(".ts")) && looked_at < MOST_FILES {
                looked_at += 1;
                if imports_k6(&entry.path())
                    && let Ok(path) = entry.path().strip_prefix(folder)
                {
                    findings.k6_scripts.push(path.to_string_lossy().into_owned());
                }
            }
        }
    }
    findings.k6_scripts.sort();
    Ok(())
}

fn imports_k6(path: &Path) -> bool {
    const IMPORTS: [&str; 6] = ["from 'k6'", "from \"k6\"", "from 'k6/", "from \"k6/", "require('k6", "require(\"k6"];
    fs::metadata(path).is_ok_and(|metadata| metadata.len() <= LARGEST)
        && fs::read_to_string(path).is_ok_and(|text| IMPORTS.iter().any(|import| text.contains(import)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ports_in_every_form_that_compose_has() {
        for (port, expected) in [
            (json!("8080:80"), Some(8080)),
            (json!("127.0.0.1:8080:80"), Some(8080)),
            (json!("8080:80/tcp"), Some(8080)),
            (json!({ "target": 80, "published": "8080" }), Some(8080)),
            (json!({ "target": 80, "published": 8080 }), Some(8080)),
            (json!("80"), None),
            (json!(80), None),
            (json!({ "target": 80 }), None),
            (json!("8000-8010:80"), None),
            (json!("${PORT}:80"), None),
        ] {
            assert_eq!(host_port(&port), expected, "{port}");
        }
    }

    #[test]
    fn the_web_service_comes_before_the_database() {
        let compose = json!({ "services": { "db": { "ports": ["5432:5432"] }, "api": { "ports": ["8080:80"] } } });
        assert_eq!(published_port(&compose), Some(8080));
        assert_eq!(published_port(&json!({ "services": { "shop": { "ports": ["9000:80"] } } })), Some(9000));
        assert_eq!(published_port(&json!({ "services": { "db": {} } })), None);
    }
}
