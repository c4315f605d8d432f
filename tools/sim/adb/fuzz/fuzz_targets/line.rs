//! Any text is a line of the shell or an error, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    deftly_sim_adb::fuzzing::read_line(line);
});
