//! Reads Hugging Face's `tokenizer.json`: byte-level BPE, and BPE with byte fallback (Llama 2, Mistral, Gemma).
//!
//! How text is cut and merged is left to the file, since models differ there; what is ours is that plain text never
//! becomes a control token, and the bytes of every token.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::vocabulary::TokenKind;
use super::{Token, Tokenizer, alphabet};
use crate::{EngineError, TokenId};

/// Stands for a space in vocabularies with byte fallback, which come from SentencePiece.
const SPACE: char = '\u{2581}';

/// Holes that a vocabulary may have. Ids beyond it are a damaged file, and would cost memory.
const LARGEST_HOLES: usize = 1 << 16;

#[derive(Deserialize)]
struct TokenizerFile {
    model: Model,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    #[serde(default)]
    decoder: Value,
}

#[derive(Deserialize)]
struct Model {
    /// Absent in old files, which are BPE.
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    vocab: Value,
}

#[derive(Deserialize)]
struct AddedToken {
    id: TokenId,
    content: String,
    #[serde(default)]
    special: bool,
}

/// How a vocabulary writes bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// In GPT-2's alphabet.
    ByteLevel,
    /// As text with [`SPACE`], and `<0x0A>` for a byte that no token spells.
    ByteFallback,
}

impl Tokenizer {
    /// From the text of a `tokenizer.json`, which says neither how prompts start nor how replies end.
    ///
    /// `name` names the model in errors. Prompts do not start with `bos` by themselves: Hugging Face's chat templates
    /// write it where it is wanted.
    pub fn from_json(name: &str, json: &str, bos: Option<&str>, stop: &[TokenId]) -> Result<Self, EngineError> {
        let broken = |reason: String| EngineError::Tokenizer { model: name.to_owned(), reason };
        let file: TokenizerFile = serde_json::from_str(json).map_err(|error| broken(error.to_string()))?;
        let vocab: HashMap<String, TokenId> = match file.model.kind.as_deref() {
            None | Some("BPE") => {
                Deserialize::deserialize(&file.model.vocab).map_err(|error| broken(error.to_string()))?
            }
            Some(other) => {
                return Err(EngineError::Unsupported {
                    file: name.to_owned(),
                    kind: "tokenizer (model.type)",
                    found: other.to_owned(),
                    supported: "BPE, byte-level or with byte fallback".into(),
                });
            }
        };
        let spelling = spelling(&file)
            .ok_or_else(|| broken("its tokens are neither byte-level nor do they have a byte fallback".into()))?;
        let tokens = tokens(&vocab, &file.added_tokens, spelling).map_err(broken)?;
        let unspellable = (0..=u8::MAX).filter(|&byte| spelling.misses(byte, &vocab)).collect();
        let encoder = plain_text_encoder(json, &file.added_tokens).map_err(broken)?;
        let bos = bos.and_then(|bos| tokens.iter().position(|token| *token.bytes == *bos.as_bytes()));
        let stop: Vec<_> = stop.iter().copied().filter(|&id| (id as usize) < tokens.len()).collect();
        let mut tokenizer = Self::assemble(name, encoder, tokens, unspellable, &stop);
        tokenizer.bos = bos.map(|id| id as TokenId);
        Ok(tokenizer)
    }
}

impl Spelling {
    fn bytes(self, token: &str) -> Vec<u8> {
        match self {
            Self::ByteLevel => alphabet::to_bytes(token).unwrap_or_else(|| token.as_bytes().to_vec()),
            Self::ByteFallback => match fallback_byte(token) {
                Some(byte) => vec![byte],
                None => token.replace(SPACE, " ").into_bytes(),
            },
        }
    }

    /// Whether text with this byte may have no tokens.
    fn misses(self, byte: u8, vocab: &HashMap<String, TokenId>) -> bool {
        match self {
            Self::ByteLevel => !vocab.contains_key(&alphabet::character(byte).to_string()),
            Self::ByteFallback => false,
        }
    }
}

fn fallback_byte(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

fn spelling(file: &TokenizerFile) -> Option<Spelling> {
    if has_type(&file.decoder, "ByteLevel") {
        Some(Spelling::ByteLevel)
    } else if file.model.byte_fallback || has_type(&file.decoder, "ByteFallback") {
        Some(Spelling::ByteFallback)
    } else {
        None
    }
}

/// Whether a decoder is of this type or a sequence that has one.
fn has_type(decoder: &Value, kind: &str) -> bool {
    let parts = decoder["decoders"].as_array();
    decoder["type"] == kind || parts.is_some_and(|parts| parts.iter().any(|part| part["type"] == kind))
}

/// Every token by its id; holes are unused.
fn tokens(vocab: &HashMap<String, TokenId>, added: &[AddedToken], spelling: Spelling) -> Result<Vec<Token>, String> {
    let ids = vocab.values().copied().chain(added.iter().map(|token| token.id));
    let count = ids.max().map_or(0, |largest| largest as usize + 1);
    if count == 0 || count > vocab.len() + added.len() + LARGEST_HOLES {
        return Err(format!("it has {} tokens, and the largest id makes it {count}", vocab.len() + added.len()));
    }
    let hole = || Token { bytes: Box::default(), kind: TokenKind::Unused };
    let mut tokens: Vec<Token> = std::iter::repeat_with(hole).take(count).collect();
    for (text, &id) in vocab {
        tokens[id as usize] = Token { bytes: spelling.bytes(text).into(), kind: TokenKind::Normal };
    }
    for AddedToken { id, content, special } in added {
        let kind = if *special { TokenKind::Control } else { TokenKind::UserDefined };
        tokens[*id as usize] = Token { bytes: content.as_bytes().into(), kind };
    }
    Ok(tokens)
}

/// The file's own tokenizer without its added tokens, and without what it puts around a text.
fn plain_text_encoder(json: &str, added: &[AddedToken]) -> Result<tokenizers::Tokenizer, String> {
    let mut plain: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    for key in ["added_tokens", "post_processor", "truncation", "padding"] {
        plain[key] = Value::Null;
    }
    plain["added_tokens"] = Value::Array(Vec::new());
    let unknown = plain["model"]["unk_token"].as_str().map(str::to_owned);
    if let Some(vocab) = plain["model"]["vocab"].as_object_mut() {
        for token in added {
            vocab.remove(&token.content);
        }
        if unknown.is_some_and(|unknown| !vocab.contains_key(&unknown)) {
            plain["model"]["unk_token"] = Value::Null;
        }
    }
    tokenizers::Tokenizer::from_bytes(plain.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn byte_level() -> Value {
        let mut vocab: serde_json::Map<String, Value> =
            (0..=u8::MAX).map(|byte| (alphabet::character(byte).to_string(), byte.into())).collect();
        vocab.insert("he".into(), 256.into());
        json!({
            "model": {"type": "BPE", "vocab": vocab, "merges": ["h e"]},
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
            "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
            "added_tokens": [
                {"id": 257, "content": "<|im_end|>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
                {"id": 260, "content": "<think>", "special": false, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
            ],
        })
    }

    fn byte_fallback() -> Value {
        let mut vocab: serde_json::Map<String, Value> =
            (0..=u8::MAX).map(|byte| (format!("<0x{byte:02X}>"), (byte as u32 + 3).into())).collect();
        for (id, token) in ["<unk>", "<s>", "</s>"].into_iter().enumerate() {
            vocab.insert(token.into(), id.into());
        }
        for (id, token) in ["\u{2581}", "h", "i", "hi", "\u{2581}hi"].into_iter().enumerate() {
            vocab.insert(token.into(), (id + 259).into());
        }
        let added = |id: u32, content: &str| json!({"id": id, "content": content, "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false});
        json!({
            "model": {"type": "BPE", "vocab": vocab, "merges": [["h", "i"], ["\u{2581}", "hi"]], "byte_fallback": true, "unk_token": "<unk>", "fuse_unk": true},
            "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u{2581}"},
            "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
            "added_tokens": [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")],
        })
    }

    fn tokenizer(file: &Value, bos: Option<&str>, stop: &[TokenId]) -> Tokenizer {
        Tokenizer::from_json("test", &file.to_string(), bos, stop).unwrap()
    }

    #[test]
    fn text_goes_there_and_back() {
        let check = |file: &Value, text: &str, expected: &[&str]| {
            let tokenizer = tokenizer(file, None, &[]);
            let tokens = tokenizer.encode(text).unwrap();
            assert_eq!(tokenizer.decode(&tokens), text);
            let texts: Vec<_> = tokens.iter().filter_map(|&token| tokenizer.token_text(token)).collect();
            assert_eq!(texts, expected, "{text:?}");
        };
        check(&byte_level(), "hey hé", &["he", "y", " ", "h", "\u{FFFD}", "\u{FFFD}"]);
        check(&byte_level(), "<|im_end|>", &["<", "|", "i", "m", "_", "e", "n", "d", "|", ">"]);
        check(&byte_fallback(), " hi hi!", &[" hi", " hi", "!"]);
        check(&byte_fallback(), "</s>", &["<", "/", "s", ">"]);
    }

    #[test]
    fn control_tokens_are_known_by_name() {
        let level = tokenizer(&byte_level(), None, &[]);
        assert_eq!(level.encode_with_special("he<|im_end|><think>").unwrap(), [256, 257, 260]);
        assert_eq!((level.stop_tokens(), level.bos(), level.vocab_size()), (&[257][..], None, 261));
        assert_eq!(level.decode(&[257, 258, 260]), "<think>");
        let fallback = tokenizer(&byte_fallback(), Some("<s>"), &[2, 9999]);
        assert_eq!((fallback.stop_tokens(), fallback.bos(), fallback.add_bos()), (&[2][..], Some(1), false));
    }

    #[test]
    fn what_is_no_such_tokenizer_is_an_error() {
        let check = |change: fn(&mut Value), expected: &str| {
            let mut file = byte_level();
            change(&mut file);
            let error = Tokenizer::from_json("some/model", &file.to_string(), None, &[]).err().unwrap().to_string();
            assert!(error.contains(expected) && error.contains("some/model") && error.contains("hint:"), "{error}");
        };
        check(|file| file["model"]["type"] = "Unigram".into(), "BPE");
        check(|file| file["model"] = Value::Null, "model");
        check(|file| file["decoder"] = Value::Null, "byte-level");
        check(|file| file["added_tokens"][0]["id"] = 4_000_000_000u32.into(), "4000000001");
        check(|file| file["model"]["vocab"] = json!({}), "tokenizer cannot be built");
        check(|file| *file = "text".into(), "tokenizer cannot be built");
    }
}
