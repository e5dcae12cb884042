//! What a step is: its one verb, and the keys that belong to it.

use super::Compiler;
use crate::plan::error::{Place, list};
use crate::plan::file::step::{REQUEST_KEYS, StepEntry};

const VERBS: [&str; 18] = [
    "get", "post", "put", "patch", "delete", "head", "options", "request", "think", "group", "repeat", "retry", "if",
    "choose", "all", "let", "stop", "fail",
];

/// The keys that one step may have beside its verb.
pub fn companions(verb: &str) -> &'static [&'static str] {
    match verb {
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" => REQUEST_KEYS,
        "group" | "retry" => &["steps"],
        "repeat" => &["steps", "atLeast"],
        "if" => &["then", "else"],
        _ => &[],
    }
}

impl Compiler<'_> {
    /// The step's one verb; keys that don't belong to it are noted.
    pub fn verb(&mut self, step: &StepEntry) -> Option<&'static str> {
        let given = given(step);
        let mut verbs: Vec<(&'static str, Option<&Place>)> =
            given.iter().copied().filter(|(key, _)| VERBS.contains(key)).collect();
        if verbs.is_empty() {
            verbs.extend(given.iter().copied().filter(|(key, _)| *key == "record"));
        }
        let verb = match verbs.as_slice() {
            [(verb, _)] => *verb,
            [] if given.is_empty() && step.unknown => return None,
            [] => {
                let problem = match given.is_empty() {
                    true => "this step does nothing".to_owned(),
                    false => format!("this step has no verb; found {}", list(given.iter().map(|(key, _)| *key))),
                };
                self.problems.add(&step.place, problem, format!("a step has one of {}", list(VERBS)));
                return None;
            }
            [_, (_, second), ..] => {
                let problem = format!("a step has one verb; found {}", list(verbs.iter().map(|(verb, _)| *verb)));
                let place = second.cloned().unwrap_or_else(|| step.place.clone());
                self.problems.add(&place, problem, "make a step of each");
                return None;
            }
        };
        for (key, place) in given {
            if key != verb && !companions(verb).contains(&key) {
                let place = place.cloned().unwrap_or_else(|| step.place.clone());
                let help = match owner(key) {
                    Some(owner) => format!("it belongs to {owner}"),
                    None => "leave it out".to_owned(),
                };
                self.problems.add(&place, format!("`{key}` has no meaning beside `{verb}`"), help);
            }
        }
        Some(verb)
    }
}

/// What a key belongs to that is no verb.
fn owner(key: &str) -> Option<&'static str> {
    match key {
        "steps" => Some("`group`, `repeat` or `retry`"),
        "atLeast" => Some("`repeat`"),
        "then" | "else" => Some("`if`"),
        _ if REQUEST_KEYS.contains(&key) => Some("a request"),
        _ => None,
    }
}

/// The keys of a step that are there, with their places where they could be read.
pub fn given(step: &StepEntry) -> Vec<(&'static str, Option<&Place>)> {
    macro_rules! present {
        ($($field:ident $key:literal),* $(,)?) => {
            [$( (!step.$field.is_absent()).then(|| ($key, step.$field.key())), )*]
        };
    }
    let all = present![
        get "get", post "post", put "put", patch "patch", delete "delete", head "head", options "options",
        request "request", think "think", group "group", repeat "repeat", poll "poll", retry "retry", if_ "if",
        choose "choose", all "all", let_ "let", record "record", stop "stop", fail "fail", steps "steps", then "then",
        else_ "else", at_least "atLeast", name "name", headers "headers", query "query", json "json", form "form",
        multipart "multipart", body "body", auth "auth", timeout "timeout", redirects "redirects", cookies "cookies",
        expect "expect", optional "optional", check "check", capture "capture", collect "collect", tags "tags",
    ];
    let mut given: Vec<_> = all.into_iter().flatten().collect();
    given.sort_by_key(|(_, place)| place.map(|place| (place.line, place.column)));
    given
}
