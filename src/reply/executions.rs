//! Executions, in words: the line of a list, the card that is edited in place.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Action, Choice, Reply, Speech, Writer, say};
use crate::catalog::{TemplateId, Value, Values};
use crate::channels::Block;
use crate::dialogue::Query;
use crate::jobs::{Execution, ExecutionState, reason};

impl Writer<'_> {
    /// The card of an execution that is not over.
    pub fn card(&self, execution: &Execution, left: Option<Duration>, now: Timestamp) -> Reply {
        let speech = self.speech;
        let mut line = self.headline(execution, now);
        if let Some(left) = left {
            line = say!(speech, "card-left", "line" => line, "left" => speech.duration(left));
        }
        let mut reply = Reply::text(line);
        if let Some((done, of, text)) = &execution.progress
            && *of > 0
        {
            let done = *done as f32 / *of as f32;
            reply = reply.block(Block::Progress { done: done.min(1.0), label: text.clone() });
        }
        reply
            .button(say!(speech, "button-log"), ask("logs", execution.number))
            .button(say!(speech, "button-stop"), ask("cancel", execution.number))
    }

    /// A button to be told of an execution here, or no more.
    pub fn follow_button(&self, execution: &Execution, follows: bool) -> Choice {
        let speech = self.speech;
        let (label, command) = match follows {
            false => (say!(speech, "button-follow"), "follow"),
            true => (say!(speech, "button-unfollow"), "unfollow"),
        };
        Choice { label, action: ask(command, execution.number) }
    }

    /// `#1042 Deploy application: running for 12 s`.
    pub fn headline(&self, execution: &Execution, now: Timestamp) -> String {
        let speech = self.speech;
        let state = speech.state(execution.state);
        let job = self.job_name(&execution.template);
        match execution.duration(now) {
            Some(duration) if execution.state.is_final() => say!(
                speech, "headline-ended",
                "number" => execution.number, "job" => job, "state" => state,
                "duration" => speech.duration(duration),
            ),
            Some(duration) if execution.state == ExecutionState::Running => say!(
                speech, "headline-running",
                "number" => execution.number, "job" => job, "state" => state,
                "duration" => speech.duration(duration),
            ),
            _ => say!(
                speech, "headline",
                "number" => execution.number, "job" => job, "state" => state,
            ),
        }
    }

    /// Executions as rows: number and job, values, state and time.
    pub fn execution_rows(
        &self,
        executions: &[Execution],
        now: Timestamp,
        with_user: bool,
    ) -> Block {
        let speech = self.speech;
        let rows = executions.iter().map(|execution| {
            let state = speech.state(execution.state);
            let at = speech.moment(execution.requested_at(), &self.zone);
            let duration = execution.duration(now).map(|duration| speech.duration(duration));
            let by = with_user.then(|| execution.requester.clone());
            let remark = speech.list([Some(state), duration, Some(at), by].into_iter().flatten());
            let job = self.job_name(&execution.template);
            let values = self.values_of(&execution.template, &execution.values);
            let what = if values.is_empty() { job } else { format!("{job} ({values})") };
            (format!("#{}", execution.number), what, remark)
        });
        Block::Rows(rows.collect())
    }

    /// Values in the order of the template's parameters, mostly without their names.
    pub fn values_of(&self, template: &TemplateId, values: &Values) -> String {
        let speech = self.speech;
        speech.list(self.in_order(template, values).into_iter().map(|(name, value)| match value {
            // A bare yes or no says nothing without its question.
            Value::Boolean(_) => {
                let name = self.label_of(template, name);
                say!(speech, "value-named", "name" => name, "value" => speech.value(value))
            }
            _ => speech.value(value),
        }))
    }

    /// What there is by parameter, in the order of the template's parameters.
    pub fn in_order<'v, T>(
        &self,
        template: &TemplateId,
        values: &'v BTreeMap<String, T>,
    ) -> Vec<(&'v String, &'v T)> {
        let job = self.catalog.job(template);
        let place = |name: &str| job?.parameters.iter().position(|p| p.name == name);
        let mut values: Vec<_> = values.iter().collect();
        values.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
        values
    }

    /// Why an execution is in its state, where there is more to say.
    pub fn reason(&self, execution: &Execution) -> Option<String> {
        let speech = self.speech;
        let code = execution.history.last()?.reason.as_deref()?;
        Some(match code {
            reason::NEVER_STARTED => say!(speech, "reason-never-started"),
            reason::GONE => say!(speech, "reason-gone"),
            reason::NO_PLATFORM => say!(speech, "reason-no-platform"),
            reason::TIME_LIMIT => say!(speech, "reason-time-limit"),
            reason::CANCELLED => say!(speech, "reason-cancelled"),
            words => words.to_owned(),
        })
    }
}

impl Speech {
    /// The name of a state.
    pub fn state(self, state: ExecutionState) -> String {
        match state {
            ExecutionState::Queued => say!(self, "state-queued"),
            ExecutionState::AwaitingApproval => say!(self, "state-awaiting-approval"),
            ExecutionState::Starting => say!(self, "state-starting"),
            ExecutionState::Running => say!(self, "state-running"),
            ExecutionState::Succeeded => say!(self, "state-succeeded"),
            ExecutionState::Failed => say!(self, "state-failed"),
            ExecutionState::Cancelled => say!(self, "state-cancelled"),
            ExecutionState::TimedOut => say!(self, "state-timed-out"),
            ExecutionState::Lost => say!(self, "state-lost"),
        }
    }
}

/// A button that puts a question about an execution.
pub(super) fn ask(command: &str, number: u64) -> Action {
    let arguments = Values::from([("execution".to_owned(), number.into())]);
    Action::Ask { query: Query { command: TemplateId::from(command), arguments } }
}
