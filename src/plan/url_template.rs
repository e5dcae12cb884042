//! A preview's URL as its host makes it of a pull request, a commit or a branch: `https://deploy-preview-${pr}--shop.example`.

use url::Url;

/// A URL with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    PullRequest,
    Sha,
    ShortSha,
    Branch,
}

/// What the placeholders stand for, as far as the job knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    pub pull_request: Option<u64>,
    pub sha: Option<&'a str>,
    pub branch: Option<&'a str>,
}

/// Why a URL could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    #[error("`${{{0}}}` stands for nothing here: this job knows no {1}")]
    Unknown(&'static str, &'static str),
    #[error("it comes out as `{0}`, which is no URL")]
    NoUrl(String),
}

/// A DNS label's longest.
const LONGEST_LABEL: usize = 63;
/// Cloudflare Pages cuts a branch to this.
const LONGEST_AT_PAGES: usize = 28;

impl UrlTemplate {
    /// Reads a URL with placeholders.
    ///
    /// # Errors
    /// What is wrong with a placeholder.
    pub fn parse(text: &str) -> Result<UrlTemplate, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(end) = rest[start..].find('}').map(|end| start + end) else {
                return Err("a placeholder has no end".into());
            };
            let name = rest[start + 2..end].trim();
            let placeholder = match name {
                "pr" => Placeholder::PullRequest,
                "sha" => Placeholder::Sha,
                "short_sha" => Placeholder::ShortSha,
                "branch" => Placeholder::Branch,
                _ => return Err(format!("`{name}` is no placeholder of a target's URL")),
            };
            parts.push(Part::Text(rest[..start].to_owned()));
            parts.push(Part::Placeholder(placeholder));
            rest = &rest[end + 1..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(UrlTemplate(parts))
    }

    /// A URL that it could make.
    pub fn example(&self) -> String {
        let facts = Facts { pull_request: Some(1), sha: Some("0123456789abcdef"), branch: Some("main") };
        self.text(facts).unwrap_or_default()
    }

    /// The URL of a preview.
    ///
    /// # Errors
    /// A placeholder that stands for nothing, or no URL.
    pub fn fill(&self, facts: Facts<'_>) -> Result<Url, Unfilled> {
        let text = self.text(facts)?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.ok_or(Unfilled::NoUrl(text))
    }

    fn text(&self, facts: Facts<'_>) -> Result<String, Unfilled> {
        let mut text = String::new();
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(own) => text.push_str(own),
                Part::Placeholder(Placeholder::PullRequest) => {
                    let number = facts.pull_request.ok_or(Unfilled::Unknown("pr", "pull request"))?;
                    text.push_str(&number.to_string());
                }
                Part::Placeholder(Placeholder::Sha) => {
                    text.push_str(facts.sha.ok_or(Unfilled::Unknown("sha", "commit"))?);
                }
                Part::Placeholder(Placeholder::ShortSha) => {
                    let sha = facts.sha.ok_or(Unfilled::Unknown("short_sha", "commit"))?;
                    text.push_str(sha.get(..7).unwrap_or(sha));
                }
                Part::Placeholder(Placeholder::Branch) => {
                    let branch = facts.branch.ok_or(Unfilled::Unknown("branch", "branch"))?;
                    let most = self.room(&text, index);
                    text.push_str(&slug(branch, most));
                }
            }
        }
        Ok(text)
    }

    /// How long a branch may be so that its label is one.
    fn room(&self, before: &str, index: usize) -> usize {
        let after = match self.0.get(index + 1) {
            Some(Part::Text(after)) => after.as_str(),
            _ => "",
        };
        if after.starts_with('.') && after.trim_end_matches('/').ends_with(".pages.dev") {
            return LONGEST_AT_PAGES;
        }
        let before = before.rsplit(['.', '/']).next().unwrap_or_default();
        let after = after.split(['.', ':', '/']).next().unwrap_or_default();
        LONGEST_LABEL.saturating_sub(before.len() + after.len())
    }
}

/// A branch as a part of a host's name, as Netlify and Cloudflare make it: in lower case, with a hyphen for all else.
fn slug(branch: &str, most: usize) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = branch.chars().map(kept).take(most).collect();
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Facts<'_> =
        Facts { pull_request: Some(42), sha: Some("0123456789abcdef"), branch: Some("Feat/Faster_seats") };

    fn filled(text: &str, facts: Facts<'_>) -> String {
        let url = UrlTemplate::parse(text).unwrap().fill(facts);
        url.map_or_else(|unfilled| unfilled.to_string(), |url| url.to_string())
    }

    #[test]
    fn placeholders_stand_for_what_the_job_knows() {
        for (text, expected) in [
            ("https://deploy-preview-${pr}--shop.example", "https://deploy-preview-42--shop.example/"),
            ("https://${ sha }.shop.example:8443", "https://0123456789abcdef.shop.example:8443/"),
            ("https://${short_sha}-${pr}.shop.example", "https://0123456-42.shop.example/"),
            ("https://${branch}--shop.example", "https://feat-faster-seats--shop.example/"),
            ("http://localhost:30${pr}", "http://localhost:3042/"),
            ("http://localhost:99999${pr}", "it comes out as `http://localhost:9999942`, which is no URL"),
        ] {
            assert_eq!(filled(text, ALL), expected, "{text}");
        }
        for (text, expected) in [
            ("https://${pr}.example", "`${pr}` stands for nothing here: this job knows no pull request"),
            ("https://${short_sha}.example", "`${short_sha}` stands for nothing here: this job knows no commit"),
            ("https://${branch}.example", "`${branch}` stands for nothing here: this job knows no branch"),
        ] {
            assert_eq!(filled(text, Facts::default()), expected, "{text}");
        }
    }

    #[test]
    fn a_branch_becomes_a_label_as_hosts_make_it() {
        let long = "dependabot/npm_and_yarn/services/checkout/types/node-22.10.1-and-everything-else";
        for (branch, pages, other) in [
            ("main", "main", "main"),
            ("Fix/API", "fix-api", "fix-api"),
            ("release-1.2", "release-1-2", "release-1-2"),
            ("자리/빠르게-2", "2", "2"),
            (long, "dependabot-npm-and-yarn-serv", "dependabot-npm-and-yarn-services-checkout-types-node-22-1"),
        ] {
            let facts = Facts { branch: Some(branch), ..Facts::default() };
            assert_eq!(filled("https://${branch}.shop.pages.dev", facts), format!("https://{pages}.shop.pages.dev/"));
            let url = filled("https://${branch}--shop.netlify.app", facts);
            assert_eq!(url, format!("https://{other}--shop.netlify.app/"));
            assert!(url["https://".len()..].split('.').next().is_some_and(|label| label.len() <= LONGEST_LABEL));
        }
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        for (text, problem) in [
            ("https://${number}.example", "`number` is no placeholder of a target's URL"),
            ("https://${pr.example", "a placeholder has no end"),
        ] {
            assert_eq!(UrlTemplate::parse(text).unwrap_err(), problem);
        }
    }
}
