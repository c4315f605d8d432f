//! Products of activation rows with packed weights, over all threads.

use super::blocks::BLOCK;
use super::kernels::{self, COLUMNS_ZERO, Columns, FLOAT_ROWS, Float, QUANTIZED_ROWS, QuantizedRows};
use super::level::Available;
use super::pack::{COLUMNS, Layout, Packed};
use super::pool::{Pool, SendPointer};

/// Rows that a task works through: the panels that it reads for them stay in the second-level cache.
const TASK_ROWS: usize = 128;
/// Bytes of rows that a panel is used for at a time: they and the panel stay in the first-level cache.
const FIRST_LEVEL_BYTES: usize = 16 << 10;
/// Tasks for each thread when there are few rows: a thread that is late leaves its share to the others.
const TASKS_PER_THREAD: usize = 8;
/// The least numbers that a task of light work goes over: normalising, quantising.
const LIGHT_TASK: usize = 1024;

/// Activations: `rows` rows of `width` numbers, as floats and as bytes.
#[derive(Debug, Default)]
pub struct Inputs {
    pub rows: usize,
    pub width: usize,
    /// `[rows, width]`.
    pub floats: Vec<f32>,
    /// Filled when the width is a whole number of blocks.
    pub quantized: QuantizedRows,
}

impl Inputs {
    /// Sets the rows: `fill(row, floats)` writes each, then it is quantised.
    pub fn fill(
        &mut self,
        level: Available,
        pool: &mut Pool,
        rows: usize,
        width: usize,
        fill: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        self.rows = rows;
        self.width = width;
        self.floats.resize(rows * width, 0.0);
        // A width that is not whole blocks belongs to float weights only, which read the floats.
        let blocks = if width.is_multiple_of(BLOCK) { width / BLOCK } else { 0 };
        self.quantized.resize(rows, blocks * BLOCK);
        let mut rows_to_fill: Vec<_> = if blocks > 0 {
            self.floats.chunks_mut(width).zip(self.quantized.rows_mut(blocks).map(Some)).collect()
        } else {
            self.floats.chunks_mut(width).map(|floats| (floats, None)).collect()
        };
        let per_task = rows_per_task(pool, rows, width);
        pool.for_each_chunk(&mut rows_to_fill, per_task, |first, part| {
            for (index, (floats, quantized)) in part.iter_mut().enumerate() {
                fill(first + index, floats);
                if let Some(quantized) = quantized {
                    kernels::quantize_row(level, floats, quantized);
                }
            }
        });
    }
}

/// Rows of `width` numbers for one task of light work: each thread's share, if that is worth the handing over.
pub fn rows_per_task(pool: &Pool, rows: usize, width: usize) -> usize {
    rows.div_ceil(pool.threads()).min(8).max(LIGHT_TASK.div_ceil(width.max(1)))
}

/// What becomes of the numbers that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Replace,
    Add,
}

/// Where the columns of a product go: `[rows, stride]`.
pub struct Output<'a> {
    pub values: &'a mut [f32],
    pub stride: usize,
    pub target: Target,
}

/// Where a kernel leaves its results, a row of the tile each: made once a task, because clearing it takes as long as some
/// products.
type Tile = [Columns; FLOAT_ROWS];

const _: () = assert!(QUANTIZED_ROWS <= FLOAT_ROWS, "a tile has room for the rows of either kind");

/// A range of panels and of rows.
#[derive(Debug, Clone, Copy)]
struct Task {
    product: usize,
    panels: (usize, usize),
    rows: (usize, usize),
}

/// `output[row, column + j] = inputs[row] * weights[j]` for every `(weights, column)`.
pub fn matmul(level: Available, pool: &mut Pool, inputs: &Inputs, products: &[(&Packed, usize)], output: Output<'_>) {
    for (weights, column) in products {
        assert_eq!(weights.inputs(), inputs.width);
        assert!(column + weights.outputs() <= output.stride);
    }
    assert!(output.values.len() >= inputs.rows * output.stride);
    let tasks = plan(pool.threads(), inputs.rows, products);
    let (stride, target) = (output.stride, output.target);
    let values = SendPointer(output.values.as_mut_ptr());
    pool.run(tasks.len(), &|index| {
        let task = tasks[index];
        let (weights, column) = products[task.product];
        let rows_at_once = rows_at_once(weights);
        let mut tile: Tile = [COLUMNS_ZERO; FLOAT_ROWS];
        for first in (task.rows.0..task.rows.1).step_by(rows_at_once) {
            let rows = (first, task.rows.1.min(first + rows_at_once));
            for panel in task.panels.0..task.panels.1 {
                let count = COLUMNS.min(weights.outputs() - panel * COLUMNS);
                let first_column = column + panel * COLUMNS;
                each_tile(level, inputs, weights, panel, rows, &mut tile, |row, columns| {
                    // SAFETY: `row < inputs.rows` and `first_column + count <= stride`, so this lies in `output`, which is
                    // borrowed mutably until `run` returns; the tasks' panels and rows do not overlap.
                    let out =
                        unsafe { std::slice::from_raw_parts_mut(values.get().add(row * stride + first_column), count) };
                    put(target, columns, out);
                });
            }
        }
    });
}

/// Rows whose bytes fit [`FIRST_LEVEL_BYTES`], in whole tiles.
fn rows_at_once(weights: &Packed) -> usize {
    let (row_bytes, tile_rows) = match weights.layout() {
        Layout::Quantized(_) => (weights.inputs(), QUANTIZED_ROWS),
        // Half of the largest tile: twenty-four rows of floats are more than fits.
        Layout::F32 | Layout::F16 | Layout::BF16 => (weights.inputs() * size_of::<f32>(), FLOAT_ROWS / 2),
    };
    (FIRST_LEVEL_BYTES / row_bytes.max(1)).next_multiple_of(tile_rows).clamp(tile_rows, TASK_ROWS)
}

/// Writes a row of a tile to `out`, which is shorter at the end of a matrix.
#[inline]
fn put(target: Target, columns: &Columns, out: &mut [f32]) {
    match (target, out.first_chunk_mut::<COLUMNS>()) {
        (Target::Replace, Some(out)) => *out = *columns,
        // All are read before any is written, so that four are added at once.
        (Target::Add, Some(out)) => *out = std::array::from_fn(|column| out[column] + columns[column]),
        (Target::Replace, None) => out.copy_from_slice(&columns[..out.len()]),
        (Target::Add, None) => out.iter_mut().zip(columns).for_each(|(out, value)| *out += value),
    }
}

/// Splits the work so that every task reads its own weights once for up to [`TASK_ROWS`] rows.
fn plan(threads: usize, rows: usize, products: &[(&Packed, usize)]) -> Vec<Task> {
    let row_blocks = rows.div_ceil(TASK_ROWS);
    let panels: usize = products.iter().map(|(weights, _)| weights.panels()).sum();
    let per_task = (panels * row_blocks).div_ceil(threads * TASKS_PER_THREAD).max(1);
    let mut tasks = Vec::new();
    for block in 0..row_blocks {
        let rows = (block * TASK_ROWS, rows.min((block + 1) * TASK_ROWS));
        for (product, (weights, _)) in products.iter().enumerate() {
            for first in (0..weights.panels()).step_by(per_task) {
                let panels = (first, weights.panels().min(first + per_task));
                tasks.push(Task { product, panels, rows });
            }
        }
    }
    tasks
}

/// Calls `emit(row, columns)` for the rows of a task and one panel.
fn each_tile(
    level: Available,
    inputs: &Inputs,
    weights: &Packed,
    panel: usize,
    (first, end): (usize, usize),
    results: &mut Tile,
    mut emit: impl FnMut(usize, &Columns),
) {
    let data = weights.panel(panel);
    let float = match weights.layout() {
        Layout::Quantized(format) => {
            let tile_rows = level.level().tile_rows(weights.precision());
            for row in (first..end).step_by(tile_rows) {
                let tile = &mut results[..tile_rows.min(end - row)];
                let rows = inputs.quantized.tile(row, tile.len(), inputs.width / BLOCK);
                kernels::quantized_tile(level, format, weights.precision(), data, rows, tile);
                tile.iter().enumerate().for_each(|(index, columns)| emit(row + index, columns));
            }
            return;
        }
        Layout::F32 => Float::F32,
        Layout::F16 => Float::F16,
        Layout::BF16 => Float::BF16,
    };
    let tile_rows = level.level().float_tile_rows();
    for row in (first..end).step_by(tile_rows) {
        let tile = &mut results[..tile_rows.min(end - row)];
        let rows = &inputs.floats[row * inputs.width..];
        kernels::float_tile(level, float, data, rows, inputs.width, inputs.width, tile);
        tile.iter().enumerate().for_each(|(index, columns)| emit(row + index, columns));
    }
}
