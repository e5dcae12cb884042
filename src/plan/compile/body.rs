//! What a request sends beside its line and headers: its body and its credentials.

use super::Compiler;
use super::names::Scope;
use crate::plan::error::list;
use crate::plan::file::request::{BodyForm, PartForm};
use crate::plan::file::step::StepEntry;
use crate::plan::step::{Auth, Body, Part, PartContent};

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
        match (section.basic.get(), section.bearer.get()) {
            (Some(basic), None) => {
                let username =
                    basic.username.required("username", "write `username: …`", &basic.place, &mut self.problems);
                let password = basic.password.required(
                    "password",
                    "write `password: …`, from a secret",
                    &basic.place,
                    &mut self.problems,
                );
                Some(Auth::Basic {
                    username: self.template(username?, scope)?,
                    password: self.template(password?, scope)?,
                })
            }
            (None, Some(token)) => self.template(token, scope).map(Auth::Bearer),
            (Some(_), Some(_)) => {
                self.problems.add(&section.place, "`auth` is `basic` or `bearer`, not both", "leave one of them out");
                None
            }
            (None, None) => {
                if section.basic.is_absent() && section.bearer.is_absent() {
                    let help = "write `basic: { username: …, password: … }` or `bearer: …`";
                    self.problems.add(&section.place, "`auth` says nothing", help);
                }
                None
            }
        }
    }
}
