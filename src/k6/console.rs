//! `console`: what scripts say, on standard error or wherever the user wants it.
//!
//! Writing may block, and thousands of virtual users may talk at once: lines go through a bounded queue to a thread of their
//! own, and what the queue can't take is counted.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Lines that may wait to be written.
const QUEUE: usize = 4096;

/// Bytes that may wait to be written, unless a single line is longer.
const BYTES: usize = 8 << 20;

/// Where a script's lines go.
#[derive(Debug)]
pub struct Console {
    lines: Mutex<Option<SyncSender<String>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Bytes of the lines that wait.
    waiting: Arc<AtomicUsize>,
    dropped: AtomicU64,
}

impl Console {
    /// Hands each line to `write`, on a thread of its own, until it is closed.
    pub fn new(mut write: impl FnMut(&str) + Send + 'static) -> Self {
        let (lines, queue) = sync_channel::<String>(QUEUE);
        let waiting: Arc<AtomicUsize> = Arc::default();
        let written = waiting.clone();
        let writer = std::thread::Builder::new().name("console".into()).spawn(move || {
            for line in queue {
                write(&line);
                written.fetch_sub(line.len(), Ordering::Relaxed);
            }
        });
        let lines = writer.is_ok().then_some(lines);
        Console { lines: Mutex::new(lines), writer: Mutex::new(writer.ok()), waiting, dropped: AtomicU64::new(0) }
    }

    /// Says a line of a level: `info`, `warn`, `error`, `debug`.
    pub fn say(&self, level: &str, text: &str) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{level:<5} {text}");
        let bytes = line.len();
        let is_full = self.waiting.fetch_add(bytes, Ordering::Relaxed) > BYTES;
        match lines.as_ref().filter(|_| !is_full).map(|lines| lines.try_send(line)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => {
                self.waiting.fetch_sub(bytes, Ordering::Relaxed);
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub fn warn(&self, text: &str) {
        self.say("warn", text);
    }

    /// Waits until all is written. How many lines came too fast to be.
    pub fn close(&self) -> u64 {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A writer that panicked has nothing left to write.
            let _ = writer.join();
        }
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.close();
    }
}
