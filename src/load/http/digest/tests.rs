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
    assert!(proof.contains("username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\""), "{proof}");
    assert!(proof.contains("response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\""), "{proof}");
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
