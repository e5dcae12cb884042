//! A server that writes one scripted answer, in the pieces that the test asks for.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::super::*;
use super::rows::{Case, Then};

/// How the bytes of an answer go out.
#[derive(Clone, Copy, Debug)]
pub enum Delivery {
    Whole,
    Bytes,
    /// In two pieces, the second one from this position.
    Cut(usize),
    /// In pieces of this size.
    Pieces(usize),
}

/// A server that writes the same answer to every request.
pub struct Scripted {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Vec<u8>,
    then: Then,
    delivery: Mutex<Delivery>,
    /// The connection of each request since the restart; connections are numbered from 0 since then.
    seen: Mutex<Vec<usize>>,
    /// The number of the first connection since the restart, and of the next one.
    first: AtomicUsize,
    next: AtomicUsize,
    /// One permit for each answer that was written to its end, or as far as the client let it.
    delivered: Semaphore,
}

impl Scripted {
    pub async fn start(case: &Case) -> Scripted {
        let shared = Arc::new(Shared {
            answer: case.answer.clone(),
            then: case.then,
            delivery: Mutex::new(Delivery::Whole),
            seen: Mutex::default(),
            first: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            delivered: Semaphore::new(0),
        });
        let handler = shared.clone();
        let address = serve(move |socket, number| handler.clone().connection(socket, number)).await;
        Scripted { address, shared }
    }

    /// Forgets what was seen; from now on answers are delivered like this.
    pub fn restart(&self, delivery: Delivery) {
        *self.shared.delivery.lock().unwrap() = delivery;
        self.shared.seen.lock().unwrap().clear();
        self.shared.first.store(self.shared.next.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Waits until the answer to the last request has been written and had the time to arrive, whether or not the client
    /// waited for its end.
    pub async fn delivered(&self) {
        self.shared.delivered.acquire().await.unwrap().forget();
        for _ in 0..3 {
            yield_now().await;
        }
    }

    /// The number of each request's connection.
    pub fn connections(&self) -> Vec<usize> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, mut socket: TcpStream, number: usize) {
        self.next.store(number + 1, Ordering::SeqCst);
        let _ = socket.set_nodelay(true);
        while read_head_at_once(&mut socket).await {
            self.seen.lock().unwrap().push(number - self.first.load(Ordering::SeqCst));
            let alive = self.deliver(&mut socket).await.is_ok();
            match self.then {
                Then::Keep => self.delivered.add_permits(1),
                Then::Close => {
                    drop(socket);
                    self.delivered.add_permits(1);
                    return;
                }
            }
            if !alive {
                return;
            }
        }
    }

    async fn deliver(&self, socket: &mut TcpStream) -> std::io::Result<()> {
        let delivery = *self.delivery.lock().unwrap();
        let size = match delivery {
            Delivery::Whole => self.answer.len(),
            Delivery::Bytes => 1,
            Delivery::Cut(position) => {
                socket.write_all(&self.answer[..position]).await?;
                turn().await;
                return socket.write_all(&self.answer[position..]).await;
            }
            Delivery::Pieces(size) => size,
        };
        for piece in self.answer.chunks(size.max(1)) {
            socket.write_all(piece).await?;
            turn().await;
        }
        Ok(())
    }
}

/// Lets the client, which runs on the same thread, read what has been written.
async fn turn() {
    yield_now().await;
    yield_now().await;
}

/// Reads one request without a body; false where the client closed.
async fn read_head_at_once(socket: &mut TcpStream) -> bool {
    let mut head = Vec::with_capacity(512);
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_buf(&mut head).await {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    true
}
