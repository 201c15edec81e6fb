//! What can go wrong while a message is handled, and what is said about it.

use super::Core;
use crate::access::Refusal;
use crate::catalog::TemplateId;
use crate::channels::Address;
use crate::dialogue::{Input, Query};
use crate::failures::Class;
use crate::jobs::platform::PlatformError;
use crate::jobs::schedule::{ScheduleError, name_of};
use crate::jobs::{ExecutionState, ExecutionsError};
use crate::reply::{Action, Reply, Writer, say};
use crate::store::StoreError;

/// Why something that was asked for was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Executions(ExecutionsError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// There is no platform of that name in the configuration.
    #[error("the platform `{0}` is not configured")]
    NoPlatform(String),
    #[error("there is no execution #{0}")]
    NoExecution(u64),
    #[error("execution #{0} is over already: {1}")]
    Over(u64, ExecutionState),
    #[error(transparent)]
    Schedule(ScheduleError),
}

impl From<ScheduleError> for Trouble {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::Store(error) => Trouble::Store(error),
            error => Trouble::Schedule(error),
        }
    }
}

impl From<ExecutionsError> for Trouble {
    fn from(error: ExecutionsError) -> Self {
        match error {
            ExecutionsError::Store(error) => Trouble::Store(error),
            ExecutionsError::Unknown(number) => Trouble::NoExecution(number),
            error => Trouble::Executions(error),
        }
    }
}

impl Trouble {
    /// Whether it goes by: the same plan may well run in a while.
    pub fn passes(&self) -> bool {
        let Trouble::Refused(refusal) = self else { return false };
        matches!(
            refusal,
            Refusal::Busy { .. } | Refusal::CheckFailed { .. } | Refusal::TooMany { .. }
        )
    }

    fn class(&self) -> Class {
        match self {
            Trouble::Refused(
                Refusal::AuditUnavailable { .. } | Refusal::StoreUnavailable { .. },
            )
            | Trouble::Store(_)
            | Trouble::Executions(_) => Class::System,
            Trouble::Refused(Refusal::UnknownTemplate { .. })
            | Trouble::NoExecution(_)
            | Trouble::Schedule(ScheduleError::Unknown(_))
            | Trouble::Over(..) => Class::NotFound,
            Trouble::Schedule(ScheduleError::Contended(_) | ScheduleError::Store(_)) => {
                Class::System
            }
            Trouble::Refused(Refusal::SecretTyped { .. } | Refusal::TooManyTargets { .. })
            | Trouble::Schedule(ScheduleError::Past | ScheduleError::When(_)) => Class::Parameter,
            Trouble::Refused(_) => Class::Permission,
            Trouble::Platform(PlatformError::Unreachable { .. }) => Class::Timeout,
            Trouble::Platform(_) | Trouble::NoPlatform(_) => Class::Platform,
        }
    }

    /// Writes it down and puts it into words: what happened, its id, what can be done now.
    pub fn explain(
        &self,
        core: &Core,
        writer: &Writer<'_>,
        who: Option<(&str, &Address)>,
        doing: &str,
    ) -> Reply {
        let failure = core.journal.record(self.class(), who, doing, self.to_string());
        let speech = writer.speech;
        let text = match self {
            Trouble::Refused(refusal) => writer.refusal(refusal),
            Trouble::Store(_) | Trouble::Executions(_) => say!(speech, "trouble-system"),
            Trouble::Platform(error) => platform(writer, error),
            Trouble::NoPlatform(name) => {
                say!(speech, "trouble-no-platform", "name" => name.as_str())
            }
            Trouble::NoExecution(number) => say!(speech, "no-such-execution", "number" => *number),
            Trouble::Schedule(error) => schedule(writer, error),
            Trouble::Over(number, state) => {
                let state = speech.state(*state);
                say!(speech, "trouble-over", "number" => *number, "state" => state)
            }
        };
        let mut reply = Reply::text(text);
        let id = say!(speech, "trouble-id", "id" => failure.id.as_str());
        let support = core
            .config
            .support
            .as_ref()
            .map(|support| say!(speech, "trouble-support", "contact" => speech.of(support)));
        reply = reply.text_line([Some(id), support].into_iter().flatten());
        match failure.class {
            Class::Platform | Class::Timeout => {
                reply.button(say!(speech, "button-try-again"), ask("status"))
            }
            Class::NotFound if matches!(self, Trouble::Schedule(_)) => {
                reply.button(say!(speech, "button-schedules"), ask("schedule_change"))
            }
            Class::NotFound => reply.button(say!(speech, "button-history"), ask("history")),
            Class::Permission | Class::Parameter | Class::System => {
                let help = Action::Say { input: Input::Text(say!(speech, "word-help")) };
                reply.button(say!(speech, "button-help"), help)
            }
        }
    }
}

fn schedule(writer: &Writer<'_>, error: &ScheduleError) -> String {
    let speech = writer.speech;
    match error {
        ScheduleError::Unknown(number) => {
            say!(speech, "no-such-schedule", "name" => name_of(*number))
        }
        ScheduleError::Past => say!(speech, "trouble-past"),
        ScheduleError::When(error) => say!(speech, "trouble-when", "reason" => error.to_string()),
        ScheduleError::Contended(_) | ScheduleError::Store(_) => say!(speech, "trouble-system"),
    }
}

fn platform(writer: &Writer<'_>, error: &PlatformError) -> String {
    let speech = writer.speech;
    match error {
        PlatformError::Refused(reason) => {
            say!(speech, "trouble-platform-refused", "reason" => reason.as_str())
        }
        PlatformError::Unreachable { platform, .. } => {
            say!(speech, "trouble-platform-unreachable", "platform" => platform.as_str())
        }
        PlatformError::Unknown { .. } => say!(speech, "trouble-platform-unknown"),
        PlatformError::Credentials { platform, .. } => {
            say!(speech, "trouble-platform-credentials", "platform" => platform.as_str())
        }
        PlatformError::Protocol { platform, .. } => {
            say!(speech, "trouble-platform-protocol", "platform" => platform.as_str())
        }
    }
}

fn ask(command: &str) -> Action {
    let query = Query { command: TemplateId::from(command), arguments: Default::default() };
    Action::Ask { query }
}
