//! `deftly sim`: the simulated phone for programs other than this one.

use anyhow::{Context, Result};
use deftly_sim::{SimPhone, Variation};
use deftly_sim_adb::{Handset, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::args::ServeArgs;
use crate::output;

/// Serves the phone over the ADB protocol until it is stopped.
pub async fn run(args: &ServeArgs, stop: &CancellationToken) -> Result<()> {
    let address = (args.bind, args.port);
    let listener = TcpListener::bind(address).await.with_context(|| {
        let (bind, port) = address;
        format!("cannot listen on {bind}:{port}\nhint: another program may have the port; choose one with --port, or 0 for any")
    })?;
    if !args.bind.is_loopback() {
        output::tell(&format!("warning: everybody who reaches {} can use this phone; it asks for no key", args.bind));
    }
    // The same phones as `--device sim` and `--device sim:SEED`.
    let phone = args.seed.map_or_else(|| SimPhone::with_variation(0, Variation::CANONICAL), SimPhone::new);
    let handset = Handset::new(phone, args.clock.into());
    for fault in &args.faults {
        handset.add_fault(fault.clone());
    }
    let server = serve(listener, handset).context("cannot serve the phone")?;
    output::print(&format!("listening on {0}: adb connect {0}", server.address()))?;
    stop.cancelled().await;
    server.stop().await;
    Ok(())
}
