//! The adapter on a model with made-up weights: whatever the way to some logits, they are the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use deftly_engine::{EngineError, LoadedModel, TargetModel, TokenId};
use deftly_mistralrs::{MistralrsOptions, ModelSpec, load_mistralrs};

fn load(context_len: Option<usize>) -> LoadedModel {
    let folder = tempfile::tempdir().unwrap();
    let spec = ModelSpec::Gguf(common::tiny_gguf(folder.path()));
    load_mistralrs(&spec, &MistralrsOptions { context_len, ..MistralrsOptions::default() }).unwrap()
}

/// Some tokens of text, different for each seed.
fn tokens(count: usize, seed: usize) -> Vec<TokenId> {
    (0..count).map(|i| ((i * 37 + seed * 101 + i * i) % 256) as TokenId).collect()
}

fn last_row(target: &mut dyn TargetModel, tokens: &[TokenId]) -> Vec<f32> {
    let logits = target.forward(tokens, 1).unwrap();
    assert_eq!((logits.rows(), logits.vocab()), (1, common::VOCABULARY));
    logits.row(0).to_vec()
}

fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let difference = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-3, "{what}: logits differ by {difference}");
}

#[test]
fn the_same_tokens_give_the_same_logits_whatever_the_way() {
    let mut model = load(None);
    let target = &mut *model.target;
    let text = tokens(40, 0);
    let expected = last_row(target, &text);
    assert_eq!(target.len(), 40);

    target.truncate(0).unwrap();
    for token in &text[..39] {
        target.forward(&[*token], 1).unwrap();
    }
    assert_close(&last_row(target, &text[39..]), &expected, "one token after the other");

    target.truncate(20).unwrap();
    assert_close(&last_row(target, &text[20..]), &expected, "after a cut");
    target.truncate(39).unwrap();
    assert_close(&last_row(target, &text[39..]), &expected, "the last token again");

    target.truncate(10).unwrap();
    assert_eq!(target.forward(&text[10..30], 0).unwrap().rows(), 0);
    assert_eq!(target.len(), 30);
    assert_close(&last_row(target, &text[30..]), &expected, "after a prefill that nobody read");

    target.truncate(20).unwrap();
    last_row(target, &tokens(20, 7));
    target.truncate(20).unwrap();
    assert_close(&last_row(target, &text[20..]), &expected, "after another branch");
}

#[test]
fn several_rows_are_the_rows_of_their_positions() {
    let mut model = load(None);
    let target = &mut *model.target;
    let text = tokens(30, 1);
    let expected: Vec<Vec<f32>> = text.iter().map(|&token| last_row(target, &[token])).collect();
    let mut check = |start: usize, end: usize, rows: usize| {
        target.truncate(start).unwrap();
        let logits = target.forward(&text[start..end], rows).unwrap();
        assert_eq!((logits.rows(), target.len()), (rows, end));
        for row in 0..rows {
            assert_close(logits.row(row), &expected[end - rows + row], &format!("row {row} of {start}..{end}"));
        }
    };
    check(0, 30, 30);
    check(0, 30, 4);
    check(12, 20, 8);
    check(20, 24, 4);
    check(24, 30, 6);
    check(28, 30, 2);
    // A loop that verifies drafts: what is known grows by rows that no sequence has generated.
    for start in (6..30).step_by(2) {
        check(start, start + 2, 2);
    }
    check(29, 30, 1);
}

/// The token that ends mistral.rs's sequences poisons its prefix cache, and stop tokens must not stop anything.
#[test]
fn special_tokens_are_tokens_like_others() {
    let mut model = load(None);
    let target = &mut *model.target;
    for special in [common::END, common::SPARE, 259, 0] {
        let text: Vec<TokenId> = [tokens(20, 2), vec![special], tokens(5, 3)].concat();
        target.truncate(0).unwrap();
        let expected = last_row(target, &text);
        target.truncate(20).unwrap();
        last_row(target, &tokens(3, 4));
        target.truncate(20).unwrap();
        for token in &text[20..25] {
            target.forward(&[*token], 1).unwrap();
        }
        assert_close(&last_row(target, &text[25..]), &expected, &format!("token {special}"));
    }
}

#[test]
fn many_prompts_do_not_change_the_result() {
    let mut model = load(Some(200));
    let target = &mut *model.target;
    let start = tokens(100, 5);
    let probe = |target: &mut dyn TargetModel| {
        target.truncate(0).unwrap();
        last_row(target, &start)
    };
    let expected = probe(target);
    // More than the prefix cache may hold, so that it is emptied on the way.
    for seed in 0..40 {
        target.truncate(60.min(target.len())).unwrap();
        last_row(target, &tokens(30, seed));
        target.forward(&tokens(10, seed + 1), 3).unwrap();
    }
    assert_close(&probe(target), &expected, "after 40 prompts");
}

#[test]
fn requests_that_cannot_be_served_change_nothing() {
    let mut model = load(Some(50));
    let target = &mut *model.target;
    assert_eq!((target.context_len(), target.vocab_size()), (50, common::VOCABULARY));
    let expected = last_row(target, &tokens(10, 6));
    let mut check = |tokens: &[TokenId], rows: usize, expected: &str| {
        let error = target.forward(tokens, rows).err().unwrap().to_string();
        assert!(error.contains(expected) && error.contains("hint:"), "{error}");
        assert_eq!(target.len(), 10);
    };
    check(&tokens(41, 0), 1, "51 tokens");
    check(&[260], 1, "token 260");
    check(&[1, 2], 3, "3 rows of 2 tokens");
    assert!(matches!(target.truncate(11), Err(EngineError::InvalidRequest { .. })));
    assert_eq!(target.forward(&[], 0).unwrap().rows(), 0);
    target.truncate(9).unwrap();
    assert_close(&last_row(target, &tokens(10, 6)[9..]), &expected, "afterwards");
    last_row(target, &tokens(40, 1));
}

#[test]
fn the_model_describes_itself() {
    let model = load(None);
    let info = &model.info;
    assert_eq!((info.name.as_str(), info.backend, info.architecture.as_str()), ("tiny", "mistralrs", "llama"));
    assert_eq!((info.layers, info.vocab_size, info.context_len), (Some(2), common::VOCABULARY, common::CONTEXT));
    assert_eq!((info.quantization.as_deref(), info.parameters), (Some("F32"), Some(78_400)));
    assert_eq!(model.tokenizer.stop_tokens(), [common::END]);
}

#[test]
fn it_works_inside_another_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut model = load(None);
        last_row(&mut *model.target, &tokens(5, 0));
    });
}

/// One network in two formats, loaded by two loaders of mistral.rs.
#[test]
fn a_folder_in_hugging_face_format_is_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    common::tiny_folder(folder.path());
    let spec = ModelSpec::HuggingFace(folder.path().to_str().unwrap().to_owned());
    let mut folder = load_mistralrs(&spec, &MistralrsOptions::default()).unwrap();
    let mut file = load(None);
    assert_eq!((folder.info.layers, folder.info.context_len), (Some(2), common::CONTEXT));
    assert_eq!(folder.info.architecture, "llama");
    assert_eq!(folder.tokenizer.stop_tokens(), file.tokenizer.stop_tokens());
    let text = "hey, what is on the screen? é";
    let encoded = folder.tokenizer.encode(text).unwrap();
    assert_eq!(encoded, file.tokenizer.encode(text).unwrap());
    let (found, expected) = (last_row(&mut *folder.target, &encoded), last_row(&mut *file.target, &encoded));
    assert_close(&found, &expected, "folder and file");
    let rows = folder.target.forward(&tokens(6, 0), 6).unwrap();
    assert_eq!(rows.rows(), 6);
}
