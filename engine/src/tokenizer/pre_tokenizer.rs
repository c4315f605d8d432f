//! How text is cut into words before BPE: the named pre-tokenizers of `tokenizer.ggml.pre`.
//!
//! Each is a list of patterns, applied one after the other to what the one before left, matches and gaps alike being
//! kept. The patterns are the published ones of each model family.

use tokenizers::SplitDelimiterBehavior::Isolated;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};

use crate::EngineError;

/// GPT-2's words: a contraction, or letters, digits or symbols with the space before them, or white space.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// Llama 3's: up to three digits at a time, symbols keep the line breaks that follow.
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Qwen 2's: as Llama 3's, with every digit alone.
const QWEN2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

struct Named {
    names: &'static [&'static str],
    patterns: &'static [&'static str],
    /// A word that is a token is that token, whatever the merges would make of it.
    ignore_merges: bool,
}

const KNOWN: &[Named] = &[
    Named { names: &["smollm"], patterns: &[r"\p{N}", GPT2], ignore_merges: false },
    Named { names: &["llama-bpe", "llama3", "llama-v3"], patterns: &[LLAMA3], ignore_merges: true },
    Named { names: &["qwen2"], patterns: &[QWEN2], ignore_merges: false },
    Named { names: &["gpt-2"], patterns: &[GPT2], ignore_merges: false },
    // What llama.cpp does with a file that names none: punctuation alone, GPT-2's words, digits in threes.
    Named {
        names: &["default"],
        patterns: &[r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
        ignore_merges: false,
    },
];

pub(super) struct PreTokenizer {
    pub(super) splitter: PreTokenizerWrapper,
    pub(super) ignore_merges: bool,
}

pub(super) fn build(model: &str, name: &str) -> Result<PreTokenizer, EngineError> {
    let Some(known) = KNOWN.iter().find(|known| known.names.contains(&name)) else {
        return Err(EngineError::Unsupported {
            file: model.to_owned(),
            kind: "pre-tokenizer (tokenizer.ggml.pre)",
            found: name.to_owned(),
            supported: KNOWN.iter().flat_map(|known| known.names).copied().collect::<Vec<_>>().join(", "),
        });
    };
    let mut steps = Vec::with_capacity(known.patterns.len() + 1);
    for &pattern in known.patterns {
        let split = Split::new(SplitPattern::Regex(pattern.to_owned()), Isolated, false).map_err(|error| {
            EngineError::Tokenizer { model: model.to_owned(), reason: format!("pre-tokenizer {name}: {error}") }
        })?;
        steps.push(split.into());
    }
    // Only rewrites bytes as characters of the alphabet; the words are cut above.
    steps.push(ByteLevel::new(false, false, false).into());
    Ok(PreTokenizer { splitter: Sequence::new(steps).into(), ignore_merges: known.ignore_merges })
}
