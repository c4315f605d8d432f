use proptest::prelude::*;

use super::write::{GgufWriter, MetadataValue};
use super::*;

fn leak(bytes: Vec<u8>) -> &'static [u8] {
    Box::leak(bytes.into_boxed_slice())
}

fn example() -> GgufWriter {
    let mut writer = GgufWriter::default();
    writer
        .metadata("general.architecture", MetadataValue::String("llama".into()))
        .metadata("count", MetadataValue::U32(7))
        .metadata("negative", MetadataValue::I32(-1))
        .metadata("epsilon", MetadataValue::F32(0.5))
        .metadata("flag", MetadataValue::Bool(true))
        .metadata("names", MetadataValue::Strings(vec!["a".into(), String::new(), "ünï".into()]))
        .metadata("scores", MetadataValue::F32s(vec![1.0, -2.5]))
        .metadata("types", MetadataValue::I32s(vec![3, -1]))
        .tensor("norm", &[3], TensorType::F32, vec![0; 12])
        .tensor("matrix", &[32, 2], TensorType::Q8_0, (0..68).collect());
    writer
}

#[test]
fn reads_what_was_written() -> Result<(), EngineError> {
    let gguf = Gguf::from_static(leak(example().finish()), "example")?;
    assert_eq!(gguf.architecture()?, "llama");
    assert_eq!(gguf.unsigned("count")?, Some(7));
    assert_eq!(gguf.float("epsilon")?, Some(0.5));
    assert_eq!(gguf.float("count")?, Some(7.0));
    assert_eq!(gguf.boolean("flag")?, Some(true));
    assert_eq!(gguf.strings("names")?, Some(vec!["a", "", "ünï"]));
    assert_eq!(gguf.floats("scores")?, Some(vec![1.0, -2.5]));
    assert_eq!(gguf.integers("types")?, Some(vec![3, -1]));
    assert_eq!(gguf.string("absent")?, None);
    let matrix = gguf.tensor("matrix").unwrap();
    assert_eq!((matrix.row_len(), matrix.rows(), matrix.dtype), (32, 2, TensorType::Q8_0));
    assert_eq!(matrix.row(1), (34..68).collect::<Vec<u8>>());
    assert!(gguf.tensor("absent").is_none());
    Ok(())
}

#[test]
fn a_value_of_another_type_is_an_error_that_says_so() {
    let gguf = Gguf::from_static(leak(example().finish()), "example").unwrap();
    let check = |result: Result<(), EngineError>, expected: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("example") && message.contains("hint:"), "{message}");
    };
    check(gguf.string("count").map(drop), "should be a string, found u32");
    check(gguf.unsigned("negative").map(drop), "should be an unsigned integer, found i32");
    check(gguf.floats("names").map(drop), "should be an array of floats, found array of 3 string");
    check(gguf.require("absent", gguf.string("absent").unwrap()).map(drop), "\"absent\" is missing");
}

#[test]
fn damaged_files_are_errors_that_say_where() {
    let check = |bytes: Vec<u8>, expected: &str| {
        let message = Gguf::from_static(leak(bytes), "bad.gguf").unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
        assert!(message.starts_with("bad.gguf: ") && message.contains("\nhint: "), "{message}");
    };
    let patched = |position: usize, patch: &[u8]| {
        let mut bytes = example().finish();
        bytes[position..position + patch.len()].copy_from_slice(patch);
        bytes
    };
    check(vec![], "not a GGUF file: it starts with []");
    check(b"PK\x03\x04 and more".to_vec(), "not a GGUF file: it starts with [50, 4b, 03, 04]");
    check(b"GGUF".to_vec(), "the file ends within the version");
    check(patched(4, &1u32.to_le_bytes()), "GGUF version \"1\" is not supported");
    check(patched(4, &3u32.to_be_bytes()), "byte order \"big-endian\" is not supported");
    check(patched(8, &u64::MAX.to_le_bytes()), "claims 18446744073709551615 tensors");
    check(patched(16, &(1u64 << 40).to_le_bytes()), "claims 1099511627776 metadata entries");
    check(patched(24, &(u64::MAX - 3).to_le_bytes()), "the file ends within a metadata key");
    check(patched(32, &[0xff]), "a metadata key at position 32 is not UTF-8");
    check(patched(52, &99u32.to_le_bytes()), "has type 99");
    let full = example().finish();
    check(full[..full.len() - 1].to_vec(), "tensor \"matrix\" needs 68 bytes at offset 32 of the data, which has 99");

    let tensor = |shape: &[u64], dtype: u32| {
        let mut writer = GgufWriter::default();
        writer.raw_tensor("t", shape.to_vec(), dtype, vec![0; 64]);
        writer.finish()
    };
    check(tensor(&[], 0), "has 0 dimensions");
    check(tensor(&[1; 5], 0), "has 5 dimensions");
    check(tensor(&[0, 4], 0), "which is empty");
    check(tensor(&[33], 8), "not a whole number of blocks a row");
    check(tensor(&[1 << 40, 1 << 40], 0), "larger than any file");
    check(tensor(&[1 << 62], 0), "larger than any file");
    check(tensor(&[17], 0), "needs 68 bytes");
    check(tensor(&[32], 16), "tensor type \"IQ2_XXS (of t)\" is not supported\nhint: supported are F32, F16");
    check(tensor(&[32], 4_000_000_000), "number 4000000000");

    let alignment = |value: MetadataValue| {
        let mut writer = example();
        writer.metadata("general.alignment", value);
        writer.finish()
    };
    check(alignment(MetadataValue::U32(0)), "general.alignment is 0");
    check(alignment(MetadataValue::U32(48)), "general.alignment is 48");
    check(alignment(MetadataValue::U32(64)), "starts at offset 32, which is not a multiple of the alignment 64");
    let mut twice = example();
    twice.metadata("count", MetadataValue::U32(1));
    check(twice.finish(), "metadata key \"count\" is there twice");
    let mut twice = example();
    twice.tensor("norm", &[1], TensorType::F32, vec![0; 4]);
    check(twice.finish(), "tensor \"norm\" is there twice");
}

#[test]
#[cfg_attr(miri, ignore = "Miri maps no files")]
fn a_file_on_disk_is_mapped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.gguf");
    std::fs::write(&path, example().finish()).unwrap();
    let gguf = Gguf::open(&path).unwrap();
    gguf.release_pages();
    assert_eq!(gguf.tensor("matrix").unwrap().data[67], 67);
    assert_eq!(gguf.source(), path.display().to_string());

    let message = Gguf::open(&directory.path().join("absent.gguf")).unwrap_err().to_string();
    assert!(message.contains("absent.gguf") && message.contains("cannot open"), "{message}");
    let message = Gguf::open(directory.path()).unwrap_err().to_string();
    assert!(message.contains("not a file"), "{message}");
}

/// Reads everything that a caller could, so that a wrong range cannot hide.
fn read_all(bytes: Vec<u8>) {
    let Ok(gguf) = Gguf::from_static(leak(bytes), "fuzzed") else { return };
    for key in gguf.keys() {
        let _ = (gguf.string(key), gguf.unsigned(key), gguf.float(key), gguf.boolean(key));
        let _ = (gguf.strings(key), gguf.floats(key), gguf.integers(key));
    }
    for tensor in gguf.tensors() {
        assert_eq!(tensor.data.len() % tensor.dtype.block_bytes(), 0);
        let _ = (tensor.row(0), tensor.row(tensor.rows() - 1));
    }
}

proptest! {
    #[test]
    fn mutated_files_never_panic(patches in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in 0.0..1.2f64) {
        let mut bytes = example().finish();
        for (index, value) in patches {
            let position = index.index(bytes.len());
            bytes[position] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        read_all(bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tail);
        read_all(bytes);
    }
}

/// Keeps the seeds of the fuzz target in step with the writer.
#[test]
fn the_fuzz_seeds_are_what_the_writer_writes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/values.gguf");
    let expected = example().finish();
    if std::fs::read(&path).ok().as_ref() != Some(&expected) {
        std::fs::write(&path, &expected).unwrap();
        panic!("{} was out of date and has been written again: commit it", path.display());
    }
}
