//! What can be evaluated: [`sim`] is tasks on the simulated phone, [`droidtask`] is recorded steps of real apps.

pub mod droidtask;
pub mod sim;
