//! One run: observe, decide, check the policy, act, verify, again and again.

use std::time::Instant;

use deftly_engine::Account;
use deftly_prompts::{Outcome, Turn};
use deftly_tools::{Action, App, Clock, Device, DeviceError, Observation, Status, settle, settle_after};
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::bounds::{Bounds, Halt};
use crate::event::{RunStart, TRACE_VERSION};
use crate::expected::ExpectedScreens;
use crate::loops::{LoopDetector, StepKey};
use crate::mask::Mask;
use crate::policy::{Verdict, element_label};
use crate::recorder::Recorder;
use crate::trace::TraceWriter;
use crate::verify::{same_screen, verify};
use crate::{
    AgentError, AgentEvent, Confirmer, Consent, Decider, Limits, PhaseMs, Policy, RunOutcome, RunReport, StepContext,
    StepRecord, Trace,
};

/// What a run starts from.
pub(crate) struct Beginning {
    goal: String,
    history: Vec<Turn>,
    steps: usize,
    /// The trace to continue, if there is one.
    writer: Option<TraceWriter>,
}

impl Beginning {
    pub(crate) fn new(goal: &str) -> Self {
        Self { goal: goal.to_owned(), history: Vec::new(), steps: 0, writer: None }
    }

    pub(crate) fn resume(trace: &Trace) -> Result<Self, AgentError> {
        Ok(Self {
            goal: trace.start.goal.clone(),
            history: trace.history(),
            steps: trace.decisions(),
            writer: Some(trace.writer()?),
        })
    }
}

/// A run that is over.
pub(crate) struct Ended {
    pub(crate) report: RunReport,
    /// The last screen that was seen.
    pub(crate) observation: Option<Observation>,
}

/// A run that goes on.
pub(crate) struct Run<'a> {
    device: &'a mut dyn Device,
    decider: &'a mut dyn Decider,
    confirmer: Option<&'a mut Box<dyn Confirmer>>,
    policy: &'a Policy,
    limits: Limits,
    bounds: Bounds,
    anticipation: Anticipation<'a>,
    recorder: Recorder<'a>,
    detector: LoopDetector,
    started: Instant,
    goal: String,
    apps: Vec<App>,
    history: Vec<Turn>,
    /// The screen that the last step left behind, if it is known.
    seen: Option<Observation>,
    /// The screen of the step that ended the run.
    last: Option<Observation>,
    steps: usize,
    resumed_steps: usize,
    /// In a row.
    unreadable: usize,
    /// In all.
    refusals: usize,
    ms: PhaseMs,
    account: Account,
}

impl<'a> Run<'a> {
    pub(crate) async fn start(
        agent: &'a mut Agent,
        beginning: Beginning,
        cancel: &CancellationToken,
    ) -> Result<Self, AgentError> {
        let Agent { device, decider, options, expected } = agent;
        let overlaps = !options.no_overlap && device.clock() == Clock::Real;
        let mut mask = Mask::default();
        options.secrets.iter().for_each(|secret| mask.add(secret));
        let trace = match (beginning.writer, &options.trace) {
            (Some(writer), _) => Some(writer),
            (None, Some(trace)) => Some(TraceWriter::create(&trace.target)?),
            (None, None) => None,
        };
        let recorder = Recorder {
            mask,
            trace,
            screenshots: options.trace.as_ref().is_some_and(|trace| trace.screenshots),
            on_event: options.on_event.as_mut(),
        };
        let limits = options.limits;
        let mut run = Self {
            device: device.as_mut(),
            decider: decider.as_mut(),
            confirmer: options.confirmer.as_mut(),
            policy: &options.policy,
            limits,
            bounds: Bounds::new(cancel, limits.time),
            anticipation: Anticipation { expected, overlaps },
            recorder,
            detector: LoopDetector::new(limits.repeats),
            started: Instant::now(),
            goal: beginning.goal,
            apps: Vec::new(),
            history: beginning.history,
            seen: None,
            last: None,
            steps: beginning.steps,
            resumed_steps: beginning.steps,
            unreadable: 0,
            refusals: 0,
            ms: PhaseMs::default(),
            account: Account::default(),
        };
        if overlaps {
            run.decider.anticipate(None);
        }
        run.apps = run.device.apps().await?;
        run.announce()?;
        Ok(run)
    }

    fn announce(&mut self) -> Result<(), AgentError> {
        self.recorder.emit(AgentEvent::Start(Box::new(RunStart {
            version: TRACE_VERSION,
            goal: self.goal.clone(),
            device: self.device.info(),
            apps: self.apps.clone(),
            decider: self.decider.name(),
            max_steps: self.limits.max_steps,
            trace: self.recorder.trace.as_ref().map(|trace| trace.path().to_path_buf()),
            resumed_steps: self.resumed_steps,
        })))
    }

    pub(crate) async fn drive(mut self) -> Result<Ended, AgentError> {
        let outcome = loop {
            match self.step().await {
                Ok(()) => {}
                Err(Halt::Ended(outcome)) => break outcome,
                Err(Halt::Failed(error)) => return Err(error),
            }
        };
        if let Some(observation) = self.seen.take() {
            // The screen that the last action led to, on which nothing was decided: a replay must find it.
            self.last = Some(observation.clone());
            self.recorder.emit(AgentEvent::Step(Box::new(StepRecord::new(self.steps + 1, observation))))?;
        }
        let report = RunReport {
            goal: self.goal,
            outcome,
            steps: self.steps,
            ms: self.ms,
            total_ms: milliseconds(self.started),
            account: self.account,
            trace: self.recorder.trace.as_ref().map(|trace| trace.path().to_path_buf()),
        };
        self.recorder.emit(AgentEvent::Finish(Box::new(report.clone())))?;
        Ok(Ended { report, observation: self.last })
    }

    /// One step. Whatever ends it, what was seen and done is recorded.
    async fn step(&mut self) -> Result<(), Halt> {
        self.bounds.check()?;
        if self.steps >= self.limits.max_steps {
            return Err(Halt::Ended(RunOutcome::StepLimit { steps: self.steps }));
        }
        let started = Instant::now();
        let observation = match self.seen.take() {
            Some(observation) => observation,
            None => self.bounds.apply(settle(self.device, self.limits.settle)).await??.observation,
        };
        let mut record = StepRecord::new(self.steps + 1, observation);
        record.ms.observe = milliseconds(started);
        let result = self.work(&mut record).await;
        if result.is_err() {
            self.last = Some(record.observation.clone());
        }
        self.close(record)?;
        result
    }

    /// Everything of a step that follows the look.
    async fn work(&mut self, record: &mut StepRecord) -> Result<(), Halt> {
        self.show(record).await?;
        let Some(action) = self.decide(record).await? else {
            if self.unreadable >= self.limits.unreadable {
                return Err(Halt::Ended(RunOutcome::Unreadable { replies: self.unreadable }));
            }
            return Ok(());
        };
        if let Some(outcome) = self.ending(&action) {
            record.action = Some(action);
            return Err(Halt::Ended(outcome));
        }
        if self.policy.dry_run {
            return Err(Halt::Ended(RunOutcome::DryRun { action }));
        }
        let key = StepKey::new(&action, &record.observation);
        if self.detector.is_loop(key) {
            return Err(Halt::Ended(RunOutcome::Loop { action }));
        }
        if let Some(reason) = self.refusal(record, &action).await? {
            return self.refuse(record, reason);
        }
        let started = Instant::now();
        let outcome = self.perform(record, &action).await?;
        let had_effect = match &outcome {
            Outcome::Changed => true,
            Outcome::NothingChanged | Outcome::Failed(_) | Outcome::Refused(_) | Outcome::Unreadable(_) => false,
        };
        let outcome = match self.detector.note(key, had_effect) {
            Some(advice) => Outcome::Failed(advice),
            None => outcome,
        };
        record.result = Some(outcome.clone());
        record.ms.verify = (milliseconds(started) - record.ms.act).max(0.0);
        let (step, milliseconds) = (record.step, record.ms.verify);
        Ok(self.recorder.emit(AgentEvent::Verified { step, outcome, milliseconds })?)
    }

    async fn show(&mut self, record: &mut StepRecord) -> Result<(), Halt> {
        if self.recorder.wants_screenshots() {
            let screenshot = self.bounds.apply(self.device.screenshot()).await??;
            record.screenshot = self.recorder.screenshot(record.step, &screenshot)?;
        }
        Ok(self.recorder.emit(AgentEvent::Observed {
            step: record.step,
            observation: Box::new(record.observation.clone()),
            milliseconds: record.ms.observe,
        })?)
    }

    /// Asks for the next action. `None` if the reply was none.
    async fn decide(&mut self, record: &mut StepRecord) -> Result<Option<Action>, Halt> {
        let started = Instant::now();
        // A decision that is given up, for whichever reason, must also end where it is worked on.
        let token = self.bounds.cancel.child_token();
        let _stop = token.clone().drop_guard();
        let observation = &record.observation;
        let context = StepContext { goal: &self.goal, history: &self.history, observation, apps: &self.apps };
        let decision = self.bounds.apply(self.decider.decide(&context, &token)).await;
        record.ms.decide = milliseconds(started);
        let decision = decision?.map_err(Halt::of_decider)?;
        self.steps += 1;
        record.reply = decision.reply;
        let mut passages = decision.passages;
        record.account = decision.account;
        let problem = match decision.outcome {
            Ok(action) => {
                record.label = element_label(&action, observation);
                if let Some(masked) = self.recorder.learn_secret(&action, &observation.screen) {
                    record.reply = masked;
                    passages.clear();
                }
                record.decided = Some(action);
                self.unreadable = 0;
                None
            }
            Err(error) => {
                record.result = Some(Outcome::Unreadable(error.to_string()));
                self.unreadable += 1;
                Some(error.to_string())
            }
        };
        self.recorder.emit(AgentEvent::Decided {
            step: record.step,
            action: record.decided.clone(),
            label: record.label.clone(),
            problem,
            reply: record.reply.clone(),
            passages,
            account: record.account.clone().map(Box::new),
            milliseconds: record.ms.decide,
        })?;
        Ok(record.decided.clone())
    }

    /// How the run ends if this action ends it.
    fn ending(&self, action: &Action) -> Option<RunOutcome> {
        match action {
            Action::Answer { text } => Some(RunOutcome::Answered { text: text.clone() }),
            Action::Done { status: Status::Infeasible, reason } => Some(RunOutcome::GaveUp { reason: reason.clone() }),
            // A goal is not reached if the last thing it took was refused, whatever the decider says.
            Action::Done { status: Status::Complete, .. } => Some(match self.last_refusal() {
                Some(reason) => RunOutcome::Refused { reason: reason.to_owned() },
                None => RunOutcome::Reached,
            }),
            Action::Tap { .. }
            | Action::DoubleTap { .. }
            | Action::LongPress { .. }
            | Action::Type { .. }
            | Action::Scroll { .. }
            | Action::Swipe { .. }
            | Action::Back
            | Action::Home
            | Action::Enter
            | Action::OpenApp { .. }
            | Action::Wait => None,
        }
    }

    /// Why the last step was refused, if it was.
    fn last_refusal(&self) -> Option<&str> {
        let readable = |turn: &&Turn| !matches!(turn.outcome, Outcome::Unreadable(_));
        match &self.history.iter().rfind(readable)?.outcome {
            Outcome::Refused(reason) => Some(reason),
            Outcome::Changed | Outcome::NothingChanged | Outcome::Failed(_) | Outcome::Unreadable(_) => None,
        }
    }

    /// Why the action may not be performed, if so.
    async fn refusal(&mut self, record: &mut StepRecord, action: &Action) -> Result<Option<String>, Halt> {
        let question = match self.policy.check(action, &record.observation, &self.apps) {
            Verdict::Allowed => return Ok(None),
            Verdict::Refused(reason) => return Ok(Some(reason)),
            Verdict::Ask(question) => question,
        };
        self.recorder.emit(AgentEvent::ConfirmAsked { step: record.step, question: question.clone() })?;
        let Some(confirmer) = &mut self.confirmer else {
            return Ok(Some(format!("{} needs the owner's yes, and there is nobody to ask", question.risk)));
        };
        let started = Instant::now();
        let consent = self.bounds.apply(confirmer.confirm(&question)).await;
        record.ms.confirm = milliseconds(started);
        match consent? {
            Consent::Yes => Ok(None),
            Consent::No => Ok(Some(format!("the owner said no to {}", question.risk))),
        }
    }

    fn refuse(&mut self, record: &mut StepRecord, reason: String) -> Result<(), Halt> {
        record.result = Some(Outcome::Refused(reason.clone()));
        self.refusals += 1;
        self.recorder.emit(AgentEvent::Refused { step: record.step, reason: reason.clone() })?;
        if self.refusals >= self.limits.refusals {
            return Err(Halt::Ended(RunOutcome::Refused { reason }));
        }
        Ok(())
    }

    /// Acts, waits until the screen stands still, and compares.
    async fn perform(&mut self, record: &mut StepRecord, action: &Action) -> Result<Outcome, Halt> {
        record.action = Some(action.clone());
        let before = &record.observation;
        let mut anticipation = Anticipated {
            decider: &mut *self.decider,
            goal: &self.goal,
            apps: &self.apps,
            history: self.history.clone(),
            turn: masked_turn(&self.recorder.mask, action, record.label.as_deref()),
            overlaps: self.anticipation.overlaps,
        };
        // The screen that this step led to before; else the present one, of which much may stay.
        let expected = self.anticipation.expected.after(before, action).unwrap_or(before);
        anticipation.begin(Outcome::Changed, expected);
        let started = Instant::now();
        // Not interrupted: an action of which nobody knows whether it was performed is worse than a late end.
        let performed = self.device.perform(action, &record.observation.screen).await;
        record.ms.act = milliseconds(started);
        let note = match performed {
            Ok(performed) => performed.note,
            Err(error) if error.is_models_fault() => return Ok(Outcome::Failed(error.to_string())),
            Err(DeviceError::OutcomeUnknown { reason, .. }) => return self.look_again(record, reason).await,
            Err(error) => return Err(error.into()),
        };
        record.note = note.clone();
        // What holds if the run ends before the effect is known.
        record.result = Some(Outcome::Changed);
        self.recorder.emit(AgentEvent::Performed { step: record.step, note, milliseconds: record.ms.act })?;
        let apps = &self.apps;
        let mut on_look = |look: &Observation| anticipation.begin(verify(action, before, look, apps), look);
        let settled = settle_after(self.device, before, self.limits.settle, &mut on_look);
        let after = self.bounds.apply(settled).await??.observation;
        let outcome = verify(action, before, &after, apps);
        self.anticipation.expected.learn(before, action, &after);
        self.seen = Some(after);
        Ok(outcome)
    }

    /// After an action of which nobody knows whether it was performed. It is not done again here, because it may be one
    /// that pays: the screen is looked at, and the decider told.
    async fn look_again(&mut self, record: &mut StepRecord, reason: String) -> Result<Outcome, Halt> {
        let what = format!("nobody knows whether it was performed ({reason})");
        // What holds if the phone does not come back.
        record.result = Some(Outcome::Failed(what.clone()));
        let before = &record.observation;
        let mut ignore = |_: &Observation| ();
        let settled = settle_after(self.device, before, self.limits.settle, &mut ignore);
        let after = self.bounds.apply(settled).await??.observation;
        let seen = if same_screen(before, &after) { "the screen is as it was" } else { "the screen has changed" };
        self.seen = Some(after);
        Ok(Outcome::Failed(format!("{what}; {seen}: make sure that it was not done before doing it again")))
    }

    /// Records a step that is over.
    fn close(&mut self, record: StepRecord) -> Result<(), AgentError> {
        self.ms += record.ms;
        if let Some(account) = &record.account {
            self.account += account;
        }
        match (&record.decided, &record.result) {
            (None, Some(Outcome::Unreadable(reason))) => self.history.push(Turn::unreadable(reason.clone())),
            (Some(action), Some(outcome)) => {
                let turn = masked_turn(&self.recorder.mask, action, record.label.as_deref());
                self.history.push(Turn { outcome: outcome.clone(), ..turn });
            }
            (_, None) | (None, Some(_)) => {}
        }
        self.recorder.emit(AgentEvent::Step(Box::new(record)))
    }
}

/// A turn whose outcome is still open. A model does not need a password again, and prompts are logged in more places than
/// one.
fn masked_turn(mask: &Mask, action: &Action, label: Option<&str>) -> Turn {
    let mut action = action.clone();
    mask.action(&mut action);
    Turn { action, label: label.map(str::to_owned), outcome: Outcome::Changed }
}

/// What is known of screens to come, and whether it is of use: where time stands still meanwhile, it is not.
struct Anticipation<'a> {
    expected: &'a mut ExpectedScreens,
    overlaps: bool,
}

/// The decision that follows an action whose effect is not known yet.
struct Anticipated<'a> {
    decider: &'a mut dyn Decider,
    goal: &'a str,
    apps: &'a [App],
    history: Vec<Turn>,
    /// The action.
    turn: Turn,
    overlaps: bool,
}

impl Anticipated<'_> {
    /// Has the decider work on what follows if the action's outcome and the next screen are these.
    fn begin(&mut self, outcome: Outcome, screen: &Observation) {
        if self.overlaps {
            self.history.push(Turn { outcome, ..self.turn.clone() });
            let step = StepContext { goal: self.goal, history: &self.history, observation: screen, apps: self.apps };
            self.decider.anticipate(Some(&step));
            self.history.pop();
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
