//! Whole models: tiny ones written here, and a real one where the environment names it.

use super::*;

mod families;
mod reference;
mod rejects;
mod row_independence;
mod tiny;
