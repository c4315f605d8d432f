//! One connection: the greeting, then messages to and from its streams until one side is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::message::{
    Command, HEADER, Header, MAX_PAYLOAD, MIN_PAYLOAD, Message, MessageError, VERSION_MIN, VERSION_SKIP_CHECKSUM,
};
use super::stream::Stream;
use crate::faults::Cut;
use crate::handset::Handset;
use crate::services::{self, Service};

/// What a host may have open at once; the real client needs a handful.
const MAX_STREAMS: usize = 64;
/// How long the rest of a message may take once it has begun, and a message to be written.
const STALLED: Duration = Duration::from_secs(30);
/// The longest name of a service.
const MAX_NAME: usize = 64 * 1024;

/// Why a connection ended, for the log.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("not a message: {0}")]
    Message(#[from] MessageError),
    #[error("a message was not finished in {} seconds", STALLED.as_secs())]
    Stalled,
    #[error("the host broke the protocol: {0}")]
    Protocol(&'static str),
    #[error("cut by a fault")]
    Cut,
}

/// The streams of a connection by our own id. Locked for single look-ups, never across an await.
type Streams = Arc<Mutex<HashMap<u32, Entry>>>;

/// What the reader knows of a stream; dropping it tells the service that the host is gone.
struct Entry {
    remote: u32,
    inbox: mpsc::Sender<Vec<u8>>,
    window: Arc<Semaphore>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.window.close();
    }
}

pub(crate) struct Connection {
    handset: Handset,
    /// Ends this connection: the server stops, or a fault cuts it.
    end: CancellationToken,
    outgoing: mpsc::Sender<Message>,
    streams: Streams,
    next_id: u32,
    /// What was agreed on; `None` before the greeting.
    agreed: Option<Agreed>,
    /// Messages that came in.
    received: u64,
    /// The services of open streams; they end with the connection.
    services: JoinSet<()>,
}

#[derive(Debug, Clone, Copy)]
struct Agreed {
    version: u32,
    max_payload: u32,
}

impl Connection {
    /// Serves one host until it goes, breaks the protocol, or `end` is cancelled.
    pub async fn run(
        socket: impl AsyncRead + AsyncWrite,
        handset: Handset,
        end: CancellationToken,
    ) -> Result<(), ConnectionError> {
        let (reader, writer) = tokio::io::split(socket);
        let (outgoing, queue) = mpsc::channel(8);
        let connection = Self {
            handset,
            end: end.clone(),
            outgoing,
            streams: Streams::default(),
            next_id: 0,
            agreed: None,
            received: 0,
            services: JoinSet::new(),
        };
        tokio::select! {
            () = end.cancelled() => Err(ConnectionError::Cut),
            result = write_all(writer, queue) => result,
            result = connection.read_all(reader) => result,
        }
    }

    async fn read_all(mut self, mut reader: impl AsyncRead + Unpin) -> Result<(), ConnectionError> {
        let mut authorized = self.handset.watch_authorized();
        loop {
            let has_checksum = self.agreed.is_none_or(|agreed| agreed.version < VERSION_SKIP_CHECKSUM);
            let message = tokio::select! {
                biased;
                // The owner says yes on the screen while the host waits for it, or takes it back.
                Ok(()) = authorized.changed() => {
                    if !*authorized.borrow_and_update() {
                        return Err(ConnectionError::Cut);
                    }
                    if self.agreed.is_some() {
                        self.greet().await?;
                    }
                    continue;
                }
                message = read(&mut reader, has_checksum) => message?,
            };
            let Some(message) = message else { return Ok(()) };
            self.received += 1;
            let received = self.received;
            if self.handset.lock().faults.cuts(|cut| matches!(cut, Cut::AfterMessages(limit) if received > *limit)) {
                return Err(ConnectionError::Cut);
            }
            tracing::trace!("from the host: {message:?}");
            self.take(message).await?;
            while self.services.try_join_next().is_some() {}
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), ConnectionError> {
        let is_authorized = *self.handset.watch_authorized().borrow();
        match message.command {
            Command::Connect => {
                let version = message.arg0.clamp(VERSION_MIN, VERSION_SKIP_CHECKSUM);
                let max_payload = message.arg1.clamp(MIN_PAYLOAD, MAX_PAYLOAD);
                self.agreed = Some(Agreed { version, max_payload });
                self.forget_streams();
                if is_authorized { self.greet().await } else { self.ask_for_key().await }
            }
            // Kind 2 is a signature, which is never one of ours; kind 3 the key that the owner would be asked about.
            Command::Auth if message.arg0 == 2 && !is_authorized => self.ask_for_key().await,
            Command::Auth => Ok(()),
            Command::Open | Command::Okay | Command::Write | Command::Close if !is_authorized => Ok(()),
            Command::Open => self.open(message).await,
            Command::Okay => self.okay(message),
            Command::Write => self.write(message).await,
            Command::Close => {
                self.streams().remove(&message.arg1);
                Ok(())
            }
        }
    }

    async fn greet(&self) -> Result<(), ConnectionError> {
        let version = self.agreed.map_or(VERSION_MIN, |agreed| agreed.version);
        let banner = services::banner(&self.handset);
        self.send(Message::new(Command::Connect, version, MAX_PAYLOAD, banner)).await
    }

    async fn ask_for_key(&self) -> Result<(), ConnectionError> {
        // Nobody checks a signature of it, so it need not be random.
        self.send(Message::new(Command::Auth, 1, 0, [0x5A; 20])).await
    }

    async fn open(&mut self, message: Message) -> Result<(), ConnectionError> {
        let (Some(agreed), remote) = (self.agreed, message.arg0) else {
            return Err(ConnectionError::Protocol("a stream was opened before the greeting"));
        };
        if remote == 0 || message.payload.len() > MAX_NAME {
            return Err(ConnectionError::Protocol("a stream needs an id and a name of some size"));
        }
        let name = String::from_utf8_lossy(&message.payload);
        let name = name.trim_end_matches('\0');
        tracing::debug!("opened: {name}");
        if self.handset.lock().faults.cuts(|cut| matches!(cut, Cut::OnOpen(prefix) if name.starts_with(prefix))) {
            return Err(ConnectionError::Cut);
        }
        let service = Service::parse(name).filter(|service| service.is_there(&self.handset));
        let Some(service) = service.filter(|_| self.streams().len() < MAX_STREAMS) else {
            return self.send(Message::new(Command::Close, 0, remote, [])).await;
        };
        let stream = self.add_stream(remote, agreed.max_payload as usize);
        let local = stream.local;
        self.send(Message::new(Command::Okay, local, remote, [])).await?;
        let (handset, end) = (self.handset.clone(), self.end.clone());
        let (streams, outgoing) = (self.streams.clone(), self.outgoing.clone());
        self.services.spawn(async move {
            service.run(stream, handset, end).await;
            let was_open = lock(&streams).remove(&local).is_some();
            if was_open {
                let _ = outgoing.send(Message::new(Command::Close, local, remote, [])).await;
            }
        });
        Ok(())
    }

    fn add_stream(&mut self, remote: u32, max_payload: usize) -> Stream {
        let local = loop {
            self.next_id = self.next_id.wrapping_add(1);
            if self.next_id != 0 && !self.streams().contains_key(&self.next_id) {
                break self.next_id;
            }
        };
        let (sender, inbox) = mpsc::channel(1);
        let window = Arc::new(Semaphore::new(1));
        self.streams().insert(local, Entry { remote, inbox: sender, window: window.clone() });
        Stream { local, remote, outgoing: self.outgoing.clone(), inbox, window, max_payload }
    }

    /// The host has taken our last write.
    fn okay(&self, message: Message) -> Result<(), ConnectionError> {
        let streams = self.streams();
        let Some(entry) = streams.get(&message.arg1).filter(|entry| entry.remote == message.arg0) else {
            return Ok(());
        };
        if entry.window.available_permits() > 0 {
            return Err(ConnectionError::Protocol("an okay for nothing"));
        }
        entry.window.add_permits(1);
        Ok(())
    }

    async fn write(&self, message: Message) -> Result<(), ConnectionError> {
        let (remote, local) = (message.arg0, message.arg1);
        let sent = self.streams().get(&local).filter(|entry| entry.remote == remote).map(|entry| {
            // A service that has ended takes no more data; its close is on the way.
            !matches!(entry.inbox.try_send(message.payload), Err(mpsc::error::TrySendError::Full(_)))
        });
        match sent {
            Some(true) => Ok(()),
            Some(false) => Err(ConnectionError::Protocol("a write before the okay of the last one")),
            None => self.send(Message::new(Command::Close, 0, remote, [])).await,
        }
    }

    async fn send(&self, message: Message) -> Result<(), ConnectionError> {
        self.outgoing.send(message).await.map_err(|_| ConnectionError::Cut)
    }

    fn forget_streams(&mut self) {
        self.services.abort_all();
        self.streams().clear();
    }

    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Entry>> {
        lock(&self.streams)
    }
}

fn lock(streams: &Streams) -> std::sync::MutexGuard<'_, HashMap<u32, Entry>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next message; `None` if the host hung up between two.
async fn read(reader: &mut (impl AsyncRead + Unpin), has_checksum: bool) -> Result<Option<Message>, ConnectionError> {
    let mut header = [0; HEADER];
    // A host may be silent for hours, but not in the middle of a message.
    if reader.read(&mut header[..1]).await? == 0 {
        return Ok(None);
    }
    let rest = async {
        reader.read_exact(&mut header[1..]).await?;
        let header = Header::parse(&header)?;
        let mut payload = vec![0; header.length as usize];
        reader.read_exact(&mut payload).await?;
        // Streams begin without a checksum only after a greeting that agreed on it.
        Ok(Some(header.with(payload, has_checksum)?))
    };
    tokio::time::timeout(STALLED, rest).await.map_err(|_| ConnectionError::Stalled)?
}

async fn write_all(
    mut writer: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Message>,
) -> Result<(), ConnectionError> {
    while let Some(message) = queue.recv().await {
        tracing::trace!("to the host: {message:?}");
        // Hosts that agreed on no checksums ignore this one.
        let bytes = message.encode(true);
        let written = tokio::time::timeout(STALLED, writer.write_all(&bytes)).await;
        written.map_err(|_| ConnectionError::Stalled)??;
    }
    Ok(())
}
