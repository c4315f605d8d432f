//! Hands events on: masked, to the trace first, then to whoever listens.

use deftly_tools::{Action, Screen, Screenshot};

use crate::agent::EventHandler;
use crate::mask::{Mask, typed_secret};
use crate::secrets::is_placeholder;
use crate::trace::TraceWriter;
use crate::{AgentError, AgentEvent};

pub(crate) struct Recorder<'a> {
    pub(crate) mask: Mask,
    pub(crate) trace: Option<TraceWriter>,
    /// Whether the trace has pictures.
    pub(crate) screenshots: bool,
    pub(crate) on_event: Option<&'a mut EventHandler>,
}

impl Recorder<'_> {
    /// An event that could not be written down is told to nobody: the run stops there.
    pub(crate) fn emit(&mut self, mut event: AgentEvent) -> Result<(), AgentError> {
        self.mask.event(&mut event);
        if let Some(trace) = self.trace.as_mut().filter(|_| event.is_traced()) {
            trace.write(&event)?;
        }
        if let Some(on_event) = &mut self.on_event {
            on_event(&event);
        }
        Ok(())
    }

    pub(crate) fn wants_screenshots(&self) -> bool {
        self.screenshots && self.trace.is_some()
    }

    /// The name of the picture's file.
    pub(crate) fn screenshot(&self, step: usize, screenshot: &Screenshot) -> Result<Option<String>, AgentError> {
        self.trace.as_ref().map(|trace| trace.screenshot(step, screenshot)).transpose()
    }

    /// Learns what the action types into a password field. `Some` is what to write instead of the reply, in which the
    /// secret may be escaped.
    pub(crate) fn learn_secret(&mut self, action: &Action, screen: &Screen) -> Option<String> {
        // A secret's name says nothing.
        let secret = typed_secret(action, screen).filter(|text| !is_placeholder(text))?;
        self.mask.add(secret);
        let mut masked = action.clone();
        self.mask.action(&mut masked);
        Some(deftly_prompts::reply_text(&masked, screen))
    }
}
