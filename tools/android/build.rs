//! Finds the service that runs on the phone: `u2.jar`, a part of the `uiautomator` crate.
//!
//! The crate holds it as a private constant and can only install it through an adb server on port 5037, so it is taken
//! from the crate's own folder, wherever cargo keeps that: in its registry or in a vendored copy.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    match find_jar() {
        Ok(jar) => {
            println!("cargo:rerun-if-changed={}", jar.display());
            println!("cargo:rustc-env=DEFTLY_U2_JAR={}", jar.display());
        }
        Err(reason) => {
            eprintln!("deftly-android: cannot find assets/u2.jar of the uiautomator crate: {reason}");
            std::process::exit(1);
        }
    }
}

fn find_jar() -> Result<PathBuf, String> {
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    // Only this platform's packages are sure to be on the disk.
    let output = Command::new(variable("CARGO")?)
        .args(["metadata", "--format-version", "1", "--filter-platform", &variable("TARGET")?])
        .current_dir(variable("CARGO_MANIFEST_DIR")?)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let package = packages.iter().find(|package| package["name"] == "uiautomator").ok_or("it is no dependency")?;
    let manifest = package["manifest_path"].as_str().ok_or("it has no manifest")?;
    let jar = Path::new(manifest).with_file_name("assets").join("u2.jar");
    if jar.is_file() { Ok(jar) } else { Err(format!("{} does not exist", jar.display())) }
}
