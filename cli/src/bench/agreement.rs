//! `deftly bench agreement`: does the native engine write what mistral.rs writes?

use anyhow::{Result, bail};
use deftly_engine::{GenerateRequest, Message, ModelInfo, Sampling, Session, TokenId};
use deftly_prompts::{Budget, Dialect, PromptInput};
use deftly_sim::SimPhone;
use deftly_tools::{Device, SettleLimits, settle};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{AgreementArgs, Backend, ModelArgs};
use crate::{model, output};

/// Goals on the first screens of different phones: prompts of the kind that the engine is for.
const GOALS: &[&str] = &[
    "Turn on Wi-Fi",
    "Set an alarm for 6:45",
    "Which song is playing?",
    "Send Maria the message \"I am late\"",
    "Buy the cheapest lamp",
    "Delete the note about groceries",
];

#[derive(Debug, Serialize)]
struct Report {
    native: ModelInfo,
    mistralrs: ModelInfo,
    prompts: usize,
    /// Replies that are the same to the last token.
    same: usize,
    /// Tokens up to the first difference, of all tokens: behind a difference the two see different texts.
    share: f64,
    replies: Vec<Reply>,
}

#[derive(Debug, Serialize)]
struct Reply {
    goal: &'static str,
    /// Tokens before the first difference.
    common: usize,
    tokens: usize,
    native: String,
    mistralrs: String,
}

pub async fn agreement(args: AgreementArgs) -> Result<()> {
    let mut prompts = Vec::new();
    for (seed, goal) in (0..).zip(GOALS) {
        prompts.push((*goal, messages(goal, seed).await?));
    }
    let json = args.json;
    let report = tokio::task::spawn_blocking(move || compare(&args, &prompts)).await??;
    if json {
        return output::print(&serde_json::to_string(&report)?);
    }
    for reply in &report.replies {
        output::print(&format!("{:>3} of {:<3} tokens agree  {}", reply.common, reply.tokens, reply.goal))?;
    }
    let (same, all) = (report.same, report.prompts);
    output::print(&format!(
        "{}: {same} of {all} replies are the same, {:.1}% of tokens",
        report.native.name,
        100.0 * report.share
    ))
}

/// What the agent would ask on the first screen of the phone with this seed.
async fn messages(goal: &str, seed: u64) -> Result<[Message; 2]> {
    let mut phone = SimPhone::new(seed);
    let apps = phone.apps().await?;
    let observation = settle(&mut phone, SettleLimits::default()).await?.observation;
    let input = PromptInput { goal, history: &[], observation: &observation, apps: &apps };
    let prompt = deftly_prompts::render(Dialect::Compact, &input, Budget::unlimited());
    Ok([Message::system(prompt.system), Message::user(prompt.user)])
}

fn compare(args: &AgreementArgs, prompts: &[(&'static str, [Message; 2])]) -> Result<Report> {
    if args.model.backend != Backend::Auto {
        bail!("bench agreement compares the two backends\nhint: leave out --backend");
    }
    let open = |backend| -> Result<Session> { model::session(&ModelArgs { backend, ..args.model.clone() }) };
    let (mut native, mut mistralrs) = (open(Backend::Native)?, open(Backend::Mistralrs)?);
    let mut replies = Vec::new();
    for (goal, messages) in prompts {
        // The same tokens for both, so that only the models are compared.
        let prompt = native.chat_template().encode(native.tokenizer(), messages)?;
        let request = GenerateRequest {
            prompt,
            max_tokens: args.tokens,
            sampling: Sampling::greedy(),
            ..GenerateRequest::default()
        };
        let ours = native.generate(&request, &CancellationToken::new(), &mut |_| {})?;
        let theirs = mistralrs.generate(&request, &CancellationToken::new(), &mut |_| {})?;
        replies.push(Reply {
            goal,
            common: common_prefix(&ours.tokens, &theirs.tokens),
            tokens: ours.tokens.len().max(theirs.tokens.len()),
            native: ours.text,
            mistralrs: theirs.text,
        });
    }
    let sum = |count: fn(&Reply) -> usize| replies.iter().map(count).sum::<usize>();
    Ok(Report {
        native: native.info().clone(),
        mistralrs: mistralrs.info().clone(),
        prompts: replies.len(),
        same: replies.iter().filter(|reply| reply.common == reply.tokens).count(),
        share: sum(|reply| reply.common) as f64 / sum(|reply| reply.tokens).max(1) as f64,
        replies,
    })
}

fn common_prefix(ours: &[TokenId], theirs: &[TokenId]) -> usize {
    ours.iter().zip(theirs).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::common_prefix;

    #[test]
    fn agreement_ends_at_the_first_difference() {
        let check = |ours: &[u32], theirs: &[u32], expected| assert_eq!(common_prefix(ours, theirs), expected);
        check(&[1, 2, 3], &[1, 2, 3], 3);
        check(&[1, 2, 3], &[1, 9, 3], 1);
        check(&[1, 2], &[1, 2, 3], 2);
        check(&[], &[1], 0);
    }
}
