//! UIAutomator XML to [`Screen`].

use crate::{HierarchyError, Screen};

/// Reads a UIAutomator dump.
pub fn parse_hierarchy(xml: &[u8]) -> Result<Screen, HierarchyError> {
    let _ = xml;
    Err(HierarchyError::NotAHierarchy { found: "nothing".into() })
}
