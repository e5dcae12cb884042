//! The server that the scripts ask: it echoes, redirects, sets cookies, encodes, and breaks off as it is told by the
//! URL. Plain and encrypted, HTTP/1.1 and HTTP/2, on free loopback ports.

mod answers;
mod auth;
mod bodies;
mod broken;
mod cookies;
mod door;
mod echo;
mod redirects;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use axum::Router;
use axum::routing::{any, get};
use socket2::{Domain, Socket, Type};

use door::Cut;

/// A server that lives as long as the process.
pub struct Server {
    plain: SocketAddr,
    encrypted: SocketAddr,
    closed: Socket,
}

impl Server {
    pub fn start() -> Server {
        let (plain, encrypted) = (bind(), bind());
        // Bound and not listening: connections are refused, and nobody else gets the port.
        let closed = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        closed.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        let server = Server {
            plain: plain.local_addr().expect("a bound address"),
            encrypted: encrypted.local_addr().expect("a bound address"),
            closed,
        };
        thread::Builder::new().name("server".to_owned()).spawn(move || serve(plain, encrypted)).expect("a thread");
        server
    }

    /// What scripts find in `__ENV`.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        let closed = self.closed.local_addr().ok().and_then(|address| address.as_socket()).expect("a bound address");
        [
            ("BASE_URL", format!("http://{}", self.plain)),
            ("TLS_URL", format!("https://{}", self.encrypted)),
            ("CLOSED_URL", format!("http://{closed}")),
            ("PORT", self.plain.port().to_string()),
            ("TLS_PORT", self.encrypted.port().to_string()),
            ("HOST", self.plain.to_string()),
        ]
    }
}

fn bind() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    listener
}

fn serve(plain: TcpListener, encrypted: TcpListener) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let app = || router().into_make_service_with_connect_info::<Cut>();
        let plain = axum::serve(door::Plain::new(plain), app());
        let encrypted = axum::serve(door::Encrypted::new(encrypted), app());
        let (plain, encrypted) = tokio::join!(plain.into_future(), encrypted.into_future());
        plain.and(encrypted).expect("a server");
    });
}

fn router() -> Router {
    Router::new()
        .route("/get", get(echo::echo))
        .route("/post", axum::routing::post(echo::echo))
        .route("/put", axum::routing::put(echo::echo))
        .route("/patch", axum::routing::patch(echo::echo))
        .route("/delete", axum::routing::delete(echo::echo))
        .route("/options", axum::routing::options(answers::options))
        .route("/anything", any(echo::echo))
        .route("/anything/{*rest}", any(echo::echo))
        .route("/headers", any(echo::headers))
        .route("/user-agent", any(echo::user_agent))
        .route("/ip", any(echo::ip))
        .route("/status/{code}", any(answers::status))
        .route("/delay/{ms}", any(answers::delay))
        .route("/response-headers", any(answers::response_headers))
        .route("/json", any(answers::json))
        .route("/html", any(answers::html))
        .route("/text", any(answers::text))
        .route("/latin1", any(answers::latin1))
        .route("/image", any(answers::image))
        .route("/cache-etag", any(answers::cache_etag))
        .route("/gzip", any(bodies::gzip))
        .route("/deflate", any(bodies::deflate))
        .route("/brotli", any(bodies::brotli))
        .route("/zstd", any(bodies::zstd))
        .route("/decoded", any(bodies::decoded))
        .route("/bytes/{n}", any(bodies::bytes))
        .route("/big/{n}", any(bodies::big))
        .route("/stream/{n}", any(bodies::stream))
        .route("/slow-body", any(bodies::slow))
        .route("/cookies", any(cookies::list))
        .route("/cookies/set", any(cookies::set))
        .route("/cookies/set-detailed", any(cookies::set_detailed))
        .route("/cookies/set-and-redirect", any(cookies::set_and_redirect))
        .route("/cookies/delete", any(cookies::delete))
        .route("/cookies/list", any(cookies::list))
        .route("/redirect/{n}", any(redirects::chain))
        .route("/relative-redirect/{n}", any(redirects::relative_chain))
        .route("/redirect-to", any(redirects::to))
        .route("/basic-auth/{user}/{password}", any(auth::basic))
        .route("/digest-auth/{qop}/{user}/{password}", any(auth::digest))
        .route("/close", any(broken::close))
        .route("/reset", any(broken::reset))
        .route("/close-in-body", any(broken::close_in_body))
        .route("/bad-gzip", any(broken::bad_gzip))
}
