//! The one interface between the generation loop and whatever computes logits.

use std::sync::Arc;

use serde::Serialize;

use crate::{ChatTemplate, EngineError, Tokenizer, sampler};

/// An entry of the vocabulary.
pub type TokenId = u32;

/// A decoder-only language model with a KV cache.
///
/// The cache holds the keys and values of tokens `0..len()`. After an error the cache is as long as [`Self::len`] says and
/// the model can be used on.
pub trait TargetModel: Send {
    /// Appends `tokens` to the KV cache and returns the logits of the last `rows` positions, in their order.
    ///
    /// `rows` may be 0 (a prefill whose logits nobody reads) and is at most `tokens.len()`. More tokens than
    /// [`Self::context_len`] leaves room for, or a token outside the vocabulary, is an error and appends nothing.
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError>;

    /// Takes back what [`Self::forward`] gave and nobody reads any more: the next pass can use its memory.
    fn recycle(&mut self, logits: Logits) {
        drop(logits);
    }

    /// Forgets every token from position `len` on. Asking for more than [`Self::len`] is an error.
    fn truncate(&mut self, len: usize) -> Result<(), EngineError>;

    /// Tokens in the KV cache.
    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length of every row of logits. It can exceed the tokenizer's vocabulary: some models pad theirs.
    fn vocab_size(&self) -> usize;

    /// Tokens that the KV cache can hold.
    fn context_len(&self) -> usize;

    /// Threads that a pass can use; 1 where the backend decides by itself.
    fn threads(&self) -> usize {
        1
    }

    /// Computes the passes from now on with 1 to [`Self::threads`] of them. Results do not change.
    fn use_threads(&mut self, threads: usize) {
        let _ = threads;
    }

    /// What the bytes of [`Self::export_cache`] depend on besides the model and the tokens; `None` when the cache cannot be
    /// taken out.
    fn cache_layout(&self) -> Option<String> {
        None
    }

    /// The keys and values of all tokens in the cache.
    fn export_cache(&self) -> Option<Vec<u8>> {
        None
    }

    /// Replaces the cache by one of `tokens` tokens that was exported. False, and nothing changes, if it cannot be one.
    fn import_cache(&mut self, tokens: usize, exported: &[u8]) -> bool {
        let _ = (tokens, exported);
        false
    }
}

/// Unnormalised scores: `[rows, vocab]` f32, row major, natural-log scale.
#[derive(Debug, Clone)]
pub struct Logits {
    /// `[rows, vocab]`, and whatever lies behind.
    values: Vec<f32>,
    /// The highest score of each [`PART`](Self::PART) of the rows, if the target has seen them: `[rows, parts]`, and whatever lies
    /// behind.
    highest: Vec<f32>,
    rows: usize,
    vocab: usize,
}

impl Logits {
    /// Scores whose highest a target can tell.
    pub(crate) const PART: usize = 16;

    /// `values` must be whole rows of `vocab` scores.
    pub fn new(values: Vec<f32>, vocab: usize) -> Result<Self, EngineError> {
        if vocab == 0 || !values.len().is_multiple_of(vocab) {
            return Err(EngineError::Backend {
                backend: "target",
                what: format!("{} logits are not whole rows of {vocab}", values.len()),
                hint: "this is a bug in the target model".into(),
            });
        }
        Ok(Self { rows: values.len() / vocab, values, highest: Vec::new(), vocab })
    }

    /// Rows of `vocab` scores, and the highest of their parts, at the start of memory that is used again. Panics when there are
    /// not that many.
    pub(crate) fn at_start_of([values, highest]: [Vec<f32>; 2], rows: usize, vocab: usize) -> Self {
        assert!(rows * vocab <= values.len() && rows * vocab.div_ceil(Self::PART) <= highest.len());
        Self { values, highest, rows, vocab }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn vocab(&self) -> usize {
        self.vocab
    }

    /// Scores of the position `index` of those asked for. Panics when there are not that many rows, as a slice would.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[..self.rows * self.vocab][index * self.vocab..(index + 1) * self.vocab]
    }

    /// Only the last `rows` rows, or all if there are not that many.
    pub(crate) fn into_last(mut self, rows: usize) -> Result<Self, EngineError> {
        let rest = self.rows.saturating_sub(rows) * self.vocab;
        self.values.truncate(self.rows * self.vocab);
        self.values.drain(..rest);
        Self::new(self.values, self.vocab)
    }

    /// The memory of the scores and of the highest of their parts.
    pub(crate) fn into_memory(self) -> [Vec<f32>; 2] {
        [self.values, self.highest]
    }

    /// The token with the highest score of a row, the lower id among equals; `None` when no score is a number.
    pub(crate) fn likeliest(&self, row: usize) -> Option<TokenId> {
        let parts = self.vocab.div_ceil(Self::PART);
        let highest = self.highest.get(row * parts..(row + 1) * parts).unwrap_or_default();
        let part = sampler::likeliest(highest).map(|part| part as usize);
        match part.filter(|&part| highest[part] > f32::NEG_INFINITY) {
            Some(part) => {
                let first = part * Self::PART;
                let place = self.row(row)[first..].iter().position(|&score| score == highest[part])?;
                Some((first + place) as TokenId)
            }
            None => sampler::likeliest(self.row(row)),
        }
    }

    pub fn last(&self) -> Option<&[f32]> {
        self.rows().checked_sub(1).map(|last| self.row(last))
    }
}

/// What a person wants to know of a model, and what a report must name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelInfo {
    /// The model's own name for itself, else its file's.
    pub name: String,
    /// Where it was loaded from: a path, a Hugging Face id, or `embedded`.
    pub source: String,
    /// `native` or `mistralrs`.
    pub backend: &'static str,
    /// The family: `llama`, `qwen2`, ...
    pub architecture: String,
    /// The dtype of most weights, `Q4_0` for instance; absent where the backend cannot tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    /// Size of the weights' file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Tells models apart whatever they are called; absent where the backend cannot tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    pub vocab_size: usize,
    /// Tokens that this load's KV cache can hold.
    pub context_len: usize,
}

/// A model, ready to run, with all that belongs to it.
pub struct LoadedModel {
    pub target: Box<dyn TargetModel>,
    /// Shared with constraints, which build their token trie from it once.
    pub tokenizer: Arc<Tokenizer>,
    pub chat_template: ChatTemplate,
    pub info: ModelInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_is_the_same_whether_the_target_tells_the_highest_or_not() {
        const VOCAB: usize = 2 * Logits::PART + 3;
        let row = |scores: &[(usize, f32)], others: f32| {
            let mut row = [others; VOCAB];
            scores.iter().for_each(|&(token, score)| row[token] = score);
            row
        };
        let rows = [
            row(&[(3, 2.0)], 1.0),
            row(&[(17, 2.0), (20, 2.0), (34, 2.0)], 1.0),
            row(&[(34, -1.0), (0, f32::NAN)], -2.0),
            row(&[(18, f32::NEG_INFINITY)], f32::NAN),
            row(&[(5, f32::INFINITY)], f32::NAN),
            row(&[], f32::NAN),
            row(&[], f32::NEG_INFINITY),
        ];
        let highest = |part: &[f32]| part.iter().fold(f32::NEG_INFINITY, |highest, score| highest.max(*score));
        let parts = rows.iter().flat_map(|row| row.chunks(Logits::PART)).map(highest);
        let told = Logits::at_start_of([rows.concat(), parts.chain([9.0]).collect()], rows.len(), VOCAB);
        let untold = Logits::new(rows.concat(), VOCAB).unwrap();
        let expected = [Some(3), Some(17), Some(34), Some(18), Some(5), None, Some(0)];
        for (row, expected) in expected.into_iter().enumerate() {
            assert_eq!((told.likeliest(row), untold.likeliest(row)), (expected, expected), "row {row}");
        }
    }
}
