//! Where the load goes: target, reference and allowed hosts.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use url::Url;

use super::Compiler;
use super::names::{Part, Scope};
use crate::pairing::ArmMode;
use crate::plan::file::read::{Field, List, Map, Spanned, Text};
use crate::plan::file::{DeploymentSection, ReadySection, ReferenceForm, TargetSection};
use crate::plan::scenario::Scenario;
use crate::plan::target::{Discovery, HttpVersion, Ready, Reference, Target};
use crate::plan::url_template::UrlTemplate;

const READY_WITHIN: Duration = Duration::from_secs(120);

impl Compiler<'_> {
    /// Compiles the `target` section. Without one, the target is what the command line or discovery says.
    pub fn target(&mut self) -> Target {
        let file = self.file;
        let empty = TargetSection::default();
        let section = file.target.get().unwrap_or(&empty);
        let scope = Scope::new(Part::Target, Default::default());
        let allowed = section.allowed_hosts.get().into_iter().flat_map(List::iter);
        let allowed_hosts: Vec<String> = allowed.filter_map(|host| self.allowed_host(host)).collect();
        let has_placeholders = |url: &&Text| url.value.contains("${");
        let mut target = Target {
            url: section.url.get().filter(|url| !has_placeholders(url)).and_then(|url| self.origin(url)),
            template: section.url.get().filter(has_placeholders).and_then(|url| self.url_template(url)),
            deployment: section.deployment.get().map_or_else(Discovery::default, |section| self.deployment(section)),
            ready: section.ready.get().and_then(|ready| self.ready(ready)),
            headers: self.headers(section.headers.get(), &scope),
            allowed_hosts,
            tier: section.tier.get().map(|tier| tier.value.clone()),
            tls: self.tls(section),
            http_version: section.http_version.get().map_or_else(HttpVersion::default, |version| version.value),
            hosts: self.hosts(section),
            no_connection_reuse: is_true(&section.no_connection_reuse),
            no_vu_connection_reuse: is_true(&section.no_vu_connection_reuse),
            of_script: None,
        };
        self.by_script(section, &mut target);
        target
    }

    /// Compiles the `reference`.
    pub fn reference(&mut self) -> Option<Reference> {
        let file = self.file;
        let section = match file.reference.get()? {
            ReferenceForm::Short(word) if word.value == "auto" => {
                return Some(Reference { url: None, headers: Vec::new(), shares: Vec::new(), mode: None });
            }
            ReferenceForm::Short(url) => {
                let url = self.origin(url)?;
                return Some(Reference { url: Some(url), headers: Vec::new(), shares: Vec::new(), mode: None });
            }
            ReferenceForm::Long(section) => section,
        };
        let scope = Scope::new(Part::Target, Default::default());
        let url = section.url.get().filter(|url| url.value != "auto");
        let mut shares = Vec::new();
        for share in section.shares.get().into_iter().flat_map(List::iter) {
            if !["database", "cache", "host"].contains(&share.value.as_str()) {
                let problem = format!("`{}` is nothing that deployments share", share.value);
                self.problems.add(&share.place, problem, "write `database`, `cache` or `host`");
            }
            shares.push(share.value.clone());
        }
        Some(Reference {
            url: url.and_then(|url| self.origin(url)),
            headers: self.headers(section.headers.get(), &scope),
            shares,
            mode: section.mode.get().map(|mode| mode.value),
        })
    }

    /// Deployments take turns only where a clock begins the iterations: a closed executor's users would still be busy when
    /// the turn is over.
    pub fn check_turns(&mut self, scenarios: &[Arc<Scenario>]) {
        let Some(ReferenceForm::Long(section)) = self.file.reference.get() else { return };
        let Some(mode) = section.mode.get().filter(|mode| mode.value == ArmMode::Alternating) else { return };
        if let Some(closed) = scenarios.iter().find(|scenario| !scenario.executor.is_arrival_rate()) {
            let problem =
                format!("the scenario `{}` is {}, which can't alternate", closed.name, closed.executor.name());
            let help = "write `mode: parallel`, or use constant-arrival-rate or ramping-arrival-rate in every scenario";
            self.problems.add(&mode.place, problem, help);
        }
    }

    /// A URL of scheme, host and port alone.
    fn origin(&mut self, text: &Text) -> Option<Url> {
        let help = "write scheme, host and port alone, such as https://preview.example.com";
        let Ok(url) = Url::parse(&text.value) else {
            self.problems.add(&text.place, format!("`{}` is no URL", text.value), help);
            return None;
        };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            self.problems.add(&text.place, format!("`{}` is no URL of http or https", text.value), help);
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() {
            let help = "write them under `auth` of a request, or as a header of the target, from a secret";
            self.problems.add(&text.place, "user name and password don't belong in this URL", help);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            let problem = format!("`{}` holds more than an origin", text.value);
            self.problems.add(
                &text.place,
                problem,
                "paths are written at the requests: write scheme, host and port alone",
            );
        }
        Some(url)
    }

    /// A URL with placeholders. What stands around them must make a URL.
    fn url_template(&mut self, text: &Text) -> Option<UrlTemplate> {
        match UrlTemplate::parse(&text.value) {
            Ok(template) => {
                let example = Text { value: template.example(), place: text.place.clone() };
                self.origin(&example).map(|_| template)
            }
            Err(problem) => {
                let help = "`${pr}`, `${sha}`, `${short_sha}` and `${branch}` may stand here";
                self.problems.add(&text.place, problem, help);
                None
            }
        }
    }

    fn deployment(&mut self, section: &DeploymentSection) -> Discovery {
        let environment = section.environment.get();
        if let Some(empty) = environment.filter(|name| name.value.trim().is_empty()) {
            self.problems.add(&empty.place, "an environment's name can't be empty", "leave it out for any environment");
        }
        let default = Discovery::default();
        Discovery {
            environment: environment.map(|name| name.value.clone()),
            within: section.within.get().map_or(default.within, |within| within.value),
        }
    }

    fn ready(&mut self, section: &ReadySection) -> Option<Ready> {
        let path = section.get.required("get", "write the path that is asked", &section.place, &mut self.problems)?;
        if !path.value.starts_with('/') {
            self.problems.add(&path.place, format!("`{}` is no path", path.value), "begin with `/`");
        }
        let status = match section.status.get() {
            None => StatusCode::OK,
            Some(status) => {
                let valid = u16::try_from(status.value).ok().filter(|status| (100..600).contains(status));
                let code = valid.and_then(|status| StatusCode::from_u16(status).ok());
                if code.is_none() {
                    let problem = format!("{} is no status", status.value);
                    self.problems.add(&status.place, problem, "write a status from 100 to 599, such as 200");
                }
                code?
            }
        };
        let within = section.within.get().map_or(READY_WITHIN, |within| within.value);
        Some(Ready { path: path.value.clone(), status, within })
    }

    /// `host` or `host:port`, in lower case.
    fn allowed_host(&mut self, text: &Text) -> Option<String> {
        let host = text.value.to_lowercase();
        let parsed = Url::parse(&format!("http://{host}/")).ok();
        let plain = parsed.as_ref().is_some_and(|url| url.path() == "/" && url.username().is_empty());
        if !plain || host.contains(['/', '*', '@', ' ', '?', '#', '$']) {
            let problem = format!("`{}` is no host", text.value);
            self.problems.add(&text.place, problem, "write `host` or `host:port`, without a scheme, path or `*`");
            return None;
        }
        Some(host)
    }

    /// Whether a URL's host is the target's own or an allowed one.
    pub fn may_touch(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let target = self.file.target.get();
        let own = target.and_then(|target| target.url.get()).and_then(|own| Url::parse(&own.value).ok());
        if own.is_some_and(|own| own.origin() == url.origin()) {
            return true;
        }
        let allowed = target.and_then(|target| target.allowed_hosts.get());
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        allowed.into_iter().flat_map(List::iter).any(|allowed| {
            let allowed = allowed.value.to_lowercase();
            allowed == host || Some(allowed) == with_port
        })
    }
}

/// Whether the flag is given and set.
pub fn is_true(field: &Field<Spanned<bool>>) -> bool {
    field.get().is_some_and(|flag| flag.value)
}

/// Entries of a list that could be read.
pub fn texts(field: &Field<List<Text>>) -> impl Iterator<Item = &Text> {
    field.get().into_iter().flat_map(List::iter)
}

/// Entries of a map that could be read.
pub fn entries<T>(field: &Field<Map<T>>) -> impl Iterator<Item = (&Text, &T)> {
    field.get().into_iter().flat_map(Map::iter)
}
