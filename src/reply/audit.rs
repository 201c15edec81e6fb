//! What stands in the audit log, in words.

use super::{Speech, Writer, say};
use crate::access::audit::{Entry, Event};
use crate::jobs::ExecutionState;

impl Writer<'_> {
    /// The job or command that a record is about; empty where it is about neither.
    pub fn audited(&self, entry: &Entry) -> String {
        if let Some(template) = &entry.template {
            return self.job_name(template);
        }
        let command = entry.command.clone().unwrap_or_default();
        match self.catalog.command(&command.as_str().into()) {
            Some(known) => self.speech.of(&known.name),
            None => command,
        }
    }
}

impl Speech {
    /// How a run ended, as the audit log spells it.
    pub fn audit_result(self, result: &str) -> String {
        let known = ExecutionState::ALL.into_iter().find(|state| state.to_string() == result);
        known.map_or_else(|| result.to_owned(), |state| self.state(state))
    }

    /// What happened.
    pub fn audit_event(self, event: Event) -> String {
        match event {
            Event::RunAuthorized => say!(self, "event-run-authorized"),
            Event::RunRefused => say!(self, "event-run-refused"),
            Event::RunFinished => say!(self, "event-run-finished"),
            Event::BreakGlass => say!(self, "event-break-glass"),
            Event::ScheduleAuthorized => say!(self, "event-schedule-authorized"),
            Event::Refused => say!(self, "event-refused"),
            Event::Permitted => say!(self, "event-permitted"),
            Event::ApprovalRequested => say!(self, "event-approval-requested"),
            Event::Approved => say!(self, "event-approved"),
            Event::Rejected => say!(self, "event-rejected"),
            Event::Retracted => say!(self, "event-retracted"),
            Event::Withdrawn => say!(self, "event-withdrawn"),
            Event::ApprovalExpired => say!(self, "event-approval-expired"),
            Event::ApprovalOutdated => say!(self, "event-approval-outdated"),
            Event::Linked => say!(self, "event-linked"),
            Event::Unlinked => say!(self, "event-unlinked"),
            Event::LoggedIn => say!(self, "event-logged-in"),
            Event::LoggedOut => say!(self, "event-logged-out"),
            Event::Reloaded => say!(self, "event-reloaded"),
            Event::Recovered => say!(self, "event-recovered"),
            Event::LossAcknowledged => say!(self, "event-loss-acknowledged"),
        }
    }
}
