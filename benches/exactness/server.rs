//! A server that waits before it answers, and records how long it really waited.
//!
//! One thread for each connection: a thread that sleeps is woken by the kernel's own clock, within about 0.1 ms, and waits
//! for no other's work.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::rig::cores::{Cores, Place};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

/// How long the next answer is to wait.
pub type Delay = Box<dyn FnMut() -> Duration + Send>;

/// A server on its own core until it is dropped.
pub struct Server {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    delay: Mutex<Delay>,
    answered: Mutex<Vec<Answered>>,
    over: AtomicBool,
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The request had been read whole.
    pub read: Instant,
    /// From then until just before the answer was written.
    pub delay: Duration,
}

impl Server {
    /// # Errors
    /// There is no free port, or the core is not there.
    pub fn start(cores: &Cores, delay: Delay) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (answered, over) = (Mutex::default(), AtomicBool::new(false));
        let shared = Arc::new(Shared { delay: Mutex::new(delay), answered, over });
        let server = Server { address, shared: shared.clone() };
        // Threads stay on the core of the thread that starts them.
        cores.at(Place::Server, || thread::spawn(move || accept(&listener, &shared)))?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was answered since the last time, at least so many, in the order of the requests.
    pub fn take(&self, least: u64) -> Vec<Answered> {
        // An answer is noted just after it was written: the last ones may still be about to be.
        let patience = Instant::now() + Duration::from_secs(1);
        while (lock(&self.shared.answered).len() as u64) < least && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        let mut answered = std::mem::take(&mut *lock(&self.shared.answered));
        answered.sort_by_key(|answered| answered.read);
        answered
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.over.load(Ordering::Relaxed) {
            return;
        }
        let shared = shared.clone();
        thread::spawn(move || {
            // The client closes when it is done.
            let _ = serve(&stream, &shared);
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}

fn serve(mut stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        let delay = lock(&shared.delay)();
        let mut length = 0;
        while !buffer[..length].ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer[length..])? {
                0 => return Ok(()),
                more => length += more,
            }
        }
        let read = Instant::now();
        if !delay.is_zero() {
            thread::sleep(delay);
        }
        let delay = read.elapsed();
        stream.write_all(ANSWER)?;
        lock(&shared.answered).push(Answered { read, delay });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
