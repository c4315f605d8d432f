//! Writes a picture of the simulated phone: `cargo run --example screenshot -- SEED APP FILE.png [PRESS]...`.
//! APP is the key of an app such as `settings`; each PRESS the key of a widget to press before the picture is taken.

use std::error::Error;

use deftly_sim::SimPhone;
use deftly_tools::Device;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, app, file, presses @ ..] = arguments.as_slice() else {
        return Err("usage: screenshot SEED APP FILE.png [PRESS]...".into());
    };
    let mut phone = SimPhone::new(seed.parse()?);
    phone.launch(app);
    for key in presses {
        phone.settle_now();
        let place = phone.frame().find(key).map(|node| node.visible.center());
        let (x, y) = place.ok_or_else(|| format!("no widget '{key}' is on the screen"))?;
        phone.press(x, y);
    }
    phone.settle_now();
    std::fs::write(file, phone.screenshot().await?.png)?;
    Ok(())
}
