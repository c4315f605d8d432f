//! Stopping cleanly: at Ctrl-C, at `kill`, and when the terminal is closed.

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
        loop {
            if let Err(error) = signal().await {
                tracing::warn!(%error, "signals cannot be waited for: Ctrl-C will not stop cleanly");
                return;
            }
            if token.is_cancelled() {
                std::process::exit(INTERRUPTED);
            }
            output::tell("stopping; Ctrl-C again stops at once");
            token.cancel();
        }
    });
    cancel
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
