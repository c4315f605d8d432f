//! Any bytes are messages or an error, never a panic, and a message is written back as it was read.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    deftly_sim_adb::fuzzing::read_messages(bytes);
});
