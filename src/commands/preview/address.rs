//! Addresses as others write them: in an event, in a status of a deployment.

use url::{Host, Url};

/// The origin of an address that whoever may make deployments has written. Vercel's events leave the scheme out.
pub fn origin(text: &str) -> Result<Url, String> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| format!("`{}` is no address of http or https", shortened(text)))?;
    // An origin of http or https with a host is always a URL.
    Url::parse(&url.origin().ascii_serialization()).map_err(|error| error.to_string())
}

/// Whether an address is on this machine, where nobody's production is.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_origin_is_kept() {
        for (text, expected) in [
            ("https://shop-git-faster.vercel.app", Some("https://shop-git-faster.vercel.app/")),
            ("shop-git-faster.vercel.app", Some("https://shop-git-faster.vercel.app/")),
            ("http://user:word@127.0.0.1:8080/path?query#part", Some("http://127.0.0.1:8080/")),
            ("ftp://shop.example", None),
            ("javascript://alert", None),
            ("file:///etc/passwd", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(origin(text).ok().map(String::from).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn this_machine() {
        for (text, expected) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_local(&text.parse().unwrap()), expected, "{text}");
        }
    }
}
