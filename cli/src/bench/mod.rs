//! `deftly bench`: what the engine does in how much time.

mod agreement;
mod drafts;
mod forward;
mod sessions;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;

pub use agreement::agreement;
pub use drafts::drafts;
pub use forward::forward;
pub use sessions::sessions;

/// The lines of a file, each a JSON object. `what` names one in errors.
fn read_lines<T: DeserializeOwned>(path: &Path, option: &str, what: &str, limit: Option<usize>) -> Result<Vec<T>> {
    let file = File::open(path)
        .with_context(|| format!("{}: cannot open it\nhint: {option} takes a file of JSON lines", path.display()))?;
    let mut values = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate().take(limit.unwrap_or(usize::MAX)) {
        let line = line.with_context(|| format!("{}: cannot read line {}", path.display(), index + 1))?;
        let value = serde_json::from_str(&line)
            .with_context(|| format!("{}:{}: not {what}\nhint: one JSON object a line", path.display(), index + 1))?;
        values.push(value);
    }
    ensure!(!values.is_empty(), "{}: it is empty\nhint: one JSON object a line: {what}", path.display());
    Ok(values)
}

/// The middle of the measurements; of an even number, the mean of the two in the middle. `NaN` of none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(super::median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(super::median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
