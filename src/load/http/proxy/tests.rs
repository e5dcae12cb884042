use tokio::io::duplex;

use super::*;

fn proxies(variables: &[(&str, &str)]) -> Proxies {
    Proxies::from_env(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

/// `-` where there is none, or what is wrong.
fn of(proxies: &Proxies, url: &str) -> String {
    match proxies.of(&url.parse().unwrap()) {
        Ok(proxy) => proxy.map_or("-".to_owned(), ToString::to_string),
        Err(failure) => format!("{}: {}", failure.class, failure.message),
    }
}

#[test]
fn each_scheme_has_its_variable() {
    for (variables, http, https) in [
        (&[][..], "-", "-"),
        (&[("HTTP_PROXY", "http://p:3128")], "p:3128", "-"),
        (&[("http_proxy", "p:3128")], "p:3128", "-"),
        (&[("HTTP_PROXY", "http://upper:1"), ("http_proxy", "http://lower:1")], "upper:1", "-"),
        (&[("HTTP_PROXY", " "), ("http_proxy", "http://lower:1")], "lower:1", "-"),
        (&[("HTTPS_PROXY", "http://p")], "-", "p:80"),
        (&[("https_proxy", "http://[2001:db8::1]:8080/")], "-", "[2001:db8::1]:8080"),
        (&[("ALL_PROXY", "http://p:3128")], "-", "-"),
        (&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")], "-", "-"),
        (&[("http_proxy", "http://p:1"), ("REQUEST_METHOD", "GET")], "p:1", "-"),
        (&[("HTTP_PROXY", "p:3128"), ("NO_PROXY", "shop.example")], "-", "-"),
        (&[("HTTP_PROXY", "p:3128"), ("no_proxy", "shop.example")], "-", "-"),
    ] {
        let proxies = proxies(variables);
        assert_eq!(of(&proxies, "http://shop.example/"), http, "{variables:?}");
        assert_eq!(of(&proxies, "https://shop.example/"), https, "{variables:?}");
    }
}

#[test]
fn a_variable_that_names_no_proxy_is_told_where_it_is_needed() {
    for (value, told) in [
        (
            "socks5://p:1080",
            "connect: the variable HTTPS_PROXY names a proxy of socks5, which is not supported; use one of http://",
        ),
        (
            "https://p:443",
            "connect: the variable HTTPS_PROXY names a proxy of https, which is not supported; use one of http://",
        ),
        ("http://user:s3cret@", "connect: the variable HTTPS_PROXY is no URL of a proxy; write http://HOST:PORT"),
        ("no proxy", "connect: the variable HTTPS_PROXY is no URL of a proxy; write http://HOST:PORT"),
    ] {
        let proxies = proxies(&[("HTTPS_PROXY", value)]);
        assert_eq!(of(&proxies, "https://shop.example/"), told);
        assert_eq!(of(&proxies, "http://shop.example/"), "-");
        assert_eq!(of(&proxies, "https://localhost/"), "-");
    }
}

#[test]
fn no_proxy_names_what_is_asked_directly() {
    for (list, direct, proxied) in [
        ("", "http://localhost/ http://127.0.0.9:80/ http://[::1]:1/ http://a.localhost/", "http://shop.example/"),
        ("*", "http://shop.example/ http://10.0.0.1/", ""),
        (
            "shop.example",
            "http://shop.example/ http://SHOP.example:81/ http://api.shop.example/",
            "http://badshop.example/ http://shop.example.com/",
        ),
        (".shop.example", "http://api.shop.example/", "http://shop.example/"),
        ("*.shop.example", "http://a.api.shop.example/", "http://shop.example/"),
        ("a.example , B.example:8080", "http://a.example/ http://b.example:8080/", "http://b.example/"),
        ("10.0.0.0/8,2001:db8::/32", "http://10.9.8.7/ http://[2001:db8::9]/", "http://11.0.0.1/ http://ten/"),
        (
            "10.0.0.1,[2001:db8::1]:81,::2",
            "http://10.0.0.1:5/ http://[2001:db8::1]:81/ http://[::2]/",
            "http://[2001:db8::1]/",
        ),
        ("bücher.example", "http://xn--bcher-kva.example/", "http://bucher.example/"),
        ("nonsense:port, , :", "", "http://nonsense/"),
    ] {
        let proxies = proxies(&[("HTTP_PROXY", "p:3128"), ("NO_PROXY", list)]);
        for url in direct.split_whitespace() {
            assert_eq!(of(&proxies, url), "-", "{list}: {url}");
        }
        for url in proxied.split_whitespace() {
            assert_eq!(of(&proxies, url), "p:3128", "{list}: {url}");
        }
    }
}

#[test]
fn credentials_are_sent_and_not_shown() {
    let proxies = proxies(&[("HTTP_PROXY", "http://user:p%40ss@p:3128")]);
    let url = "http://shop.example/".parse().unwrap();
    let proxy = proxies.of(&url).unwrap().unwrap();
    assert_eq!(proxies.named(&url).unwrap(), "p:3128 (HTTP_PROXY)");
    assert_eq!(proxies.named(&"http://localhost/".parse().unwrap()), None);
    assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic dXNlcjpwQHNz");
    assert!(!format!("{proxies:?}").contains("p%40ss") && !format!("{proxies:?}").contains("dXNlcjp"));
}

/// What the proxy answers, and what comes of it.
#[tokio::test]
async fn a_tunnel_is_made_or_the_proxy_says_why_not() {
    let url: Url = "https://shop.example/cart".parse().unwrap();
    let text = "http://user:pass@127.0.0.1:3128";
    let proxy = parse(text).unwrap();
    for (answer, told) in [
        ("HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n", "ok"),
        ("HTTP/1.0 204 OK\r\n\r\n", "ok"),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno",
            "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: 407 Proxy Authentication Required; \
             write user name and password into HTTPS_PROXY, as http://USER:PASSWORD@127.0.0.1:3128",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\n\r\n",
            "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: 502 Bad Gateway",
        ),
        (
            "SSH-2.0-OpenSSH\r\n\r\n",
            "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: its answer is no valid HTTP",
        ),
        (
            "HTTP/1.1 200 OK\r\n",
            "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: it closed the connection",
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: it sent more than its answer",
        ),
    ] {
        let (mut ours, mut theirs) = duplex(32 * 1024);
        theirs.write_all(answer.as_bytes()).await.unwrap();
        theirs.shutdown().await.unwrap();
        let made = tunnel(&mut ours, &proxy, &url).await;
        let got = made.map_or_else(|failure| format!("{}: {}", failure.class, failure.message), |()| "ok".into());
        assert_eq!(got, told);
        drop(ours);
        let mut asked = String::new();
        theirs.read_to_string(&mut asked).await.unwrap();
        let expected = "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\nUser-Agent: loadgate/";
        assert!(asked.starts_with(expected), "{asked}");
        assert!(asked.ends_with("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"), "{asked}");
    }
    let (mut ours, mut theirs) = duplex(1024 * 1024);
    theirs.write_all(&[b'x'; 64 * 1024]).await.unwrap();
    let failure = tunnel(&mut ours, &proxy, &url).await.unwrap_err();
    assert!(failure.message.ends_with("its answer has no end"), "{}", failure.message);
}
