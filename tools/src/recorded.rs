//! A phone that replays a trace.

/// Replays a trace; see the module.
pub struct RecordedDevice {}
