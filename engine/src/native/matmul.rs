//! Products of activation rows with packed weights, over all threads.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;
use std::slice;

use super::blocks::BLOCK;
use super::kernels::{
    self, COLUMNS_ZERO, Columns, FLOAT_ROWS, Float, Precision, QUANTIZED_RESULTS, QuantizedRow, QuantizedRows,
};
use super::level::Available;
use super::pack::{COLUMNS, Layout, Packed};
use super::pool::{Pool, SendPointer};
use super::weights::Linear;

/// Rows that a task works through: the panels that it reads for them stay in the second-level cache.
const TASK_ROWS: usize = 128;
/// Rows of results that a task keeps before it works on them, at most.
const PRODUCT_ROWS: usize = 32;
/// Bytes of rows that a panel is used for at a time: they and the panel stay in the first-level cache.
const FIRST_LEVEL_BYTES: usize = 16 << 10;
/// Tasks for each thread when there are few rows: a thread that is late leaves its share to the others.
const TASKS_PER_THREAD: usize = 8;
/// Rows from which on a tile has two panels: with fewer, the weights are what is waited for.
const PAIRED_ROWS: usize = 3;
/// The least numbers that a task of light work goes over: normalising, quantising.
const LIGHT_TASK: usize = 1024;

/// Activations: `rows` rows of `width` numbers, as floats and as bytes.
#[derive(Debug, Default)]
pub struct Inputs {
    pub rows: usize,
    pub width: usize,
    /// `[rows, width]`; empty if only quantised weights read them.
    pub floats: Vec<f32>,
    /// Filled when the width is a whole number of blocks.
    pub quantized: QuantizedRows,
}

impl Inputs {
    /// Makes room; returns the blocks of a row.
    fn resize(&mut self, rows: usize, width: usize, with_floats: bool) -> usize {
        self.rows = rows;
        self.width = width;
        self.floats.resize(if with_floats { rows * width } else { 0 }, 0.0);
        // A width that is not whole blocks belongs to float weights only, which read the floats.
        let blocks = if width.is_multiple_of(BLOCK) { width / BLOCK } else { 0 };
        self.quantized.resize(rows, blocks * BLOCK);
        blocks
    }

    /// Makes room for rows that tasks set by columns, as far as a product with `weights` reads them.
    pub fn shared(&mut self, rows: usize, weights: &Packed) -> SharedInputs<'_> {
        let width = weights.inputs();
        let with_floats = match weights.layout() {
            Layout::F32 | Layout::F16 | Layout::BF16 => true,
            Layout::Quantized(_) => false,
        };
        let blocks = self.resize(rows, width, with_floats);
        let Self { floats, quantized, .. } = self;
        SharedInputs {
            width,
            blocks,
            floats: with_floats.then_some(SendPointer(floats.as_mut_ptr())),
            values: SendPointer(quantized.values.as_mut_ptr()),
            rests: SendPointer(quantized.rests.as_mut_ptr()),
            scales: SendPointer(quantized.scales.as_mut_ptr()),
            sums: SendPointer(quantized.sums.as_mut_ptr()),
            half_sums: SendPointer(quantized.half_sums.as_mut_ptr()),
            inputs: PhantomData,
        }
    }

    /// Sets the rows: `fill(row, floats)` writes each, then it is quantised.
    pub fn fill(
        &mut self,
        level: Available,
        pool: &mut Pool,
        rows: usize,
        width: usize,
        fill: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        let blocks = self.resize(rows, width, true);
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

/// [`Inputs`] that tasks fill side by side, each its own columns.
pub struct SharedInputs<'a> {
    width: usize,
    /// Blocks of a row; none if the width is not whole blocks.
    blocks: usize,
    /// None if nobody reads them.
    floats: Option<SendPointer<f32>>,
    values: SendPointer<i8>,
    rests: SendPointer<i8>,
    scales: SendPointer<f32>,
    sums: SendPointer<[i16; 2]>,
    half_sums: SendPointer<[[i16; 2]; 2]>,
    inputs: PhantomData<&'a mut Inputs>,
}

impl SharedInputs<'_> {
    /// Sets the numbers of a row from column `first` on, a whole number of blocks or up to the row's end.
    ///
    /// # Safety
    /// The columns are in the row, the row is one of the inputs, and no other thread sets any of them.
    pub unsafe fn set(&self, level: Available, row: usize, first: usize, numbers: &[f32]) {
        // SAFETY: the numbers, and the blocks that they are, lie in the rows; no other thread has a reference to them.
        unsafe {
            if let Some(floats) = &self.floats {
                let floats = floats.get().add(row * self.width + first);
                std::ptr::copy_nonoverlapping(numbers.as_ptr(), floats, numbers.len());
            }
            let count = if self.blocks > 0 { numbers.len() / BLOCK } else { 0 };
            let block = row * self.blocks + first / BLOCK;
            kernels::quantize_row(
                level,
                &numbers[..count * BLOCK],
                &mut QuantizedRow {
                    values: slice::from_raw_parts_mut(self.values.get().add(block * BLOCK), count * BLOCK),
                    rests: slice::from_raw_parts_mut(self.rests.get().add(block * BLOCK), count * BLOCK),
                    scales: slice::from_raw_parts_mut(self.scales.get().add(block), count),
                    sums: slice::from_raw_parts_mut(self.sums.get().add(block), count),
                    half_sums: slice::from_raw_parts_mut(self.half_sums.get().add(block), count),
                },
            );
        }
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

/// Where a kernel leaves its results, a row and panel of the tile each: made once a task, because clearing it takes as long
/// as some products.
type Tile = [Columns; FLOAT_ROWS];

const _: () = assert!(QUANTIZED_RESULTS <= FLOAT_ROWS, "a tile has room for the results of either kind");

/// A range of panels and of rows.
#[derive(Debug, Clone, Copy)]
struct Task {
    panels: (usize, usize),
    rows: (usize, usize),
}

/// `output[row, column] = inputs[row] * weights[column]`, over all threads.
pub fn matmul(
    level: Available,
    pool: &mut Pool,
    inputs: &Inputs,
    weights: &Packed,
    target: Target,
    output: &mut [f32],
) {
    each_product(level, pool, inputs, weights, output, |_, _, columns, out| put(target, columns, out));
}

/// [`matmul`], and the highest number of each panel of the output: `[rows, panels]`.
pub fn matmul_with_highest(
    level: Available,
    pool: &mut Pool,
    inputs: &Inputs,
    weights: &Packed,
    output: &mut [f32],
    highest: &mut [f32],
) {
    let panels = weights.panels();
    assert!(highest.len() >= inputs.rows * panels);
    let highest = SendPointer(highest.as_mut_ptr());
    each_product(level, pool, inputs, weights, output, |row, panel, columns, out| {
        put(Target::Replace, columns, out);
        let mut maximum = f32::NEG_INFINITY;
        for &number in &columns[..out.len()] {
            maximum = if number > maximum { number } else { maximum };
        }
        // SAFETY: `row < inputs.rows` and `panel < panels`, so this lies in `highest`, which is borrowed mutably until the product
        // is made; no other task has this panel of this row.
        unsafe { *highest.get().add(row * panels + panel) = maximum };
    });
}

/// Calls `each(row, panel, product, place in the output)` for every row and panel, over all threads.
fn each_product(
    level: Available,
    pool: &mut Pool,
    inputs: &Inputs,
    weights: &Packed,
    output: &mut [f32],
    each: impl Fn(usize, usize, &Columns, &mut [f32]) + Sync,
) {
    let outputs = weights.outputs();
    assert_eq!(weights.inputs(), inputs.width);
    assert!(output.len() >= inputs.rows * outputs);
    let tasks = plan(pool.threads(), inputs.rows, weights.panels());
    let output = SendPointer(output.as_mut_ptr());
    pool.run(tasks.len(), &|index| {
        let task = tasks[index];
        let rows_at_once = rows_at_once(level, weights);
        let mut tile: Tile = [COLUMNS_ZERO; FLOAT_ROWS];
        for first in (task.rows.0..task.rows.1).step_by(rows_at_once) {
            let rows = first..task.rows.1.min(first + rows_at_once);
            each_tile(level, inputs, weights, task.panels.0..task.panels.1, rows, &mut tile, |row, panel, columns| {
                let column = panel * COLUMNS;
                let count = COLUMNS.min(outputs - column);
                // SAFETY: `row < inputs.rows` and `column + count <= outputs`, so this lies in `output`, which
                // is borrowed mutably until `run` returns; the tasks' panels and rows do not overlap.
                let out = unsafe { slice::from_raw_parts_mut(output.get().add(row * outputs + column), count) };
                each(row, panel, columns, out);
            });
        }
    });
}

thread_local! {
    static RESULTS: RefCell<Vec<f32>> = RefCell::default();
}

/// Outputs `columns` of some layers, which a task makes and works on at once, while they are in its processor's nearest cache:
/// `each(first row, outputs)` for some of the rows after the other, with every layer's `[rows, columns]`. The columns begin
/// at a panel, and end at one or with the layers.
pub fn with_products<const LAYERS: usize>(
    level: Available,
    inputs: &Inputs,
    rows: Range<usize>,
    layers: [&Linear; LAYERS],
    columns: Range<usize>,
    mut each: impl FnMut(usize, [&mut [f32]; LAYERS]),
) {
    let at_once = layers.iter().map(|layer| rows_at_once(level, &layer.weights)).min().unwrap_or(1);
    let at_once = at_once.min(PRODUCT_ROWS).min(rows.len()).max(1);
    let width = columns.len();
    let mut tile: Tile = [COLUMNS_ZERO; FLOAT_ROWS];
    RESULTS.with_borrow_mut(|results| {
        results.resize(LAYERS * at_once * width, 0.0);
        for first in rows.clone().step_by(at_once) {
            let end = rows.end.min(first + at_once);
            let mut of_layers = results.chunks_mut(at_once * width);
            let products = layers.map(|layer| {
                let products = &mut of_layers.next().unwrap_or_default()[..(end - first) * width];
                let panels = columns.start / COLUMNS..columns.end.div_ceil(COLUMNS);
                each_tile(level, inputs, &layer.weights, panels, first..end, &mut tile, |row, panel, numbers| {
                    let count = COLUMNS.min(columns.end - panel * COLUMNS);
                    let start = (row - first) * width + panel * COLUMNS - columns.start;
                    put(Target::Replace, numbers, &mut products[start..start + count]);
                });
                layer.add_bias(level, &columns, products);
                products
            });
            each(first, products);
        }
    });
}

/// The outputs of a layer for each task of [`with_products`], in whole blocks: as many tasks as a product has.
pub fn columns_per_task(pool: &Pool, outputs: usize) -> usize {
    outputs.div_ceil(BLOCK).div_ceil(pool.threads() * TASKS_PER_THREAD).max(1) * BLOCK
}

/// Rows whose bytes fit [`FIRST_LEVEL_BYTES`], in whole tiles.
fn rows_at_once(level: Available, weights: &Packed) -> usize {
    let (level, precision) = (level.level(), weights.precision());
    let (row_bytes, tile_rows) = match weights.layout() {
        Layout::Quantized(_) => {
            (weights.inputs(), level.pair_rows(precision).unwrap_or_else(|| level.tile_rows(precision)))
        }
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
        (target, None) => put_some(target, columns, out),
    }
}

/// [`put`] at the end of a matrix: apart, or the compiler would make one call of all copies, short or not.
#[cold]
fn put_some(target: Target, columns: &Columns, out: &mut [f32]) {
    match target {
        Target::Replace => out.copy_from_slice(&columns[..out.len()]),
        Target::Add => out.iter_mut().zip(columns).for_each(|(out, value)| *out += value),
    }
}

/// Splits the work so that every task reads its own weights once for up to [`TASK_ROWS`] rows.
fn plan(threads: usize, rows: usize, panels: usize) -> Vec<Task> {
    let row_blocks = rows.div_ceil(TASK_ROWS);
    let per_task = (panels * row_blocks).div_ceil(threads * TASKS_PER_THREAD).max(1);
    let mut tasks = Vec::new();
    for block in 0..row_blocks {
        let rows = (block * TASK_ROWS, rows.min((block + 1) * TASK_ROWS));
        for first in (0..panels).step_by(per_task) {
            tasks.push(Task { panels: (first, panels.min(first + per_task)), rows });
        }
    }
    tasks
}

/// Calls `emit(row, panel, columns)` for the rows and panels of a task: panel by panel, so that a panel's bytes serve all rows
/// from the nearest cache.
fn each_tile(
    level: Available,
    inputs: &Inputs,
    weights: &Packed,
    panels: Range<usize>,
    rows: Range<usize>,
    results: &mut Tile,
    mut emit: impl FnMut(usize, usize, &Columns),
) {
    let float = match weights.layout() {
        Layout::Quantized(format) => {
            let precision = weights.precision();
            let tile_panels = tile_panels(level, precision, rows.len());
            for first in panels.clone().step_by(tile_panels) {
                let panels = first..panels.end.min(first + tile_panels);
                let tile_rows = tile_rows(level, precision, rows.len(), panels.len());
                for row in rows.clone().step_by(tile_rows) {
                    let count = tile_rows.min(rows.end - row);
                    let tile = &mut results[..count * panels.len()];
                    let inputs = inputs.quantized.tile(row, count, inputs.width / BLOCK);
                    kernels::quantized_tile(level, format, precision, weights.bytes_of(panels.clone()), inputs, tile);
                    for (panel, tile) in panels.clone().zip(tile.chunks(count)) {
                        tile.iter().enumerate().for_each(|(index, columns)| emit(row + index, panel, columns));
                    }
                }
            }
            return;
        }
        Layout::F32 => Float::F32,
        Layout::F16 => Float::F16,
        Layout::BF16 => Float::BF16,
    };
    let tile_rows = level.level().float_tile_rows();
    for panel in panels {
        for row in rows.clone().step_by(tile_rows) {
            let tile = &mut results[..tile_rows.min(rows.end - row)];
            let rows = &inputs.floats[row * inputs.width..];
            kernels::float_tile(
                level,
                float,
                weights.bytes_of(panel..panel + 1),
                rows,
                inputs.width,
                inputs.width,
                tile,
            );
            tile.iter().enumerate().for_each(|(index, columns)| emit(row + index, panel, columns));
        }
    }
}

/// Panels of a tile of quantised weights.
fn tile_panels(level: Available, precision: Precision, rows: usize) -> usize {
    if rows >= PAIRED_ROWS && level.level().pair_rows(precision).is_some() { 2 } else { 1 }
}

/// Rows of the tiles of so many panels: all of them if they fit one tile. Else few tiles, those of two panels of equal size.
fn tile_rows(level: Available, precision: Precision, rows: usize, panels: usize) -> usize {
    match level.level().pair_rows(precision) {
        Some(pair) if panels == 2 => rows.div_ceil(rows.div_ceil(pair)),
        Some(_) | None => level.level().tile_rows(precision),
    }
}
