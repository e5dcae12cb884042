//! Which of a commit's deployments is meant, and whether it can be loaded. Pure rules over what GitHub lists.

use crate::github::deployment::{Deployment, Status};

/// A deployment with its statuses, newest first.
#[derive(Clone, Debug)]
pub struct Seen {
    pub deployment: Deployment,
    pub statuses: Vec<Status>,
}

/// What there is to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Nothing yet. `seen` says what there is.
    Absent {
        seen: String,
    },
    /// It is being deployed.
    Waiting {
        environment: String,
        state: String,
    },
    Live {
        id: u64,
        environment: String,
        url: String,
    },
    /// It failed, or was taken down.
    Failed {
        environment: String,
        state: String,
        why: Option<String>,
    },
    /// It was deployed, and has no URL.
    Nowhere {
        environment: String,
    },
    /// Several environments have a deployment of the commit.
    Ambiguous(Vec<String>),
    /// Only production has.
    Production(String),
}

/// Whether an environment's name says that it is production; Vercel appends the project's name in a repository of several.
pub fn is_production(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    let Some(rest) = name.strip_prefix("production") else { return false };
    let after = rest.trim_start();
    rest.is_empty() || (after.len() < rest.len() && after.starts_with(['–', '—', '-', '(', '/', ':']))
}

/// Whether a name is the pattern's, in which `*` stands for any text. The case of letters doesn't matter.
pub fn matches(pattern: &str, name: &str) -> bool {
    fn from(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|skipped| from(rest, &name[skipped..])),
            Some((first, rest)) => name.first() == Some(first) && from(rest, &name[1..]),
        }
    }
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let mut pattern = lower(pattern);
    pattern.dedup_by(|a, b| *a == '*' && *b == '*');
    from(&pattern, &lower(name))
}

/// The deployments that may be meant: the newest of each environment, of those that the plan names. Production's are left out
/// unless they are allowed; where nothing else is there, the error is its name.
pub fn candidates(
    listed: Vec<Deployment>,
    environment: Option<&str>,
    allow_production: bool,
) -> Result<Vec<Deployment>, String> {
    let mut newest: Vec<Deployment> = Vec::new();
    for deployment in listed {
        let meant = environment.is_none_or(|pattern| matches(pattern, &deployment.environment));
        if meant && newest.iter().all(|other| other.environment != deployment.environment) {
            newest.push(deployment);
        }
    }
    let refused = |one: &Deployment| !allow_production && (one.production || is_production(&one.environment));
    let (production, others): (Vec<_>, Vec<_>) = newest.into_iter().partition(refused);
    match production.into_iter().next() {
        Some(one) if others.is_empty() => Err(one.environment),
        _ => Ok(others),
    }
}

/// Chooses among the newest deployments of each environment. `named`: the plan names the environment, so one without a URL is
/// an error and not somebody else's.
pub fn choose(seen: &[Seen], named: bool) -> Choice {
    let mut standing: Vec<Choice> = seen.iter().map(of).collect();
    let nowhere = |choice: &Choice| matches!(choice, Choice::Nowhere { .. });
    if !named || standing.iter().any(|choice| !nowhere(choice)) {
        standing.retain(|choice| !nowhere(choice));
    }
    match standing.len() {
        0 if seen.is_empty() => Choice::Absent { seen: "none yet".into() },
        0 => Choice::Absent { seen: format!("none with a URL yet, {} has none", names(seen).join(", ")) },
        1 => standing.remove(0),
        _ => Choice::Ambiguous(names(seen)),
    }
}

fn names(seen: &[Seen]) -> Vec<String> {
    seen.iter().map(|one| one.deployment.environment.clone()).collect()
}

/// Where one deployment stands.
fn of(Seen { deployment, statuses }: &Seen) -> Choice {
    let environment = deployment.environment.clone();
    let Some(newest) = statuses.first() else { return Choice::Waiting { environment, state: "created".into() } };
    let state = newest.state.clone();
    let why = [&newest.description, &newest.log_url];
    let why = why.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let why = (!why.is_empty()).then_some(why);
    match newest.state.as_str() {
        "success" => match &newest.url {
            Some(url) => Choice::Live { id: deployment.id, environment, url: url.clone() },
            None => Choice::Nowhere { environment },
        },
        "failure" | "error" => Choice::Failed { environment, state, why },
        // GitHub sets this when another commit is deployed to the environment, whose URL may be another: the deployment may
        // well be up.
        "inactive" => match statuses.iter().find(|status| status.state == "success").map(|status| &status.url) {
            Some(Some(url)) => Choice::Live { id: deployment.id, environment, url: url.clone() },
            _ => Choice::Failed { environment, state, why },
        },
        _ => Choice::Waiting { environment, state },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(id: u64, environment: &str, production: bool) -> Deployment {
        Deployment { id, sha: "aaaa".into(), environment: environment.into(), production }
    }

    fn seen(id: u64, environment: &str, statuses: &[(&str, &str)]) -> Seen {
        let status = |(state, url): &(&str, &str)| Status {
            state: (*state).into(),
            url: (!url.is_empty()).then(|| (*url).into()),
            log_url: None,
            description: None,
        };
        Seen { deployment: deployment(id, environment, false), statuses: statuses.iter().map(status).collect() }
    }

    #[test]
    fn the_choice_follows_from_the_newest_status() {
        const A: &str = "https://a.example";
        type Case = (&'static [(&'static str, &'static [(&'static str, &'static str)])], bool, &'static str);
        let table: &[Case] = &[
            (&[], false, "Absent { seen: \"none yet\" }"),
            (&[("Preview", &[])], false, "Waiting { environment: \"Preview\", state: \"created\" }"),
            (&[("P", &[("in_progress", "")])], false, "Waiting { environment: \"P\", state: \"in_progress\" }"),
            (&[("P", &[("queued", A)])], false, "Waiting { environment: \"P\", state: \"queued\" }"),
            (
                &[("P", &[("success", A), ("pending", "")])],
                false,
                "Live { id: 0, environment: \"P\", url: \"https://a.example\" }",
            ),
            (
                &[("P", &[("failure", A), ("success", A)])],
                false,
                "Failed { environment: \"P\", state: \"failure\", why: None }",
            ),
            (&[("P", &[("error", "")])], false, "Failed { environment: \"P\", state: \"error\", why: None }"),
            (
                &[("P", &[("inactive", ""), ("success", A)])],
                false,
                "Live { id: 0, environment: \"P\", url: \"https://a.example\" }",
            ),
            (&[("P", &[("inactive", "")])], false, "Failed { environment: \"P\", state: \"inactive\", why: None }"),
            (&[("P", &[("success", "")])], true, "Nowhere { environment: \"P\" }"),
            (&[("P", &[("success", "")])], false, "Absent { seen: \"none with a URL yet, P has none\" }"),
            (
                &[("pypi", &[("success", "")]), ("P", &[("success", A)])],
                false,
                "Live { id: 1, environment: \"P\", url: \"https://a.example\" }",
            ),
            (&[("api", &[("success", A)]), ("web", &[("pending", "")])], false, "Ambiguous([\"api\", \"web\"])"),
        ];
        for (list, named, expected) in table {
            let list: Vec<Seen> =
                list.iter().zip(0..).map(|((environment, statuses), id)| seen(id, environment, statuses)).collect();
            assert_eq!(format!("{:?}", choose(&list, *named)), *expected);
        }
    }

    #[test]
    fn the_newest_of_each_environment_counts_and_production_only_where_it_is_allowed() {
        let listed = || {
            vec![
                deployment(5, "Preview – web", false),
                deployment(4, "Preview – web", false),
                deployment(3, "live", true),
                deployment(2, "Production", false),
                deployment(1, "Preview – api", false),
            ]
        };
        let ids = |pattern: Option<&str>, allow| {
            candidates(listed(), pattern, allow).map(|found| found.iter().map(|one| one.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(None, false), Ok(vec![5, 1]));
        assert_eq!(ids(None, true), Ok(vec![5, 3, 2, 1]));
        assert_eq!(ids(Some("preview*"), false), Ok(vec![5, 1]));
        assert_eq!(ids(Some("*api"), false), Ok(vec![1]));
        assert_eq!(ids(Some("live"), false), Err("live".into()));
        assert_eq!(ids(Some("production"), false), Err("Production".into()));
        assert_eq!(ids(Some("production"), true), Ok(vec![2]));
        assert_eq!(ids(Some("staging"), false), Ok(Vec::new()));
    }

    #[test]
    fn names_of_production() {
        for (name, expected) in [
            ("production", true),
            ("Production", true),
            ("PRODUCTION", true),
            ("Production – shop-api", true),
            ("production - api", true),
            ("Preview – production", false),
            ("production-like", false),
            ("productions", false),
            ("Preview", false),
            ("", false),
        ] {
            assert_eq!(is_production(name), expected, "{name}");
        }
    }

    #[test]
    fn patterns_of_names() {
        for (pattern, name, expected) in [
            ("Preview", "preview", true),
            ("preview", "preview – web", false),
            ("preview*", "Preview – web", true),
            ("*web", "Preview – web", true),
            ("pr-*-web", "pr-7-web", true),
            ("pr-*-web", "pr-7-api", false),
            ("*", "", true),
            ("****a****b", "xxaxxb", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
