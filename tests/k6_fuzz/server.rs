//! A server that answers anything at once: a page, JSON, a redirect or headers, by the path.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use axum::Router;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Redirect, Response};

const PAGE: &str = "<html><head><title>t</title></head><body><form action='/f' method='post'><input name='a' value='1'>\
    <select name='s'><option selected>x</option></select><input type='submit'></form><ul><li class='c'>1<li>2</ul>\
    <a href='/next?q=1'>next</a><table><tr><td>d</td></tr></table></body></html>";

/// Its address; it lives as long as the process.
pub fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, Router::new().fallback(answer)).await.expect("a server");
        });
    });
    address
}

async fn answer(request: Request) -> Response {
    let path = request.uri().path();
    match path.len() % 7 {
        0 => Html(PAGE).into_response(),
        1 => Redirect::temporary("/html").into_response(),
        2 => ([("set-cookie", "a=b; Path=/"), ("x-odd", "\t")], "text").into_response(),
        3 => (http::StatusCode::INTERNAL_SERVER_ERROR, vec![0xff, 0x00, 0xfe]).into_response(),
        _ => ([("content-type", "application/json")], r#"{"a":[1,{"b":null}],"c":"d"}"#).into_response(),
    }
}
