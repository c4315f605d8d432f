use proptest::prelude::*;

use super::*;
use crate::gguf::{Tensor, TensorType};
use crate::native::arena::Arena;
use crate::native::blocks;
use crate::native::cache::largest_factor;
use crate::native::pack::Packed;
use crate::native::pool::Pool;
use crate::native::testing::{Random, random_tensor};

fn levels() -> Vec<Available> {
    KernelLevel::ALL.into_iter().filter_map(|level| Available::select(Some(level)).ok()).collect()
}

fn pack(dtype: TensorType, inputs: usize, outputs: usize, data: &[u8]) -> Packed {
    let shape = [inputs, outputs];
    let tensor = Tensor { name: "t", shape: &shape, dtype, data };
    Packed::new(&tensor, Precision::Narrow, &mut Pool::new(1).unwrap(), &mut Arena::default(), || {}).unwrap()
}

const QUANTIZED: [(TensorType, Format); 8] = [
    (TensorType::Q8_0, Format::Q8_0),
    (TensorType::Q4_0, Format::Q4_0),
    (TensorType::Q4_1, Format::Q4_1),
    (TensorType::Q5_0, Format::Q5_0),
    (TensorType::Q5_1, Format::Q5_1),
    (TensorType::Q4K, Format::Q4K),
    (TensorType::Q5K, Format::Q5K),
    (TensorType::Q6K, Format::Q6K),
];

const FLOATS: [(TensorType, Float); 3] =
    [(TensorType::F32, Float::F32), (TensorType::F16, Float::F16), (TensorType::BF16, Float::BF16)];

fn quantize(level: Available, rows: &[f32], inputs: usize) -> QuantizedRows {
    let mut quantized = QuantizedRows::default();
    let count = rows.len() / inputs;
    quantized.resize(count, inputs);
    for (mut out, row) in quantized.rows_mut(inputs / BLOCK).zip(rows.chunks(inputs)) {
        quantize_row(level, row, &mut out);
    }
    quantized
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every level gives the bits of the scalar kernel, whatever rows are in the tile, and is close to float arithmetic.
    #[test]
    fn quantized_tiles_agree(seed in any::<u64>(), which in 0..QUANTIZED.len(), wide in any::<bool>(), blocks in 1usize..5, outputs in 1usize..33) {
        let (dtype, format) = QUANTIZED[which];
        let (precision, tolerance) = if wide { (Precision::Wide, 0.0005) } else { (Precision::Narrow, 0.05) };
        let inputs = blocks * dtype.block_len();
        let mut random = Random::new(seed);
        let data = random_tensor(&mut random, dtype, inputs, outputs);
        let packed = pack(dtype, inputs, outputs, &data);
        let panels = packed.panels();
        let single = KernelLevel::Avx512Vnni.tile_rows(precision);
        let pair = KernelLevel::Avx512Vnni.pair_rows(precision).unwrap_or_default();
        let most_rows = single.max(pair);
        let rows: Vec<f32> = (0..most_rows * inputs).map(|_| random.normal()).collect();
        let quantized = quantize(levels()[0], &rows, inputs);
        let tile = |first, count| quantized.tile(first, count, inputs / BLOCK);
        let mut expected = vec![[[0.0; COLUMNS]; QUANTIZED_ROWS]; panels];
        for (panel, expected) in expected.iter_mut().enumerate() {
            let bytes = packed.bytes_of(panel..panel + 1);
            scalar::quantized_tile(format, precision, bytes, tile(0, most_rows), &mut expected[..most_rows]);
        }
        for first in 0..most_rows {
            for count in 1..=most_rows - first {
                let fits = |together: &usize| count <= if *together == 1 { single } else { pair };
                for together in (1..=panels).filter(fits) {
                    let bytes = packed.bytes_of(0..together);
                    let expected: Vec<_> = expected[..together].iter().flat_map(|rows| &rows[first..first + count]).copied().collect();
                    let mut out = vec![[f32::NAN; COLUMNS]; count * together];
                    // SAFETY: plain arrays; the panels and the rows are whole.
                    unsafe { vnni::model::quantized_tile(format, precision, bytes, tile(first, count), &mut out) };
                    prop_assert_eq!(&out, &expected);
                    let fits = |level: KernelLevel| match together {
                        1 => count <= level.tile_rows(precision),
                        _ => level.pair_rows(precision).is_some_and(|most| count <= most),
                    };
                    for level in levels().into_iter().filter(|level| fits(level.level())) {
                        let mut out = vec![[f32::NAN; COLUMNS]; count * together];
                        quantized_tile(level, format, precision, bytes, tile(first, count), &mut out);
                        prop_assert_eq!(&out, &expected);
                    }
                }
            }
        }
        let mut weights = vec![0.0; inputs];
        let row_bytes = data.len() / outputs;
        for column in 0..outputs {
            blocks::dequantize_row(dtype, &data[column * row_bytes..][..row_bytes], &mut weights);
            let exact: f64 = weights.iter().zip(&rows).map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
            let scale: f64 = weights.iter().zip(&rows).map(|(w, x)| (f64::from(*w) * f64::from(*x)).powi(2)).sum::<f64>().sqrt();
            let error = (f64::from(expected[column / COLUMNS][0][column % COLUMNS]) - exact).abs();
            prop_assert!(error <= tolerance * scale + 1e-6, "{} of {} (scale {})", error, exact, scale);
        }
    }

    #[test]
    fn float_tiles_agree(seed in any::<u64>(), which in 0..FLOATS.len(), inputs in 1usize..70, outputs in 1usize..17) {
        let (dtype, kind) = FLOATS[which];
        let mut random = Random::new(seed);
        let data = random_tensor(&mut random, dtype, inputs, outputs);
        let packed = pack(dtype, inputs, outputs, &data);
        let rows: Vec<f32> = (0..FLOAT_ROWS * inputs).map(|_| random.normal()).collect();
        let mut expected = [[0.0; COLUMNS]; FLOAT_ROWS];
        scalar::float_tile(kind, packed.bytes_of(0..1), &rows, inputs, inputs, &mut expected);
        for level in levels() {
            for count in 1..=level.level().float_tile_rows() {
                let mut out = vec![[f32::NAN; COLUMNS]; count];
                float_tile(level, kind, packed.bytes_of(0..1), &rows, inputs, inputs, &mut out);
                prop_assert_eq!(&out[..], &expected[..count]);
            }
        }
        let mut weights = vec![0.0; inputs];
        let row_bytes = data.len() / outputs;
        for column in 0..outputs {
            blocks::dequantize_row(dtype, &data[column * row_bytes..][..row_bytes], &mut weights);
            let exact: f64 = weights.iter().zip(&rows).map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
            prop_assert!((f64::from(expected[0][column]) - exact).abs() < 1e-3);
        }
    }

    /// Whole numbers multiply as they should, at every level; and as many of the largest as a row of the cache may have.
    #[test]
    fn fixed_tiles_agree(seed in any::<u64>(), pairs in 1usize..66, extreme in any::<bool>()) {
        let mut random = Random::new(seed);
        let most = i64::from(largest_factor(2 * pairs));
        let mut below = |bound: i64| if extreme { bound as i16 } else { ((random.bits() as i64).rem_euclid(2 * bound + 1) - bound) as i16 };
        let panel: Vec<i16> = (0..pairs * COLUMNS * 2).map(|_| below(2047)).collect();
        let rows: Vec<i16> = (0..FLOAT_ROWS * 2 * pairs).map(|_| below(most)).collect();
        let bytes: Vec<u8> = panel.iter().flat_map(|number| number.to_le_bytes()).collect();
        let row_scales: Vec<f32> = (0..FLOAT_ROWS).map(|_| random.normal()).collect();
        let scales: [f32; COLUMNS] = std::array::from_fn(|_| random.normal());
        let expected: Vec<Columns> = rows.chunks(2 * pairs).zip(&row_scales).map(|(row, row_scale)| {
            std::array::from_fn(|column| {
                let number = |input: usize| i64::from(panel[(input / 2 * COLUMNS + column) * 2 + input % 2]);
                let sum: i64 = row.iter().enumerate().map(|(input, factor)| i64::from(*factor) * number(input)).sum();
                sum as f32 * (row_scale * scales[column])
            })
        }).collect();
        for level in levels() {
            for count in 1..=level.level().float_tile_rows() {
                let mut out = vec![[9.0; COLUMNS]; 3 * count];
                let scales = scales.map(f32::to_ne_bytes);
                let inputs = FixedTile { numbers: &rows, scales: &row_scales, stride: 2 * pairs, pairs, rows: count };
                fixed_tile(level, &bytes, &scales, inputs, &mut out, 3);
                for (found, expected) in out.chunks(3).zip(&expected) {
                    prop_assert_eq!(found, &[*expected, [9.0; COLUMNS], [9.0; COLUMNS]]);
                }
            }
        }
    }

    #[test]
    fn row_functions_agree(seed in any::<u64>(), eighths in 1usize..20, spread in 0.01f32..50.0) {
        let length = eighths * 8;
        let mut random = Random::new(seed);
        let mut row: Vec<f32> = (0..length).map(|_| random.normal() * spread).collect();
        // Blocks of zeros, and of numbers too small for a scale.
        row.chunks_mut(BLOCK).for_each(|block| match random.bits() % 8 {
            0 => block.fill(0.0),
            1 => block.iter_mut().for_each(|number| *number *= 1e-34),
            _ => {}
        });
        let other: Vec<f32> = (0..length).map(|_| random.normal()).collect();
        let run = |level| {
            let mut normed = vec![0.0; length];
            rms_norm(level, &row, &other, 1e-5, &mut normed);
            let mut gated = row.clone();
            swiglu(level, &mut gated, &other);
            let mut scores = row.clone();
            let maximum = highest(level, &scores);
            let summary = (maximum, exponentials(level, &mut scores, maximum));
            let mut total = row.clone();
            let mut sums = [row[0], 1.5];
            merge(level, &mut sums, &mut total, [other[0], 0.25], &other);
            add(level, &mut total, &row);
            divide(level, &mut total, sums[1]);
            let mut halves = vec![f16::ZERO; length];
            to_halves(level, &row.iter().map(|number| number * 1e4).collect::<Vec<_>>(), &mut halves);
            let mut fixed = vec![0; length];
            let largest = largest(level, &row);
            let factors: Vec<_> = other.iter().map(|number| number.to_ne_bytes()).collect();
            let heaviest = weigh(level, &mut total, &factors);
            let fixed = (heaviest, largest, to_fixed(level, &row, largest, 2047, &mut fixed), fixed);
            let quantized = quantize(level, &row[..length / BLOCK * BLOCK], (length / BLOCK * BLOCK).max(BLOCK));
            (normed, gated, scores, summary, total, sums, halves, fixed, (quantized.values, quantized.rests), quantized.scales, quantized.half_sums)
        };
        let expected = run(levels()[0]);
        for level in levels() {
            prop_assert_eq!(&run(level), &expected);
        }
        let (_, largest, scale, fixed) = &expected.7;
        prop_assert_eq!(*largest, row.iter().fold(0.0, |largest: f32, number| largest.max(number.abs())));
        for (fixed, number) in fixed.iter().zip(&row) {
            prop_assert!((f32::from(*fixed) * scale - number).abs() <= largest / 2047.0 * 0.501 + 1e-30);
        }
        let maximum = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for (exponential, score) in expected.2.iter().zip(&row) {
            prop_assert!((exponential - (score - maximum).exp()).abs() < 2e-7);
        }
        for ((gated, gate), up) in expected.1.iter().zip(&row).zip(&other) {
            prop_assert!((gated - gate / (1.0 + (-gate).exp()) * up).abs() <= 1e-5 * gated.abs() + 1e-6);
        }
    }
}

#[test]
fn the_exponential_is_accurate_and_bounded() {
    let mut x = -100.0f32;
    while x < 88.0 {
        let (ours, exact) = (elementwise::exponential(x), f64::from(x).exp());
        let error = (f64::from(ours) - exact).abs();
        assert!(error <= exact * 3e-7 + 2e-38, "{x}: {ours} {exact}");
        x += 0.013;
    }
    assert_eq!((elementwise::exponential(0.0), elementwise::exponential(f32::NEG_INFINITY)), (1.0, 0.0));
    assert!(elementwise::exponential(f32::INFINITY).is_finite());
}

#[test]
fn every_level_has_the_exponential_of_plain_code() {
    // `-x / (1 + e^x)` over the whole range, and `e^(x - 0)` where that is at most 1.
    let numbers: Vec<f32> = (-7700..6800).map(|i| i as f32 * 0.013).chain([f32::INFINITY, f32::NEG_INFINITY]).collect();
    let bits = |numbers: &[f32]| -> Vec<u32> { numbers.iter().map(|number| number.to_bits()).collect() };
    let mut expected: Vec<f32> = numbers.iter().map(|x| -x).collect();
    let ones = vec![1.0; numbers.len()];
    elementwise::swiglu(&mut expected, &ones);
    for level in levels() {
        let mut found: Vec<f32> = numbers.iter().map(|x| -x).collect();
        swiglu(level, &mut found, &ones);
        assert_eq!(bits(&found), bits(&expected), "{level:?}");
        let lowest: Vec<f32> = numbers.iter().copied().filter(|x| *x <= 0.0).chain([0.0]).collect();
        for part in lowest.chunks(7) {
            let mut scores = [&[0.0], part].concat();
            scores.resize(8, f32::NEG_INFINITY);
            exponentials(level, &mut scores, 0.0);
            let plain: Vec<f32> = part.iter().map(|x| elementwise::exponential(*x)).collect();
            assert_eq!(bits(&scores[1..=part.len()]), bits(&plain), "{level:?}");
        }
    }
}

#[test]
fn every_level_passes_its_own_check() {
    for level in levels() {
        let started = std::time::Instant::now();
        assert!(self_check(level), "{}", level.level());
        eprintln!("checking {} took {:?}", level.level(), started.elapsed());
    }
}

#[test]
fn values_that_are_not_finite_do_no_harm() {
    for level in levels() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 0.0] {
            let mut row = vec![1.0; 64];
            row[7] = bad;
            row[40..].fill(bad);
            let quantized = quantize(level, &row, 64);
            assert!(quantized.values.iter().all(|value| *value >= -127));
            let (mut fixed, largest) = ([0; 64], largest(level, &row));
            let scale = to_fixed(level, &row, largest, 2047, &mut fixed);
            assert!(largest.is_finite() && scale.is_finite() && fixed.iter().all(|number| number.abs() <= 2047));
        }
    }
}

/// Prints multiply-adds a nanosecond of every kernel, asserts nothing: run it with `--nocapture` in a release build.
#[test]
fn speed_of_the_kernels() {
    let (inputs, mut random) = (1536, Random::new(1));
    let rows: Vec<f32> = (0..FLOAT_ROWS * inputs).map(|_| random.normal()).collect();
    for level in levels() {
        let quantized = quantize(level, &rows, inputs);
        let time = |name: String, rows: usize, panels: usize, run: &mut dyn FnMut()| {
            // Many short looks: another program may have the other half of a core most of the time.
            let (repeats, looks) = if level.level() == KernelLevel::Scalar { (3, 3) } else { (50, 500) };
            let best = (0..looks)
                .map(|_| {
                    let started = std::time::Instant::now();
                    (0..repeats).for_each(|_| run());
                    started.elapsed().as_nanos() as f64 / f64::from(repeats)
                })
                .fold(f64::INFINITY, f64::min);
            let products = inputs * COLUMNS * rows * panels;
            eprintln!("{} {name} {rows} rows {panels} panels: {:.1}", level.level(), products as f64 / best);
        };
        for (dtype, format) in QUANTIZED {
            let packed = pack(dtype, inputs, 2 * COLUMNS, &random_tensor(&mut random, dtype, inputs, 2 * COLUMNS));
            for precision in [Precision::Narrow, Precision::Wide] {
                let single = [1, level.level().tile_rows(precision)].map(|rows| (rows, 1));
                let pair = level.level().pair_rows(precision).map(|rows| (rows, 2));
                for (rows, panels) in single.into_iter().chain(pair) {
                    let mut out = vec![[0.0; COLUMNS]; rows * panels];
                    let tile = quantized.tile(0, rows, inputs / BLOCK);
                    let bytes = packed.bytes_of(0..panels);
                    time(format!("{dtype} {precision:?}"), rows, panels, &mut || {
                        quantized_tile(level, format, precision, std::hint::black_box(bytes), tile, &mut out);
                    });
                }
            }
        }
        for (dtype, kind) in FLOATS {
            let packed = pack(dtype, inputs, COLUMNS, &random_tensor(&mut random, dtype, inputs, COLUMNS));
            for count in [1, level.level().float_tile_rows()] {
                let mut out = vec![[0.0; COLUMNS]; count];
                time(format!("{dtype}"), count, 1, &mut || {
                    float_tile(
                        level,
                        kind,
                        std::hint::black_box(packed.bytes_of(0..1)),
                        &rows,
                        inputs,
                        inputs,
                        &mut out,
                    );
                });
            }
        }
    }
}

#[test]
fn halves_are_finite_and_the_nearest() {
    let numbers = [1.0, -2.5, 1e9, -1e9, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 65519.0, 1e-9, 0.1, -0.0];
    let expected = [1.0, -2.5, 65504.0, -65504.0, 65504.0, -65504.0, -65504.0, 65504.0, 0.0, 0.099_975_586, 0.0];
    for level in levels() {
        let mut halves = [f16::ONE; 11];
        to_halves(level, &numbers, &mut halves);
        assert_eq!(halves.map(f16::to_f32), expected, "{level:?}");
    }
}
