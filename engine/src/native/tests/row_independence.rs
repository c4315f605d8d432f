//! A row's logits are the same bits whatever is computed beside it.

use proptest::prelude::*;

use super::tiny::Tiny;
use super::*;
use crate::gguf::TensorType;
use crate::native::config::Family;
use crate::sampler;

/// Logits of every position, one token at a time on one thread with scalar kernels: the slowest way there is.
fn one_by_one(shape: &Tiny, tokens: &[u32], options: &NativeOptions) -> Vec<Vec<f32>> {
    let slow = NativeOptions { threads: Some(1), level: Some(KernelLevel::Scalar), ..options.clone() };
    let mut model = shape.load(&slow);
    tokens.iter().map(|token| model.forward(&[*token], 1).unwrap().row(0).to_vec()).collect()
}

fn tokens(count: usize, seed: u32, vocab: usize) -> Vec<u32> {
    (0..count as u32).map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 7) % vocab as u32).collect()
}

fn bits(row: &[f32]) -> Vec<u32> {
    row.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_chunking_threads_and_truncation_give_the_same_bits(
        family in 0..3usize,
        dtype in 0..TensorType::ALL.len(),
        threads in 1usize..4,
        narrow in any::<bool>(),
        cache_type in 0..3usize,
        seed in any::<u32>(),
        chunks in prop::collection::vec((1usize..65, any::<prop::sample::Index>()), 1..6),
    ) {
        let mut shape = Tiny::new(Family::ALL[family], TensorType::ALL[dtype]);
        shape.layers = 1;
        let options = NativeOptions {
            threads: Some(threads),
            cache_type: [CacheType::I16, CacheType::F16, CacheType::F32][cache_type],
            precision: if narrow { Precision::Narrow } else { Precision::Wide },
            ..NativeOptions::default()
        };
        let tokens = tokens(100, seed, shape.vocab);
        let expected = one_by_one(&shape, &tokens, &options);
        let mut model = shape.load(&options);
        for (length, keep) in chunks {
            let start = model.len();
            let end = (start + length).min(tokens.len());
            let rows = end - start;
            let logits = model.forward(&tokens[start..end], rows).unwrap();
            for row in 0..rows {
                prop_assert_eq!(bits(logits.row(row)), bits(&expected[start + row]), "row {} of {}", row, rows);
                prop_assert_eq!(logits.likeliest(row), sampler::likeliest(logits.row(row)), "row {} of {}", row, rows);
            }
            // The next pass finds what is left of this one's logits.
            model.recycle(logits);
            // Forget some of it, and leave other tokens' keys behind.
            let other: Vec<u32> = tokens.iter().rev().take(20).copied().collect();
            model.forward(&other, 0).unwrap();
            let keep = keep.index(end) + 1;
            model.truncate(keep).unwrap();
        }
    }
}

#[test]
fn a_long_context_gives_the_same_bits_at_once_and_in_parts() {
    let shape = Tiny::new(Family::Llama, TensorType::Q8_0);
    let tokens = tokens(500, 3, shape.vocab);
    let run = |threads, chunk: usize| {
        let mut model = shape.load(&NativeOptions { threads: Some(threads), ..NativeOptions::default() });
        let mut last = Vec::new();
        for part in tokens.chunks(chunk) {
            last = bits(model.forward(part, 1).unwrap().row(0));
        }
        last
    };
    let expected = run(1, 500);
    for (threads, chunk) in [(2, 500), (3, 257), (2, 64), (2, 1), (4, 7)] {
        assert_eq!(run(threads, chunk), expected, "{threads} threads, chunks of {chunk}");
    }
}
