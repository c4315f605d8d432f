//! What can end a run from outside, at any time.

use std::future::Future;
use std::time::Duration;

use deftly_tools::DeviceError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{AgentError, RunOutcome};

/// Why a run does not go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It is over, and the report says how.
    Ended(RunOutcome),
    /// Nothing can be reported, because the trace cannot be written.
    Failed(AgentError),
}

impl Halt {
    /// A decider that failed ends the run; the trace says so.
    pub(crate) fn of_decider(error: AgentError) -> Self {
        Self::Ended(match error {
            AgentError::Cancelled => RunOutcome::Cancelled,
            error => RunOutcome::DeciderFailed { error: error.to_string() },
        })
    }
}

impl From<AgentError> for Halt {
    fn from(error: AgentError) -> Self {
        Self::Failed(error)
    }
}

impl From<DeviceError> for Halt {
    fn from(error: DeviceError) -> Self {
        Self::Ended(RunOutcome::DeviceFailed { error: error.to_string() })
    }
}

/// The owner's cancellation, and the time budget.
pub(crate) struct Bounds {
    pub(crate) cancel: CancellationToken,
    time: Duration,
    /// `None` for a budget beyond what clocks can say.
    deadline: Option<Instant>,
}

impl Bounds {
    pub(crate) fn new(cancel: &CancellationToken, time: Duration) -> Self {
        Self { cancel: cancel.clone(), time, deadline: Instant::now().checked_add(time) }
    }

    pub(crate) fn check(&self) -> Result<(), Halt> {
        if self.cancel.is_cancelled() {
            return Err(Halt::Ended(RunOutcome::Cancelled));
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(self.out_of_time()),
            Some(_) | None => Ok(()),
        }
    }

    /// Waits for `work` as long as the run may last, and drops it then.
    pub(crate) async fn apply<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let out_of_time = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Halt::Ended(RunOutcome::Cancelled)),
            () = out_of_time => Err(self.out_of_time()),
            result = work => Ok(result),
        }
    }

    fn out_of_time(&self) -> Halt {
        let milliseconds = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
        Halt::Ended(RunOutcome::TimeLimit { milliseconds })
    }
}
