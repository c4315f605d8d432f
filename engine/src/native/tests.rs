use super::*;
mod reference;
