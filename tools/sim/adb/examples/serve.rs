//! Serves a simulated phone until it is ended: `cargo run --example serve -- PORT SEED [FAULT...]`.

use deftly_sim::SimPhone;
use deftly_sim_adb::{ClockSource, Handset, serve};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().as_deref().unwrap_or("5555").parse()?;
    let seed: u64 = arguments.next().as_deref().unwrap_or("7").parse()?;
    let handset = Handset::new(SimPhone::new(seed), ClockSource::Real);
    for fault in arguments {
        handset.add_fault(fault.parse()?);
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let server = serve(listener, handset)?;
    println!("listening on {0}: adb connect {0}", server.address());
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
