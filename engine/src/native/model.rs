//! The decoder: tokens through all layers, rows at a time.

use std::borrow::Cow;

use crate::gguf::{Gguf, Tensor};
use crate::{EngineError, Logits, TargetModel, TokenId};

use super::attention::Attention;
use super::blocks;
use super::cache::{CacheType, HeadCache};
use super::config::Config;
use super::kernels;
use super::level::Available;
use super::matmul::{Inputs, Output, Target, matmul, rows_per_task};
use super::pool::Pool;
use super::rope::Rope;
use super::weights::{EMBEDDING, Layer, Linear, Weights};

/// Rows that go through the layers together. More would not make a weight serve more rows of a tile, and would push the
/// activations out of the caches.
const CHUNK_ROWS: usize = 256;

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
    /// Queries, keys and values of a row side by side.
    heads: Vec<f32>,
    attention: Vec<f32>,
    /// Gate and up projections of a row side by side.
    ffn: Vec<f32>,
    inputs: Inputs,
    /// Logits that were given back.
    logits: Vec<f32>,
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
        let head = || HeadCache::new(setup.cache_type, setup.context_len, config.head_dim);
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
        let Buffers { stream, heads, attention, inputs, .. } = buffers;
        fill_normed(level, pool, inputs, stream, rows, &layer.attention_norm, config.norm_epsilon);

        let (queries, kv) = (config.query_width(), config.kv_width());
        let stride = queries + 2 * kv;
        heads.resize(rows * stride, 0.0);
        let products = [(&layer.query.weights, 0), (&layer.key.weights, queries), (&layer.value.weights, queries + kv)];
        matmul(level, pool, inputs, &products, Output { values: heads, stride, target: Target::Replace });
        let per_task = rows_per_task(pool, rows, stride);
        pool.for_each_chunk(heads, per_task * stride, |start, part| {
            for (index, row) in part.chunks_mut(stride).enumerate() {
                finish_heads(level, config, layer, rope, position + start / stride + index, row);
            }
        });
        let heads_per_task = if rows < 8 { cache.len() } else { 1 };
        pool.for_each_chunk(cache, heads_per_task, |first, part| {
            for (index, cache) in part.iter_mut().enumerate() {
                let start = queries + (first + index) * config.head_dim;
                for (row, numbers) in heads.chunks(stride).enumerate() {
                    let key = &numbers[start..start + config.head_dim];
                    let value = &numbers[start + kv..start + kv + config.head_dim];
                    cache.write(position + row, key, value);
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
            head_dim: config.head_dim,
            queries: &heads[skip * stride..],
            stride,
            position: position + skip,
            rows: rows - skip,
        };
        attention.resize(attend.output_len(), 0.0);
        attend.run(pool, attention);
        inputs.fill(level, pool, attend.rows, queries, |row, out| {
            let group = config.heads / config.kv_heads * config.head_dim;
            for (head, out) in out.chunks_mut(group).enumerate() {
                out.copy_from_slice(&attention[attend.output_row(head, row)]);
            }
        });
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
        let Buffers { stream, ffn, inputs, .. } = buffers;
        let stream = &mut stream[skip * config.width..];
        fill_normed(level, pool, inputs, stream, rows, &layer.ffn_norm, config.norm_epsilon);
        let width = layer.gate.weights.outputs();
        let stride = 2 * width;
        ffn.resize(rows * stride, 0.0);
        let products = [(&layer.gate.weights, 0), (&layer.up.weights, width)];
        matmul(level, pool, inputs, &products, Output { values: ffn, stride, target: Target::Replace });
        inputs.fill(level, pool, rows, width, |row, out| {
            let (gate, up) = ffn[row * stride..(row + 1) * stride].split_at(width);
            kernels::swiglu(level, &biased(level, &layer.gate, gate), &biased(level, &layer.up, up), out);
        });
        add_product(level, pool, inputs, &layer.down, stream);
    }

    /// The logits of rows of the residual stream.
    fn logits(&mut self, stream: &[f32]) -> Result<Logits, EngineError> {
        let Self { config, weights, level, pool, buffers, .. } = self;
        let vocab = weights.output.outputs();
        let rows = stream.len() / config.width;
        let mut values = std::mem::take(&mut buffers.logits);
        values.resize(rows * vocab, 0.0);
        for (stream, values) in stream.chunks(CHUNK_ROWS * config.width).zip(values.chunks_mut(CHUNK_ROWS * vocab)) {
            let rows = stream.len() / config.width;
            let epsilon = config.norm_epsilon;
            fill_normed(*level, pool, &mut buffers.inputs, stream, rows, &weights.output_norm, epsilon);
            let output = Output { values, stride: vocab, target: Target::Replace };
            matmul(*level, pool, &buffers.inputs, &[(&weights.output, 0)], output);
        }
        Logits::new(values, vocab)
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
        let width = self.config.width;
        let first_wanted = tokens.len() - rows;
        let mut wanted = Vec::with_capacity(rows * width);
        for (index, chunk) in tokens.chunks(CHUNK_ROWS).enumerate() {
            let skip = first_wanted.saturating_sub(index * CHUNK_ROWS).min(chunk.len());
            self.pass(chunk, skip)?;
            wanted.extend_from_slice(&self.buffers.stream[skip * width..chunk.len() * width]);
        }
        self.logits(&wanted)
    }

    fn recycle(&mut self, logits: Logits) {
        let values = logits.into_values();
        // A prefill that calibrates drafts gives many more rows, whose memory would lie there until the next prompt.
        if values.capacity() <= KEPT_LOGITS_ROWS * self.vocab_size() {
            self.buffers.logits = values;
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
            "native, {:?} keys and values, {:?} activations",
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
    let stride = linear.weights.outputs();
    let output = Output { values: stream, stride, target: Target::Add };
    matmul(level, pool, inputs, &[(&linear.weights, 0)], output);
    for row in stream.chunks_mut(stride) {
        add_bias(level, linear, row);
    }
}

/// `row + bias`.
fn biased<'a>(level: Available, linear: &Linear, row: &'a [f32]) -> Cow<'a, [f32]> {
    let mut row = Cow::Borrowed(row);
    if let Some(bias) = &linear.bias {
        kernels::add(level, row.to_mut(), bias);
    }
    row
}

fn add_bias(level: Available, linear: &Linear, row: &mut [f32]) {
    if let Some(bias) = &linear.bias {
        kernels::add(level, row, bias);
    }
}

/// Biases, head norms and rope, in place, on a row of queries, keys and values.
fn finish_heads(level: Available, config: &Config, layer: &Layer, rope: &Rope, position: usize, row: &mut [f32]) {
    let (queries, rest) = row.split_at_mut(config.query_width());
    let (keys, values) = rest.split_at_mut(config.kv_width());
    add_bias(level, &layer.query, queries);
    add_bias(level, &layer.key, keys);
    add_bias(level, &layer.value, values);
    for (heads, norm) in [(queries, &layer.query_norm), (keys, &layer.key_norm)] {
        for head in heads.chunks_mut(config.head_dim) {
            if let Some(norm) = norm {
                let unnormed = head.to_vec();
                kernels::rms_norm(level, &unnormed, norm, config.norm_epsilon, head);
            }
            rope.turn(head, position);
        }
    }
}
