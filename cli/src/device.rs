//! `deftly device`: from `--device` to a phone, and looks at it.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use deftly_android::{Adb, AndroidDevice, Phone};
use deftly_prompts::{Budget, Dialect, PromptInput};
use deftly_sim::{SimPhone, Variation};
use deftly_tools::{
    Action, App, Device, Observation, RecordedDevice, Screen, SettleLimits, parse_hierarchy, settle, settle_after,
};
use serde_json::json;

use crate::args::{DeviceCommand, ScreenshotArgs, ShowArgs};
use crate::output;

/// What `--device` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceSpec {
    /// The plain phone, whose widgets have the names that most phones give them; with a seed, a phone drawn by it.
    Sim {
        seed: Option<u64>,
    },
    /// A phone over adb: the only one, or the one with this serial number or address.
    Android {
        serial: Option<String>,
    },
    Recorded {
        path: String,
    },
}

impl DeviceSpec {
    pub fn parse(text: &str) -> Result<Self> {
        let (kind, rest) = text.split_once(':').map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, rest) {
            ("sim", None) => Ok(Self::Sim { seed: None }),
            ("sim", Some(seed)) => {
                let seed = seed
                    .parse()
                    .with_context(|| format!("--device {text}: the seed is no number\nhint: for example sim:7"))?;
                Ok(Self::Sim { seed: Some(seed) })
            }
            ("android", None) => Ok(Self::Android { serial: None }),
            ("android", Some(serial)) if !serial.is_empty() => Ok(Self::Android { serial: Some(serial.to_owned()) }),
            ("recorded", Some(path)) if !path.is_empty() => Ok(Self::Recorded { path: path.to_owned() }),
            _ => bail!(
                "--device {text}: no such device\nhint: use sim, sim:SEED, android, android:SERIAL or recorded:FILE"
            ),
        }
    }

    pub async fn open(&self) -> Result<Box<dyn Device>> {
        match self {
            Self::Sim { seed: None } => Ok(Box::new(SimPhone::with_variation(0, Variation::CANONICAL))),
            Self::Sim { seed: Some(seed) } => Ok(Box::new(SimPhone::new(*seed))),
            Self::Android { serial } => Ok(Box::new(AndroidDevice::open(&Adb::default(), serial.as_deref()).await?)),
            Self::Recorded { path } => Ok(Box::new(RecordedDevice::open(Path::new(path))?)),
        }
    }
}

pub async fn run(command: &DeviceCommand) -> Result<()> {
    match command {
        DeviceCommand::List { json } => list(*json).await,
        DeviceCommand::Show(args) => show(args).await,
        DeviceCommand::Screenshot(args) => screenshot(args).await,
    }
}

async fn list(json: bool) -> Result<()> {
    let kinds = [
        ("sim[:SEED]", "the simulated phone; the same seed is the same phone"),
        ("android[:SERIAL]", "a phone over adb, on a cable or in the network"),
        ("recorded:FILE", "replays a trace that `deftly run --trace` wrote"),
    ];
    for (device, what) in kinds {
        if json {
            output::print(&json!({ "device": device, "what": what }).to_string())?;
        } else {
            output::print(&format!("{device:<16} {what}"))?;
        }
    }
    let phones = match Adb::default().phones().await {
        Ok(phones) => phones,
        Err(error) => {
            output::tell(&error.to_string());
            return Ok(());
        }
    };
    for Phone { serial, state, model } in &phones {
        if json {
            let line = json!({ "device": format!("android:{serial}"), "state": state, "model": model });
            output::print(&line.to_string())?;
        } else {
            let state = if state == "device" { "ready" } else { state };
            output::print(&output::plain(&format!("android:{serial}  {state}  {model}")))?;
        }
    }
    Ok(())
}

async fn show(args: &ShowArgs) -> Result<()> {
    let (observation, apps) = match &args.xml {
        Some(path) => (observe_file(path)?, Vec::new()),
        None => {
            let mut device = DeviceSpec::parse(&args.device.device)?.open().await?;
            let observation = open_and_settle(device.as_mut(), args.open.as_deref()).await?;
            let apps = device.apps().await?;
            (observation, apps)
        }
    };
    if args.json {
        return output::print(&serde_json::to_string(&observation)?);
    }
    let input = PromptInput { goal: "", history: &[], observation: &observation, apps: &apps };
    let message = deftly_prompts::render(args.dialect, &input, Budget::unlimited()).user;
    output::print(screen_part(args.dialect, &message))
}

/// What a message says of the screen. In the other dialects the screen stands between explanations, so it is the whole
/// message.
fn screen_part(dialect: Dialect, message: &str) -> &str {
    match dialect {
        Dialect::Compact | Dialect::Thoughtful => {
            message.find("\nScreen: ").map_or(message, |line| &message[line + 1..])
        }
        Dialect::T3a | Dialect::Droidtask => message,
    }
}

/// A saved dump does not say what the app is called, so its package stands for it.
fn observe_file(path: &Path) -> Result<Observation> {
    /// Dumps are a few hundred kilobytes; this is far above the largest.
    const LIMIT: u64 = 64 << 20;
    let bytes = std::fs::metadata(path)
        .with_context(|| format!("{}: cannot read the dump\nhint: give a file that UIAutomator wrote", path.display()))?
        .len();
    ensure!(bytes <= LIMIT, "{}: {bytes} bytes are more than a UI tree can have ({LIMIT})", path.display());
    let xml = std::fs::read(path).with_context(|| {
        format!("{}: cannot read the dump\nhint: give a file that UIAutomator wrote", path.display())
    })?;
    let screen: Screen = parse_hierarchy(&xml).with_context(|| path.display().to_string())?;
    let packages = packages(&String::from_utf8_lossy(&xml));
    let keyboard = packages.iter().any(|package| is_keyboard(package));
    let app = packages.into_iter().find(|package| package != "com.android.systemui" && !is_keyboard(package));
    let package = app.unwrap_or_else(|| "unknown".to_owned());
    Ok(Observation { screen, app: App { name: package.clone(), package }, keyboard })
}

/// The packages of a dump's nodes, in their order. A package is made of letters, digits, dots and underscores, so
/// nothing has to be unescaped.
fn packages(xml: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in xml.split(" package=\"").skip(1) {
        let package = rest.split('"').next().unwrap_or_default();
        let legal = package.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        if legal && !package.is_empty() && found.last().is_none_or(|last| last != package) {
            found.push(package.to_owned());
        }
    }
    found
}

/// As Android's own keyboards are called.
fn is_keyboard(package: &str) -> bool {
    package.contains("inputmethod") || package.contains("honeyboard")
}

/// Opens an app, if one is asked for, and waits until the screen stands still.
async fn open_and_settle(device: &mut dyn Device, app: Option<&str>) -> Result<Observation> {
    let before = settle(device, SettleLimits::default()).await?.observation;
    let Some(name) = app else { return Ok(before) };
    device.perform(&Action::OpenApp { name: name.to_owned() }, &before.screen).await?;
    Ok(settle_after(device, &before, SettleLimits::default(), &mut |_| ()).await?.observation)
}

async fn screenshot(args: &ScreenshotArgs) -> Result<()> {
    let mut device = DeviceSpec::parse(&args.device.device)?.open().await?;
    open_and_settle(device.as_mut(), args.open.as_deref()).await?;
    let picture = device.screenshot().await?;
    std::fs::write(&args.out, &picture.png).with_context(|| {
        format!("{}: cannot write the screenshot\nhint: choose another place with --out", args.out.display())
    })?;
    output::tell(&format!("{}: {} bytes", args.out.display(), picture.png.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_kind_and_detail() {
        let check =
            |text: &str, expected: Option<DeviceSpec>| assert_eq!(DeviceSpec::parse(text).ok(), expected, "{text}");
        check("sim", Some(DeviceSpec::Sim { seed: None }));
        check("sim:7", Some(DeviceSpec::Sim { seed: Some(7) }));
        check("sim:x", None);
        check("recorded:a:b.jsonl", Some(DeviceSpec::Recorded { path: "a:b.jsonl".into() }));
        check("recorded:", None);
        check("android", Some(DeviceSpec::Android { serial: None }));
        check("android:10.0.0.7:5555", Some(DeviceSpec::Android { serial: Some("10.0.0.7:5555".into()) }));
        check("android:", None);
        check("iphone", None);
    }
}
