//! Starting and stopping a proxy, and what it has done.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use http::uri::{Authority, Scheme};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use url::Url;

use crate::timer::Timer;

use super::forward::{Forwarding, forward};
use super::headers::{Names, authority};
use super::pace::usual_lateness;
use super::{Delay, Upstream};

/// Connections that may wait to be accepted: a ramp opens thousands at once.
const BACKLOG: u32 = 4_096;

/// A running proxy on a free port of the loopback address, with a thread and a runtime of its own. It ends when this is
/// dropped, and cuts off what is under way.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    counters: Counters,
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What a proxy has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Answers of the deployment that were passed on.
    pub answers: u64,
    /// Requests that the deployment could not be asked: they were told 502.
    pub failures: u64,
    /// What the deployment took for its answers.
    pub service: Duration,
    /// For how long they were held back: what was asked for, and what a busy machine made of it.
    pub delay: Duration,
}

impl Stats {
    /// The delay as a share of the time that the deployment took; none before its first answer.
    pub fn added(&self) -> Option<f64> {
        (!self.service.is_zero()).then(|| self.delay.as_secs_f64() / self.service.as_secs_f64())
    }
}

/// Counted by all connections of a proxy, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    answers: AtomicU64,
    failures: AtomicU64,
    service: AtomicU64,
    delay: AtomicU64,
    lateness: AtomicU64,
}

impl Counters {
    /// By how much the timers are usually late here.
    pub fn lateness(&self) -> Duration {
        Duration::from_nanos(self.0.lateness.load(Ordering::Relaxed))
    }

    /// A timer was so late. All connections of a proxy are on one thread: none comes between.
    pub fn woken(&self, late: Duration) {
        self.0.lateness.store(nanoseconds(usual_lateness(self.lateness(), late)), Ordering::Relaxed);
    }

    pub fn answered(&self) {
        self.0.answers.fetch_add(1, Ordering::Relaxed);
    }

    pub fn failed(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub fn held(&self, service: Duration, delay: Duration) {
        self.0.service.fetch_add(nanoseconds(service), Ordering::Relaxed);
        self.0.delay.fetch_add(nanoseconds(delay), Ordering::Relaxed);
    }

    fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            answers: read(&self.0.answers),
            failures: read(&self.0.failures),
            service: Duration::from_nanos(read(&self.0.service)),
            delay: Duration::from_nanos(read(&self.0.delay)),
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Proxy {
    /// Starts a proxy before a deployment, which need not be there yet.
    ///
    /// # Errors
    /// There is no free port, thread or file descriptor, or the deployment's address has no host.
    pub fn start(upstream: Upstream, delay: Delay) -> io::Result<Proxy> {
        let (opened, proxy) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("delay".to_owned()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(opened.send(Err(error))),
            };
            runtime.block_on(async {
                match open(&upstream, delay) {
                    Ok((proxy, listener, router, stopped)) => {
                        if opened.send(Ok(proxy)).is_ok() {
                            accept(listener, router, stopped).await;
                        }
                    }
                    Err(error) => drop(opened.send(Err(error))),
                }
            });
            // Dropping the runtime closes the connections that are still open.
        })?;
        let mut proxy = proxy.recv().map_err(io::Error::other)??;
        proxy.thread = Some(thread);
        Ok(proxy)
    }

    /// What stands for the deployment's own address.
    pub fn url(&self) -> Url {
        url_of(self.address)
    }

    /// Counts so far.
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(upstream: &Upstream, delay: Delay) -> io::Result<(Proxy, TcpListener, Router, watch::Receiver<bool>)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    let counters = Counters::default();
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let forwarding = Forwarding {
        pool: upstream.pool(),
        names: Names::new(url_of(address), upstream.origin.clone()),
        scheme: if upstream.origin.scheme() == "https" { Scheme::HTTPS } else { Scheme::HTTP },
        authority: Authority::try_from(authority(&upstream.origin)).map_err(invalid)?,
        delay,
        timer: Timer::start()?,
        counters: counters.clone(),
    };
    let router = Router::new().fallback(forward).layer(DefaultBodyLimit::disable()).with_state(Arc::new(forwarding));
    let (stop, stopped) = watch::channel(false);
    Ok((Proxy { address, counters, stop, thread: None }, listener, router, stopped))
}

/// Serves until it is told to stop.
async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    // Without it, an answer in two writes waits for the client's delayed acknowledgement: 40 ms.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    tokio::select! {
        // Its only errors are those of single connections, which it handles itself.
        _ = axum::serve(listener, router).into_future() => {}
        // An error means that the proxy was dropped, which stops it as well.
        _ = stopped.wait_for(|&stopped| stopped) => {}
    }
}

fn url_of(address: SocketAddr) -> Url {
    let mut url = Url::parse("http://127.0.0.1").expect("an address of the loopback interface");
    // It fails only for URLs without a host.
    let _ = url.set_port(Some(address.port()));
    url
}
