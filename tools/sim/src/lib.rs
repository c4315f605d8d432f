//! The simulated phone.
