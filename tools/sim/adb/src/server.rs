//! A listener and its connections.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::handset::Handset;
use crate::transport::Connection;

/// Hosts at the same time; one adb server makes one connection.
const MAX_CONNECTIONS: usize = 16;

/// A server that runs. Dropping it ends it and cuts its connections.
pub struct Server {
    address: SocketAddr,
    handset: Handset,
    stop: CancellationToken,
    /// Of the connections that there are now; replaced when they are cut.
    connections: Arc<std::sync::Mutex<CancellationToken>>,
    listener: JoinHandle<()>,
}

/// Serves the phone to everybody who connects to `listener`.
///
/// # Errors
/// The address of a listener that is not bound.
pub fn serve(listener: TcpListener, handset: Handset) -> std::io::Result<Server> {
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let connections = Arc::new(std::sync::Mutex::new(stop.child_token()));
    let task = accept(listener, handset.clone(), stop.clone(), connections.clone());
    Ok(Server { address, handset, stop, connections, listener: tokio::spawn(task) })
}

impl Server {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The phone that is served.
    pub fn handset(&self) -> &Handset {
        &self.handset
    }

    /// Cuts every connection, as a cable that is pulled; new ones are taken.
    pub fn cut(&self) {
        let fresh = self.stop.child_token();
        let old = std::mem::replace(&mut *lock(&self.connections), fresh);
        old.cancel();
    }

    /// Ends the server and waits until its connections are closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let _ = (&mut self.listener).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    handset: Handset,
    stop: CancellationToken,
    connections: Arc<std::sync::Mutex<CancellationToken>>,
) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut running = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(_) = running.join_next() => continue,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(error) => {
                // Out of file descriptors, mostly; other connections may end and give some back.
                tracing::warn!("a connection was not taken: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            tracing::warn!("a connection was refused: {MAX_CONNECTIONS} are open");
            continue;
        };
        let end = lock(&connections).child_token();
        let handset = handset.clone();
        running.spawn(async move {
            run(socket, handset, end).await;
            drop(slot);
        });
    }
    while running.join_next().await.is_some() {}
}

async fn run(socket: TcpStream, handset: Handset, end: CancellationToken) {
    // Replies are small and waited for.
    let _ = socket.set_nodelay(true);
    match Connection::run(socket, handset, end).await {
        Ok(()) => tracing::debug!("a host hung up"),
        Err(error) => tracing::info!("a connection ended: {error}"),
    }
}

fn lock(token: &std::sync::Mutex<CancellationToken>) -> std::sync::MutexGuard<'_, CancellationToken> {
    token.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
