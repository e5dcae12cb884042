//! Starting and stopping the demo API.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use super::latency::Endpoint;
use super::routes::router;
use super::sales::Audit;
use super::service::{Service, Settings};
use crate::timer::Timer;

/// Connections that may wait to be accepted: a ramp opens thousands at once.
const BACKLOG: u32 = 4_096;

/// How long requests under way may still take when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// A running demo API on the loopback address. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    service: Arc<Service>,
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What a server has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Requests that were well-formed and permitted, by endpoint; every endpoint is there.
    pub served: Vec<(Endpoint, u64)>,
    pub audit: Audit,
}

/// Serves on the runtime that it is called on.
pub async fn serve(settings: Settings) -> io::Result<Server> {
    let (server, listener, stopped) = open(settings)?;
    tokio::spawn(accept(listener, server.service.clone(), stopped));
    Ok(server)
}

impl Server {
    /// Serves on a thread and a runtime of its own, so that a load generator beside it has its own undisturbed.
    pub fn spawn_thread(settings: Settings) -> io::Result<Server> {
        let (opened, server) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("demo-api".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => return drop(opened.send(Err(error))),
            };
            runtime.block_on(async {
                match open(settings) {
                    Ok((server, listener, stopped)) => {
                        let service = server.service.clone();
                        if opened.send(Ok(server)).is_ok() {
                            accept(listener, service, stopped).await;
                        }
                    }
                    Err(error) => drop(opened.send(Err(error))),
                }
            });
            // Dropping the runtime closes the connections that are still open.
        })?;
        let mut server = server.recv().map_err(io::Error::other)??;
        server.thread = Some(thread);
        Ok(server)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Compares what was promised with what was sold; exact when no request is under way.
    pub fn audit(&self) -> Audit {
        self.service.sales.audit()
    }

    /// Counts so far.
    pub fn stats(&self) -> Stats {
        let served = Endpoint::ALL.map(|endpoint| (endpoint, self.service.served(endpoint)));
        Stats { served: served.to_vec(), audit: self.audit() }
    }

    /// Stops accepting, closes the connections, and says what was done. It blocks until the server's own thread has ended,
    /// a second at most.
    pub fn shutdown(mut self) -> Stats {
        self.stop();
        self.stats()
    }

    fn stop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn open(settings: Settings) -> io::Result<(Server, TcpListener, watch::Receiver<bool>)> {
    raise_file_limit();
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, settings.port).into())?;
    let listener = socket.listen(BACKLOG)?;
    let addr = listener.local_addr()?;
    let service = Arc::new(Service::new(settings, Timer::start()?));
    let (stop, stopped) = watch::channel(false);
    Ok((Server { addr, service, stop, thread: None }, listener, stopped))
}

/// Serves until it is told to stop; then idle connections are closed, and the others have a moment to end.
async fn accept(listener: TcpListener, service: Arc<Service>, stopped: watch::Receiver<bool>) {
    // Without it, an answer in two writes waits for the client's delayed acknowledgement: 40 ms.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let serving = axum::serve(listener, router(service)).with_graceful_shutdown(stop_signal(stopped.clone()));
    tokio::select! {
        // Its only errors are those of single connections, which it handles itself.
        _ = serving.into_future() => {}
        () = async {
            stop_signal(stopped).await;
            tokio::time::sleep(GRACE).await;
        } => {}
    }
}

async fn stop_signal(mut stopped: watch::Receiver<bool>) {
    // An error means that the server was dropped, which stops it as well.
    let _ = stopped.wait_for(|&stopped| stopped).await;
}

/// Every connection is a file, and the usual soft limit is 1,024.
fn raise_file_limit() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current != maximum {
            // Not permitted somewhere: then fewer connections fit, and the accept loop waits for free files.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        }
    }
}
