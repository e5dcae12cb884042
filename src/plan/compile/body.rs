//! What a request sends beside its line and headers: its body and its credentials.

use super::Compiler;
use super::names::Scope;
use crate::plan::error::list;
use crate::plan::file::request::{BasicSection, BodyForm, PartForm};
use crate::plan::file::step::StepEntry;
use crate::plan::step::{Auth, Body, Part, PartContent};
use crate::plan::template::Template;

impl Compiler<'_> {
    pub fn body(&mut self, step: &StepEntry, scope: &Scope) -> Option<Body> {
        let keys = [("json", step.json.key()), ("form", step.form.key())];
        let given = [keys[0], keys[1], ("multipart", step.multipart.key()), ("body", step.body.key())];
        let given: Vec<_> = given.into_iter().filter_map(|(name, key)| Some((name, key?))).collect();
        if let [_, (_, second), ..] = given.as_slice() {
            let problem = format!("a request has one body; found {}", list(given.iter().map(|(name, _)| *name)));
            self.problems.add(second, problem, "leave all but one out");
        }
        if let Some(json) = step.json.get() {
            return self.value(&json.0, scope).map(Body::Json);
        }
        if let Some(form) = step.form.get() {
            return Some(Body::Form(self.templates(Some(form), scope)));
        }
        if let Some(parts) = step.multipart.get() {
            return Some(Body::Multipart(
                parts.iter().filter_map(|(name, part)| self.part(&name.value, part, scope)).collect(),
            ));
        }
        match step.body.get()? {
            BodyForm::Text(text) => self.template(text, scope).map(Body::Raw),
            BodyForm::File(section) => {
                let help = "write the path of a file beneath the plan's folder";
                let path = section.file.required("file", help, &section.place, &mut self.problems)?;
                self.files.read(path, &mut self.problems).map(Body::Bytes)
            }
        }
    }

    fn part(&mut self, name: &str, part: &PartForm, scope: &Scope) -> Option<Part> {
        let section = match part {
            PartForm::Text(text) => {
                let content = PartContent::Text(self.template(text, scope)?);
                return Some(Part { name: name.to_owned(), filename: None, content_type: None, content });
            }
            PartForm::Section(section) => section,
        };
        let (content, own_name) = match (section.file.get(), section.value.get()) {
            (Some(path), None) => {
                let own_name = path.value.rsplit('/').next().map(str::to_owned);
                (PartContent::Bytes(self.files.read(path, &mut self.problems)?), own_name)
            }
            (None, Some(value)) => (PartContent::Text(self.template(value, scope)?), None),
            (Some(_), Some(value)) => {
                self.problems.add(&value.place, "a part has one content: `file` or `value`", "leave one of them out");
                return None;
            }
            (None, None) => {
                if section.file.is_absent() && section.value.is_absent() {
                    self.problems.add(&section.place, "this part has no content", "write `file` or `value`");
                }
                return None;
            }
        };
        Some(Part {
            name: name.to_owned(),
            filename: section.filename.get().map(|name| name.value.clone()).or(own_name),
            content_type: section.content_type.get().map(|content_type| content_type.value.clone()),
            content,
        })
    }

    pub fn auth(&mut self, step: &StepEntry, scope: &Scope) -> Option<Auth> {
        let section = step.auth.get()?;
        let keys = [("basic", section.basic.key()), ("digest", section.digest.key()), ("bearer", section.bearer.key())];
        let given: Vec<&str> = keys.into_iter().filter_map(|(name, key)| key.map(|_| name)).collect();
        if given.len() > 1 {
            let problem = format!("`auth` is one of `basic`, `digest` and `bearer`; found {}", list(given));
            self.problems.add(&section.place, problem, "leave all but one out");
            return None;
        }
        if let Some(basic) = section.basic.get() {
            let (username, password) = self.name_and_password(basic, scope)?;
            return Some(Auth::Basic { username, password });
        }
        if let Some(digest) = section.digest.get() {
            let (username, password) = self.name_and_password(digest, scope)?;
            return Some(Auth::Digest { username, password });
        }
        if let Some(token) = section.bearer.get() {
            return self.template(token, scope).map(Auth::Bearer);
        }
        if section.basic.is_absent() && section.digest.is_absent() && section.bearer.is_absent() {
            let help = "write `basic` or `digest`, each with `username` and `password`, or `bearer: …`";
            self.problems.add(&section.place, "`auth` says nothing", help);
        }
        None
    }

    fn name_and_password(&mut self, section: &BasicSection, scope: &Scope) -> Option<(Template, Template)> {
        let username = section.username.required("username", "write `username: …`", &section.place, &mut self.problems);
        let help = "write `password: …`, from a secret";
        let password = section.password.required("password", help, &section.place, &mut self.problems);
        Some((self.template(username?, scope)?, self.template(password?, scope)?))
    }
}
