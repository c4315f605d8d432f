//! One stream of a connection, as the service at its end sees it.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::message::{Command, Message};

/// The host, or the whole connection, is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream is closed")]
pub struct Closed;

/// The two directions of a stream. A write waits until the host has taken the one before it, as the protocol wants.
pub struct Stream {
    pub(super) local: u32,
    pub(super) remote: u32,
    /// To the task that writes the connection.
    pub(super) outgoing: mpsc::Sender<Message>,
    /// From the task that reads it. It holds one message: the host may not send a second one before our OKAY.
    pub(super) inbox: mpsc::Receiver<Vec<u8>>,
    /// One permit while the host may be sent data. Closed when the host closes the stream.
    pub(super) window: Arc<Semaphore>,
    pub(super) max_payload: usize,
}

impl Stream {
    /// Data from the host; `None` when it closed the stream.
    pub async fn receive(&mut self) -> Option<Vec<u8>> {
        let data = self.inbox.recv().await?;
        self.outgoing.send(Message::new(Command::Okay, self.local, self.remote, [])).await.ok()?;
        Some(data)
    }

    pub async fn send(&self, data: &[u8]) -> Result<(), Closed> {
        for chunk in data.chunks(self.max_payload) {
            self.window.acquire().await.map_err(|_| Closed)?.forget();
            let message = Message::new(Command::Write, self.local, self.remote, chunk);
            self.outgoing.send(message).await.map_err(|_| Closed)?;
        }
        Ok(())
    }
}

/// Reads a stream as a run of bytes instead of messages.
pub struct Bytes<'a> {
    stream: &'a mut Stream,
    buffer: Vec<u8>,
    read: usize,
}

impl<'a> Bytes<'a> {
    pub fn new(stream: &'a mut Stream) -> Self {
        Self { stream, buffer: Vec::new(), read: 0 }
    }

    pub fn stream(&self) -> &Stream {
        self.stream
    }

    /// Exactly so many bytes. Callers bound `count`; a buffer is one message at most beyond it.
    pub async fn take(&mut self, count: usize) -> Result<Vec<u8>, Closed> {
        while self.buffer.len() - self.read < count {
            self.fill().await?;
        }
        let taken = self.buffer[self.read..self.read + count].to_vec();
        self.read += count;
        Ok(taken)
    }

    /// A little-endian word.
    pub async fn word(&mut self) -> Result<u32, Closed> {
        let bytes = self.take(4).await?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Everything up to and with `end`, or `None` if it does not come within `limit` bytes.
    pub async fn take_until(&mut self, end: &[u8], limit: usize) -> Result<Option<Vec<u8>>, Closed> {
        loop {
            let waiting = &self.buffer[self.read..];
            if let Some(at) = waiting.windows(end.len()).position(|window| window == end) {
                return self.take(at + end.len()).await.map(Some);
            }
            if waiting.len() > limit {
                return Ok(None);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Closed> {
        let more = self.stream.receive().await.ok_or(Closed)?;
        self.buffer.drain(..self.read);
        self.read = 0;
        self.buffer.extend_from_slice(&more);
        Ok(())
    }
}
