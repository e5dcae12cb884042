//! The readiness check takes the way of the load.

use http::StatusCode;

use super::encryption::{serve_https, trusting};
use super::ways::{SEAT, hosts, proxies, serve_proxy};
use super::*;
use crate::load::http::wait_until_ready;
use crate::plan::target::{HttpVersion, Ready};

/// How the check of a URL ends: `ready`, or in words.
async fn ask(settings: ClientSettings, url: &str) -> String {
    ask_with(settings, url, HeaderMap::new()).await
}

async fn ask_with(settings: ClientSettings, url: &str, headers: HeaderMap) -> String {
    let client = Client::new(settings).unwrap();
    let ready = Ready { path: "".into(), status: StatusCode::OK, within: Duration::from_millis(500) };
    let origin = url.parse().unwrap();
    let result = wait_until_ready(&client, &origin, &headers, &ready, |_| {}).await;
    result.map_or_else(|error| error.to_string(), |_| "ready".to_owned())
}

#[tokio::test]
async fn an_address_stands_for_a_name_at_any_port() {
    let (address, requests) = serve_always(SEAT, false).await;
    for (number, (url, host)) in [
        ("http://shop.example/", "shop.example".to_owned()),
        ("http://shop.example:8443/", "shop.example:8443".to_owned()),
        (&format!("http://shop.example:{}/", address.port()), format!("shop.example:{}", address.port())),
        ("http://192.0.2.1:8080/", "192.0.2.1:8080".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let hosts = hosts(&[("shop.example", address.to_string()), ("192.0.2.1", address.to_string())]);
        assert_eq!(ask(ClientSettings { hosts, ..settings() }, url).await, "ready", "{url}");
        assert_eq!(requests.header(number, "host").unwrap(), host);
    }
    let told = ask(settings(), "http://shop.example/").await;
    assert!(told.contains("last: `shop.example` can't be resolved: no resolv.conf"), "{told}");
}

#[tokio::test]
async fn the_certificate_is_that_of_the_name_at_any_port() {
    let (address, authority, requests) = serve_https(&["shop.example"]).await;
    let settings = || {
        let hosts = hosts(&[("*", address.to_string())]);
        ClientSettings { hosts, ..trusting(authority.clone()) }
    };
    for (number, url) in ["https://shop.example/", "https://shop.example:8443/"].into_iter().enumerate() {
        assert_eq!(ask(settings(), url).await, "ready", "{url}");
        assert!(requests.head(number).starts_with("shop.example "), "the name is told: {}", requests.head(number));
    }
    assert!(requests.head(1).to_ascii_lowercase().contains("host: shop.example:8443\r\n"), "{}", requests.head(1));
    let told = ask(settings(), "https://other.example/").await;
    assert!(told.contains("use the name that the certificate is for"), "{told}");
}

#[tokio::test]
async fn proxies_are_those_of_the_load() {
    let (address, authority, requests) = serve_https(&["shop.example"]).await;
    let (proxy, asked) = serve_proxy(address).await;
    let mary = |proxy: &str| {
        proxies(&[
            ("HTTP_PROXY", format!("http://mary:pu@{proxy}")),
            ("HTTPS_PROXY", format!("http://mary:pu@{proxy}")),
        ])
    };
    let through = ClientSettings { proxies: mary(&proxy.to_string()), ..trusting(authority.clone()) };
    assert_eq!(ask(through.clone(), "http://shop.example:8080/cart").await, "ready");
    assert!(asked.head(0).starts_with("GET http://shop.example:8080/cart HTTP/1.1\r\n"), "{}", asked.head(0));
    // The proxy's name may be the plan's too.
    let hosts = hosts(&[("proxy.example:80", proxy.to_string())]);
    let named = ClientSettings { proxies: mary("proxy.example"), hosts, ..trusting(authority) };
    assert_eq!(ask(named, "https://shop.example/cart").await, "ready");
    assert!(asked.head(1).starts_with("CONNECT shop.example:443 HTTP/1.1\r\n"), "{}", asked.head(1));
    assert!(requests.head(0).contains(" GET /cart HTTP/1.1\r\n"), "{}", requests.head(0));
    assert!(!requests.head(0).to_ascii_lowercase().contains("proxy-authorization"));

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let told = ask(ClientSettings { proxies: mary(&closed.to_string()), ..settings() }, "http://shop.example/").await;
    let expected = format!("last: by the proxy {closed}: {closed} refused the connection: nothing listens there)");
    assert!(told.contains(&expected), "{told}");
    let two = ClientSettings { http_version: HttpVersion::Two, ..through };
    let told = ask(two, "http://shop.example/").await;
    assert_eq!(
        told,
        format!(
            "http://shop.example/ can't be asked whether it is ready: the proxy {proxy} passes on HTTP/1.1 alone: set \
             target.httpVersion to auto, or NO_PROXY"
        )
    );
}

/// What lets a machine into a protected deployment may come as a cookie, with a redirect to the same place.
#[tokio::test]
async fn cookies_are_kept_over_redirects() {
    let seen = Requests::default();
    let requests = seen.clone();
    let address = serve(move |mut socket, number| {
        let seen = seen.clone();
        async move {
            while let Some(head) = read_head(&mut socket).await {
                let known = head.to_ascii_lowercase().contains("cookie: lang=en; pass=7\r\n");
                seen.push(number, head);
                let answer = match known {
                    true => SEAT,
                    false => {
                        "HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nSet-Cookie: pass=7\r\nContent-Length: 0\r\n\r\n"
                    }
                };
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let mut headers = HeaderMap::new();
    headers.insert("cookie", "lang=en".parse().unwrap());
    assert_eq!(ask_with(settings(), &format!("http://{address}/"), headers).await, "ready");
    assert_eq!(requests.connections().len(), 2);
}

#[tokio::test]
async fn what_can_not_be_asked_is_told_with_a_cure() {
    let detour = || hosts(&[("*", "127.0.0.1:9".to_owned())]);
    let mut renamed = HeaderMap::new();
    renamed.insert("host", "shop.example".parse().unwrap());
    let two = |hosts| ClientSettings { http_version: HttpVersion::Two, hosts, ..settings() };
    for (settings, url, headers, cure) in [
        (two(detour()), "https://shop.example:8443/", HeaderMap::new(), "use one port, or leave target.ready out"),
        (
            two(hosts(&[])),
            "https://127.0.0.1/",
            renamed,
            "take `host` out of target.headers, or leave target.ready out",
        ),
        (
            ClientSettings { hosts: detour(), ..super::settings() },
            "https://192.0.2.1/",
            HeaderMap::new(),
            "name the host in the URL, or leave target.ready out",
        ),
    ] {
        let told = ask_with(settings, url, headers).await;
        assert!(told.contains("can't be asked whether it is ready") && told.ends_with(cure), "{told}");
    }
}
