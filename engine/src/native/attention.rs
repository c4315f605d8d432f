//! Causal grouped-query attention over the KV cache, with online softmax in a fixed order.
//!
//! The keys of a position are taken in chunks of [`CHUNK`], from position 0 on. A chunk gives its largest score, the sum of
//! its exponentials and its weighted values; chunks are merged one after the other. Chunk borders and order are the same
//! for every row, so it does not matter which rows share a tile, which thread computes a chunk, or whether chunks are
//! computed apart and merged later.
//!
//! A tile reads keys past a row's own position when another row needs them. Their probability is exactly 0 and the cache
//! is finite, so they add zeros: at most the sign of a zero changes, and the last step removes that.

use super::cache::{CacheType, HeadCache};
use super::kernels::{self, Columns, FLOAT_ROWS};
use super::level::Available;
use super::pack::COLUMNS;
use super::pool::Pool;

/// Keys in a chunk. Small enough that one row at a few hundred tokens of context feeds several threads.
const CHUNK: usize = 128;
/// Queries in a tile, about: enough to reuse keys from the first-level cache.
const TILE_QUERIES: usize = 24;

/// The heads of one layer and the rows that attend.
pub struct Attention<'a> {
    pub level: Available,
    pub kind: CacheType,
    /// One cache for every head of keys and values, already holding the rows' own.
    pub heads: &'a [HeadCache],
    /// Query heads that share a head of keys and values.
    pub group: usize,
    pub head_dim: usize,
    /// `[rows, stride]`; a row starts with its `heads * group` query heads.
    pub queries: &'a [f32],
    pub stride: usize,
    /// Position of the first row.
    pub position: usize,
    pub rows: usize,
}

/// What a chunk, or all chunks so far, give for some queries.
#[derive(Clone)]
struct Partial {
    maximum: Vec<f32>,
    sum: Vec<f32>,
    /// `[queries, head_dim rounded up to panels]`, not yet divided by the sum.
    values: Vec<f32>,
}

/// A head of keys and values, and the rows that one task handles.
#[derive(Clone, Copy)]
struct Unit {
    head: usize,
    first_row: usize,
    rows: usize,
}

impl Attention<'_> {
    /// Rows in a tile, and so the unit of [`Self::output_len`].
    fn tile_rows(&self) -> usize {
        (TILE_QUERIES / self.group).clamp(1, self.rows)
    }

    fn tiles(&self) -> usize {
        self.rows.div_ceil(self.tile_rows())
    }

    /// Length of the output of [`Self::run`].
    pub fn output_len(&self) -> usize {
        self.heads.len() * self.tiles() * self.tile_rows() * self.group * self.head_dim
    }

    /// Where the output has row `row` of head `head` (of keys and values): `group * head_dim` numbers.
    pub fn output_row(&self, head: usize, row: usize) -> std::ops::Range<usize> {
        let length = self.group * self.head_dim;
        let start = (head * self.tiles() * self.tile_rows() + row) * length;
        start..start + length
    }

    /// Computes all rows. The output is in the order of [`Self::output_row`]: tasks write one piece each.
    pub fn run(&self, pool: &mut Pool, out: &mut [f32]) {
        let piece = self.tile_rows() * self.group * self.head_dim;
        let units = self.heads.len() * self.tiles();
        let chunks = (self.position + self.rows).div_ceil(CHUNK);
        if chunks == 1 || units >= 4 * pool.threads() {
            pool.for_each_chunk(out, piece, |start, out| {
                let unit = self.unit(start / piece);
                let queries = self.gather(unit);
                let (mut total, mut part, mut scores) = (self.partial(unit), self.partial(unit), self.scores(unit));
                for chunk in 0..(self.position + unit.first_row + unit.rows).div_ceil(CHUNK) {
                    self.chunk(unit, &queries, chunk, &mut scores, &mut part);
                    self.merge(unit, chunk, &mut total, &part);
                }
                self.finish(&total, out);
            });
            return;
        }
        // The last chunk is a short one: with those at the end, no thread is left with a long one.
        let mut partials = vec![None; chunks * units];
        pool.for_each_chunk(&mut partials, 1, |index, part| {
            let (chunk, unit) = (index / units, self.unit(index % units));
            if chunk * CHUNK < self.position + unit.first_row + unit.rows {
                let part = part[0].insert(self.partial(unit));
                self.chunk(unit, &self.gather(unit), chunk, &mut self.scores(unit), part);
            }
        });
        for (index, out) in out.chunks_mut(piece).enumerate() {
            let unit = self.unit(index);
            let mut total = self.partial(unit);
            for (chunk, part) in partials.iter().skip(index).step_by(units).enumerate() {
                if let Some(part) = part {
                    self.merge(unit, chunk, &mut total, part);
                }
            }
            self.finish(&total, out);
        }
    }

    fn unit(&self, index: usize) -> Unit {
        let first_row = index % self.tiles() * self.tile_rows();
        Unit { head: index / self.tiles(), first_row, rows: self.tile_rows().min(self.rows - first_row) }
    }

    fn padded(&self) -> usize {
        self.head_dim.next_multiple_of(COLUMNS)
    }

    /// The queries of a unit, row after row, scaled by `1 / sqrt(head_dim)`.
    fn gather(&self, unit: Unit) -> Vec<f32> {
        let scale = 1.0 / (self.head_dim as f32).sqrt();
        let length = self.group * self.head_dim;
        let mut queries = Vec::with_capacity(unit.rows * length);
        for row in unit.first_row..unit.first_row + unit.rows {
            let start = row * self.stride + unit.head * length;
            queries.extend(self.queries[start..start + length].iter().map(|query| query * scale));
        }
        queries
    }

    /// Keys of a chunk that query `query` of a unit may see.
    fn visible(&self, unit: Unit, query: usize, chunk: usize) -> usize {
        let position = self.position + unit.first_row + query / self.group;
        (position + 1).saturating_sub(chunk * CHUNK).min(CHUNK)
    }

    fn partial(&self, unit: Unit) -> Partial {
        let queries = unit.rows * self.group;
        let values = vec![0.0; queries * self.padded()];
        Partial { maximum: vec![f32::NEG_INFINITY; queries], sum: vec![0.0; queries], values }
    }

    /// Memory for [`Self::chunk`]: `[queries, CHUNK]`.
    fn scores(&self, unit: Unit) -> Vec<f32> {
        vec![0.0; unit.rows * self.group * CHUNK]
    }

    /// Computes a chunk's `part`. Queries that see nothing of it keep what `part` held of them, all but their values.
    fn chunk(&self, unit: Unit, queries: &[f32], chunk: usize, scores: &mut [f32], part: &mut Partial) {
        let cache = &self.heads[unit.head];
        let count = unit.rows * self.group;
        let keys = self.visible(unit, count - 1, chunk);
        let panels = keys.div_ceil(COLUMNS);
        let mut tile = [[0.0; COLUMNS]; FLOAT_ROWS];
        let (kind, most) = (self.kind.float(), self.level.level().float_tile_rows());
        // As few tiles as there can be, of equal size.
        let tile_rows = count.div_ceil(count.div_ceil(most));
        for panel in 0..panels {
            let keys = cache.key_panel(chunk * (CHUNK / COLUMNS) + panel);
            for first in (0..count).step_by(tile_rows) {
                let tile = &mut tile[..tile_rows.min(count - first)];
                let queries = &queries[first * self.head_dim..];
                kernels::float_tile(self.level, kind, keys, queries, self.head_dim, self.head_dim, tile);
                scatter(tile, &mut scores[first * CHUNK..], CHUNK, panel);
            }
        }
        for (query, scores) in scores.chunks_mut(CHUNK).enumerate() {
            let visible = self.visible(unit, query, chunk);
            if visible == 0 {
                scores.fill(0.0);
                continue;
            }
            let scores = &mut scores[..panels * COLUMNS];
            scores[visible..].fill(f32::NEG_INFINITY);
            (part.maximum[query], part.sum[query]) = kernels::exponentials(self.level, scores);
        }
        for panel in 0..self.padded() / COLUMNS {
            let values = cache.value_panel(panel, chunk * CHUNK, keys);
            for first in (0..count).step_by(tile_rows) {
                let tile = &mut tile[..tile_rows.min(count - first)];
                kernels::float_tile(self.level, kind, values, &scores[first * CHUNK..], CHUNK, keys, tile);
                scatter(tile, &mut part.values[first * self.padded()..], self.padded(), panel);
            }
        }
    }

    /// Adds a chunk to those before it, for the queries that see any of it.
    fn merge(&self, unit: Unit, chunk: usize, total: &mut Partial, part: &Partial) {
        let width = self.padded();
        for query in 0..total.sum.len() {
            if self.visible(unit, query, chunk) == 0 {
                continue;
            }
            let maximum = total.maximum[query].max(part.maximum[query]);
            let keep = kernels::exponential(self.level, total.maximum[query] - maximum);
            let add = kernels::exponential(self.level, part.maximum[query] - maximum);
            total.maximum[query] = maximum;
            total.sum[query] = total.sum[query] * keep + part.sum[query] * add;
            let range = query * width..(query + 1) * width;
            kernels::scale_add(self.level, &mut total.values[range.clone()], keep, &part.values[range], add);
        }
    }

    fn finish(&self, total: &Partial, out: &mut [f32]) {
        let width = self.padded();
        for ((values, sum), out) in total.values.chunks(width).zip(&total.sum).zip(out.chunks_mut(self.head_dim)) {
            for (out, value) in out.iter_mut().zip(values) {
                // Adding 0 turns a negative zero, the one thing a tile can change, into a positive one.
                *out = value / sum + 0.0;
            }
        }
    }
}

fn scatter(tile: &[Columns], out: &mut [f32], stride: usize, panel: usize) {
    for (row, columns) in tile.iter().enumerate() {
        out[row * stride + panel * COLUMNS..][..COLUMNS].copy_from_slice(columns);
    }
}
