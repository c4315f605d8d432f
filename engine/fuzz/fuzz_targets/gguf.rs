//! Any bytes are a readable file or an error, never a panic; so is loading them as a model.

#![no_main]

use deftly_engine::{Gguf, NativeOptions, load_native_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    // The reader wants bytes that live as long as the program. They are freed at the end, when nothing borrows them.
    let bytes = Box::into_raw(file.to_vec().into_boxed_slice());
    // SAFETY: `bytes` is a live allocation that is freed once, below, after everything that reads it is gone.
    look(unsafe { &*bytes });
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(bytes) });
});

fn look(file: &'static [u8]) {
    let Ok(gguf) = Gguf::from_static(file, "fuzzed") else { return };
    for key in gguf.keys() {
        let _ = (gguf.string(key), gguf.unsigned(key), gguf.float(key), gguf.boolean(key));
        let _ = (gguf.strings(key), gguf.floats(key), gguf.integers(key));
    }
    for tensor in gguf.tensors() {
        assert_eq!(tensor.data.len() % tensor.dtype.block_bytes(), 0);
        let _ = (tensor.row(0), tensor.row(tensor.rows() - 1));
    }
    let options = NativeOptions { threads: Some(1), context_len: Some(1), ..NativeOptions::default() };
    let _ = load_native_bytes(file, "fuzzed", &options);
}
