//! How connections are encrypted, who trusts whom, and addresses in place of DNS.

use super::Compiler;
use super::names::{Part, Scope};
use super::target::{entries, is_true, texts};
use crate::plan::file::read::{List, Text};
use crate::plan::file::{TargetSection, TextsForm, TlsAuthSection, TlsVersionForm};
use crate::plan::hosts::{HostOverride, Hosts, HostsError, NamePattern};
use crate::plan::pem::{PemError, PemPart, PemSource, authorities, identity};
use crate::plan::target::{Tls, TlsAuth, TlsVersions};

impl Compiler<'_> {
    /// Compiles what the `target` section says of TLS. Certificates in files are read and checked; those in templates can't
    /// be before the load.
    pub fn tls(&mut self, section: &TargetSection) -> Tls {
        let mut tls = Tls {
            insecure_skip_verify: is_true(&section.insecure_skip_tls_verify),
            versions: self.tls_versions(section),
            ..Tls::default()
        };
        if let Some(trust) = section.tls.get() {
            let help = "write the path of a file beneath the plan's folder, or leave `tls` out";
            let ca = trust.ca.required("ca", help, &trust.place, &mut self.problems);
            let sources: Vec<&Text> = match ca {
                Some(TextsForm::One(text)) => vec![text],
                Some(TextsForm::Many(list)) => list.iter().collect(),
                None => Vec::new(),
            };
            if let (true, Some(key)) = (tls.insecure_skip_verify, section.tls.key()) {
                let help = "leave out `insecureSkipTLSVerify`, which trusts every certificate, or `tls`";
                self.problems.add(key, "authorities are named, but nothing is checked", help);
            }
            tls.ca = sources.into_iter().filter_map(|source| self.authorities(source)).collect();
        }
        let auth = section.tls_auth.get().into_iter().flat_map(List::iter);
        tls.auth = auth.filter_map(|auth| self.tls_auth(auth)).collect();
        tls
    }

    fn tls_versions(&mut self, section: &TargetSection) -> TlsVersions {
        let all = TlsVersions::default();
        let range = match section.tls_version.get() {
            None => return all,
            Some(TlsVersionForm::One(version)) => return TlsVersions { min: version.value, max: version.value },
            Some(TlsVersionForm::Range(range)) => range,
        };
        let versions = TlsVersions {
            min: range.min.get().map_or(all.min, |min| min.value),
            max: range.max.get().map_or(all.max, |max| max.value),
        };
        if versions.min > versions.max {
            self.problems.add(&range.place, "`min` is newer than `max`", "exchange the two");
        }
        versions
    }

    fn authorities(&mut self, text: &Text) -> Option<PemSource> {
        let source = self.pem(text)?;
        if let PemSource::File { path, content } = &source
            && let Err(error) = authorities(&format!("`{path}`"), content)
        {
            self.refuse_pem(text, error);
        }
        Some(source)
    }

    fn tls_auth(&mut self, section: &TlsAuthSection) -> Option<TlsAuth> {
        let help = "write the path of a file beneath the plan's folder";
        let cert = section.cert.required("cert", help, &section.place, &mut self.problems);
        let help = "write the path of a file beneath the plan's folder, or a secret: `key: \"${secret.NAME}\"`";
        let key = section.key.required("key", help, &section.place, &mut self.problems);
        let domains: Vec<_> = texts(&section.domains).filter_map(|domain| self.domain(domain)).collect();
        let (cert_text, key_text) = (cert?, key?);
        let (cert, key) = (self.pem(cert_text), self.pem(key_text));
        let (cert, key) = (cert?, key?);
        if let (PemSource::File { path, content }, PemSource::File { path: key_path, content: key_content }) =
            (&cert, &key)
        {
            let (path, key_path) = (format!("`{path}`"), format!("`{key_path}`"));
            if let Err(error) = identity((&path, content), (&key_path, key_content)) {
                self.refuse_pem(if error.part == PemPart::Key { key_text } else { cert_text }, error);
            }
        }
        Some(TlsAuth { domains, cert, key })
    }

    /// A file beneath the plan's folder, or a template where there is an expression.
    fn pem(&mut self, text: &Text) -> Option<PemSource> {
        if text.value.contains("${") {
            let scope = Scope::new(Part::Target, Default::default());
            return self.template(text, &scope).map(PemSource::Template);
        }
        if text.value.contains("-----BEGIN") {
            let help = "name a file beneath the plan's folder, or a secret: `\"${secret.NAME}\"`";
            self.problems.add(&text.place, "certificates and keys don't stand in the plan", help);
            return None;
        }
        let content = self.files.read(text, &mut self.problems)?;
        Some(PemSource::File { path: text.value.clone(), content })
    }

    fn refuse_pem(&mut self, text: &Text, PemError { problem, help, .. }: PemError) {
        self.problems.add(&text.place, problem, help);
    }

    fn domain(&mut self, text: &Text) -> Option<NamePattern> {
        let pattern = NamePattern::parse(&text.value);
        if let Err(problem) = &pattern {
            self.problems.add(&text.place, problem.clone(), "write `name` or `*.name`, without a scheme or port");
        }
        pattern.ok()
    }

    /// Compiles `hosts`.
    pub fn hosts(&mut self, section: &TargetSection) -> Hosts {
        let mut compiled: Vec<HostOverride> = Vec::new();
        for (name, address) in entries(&section.hosts) {
            match HostOverride::parse(&name.value, &address.value) {
                Ok(entry) if compiled.iter().any(|other| (&other.name, other.port) == (&entry.name, entry.port)) => {
                    self.problems.add(&name.place, format!("`{}` is there twice", name.value), "leave one of them out");
                }
                Ok(entry) => compiled.push(entry),
                Err(HostsError::Name(problem)) => {
                    let help = "write `name`, `*.name` or `name:port`, without a scheme";
                    self.problems.add(&name.place, problem, help);
                }
                Err(HostsError::Address(problem)) => {
                    let help = "write an address such as 10.0.0.7, \"10.0.0.7:8443\" or \"[::1]:8443\"";
                    self.problems.add(&address.place, problem, help);
                }
            }
        }
        Hosts::new(compiled)
    }
}
