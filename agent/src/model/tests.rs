use deftly_engine::{ChatTemplate, EngineError, LoadedModel, Logits, TargetModel, Tokenizer, Vocabulary};
use deftly_tools::{Bounds, Element, ElementId, ElementState, Role, Screen};

use super::*;

/// A model that likes every token equally: what it writes is decided by the constraint alone.
struct Indifferent {
    len: usize,
    vocab: usize,
    context: usize,
}

impl TargetModel for Indifferent {
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        self.len += tokens.len();
        Logits::new(vec![0.0; rows * self.vocab], self.vocab)
    }

    fn truncate(&mut self, len: usize) -> Result<(), EngineError> {
        self.len = len;
        Ok(())
    }

    fn len(&self) -> usize {
        self.len
    }

    fn vocab_size(&self) -> usize {
        self.vocab
    }

    fn context_len(&self) -> usize {
        self.context
    }
}

/// Every printable ASCII character is a token, and `<|im_end|>` ends a reply. In GPT-2's byte alphabet a space is `Ġ`
/// and a newline `Ċ`; the other bytes stand for themselves or for letters from U+0100 on.
fn decider(context: usize, options: ModelOptions) -> ModelDecider {
    let byte = |byte: u8| match byte {
        b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte),
        0..=0x20 => char::from_u32(0x100 + u32::from(byte)).unwrap(),
        0x7F..=0xA0 => char::from_u32(0x121 + u32::from(byte) - 0x7F).unwrap(),
        0xAD => '\u{143}',
    };
    // The quote first: of equal scores the lowest token wins, so that texts end soon.
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(|&byte| (byte != b'"', byte));
    let mut tokens: Vec<String> = bytes.into_iter().map(|b| byte(b).to_string()).collect();
    let mut kinds = vec![deftly_engine::TokenKind::Normal; tokens.len()];
    for control in ["<|im_start|>", "<|im_end|>"] {
        tokens.push(control.into());
        kinds.push(deftly_engine::TokenKind::Control);
    }
    let vocab = tokens.len();
    let vocabulary = Vocabulary {
        name: "indifferent".into(),
        tokens,
        kinds,
        pre_tokenizer: "smollm".into(),
        stop: vec![257],
        ..Vocabulary::default()
    };
    let tokenizer = Arc::new(Tokenizer::new(&vocabulary).unwrap());
    let chat_template = ChatTemplate::fallback(&tokenizer).unwrap();
    let info = ModelInfo {
        name: "indifferent".into(),
        source: "a test".into(),
        backend: "none",
        architecture: "none".into(),
        quantization: None,
        parameters: None,
        layers: None,
        bytes: None,
        fingerprint: None,
        vocab_size: vocab,
        context_len: context,
    };
    let target = Box::new(Indifferent { len: 0, vocab, context });
    ModelDecider::new(Session::new(LoadedModel { target, tokenizer, chat_template, info }).unwrap(), options)
}

fn observation(elements: usize) -> Observation {
    let element = |id: usize| Element {
        id: ElementId(id as u32),
        role: if id == 1 { Role::Switch } else { Role::Text },
        label: format!("Thing number {id}"),
        value: None,
        state: ElementState { clickable: id == 1, checked: (id == 1).then_some(false), ..ElementState::default() },
        bounds: Bounds::new(0, 0, 1, 1),
        resource_id: String::new(),
    };
    let app = App { name: "Settings".into(), package: "settings".into() };
    Observation { screen: Screen { elements: (1..=elements).map(element).collect() }, app, keyboard: false }
}

fn context(observation: &Observation) -> StepContext<'_> {
    StepContext { goal: "Turn it on", history: &[], observation, apps: &[] }
}

#[tokio::test]
async fn a_constrained_reply_is_always_an_action() {
    // On the runtime with one thread too: the model runs on another.
    for seed in 0..8 {
        let sampling = Sampling { temperature: 1.0, seed, ..Sampling::default() };
        let mut decider = decider(8000, ModelOptions { sampling, ..ModelOptions::default() });
        let observation = observation(3);
        let decision = decider.decide(&context(&observation), &CancellationToken::new()).await.unwrap();
        let account = decision.account.unwrap();
        assert!(account.prompt_tokens > 0 && account.decoded > 0, "{account:?}");
        // A text of random letters may be cut off by the limit; then the model is told so.
        assert!(decision.outcome.is_ok() || account.decoded == 256, "{:?} {:?}", decision.reply, decision.outcome);
    }
}

#[tokio::test]
async fn an_unconstrained_reply_that_is_nothing_is_unreadable() {
    let mut decider =
        decider(8000, ModelOptions { constrained: false, max_reply_tokens: 5, ..ModelOptions::default() });
    let observation = observation(1);
    let decision = decider.decide(&context(&observation), &CancellationToken::new()).await.unwrap();
    assert_eq!(decision.reply, "\"\"\"\"\"");
    assert!(decision.outcome.is_err());
}

#[tokio::test]
async fn prompts_are_trimmed_to_the_context() {
    let observation = observation(400);
    let mut small = decider(4000, ModelOptions::default());
    let decision = small.decide(&context(&observation), &CancellationToken::new()).await.unwrap();
    let tokens = decision.account.unwrap().prompt_tokens;
    assert!((3000..4000 - 256).contains(&tokens), "{tokens}");
    // What cannot be trimmed to fit is an error with both numbers.
    let error = decider(50, ModelOptions::default()).decide(&context(&observation), &CancellationToken::new()).await;
    assert!(matches!(error, Err(AgentError::Engine(EngineError::PromptTooLong { context: 50, .. }))), "{error:?}");
}

#[tokio::test]
async fn a_cancelled_decision_says_so_and_the_next_one_works() {
    let mut decider = decider(8000, ModelOptions::default());
    let observation = observation(1);
    let cancel = CancellationToken::new();
    cancel.cancel();
    let error = decider.decide(&context(&observation), &cancel).await.unwrap_err();
    assert!(matches!(error, AgentError::Cancelled), "{error}");
    assert!(decider.decide(&context(&observation), &CancellationToken::new()).await.is_ok());
}

#[tokio::test]
async fn answers_are_extracted_under_their_schema() {
    #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        name: String,
        done: bool,
    }
    let schema = schemars::schema_for!(Wanted).to_value();
    let observation = observation(2);
    let wanted = Extraction { goal: "Who?", answer: "Bob, yes", observation: &observation, schema: &schema };
    let json = decider(8000, ModelOptions::default()).extract(&wanted, &CancellationToken::new()).await.unwrap();
    let found: Wanted = serde_json::from_str(&json).unwrap();
    assert_eq!((found.name.as_str(), found.done), ("", false));
}

#[tokio::test]
async fn a_decision_begun_ahead_is_the_one_that_would_have_been_made() {
    let sampling = Sampling { temperature: 1.0, seed: 5, ..Sampling::default() };
    let new = || decider(8000, ModelOptions { sampling: sampling.clone(), ..ModelOptions::default() });
    let (screen, other) = (observation(3), observation(9));
    let never = CancellationToken::new();
    let plain = new().decide(&context(&screen), &never).await.unwrap();
    assert_eq!(plain.account.as_ref().unwrap().prefetched, 0);
    // Of each: what was expected, in order, and whether the last of it was right.
    for (expected, right) in [(vec![&screen], true), (vec![&other], false), (vec![&other, &screen, &screen], true)] {
        let mut decider = new();
        decider.anticipate(None);
        for expected in expected {
            decider.anticipate(Some(&context(expected)));
        }
        let decision = decider.decide(&context(&screen), &never).await.unwrap();
        assert_eq!((&decision.reply, &decision.outcome), (&plain.reply, &plain.outcome));
        let account = decision.account.unwrap();
        assert_eq!(account.prompt_tokens, account.reused + account.prefilled);
        assert!(!right || account.prefetched > 0, "{account:?}");
    }
}
