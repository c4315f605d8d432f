//! Stopping cleanly: at Ctrl-C, at `kill`, and when the terminal is closed.

use std::io;

use tokio_util::sync::CancellationToken;

use crate::output;

/// What a shell reports of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// A token that the first signal triggers; the second one ends the program at once.
///
/// Only for commands that look at the token: for the others a signal does what it always does.
pub fn on_signals() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        if let Err(error) = wait(&token).await {
            tracing::warn!(%error, "signals cannot be waited for: Ctrl-C will not stop cleanly");
        }
    });
    cancel
}

async fn wait(token: &CancellationToken) -> io::Result<()> {
    let mut signals = Signals::new()?;
    signals.next().await?;
    output::tell("stopping; Ctrl-C again stops at once");
    token.cancel();
    signals.next().await?;
    std::process::exit(INTERRUPTED)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
