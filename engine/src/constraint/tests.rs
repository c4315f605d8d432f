use std::time::Instant;

use proptest::prelude::*;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::{Behaviour, FakeModel, tokenizer};
use crate::{FinishReason, GenerateRequest, Gguf, Sampling, Session};

/// A schema as the agent makes it: joined constants per element of a screen.
fn screen_schema(elements: usize) -> Value {
    let tap = |id: usize| {
        json!({"type": "object", "additionalProperties": false, "required": ["action", "label", "id"], "properties": {
            "action": {"const": "tap"}, "label": {"const": format!("Element {id} \"quoted\" é")}, "id": {"const": id}}})
    };
    let typed = |id: usize| {
        json!({"type": "object", "additionalProperties": false, "required": ["action", "label", "id", "text"], "properties": {
            "action": {"const": "type"}, "label": {"const": format!("Field {id}")}, "id": {"const": id},
            "text": {"type": "string", "maxLength": 40}, "clear": {"const": true}}})
    };
    let scroll = json!({"type": "object", "additionalProperties": false, "required": ["action", "direction"], "properties": {
        "action": {"const": "scroll"}, "direction": {"enum": ["up", "down"]}}});
    let mut choices: Vec<Value> = (1..=elements).map(tap).collect();
    choices.extend((1..=elements / 8).map(typed));
    choices.push(scroll);
    json!({ "anyOf": choices })
}

type Valid = fn(&Value) -> bool;

/// Schemas and what they accept, written down independently.
fn schemas() -> Vec<(Value, Valid)> {
    vec![
        (json!({"type": "boolean"}), Value::is_boolean),
        (json!({"enum": ["a", "b", 3, null]}), |value| [json!("a"), json!("b"), json!(3), json!(null)].contains(value)),
        (json!({"type": "integer", "minimum": -5, "maximum": 12}), |value| {
            value.as_i64().is_some_and(|n| (-5..=12).contains(&n))
        }),
        (json!({"type": "string", "maxLength": 5}), |value| {
            value.as_str().is_some_and(|text| text.chars().count() <= 5)
        }),
        (json!({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}), |value| {
            value.as_str().is_some_and(|text| text.len() == 5 && text.is_char_boundary(2) && &text[2..3] == ":")
        }),
        (json!({"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 3}), |value| {
            value.as_array().is_some_and(|items| (1..=3).contains(&items.len()) && items.iter().all(Value::is_boolean))
        }),
        (screen_schema(12), |value| match value["action"].as_str() {
            Some("tap") => {
                value["label"] == format!("Element {} \"quoted\" é", value["id"])
                    && value.as_object().is_some_and(|object| object.len() == 3)
            }
            Some("type") => value["label"] == format!("Field {}", value["id"]) && value["text"].is_string(),
            Some("scroll") => value["direction"] == "up" || value["direction"] == "down",
            Some(_) | None => false,
        }),
    ]
}

#[test]
fn random_logits_still_give_what_the_schema_accepts() {
    for (schema, is_valid) in schemas() {
        for seed in 0..12 {
            let mut session = Session::new(FakeModel::new(Behaviour::Random { seed }, 2000).load()).unwrap();
            let constraint = Constraint::json_schema(session.tokenizer(), &schema).unwrap();
            let temperature = if seed % 2 == 0 { 0.0 } else { 1.5 };
            let request = GenerateRequest {
                prompt: vec![1, 2, 3],
                max_tokens: 500,
                sampling: Sampling { temperature, seed, ..Sampling::default() },
                constraint: Some(constraint),
                stop: Vec::new(),
            };
            let generation = session.generate(&request, &CancellationToken::new(), &mut |_| ()).unwrap();
            let value: Value = serde_json::from_str(&generation.text)
                .unwrap_or_else(|error| panic!("{error}: {:?} for {schema}", generation.text));
            assert!(is_valid(&value), "{value} for {schema}");
            assert!(matches!(generation.finish, FinishReason::ConstraintComplete | FinishReason::StopToken));
            assert!(!generation.text.contains("\n") && !generation.text.contains("\": "), "{}", generation.text);
            assert!(
                generation.account.constraint_ms > 0.0
                    && generation.account.constraint_ms <= generation.account.prefill_ms + generation.account.decode_ms
            );
        }
    }
}

#[test]
fn one_request_can_be_served_twice() {
    let mut session = Session::new(FakeModel::new(Behaviour::Random { seed: 4 }, 500).load()).unwrap();
    let constraint = Constraint::json_schema(session.tokenizer(), &screen_schema(4)).unwrap();
    let request = GenerateRequest {
        prompt: vec![9],
        max_tokens: 200,
        constraint: Some(constraint),
        ..GenerateRequest::default()
    };
    let mut generate = || session.generate(&request, &CancellationToken::new(), &mut |_| ()).unwrap();
    let (first, second) = (generate(), generate());
    assert_eq!(first.text, second.text);
}

#[test]
fn schemas_that_cannot_be_used_are_errors() {
    let tokenizer = tokenizer();
    let check = |schema: Value| {
        let error = Constraint::json_schema(&tokenizer, &schema).unwrap_err().to_string();
        assert!(error.contains("hint:") && error.len() < 600, "{schema}: {error}");
    };
    check(json!(true));
    check(json!("type"));
    check(json!({"type": "nonsense"}));
    check(json!({"$ref": "#/definitions/missing"}));
    check(json!({"type": "string", "pattern": "("}));
    check(json!({"not": {"type": "string"}}));
}

/// A vocabulary without an end token: the reply ends where the grammar does.
#[test]
fn a_model_without_an_end_token_can_be_constrained() {
    let mut vocabulary = crate::testing::vocabulary();
    vocabulary.stop.clear();
    vocabulary.kinds.fill(TokenKind::Normal);
    let tokenizer = Tokenizer::new(&vocabulary).unwrap();
    assert!(tokenizer.stop_tokens().is_empty());
    let mut constraint = Constraint::json_schema(&tokenizer, &json!({"const": "a"})).unwrap();
    for token in tokenizer.encode("\"a\"").unwrap() {
        assert!(!constraint.is_complete() && constraint.mask().unwrap().is_allowed(token));
        constraint.consume(token).unwrap();
    }
    assert!(constraint.is_complete());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn labels_of_any_text_can_be_chosen(label in any::<String>(), id in any::<u16>()) {
        let tokenizer = tokenizer();
        let schema = json!({"type": "object", "properties": {"label": {"const": label}, "id": {"const": id}}, "required": ["label", "id"], "additionalProperties": false});
        let mut constraint = Constraint::json_schema(&tokenizer, &schema).unwrap();
        let reply = json!({"label": label, "id": id}).to_string();
        for token in tokenizer.encode(&reply).unwrap() {
            prop_assert!(constraint.mask().unwrap().is_allowed(token), "{reply}");
            constraint.consume(token).unwrap();
        }
        prop_assert!(constraint.is_complete());
    }
}

/// Prints what a new screen costs; the limit only catches an algorithm that got worse, since test builds are slow.
#[test]
fn a_new_schema_is_cheap_on_a_real_vocabulary() {
    let Some(path) = std::env::var_os("DEFTLY_REFERENCE_MODEL") else {
        eprintln!("SKIPPED: set DEFTLY_REFERENCE_MODEL to a GGUF file to measure constraints");
        return;
    };
    let gguf = Gguf::open(std::path::Path::new(&path)).unwrap();
    let tokenizer = Tokenizer::from_gguf(&gguf).unwrap();
    let started = Instant::now();
    Constraint::json_schema(&tokenizer, &json!({"type": "boolean"})).unwrap();
    eprintln!("token trie: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    for elements in [8, 40, 120, 500] {
        let schema = screen_schema(elements);
        let reply =
            json!({"action": "tap", "label": format!("Element {} \"quoted\" é", elements / 2), "id": elements / 2});
        let reply = tokenizer.encode(&reply.to_string()).unwrap();
        let started = Instant::now();
        let mut constraint = Constraint::json_schema(&tokenizer, &schema).unwrap();
        let made = started.elapsed();
        let started = Instant::now();
        for &token in &reply {
            assert!(constraint.mask().unwrap().is_allowed(token));
            constraint.consume(token).unwrap();
        }
        let masks = started.elapsed();
        assert!(constraint.is_complete());
        let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
        eprintln!("{elements} elements: schema {:.1} ms, {} masks {:.1} ms", millis(made), reply.len(), millis(masks));
        assert!(millis(made) < 500.0);
    }
}

/// Drawing checks one token where it can, and computes the mask of all where it must: both must say the same.
#[test]
fn a_token_is_allowed_alone_if_the_mask_allows_it() {
    let tokenizer = tokenizer();
    let schema = json!({
        "anyOf": [
            {"type": "object", "properties": {"action": {"enum": ["tap", "hold"]}, "label": {"const": "hello"}, "id": {"const": 3}}, "required": ["action", "label", "id"], "additionalProperties": false},
            {"type": "object", "properties": {"action": {"const": "type"}, "text": {"type": "string", "maxLength": 12}}, "required": ["action", "text"], "additionalProperties": false},
        ]
    });
    let mut state = 7u64;
    for _ in 0..60 {
        let mut constraint = Constraint::json_schema(&tokenizer, &schema).unwrap();
        while !constraint.is_complete() {
            let mut fresh = constraint.clone();
            let mask = fresh.mask().unwrap();
            let (_, forced) = constraint.look_ahead(&[]).unwrap();
            let allowed: Vec<TokenId> =
                (0..tokenizer.vocab_size() as TokenId).filter(|&token| mask.is_allowed(token)).collect();
            for token in 0..tokenizer.vocab_size() as TokenId {
                let alone = constraint.allows(token).unwrap();
                assert_eq!(alone, constraint.look_ahead(&[token]).unwrap().0 == 1, "{token} after {forced:?}");
                let ends = tokenizer.stop_tokens().contains(&token);
                assert!(alone == mask.is_allowed(token) || (ends && !alone), "{token} after {forced:?}");
            }
            for &token in &allowed {
                let bytes = tokenizer.raw_bytes(token);
                let common = bytes.iter().zip(forced.as_bytes()).all(|(a, b)| a == b);
                assert!(common || tokenizer.stop_tokens().contains(&token), "{token} is not {forced:?}");
            }
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            constraint.consume(allowed[(state >> 33) as usize % allowed.len()]).unwrap();
        }
    }
}
