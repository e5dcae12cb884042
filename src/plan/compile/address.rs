//! A request's URL, and the name that follows from it.

use http::Method;
use url::Url;

use super::Compiler;
use super::request::Line;
use crate::plan::file::read::Text;
use crate::plan::file::step::StepEntry;
use crate::plan::template::Template;

impl Compiler<'_> {
    /// A URL begins with the path or the scheme; a host that is written out must be one the load may touch.
    pub fn check_url(&mut self, url: &Template, text: &Text) {
        let first = match url.parts().next() {
            Some(Ok(first)) => first,
            Some(Err(_)) => return,
            None => "",
        };
        if first.starts_with('/') && !first.starts_with("//") {
            return;
        }
        let absolute = ["http://", "https://"].iter().find_map(|scheme| first.strip_prefix(scheme));
        let Some(rest) = absolute else {
            let problem = format!("`{}` is no path and no URL", text.value);
            self.problems.add(&text.place, problem, "begin with `/`, or with the scheme of an allowed host's URL");
            return;
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.len() == rest.len() && url.constant().is_none() {
            return;
        }
        let Ok(parsed) = Url::parse(&first[..first.len() - rest.len() + host.len()]) else {
            self.problems.add(&text.place, format!("`{host}` is no host"), "write the path alone to reach the target");
            return;
        };
        if !self.may_touch(&parsed) {
            let problem = format!("the load may not touch `{host}`");
            let help = format!("write the path alone to reach the target, or add `{host}` to `target.allowedHosts`");
            self.problems.add(&text.place, problem, help);
        }
    }

    /// The name given, or method and path with templates as parameters.
    pub fn request_name(&mut self, step: &StepEntry, line: &Line, url: Option<&Template>) -> String {
        let Some(name) = step.name.get() else {
            return match url {
                Some(url) => default_name(&line.method, url),
                None => format!("{} {}", line.method, line.url.value),
            };
        };
        if name.value.contains("${") {
            let help = "a name is constant, so that the number of series is known; use `tags` for what changes";
            self.problems.add(&name.place, "a request's name can't hold a template", help);
        }
        if name.value.trim().is_empty() {
            self.problems.add(&name.place, "a request's name can't be empty", "leave `name` out for method and path");
        }
        name.value.clone()
    }
}

/// Method and path with templates as parameters: `POST /concert-events/:concert/reserve`. The query is left out.
fn default_name(method: &Method, url: &Template) -> String {
    let mut name = format!("{method} ");
    for part in url.parts() {
        match part {
            Ok(text) => {
                let end = text.find(['?', '#']).unwrap_or(text.len());
                name.push_str(&text[..end]);
                if end < text.len() {
                    break;
                }
            }
            Err(expression) => {
                name.push(':');
                name.push_str(parameter(expression.source()));
            }
        }
    }
    name
}

/// The last name in an expression: `concert`, `id` of `pick(seats).id`.
fn parameter(expression: &str) -> &str {
    expression
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .rfind(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .unwrap_or("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_are_method_and_path_with_parameters() {
        for (url, name) in [
            ("/boards", "GET /boards"),
            ("/boards?page=${page}", "GET /boards"),
            ("/api/v1/concert-events/${concert}/reserve", "GET /api/v1/concert-events/:concert/reserve"),
            ("/seats/${pick(seats).id}.json", "GET /seats/:id.json"),
            ("/a/${index + 1}", "GET /a/:index"),
            ("/a/${1 + 1}/${user['id']}", "GET /a/:value/:id"),
        ] {
            assert_eq!(default_name(&Method::GET, &Template::compile(url).unwrap()), name);
        }
    }
}
