//! Any bytes are a screen or an error, never a panic, and a screen keeps its promises.

#![no_main]

use deftly_tools::{ElementId, parse_hierarchy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|xml: &[u8]| {
    let Ok(screen) = parse_hierarchy(xml) else { return };
    for (element, id) in screen.elements.iter().zip(1..) {
        assert_eq!(element.id, ElementId(id));
        assert_eq!(screen.get(element.id), Some(element));
        assert!(!element.bounds.is_empty());
        assert!(!element.label.chars().any(char::is_control));
        assert!(element.value.is_none() || !element.state.password);
    }
});
