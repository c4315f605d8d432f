//! A small vocabulary and a model without weights, for the tests of this crate.

use std::sync::{Arc, Mutex};

use crate::{
    ChatTemplate, EngineError, LoadedModel, Logits, ModelInfo, TargetModel, TokenId, TokenKind, Tokenizer, Vocabulary,
};

/// All bytes, a few merges, and the control tokens of ChatML: `im_end` is the end token.
pub(crate) fn vocabulary() -> Vocabulary {
    let character = crate::tokenizer::alphabet_character;
    let mut tokens: Vec<String> = (0..=u8::MAX).map(|byte| character(byte).to_string()).collect();
    let merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "\" :", "{ \"", "o r", "Ġw or"].map(str::to_owned);
    tokens.extend(merges.iter().map(|merge| merge.replace(' ', "")));
    let mut kinds = vec![TokenKind::Normal; tokens.len()];
    for (text, kind) in [
        ("<|im_start|>", TokenKind::Control),
        ("<|im_end|>", TokenKind::Control),
        ("<think>", TokenKind::UserDefined),
        ("[PAD]", TokenKind::Unused),
    ] {
        tokens.push(text.into());
        kinds.push(kind);
    }
    let end = tokens.iter().position(|token| token == "<|im_end|>").map(|id| id as TokenId);
    Vocabulary {
        name: "test".into(),
        tokens,
        kinds,
        merges: merges.to_vec(),
        pre_tokenizer: "smollm".into(),
        bos: None,
        add_bos: false,
        stop: end.into_iter().collect(),
    }
}

pub(crate) fn tokenizer() -> Tokenizer {
    Tokenizer::new(&vocabulary()).unwrap()
}

/// What the fake model writes.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// Scores are a hash of the seed and of every token so far, so that a wrong cache gives another text.
    Random {
        seed: u64,
    },
    /// Writes the letters a to d, each a hash of the two before it that changes every 29 tokens: text that repeats itself,
    /// and then does not.
    Repeating {
        seed: u64,
    },
    /// Prefers these tokens, one after the other, behind a prompt of `prompt` tokens.
    Script {
        prompt: usize,
        tokens: Vec<TokenId>,
    },
    NotANumber,
}

/// The size of every pass that a [`FakeModel`] made.
pub(crate) type PassLog = Arc<Mutex<Vec<usize>>>;

pub(crate) struct FakeModel {
    pub(crate) behaviour: Behaviour,
    pub(crate) vocab: usize,
    pub(crate) context: usize,
    pub(crate) tokens: Vec<TokenId>,
    pub(crate) passes: PassLog,
    /// The pass with this number fails, after half of its tokens went into the cache.
    pub(crate) failing_pass: Option<usize>,
    /// What a pass takes, however many rows it has.
    pub(crate) pass_time: std::time::Duration,
}

impl FakeModel {
    pub(crate) fn new(behaviour: Behaviour, context: usize) -> Self {
        // Models pad their vocabulary: 7 more scores than there are tokens.
        let vocab = vocabulary().tokens.len() + 7;
        Self {
            behaviour,
            vocab,
            context,
            tokens: Vec::new(),
            passes: PassLog::default(),
            failing_pass: None,
            pass_time: std::time::Duration::ZERO,
        }
    }

    pub(crate) fn load(self) -> LoadedModel {
        let tokenizer = Arc::new(tokenizer());
        let chat_template = ChatTemplate::fallback(&tokenizer).unwrap();
        let info = ModelInfo {
            name: "fake".into(),
            source: "test".into(),
            backend: "fake",
            architecture: "none".into(),
            quantization: None,
            parameters: None,
            layers: None,
            bytes: None,
            fingerprint: Some("fake".into()),
            vocab_size: self.vocab,
            context_len: self.context,
        };
        LoadedModel { target: Box::new(self), tokenizer, chat_template, info }
    }

    fn row(&self, len: usize) -> Vec<f32> {
        let mut row = vec![0.0; self.vocab];
        match &self.behaviour {
            Behaviour::Random { seed } => {
                let mut state = self.tokens[..len].iter().fold(*seed, |state, &token| mix(state ^ u64::from(token)));
                for score in &mut row {
                    state = mix(state);
                    *score = (state >> 40) as f32 / (1u64 << 20) as f32;
                }
            }
            Behaviour::Repeating { seed } => {
                let recent = self.tokens[len.saturating_sub(2)..len].iter();
                let start = mix(*seed ^ (len / 29) as u64);
                let mut state = recent.fold(start, |state, &token| mix(state ^ u64::from(token)));
                for score in &mut row[usize::from(b'a' - b'!')..][..4] {
                    state = mix(state);
                    *score = 5.0 + (state >> 40) as f32 / (1u64 << 21) as f32;
                }
            }
            Behaviour::Script { prompt, tokens } => {
                if let Some(&token) = len.checked_sub(*prompt).and_then(|at| tokens.get(at)) {
                    row[token as usize] = 10.0;
                }
            }
            Behaviour::NotANumber => row.fill(f32::NAN),
        }
        row
    }
}

/// The finalizer of SplitMix64.
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

impl TargetModel for FakeModel {
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        assert!(rows <= tokens.len() && self.tokens.len() + tokens.len() <= self.context);
        let pass = {
            let mut passes = self.passes.lock().unwrap();
            passes.push(tokens.len());
            passes.len() - 1
        };
        std::thread::sleep(self.pass_time);
        if self.failing_pass == Some(pass) {
            self.tokens.extend_from_slice(&tokens[..tokens.len() / 2]);
            return Err(EngineError::Backend { backend: "fake", what: "broke".into(), hint: "none".into() });
        }
        self.tokens.extend_from_slice(tokens);
        let len = self.tokens.len();
        let values = (len - rows + 1..=len).flat_map(|len| self.row(len)).collect();
        Logits::new(values, self.vocab)
    }

    fn truncate(&mut self, len: usize) -> Result<(), EngineError> {
        assert!(len <= self.tokens.len());
        self.tokens.truncate(len);
        Ok(())
    }

    fn len(&self) -> usize {
        self.tokens.len()
    }

    fn vocab_size(&self) -> usize {
        self.vocab
    }

    fn context_len(&self) -> usize {
        self.context
    }

    fn cache_layout(&self) -> Option<String> {
        Some("fake".into())
    }

    fn export_cache(&self) -> Option<Vec<u8>> {
        Some(self.tokens.iter().flat_map(|token| token.to_le_bytes()).collect())
    }

    fn import_cache(&mut self, tokens: usize, exported: &[u8]) -> bool {
        let found: Vec<TokenId> =
            exported.chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap())).collect();
        let fits = found.len() == tokens;
        if fits {
            self.tokens = found;
        }
        fits
    }
}
