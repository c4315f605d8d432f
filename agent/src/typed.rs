//! Answers as data.

use deftly_tools::{App, Observation, Screen};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::run::Beginning;
use crate::{Agent, AgentError, Extraction, RunReport};

/// What came of a run that was to answer with a `T`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedReport<T> {
    pub report: RunReport,
    /// `None` if the run ended without an answer; the report's outcome says why.
    pub answer: Option<T>,
}

impl Agent {
    /// Pursues a goal that asks for something, and returns the answer as a `T`.
    ///
    /// An answer that is a `T` as it stands (a text, a number, JSON) is taken so. Otherwise the decider writes it anew
    /// under the schema of `T`, from the goal, the last screen and the answer in words.
    ///
    /// # Errors
    /// Those of [`Agent::run`], and an answer that is no `T`.
    pub async fn run_typed<T: JsonSchema + DeserializeOwned>(
        &mut self,
        goal: &str,
        cancel: &CancellationToken,
    ) -> Result<TypedReport<T>, AgentError> {
        let ended = self.run_to_end(Beginning::new(goal), cancel).await?;
        let answer = match ended.report.answer() {
            None => None,
            Some(text) => match parse_plain(text) {
                Some(answer) => Some(answer),
                None => Some(self.extract(goal, text, ended.observation, cancel).await?),
            },
        };
        Ok(TypedReport { report: ended.report, answer })
    }

    async fn extract<T: JsonSchema + DeserializeOwned>(
        &mut self,
        goal: &str,
        answer: &str,
        observation: Option<Observation>,
        cancel: &CancellationToken,
    ) -> Result<T, AgentError> {
        let mut schema = schema_for!(T).to_value();
        close(&mut schema);
        let observation = observation.unwrap_or_else(|| Observation {
            screen: Screen::default(),
            app: App { name: String::new(), package: String::new() },
            keyboard: false,
        });
        let wanted = Extraction { goal, answer, observation: &observation, schema: &schema };
        let json = self.decider.extract(&wanted, cancel).await?;
        serde_json::from_str(&json).map_err(|error| AgentError::WrongAnswer {
            answer: answer.to_owned(),
            expected: T::schema_name().into_owned(),
            reason: error.to_string(),
        })
    }
}

/// Allows no properties beyond those that a type has. Serde skips unknown ones, so schemars allows them, but a model that
/// may write them does not stop.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".into(), Value::Bool(false));
            }
            // The parts of `allOf` describe one object together: none of them knows all of its properties.
            object.iter_mut().filter(|(key, _)| *key != "allOf").for_each(|(_, part)| close(part));
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The answer as it stands: JSON, or a text.
fn parse_plain<T: DeserializeOwned>(answer: &str) -> Option<T> {
    let text = answer.trim();
    serde_json::from_str(text).or_else(|_| serde_json::from_value(Value::String(text.to_owned()))).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_closed() {
        let check = |mut schema: Value, expected: Value| {
            close(&mut schema);
            assert_eq!(schema, expected);
        };
        let object = json!({ "properties": { "a": { "type": "string" } } });
        let closed = json!({ "properties": { "a": { "type": "string" } }, "additionalProperties": false });
        check(object.clone(), closed.clone());
        check(json!({ "anyOf": [object, true] }), json!({ "anyOf": [closed, true] }));
        check(json!({ "allOf": [object] }), json!({ "allOf": [object] }));
        check(
            json!({ "additionalProperties": true, "properties": {} }),
            json!({ "additionalProperties": true, "properties": {} }),
        );
    }
}
