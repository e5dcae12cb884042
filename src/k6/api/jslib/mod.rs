//! Modules in JavaScript that come with loadgate in place of those at `https://jslib.k6.io`: written for it, under its own
//! licence.

/// What scripts know as `https://jslib.k6.io/k6-utils/VERSION/index.js`. It imports `k6` and `k6/execution`, and uses the
/// global `crypto`.
pub const K6_UTILS: &str = include_str!("k6-utils.js");

/// What scripts know as `https://jslib.k6.io/k6-summary/VERSION/index.js`. It imports nothing.
pub const K6_SUMMARY: &str = include_str!("k6-summary.js");

/// The module that stands in for the one at `url`, by the name of its folder at `https://jslib.k6.io`, whatever its
/// version: `k6-utils`, `k6-summary`, or `url`, which is [`super::url`]. `None` for what isn't there or is not provided.
pub fn provided(url: &str) -> Option<&'static str> {
    let path = url.strip_prefix("https://jslib.k6.io/").or_else(|| url.strip_prefix("http://jslib.k6.io/"))?;
    ["k6-utils", "k6-summary", "url"].into_iter().find(|name| path.split('/').next() == Some(name))
}

#[cfg(test)]
mod tests;
