//! The `deftly` program.
fn main() {}
