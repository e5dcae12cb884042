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
mod tests {
    use super::*;

    fn user(name: &str, password: &str) -> Credentials {
        Credentials::new(name.to_owned(), password.to_owned()).unwrap()
    }

    fn challenge(value: &str) -> Result<Challenge, String> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, value.parse().unwrap());
        Challenge::of(&headers).unwrap_or_else(|| Err("no digest".to_owned()))
    }

    fn proof(challenge: &Challenge, user: &Credentials, target: &str, cnonce: &str) -> String {
        let secret = challenge.secret(user, cnonce);
        challenge.authorization(user, &secret, &Method::GET, target, cnonce, 1)
    }

    /// RFC 7616, section 3.9.1: the same request by MD5 and SHA-256.
    #[test]
    fn the_proofs_are_those_of_the_standard() {
        let mufasa = user("Mufasa", "Circle of Life");
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = challenge(&format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            ))
            .unwrap();
            assert_eq!(
                proof(&challenge, &mufasa, "/dir/index.html", cnonce),
                format!(
                    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
                     algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
                     cnonce=\"{cnonce}\", qop=auth, response=\"{response}\", \
                     opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
                )
            );
        }
    }

    /// RFC 7616, section 3.9.2, with the erratum 4897 on what SHA-512-256 is.
    #[test]
    fn a_user_name_may_be_hashed() {
        let challenge = challenge(
            "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
             nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
             opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true",
        )
        .unwrap();
        let jason = user("J\u{e4}s\u{f8}n Doe", "Secret, or not?");
        let proof = proof(&challenge, &jason, "/doe.json", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
        assert!(
            proof.contains("username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\""),
            "{proof}"
        );
        assert!(
            proof.contains("response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\""),
            "{proof}"
        );
        assert!(proof.ends_with(", userhash=true"), "{proof}");
    }

    /// RFC 2617, section 3.5, without and with a quality of protection; and a session, by the standard's own formula.
    #[test]
    fn older_servers_are_answered_too() {
        let mufasa = user("Mufasa", "Circle Of Life");
        let old = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let target = "/dir/index.html";
        let legacy = proof(&challenge(old).unwrap(), &mufasa, target, "0a4f113b");
        assert_eq!(
            legacy,
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", uri=\"/dir/index.html\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", response=\"670fd8c2df070c60b045671b8b24ff02\""
        );
        let newer = proof(&challenge(&format!("{old}, qop=auth")).unwrap(), &mufasa, target, "0a4f113b");
        assert!(newer.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{newer}");
        let session = challenge(&format!("{old}, qop=auth, algorithm=md5-sess")).unwrap();
        let h = |text: &str| Hash::Md5.of(&[text]);
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let ha1 = h(&format!("939e7578ed9e3c518a452acee763bce9:{nonce}:0a4f113b"));
        let ha2 = "39aff3a2bab6126f332b942af96d3366";
        let expected = h(&format!("{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}"));
        let newer = proof(&session, &mufasa, target, "0a4f113b");
        assert!(newer.contains(&format!("algorithm=md5-sess, nonce=\"{nonce}\"")), "{newer}");
        assert!(newer.contains(&format!("response=\"{expected}\"")), "{newer}");
    }

    #[test]
    fn the_first_challenge_that_can_be_answered_is() {
        for (header, read) in [
            ("Digest realm=\"a\", nonce=\"n\"", Ok("a")),
            ("Basic realm=\"b\", Digest realm=\"d\", nonce=\"n\", qop=\"auth\"", Ok("d")),
            ("Digest realm=\"d\", nonce=\"n\", qop=\"auth\", Basic realm=\"b\"", Ok("d")),
            ("Negotiate abc==, digest realm = \"d\" , nonce=n", Ok("d")),
            ("Digest realm=\"1\", nonce=n, algorithm=SHA-1, Digest realm=\"2\", nonce=n, algorithm=SHA-256", Ok("2")),
            ("Digest realm=\"a \\\"b\\\", c\\\\\", nonce=n", Ok("a \"b\", c\\")),
            ("Digest realm=\"a\"", Err("its challenge has no nonce")),
            ("Digest", Err("its challenge has no realm")),
            ("Digest nonce=\"unclosed", Err("its challenge has no realm")),
            ("Digest realm=a, nonce=n, algorithm=token", Err("its algorithm TOKEN is not supported")),
            (
                "Digest realm=a, nonce=n, qop=\"auth-int\"",
                Err("its quality of protection auth-int is not supported, only auth is"),
            ),
            ("Basic realm=\"b\"", Err("no digest")),
            ("=,\"\",==", Err("no digest")),
        ] {
            let got = challenge(header).map(|challenge| challenge.realm);
            assert_eq!(got.as_deref().map_err(String::as_str), read, "{header}");
        }
    }

    #[test]
    fn names_are_quoted_or_encoded() {
        let challenge = challenge("Digest realm=\"r\", nonce=\"n\"").unwrap();
        assert!(proof(&challenge, &user("a\"b\\c", ""), "/", "c").starts_with("Digest username=\"a\\\"b\\\\c\","));
        assert!(proof(&challenge, &user("J\u{e4}s", ""), "/", "c").starts_with("Digest username*=UTF-8''J%C3%A4s,"));
        assert_eq!(Credentials::new("a\nb".into(), String::new()), None);
        assert_eq!(format!("{:?}", user("name", "word")), "Credentials(***)");
    }

    /// What a server says of each request, and whether it is sent again.
    #[test]
    fn a_nonce_is_used_until_it_is_stale() {
        let (mary, url): (_, Url) = (user("mary", "pw"), "https://shop.example/cart?x=1".parse().unwrap());
        let mut nonces = Nonces::default();
        let says = |nonce: &str, stale: bool| {
            let mut headers = HeaderMap::new();
            let value = format!("Digest realm=r, nonce={nonce}, qop=auth, stale={stale}");
            headers.insert(WWW_AUTHENTICATE, value.parse().unwrap());
            headers
        };
        let next = |nonces: &mut Nonces| {
            let value = nonces.authorization(&url, &Method::GET, &mary);
            let text = value.map_or("-".to_owned(), |value| value.to_str().unwrap().to_owned());
            let of = |name: &str| text.split(", ").find_map(|part| part.strip_prefix(name)).unwrap_or("-").to_owned();
            format!("{} {}", of("nonce="), of("nc="))
        };
        let cnonce = || "c".to_owned();
        assert_eq!(next(&mut nonces), "- -");
        assert_eq!(nonces.challenged(&url, &mary, &says("one", false), 0, cnonce), Ok(true));
        assert_eq!([next(&mut nonces), next(&mut nonces)], ["\"one\" 00000001", "\"one\" 00000002"]);
        // Nobody else's, and nowhere else.
        assert_eq!(nonces.authorization(&url, &Method::GET, &user("eve", "pw")), None);
        assert_eq!(nonces.authorization(&"http://shop.example/".parse().unwrap(), &Method::GET, &mary), None);
        // Refused later: the nonce may have been for one use.
        assert_eq!(nonces.challenged(&url, &mary, &says("two", false), 0, cnonce), Ok(true));
        assert_eq!(next(&mut nonces), "\"two\" 00000001");
        // Refused at once: wrong credentials. The next request begins anew.
        assert_eq!(nonces.challenged(&url, &mary, &says("three", false), 1, cnonce), Ok(false));
        assert_eq!(next(&mut nonces), "- -");
        // Stale at once is no refusal, but not for ever.
        for before in 0..MOST_CHALLENGES {
            assert_eq!(nonces.challenged(&url, &mary, &says("s", true), before, cnonce), Ok(true), "{before}");
        }
        assert_eq!(nonces.challenged(&url, &mary, &says("s", true), MOST_CHALLENGES, cnonce), Ok(false));
        assert_eq!(nonces.challenged(&url, &mary, &HeaderMap::new(), 0, cnonce), Ok(false));
    }

    #[test]
    fn a_session_keeps_few_challenges() {
        let url: Url = "https://shop.example/".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, "Digest realm=r, nonce=n".parse().unwrap());
        let mut nonces = Nonces::default();
        for number in 0..100 {
            nonces.challenged(&url, &user(&number.to_string(), ""), &headers, 0, || "c".to_owned()).unwrap();
        }
        assert_eq!(nonces.known.len(), MOST_KNOWN);
        assert!(nonces.authorization(&url, &Method::GET, &user("99", "")).is_some());
        assert!(nonces.authorization(&url, &Method::GET, &user("0", "")).is_none());
    }
}
