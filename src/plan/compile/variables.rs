//! The environment variables and secrets that a plan declares.

use super::Compiler;
use super::target::texts;
use crate::plan::{ReadOptions, Secret};

/// CI's own tokens, which no plan may name.
const NEVER: [&str; 5] = [
    "GITHUB_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_CACHE_SERVICE_TOKEN",
    "LOADGATE_GITHUB_TOKEN",
];

impl Compiler<'_> {
    pub fn read_variables(&mut self, options: &ReadOptions) {
        let file = self.file;
        for (field, secret) in [(&file.env, false), (&file.secrets, true)] {
            for name in texts(field) {
                let mut letters = name.value.chars();
                let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
                if !begins || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    let problem = format!("`{}` is no name of an environment variable", name.value);
                    self.problems.add(&name.place, problem, "a name is letters, digits and `_`");
                    continue;
                }
                if NEVER.iter().any(|forbidden| name.value.eq_ignore_ascii_case(forbidden)) {
                    let problem = format!("a plan never sees `{}`", name.value);
                    self.problems.add(
                        &name.place,
                        problem,
                        "CI's own tokens are not for the load; use a secret of its own",
                    );
                    continue;
                }
                let value = (options.env)(&name.value);
                if secret {
                    // GitHub gives an empty text where there is no secret.
                    self.variables.secrets.insert(name.value.clone(), value.filter(|value| !value.is_empty()));
                } else {
                    self.variables.env.insert(name.value.clone(), value);
                }
            }
        }
    }

    /// The declared environment variables that are set.
    pub fn set_env(&self) -> Vec<(String, String)> {
        let set = self.variables.env.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        set.collect()
    }

    pub fn set_secrets(&self) -> Vec<Secret> {
        let set = self.variables.secrets.iter();
        set.filter_map(|(name, value)| Some(Secret { name: name.clone(), value: value.clone()? })).collect()
    }
}
