//! The decoder: tokens through all layers, rows at a time.

use std::ops::Range;

use crate::gguf::{Gguf, Tensor};
use crate::{EngineError, Logits, TargetModel, TokenId};

use super::arena::Arena;
use super::attention::{Attention, Partials};
use super::blocks;
use super::cache::{CHUNK, CacheType, HeadCache};
use super::config::Config;
use super::kernels;
use super::level::Available;
use super::matmul::{Inputs, Target, columns_per_task, matmul, matmul_with_highest, with_products};
use super::pack::COLUMNS;
use super::pool::Pool;
use super::rope::Rope;
use super::weights::{EMBEDDING, Layer, Linear, Weights};

/// Rows that go through the layers together. More would not make a weight serve more rows of a tile, and would push the
/// activations out of the caches.
const CHUNK_ROWS: usize = 256;

const _: () = assert!(COLUMNS == Logits::PART, "the highest of a panel is that of a part");

/// Rows of logits whose memory is kept from pass to pass: those of the longest draft and of the token before it.
const KEPT_LOGITS_ROWS: usize = 32;

/// A GGUF model on the CPU.
///
/// Every row is computed by the same operations in the same order, whatever is computed beside it: see
/// [`kernels`](super::kernels) and [`attention`](super::attention).
pub struct NativeModel {
    gguf: Gguf,
    config: Config,
    weights: Weights,
    level: Available,
    pool: Pool,
    rope: Rope,
    cache_type: CacheType,
    /// `[layers][kv_heads]`.
    cache: Vec<Vec<HeadCache>>,
    /// The cache's memory.
    arena: Arena,
    /// Tokens in the cache.
    len: usize,
    context_len: usize,
    buffers: Buffers,
}

/// Memory that passes reuse.
#[derive(Default)]
struct Buffers {
    /// The residual stream, `[rows, width]`.
    stream: Vec<f32>,
    /// `[heads, rows, head_dim]`.
    queries: Vec<f32>,
    attention: Partials,
    inputs: Inputs,
    /// What the feed-forward network's first half gives its second.
    hidden: Inputs,
    /// Of logits that were given back: scores, and the highest of their parts.
    logits: [Vec<f32>; 2],
}

/// How a model is held and run; checked by the loader.
pub struct Setup {
    pub level: Available,
    pub pool: Pool,
    pub cache_type: CacheType,
    pub context_len: usize,
}

impl NativeModel {
    pub fn new(gguf: Gguf, config: Config, weights: Weights, setup: Setup) -> Self {
        let head = || HeadCache::new(setup.cache_type, config.head_dim);
        let cache = (0..config.layers).map(|_| (0..config.kv_heads).map(|_| head()).collect()).collect();
        let rope = Rope::new(&config, weights.rope_divisors.as_deref());
        Self {
            gguf,
            weights,
            level: setup.level,
            pool: setup.pool,
            rope,
            cache_type: setup.cache_type,
            cache,
            arena: Arena::default(),
            len: 0,
            context_len: setup.context_len,
            buffers: Buffers::default(),
            config,
        }
    }

    fn embedding(&self) -> Result<Tensor<'_>, EngineError> {
        // The loader has seen it; asking again keeps the borrow out of the model.
        self.gguf.tensor(EMBEDDING).ok_or_else(|| EngineError::Backend {
            backend: "native",
            what: format!("{} has lost its {EMBEDDING}", self.gguf.source()),
            hint: "load the model again".into(),
        })
    }

    /// Makes room in the cache for `len` tokens: chunk by chunk, so that what a pass reads of all layers lies together. An error
    /// leaves it as it was or with more room.
    fn reserve(&mut self, len: usize) -> Result<(), EngineError> {
        for chunk in self.len / CHUNK..len.div_ceil(CHUNK) {
            for head in self.cache.iter_mut().flatten().filter(|head| head.chunks() <= chunk) {
                head.grow(&mut self.arena)?;
            }
        }
        Ok(())
    }

    /// Appends up to [`CHUNK_ROWS`] tokens. The residual stream after the last layer is left in the buffers, for the rows
    /// from `skip` on: of the others, the last layer only makes keys and values.
    fn pass(&mut self, tokens: &[TokenId], skip: usize) -> Result<(), EngineError> {
        let (rows, width) = (tokens.len(), self.config.width);
        let mut stream = std::mem::take(&mut self.buffers.stream);
        stream.resize(rows * width, 0.0);
        let embedding = self.embedding()?;
        for (row, token) in stream.chunks_mut(width).zip(tokens) {
            blocks::dequantize_row(embedding.dtype, embedding.row(*token as usize), row);
        }
        self.buffers.stream = stream;
        self.rope.extend(self.len + rows);
        for layer in 0..self.config.layers {
            let skip = if layer + 1 == self.config.layers { skip } else { 0 };
            self.attend(layer, rows, skip);
            self.feed_forward(layer, rows, skip);
        }
        self.len += rows;
        Ok(())
    }

    /// `stream += attention(norm(stream))` for the rows from `skip` on, and all rows' keys and values into the cache.
    fn attend(&mut self, layer: usize, rows: usize, skip: usize) {
        let Self { config, weights, level, pool, rope, cache, buffers, .. } = self;
        let (level, position) = (*level, self.len);
        let (layer, cache) = (&weights.layers[layer], &mut cache[layer]);
        let Buffers { stream, queries, attention, inputs, .. } = buffers;
        fill_normed(level, pool, inputs, stream, rows, &layer.attention_norm, config.norm_epsilon);

        let (head_dim, wanted) = (config.head_dim, rows - skip);
        queries.resize(config.heads * wanted * head_dim, 0.0);
        let projection = Projection { level, config, layer, rope, inputs, position };
        // As few heads a task as are whole panels. Keys and values, which are two products, come first: at the end they
        // would leave a thread with a long task.
        let unit = COLUMNS >> head_dim.trailing_zeros().min(COLUMNS.trailing_zeros());
        let keys_values = cache.chunks_mut(unit).map(Heads::KeysValues).enumerate();
        let queries_of_unit = queries.chunks_mut((unit * wanted * head_dim).max(1)).map(Heads::Queries).enumerate();
        let mut heads: Vec<_> = keys_values.chain(queries_of_unit).collect();
        pool.for_each_chunk(&mut heads, 1, |_, heads| {
            for (index, heads) in heads {
                match heads {
                    Heads::KeysValues(caches) => projection.keys_values(*index * unit, caches),
                    Heads::Queries(out) => projection.queries(*index * unit, skip, out),
                }
            }
        });

        if skip == rows {
            return;
        }
        let attend = Attention {
            level,
            kind: self.cache_type,
            heads: cache,
            group: config.heads / config.kv_heads,
            head_dim,
            queries,
            position: position + skip,
            rows: wanted,
        };
        attend.run(pool, attention);
        inputs.fill(level, pool, wanted, config.query_width(), |row, out| attend.finish_row(attention, row, out));
        let stream = &mut stream[skip * config.width..];
        add_product(level, pool, inputs, &layer.attention_output, stream);
    }

    /// `stream += down(silu(gate(x)) * up(x))` with `x = norm(stream)`, for the rows from `skip` on.
    fn feed_forward(&mut self, layer: usize, rows: usize, skip: usize) {
        let rows = rows - skip;
        if rows == 0 {
            return;
        }
        let Self { config, weights, level, pool, buffers, .. } = self;
        let (level, layer) = (*level, &weights.layers[layer]);
        let Buffers { stream, hidden, inputs, .. } = buffers;
        let stream = &mut stream[skip * config.width..];
        fill_normed(level, pool, inputs, stream, rows, &layer.ffn_norm, config.norm_epsilon);
        let width = layer.gate.weights.outputs();
        let per_task = columns_per_task(pool, width);
        let shared = hidden.shared(rows, &layer.down.weights);
        pool.run(width.div_ceil(per_task), &|task| {
            let columns = task * per_task..width.min((task + 1) * per_task);
            with_products(level, inputs, 0..rows, [&layer.gate, &layer.up], columns.clone(), |first, [gate, up]| {
                kernels::swiglu(level, gate, up);
                for (row, numbers) in gate.chunks(columns.len()).enumerate() {
                    // SAFETY: `first + row < rows`; the tasks' columns are whole blocks and do not overlap.
                    unsafe { shared.set(level, first + row, columns.start, numbers) };
                }
            });
        });
        add_product(level, pool, hidden, &layer.down, stream);
    }

    /// The logits of rows of the residual stream.
    fn logits(&mut self, stream: &[f32]) -> Logits {
        let Self { config, weights, level, pool, buffers, .. } = self;
        let vocab = weights.output.outputs();
        let rows = stream.len() / config.width;
        let panels = weights.output.panels();
        let mut memory = std::mem::take(&mut buffers.logits);
        for (numbers, len) in memory.iter_mut().zip([rows * vocab, rows * panels]) {
            // What is there already is not cleared.
            if numbers.len() < len {
                numbers.resize(len, 0.0);
            }
        }
        let [values, highest] = &mut memory;
        let outputs = values.chunks_mut(CHUNK_ROWS * vocab).zip(highest.chunks_mut(CHUNK_ROWS * panels));
        for (stream, (values, highest)) in stream.chunks(CHUNK_ROWS * config.width).zip(outputs) {
            let rows = stream.len() / config.width;
            let epsilon = config.norm_epsilon;
            fill_normed(*level, pool, &mut buffers.inputs, stream, rows, &weights.output_norm, epsilon);
            matmul_with_highest(*level, pool, &buffers.inputs, &weights.output, values, highest);
        }
        Logits::at_start_of(memory, rows, vocab)
    }

    fn check(&self, tokens: &[TokenId], rows: usize) -> Result<(), EngineError> {
        if rows > tokens.len() {
            return Err(EngineError::InvalidRequest {
                reason: format!("{rows} rows of logits were asked for {} tokens", tokens.len()),
                hint: "ask for at most one row a token",
            });
        }
        if tokens.len() > self.context_len - self.len {
            return Err(EngineError::PromptTooLong { prompt: self.len + tokens.len(), context: self.context_len });
        }
        let vocab = self.vocab_size();
        match tokens.iter().find(|token| **token as usize >= vocab) {
            Some(token) => Err(EngineError::TokenOutOfRange { token: *token, vocab }),
            None => Ok(()),
        }
    }
}

impl TargetModel for NativeModel {
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        self.check(tokens, rows)?;
        self.reserve(self.len + tokens.len())?;
        let width = self.config.width;
        let first_wanted = tokens.len() - rows;
        let mut wanted = Vec::with_capacity(rows * width);
        for (index, chunk) in tokens.chunks(CHUNK_ROWS).enumerate() {
            let skip = first_wanted.saturating_sub(index * CHUNK_ROWS).min(chunk.len());
            self.pass(chunk, skip)?;
            wanted.extend_from_slice(&self.buffers.stream[skip * width..chunk.len() * width]);
        }
        Ok(self.logits(&wanted))
    }

    fn recycle(&mut self, logits: Logits) {
        let memory = logits.into_memory();
        // A prefill that calibrates drafts gives many more rows, whose memory would lie there until the next prompt.
        if memory[0].capacity() <= KEPT_LOGITS_ROWS * self.vocab_size() {
            self.buffers.logits = memory;
        }
    }

    fn truncate(&mut self, len: usize) -> Result<(), EngineError> {
        if len > self.len {
            return Err(EngineError::InvalidRequest {
                reason: format!("cannot truncate {} cached tokens to {len}", self.len),
                hint: "truncate to at most the cache's length",
            });
        }
        self.len = len;
        Ok(())
    }

    fn len(&self) -> usize {
        self.len
    }

    fn vocab_size(&self) -> usize {
        self.weights.output.outputs()
    }

    fn context_len(&self) -> usize {
        self.context_len
    }

    fn threads(&self) -> usize {
        self.pool.threads()
    }

    fn use_threads(&mut self, threads: usize) {
        self.pool.set_active(threads);
    }

    fn cache_layout(&self) -> Option<String> {
        Some(format!(
            "native, {:?} keys and values by chunks, {:?} activations",
            self.cache_type,
            self.weights.output.precision()
        ))
    }

    fn export_cache(&self) -> Option<Vec<u8>> {
        let mut exported = Vec::new();
        self.cache.iter().flatten().for_each(|head| head.export(self.len, &mut exported));
        Some(exported)
    }

    fn import_cache(&mut self, tokens: usize, exported: &[u8]) -> bool {
        let heads = self.cache.iter().map(Vec::len).sum::<usize>();
        let size = self.cache.first().and_then(|layer| layer.first()).map_or(0, |head| head.exported_bytes(tokens));
        if tokens > self.context_len || size == 0 || exported.len() != heads * size {
            return false;
        }
        if let Err(error) = self.reserve(tokens) {
            tracing::warn!(%error, "no room for the prompt's start");
            return false;
        }
        for (head, bytes) in self.cache.iter_mut().flatten().zip(exported.chunks(size)) {
            head.import(tokens, bytes);
        }
        self.len = tokens;
        true
    }
}

fn fill_normed(
    level: Available,
    pool: &mut Pool,
    inputs: &mut Inputs,
    stream: &[f32],
    rows: usize,
    weight: &[f32],
    epsilon: f32,
) {
    let width = weight.len();
    inputs.fill(level, pool, rows, width, |row, out| {
        kernels::rms_norm(level, &stream[row * width..(row + 1) * width], weight, epsilon, out);
    });
}

/// `stream += linear(inputs)`.
fn add_product(level: Available, pool: &mut Pool, inputs: &Inputs, linear: &Linear, stream: &mut [f32]) {
    matmul(level, pool, inputs, &linear.weights, Target::Add, stream);
    linear.add_bias(level, &(0..linear.weights.outputs()), stream);
}

/// Heads that one task projects.
enum Heads<'a> {
    /// `[heads, rows, head_dim]`, of the rows that attend.
    Queries(&'a mut [f32]),
    KeysValues(&'a mut [HeadCache]),
}

/// The way of normalised rows to heads: projections, head norms and rope.
struct Projection<'a> {
    level: Available,
    config: &'a Config,
    layer: &'a Layer,
    rope: &'a Rope,
    inputs: &'a Inputs,
    /// Position of the first row.
    position: usize,
}

impl Projection<'_> {
    /// Writes the queries of the rows from `skip` on, of the heads from `first` on that `out` has room for.
    fn queries(&self, first: usize, skip: usize, out: &mut [f32]) {
        let Self { level, layer, inputs, .. } = *self;
        let (head_dim, wanted) = (self.config.head_dim, inputs.rows - skip);
        let heads = out.len() / (wanted * head_dim);
        let columns = self.columns(first, heads);
        with_products(level, inputs, skip..inputs.rows, [&layer.query], columns, |start, [queries]| {
            self.turn(layer.query_norm.as_deref(), start, heads, queries);
            for (row, heads) in queries.chunks(heads * head_dim).enumerate() {
                for (head, query) in heads.chunks(head_dim).enumerate() {
                    out[(head * wanted + start - skip + row) * head_dim..][..head_dim].copy_from_slice(query);
                }
            }
        });
    }

    /// Writes the keys and values of all rows into the caches of the heads from `first` on.
    fn keys_values(&self, first: usize, caches: &mut [HeadCache]) {
        let Self { level, layer, inputs, .. } = *self;
        let columns = self.columns(first, caches.len());
        with_products(level, inputs, 0..inputs.rows, [&layer.key, &layer.value], columns, |start, [keys, values]| {
            self.turn(layer.key_norm.as_deref(), start, caches.len(), keys);
            let heads = keys.chunks(self.config.head_dim).zip(values.chunks(self.config.head_dim));
            for (index, (key, value)) in heads.enumerate() {
                let (row, head) = (index / caches.len(), index % caches.len());
                caches[head].write(level, self.position + start + row, key, value);
            }
        });
    }

    fn columns(&self, first: usize, heads: usize) -> Range<usize> {
        first * self.config.head_dim..(first + heads) * self.config.head_dim
    }

    /// Head norms and rope, in place, of rows of `heads` heads from row `first` on.
    fn turn(&self, norm: Option<&[f32]>, first: usize, heads: usize, numbers: &mut [f32]) {
        for (index, head) in numbers.chunks_mut(self.config.head_dim).enumerate() {
            if let Some(norm) = norm {
                let unnormed = head.to_vec();
                kernels::rms_norm(self.level, &unnormed, norm, self.config.norm_epsilon, head);
            }
            self.rope.turn(head, self.position + first + index / heads);
        }
    }
}
