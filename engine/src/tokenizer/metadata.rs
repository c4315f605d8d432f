//! Reads a [`Vocabulary`] from the `tokenizer.ggml.*` metadata of a GGUF file.

use super::Tokenizer;
use super::vocabulary::{TokenKind, Vocabulary};
use crate::{EngineError, Gguf, TokenId};

impl Tokenizer {
    /// The tokenizer of a GGUF file.
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, EngineError> {
        Self::new(&Vocabulary::from_gguf(gguf)?)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::write::{GgufWriter, MetadataValue};
    use crate::testing::vocabulary;

    /// The test vocabulary as a file, after `change`; a key that is written `-key` is left out.
    fn read(changes: &[(&str, MetadataValue)]) -> Result<Vocabulary, EngineError> {
        let vocabulary = vocabulary();
        let number = |kind: &TokenKind| match kind {
            TokenKind::Normal => 1,
            TokenKind::Control => 3,
            TokenKind::UserDefined => 4,
            TokenKind::Unused => 5,
        };
        let mut entries = vec![
            ("model", MetadataValue::String("gpt2".into())),
            ("pre", MetadataValue::String(vocabulary.pre_tokenizer.clone())),
            ("tokens", MetadataValue::Strings(vocabulary.tokens.clone())),
            ("token_type", MetadataValue::I32s(vocabulary.kinds.iter().map(number).collect())),
            ("merges", MetadataValue::Strings(vocabulary.merges.clone())),
            ("eos_token_id", MetadataValue::U32(vocabulary.stop[0])),
        ];
        for (key, value) in changes {
            entries.retain(|(other, _)| other != key && Some(*other) != key.strip_prefix('-'));
            if !key.starts_with('-') {
                entries.push((key, value.clone()));
            }
        }
        let mut writer = GgufWriter::default();
        for (key, value) in entries {
            writer.metadata(&format!("tokenizer.ggml.{key}"), value);
        }
        let file: &'static [u8] = Box::leak(writer.finish().into_boxed_slice());
        Vocabulary::from_gguf(&Gguf::from_static(file, "test.gguf")?)
    }

    #[test]
    fn a_file_gives_back_its_vocabulary() {
        let found = read(&[]).unwrap();
        assert_eq!(Vocabulary { name: "test".into(), ..found.clone() }.kinds, vocabulary().kinds);
        let text = "hello world";
        let encode = |vocabulary: &Vocabulary| Tokenizer::new(vocabulary).unwrap().encode(text).unwrap();
        assert_eq!(encode(&found), encode(&vocabulary()));
        assert_eq!((found.bos, found.add_bos, found.stop), (None, false, vocabulary().stop));

        let number = MetadataValue::U32;
        let found = read(&[
            ("bos_token_id", number(265)),
            ("add_bos_token", MetadataValue::Bool(true)),
            ("eot_token_id", number(267)),
            ("eom_token_id", number(u32::MAX)),
        ]);
        let found = found.unwrap();
        assert_eq!((found.bos, found.add_bos, found.stop), (Some(265), true, vec![266, 267]));
        let nothing = || MetadataValue::Bool(false);
        assert_eq!(read(&[("-pre", nothing())]).unwrap().pre_tokenizer, "default");
        assert!(read(&[("-token_type", nothing())]).unwrap().kinds.is_empty());
    }

    #[test]
    fn files_without_a_usable_vocabulary_are_errors() {
        let check = |key: &str, value: MetadataValue, expected: &str| {
            let error = read(&[(key, value)]).unwrap_err().to_string();
            assert!(error.contains("test.gguf") && error.contains(expected), "{error:?} should have {expected:?}");
        };
        let text = |text: &str| MetadataValue::String(text.into());
        check("model", text("llama"), "\"llama\" is not supported");
        check("-model", text(""), "tokenizer.ggml.model");
        check("-tokens", text(""), "tokenizer.ggml.tokens");
        check("-merges", text(""), "tokenizer.ggml.merges");
        check("tokens", text("one"), "tokenizer.ggml.tokens");
        check("token_type", MetadataValue::I32s(vec![9]), "token type 9");
        check("token_type", MetadataValue::I32s(vec![-1]), "token type -1");
        check("eos_token_id", text("2"), "tokenizer.ggml.eos_token_id");
    }
}
