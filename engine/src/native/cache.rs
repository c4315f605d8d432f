//! Keys and values of the tokens so far, in the order in which attention reads them.

use half::f16;

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

/// One head of one layer.
///
/// Both parts are float panels, so attention is made of the same kernel as the weights:
/// keys are `[context / 16][head_dim][16 positions]`, a panel's columns are positions;
/// values are `[head_dim / 16][context][16 dimensions]`, a panel's columns are dimensions.
pub struct HeadCache {
    kind: CacheType,
    /// Positions, rounded up to whole panels.
    capacity: usize,
    head_dim: usize,
    keys: Vec<u8>,
    values: Vec<u8>,
}

impl HeadCache {
    /// Zeroed memory comes from the system page by page as it is written, so an unused context costs nothing.
    pub fn new(kind: CacheType, context: usize, head_dim: usize) -> Self {
        let capacity = context.next_multiple_of(COLUMNS);
        let size = kind.float().bytes();
        Self {
            kind,
            capacity,
            head_dim,
            keys: vec![0; capacity * head_dim * size],
            values: vec![0; capacity * head_dim.next_multiple_of(COLUMNS) * size],
        }
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
        let (keys, values) = (self.keys.as_chunks_mut::<SIZE>().0, self.values.as_chunks_mut::<SIZE>().0);
        let (panel, column) = (position / COLUMNS, position % COLUMNS);
        for (part, key) in sixteens(key).enumerate() {
            let dimensions = part * COLUMNS..self.head_dim.min((part + 1) * COLUMNS);
            for (dimension, number) in dimensions.zip(bytes(&key)) {
                keys[(panel * self.head_dim + dimension) * COLUMNS + column] = number;
            }
        }
        for (panel, value) in sixteens(value).enumerate() {
            values[(panel * self.capacity + position) * COLUMNS..][..COLUMNS].copy_from_slice(&bytes(&value));
        }
    }

    /// Bytes of `len` positions in [`Self::export`].
    pub fn exported_bytes(&self, len: usize) -> usize {
        let panels = self.head_dim.div_ceil(COLUMNS);
        (len.next_multiple_of(COLUMNS) * self.head_dim + panels * len * COLUMNS) * self.kind.float().bytes()
    }

    /// Appends the keys and values of the first `len` positions.
    pub fn export(&self, len: usize, exported: &mut Vec<u8>) {
        exported.extend_from_slice(&self.keys[..self.key_bytes(len)]);
        for panel in 0..self.head_dim.div_ceil(COLUMNS) {
            exported.extend_from_slice(self.value_panel(panel, 0, len));
        }
    }

    /// Takes back what [`Self::export`] gave: [`Self::exported_bytes`] bytes.
    pub fn import(&mut self, len: usize, exported: &[u8]) {
        let (keys, values) = exported.split_at(self.key_bytes(len));
        self.keys[..keys.len()].copy_from_slice(keys);
        let bytes = COLUMNS * self.kind.float().bytes();
        for (panel, values) in values.chunks(len * bytes).enumerate() {
            self.values[panel * self.capacity * bytes..][..values.len()].copy_from_slice(values);
        }
    }

    /// Keys stand by whole panels.
    fn key_bytes(&self, len: usize) -> usize {
        len.next_multiple_of(COLUMNS) * self.head_dim * self.kind.float().bytes()
    }

    /// The keys of positions `16 * index..`, as a panel of `head_dim` inputs.
    pub fn key_panel(&self, index: usize) -> &[u8] {
        let bytes = self.head_dim * COLUMNS * self.kind.float().bytes();
        &self.keys[index * bytes..(index + 1) * bytes]
    }

    /// Dimensions `16 * index..` of the values of `count` positions from `start`, as a panel of `count` inputs.
    pub fn value_panel(&self, index: usize, start: usize, count: usize) -> &[u8] {
        let bytes = COLUMNS * self.kind.float().bytes();
        let start = index * self.capacity + start;
        &self.values[start * bytes..(start + count) * bytes]
    }
}

/// Numbers by sixteens, zeros at the end.
fn sixteens(numbers: &[f32]) -> impl Iterator<Item = [f32; COLUMNS]> {
    numbers.chunks(COLUMNS).map(|part| {
        let mut padded = [0.0; COLUMNS];
        padded[..part.len()].copy_from_slice(part);
        padded
    })
}
