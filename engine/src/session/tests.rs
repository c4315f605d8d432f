use proptest::prelude::*;

use super::*;
use crate::Message;
use crate::testing::{Behaviour, FakeModel, tokenizer};

fn session(behaviour: Behaviour, context: usize) -> Session {
    Session::new(FakeModel::new(behaviour, context).load()).unwrap()
}

fn request(prompt: &[TokenId], max_tokens: usize) -> GenerateRequest {
    GenerateRequest { prompt: prompt.to_vec(), max_tokens, ..GenerateRequest::default() }
}

fn generate(session: &mut Session, request: &GenerateRequest) -> Generation {
    session.generate(request, &CancellationToken::new(), &mut |_| ()).unwrap()
}

/// Generates from a script behind the prompt `[1]` and returns the text, how it ended and the tokens drawn.
fn scripted(script: &str, change: impl FnOnce(&mut GenerateRequest)) -> (String, FinishReason, usize) {
    let tokens = tokenizer().encode_with_special(script).unwrap();
    let mut session = session(Behaviour::Script { prompt: 1, tokens }, 40);
    let mut request = request(&[1], 30);
    change(&mut request);
    let mut streamed = String::new();
    let generation =
        session.generate(&request, &CancellationToken::new(), &mut |text| streamed.push_str(text)).unwrap();
    assert_eq!(streamed, generation.text);
    assert_eq!(generation.account.decoded, generation.tokens.len());
    (generation.text, generation.finish, generation.tokens.len())
}

#[test]
fn replies_end_where_they_should() {
    let check = |script: &str, stop: &[&str], max_tokens: usize, expected: (&str, FinishReason, usize)| {
        let (text, finish, tokens) = scripted(script, |request| {
            request.stop = stop.iter().map(|stop| stop.to_string()).collect();
            request.max_tokens = max_tokens;
        });
        assert_eq!((text.as_str(), finish, tokens), expected, "{script:?} {stop:?}");
    };
    check("hello<|im_end|>never", &[], 30, ("hello", FinishReason::StopToken, 2));
    check("<|im_end|>", &[], 30, ("", FinishReason::StopToken, 1));
    check("ab.cd", &["."], 30, ("ab", FinishReason::StopString, 3));
    // "hello" is one token: the stop string begins and ends inside it.
    check("a hello", &["ell"], 30, ("a h", FinishReason::StopString, 3));
    check("xhelloy", &["loy"], 30, ("xhel", FinishReason::StopString, 3));
    check("abcdef", &[], 3, ("abc", FinishReason::MaxTokens, 3));
    // A character that is cut in the middle is shown as what it is: damaged.
    check("aé", &[], 2, ("a\u{FFFD}", FinishReason::MaxTokens, 2));
    // What was held back for a stop string that never came is still part of the text.
    check("abST<|im_end|>", &["STOP"], 30, ("abST", FinishReason::StopToken, 5));
    // 40 tokens of context, 1 of prompt: the last token drawn needs no place in the cache.
    check(&"z".repeat(60), &[], 100, (&"z".repeat(40), FinishReason::ContextFull, 40));
}

#[test]
fn an_empty_stop_string_or_request_is_an_error() {
    let check = |change: fn(&mut GenerateRequest), expected: &str| {
        let mut session = session(Behaviour::Random { seed: 1 }, 8);
        let mut request = request(&[1, 2], 4);
        change(&mut request);
        let error = session.generate(&request, &CancellationToken::new(), &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("hint:"), "{error:?} should have {expected:?}");
    };
    check(|request| request.stop.push(String::new()), "stop string is empty");
    check(|request| request.prompt.clear(), "prompt is empty");
    check(|request| request.max_tokens = 0, "max_tokens");
    check(|request| request.prompt = vec![1; 9], "9 tokens, but the context holds 8");
    check(|request| request.prompt.push(100_000), "token 100000");
    check(|request| request.sampling.top_p = 2.0, "top_p");
}

#[test]
fn only_what_is_new_is_prefilled() {
    let model = FakeModel::new(Behaviour::Random { seed: 5 }, 2000);
    let passes = model.passes.clone();
    let mut session = Session::new(model.load()).unwrap();
    session.set_draft_sources(DraftSources::NONE);
    let mut check = |prompt: &[TokenId], reused: usize, chunks: &[usize]| {
        passes.lock().unwrap().clear();
        let generation = generate(&mut session, &request(prompt, 1));
        let account = &generation.account;
        assert_eq!((account.prompt_tokens, account.reused), (prompt.len(), reused));
        assert_eq!((account.prefilled, account.passes), (prompt.len() - reused, 0));
        assert_eq!(*passes.lock().unwrap(), chunks);
    };
    let long: Vec<TokenId> = (0..700).map(|token| token % 250).collect();
    check(&long, 0, &[256, 256, 188]);
    check(&long, 699, &[1]);
    check(&long[..600], 599, &[1]);
    let mut other = long[..600].to_vec();
    other[500] = 251;
    check(&other, 500, &[100]);
    check(&[249], 0, &[1]);
}

#[test]
fn a_finished_reply_is_part_of_the_cache() {
    let mut session = session(Behaviour::Random { seed: 8 }, 100);
    let first = generate(&mut session, &request(&[1, 2, 3], 5));
    let mut prompt = vec![1, 2, 3];
    prompt.extend(&first.tokens);
    prompt.push(7);
    // The last token drawn was never computed.
    let second = generate(&mut session, &request(&prompt, 1));
    assert_eq!(second.account.reused, 3 + first.tokens.len() - 1);
    assert_eq!(first.account.passes, first.tokens.len() - 1);
}

#[test]
fn cancellation_keeps_the_reply_so_far_and_the_session() {
    let mut session = session(Behaviour::Random { seed: 2 }, 3000);
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let generation = session.generate(&request(&[1; 600], 5), &cancelled, &mut |_| ()).unwrap();
    assert_eq!((generation.finish, generation.tokens.len()), (FinishReason::Cancelled, 0));
    assert_eq!(generation.account.prefilled, 0);

    let cancel = CancellationToken::new();
    let mut pieces = 0;
    let generation = session
        .generate(&request(&[1, 2], 2000), &cancel, &mut |_| {
            pieces += 1;
            if pieces == 10 {
                cancel.cancel();
            }
        })
        .unwrap();
    assert_eq!(generation.finish, FinishReason::Cancelled);
    assert!(generation.tokens.len() < 100 && !generation.text.is_empty());

    let again = generate(&mut session, &request(&[1, 2], 20));
    assert_eq!(
        again.tokens,
        generate(&mut self::session(Behaviour::Random { seed: 2 }, 3000), &request(&[1, 2], 20)).tokens
    );
}

#[test]
fn a_failed_pass_leaves_a_session_that_works() {
    for failing_pass in [0, 1, 2, 5] {
        let mut model = FakeModel::new(Behaviour::Random { seed: 3 }, 2000);
        model.failing_pass = Some(failing_pass);
        let mut session = Session::new(model.load()).unwrap();
        let prompt: Vec<TokenId> = (0..600).map(|token| token % 200).collect();
        let error = session.generate(&request(&prompt, 10), &CancellationToken::new(), &mut |_| ()).unwrap_err();
        assert!(error.is_retryable(), "{error}");
        let fresh = generate(&mut self::session(Behaviour::Random { seed: 3 }, 2000), &request(&prompt, 10));
        assert_eq!(generate(&mut session, &request(&prompt, 10)).tokens, fresh.tokens, "pass {failing_pass}");
    }
}

#[test]
fn logits_that_are_not_numbers_are_an_error() {
    let mut session = session(Behaviour::NotANumber, 10);
    let error = session.generate(&request(&[1], 1), &CancellationToken::new(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("not numbers"), "{error}");
}

proptest! {
    /// A session that has served any prompts gives the text that a new one gives.
    #[test]
    fn reuse_changes_nothing(
        prompts in prop::collection::vec(prop::collection::vec(0u32..3, 1..12), 1..6),
        seed in any::<u64>(),
        warm in any::<bool>(),
    ) {
        let sampling = Sampling { temperature: if warm { 1.0 } else { 0.0 }, seed, ..Sampling::default() };
        let mut used = session(Behaviour::Random { seed }, 64);
        for prompt in &prompts {
            let request = GenerateRequest { sampling: sampling.clone(), ..request(prompt, 8) };
            let expected = generate(&mut session(Behaviour::Random { seed }, 64), &request);
            let found = generate(&mut used, &request);
            prop_assert_eq!(found.tokens, expected.tokens);
            prop_assert_eq!((found.text, found.finish), (expected.text, expected.finish));
        }
    }
}

proptest! {
    /// With and without drafting: the same tokens, text and end, greedy or seeded, free or constrained, whatever ends it.
    #[test]
    fn drafting_changes_nothing_but_the_passes(
        seed in any::<u64>(),
        prompt in prop::collection::vec(64u32..68, 1..40),
        max_tokens in 1usize..120,
        context in 60usize..200,
        warm in any::<bool>(),
        constrained in any::<bool>(),
        stop in prop::option::of("[a-d]{3}"),
        random in any::<bool>(),
    ) {
        let behaviour = if random { Behaviour::Random { seed } } else { Behaviour::Repeating { seed } };
        let sampling = Sampling { temperature: if warm { 0.7 } else { 0.0 }, seed, ..Sampling::default() };
        let schema = serde_json::json!({
            "type": "object",
            "properties": {"action": {"enum": ["tap", "type"]}, "text": {"type": "string", "pattern": "[a-d]{0,40}"}},
            "required": ["action", "text"], "additionalProperties": false
        });
        let (mut with, mut without) = (session(behaviour.clone(), context), session(behaviour, context));
        without.set_draft_sources(DraftSources::NONE);
        for _ in 0..3 {
            let mut request = GenerateRequest { sampling: sampling.clone(), ..request(&prompt, max_tokens) };
            request.stop.extend(stop.clone());
            request.constraint =
                constrained.then(|| Constraint::json_schema(with.tokenizer(), &schema).unwrap());
            let (found, expected) = (generate(&mut with, &request), generate(&mut without, &request));
            prop_assert_eq!(&found.tokens, &expected.tokens);
            prop_assert_eq!((found.text, found.finish), (expected.text, expected.finish));
            let account = found.account;
            prop_assert!(account.passes <= expected.account.passes, "{account:?}");
            let drafts = account.drafts.total();
            prop_assert!(drafts.accepted <= drafts.drafted);
            prop_assert_eq!((expected.account.drafts.total().drafted, expected.account.forced), (0, 0));
        }
    }
}

#[test]
fn repeated_text_takes_fewer_passes() {
    let script = "hold the line, hold the line, hold the line, hold the line, hold the line<|im_end|>";
    let tokens = tokenizer().encode_with_special(script).unwrap();
    let mut model = FakeModel::new(Behaviour::Script { prompt: 1, tokens: tokens.clone() }, 200);
    // Long beside what another program's interruption takes: a draft is as long as the measured cost of a pass says.
    model.pass_time = std::time::Duration::from_millis(20);
    let mut session = Session::new(model.load()).unwrap();
    let first = generate(&mut session, &request(&[1], 150));
    assert_eq!(first.tokens, tokens);
    assert!(
        first.account.passes * 2 < tokens.len() && first.account.drafts.total().accepted > 0,
        "{:?}",
        first.account
    );
    // The second time, the whole reply is known from the first.
    let second = generate(&mut session, &request(&[1], 150));
    assert_eq!(second.tokens, tokens);
    assert!(second.account.passes <= first.account.passes, "{:?}", second.account);
}

/// Chat template, prefill, constraint and reuse over real weights, where the machine has them.
#[test]
fn a_real_model_answers_the_same_with_and_without_reuse() {
    let Some(path) = std::env::var_os("DEFTLY_REFERENCE_MODEL") else {
        eprintln!("SKIPPED: set DEFTLY_REFERENCE_MODEL to SmolLM2's GGUF file to run this test");
        return;
    };
    let load = || {
        let options = crate::NativeOptions { context_len: Some(1024), ..crate::NativeOptions::default() };
        Session::new(crate::load_native(std::path::Path::new(&path), &options).unwrap()).unwrap()
    };
    let schema = serde_json::json!({"type": "object", "properties": {"id": {"enum": [1, 2, 3]}}, "required": ["id"], "additionalProperties": false});
    let (mut used, mut fresh) = (load(), load());
    for screen in ["1 button Back\n2 switch Wi-Fi off\n3 row Bluetooth", "1 button Back\n2 switch Wi-Fi on<|im_end|>"] {
        let messages = [Message::system("Choose an element."), Message::user(format!("Turn on Wi-Fi\n{screen}"))];
        let mut request = request(&used.chat_template().encode(used.tokenizer(), &messages).unwrap(), 16);
        fresh.clear().unwrap();
        let free = [generate(&mut used, &request), generate(&mut fresh, &request)];
        request.constraint = Some(Constraint::json_schema(used.tokenizer(), &schema).unwrap());
        fresh.clear().unwrap();
        let constrained = [generate(&mut used, &request), generate(&mut fresh, &request)];
        for [used, fresh] in [&free, &constrained] {
            assert_eq!(used.tokens, fresh.tokens);
            assert_eq!((fresh.account.reused, fresh.account.prefilled), (0, request.prompt.len()));
        }
        assert!(constrained[0].account.reused == request.prompt.len() - 1, "{:?}", constrained[0].account);
        let reply: serde_json::Value = serde_json::from_str(&constrained[0].text).unwrap();
        assert!(matches!(reply["id"].as_u64(), Some(1..=3)), "{reply}");
        eprintln!("{:?} {:?} {:?}", free[0].text, constrained[0].text, free[1].account);
    }
}

proptest! {
    /// Whatever the guesses are, right, wrong, mixed or of tokens that do not exist: the reply is the same.
    #[test]
    fn no_drafter_can_change_a_reply(
        seed in any::<u64>(),
        script in "[a-d]{0,30}",
        guesses in prop::collection::vec(prop::collection::vec(0u32..276, 1..12), 1..20),
        oracle in any::<bool>(),
        warm in any::<bool>(),
        constrained in any::<bool>(),
        max_tokens in 1usize..60,
        context in 40usize..90,
        stop in prop::option::of("[a-d]{2}"),
    ) {
        let sampling = Sampling { temperature: if warm { 0.9 } else { 0.0 }, seed, ..Sampling::default() };
        let schema = serde_json::json!({
            "anyOf": [
                {"type": "object", "properties": {"text": {"type": "string", "pattern": "[a-d]{0,40}"}}, "required": ["text"], "additionalProperties": false},
                {"type": "object", "properties": {"label": {"const": "hello world"}, "id": {"const": 12}}, "required": ["label", "id"], "additionalProperties": false},
            ]
        });
        let prompt = [1, 2, 3];
        let behaviour = if script.is_empty() {
            Behaviour::Repeating { seed }
        } else {
            let tokens = tokenizer().encode_with_special(&format!("{script}<|im_end|>{script}")).unwrap();
            Behaviour::Script { prompt: prompt.len(), tokens }
        };
        let (mut with, mut without) = (session(behaviour.clone(), context), session(behaviour, context));
        without.set_draft_sources(DraftSources::NONE);
        let mut request = GenerateRequest { sampling, ..request(&prompt, max_tokens) };
        request.stop.extend(stop);
        request.constraint = constrained.then(|| Constraint::json_schema(with.tokenizer(), &schema).unwrap());
        let expected = generate(&mut without, &request);
        let guesses = if oracle {
            (0..expected.tokens.len()).map(|at| expected.tokens[at..].to_vec()).collect()
        } else {
            guesses
        };
        with.drafting.dictate(guesses);
        let found = generate(&mut with, &request);
        prop_assert_eq!(&found.tokens, &expected.tokens);
        prop_assert_eq!((found.text, found.finish), (expected.text, expected.finish));
    }
}

#[test]
fn what_was_learned_and_computed_lasts_until_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EngineMemory { folder: folder.path().into(), history: true, cache: true };
    let new = || session(Behaviour::Repeating { seed: 4 }, 300).with_memory(memory.clone());
    let (prefix, prompt): (Vec<TokenId>, Vec<TokenId>) = ((1..40).collect(), (1..60).collect());
    let never = CancellationToken::new();
    let first = {
        let mut session = new();
        session.measure_passes(&never).unwrap();
        session.warm(&prefix, &never).unwrap();
        let first = generate(&mut session, &request(&prompt, 40));
        session.keep_last_reply_private();
        generate(&mut session, &request(&prompt[1..], 40));
        first
    };
    let mut session = new();
    assert!(session.drafting.knows_costs(1));
    session.warm(&prefix, &never).unwrap();
    let second = generate(&mut session, &request(&prompt, 40));
    assert_eq!((&second.tokens, &second.text), (&first.tokens, &first.text));
    assert_eq!((second.account.reused, second.account.prefetched), (prefix.len(), prefix.len()));
    // Damage costs time and nothing else.
    drop(session);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    }
    let mut session = new();
    assert!(!session.drafting.knows_costs(1));
    session.warm(&prefix, &never).unwrap();
    assert_eq!(generate(&mut session, &request(&prompt, 40)).tokens, first.tokens);
    let written = std::fs::read_dir(folder.path()).unwrap().count();
    drop(session);
    // Nothing is written where nothing may be.
    let off = EngineMemory { folder: folder.path().join("none"), history: false, cache: false };
    let mut session = self::session(Behaviour::Repeating { seed: 4 }, 300).with_memory(off);
    session.warm(&prefix, &never).unwrap();
    drop(session);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), written);
}

#[test]
fn prefetching_what_comes_saves_it_and_what_does_not_come_changes_nothing() {
    let new = || session(Behaviour::Random { seed: 3 }, 300);
    let prompt: Vec<TokenId> = (1..100).collect();
    let expected = generate(&mut new(), &request(&prompt, 10));
    let check = |ahead: &[TokenId], prefetched: usize| {
        let mut session = new();
        session.prefetch(ahead, &CancellationToken::new()).unwrap();
        let found = generate(&mut session, &request(&prompt, 10));
        assert_eq!(found.tokens, expected.tokens);
        assert_eq!((found.account.prefetched, found.account.reused), (prefetched, prefetched));
    };
    check(&prompt[..60], 60);
    check(&prompt, 98);
    check(&[&prompt[..30], &[200, 201]].concat(), 30);
    check(&[7], 0);
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    assert_eq!(new().prefetch(&prompt, &cancelled).unwrap(), 0);
}
