//! Keys and values of the tokens so far, in the order in which attention reads them.

use std::iter;
use std::ops::Range;

use half::f16;

use crate::EngineError;

use super::arena::{Arena, Bytes};
use super::kernels::{self, Float};
use super::level::Available;
use super::pack::COLUMNS;

/// The number type of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheType {
    /// Whole numbers of twelve bits with a scale for every position's key and value: about as near as halves, in the same memory,
    /// and twice as many are multiplied at once.
    #[default]
    I16,
    /// What other engines use.
    F16,
    F32,
}

impl CacheType {
    /// The kind of float that it is, if it is one.
    pub(super) fn float(self) -> Option<Float> {
        match self {
            Self::I16 => None,
            Self::F16 => Some(Float::F16),
            Self::F32 => Some(Float::F32),
        }
    }

    fn bytes(self) -> usize {
        self.float().map_or(size_of::<i16>(), Float::bytes)
    }

    /// Where number `input` of a panel's column is, in numbers.
    fn place(self, input: usize, column: usize) -> usize {
        match self {
            Self::I16 => (input / 2 * COLUMNS + column) * 2 + input % 2,
            Self::F16 | Self::F32 => input * COLUMNS + column,
        }
    }
}

/// The largest number of [`CacheType::I16`]: 12 bits with its sign.
const LARGEST_FIXED: i16 = 2047;

/// The largest whole number that as many numbers of the cache may be multiplied with, so that the sum of the products fits 32
/// bits.
pub fn largest_factor(inputs: usize) -> i16 {
    let sum_of_numbers = inputs.max(1).saturating_mul(LARGEST_FIXED as usize);
    i16::try_from(i32::MAX as usize / sum_of_numbers).unwrap_or(i16::MAX)
}

/// Positions that lie together, and that attention takes at once. Small enough that one row at a few hundred tokens of context
/// feeds several threads.
pub const CHUNK: usize = 128;

/// One head of one layer.
///
/// Its memory comes by chunks of [`CHUNK`] positions, as they are needed. Both parts of a chunk are panels, so attention is made
/// of tiles like those of the weights: keys are `[CHUNK / 16][head_dim][16 positions]`, a panel's columns are positions;
/// values, behind them, are `[head_dim / 16][CHUNK][16 dimensions]`, a panel's columns are dimensions. Of whole numbers two
/// inputs of a column lie side by side, `[head_dim / 2][16 positions][2]`; behind the values are the scales of the positions'
/// keys and those of their values.
pub struct HeadCache {
    kind: CacheType,
    head_dim: usize,
    chunks: Vec<Bytes>,
}

impl HeadCache {
    pub fn new(kind: CacheType, head_dim: usize) -> Self {
        Self { kind, head_dim, chunks: Vec::new() }
    }

    /// Chunks that there is memory for.
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Takes memory for one chunk more.
    pub fn grow(&mut self, arena: &mut Arena) -> Result<(), EngineError> {
        self.chunks.push(arena.allocate(self.scales_start() + 2 * self.scale_bytes(CHUNK))?);
        Ok(())
    }

    /// Numbers of a panel of `inputs` inputs, in whole pairs if they lie in pairs.
    fn panel_len(&self, inputs: usize) -> usize {
        let inputs = if self.kind == CacheType::I16 { inputs.next_multiple_of(2) } else { inputs };
        inputs * COLUMNS
    }

    fn panel_bytes(&self, inputs: usize) -> usize {
        self.panel_len(inputs) * self.kind.bytes()
    }

    fn value_panels(&self) -> usize {
        self.head_dim.div_ceil(COLUMNS)
    }

    /// Where a chunk's values begin.
    fn values_start(&self) -> usize {
        CHUNK / COLUMNS * self.panel_bytes(self.head_dim)
    }

    /// Where a chunk's scales begin.
    fn scales_start(&self) -> usize {
        self.values_start() + self.value_panels() * self.panel_bytes(CHUNK)
    }

    /// Bytes of as many scales.
    fn scale_bytes(&self, positions: usize) -> usize {
        if self.kind == CacheType::I16 { positions * size_of::<f32>() } else { 0 }
    }

    /// Writes the key and the value of `position`. Numbers are kept finite: what one row leaves behind is later read by
    /// others, multiplied with 0.
    pub fn write(&mut self, level: Available, position: usize, key: &[f32], value: &[f32]) {
        match self.kind {
            CacheType::I16 => {
                let largest = [key, value].map(|numbers| kernels::largest(level, numbers));
                let mut scales = [0.0; 2];
                self.write_as::<2>(position, key, value, |numbers, part| {
                    let (mut fixed, mut bytes) = ([0; COLUMNS], [[0; 2]; COLUMNS]);
                    scales[part] = kernels::to_fixed(level, numbers, largest[part], LARGEST_FIXED, &mut fixed);
                    bytes.iter_mut().zip(fixed).for_each(|(bytes, number)| *bytes = number.to_le_bytes());
                    bytes
                });
                for (part, scale) in scales.into_iter().enumerate() {
                    let start = self.scales_start() + part * self.scale_bytes(CHUNK);
                    let bytes = &mut self.chunks[position / CHUNK].as_mut_slice()[start..];
                    bytes.as_chunks_mut().0[position % CHUNK] = scale.to_ne_bytes();
                }
            }
            CacheType::F16 => self.write_as::<2>(position, key, value, |numbers, _| {
                let mut halves = [f16::ZERO; COLUMNS];
                kernels::to_halves(level, numbers, &mut halves);
                halves.map(f16::to_le_bytes)
            }),
            CacheType::F32 => self.write_as::<4>(position, key, value, |numbers, _| {
                numbers.map(|number| kernels::bounded(number, f32::MAX).to_le_bytes())
            }),
        }
    }

    /// `bytes` is told numbers of the key, part 0, or of the value, part 1.
    fn write_as<const SIZE: usize>(
        &mut self,
        position: usize,
        key: &[f32],
        value: &[f32],
        mut bytes: impl FnMut(&[f32; COLUMNS], usize) -> [[u8; SIZE]; COLUMNS],
    ) {
        let (head_dim, key_len, value_len) = (self.head_dim, self.panel_len(self.head_dim), self.panel_len(CHUNK));
        let values_start = self.values_start();
        let kind = self.kind;
        let (keys, values) = self.chunks[position / CHUNK].as_mut_slice().split_at_mut(values_start);
        let (keys, values) = (keys.as_chunks_mut::<SIZE>().0, values.as_chunks_mut::<SIZE>().0);
        let position = position % CHUNK;
        for (part, key) in sixteens(key).enumerate() {
            let dimensions = part * COLUMNS..head_dim.min((part + 1) * COLUMNS);
            for (dimension, number) in dimensions.zip(bytes(&key, 0)) {
                keys[position / COLUMNS * key_len + kind.place(dimension, position % COLUMNS)] = number;
            }
        }
        for (panel, value) in sixteens(value).enumerate() {
            for (column, number) in bytes(&value, 1).into_iter().enumerate() {
                values[panel * value_len + kind.place(position, column)] = number;
            }
        }
    }

    /// Where the numbers of a chunk's first `count` positions are: keys, which stand by whole panels, values, scales.
    fn parts(&self, count: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let keys = 0..count.div_ceil(COLUMNS) * self.panel_bytes(self.head_dim);
        let (start, whole, used) = (self.values_start(), self.panel_bytes(CHUNK), self.panel_bytes(count));
        let values = (0..self.value_panels()).map(move |panel| start + panel * whole..start + panel * whole + used);
        let (start, whole, used) = (self.scales_start(), self.scale_bytes(CHUNK), self.scale_bytes(count));
        let scales = (0..2).map(move |part| start + part * whole..start + part * whole + used);
        iter::once(keys).chain(values).chain(scales)
    }

    /// Bytes of `len` positions in [`Self::export`].
    pub fn exported_bytes(&self, len: usize) -> usize {
        chunks_of(len).flat_map(|(_, count)| self.parts(count)).map(|part| part.len()).sum()
    }

    /// Appends the keys and values of the first `len` positions, chunk by chunk.
    pub fn export(&self, len: usize, exported: &mut Vec<u8>) {
        for (chunk, count) in chunks_of(len) {
            let bytes = self.chunks[chunk].as_slice();
            self.parts(count).for_each(|part| exported.extend_from_slice(&bytes[part]));
        }
    }

    /// Takes back what [`Self::export`] gave: [`Self::exported_bytes`] bytes. There is memory for them.
    pub fn import(&mut self, len: usize, mut exported: &[u8]) {
        for (chunk, count) in chunks_of(len) {
            for part in self.parts(count) {
                let bytes = exported.split_off(..part.len()).unwrap_or_default();
                self.chunks[chunk].as_mut_slice()[part][..bytes.len()].copy_from_slice(bytes);
            }
        }
    }

    /// The keys of positions `16 * index..`, as a panel of `head_dim` inputs.
    pub fn key_panel(&self, index: usize) -> &[u8] {
        let bytes = self.panel_bytes(self.head_dim);
        let (chunk, index) = (index / (CHUNK / COLUMNS), index % (CHUNK / COLUMNS));
        &self.chunks[chunk].as_slice()[index * bytes..(index + 1) * bytes]
    }

    /// Dimensions `16 * index..` of the values of a chunk's first `count` positions, as a panel of `count` inputs.
    pub fn value_panel(&self, index: usize, chunk: usize, count: usize) -> &[u8] {
        assert!(count <= CHUNK, "positions of two chunks");
        let start = self.values_start() + index * self.panel_bytes(CHUNK);
        &self.chunks[chunk].as_slice()[start..start + self.panel_bytes(count)]
    }

    /// The scales of a chunk's keys, and of its values. None of floats.
    pub fn scales(&self, chunk: usize) -> [&[[u8; 4]]; 2] {
        let bytes = &self.chunks[chunk].as_slice()[self.scales_start()..];
        let (keys, values) = bytes.split_at(self.scale_bytes(CHUNK));
        [keys.as_chunks().0, values.as_chunks().0]
    }
}

/// The chunks of the first `len` positions: their numbers, and how many of the positions they have.
fn chunks_of(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len.div_ceil(CHUNK)).map(move |chunk| (chunk, CHUNK.min(len - chunk * CHUNK)))
}

/// Numbers by sixteens, zeros at the end.
fn sixteens(numbers: &[f32]) -> impl Iterator<Item = [f32; COLUMNS]> {
    numbers.chunks(COLUMNS).map(|part| {
        let mut padded = [0.0; COLUMNS];
        padded[..part.len()].copy_from_slice(part);
        padded
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::testing::Random;

    #[test]
    fn what_is_exported_comes_back_over_chunks() {
        const HEAD_DIM: usize = 24;
        let level = Available::select(None).unwrap();
        for (kind, len) in [
            (CacheType::F16, 1),
            (CacheType::F32, CHUNK),
            (CacheType::F16, 2 * CHUNK + 37),
            (CacheType::I16, 1),
            (CacheType::I16, 2 * CHUNK + 37),
        ] {
            let (mut arena, mut random) = (Arena::default(), Random::new(len as u64));
            let [mut written, mut restored] = [0, 1].map(|_| HeadCache::new(kind, HEAD_DIM));
            for head in [&mut written, &mut restored] {
                (0..len.div_ceil(CHUNK)).for_each(|_| head.grow(&mut arena).unwrap());
            }
            for position in 0..len {
                let [key, value] = [0, 1].map(|_| (0..HEAD_DIM).map(|_| random.normal()).collect::<Vec<f32>>());
                written.write(level, position, &key, &value);
            }
            let mut exported = Vec::new();
            written.export(len, &mut exported);
            assert_eq!(exported.len(), written.exported_bytes(len));
            restored.import(len, &exported);
            for panel in 0..len.div_ceil(COLUMNS) {
                assert_eq!(restored.key_panel(panel), written.key_panel(panel), "keys {panel} of {len}");
            }
            for (panel, (chunk, count)) in (0..2).flat_map(|panel| chunks_of(len).map(move |chunk| (panel, chunk))) {
                let values = |head: &HeadCache| head.value_panel(panel, chunk, count).to_vec();
                assert_eq!(values(&restored), values(&written), "values {panel}, chunk {chunk} of {len}");
                assert!(values(&written).iter().any(|byte| *byte != 0));
            }
            for (chunk, count) in chunks_of(len) {
                for (restored, written) in restored.scales(chunk).into_iter().zip(written.scales(chunk)) {
                    let count = count.min(written.len());
                    assert_eq!(restored[..count], written[..count], "scales of chunk {chunk} of {len}");
                }
            }
        }
    }
}
