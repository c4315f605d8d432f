//! Messages to prompt tokens, by the chat template that comes with the model.
//!
//! The template is a program in a language much like Jinja and comes from outside, so it runs with bounded fuel and a
//! bounded output. What the messages say comes from outside too: the text on a phone's screen. It is guarded before the
//! template sees it, so that whatever it says, it is encoded as plain text (see [`Tokenizer::encode`]).

mod clock;

use minijinja::value::Kwargs;
use minijinja::{Environment, ErrorKind, Value};
use serde::{Deserialize, Serialize};

use crate::{EngineError, Gguf, TokenId, Tokenizer};

/// Instructions of the template engine: a long conversation takes some thousands.
const FUEL: u64 = 2_000_000;

/// What a template may write beyond the messages themselves.
const LARGEST_OVERHEAD: usize = 1 << 20;

/// ChatML, for models that have its control tokens but no template.
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content \
                      + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// Base models, which were not trained on conversations, get the bare texts.
const PLAIN: &str = "{{ bos_token }}{% for message in messages %}{{ message.content + '\n\n' }}{% endfor %}";

const NAME: &str = "chat";

/// Who says a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    System,
    User,
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

impl Message {
    pub fn system(content: impl Into<String>) -> Self {
        Self { role: Role::System, content: content.into() }
    }

    pub fn user(content: impl Into<String>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

/// A model's way to write a conversation.
pub struct ChatTemplate {
    environment: Environment<'static>,
    source: String,
    bos: String,
    eos: String,
}

impl std::fmt::Debug for ChatTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatTemplate").field("source", &self.source).finish_non_exhaustive()
    }
}

impl ChatTemplate {
    /// The template of a GGUF file, else [`Self::fallback`].
    pub fn from_gguf(gguf: &Gguf, tokenizer: &Tokenizer) -> Result<Self, EngineError> {
        match gguf.string("tokenizer.chat_template")? {
            Some(source) => Self::new(source, tokenizer),
            None => Self::fallback(tokenizer),
        }
    }

    /// Parses `source`; a template that cannot be parsed is an error here, not at its first use.
    pub fn new(source: &str, tokenizer: &Tokenizer) -> Result<Self, EngineError> {
        let mut environment = Environment::new();
        // As Hugging Face's templates are rendered.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, minijinja::Error> {
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", |format: &str| clock::format_now(format));
        environment.add_filter("tojson", to_json);
        environment.add_template_owned(NAME, source.to_owned()).map_err(|error| template_error(&error))?;

        let text = |token: Option<TokenId>| token.and_then(|token| tokenizer.token_text(token)).unwrap_or_default();
        let (bos, eos) = (text(tokenizer.bos()), text(tokenizer.stop_tokens().first().copied()));
        Ok(Self { environment, source: source.to_owned(), bos, eos })
    }

    /// For a model without a template: ChatML where its control tokens exist, else the bare texts.
    pub fn fallback(tokenizer: &Tokenizer) -> Result<Self, EngineError> {
        let has = |text| tokenizer.special_token(text).is_some();
        Self::new(if has("<|im_start|>") && has("<|im_end|>") { CHATML } else { PLAIN }, tokenizer)
    }

    /// The template itself.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The prompt that asks the assistant for the next message.
    ///
    /// A model whose template refuses system messages gets their text at the start of the first user message.
    pub fn encode(&self, tokenizer: &Tokenizer, messages: &[Message]) -> Result<Vec<TokenId>, EngineError> {
        let marker = unused_character(messages)?;
        let guard =
            |message: &Message| Message { role: message.role, content: tokenizer.guard(&message.content, marker) };
        let guarded: Vec<Message> = messages.iter().map(guard).collect();
        let text = match (self.render(&guarded), guarded.first()) {
            (Ok(text), _) => text,
            (Err(error), Some(Message { role: Role::System, .. })) => {
                // The first error is the one to report: it is about what was asked for.
                self.render(&fold_system(&guarded)).map_err(|_| error)?
            }
            (Err(error), _) => return Err(error),
        };
        let mut tokens = tokenizer.encode_guarded(&text, Some(marker))?;
        if let Some(bos) = tokenizer.bos().filter(|_| tokenizer.add_bos())
            && tokens.first() != Some(&bos)
        {
            tokens.insert(0, bos);
        }
        Ok(tokens)
    }

    fn render(&self, messages: &[Message]) -> Result<String, EngineError> {
        let template = self.environment.get_template(NAME).map_err(|error| template_error(&error))?;
        let room = LARGEST_OVERHEAD + messages.iter().map(|message| message.content.len() * 2).sum::<usize>();
        let mut output = BoundedOutput { bytes: Vec::new(), room };
        let context = minijinja::context! {
            messages => messages,
            add_generation_prompt => true,
            bos_token => self.bos,
            eos_token => self.eos,
        };
        template.render_captured_to(context, &mut output).map_err(|error| template_error(&error))?;
        String::from_utf8(output.bytes).map_err(|error| EngineError::ChatTemplate { reason: error.to_string() })
    }
}

/// Stops a template that writes without end.
struct BoundedOutput {
    bytes: Vec<u8>,
    room: usize,
}

impl std::io::Write for BoundedOutput {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + buffer.len() > self.room {
            return Err(std::io::Error::other(format!("it writes more than {} bytes", self.room)));
        }
        self.bytes.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `tojson` as Python writes it; the built-in filter escapes for HTML.
fn to_json(value: &Value, options: Kwargs) -> Result<Value, minijinja::Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Templates name what their Python filter takes; none of these changes what we write.
    let _: Option<bool> = options.get("ensure_ascii")?;
    let _: Option<bool> = options.get("sort_keys")?;
    let json = if indent.is_some() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    json.map(Value::from).map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))
}

fn template_error(error: &minijinja::Error) -> EngineError {
    // The causes say what failed inside a macro or a writer.
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason.push_str(": ");
        reason.push_str(&cause.to_string());
        source = cause.source();
    }
    EngineError::ChatTemplate { reason }
}

/// The system text becomes the start of the first user message.
fn fold_system(messages: &[Message]) -> Vec<Message> {
    let Some((system, rest)) = messages.split_first() else { return Vec::new() };
    let mut folded = rest.to_vec();
    match folded.first_mut() {
        Some(first) if first.role == Role::User => first.content = format!("{}\n\n{}", system.content, first.content),
        Some(_) | None => folded.insert(0, Message::user(system.content.clone())),
    }
    folded
}

/// A character that no message contains, to mark what must stay text. Unicode keeps 32 code points for uses like this.
fn unused_character(messages: &[Message]) -> Result<char, EngineError> {
    ('\u{FDD0}'..='\u{FDEF}')
        .find(|&marker| messages.iter().all(|message| !message.content.contains(marker)))
        .ok_or_else(|| EngineError::Encode {
            reason: "it contains all of Unicode's noncharacters U+FDD0 to U+FDEF".into(),
        })
}

#[cfg(test)]
mod tests;
