//! Keys and values of the tokens so far, in the order in which attention reads them.

use half::f16;

use super::kernels::Float;
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
    pub fn write(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let (panel, column) = (position / COLUMNS, position % COLUMNS);
        for (dimension, number) in key.iter().enumerate() {
            store(self.kind, &mut self.keys, (panel * self.head_dim + dimension) * COLUMNS + column, *number);
        }
        for (dimension, number) in value.iter().enumerate() {
            let (panel, column) = (dimension / COLUMNS, dimension % COLUMNS);
            store(self.kind, &mut self.values, (panel * self.capacity + position) * COLUMNS + column, *number);
        }
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

#[expect(
    clippy::manual_clamp,
    reason = "what is not a number must become one: `max` gives the bound, `clamp` gives it back"
)]
fn store(kind: CacheType, bytes: &mut [u8], index: usize, number: f32) {
    match kind {
        CacheType::F16 => {
            let largest = f16::MAX.to_f32();
            let number = f16::from_f32(number.max(-largest).min(largest));
            bytes[index * 2..index * 2 + 2].copy_from_slice(&number.to_le_bytes());
        }
        CacheType::F32 => {
            let number = number.max(f32::MIN).min(f32::MAX);
            bytes[index * 4..index * 4 + 4].copy_from_slice(&number.to_le_bytes());
        }
    }
}
