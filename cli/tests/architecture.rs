//! The edges between crates that the architecture allows, and no other.

#![allow(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Who may depend on whom. `deftly` (the program) may depend on everything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("deftly-tools", &[]),
    ("deftly-sim", &["deftly-tools"]),
    ("deftly-sim-adb", &["deftly-tools", "deftly-sim"]),
    ("deftly-android", &["deftly-tools"]),
    ("deftly-prompts", &["deftly-tools"]),
    ("deftly-engine", &[]),
    ("deftly-mistralrs", &["deftly-engine"]),
    ("deftly-agent", &["deftly-tools", "deftly-prompts", "deftly-engine"]),
    (
        "deftly-eval",
        &[
            "deftly-agent",
            "deftly-tools",
            "deftly-sim",
            "deftly-sim-adb",
            "deftly-android",
            "deftly-prompts",
            "deftly-engine",
        ],
    ),
];

/// The workspace's own packages, as `cargo metadata` describes them.
fn packages() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// Edges between the workspace's own crates; test-only dependencies do not count.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let ours = |package: &serde_json::Value| {
        let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
        dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
            .filter(|name| names.contains(name.as_str()))
            .collect::<BTreeSet<String>>()
    };
    packages.iter().map(|package| (package["name"].as_str().unwrap_or_default().to_owned(), ours(package))).collect()
}

#[test]
fn only_the_allowed_edges_exist() {
    for (name, dependencies) in edges() {
        if name == "deftly" {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(from, _)| *from == name);
        let Some((_, allowed)) = allowed else {
            panic!("{name} is not in the architecture: add it to ARCHITECTURE.md and here")
        };
        for dependency in dependencies {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn only_one_crate_links_mistralrs() {
    for package in packages() {
        let links = package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .any(|dependency| dependency["name"].as_str().is_some_and(|name| name.starts_with("mistralrs")));
        assert_eq!(links, package["name"] == "deftly-mistralrs", "{}", package["name"]);
    }
}
