//! Causal grouped-query attention over the KV cache, with online softmax in a fixed order.
//!
//! The keys of a position are taken in chunks of [`CHUNK`], from position 0 on. A chunk gives its largest score, the sum of
//! its exponentials and its weighted values; chunks are merged one after the other. Chunk borders and order are the same
//! for every row, so it does not matter which rows share a tile, which thread computes a chunk, or whether chunks are
//! computed apart and merged later.
//!
//! A tile reads keys past a row's own position when another row needs them. Their probability is exactly 0 and the cache
//! is finite, so they add zeros: at most the sign of a zero changes, and the last step removes that.

use std::cell::RefCell;
use std::ops::Range;

use super::cache::{CHUNK, CacheType, HeadCache, largest_factor};
use super::kernels::{self, Columns, FLOAT_ROWS, FixedTile};
use super::level::Available;
use super::pack::COLUMNS;
use super::pool::Pool;

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
    /// `[heads * group, rows, head_dim]`.
    pub queries: &'a [f32],
    /// Position of the first row.
    pub position: usize,
    pub rows: usize,
}

/// What the tasks leave: for each part of the keys (a chunk, or all of them) and each unit the largest score of every query, the
/// sum of its exponentials, and its weighted values (`head_dim` rounded up to panels), not yet divided by the sum.
#[derive(Default)]
pub struct Partials {
    parts: usize,
    /// `[parts, units, queries of a unit * (2 + values)]`.
    numbers: Vec<f32>,
}

/// A head of keys and values, and the rows that one task handles.
#[derive(Clone, Copy)]
struct Unit {
    head: usize,
    first_row: usize,
    rows: usize,
}

/// Memory that the tasks of a thread use again.
#[derive(Default)]
struct Scratch {
    /// The queries of a unit, row after row, scaled by `1 / sqrt(head_dim)`.
    queries: Factors,
    /// `[queries, CHUNK]`; then the probabilities.
    scores: Factors,
    /// What a chunk gives that is merged at once: as in [`Partials`].
    part: Vec<f32>,
}

/// Rows that panels of the cache are multiplied with.
#[derive(Default)]
struct Factors {
    width: usize,
    /// `[rows, width]`.
    floats: Vec<f32>,
    /// What stands for them with a cache of whole numbers.
    fixed: FixedRows,
}

/// Rows as whole numbers with a scale for each.
#[derive(Default)]
struct FixedRows {
    /// Even: the kernel takes two at a time.
    width: usize,
    /// `[rows, width]`.
    numbers: Vec<i16>,
    scales: Vec<f32>,
}

impl FixedRows {
    /// Makes whole numbers of `floats`, the largest of which is `largest`, for a row that stands for them times `factor`.
    fn set(&mut self, level: Available, row: usize, floats: &[f32], largest: f32, factor: f32) {
        let numbers = &mut self.numbers[row * self.width..][..floats.len()];
        self.scales[row] = factor * kernels::to_fixed(level, floats, largest, largest_factor(self.width), numbers);
    }
}

impl Factors {
    fn resize(&mut self, rows: usize, width: usize) {
        self.width = width;
        self.floats.resize(rows * width, 0.0);
        let fixed = &mut self.fixed;
        fixed.width = width.next_multiple_of(2);
        // What is left at the end of a row of odd width is multiplied with zeros of the cache.
        fixed.numbers.resize(rows * fixed.width, 0);
        fixed.scales.resize(rows, 0.0);
    }

    /// Multiplies the first `count` numbers of `rows` with a panel and its columns' scales: into every `step`th place of `out`.
    fn multiply(
        &self,
        level: Available,
        kind: CacheType,
        (panel, scales): (&[u8], &[[u8; 4]; COLUMNS]),
        (rows, count): (Range<usize>, usize),
        (out, step): (&mut [Columns], usize),
    ) {
        match kind.float() {
            Some(float) => {
                let mut tile = [[0.0; COLUMNS]; FLOAT_ROWS];
                let tile = &mut tile[..rows.len()];
                let inputs = &self.floats[rows.start * self.width..];
                kernels::float_tile(level, float, panel, inputs, self.width, count, tile);
                out.iter_mut().step_by(step).zip(tile).for_each(|(out, columns)| *out = *columns);
            }
            None => {
                let FixedRows { width, numbers, scales: of_rows } = &self.fixed;
                let (numbers, of_rows) = (&numbers[rows.start * width..], &of_rows[rows.start..]);
                let pairs = count.div_ceil(2);
                let inputs = FixedTile { numbers, scales: of_rows, stride: *width, pairs, rows: rows.len() };
                kernels::fixed_tile(level, panel, scales, inputs, out, step);
            }
        }
    }
}

/// Panels of a chunk's keys.
const SCORE_PANELS: usize = CHUNK / COLUMNS;
/// The scales of columns that have none.
const ONES: [[u8; 4]; COLUMNS] = [1f32.to_ne_bytes(); COLUMNS];

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Attention<'_> {
    /// Rows in a tile.
    fn tile_rows(&self) -> usize {
        (TILE_QUERIES / self.group).clamp(1, self.rows)
    }

    fn tiles(&self) -> usize {
        self.rows.div_ceil(self.tile_rows())
    }

    /// Queries of a whole unit.
    fn queries_of_unit(&self) -> usize {
        self.tile_rows() * self.group
    }

    fn padded(&self) -> usize {
        self.head_dim.next_multiple_of(COLUMNS)
    }

    /// Numbers of a part of a unit: the queries' largest scores, their sums, their values.
    fn part_len(&self) -> usize {
        self.queries_of_unit() * (2 + self.padded())
    }

    /// Goes over keys and values for all rows; [`Self::finish_row`] puts together what it leaves.
    pub fn run(&self, pool: &mut Pool, partials: &mut Partials) {
        let units = self.heads.len() * self.tiles();
        let chunks = (self.position + self.rows).div_ceil(CHUNK);
        let one_part = chunks == 1 || units >= 4 * pool.threads();
        partials.parts = if one_part { 1 } else { chunks };
        let length = self.part_len();
        partials.numbers.resize(partials.parts * units * length, 0.0);
        // The last chunk is a short one: with those at the end, no thread is left with a long one.
        pool.for_each_chunk(&mut partials.numbers, length, |start, part| {
            let index = start / length;
            let unit = self.unit(index % units);
            let chunks = (self.position + unit.first_row + unit.rows).div_ceil(CHUNK);
            let chunks = if one_part { 0..chunks } else { index / units..chunks.min(index / units + 1) };
            SCRATCH.with_borrow_mut(|scratch| self.chunks(unit, chunks, scratch, part));
        });
    }

    /// The results of a row, `heads * group * head_dim` numbers: its parts merged, divided by their sums.
    pub fn finish_row(&self, partials: &Partials, row: usize, out: &mut [f32]) {
        let units = self.heads.len() * self.tiles();
        for (index, out) in out.chunks_mut(self.head_dim).enumerate() {
            let (head, query) = (index / self.group, row % self.tile_rows() * self.group + index % self.group);
            let index = head * self.tiles() + row / self.tile_rows();
            let unit = self.unit(index);
            let part = |part: usize| {
                let start = (part * units + index) * self.part_len();
                self.query_of(&partials.numbers[start..start + self.part_len()], query)
            };
            let (mut sums, values) = part(0);
            out.copy_from_slice(&values[..self.head_dim]);
            for chunk in (1..partials.parts).take_while(|chunk| self.visible(unit, query, *chunk) > 0) {
                let (more, values) = part(chunk);
                kernels::merge(self.level, &mut sums, out, more, &values[..self.head_dim]);
            }
            kernels::divide(self.level, out, sums[1]);
        }
    }

    fn unit(&self, index: usize) -> Unit {
        let first_row = index % self.tiles() * self.tile_rows();
        Unit { head: index / self.tiles(), first_row, rows: self.tile_rows().min(self.rows - first_row) }
    }

    /// The queries of a unit, row after row, scaled by `1 / sqrt(head_dim)`.
    fn gather(&self, unit: Unit, queries: &mut Factors) {
        let scale = 1.0 / (self.head_dim as f32).sqrt();
        queries.resize(unit.rows * self.group, self.head_dim);
        let rows = unit.first_row..unit.first_row + unit.rows;
        let of_group =
            |row| (unit.head * self.group..(unit.head + 1) * self.group).map(move |head| head * self.rows + row);
        let row_of = |from: usize| &self.queries[from * self.head_dim..][..self.head_dim];
        let rows = rows.flat_map(of_group).map(row_of).enumerate();
        if self.kind == CacheType::I16 {
            for (index, query) in rows.clone() {
                queries.fixed.scales[index] = kernels::largest(self.level, query);
            }
            for (index, query) in rows {
                queries.fixed.set(self.level, index, query, queries.fixed.scales[index], scale);
            }
        } else {
            for (index, query) in rows {
                let out = &mut queries.floats[index * self.head_dim..][..self.head_dim];
                out.iter_mut().zip(query).for_each(|(out, number)| *out = number * scale);
            }
        }
    }

    /// Keys of a chunk that query `query` of a unit may see.
    fn visible(&self, unit: Unit, query: usize, chunk: usize) -> usize {
        let position = self.position + unit.first_row + query / self.group;
        (position + 1).saturating_sub(chunk * CHUNK).min(CHUNK)
    }

    /// Largest score, sum and values of a query in a part.
    fn query_of<'a>(&self, part: &'a [f32], query: usize) -> ([f32; 2], &'a [f32]) {
        let (sums, values) = part.split_at(2 * self.queries_of_unit());
        let values = &values[query * self.padded()..(query + 1) * self.padded()];
        ([sums[2 * query], sums[2 * query + 1]], values)
    }

    /// Computes the `part` of some chunks, merged.
    fn chunks(&self, unit: Unit, mut chunks: Range<usize>, scratch: &mut Scratch, part: &mut [f32]) {
        let Scratch { queries, scores, part: more } = scratch;
        let Some(first) = chunks.next() else {
            return;
        };
        self.gather(unit, queries);
        scores.resize(self.queries_of_unit(), CHUNK);
        self.chunk(unit, first, queries, scores, part);
        more.resize(self.part_len(), 0.0);
        for chunk in chunks {
            self.chunk(unit, chunk, queries, scores, more);
            let (all_sums, all_values) = part.split_at_mut(2 * self.queries_of_unit());
            let queries = all_sums.as_chunks_mut::<2>().0.iter_mut().zip(all_values.chunks_mut(self.padded()));
            for (query, (sums, values)) in queries.take(unit.rows * self.group).enumerate() {
                if self.visible(unit, query, chunk) > 0 {
                    let (more, more_values) = self.query_of(more, query);
                    kernels::merge(self.level, sums, values, more, more_values);
                }
            }
        }
    }

    /// Computes a chunk's `part`. Of queries that see nothing of it, it only sets the values.
    fn chunk(&self, unit: Unit, chunk: usize, queries: &Factors, scores: &mut Factors, part: &mut [f32]) {
        let cache = &self.heads[unit.head];
        let count = unit.rows * self.group;
        let keys = self.visible(unit, count - 1, chunk);
        let panels = keys.div_ceil(COLUMNS);
        let [key_scales, value_scales] = cache.scales(chunk);
        let (level, kind, most) = (self.level, self.kind, self.level.level().float_tile_rows());
        // As few tiles as there can be, of equal size.
        let tile_rows = count.div_ceil(count.div_ceil(most));
        let value_panels = self.padded() / COLUMNS;
        for panel in 0..panels {
            let scales = key_scales.as_chunks().0.get(panel).unwrap_or(&ONES);
            let keys = (cache.key_panel(chunk * SCORE_PANELS + panel), scales);
            for first in (0..count).step_by(tile_rows) {
                let rows = first..count.min(first + tile_rows);
                let out = &mut scores.floats.as_chunks_mut().0[first * SCORE_PANELS + panel..];
                queries.multiply(level, kind, keys, (rows, self.head_dim), (out, SCORE_PANELS));
            }
        }
        let (sums, values) = part.split_at_mut(2 * self.queries_of_unit());
        let sums = &mut sums.as_chunks_mut::<2>().0[..count];
        let scores_of = |query: usize| query * CHUNK..query * CHUNK + panels * COLUMNS;
        // Step by step for all queries: those of one wait for each other.
        for (query, [maximum, _]) in sums.iter_mut().enumerate() {
            let scores = &mut scores.floats[scores_of(query)];
            let visible = self.visible(unit, query, chunk);
            scores[visible..].fill(f32::NEG_INFINITY);
            if visible > 0 {
                *maximum = kernels::highest(level, scores);
            }
        }
        for (query, [maximum, sum]) in sums.iter_mut().enumerate() {
            let scores = &mut scores.floats[scores_of(query)];
            if self.visible(unit, query, chunk) == 0 {
                scores.fill(0.0);
            } else {
                *sum = kernels::exponentials(level, scores, *maximum);
            }
        }
        if kind == CacheType::I16 {
            for query in 0..count {
                let weighed = &mut scores.floats[scores_of(query)];
                scores.fixed.scales[query] = kernels::weigh(level, weighed, value_scales);
            }
            for query in 0..count {
                let largest = scores.fixed.scales[query];
                scores.fixed.set(level, query, &scores.floats[scores_of(query)], largest, 1.0);
            }
        }
        for panel in 0..value_panels {
            let panel_values = (cache.value_panel(panel, chunk, keys), &ONES);
            for first in (0..count).step_by(tile_rows) {
                let rows = first..count.min(first + tile_rows);
                let out = &mut values.as_chunks_mut().0[first * value_panels + panel..];
                scores.multiply(level, kind, panel_values, (rows, keys), (out, value_panels));
            }
        }
    }
}
