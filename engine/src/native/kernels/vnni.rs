//! The tile kernel for processors that multiply four bytes with four and add the products to 32 bits at once.
//!
//! It is written once over [`Vectors`], the few operations that it needs on sixteen columns, and compiled for two instruction sets
//! and, in the tests, for plain arrays. Sums of whole numbers are exact, and the float arithmetic is that of the scalar
//! twin, operation by operation.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
#[cfg(test)]
pub(super) mod model;

use crate::native::blocks::BLOCK;
use crate::native::pack::{COLUMNS, Format, Quants, SUPER, Scales};

use super::{Columns, LINE, Precision, QuantizedTile, fetch_ahead, fetch_line_ahead};

/// Operations on sixteen columns at once, each number 32 bits.
///
/// # Safety
/// The functions need instructions that the implementer names, and pointers to as many bytes as they say. All of them are
/// always inlined into a function that has the instructions.
pub(super) trait Vectors {
    type Integers: Copy;
    type Floats: Copy;

    /// Up to so many sums, of all rows and panels, are kept twice, so that products wait less for those before them: there are
    /// registers for it.
    const TWO_SUMS: usize;

    unsafe fn splat(value: i32) -> Self::Integers;
    /// 64 bytes: four of each column.
    unsafe fn load(bytes: *const u8) -> Self::Integers;
    /// The low halves of all bytes.
    unsafe fn low_nibbles(bytes: Self::Integers) -> Self::Integers;
    /// The high halves of all bytes.
    unsafe fn high_nibbles(bytes: Self::Integers) -> Self::Integers;
    /// `sum` and the products of a column's four unsigned `weights` with the four signed bytes of `values`.
    unsafe fn dot(sum: Self::Integers, weights: Self::Integers, values: i32) -> Self::Integers;
    /// Signed bytes and 128: unsigned ones.
    unsafe fn unsigned(bytes: Self::Integers) -> Self::Integers;
    unsafe fn add(a: Self::Integers, b: Self::Integers) -> Self::Integers;
    /// The low 32 bits of the products.
    unsafe fn multiply(a: Self::Integers, b: Self::Integers) -> Self::Integers;
    /// `128 * sum + rest`.
    unsafe fn widen(sum: Self::Integers, rest: Self::Integers) -> Self::Integers;
    /// Sixteen bytes.
    unsafe fn unsigned_bytes(bytes: *const u8) -> Self::Integers;
    /// Sixteen bytes.
    unsafe fn signed_bytes(bytes: *const u8) -> Self::Integers;

    unsafe fn floats(integers: Self::Integers) -> Self::Floats;
    unsafe fn splat_float(value: f32) -> Self::Floats;
    /// Sixteen half-precision numbers: 32 bytes.
    unsafe fn halves(bytes: *const u8) -> Self::Floats;
    unsafe fn multiply_floats(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b + c`, rounded once.
    unsafe fn fused(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// `c - a * b`, rounded once.
    unsafe fn fused_negative(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    unsafe fn store(floats: Self::Floats, out: &mut Columns);
}

/// A record's scale, and its offset or minimum.
struct ColumnScales<V: Vectors> {
    scale: V::Floats,
    other: V::Floats,
    /// Of the first and the last sixteen inputs (Q6_K).
    halves: [V::Integers; 2],
}

impl<V: Vectors> Clone for ColumnScales<V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Vectors> Copy for ColumnScales<V> {}

impl<V: Vectors> ColumnScales<V> {
    /// # Safety
    /// The processor has what `V` needs.
    #[inline(always)]
    unsafe fn none() -> Self {
        // SAFETY: passed on from the caller.
        unsafe { Self { scale: V::splat_float(0.0), other: V::splat_float(0.0), halves: [V::splat(0); 2] } }
    }
}

/// `ROWS` rows with `PANELS` panels, `panel_bytes` long each. `FORMAT` is a [`Format`] as a number.
///
/// # Safety
/// The processor has what `V` needs. `panels` are whole panels of `inputs.records` records; `inputs` has `ROWS` rows and
/// `out` that many for each panel.
#[inline(always)]
unsafe fn tile<V: Vectors, const FORMAT: u8, const WIDE: bool, const ROWS: usize, const PANELS: usize>(
    panels: &[u8],
    panel_bytes: usize,
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let format = const { Format::ALL[FORMAT as usize] };
    let (quants, scales) = (format.quants(), format.scales());
    let (unit, precision) = if WIDE { (1.0 / 128.0, Precision::Wide) } else { (1.0, Precision::Narrow) };
    // SAFETY: `at` walks over the records of the first panel, and the same distance into the others is a record of theirs: the
    // caller vouches for their length. Each row has `records` blocks of values, rests, scales and sums.
    unsafe {
        let mut totals = [[V::splat_float(0.0); ROWS]; PANELS];
        let mut super_scales = panels.as_ptr();
        let mut at = panels.as_ptr();
        let record_bytes = scales.bytes() + quants.bytes();
        for record in 0..inputs.records {
            if scales.super_bytes() > 0 && record % SUPER == 0 {
                super_scales = at;
                at = at.add(scales.super_bytes());
            }
            let mut columns = [ColumnScales::<V>::none(); PANELS];
            let mut numbers = [panels.as_ptr(); PANELS];
            for panel in 0..PANELS {
                let at = at.add(panel * panel_bytes);
                if is_fetched_by_lines(ROWS) {
                    fetch_line_ahead(at);
                } else {
                    fetch_ahead(at, record_bytes);
                }
                columns[panel] = column_scales::<V>(scales, super_scales.add(panel * panel_bytes), at);
                numbers[panel] = at.add(scales.bytes());
            }
            at = at.add(record_bytes);
            let mut dots = plane_sums::<V, FORMAT, ROWS, PANELS>(numbers, inputs, inputs.values, 0, record, &columns);
            if WIDE {
                let rests = plane_sums::<V, FORMAT, ROWS, PANELS>(numbers, inputs, inputs.rests, 1, record, &columns);
                for (dot, rest) in dots.as_flattened_mut().iter_mut().zip(rests.as_flattened()) {
                    *dot = V::widen(*dot, *rest);
                }
            }
            for row in 0..ROWS {
                let index = row * inputs.records + record;
                let scale = *inputs.scales.get_unchecked(index) * unit;
                let offset = precision.offset_input(scale, *inputs.sums.get_unchecked(index));
                for panel in 0..PANELS {
                    let (total, dot) = (&mut totals[panel][row], V::floats(dots[panel][row]));
                    *total = accumulate::<V>(scales, *total, dot, &columns[panel], [scale, offset]);
                }
            }
        }
        for (total, out) in totals.as_flattened().iter().zip(out) {
            V::store(*total, out);
        }
    }
}

/// The scales of a record.
///
/// # Safety
/// As [`tile`]; the pointers are to the scales of a record of this kind.
#[inline(always)]
unsafe fn column_scales<V: Vectors>(
    scales: Scales,
    super_scales: *const u8,
    record_scales: *const u8,
) -> ColumnScales<V> {
    // SAFETY: each kind has the bytes that are read for it (`Scales::bytes`, `Scales::super_bytes`).
    unsafe {
        let none = ColumnScales::<V>::none();
        match scales {
            Scales::Half => ColumnScales { scale: V::halves(record_scales), ..none },
            Scales::HalfOffset => ColumnScales {
                scale: V::halves(record_scales),
                other: V::halves(record_scales.add(COLUMNS * 2)),
                ..none
            },
            Scales::SuperMinimum => {
                let part = |index: usize| {
                    let own = V::floats(V::unsigned_bytes(record_scales.add(index * COLUMNS)));
                    V::multiply_floats(V::halves(super_scales.add(index * COLUMNS * 2)), own)
                };
                ColumnScales { scale: part(0), other: part(1), ..none }
            }
            Scales::SuperSixteen => ColumnScales {
                scale: V::halves(super_scales),
                halves: [V::signed_bytes(record_scales), V::signed_bytes(record_scales.add(COLUMNS))],
                ..none
            },
        }
    }
}

/// The products of a record of every panel with a plane, the `values` or (`part` 1) the rests of all rows: whole numbers,
/// with the scales of its halves if it has any.
///
/// # Safety
/// As [`tile`]; `numbers` are the records'.
#[inline(always)]
unsafe fn plane_sums<V: Vectors, const FORMAT: u8, const ROWS: usize, const PANELS: usize>(
    numbers: [*const u8; PANELS],
    inputs: QuantizedTile<'_>,
    values: &[i8],
    part: usize,
    record: usize,
    columns: &[ColumnScales<V>; PANELS],
) -> [[V::Integers; ROWS]; PANELS] {
    let format = const { Format::ALL[FORMAT as usize] };
    let fetches = part == 0 && is_fetched_by_lines(ROWS);
    let zero = match format.quants() {
        // What `unsigned` makes of 0.
        Quants::Bytes => 128,
        Quants::Nibbles | Quants::FiveBits | Quants::SixBits => format.zero(),
    };
    // SAFETY: the caller vouches for the rows and the record.
    unsafe {
        let values = values.as_ptr().add(record * BLOCK);
        let row_bytes = inputs.records * BLOCK;
        match format.scales() {
            Scales::Half | Scales::HalfOffset | Scales::SuperMinimum => {
                let mut sums = [V::splat(0); ROWS];
                if zero > 0 {
                    for (row, sum) in sums.iter_mut().enumerate() {
                        let less = inputs.sums.get_unchecked(row * inputs.records + record)[part];
                        *sum = V::splat(zero / 4 * i32::from(less));
                    }
                }
                let mut sums = [sums; PANELS];
                add_groups::<V, ROWS, PANELS>(format.quants(), numbers, values, row_bytes, (0, 8), fetches, &mut sums);
                sums
            }
            Scales::SuperSixteen => {
                let mut totals = [[V::splat(0); ROWS]; PANELS];
                for half in 0..2 {
                    let mut sums = [V::splat(0); ROWS];
                    for (row, sum) in sums.iter_mut().enumerate() {
                        let less = inputs.half_sums.get_unchecked(row * inputs.records + record)[part][half];
                        *sum = V::splat(zero / 4 * i32::from(less));
                    }
                    let mut sums = [sums; PANELS];
                    let groups = (half * 4, half * 4 + 4);
                    add_groups::<V, ROWS, PANELS>(
                        format.quants(),
                        numbers,
                        values,
                        row_bytes,
                        groups,
                        fetches,
                        &mut sums,
                    );
                    for ((totals, sums), columns) in totals.iter_mut().zip(sums).zip(columns) {
                        for (total, sum) in totals.iter_mut().zip(sums) {
                            *total = V::add(*total, V::multiply(sum, columns.halves[half]));
                        }
                    }
                }
                totals
            }
        }
    }
}

/// Whether a tile of so many rows has what follows fetched line by line, between its products, and not by records: all at once the
/// fetches wait for those before, and the products with them.
const fn is_fetched_by_lines(rows: usize) -> bool {
    rows > 2
}

/// Adds the products of some groups of four inputs to the rows' sums, and has what follows fetched if `fetches`: the first plane
/// of a record does, whose lines the second finds in the cache.
///
/// # Safety
/// As [`tile`]; `numbers` and `values` are a record's, the rows' values `row_bytes` apart.
#[inline(always)]
unsafe fn add_groups<V: Vectors, const ROWS: usize, const PANELS: usize>(
    quants: Quants,
    numbers: [*const u8; PANELS],
    values: *const i8,
    row_bytes: usize,
    (first, end): (usize, usize),
    fetches: bool,
    sums: &mut [[V::Integers; ROWS]; PANELS],
) {
    // SAFETY: a record has 4 times 64 bytes of nibbles or 8 times 64 of bytes, and each row 8 times 4 values.
    unsafe {
        let mut others = [[V::splat(0); ROWS]; PANELS];
        for group in first..end {
            let mut weights = [V::splat(0); PANELS];
            for (weights, numbers) in weights.iter_mut().zip(numbers) {
                let line = match quants {
                    Quants::Nibbles => numbers.add(group / 2 * LINE),
                    Quants::FiveBits | Quants::SixBits | Quants::Bytes => numbers.add(group * LINE),
                };
                if fetches && (group % 2 == 0 || !matches!(quants, Quants::Nibbles)) {
                    fetch_line_ahead(line);
                }
                *weights = match quants {
                    Quants::Nibbles => {
                        let pair = V::load(line);
                        if group % 2 == 0 { V::low_nibbles(pair) } else { V::high_nibbles(pair) }
                    }
                    Quants::FiveBits | Quants::SixBits => V::load(line),
                    Quants::Bytes => V::unsigned(V::load(line)),
                };
            }
            let sums = if ROWS * PANELS <= V::TWO_SUMS && group % 2 == 1 { &mut others } else { &mut *sums };
            for row in 0..ROWS {
                let values = values.add(row * row_bytes + group * 4).cast::<i32>().read_unaligned();
                for (sums, weights) in sums.iter_mut().zip(weights) {
                    sums[row] = V::dot(sums[row], weights, values);
                }
            }
        }
        if ROWS * PANELS <= V::TWO_SUMS {
            for (sum, other) in sums.as_flattened_mut().iter_mut().zip(others.as_flattened()) {
                *sum = V::add(*sum, *other);
            }
        }
    }
}

/// The float arithmetic of a record: operation by operation that of the scalar twin.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn accumulate<V: Vectors>(
    scales: Scales,
    total: V::Floats,
    dot: V::Floats,
    columns: &ColumnScales<V>,
    [input_scale, offset_input]: [f32; 2],
) -> V::Floats {
    // SAFETY: passed on from the caller.
    unsafe {
        let total = V::fused(dot, V::multiply_floats(columns.scale, V::splat_float(input_scale)), total);
        match scales {
            Scales::Half | Scales::SuperSixteen => total,
            Scales::HalfOffset => V::fused(columns.other, V::splat_float(offset_input), total),
            Scales::SuperMinimum => V::fused_negative(columns.other, V::splat_float(offset_input), total),
        }
    }
}

/// Defines `quantized_tile` for an implementation of [`Vectors`], whose instructions the attribute enables, and the numbers of
/// rows that a tile may have: as many as the registers hold. `pairs` is for two panels at once.
macro_rules! quantized_tile {
    ($vectors:ty, $(#[$features:meta])?, narrow $($narrow:literal)*, wide $($wide:literal)*, pairs narrow $($narrow_pair:literal)*, wide $($wide_pair:literal)*) => {
        /// # Safety
        /// The processor has what the vectors need. `panels` are one or two whole panels of `inputs.records` records; `out`
        /// has as many rows as `inputs` for each.
        pub(in crate::native::kernels) unsafe fn quantized_tile(
            format: Format,
            precision: Precision,
            panels: &[u8],
            inputs: QuantizedTile<'_>,
            out: &mut [Columns],
        ) {
            $(#[$features])?
            unsafe fn rows_of<const FORMAT: u8, const WIDE: bool, const ROWS: usize, const PANELS: usize>(
                panels: &[u8],
                inputs: QuantizedTile<'_>,
                out: &mut [Columns],
            ) {
                // SAFETY: passed on from the caller.
                unsafe { tile::<$vectors, FORMAT, WIDE, ROWS, PANELS>(panels, panels.len() / PANELS, inputs, out) }
            }
            /// # Safety
            /// As [`quantized_tile`].
            unsafe fn of_format<const FORMAT: u8>(
                precision: Precision,
                panels: &[u8],
                inputs: QuantizedTile<'_>,
                out: &mut [Columns],
            ) {
                // SAFETY: passed on from the caller; these are its rows and panels.
                unsafe {
                    match (precision, inputs.rows, out.len() / inputs.rows) {
                        $((Precision::Narrow, $narrow, 1) => rows_of::<FORMAT, false, $narrow, 1>(panels, inputs, out),)*
                        $((Precision::Wide, $wide, 1) => rows_of::<FORMAT, true, $wide, 1>(panels, inputs, out),)*
                        $((Precision::Narrow, $narrow_pair, 2) => rows_of::<FORMAT, false, $narrow_pair, 2>(panels, inputs, out),)*
                        $((Precision::Wide, $wide_pair, 2) => rows_of::<FORMAT, true, $wide_pair, 2>(panels, inputs, out),)*
                        (_, rows, panels) => panic!("no tile has {rows} rows and {panels} panels"),
                    }
                }
            }
            // SAFETY: passed on from the caller.
            unsafe {
                match format {
                    Format::Q8_0 => of_format::<0>(precision, panels, inputs, out),
                    Format::Q4_0 => of_format::<1>(precision, panels, inputs, out),
                    Format::Q4_1 => of_format::<2>(precision, panels, inputs, out),
                    Format::Q5_0 => of_format::<3>(precision, panels, inputs, out),
                    Format::Q5_1 => of_format::<4>(precision, panels, inputs, out),
                    Format::Q4K => of_format::<5>(precision, panels, inputs, out),
                    Format::Q5K => of_format::<6>(precision, panels, inputs, out),
                    Format::Q6K => of_format::<7>(precision, panels, inputs, out),
                }
            }
        }
    };
}
use quantized_tile;
