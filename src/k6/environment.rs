//! What a script sees of the environment, and what the user says of hosts by it.

use url::Url;

use super::source::Bundle;

/// Beginnings of names in the environment that no script sees: they are the runner's and ours.
const HIDDEN: [&str; 5] = ["GITHUB_", "ACTIONS_", "RUNNER_", "INPUT_", "LOADGATE_"];

/// Parts of names in the environment that no script sees unless it is given them by `-e`.
const SECRET: [&str; 4] = ["TOKEN", "SECRET", "KEY", "PASSWORD"];

/// The value of a variable of an environment.
pub fn find(environment: &[(String, String)], name: &str) -> Option<String> {
    environment.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
}

/// `__ENV`: what the user gives, over the environment without what is not the script's business.
pub fn script_env(environment: &[(String, String)], given: &[(String, String)]) -> Vec<(String, String)> {
    let hidden = |name: &str| {
        let upper = name.to_ascii_uppercase();
        HIDDEN.iter().any(|begin| upper.starts_with(begin)) || SECRET.iter().any(|part| upper.contains(part))
    };
    let replaced = |name: &str| given.iter().any(|(other, _)| other == name);
    let kept = environment.iter().filter(|(name, _)| !hidden(name) && !replaced(name));
    kept.chain(given).cloned().collect()
}

/// The URLs among the values that the script reads from its environment, or that it is given.
pub fn named_urls(bundle: &Bundle, env: &[(String, String)], given: &[(String, String)]) -> Vec<Url> {
    let read = env.iter().filter(|(name, _)| bundle.env_names.contains(name));
    let url = |(_, value): &(String, String)| {
        Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    given.iter().chain(read).filter_map(url).collect()
}

/// A host as the user gives it to a script, without a scheme.
pub fn host(value: &str) -> Option<String> {
    let plain = value.contains('.') || value == "localhost" || value.starts_with('[');
    if !plain || value.contains(['/', ' ', '@', '?', '#']) {
        return None;
    }
    Url::parse(&format!("http://{value}/")).ok()?.host_str().map(str::to_owned)
}
