//! Digest authentication (RFC 7616, and RFC 2069 where a server names no quality of protection).
//!
//! A server answers 401 with a challenge, and the request is sent again with the proof. The challenge's nonce serves the
//! session's further requests at once, counted, until the server calls it stale.

use std::fmt;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Method};
use md5::Md5;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256, Sha512_256};
use url::{Position, Url};

use super::origin::Origin;

/// Challenges that a session keeps, the oldest go first: a virtual user may log in as somebody else again and again.
const MOST_KNOWN: usize = 16;

/// Times that one request may be challenged: by the nonce of an earlier one, as a newcomer, and by one that went stale at
/// once.
const MOST_CHALLENGES: u32 = 3;

/// User name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    /// None where the user name could not be sent: it holds a control character.
    pub fn new(username: String, password: String) -> Option<Credentials> {
        (!username.contains(char::is_control)).then_some(Credentials { username, password })
    }
}

impl fmt::Debug for Credentials {
    /// Shows neither.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

impl Hash {
    /// In hexadecimal, of the parts with colons between them.
    fn of(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Hash::Md5 => hex(&Md5::digest(text)),
            Hash::Sha256 => hex(&Sha256::digest(text)),
            Hash::Sha512_256 => hex(&Sha512_256::digest(text)),
        }
    }
}

/// What a server wants to be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As the server wrote it; none for MD5.
    algorithm: Option<String>,
    hash: Hash,
    /// The proof holds for the nonce's whole session (`-sess`).
    session: bool,
    /// Quality of protection `auth`; else the older proof of RFC 2069.
    auth: bool,
    /// The nonce was right once: the credentials are not refused.
    stale: bool,
    /// The user name is sent hashed.
    userhash: bool,
}

impl Challenge {
    /// The first challenge that can be answered; none where the server asks for no digest.
    ///
    /// # Errors
    /// What of the server's challenges is not supported, or missing.
    fn of(headers: &HeaderMap) -> Option<Result<Challenge, String>> {
        let mut refused = None;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let text = String::from_utf8_lossy(value.as_bytes());
            for (scheme, parameters) in challenges(&text) {
                if !scheme.eq_ignore_ascii_case("digest") {
                    continue;
                }
                match Challenge::read(&parameters) {
                    Ok(challenge) => return Some(Ok(challenge)),
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
        }
        refused.map(Err)
    }

    fn read(parameters: &[(String, String)]) -> Result<Challenge, String> {
        let of = |name: &str| {
            let mut found = parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.as_str())
        };
        let required = |name: &str| of(name).map(str::to_owned).ok_or_else(|| format!("its challenge has no {name}"));
        let algorithm = of("algorithm");
        let name = algorithm.unwrap_or("MD5").to_ascii_uppercase();
        let hash = match name.strip_suffix("-SESS").unwrap_or(&name) {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            "SHA-512-256" => Hash::Sha512_256,
            _ => return Err(format!("its algorithm {name} is not supported")),
        };
        let qop = of("qop");
        let auth = qop.is_some_and(|qop| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if let (Some(qop), false) = (qop, auth) {
            return Err(format!("its quality of protection {qop} is not supported, only auth is"));
        }
        let is_true = |name: &str| of(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Challenge {
            realm: required("realm")?,
            nonce: required("nonce")?,
            opaque: of("opaque").map(str::to_owned),
            algorithm: algorithm.map(str::to_owned),
            hash,
            session: name.ends_with("-SESS"),
            auth,
            stale: is_true("stale"),
            userhash: is_true("userhash"),
        })
    }

    /// What of the proof stays the same as long as the nonce does.
    fn secret(&self, credentials: &Credentials, cnonce: &str) -> String {
        let secret = self.hash.of(&[&credentials.username, &self.realm, &credentials.password]);
        if self.session { self.hash.of(&[&secret, &self.nonce, cnonce]) } else { secret }
    }

    /// The `Authorization` header. `count` is the number of requests with this nonce, this one included.
    fn authorization(
        &self,
        user: &Credentials,
        secret: &str,
        method: &Method,
        target: &str,
        cnonce: &str,
        count: u32,
    ) -> String {
        let request = self.hash.of(&[method.as_str(), target]);
        let nc = format!("{count:08x}");
        let response = match self.auth {
            true => self.hash.of(&[secret, &self.nonce, &nc, cnonce, "auth", &request]),
            false => self.hash.of(&[secret, &self.nonce, &request]),
        };
        let username = match (&user.username, self.userhash) {
            (name, true) => format!("username=\"{}\"", self.hash.of(&[name, &self.realm])),
            (name, false) if name.is_ascii() => format!("username={}", quoted(name)),
            (name, false) => format!("username*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC)),
        };
        let mut text = format!("Digest {username}, realm={}, uri={}", quoted(&self.realm), quoted(target));
        if let Some(algorithm) = &self.algorithm {
            text += &format!(", algorithm={algorithm}");
        }
        text += &format!(", nonce={}", quoted(&self.nonce));
        if self.auth {
            text += &format!(", nc={nc}, cnonce={}, qop=auth", quoted(cnonce));
        } else if self.session {
            text += &format!(", cnonce={}", quoted(cnonce));
        }
        text += &format!(", response=\"{response}\"");
        if let Some(opaque) = &self.opaque {
            text += &format!(", opaque={}", quoted(opaque));
        }
        if self.userhash {
            text += ", userhash=true";
        }
        text
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The challenges of a `WWW-Authenticate` header: schemes with their parameters. What is malformed is skipped.
fn challenges(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=', '"']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if rest.is_empty() {
            return found;
        }
        let after_space = after.trim_start_matches([' ', '\t']);
        match after_space.strip_prefix('=') {
            Some(value) if !word.is_empty() => {
                let (value, after) = parameter(value.trim_start_matches([' ', '\t']));
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word.to_owned(), value));
                }
                rest = after;
            }
            _ if word.is_empty() => rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..],
            _ => {
                found.push((word.to_owned(), Vec::new()));
                rest = after;
            }
        }
    }
}

/// A parameter's value, quoted or not, and what follows it.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut escaped = false;
    for (index, c) in quoted.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, &quoted[index + 1..]),
            c => {
                value.push(c);
                escaped = false;
            }
        }
    }
    (value, "")
}

/// The challenges that a session has been given, and how often it used their nonces.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    /// The oldest first.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    origin: Origin,
    user: Credentials,
    challenge: Challenge,
    /// Ours, the same as long as the nonce is.
    cnonce: String,
    secret: String,
    /// Requests with this nonce.
    count: u32,
}

impl Nonces {
    /// The `Authorization` header of the next request; none where no challenge is known yet.
    pub fn authorization(&mut self, url: &Url, method: &Method, user: &Credentials) -> Option<HeaderValue> {
        let known = self.known.iter_mut().find(|known| known.origin.is_of(url) && known.user == *user)?;
        known.count += 1;
        let target = match &url[Position::BeforePath..Position::AfterQuery] {
            "" => "/",
            target => target,
        };
        let Known { challenge, cnonce, secret, count, .. } = known;
        let text = challenge.authorization(user, secret, method, target, cnonce, *count);
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Looks at an answer of status 401 to a request that was challenged `before` so many times. Whether it should be sent
    /// again, now that its challenge is known; if not, the answer is the last one.
    ///
    /// # Errors
    /// Why the challenge can't be answered.
    pub fn challenged(
        &mut self,
        url: &Url,
        user: &Credentials,
        answer: &HeaderMap,
        before: u32,
        cnonce: impl FnOnce() -> String,
    ) -> Result<bool, String> {
        let index = self.known.iter().position(|known| known.origin.is_of(url) && known.user == *user);
        let tried = index.map(|index| self.known.remove(index));
        let Some(challenge) = Challenge::of(answer).transpose()? else { return Ok(false) };
        // A nonce of an earlier request may have been for one use, whether the server calls it stale or not.
        if (tried.is_some() && before > 0 && !challenge.stale) || before >= MOST_CHALLENGES {
            return Ok(false);
        }
        if self.known.len() >= MOST_KNOWN {
            self.known.remove(0);
        }
        let cnonce = cnonce();
        let secret = challenge.secret(user, &cnonce);
        self.known.push(Known { origin: Origin::of(url), user: user.clone(), challenge, cnonce, secret, count: 0 });
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
