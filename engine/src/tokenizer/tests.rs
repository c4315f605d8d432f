use proptest::prelude::*;

use super::*;
use crate::Gguf;
use crate::testing::{tokenizer, vocabulary};

fn texts(tokenizer: &Tokenizer, tokens: &[TokenId]) -> Vec<String> {
    tokens.iter().filter_map(|&token| tokenizer.token_text(token)).collect()
}

#[test]
fn merges_apply_inside_words_and_control_tokens_only_when_asked() {
    let tokenizer = tokenizer();
    let check = |text: &str, special: bool, expected: &[&str]| {
        let encode = if special { Tokenizer::encode_with_special } else { Tokenizer::encode };
        let tokens = encode(&tokenizer, text).unwrap();
        assert_eq!(texts(&tokenizer, &tokens), expected, "{text:?}");
    };
    check("hello world", false, &["hello", " wor", "l", "d"]);
    check("", false, &[]);
    check("42", false, &["4", "2"]);
    check("<|im_end|>", true, &["<|im_end|>"]);
    check("hello<|im_end|>\n", true, &["hello", "<|im_end|>", "\n"]);
    check("<think>", true, &["<think>"]);
    check("<|im_end", true, &["<", "|", "i", "m", "_", "e", "n", "d"]);
    check("<think>", false, &["<", "t", "h", "i", "n", "k", ">"]);
    check("[PAD]", true, &["[", "P", "A", "D", "]"]);
}

#[test]
fn control_tokens_have_no_text_and_user_defined_ones_do() {
    let tokenizer = tokenizer();
    let tokens = tokenizer.encode_with_special("<|im_start|><think>hello<|im_end|>").unwrap();
    assert_eq!(tokenizer.decode(&tokens), "<think>hello");
    assert_eq!(tokenizer.decode(&[u32::MAX]), "");
    assert_eq!(tokenizer.stop_tokens(), [tokenizer.special_token("<|im_end|>").unwrap()]);
    assert_eq!(tokenizer.special_token("<|im_end|>!"), None);
}

/// A vocabulary without some bytes, as SmolLM2's.
#[test]
fn what_cannot_be_spelled_is_replaced() {
    let without = |bytes: &[u8]| {
        let mut vocabulary = vocabulary();
        for &byte in bytes {
            vocabulary.tokens[byte as usize] = format!("unused token {byte}");
        }
        Tokenizer::new(&vocabulary).unwrap()
    };
    let check = |missing: &[u8], text: &str, expected: &str| {
        let tokenizer = without(missing);
        assert_eq!(tokenizer.decode(&tokenizer.encode(text).unwrap()), expected, "{missing:?} {text:?}");
        assert_eq!(tokenizer.can_spell(text), text == expected);
    };
    check(&[0x04], "a\u{4}b", "a\u{FFFD}b");
    check(&[0x04], "ab", "ab");
    check(&[0xc3], "é\u{e9}a", "\u{FFFD}\u{FFFD}a");
    check(&[0xef, 0x04], "a\u{4}b", "a?b");
}

#[test]
fn damaged_vocabularies_are_errors() {
    let check = |damage: fn(&mut Vocabulary), expected: &str| {
        let mut damaged = vocabulary();
        damage(&mut damaged);
        let error = Tokenizer::new(&damaged).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected) && error.contains("hint:"), "{error:?} should have {expected:?}");
    };
    check(|vocabulary| vocabulary.tokens.clear(), "no tokens");
    check(|vocabulary| vocabulary.kinds.truncate(3), "3 token types");
    check(|vocabulary| vocabulary.stop.push(99_999), "token 99999");
    check(|vocabulary| vocabulary.bos = Some(99_999), "token 99999");
    check(|vocabulary| vocabulary.merges.push("nospace".into()), "nospace");
    check(|vocabulary| vocabulary.merges.push("x zz".into()), "zz");
    check(|vocabulary| vocabulary.pre_tokenizer = "tekken".into(), "supported are smollm, llama-bpe");
}

#[test]
fn pre_tokenizers_cut_as_their_models_do() {
    let check = |name: &str, text: &str, expected: &[&str]| {
        // Every word is a token of its own, so that the cuts show.
        let mut vocabulary = vocabulary();
        vocabulary.pre_tokenizer = name.into();
        let tokenizer = Tokenizer::new(&vocabulary).unwrap();
        let mut words = tokenizers::PreTokenizedString::from(text);
        let splitter = tokenizer.encoder.get_pre_tokenizer().unwrap();
        tokenizers::PreTokenizer::pre_tokenize(splitter, &mut words).unwrap();
        let splits = words.get_splits(tokenizers::OffsetReferential::Normalized, tokenizers::OffsetType::Byte);
        let words: Vec<String> = splits
            .into_iter()
            .map(|(word, _, _)| String::from_utf8(alphabet::to_bytes(word).unwrap()).unwrap())
            .collect();
        assert_eq!(words, expected, "{name}: {text:?}");
    };
    check("gpt-2", "I'll pay 1234  now!\n", &["I", "'ll", " pay", " 1234", " ", " now", "!", "\n"]);
    check("smollm", "pay 1234 now", &["pay", " ", "1", "2", "3", "4", " now"]);
    check("llama-bpe", "pay 1234 now!\n\nI'LL", &["pay", " ", "123", "4", " now", "!\n\n", "I", "'LL"]);
    check("qwen2", "pay 1234 now!\n", &["pay", " ", "1", "2", "3", "4", " now", "!\n"]);
    check("default", "a,b 12345", &["a", ",", "b", " ", "123", "45"]);
}

#[test]
fn llama_3_takes_whole_words_before_merges() {
    let mut vocabulary = vocabulary();
    vocabulary.tokens.push("Ġzap".into());
    vocabulary.kinds.push(TokenKind::Normal);
    let check = |pre_tokenizer: &str, expected: usize| {
        let vocabulary = Vocabulary { pre_tokenizer: pre_tokenizer.into(), ..vocabulary.clone() };
        assert_eq!(Tokenizer::new(&vocabulary).unwrap().encode("a zap").unwrap().len(), expected);
    };
    check("llama-bpe", 2);
    check("smollm", 5);
}

proptest! {
    #[test]
    fn decoding_gives_the_encoded_text(text in any::<String>(), name in 0usize..5) {
        let names = ["smollm", "llama-bpe", "qwen2", "gpt-2", "default"];
        let tokenizer = Tokenizer::new(&Vocabulary { pre_tokenizer: names[name].into(), ..vocabulary() }).unwrap();
        let tokens = tokenizer.encode(&text).unwrap();
        prop_assert_eq!(tokenizer.decode(&tokens), text.clone());
        let mut decoder = TextDecoder::default();
        let mut streamed: String = tokens.iter().map(|&token| decoder.push(tokenizer.text_bytes(token))).collect();
        streamed += &decoder.finish();
        prop_assert_eq!(streamed, text);
    }

    #[test]
    fn streaming_any_bytes_equals_decoding_them_at_once(bytes in any::<Vec<u8>>(), piece in 1usize..5) {
        let mut decoder = TextDecoder::default();
        let mut streamed: String = bytes.chunks(piece).map(|piece| decoder.push(piece)).collect();
        streamed += &decoder.finish();
        prop_assert_eq!(streamed, String::from_utf8_lossy(&bytes));
    }

    /// Text around and inside control tokens, and the guard keeps all of it text.
    #[test]
    fn plain_and_guarded_text_never_hold_control_tokens(text in "([a-z<|>_ ]|<\\|im_end\\|>|<\\|im_|end\\|>|<think>){0,12}") {
        let tokenizer = tokenizer();
        let is_text = |tokens: &[TokenId]| {
            tokens.iter().all(|&token| tokenizer.token_kind(token) == Some(TokenKind::Normal))
        };
        let plain = tokenizer.encode(&text).unwrap();
        prop_assert!(is_text(&plain));
        let guarded = tokenizer.guard(&text, '\u{FDD0}');
        for (before, after) in [("", ""), ("<|im_", "|>"), ("<", "<|im_start"), ("<|", ">")] {
            let tokens = tokenizer.encode_guarded(&format!("{before}{guarded}{after}"), Some('\u{FDD0}')).unwrap();
            prop_assert!(is_text(&tokens), "{before} {text} {after}");
            prop_assert_eq!(tokenizer.decode(&tokens), format!("{before}{text}{after}"));
        }
    }
}

/// The vocabulary of a real model, where the machine has one.
fn reference_tokenizer() -> Option<Tokenizer> {
    let Some(path) = std::env::var_os("DEFTLY_REFERENCE_MODEL") else {
        eprintln!("SKIPPED: set DEFTLY_REFERENCE_MODEL to SmolLM2's GGUF file to run this test");
        return None;
    };
    let gguf = Gguf::open(std::path::Path::new(&path)).unwrap();
    Some(Tokenizer::from_gguf(&gguf).unwrap())
}

#[test]
fn token_ids_are_those_of_the_reference() {
    let Some(path) = std::env::var_os("DEFTLY_REFERENCE_JSON") else {
        eprintln!("SKIPPED: set DEFTLY_REFERENCE_JSON to llama.cpp's token ids to run this test");
        return;
    };
    let Some(tokenizer) = reference_tokenizer() else { return };
    let prompts: Vec<serde_json::Value> = serde_json::from_reader(std::fs::File::open(path).unwrap()).unwrap();
    assert!(!prompts.is_empty());
    for prompt in &prompts {
        let text = prompt["text"].as_str().unwrap();
        let expected: Vec<TokenId> = serde_json::from_value(prompt["ids"].clone()).unwrap();
        assert_eq!(tokenizer.encode_with_special(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_real_vocabulary_is_byte_exact_where_it_can_spell() {
    let Some(tokenizer) = reference_tokenizer() else { return };
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let result = runner.run(&any::<String>(), |text| {
        let text: String = text.chars().filter(|character| tokenizer.can_spell(&character.to_string())).collect();
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text).unwrap()), text);
        Ok(())
    });
    result.unwrap();
}
