//! Keys and values of the tokens so far, in the order in which attention reads them.

use half::f16;

use crate::EngineError;

use super::arena::{Arena, Bytes};
use super::kernels::{self, Float};
use super::level::Available;
use super::pack::COLUMNS;

/// The number type of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheType {
    /// Half the memory and the traffic; what other engines use.
    #[default]
    F16,
    F32,
}

impl CacheType {
    pub(super) fn float(self) -> Float {
        match self {
            Self::F16 => Float::F16,
            Self::F32 => Float::F32,
        }
    }
}

/// Positions that lie together, and that attention takes at once. Small enough that one row at a few hundred tokens of context
/// feeds several threads.
pub const CHUNK: usize = 128;

/// One head of one layer.
///
/// Its memory comes by chunks of [`CHUNK`] positions, as they are needed. Both parts of a chunk are float panels, so attention
/// is made of the same kernel as the weights: keys are `[CHUNK / 16][head_dim][16 positions]`, a panel's columns are positions;
/// values, behind them, are `[head_dim / 16][CHUNK][16 dimensions]`, a panel's columns are dimensions.
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
        let values = self.value_panels() * CHUNK * self.panel_row();
        self.chunks.push(arena.allocate(self.keys_of_chunk() + values)?);
        Ok(())
    }

    /// Bytes of a panel's numbers for one input.
    fn panel_row(&self) -> usize {
        COLUMNS * self.kind.float().bytes()
    }

    fn value_panels(&self) -> usize {
        self.head_dim.div_ceil(COLUMNS)
    }

    /// Bytes of a chunk's keys.
    fn keys_of_chunk(&self) -> usize {
        CHUNK / COLUMNS * self.head_dim * self.panel_row()
    }

    /// Writes the key and the value of `position`. Numbers are kept finite: what one row leaves behind is later read by
    /// others, multiplied with 0.
    pub fn write(&mut self, level: Available, position: usize, key: &[f32], value: &[f32]) {
        match self.kind {
            CacheType::F16 => self.write_as::<2>(position, key, value, |numbers| {
                let mut halves = [f16::ZERO; COLUMNS];
                kernels::to_halves(level, numbers, &mut halves);
                halves.map(f16::to_le_bytes)
            }),
            CacheType::F32 => self.write_as::<4>(position, key, value, |numbers| {
                numbers.map(|number| kernels::bounded(number, f32::MAX).to_le_bytes())
            }),
        }
    }

    fn write_as<const SIZE: usize>(
        &mut self,
        position: usize,
        key: &[f32],
        value: &[f32],
        bytes: impl Fn(&[f32; COLUMNS]) -> [[u8; SIZE]; COLUMNS],
    ) {
        let keys_of_chunk = self.keys_of_chunk();
        let (keys, values) = self.chunks[position / CHUNK].as_mut_slice().split_at_mut(keys_of_chunk);
        let (keys, values) = (keys.as_chunks_mut::<SIZE>().0, values.as_chunks_mut::<SIZE>().0);
        let position = position % CHUNK;
        let (panel, column) = (position / COLUMNS, position % COLUMNS);
        for (part, key) in sixteens(key).enumerate() {
            let dimensions = part * COLUMNS..self.head_dim.min((part + 1) * COLUMNS);
            for (dimension, number) in dimensions.zip(bytes(&key)) {
                keys[(panel * self.head_dim + dimension) * COLUMNS + column] = number;
            }
        }
        for (panel, value) in sixteens(value).enumerate() {
            values[(panel * CHUNK + position) * COLUMNS..][..COLUMNS].copy_from_slice(&bytes(&value));
        }
    }

    /// Bytes of `len` positions in [`Self::export`].
    pub fn exported_bytes(&self, len: usize) -> usize {
        self.key_bytes(len) + self.value_panels() * len * self.panel_row()
    }

    /// Appends the keys and values of the first `len` positions: keys by panels of positions, then values by panels of
    /// dimensions.
    pub fn export(&self, len: usize, exported: &mut Vec<u8>) {
        for (chunk, count) in chunks_of(len) {
            exported.extend_from_slice(&self.chunks[chunk].as_slice()[..self.key_bytes(count)]);
        }
        for panel in 0..self.value_panels() {
            for (chunk, count) in chunks_of(len) {
                exported.extend_from_slice(self.value_panel(panel, chunk * CHUNK, count));
            }
        }
    }

    /// Takes back what [`Self::export`] gave: [`Self::exported_bytes`] bytes. There is memory for them.
    pub fn import(&mut self, len: usize, mut exported: &[u8]) {
        for (chunk, count) in chunks_of(len) {
            let keys = exported.split_off(..self.key_bytes(count)).unwrap_or_default();
            self.chunks[chunk].as_mut_slice()[..keys.len()].copy_from_slice(keys);
        }
        for panel in 0..self.value_panels() {
            for (chunk, count) in chunks_of(len) {
                let values = exported.split_off(..count * self.panel_row()).unwrap_or_default();
                let start = self.keys_of_chunk() + panel * CHUNK * self.panel_row();
                self.chunks[chunk].as_mut_slice()[start..start + values.len()].copy_from_slice(values);
            }
        }
    }

    /// Keys stand by whole panels.
    fn key_bytes(&self, len: usize) -> usize {
        len.div_ceil(COLUMNS) * self.head_dim * self.panel_row()
    }

    /// The keys of positions `16 * index..`, as a panel of `head_dim` inputs.
    pub fn key_panel(&self, index: usize) -> &[u8] {
        let bytes = self.head_dim * self.panel_row();
        let (chunk, index) = (index / (CHUNK / COLUMNS), index % (CHUNK / COLUMNS));
        &self.chunks[chunk].as_slice()[index * bytes..(index + 1) * bytes]
    }

    /// Dimensions `16 * index..` of the values of `count` positions from `start`, all of one chunk, as a panel of `count`
    /// inputs.
    pub fn value_panel(&self, index: usize, start: usize, count: usize) -> &[u8] {
        let (chunk, start) = (start / CHUNK, start % CHUNK);
        assert!(start + count <= CHUNK, "positions of two chunks");
        let start = self.keys_of_chunk() + (index * CHUNK + start) * self.panel_row();
        &self.chunks[chunk].as_slice()[start..start + count * self.panel_row()]
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
        for (kind, len) in [(CacheType::F16, 1), (CacheType::F32, CHUNK), (CacheType::F16, 2 * CHUNK + 37)] {
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
                let values = |head: &HeadCache| head.value_panel(panel, chunk * CHUNK, count).to_vec();
                assert_eq!(values(&restored), values(&written), "values {panel}, chunk {chunk} of {len}");
                assert!(values(&written).iter().any(|byte| *byte != 0));
            }
        }
    }
}
