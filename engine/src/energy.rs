//! Energy counters of the processor, where the machine has them and lets us read them.

use std::path::{Path, PathBuf};

/// Linux shows the counters of Intel and AMD processors here, one folder a package.
const POWERCAP: &str = "/sys/class/powercap";

/// The counters of all processor packages.
pub(crate) struct EnergyMeter {
    packages: Vec<Package>,
}

struct Package {
    counter: PathBuf,
    /// The counter starts again from 0 after this many microjoules.
    range: u64,
}

/// Microjoules of each package at one moment.
pub(crate) struct Reading(Vec<u64>);

impl EnergyMeter {
    /// `None` where there are no counters or they are for the administrator only, which is the usual case.
    pub(crate) fn find() -> Option<Self> {
        Self::find_in(Path::new(POWERCAP))
    }

    fn find_in(folder: &Path) -> Option<Self> {
        let mut packages = Vec::new();
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            // intel-rapl:0 is a package; intel-rapl:0:1 is a part of it and would count twice.
            let name = entry.file_name();
            if name.to_str().and_then(|name| name.strip_prefix("intel-rapl:")).is_some_and(|rest| !rest.contains(':')) {
                let range = read_number(&entry.path().join("max_energy_range_uj"))?;
                packages.push(Package { counter: entry.path().join("energy_uj"), range });
            }
        }
        let meter = Self { packages };
        meter.read().filter(|reading| !reading.0.is_empty()).map(|_| meter)
    }

    pub(crate) fn read(&self) -> Option<Reading> {
        self.packages.iter().map(|package| read_number(&package.counter)).collect::<Option<_>>().map(Reading)
    }

    /// Joules since `before`, over all packages.
    pub(crate) fn joules_since(&self, before: &Reading) -> Option<f64> {
        let now = self.read()?;
        let spent = |((now, before), package): ((&u64, &u64), &Package)| {
            if now >= before { now - before } else { now.saturating_add(package.range).saturating_sub(*before) }
        };
        let microjoules: u64 = now.0.iter().zip(&before.0).zip(&self.packages).map(spent).sum();
        Some(microjoules as f64 * 1e-6)
    }
}

fn read_number(path: &Path) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_summed_over_packages_and_may_wrap() {
        let folder = tempfile::tempdir().unwrap();
        let write = |zone: &str, microjoules: u64| {
            let zone = folder.path().join(zone);
            std::fs::create_dir_all(&zone).unwrap();
            std::fs::write(zone.join("energy_uj"), format!("{microjoules}\n")).unwrap();
            std::fs::write(zone.join("max_energy_range_uj"), "10000000\n").unwrap();
        };
        assert!(EnergyMeter::find_in(folder.path()).is_none());
        write("intel-rapl:0", 1_000_000);
        write("intel-rapl:1", 9_000_000);
        write("intel-rapl:0:0", 5);
        let meter = EnergyMeter::find_in(folder.path()).unwrap();
        let before = meter.read().unwrap();
        write("intel-rapl:0", 3_500_000);
        write("intel-rapl:1", 500_000);
        assert_eq!(meter.joules_since(&before), Some(4.0));
        std::fs::remove_dir_all(folder.path().join("intel-rapl:1")).unwrap();
        assert_eq!(meter.joules_since(&before), None);
    }
}
