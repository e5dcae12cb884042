//! One connection of the server: plain or encrypted, with the requests that come over it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

/// Longer than any client of the test waits.
const PATIENCE: Duration = Duration::from_secs(4);

/// A head may carry a huge path.
const LONGEST_HEAD: usize = 1 << 20;

pub enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection and what of it has been read but not looked at.
pub struct Connection {
    stream: Stream,
    pending: Vec<u8>,
}

/// The head of a request.
pub struct Head {
    text: String,
}

impl Head {
    pub fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    pub fn path(&self) -> &str {
        self.text.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header whose name is written in small letters.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.text.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub fn content_length(&self) -> usize {
        self.header("content-length").parse().unwrap_or(0)
    }
}

impl Connection {
    pub fn new(stream: Stream) -> Connection {
        Connection { stream, pending: Vec::new() }
    }

    /// The next head; none where the client has closed.
    pub async fn head(&mut self) -> Option<Head> {
        loop {
            if let Some(end) = self.pending.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = self.pending.split_off(end + 4);
                let head = std::mem::replace(&mut self.pending, rest);
                return Some(Head { text: String::from_utf8_lossy(&head).into_owned() });
            }
            if self.pending.len() > LONGEST_HEAD || self.read().await == 0 {
                return None;
            }
        }
    }

    /// Reads up to so many bytes of a request's body, and forgets them; false where the client has closed.
    pub async fn body(&mut self, length: usize, pause: Duration) -> bool {
        let mut left = length;
        loop {
            let here = left.min(self.pending.len());
            self.pending.drain(..here);
            left -= here;
            if left == 0 {
                return true;
            }
            tokio::time::sleep(pause).await;
            if self.read().await == 0 {
                return false;
            }
        }
    }

    async fn read(&mut self) -> usize {
        self.pending.reserve(64 * 1024);
        let read = async {
            match &mut self.stream {
                Stream::Plain(stream) => stream.read_buf(&mut self.pending).await,
                Stream::Tls(stream) => stream.read_buf(&mut self.pending).await,
            }
        };
        timeout(PATIENCE, read).await.map_or(0, Result::unwrap_or_default)
    }

    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        let write = async {
            match &mut self.stream {
                Stream::Plain(stream) => stream.write_all(bytes).await,
                Stream::Tls(stream) => {
                    stream.write_all(bytes).await?;
                    stream.flush().await
                }
            }
        };
        timeout(PATIENCE, write).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Under TLS, so that the client can't decrypt it.
    pub async fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes).await,
            Stream::Tls(stream) => stream.get_mut().0.write_all(bytes).await,
        }
    }

    /// Says that nothing more will come.
    pub async fn shut(&mut self) {
        let _ = match &mut self.stream {
            Stream::Plain(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
        };
    }

    /// Reads and forgets until the client closes or its patience must be over.
    pub async fn wait_for_close(&mut self) {
        while self.read().await > 0 {
            self.pending.clear();
        }
    }

    /// Breaks the connection off without a word: what was not read is lost on both sides.
    pub fn reset(self) {
        reset(match self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.into_inner().0,
        });
    }
}

pub fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}
