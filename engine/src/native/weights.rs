//! The tensors of a model by name, with their shapes checked, packed for the kernels.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::EngineError;
use crate::gguf::{Gguf, GgufProblem, Tensor, TensorType};

use super::arena::Arena;
use super::blocks;
use super::config::Config;
use super::kernels::{self, Precision};
use super::level::Available;
use super::pack::Packed;
use super::pool::Pool;

/// A linear layer.
pub struct Linear {
    pub weights: Packed,
    pub bias: Option<Vec<f32>>,
}

impl Linear {
    /// `rows + bias`, where `rows` are these columns of its products.
    pub fn add_bias(&self, level: Available, columns: &Range<usize>, rows: &mut [f32]) {
        if let Some(bias) = &self.bias {
            for row in rows.chunks_mut(columns.len()) {
                kernels::add(level, row, &bias[columns.clone()]);
            }
        }
    }
}

/// One decoder layer.
pub struct Layer {
    pub attention_norm: Vec<f32>,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    /// Norms of each query and key head, where the family has them.
    pub query_norm: Option<Vec<f32>>,
    pub key_norm: Option<Vec<f32>>,
    pub attention_output: Linear,
    pub ffn_norm: Vec<f32>,
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// All weights but the embedding, whose rows are read from the file.
pub struct Weights {
    pub layers: Vec<Layer>,
    pub output_norm: Vec<f32>,
    /// The LM head; the embedding's own weights when the file has no other.
    pub output: Packed,
    /// Llama 3's divisors of the rope frequencies.
    pub rope_divisors: Option<Vec<f32>>,
}

pub const EMBEDDING: &str = "token_embd.weight";

impl Weights {
    /// Packs everything. A tensor that this code does not know would be left out of the computation, so it is an error.
    pub fn load(gguf: &Gguf, config: &Config, precision: Precision, pool: &mut Pool) -> Result<Self, EngineError> {
        let mut loader = Loader { gguf, pool, precision, arena: Arena::default(), used: BTreeSet::new() };
        let vocab = loader.vocab_size(config)?;
        let mut layers = Vec::new();
        for index in 0..config.layers {
            layers.push(loader.layer(config, index)?);
        }
        let output_norm = loader.vector("output_norm.weight", config.width)?;
        let output = match gguf.tensor("output.weight") {
            Some(_) => loader.matrix("output.weight", config.width, vocab)?,
            None => loader.matrix(EMBEDDING, config.width, vocab)?,
        };
        let rope_divisors = loader.optional_vector("rope_freqs.weight", config.rope_dims / 2)?;
        if let Some(bad) = rope_divisors.iter().flatten().find(|divisor| !divisor.is_normal()) {
            return Err(GgufProblem::BadValue {
                key: "rope_freqs.weight".into(),
                found: bad.to_string(),
                expected: "numbers to divide by".into(),
            }
            .in_file(gguf.source()));
        }
        loader.refuse_unknown(config)?;
        Ok(Self { layers, output_norm, output, rope_divisors })
    }
}

struct Loader<'a> {
    gguf: &'a Gguf,
    pool: &'a mut Pool,
    precision: Precision,
    arena: Arena,
    used: BTreeSet<String>,
}

impl<'a> Loader<'a> {
    fn layer(&mut self, config: &Config, index: usize) -> Result<Layer, EngineError> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let (width, queries, kv) = (config.width, config.query_width(), config.kv_width());
        let ffn = self.tensor(&name("ffn_gate.weight"))?.rows();
        let head_norms = config.family.normalises_heads();
        let head_norm =
            |loader: &mut Self, part: &str| head_norms.then(|| loader.vector(&name(part), config.head_dim)).transpose();
        Ok(Layer {
            attention_norm: self.vector(&name("attn_norm.weight"), width)?,
            query: self.linear(&name("attn_q"), width, queries)?,
            key: self.linear(&name("attn_k"), width, kv)?,
            value: self.linear(&name("attn_v"), width, kv)?,
            query_norm: head_norm(self, "attn_q_norm.weight")?,
            key_norm: head_norm(self, "attn_k_norm.weight")?,
            attention_output: self.linear(&name("attn_output"), queries, width)?,
            ffn_norm: self.vector(&name("ffn_norm.weight"), width)?,
            gate: self.linear(&name("ffn_gate"), width, ffn)?,
            up: self.linear(&name("ffn_up"), width, ffn)?,
            down: self.linear(&name("ffn_down"), ffn, width)?,
        })
    }

    /// The rows of the embedding.
    fn vocab_size(&mut self, config: &Config) -> Result<usize, EngineError> {
        let tensor = self.tensor(EMBEDDING)?;
        self.check_shape(&tensor, &[config.width, tensor.rows()])?;
        Ok(tensor.rows())
    }

    fn tensor(&mut self, name: &str) -> Result<Tensor<'a>, EngineError> {
        self.used.insert(name.to_owned());
        self.gguf
            .tensor(name)
            .ok_or_else(|| GgufProblem::MissingTensor { tensor: name.to_owned() }.in_file(self.gguf.source()))
    }

    fn check_shape(&self, tensor: &Tensor<'_>, expected: &[usize]) -> Result<(), EngineError> {
        if tensor.shape == expected {
            return Ok(());
        }
        let (tensor, found) = (tensor.name.to_owned(), tensor.shape.to_vec());
        Err(GgufProblem::WrongShape { tensor, found, expected: expected.to_vec() }.in_file(self.gguf.source()))
    }

    fn matrix(&mut self, name: &str, inputs: usize, outputs: usize) -> Result<Packed, EngineError> {
        let tensor = self.tensor(name)?;
        self.check_shape(&tensor, &[inputs, outputs])?;
        // Without the release, loading takes the memory of two models.
        Packed::new(&tensor, self.precision, self.pool, &mut self.arena, || self.gguf.release_pages())
    }

    fn linear(&mut self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, EngineError> {
        let weights = self.matrix(&format!("{name}.weight"), inputs, outputs)?;
        Ok(Linear { weights, bias: self.optional_vector(&format!("{name}.bias"), outputs)? })
    }

    /// A vector of any type, as floats.
    fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, EngineError> {
        let tensor = self.tensor(name)?;
        self.check_shape(&tensor, &[length])?;
        let mut values = vec![0.0; length];
        blocks::dequantize_row(tensor.dtype, tensor.data, &mut values);
        Ok(values)
    }

    fn optional_vector(&mut self, name: &str, length: usize) -> Result<Option<Vec<f32>>, EngineError> {
        self.gguf.tensor(name).is_some().then(|| self.vector(name, length)).transpose()
    }

    fn refuse_unknown(&self, config: &Config) -> Result<(), EngineError> {
        match self.gguf.tensors().find(|tensor| !self.used.contains(tensor.name)) {
            None => Ok(()),
            Some(unknown) => Err(EngineError::Unsupported {
                file: self.gguf.source().to_owned(),
                kind: "tensor",
                found: unknown.name.to_owned(),
                supported: format!("the tensors of dense {} models", config.family.name()),
            }),
        }
    }
}

/// The type that most of the weights' bytes have.
pub fn main_type(gguf: &Gguf) -> Option<TensorType> {
    let bytes = |dtype| gguf.tensors().filter(|tensor| tensor.dtype == dtype).map(|tensor| tensor.data.len()).sum();
    TensorType::ALL.into_iter().max_by_key(|dtype| -> usize { bytes(*dtype) })
}
