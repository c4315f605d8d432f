//! What a model's metadata says about its shape, checked: everything later code computes with is sane from here on.

use crate::EngineError;
use crate::gguf::{Gguf, GgufProblem};

/// A family of models: what differs between them beyond numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Llama,
    Qwen2,
    Qwen3,
}

impl Family {
    pub const ALL: [Self; 3] = [Self::Llama, Self::Qwen2, Self::Qwen3];

    /// The name in `general.architecture`, and the prefix of the family's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }

    /// Which two numbers of a head are rotated together.
    pub fn rope_pairs(self) -> RopePairs {
        match self {
            // Converters of llama models reorder the query and key weights for this.
            Self::Llama => RopePairs::Neighbours,
            Self::Qwen2 | Self::Qwen3 => RopePairs::Halves,
        }
    }

    /// Whether queries and keys are normalised, head by head, before they are rotated.
    pub fn normalises_heads(self) -> bool {
        match self {
            Self::Llama | Self::Qwen2 => false,
            Self::Qwen3 => true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RopePairs {
    /// `2 i` with `2 i + 1`.
    Neighbours,
    /// `i` with `i + half`.
    Halves,
}

/// Sizes of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub family: Family,
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    pub heads: usize,
    /// Heads of keys and values; each serves `heads / kv_heads` query heads.
    pub kv_heads: usize,
    pub head_dim: usize,
    pub norm_epsilon: f32,
    /// The context that the model was trained for.
    pub trained_context: usize,
    /// Numbers of a head that are rotated; the rest stay as they are.
    pub rope_dims: usize,
    pub rope_base: f64,
    /// Positions are divided by this (linear rope scaling); 1 without scaling.
    pub rope_factor: f64,
}

/// The largest layer, head and dimension counts that are believed. The largest dense models have 126 layers, 128 heads and
/// a width of 16384; weights that do not fit the numbers are refused anyway.
const MAX_COUNT: u64 = 1 << 16;

impl Config {
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, EngineError> {
        let architecture = gguf.architecture()?;
        let Some(family) = Family::ALL.into_iter().find(|family| family.name() == architecture) else {
            return Err(EngineError::Unsupported {
                file: gguf.source().to_owned(),
                kind: "model family",
                found: architecture.to_owned(),
                supported: Family::ALL.map(Family::name).join(", "),
            });
        };
        let reader = KeyReader { gguf, family };
        reader.refuse_variants()?;
        let width = reader.count("embedding_length")?;
        let heads = reader.count("attention.head_count")?;
        let kv_heads = reader.optional_count("attention.head_count_kv")?.unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            return Err(reader.bad("attention.head_count_kv", kv_heads, format!("a divisor of {heads} heads")));
        }
        let head_dim = match reader.optional_count("attention.key_length")? {
            Some(length) => length,
            None if width.is_multiple_of(heads) => width / heads,
            None => {
                return Err(reader.bad("attention.head_count", heads, format!("a divisor of the width {width}")));
            }
        };
        if let Some(length) = reader.optional_count("attention.value_length")?
            && length != head_dim
        {
            return Err(reader.bad("attention.value_length", length, format!("the key length {head_dim}")));
        }
        let rope_dims = reader.optional_count("rope.dimension_count")?.unwrap_or(head_dim);
        if rope_dims > head_dim || rope_dims % 2 != 0 {
            return Err(reader.bad("rope.dimension_count", rope_dims, format!("an even number up to {head_dim}")));
        }
        Ok(Self {
            family,
            layers: reader.count("block_count")?,
            width,
            heads,
            kv_heads,
            head_dim,
            norm_epsilon: reader.positive("attention.layer_norm_rms_epsilon", None)? as f32,
            trained_context: reader.context()?,
            rope_dims,
            rope_base: reader.positive("rope.freq_base", Some(10_000.0))?,
            rope_factor: reader.rope_factor()?,
        })
    }

    pub fn query_width(&self) -> usize {
        self.heads * self.head_dim
    }

    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }
}

struct KeyReader<'a> {
    gguf: &'a Gguf,
    family: Family,
}

impl KeyReader<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.family.name())
    }

    fn bad(&self, name: &str, found: impl ToString, expected: String) -> EngineError {
        GgufProblem::BadValue { key: self.key(name), found: found.to_string(), expected }.in_file(self.gguf.source())
    }

    fn optional_count(&self, name: &str) -> Result<Option<usize>, EngineError> {
        match self.gguf.unsigned(&self.key(name))? {
            None => Ok(None),
            Some(count @ 1..=MAX_COUNT) => Ok(Some(count as usize)),
            Some(found) => Err(self.bad(name, found, format!("from 1 to {MAX_COUNT}"))),
        }
    }

    fn count(&self, name: &str) -> Result<usize, EngineError> {
        self.gguf.require(&self.key(name), self.optional_count(name)?)
    }

    fn positive(&self, name: &str, default: Option<f64>) -> Result<f64, EngineError> {
        let value = self.gguf.require(&self.key(name), self.gguf.float(&self.key(name))?.or(default))?;
        if value.is_finite() && value > 0.0 {
            return Ok(value);
        }
        Err(self.bad(name, value, "a positive number".into()))
    }

    fn context(&self) -> Result<usize, EngineError> {
        let key = self.key("context_length");
        match self.gguf.require(&key, self.gguf.unsigned(&key)?)? {
            0 => Err(self.bad("context_length", 0, "at least 1".into())),
            // A longer one is cut to what 32 bits of position count; the KV cache has its own, smaller limit.
            length => Ok(u32::try_from(length).unwrap_or(u32::MAX) as usize),
        }
    }

    fn rope_factor(&self) -> Result<f64, EngineError> {
        match self.gguf.string(&self.key("rope.scaling.type"))? {
            None | Some("none") => Ok(1.0),
            Some("linear") => self.positive("rope.scaling.factor", Some(1.0)),
            Some(other) => {
                Err(self.unsupported("rope scaling", other, "none, linear, and llama 3's rope_freqs tensor"))
            }
        }
    }

    /// Variants of a family that would run, wrongly, if nobody looked.
    fn refuse_variants(&self) -> Result<(), EngineError> {
        if let Some(experts @ 1..) = self.gguf.unsigned(&self.key("expert_count"))? {
            return Err(self.unsupported("mixture of experts", &experts.to_string(), "dense models"));
        }
        if let Some(window @ 1..) = self.gguf.unsigned(&self.key("attention.sliding_window"))? {
            return Err(self.unsupported("sliding window", &window.to_string(), "attention over the whole context"));
        }
        Ok(())
    }

    fn unsupported(&self, kind: &'static str, found: &str, supported: &str) -> EngineError {
        EngineError::Unsupported {
            file: self.gguf.source().to_owned(),
            kind,
            found: found.to_owned(),
            supported: supported.to_owned(),
        }
    }
}
