//! Reads a [`Vocabulary`] from the `tokenizer.ggml.*` metadata of a GGUF file.

use super::vocabulary::{TokenKind, Vocabulary};
use crate::{EngineError, Gguf, TokenId};

impl Vocabulary {
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, EngineError> {
        let text = |key| gguf.string(key).map(|text| text.map(str::to_owned));
        let model = gguf.require("tokenizer.ggml.model", text("tokenizer.ggml.model")?)?;
        if model != "gpt2" {
            return Err(EngineError::Unsupported {
                file: gguf.source().to_owned(),
                kind: "tokenizer (tokenizer.ggml.model)",
                found: model,
                supported: "gpt2 (byte-level BPE: SmolLM2, Llama 3, Qwen 2 and 3)".into(),
            });
        }
        let strings = |key| -> Result<Vec<String>, EngineError> {
            let strings = gguf.require(key, gguf.strings(key)?)?;
            Ok(strings.into_iter().map(str::to_owned).collect())
        };
        let stop = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];
        let stop: Vec<_> = stop.into_iter().map(|key| token_id(gguf, key)).collect::<Result<_, _>>()?;
        let bos = token_id(gguf, "tokenizer.ggml.bos_token_id")?;
        Ok(Self {
            name: gguf.source().to_owned(),
            tokens: strings("tokenizer.ggml.tokens")?,
            kinds: kinds(gguf)?,
            merges: strings("tokenizer.ggml.merges")?,
            pre_tokenizer: text("tokenizer.ggml.pre")?.unwrap_or_else(|| "default".into()),
            bos,
            // A byte-level vocabulary starts prompts with bos only when its file says so.
            add_bos: gguf.boolean("tokenizer.ggml.add_bos_token")?.unwrap_or(false),
            stop: stop.into_iter().flatten().collect(),
        })
    }
}

fn kinds(gguf: &Gguf) -> Result<Vec<TokenKind>, EngineError> {
    let numbers = gguf.integers("tokenizer.ggml.token_type")?.unwrap_or_default();
    let kind = |number: i64| {
        u64::try_from(number).ok().and_then(TokenKind::from_gguf).ok_or_else(|| EngineError::Tokenizer {
            model: gguf.source().to_owned(),
            reason: format!("token type {number} is not one of a byte-level vocabulary"),
        })
    };
    numbers.into_iter().map(kind).collect()
}

fn token_id(gguf: &Gguf, key: &str) -> Result<Option<TokenId>, EngineError> {
    let id = gguf.unsigned(key)?;
    // Converters write 2^32 - 1 for a token that the vocabulary does not have.
    Ok(id.and_then(|id| TokenId::try_from(id).ok()).filter(|&id| id != TokenId::MAX))
}
