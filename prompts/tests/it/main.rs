//! Prompts and replies from the outside.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod fixture;
mod parse;
mod render;
mod round_trip;
mod schema;
