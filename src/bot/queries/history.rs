//! What ran before.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{Arguments, Asker};
use crate::access::{Asked, Permission};
use crate::bot::trouble::Trouble;
use crate::jobs::{self, Execution, ExecutionState};
use crate::nlu::values::Reference;
use crate::nlu::values::recognize::{self, TimeKind};
use crate::reply::{Reply, say};

/// Runs that are shown when nobody says how many.
const SHOWN: usize = 10;
const MOST: usize = 50;

impl Asker<'_> {
    /// Past runs, by job, user, time and outcome.
    pub(super) async fn history(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        self.permit(Permission::History).await?;
        let speech = self.writer.speech;
        let count = arguments.number("lines").and_then(|n| usize::try_from(n).ok());
        let count = count.unwrap_or(SHOWN).clamp(1, MOST);
        let everyone = self.someone(arguments);
        let (since, until) = arguments.text("time").map_or((None, None), |words| self.span(words));
        let mut query = jobs::Query {
            requester: everyone.clone().flatten(),
            states: arguments.text("outcome").map_or_else(Vec::new, states),
            since,
            until,
            limit: count,
            ..jobs::Query::default()
        };
        let templates = arguments.templates();
        let mut found = Vec::new();
        if templates.is_empty() {
            found = self.visible(&query, Permission::History).await?;
        }
        for template in templates {
            query.template = Some(template);
            found.extend(self.visible(&query, Permission::History).await?);
        }
        found.sort_by_key(|execution| std::cmp::Reverse(execution.number));
        found.truncate(count);
        if found.is_empty() {
            return Ok(Reply::text(say!(speech, "history-none")));
        }
        let title = say!(speech, "history-title", "count" => found.len());
        let rows = self.writer.execution_rows(&found, self.turning.now, true);
        Ok(Reply::text(title).block(rows))
    }

    /// Whose runs: `None` where nobody is named, `Some(None)` where everybody is meant.
    fn someone(&self, arguments: Arguments<'_>) -> Option<Option<String>> {
        let words = arguments.text("user")?.trim().to_lowercase();
        let me = [self.turning.user.id.to_lowercase(), self.turning.user.name.to_lowercase()];
        let rules = self.turning.core.access.rules();
        let known = rules
            .users()
            .iter()
            .find(|user| user.id.to_lowercase() == words || user.name.to_lowercase() == words);
        match known {
            Some(user) => Some(Some(user.id.clone())),
            None if me.contains(&words) => Some(Some(self.turning.user.id.clone())),
            None => None,
        }
    }

    /// From when to when words like "last night" or 昨天 mean, as far back as can be.
    fn span(&self, words: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let turning = self.turning;
        let zone = turning.zone();
        let now = turning.now.to_zoned_datetime(zone.clone());
        let times = recognize::times(words, &Reference { now });
        // What recurs ("on Monday") has its past reading first, and history is about the past.
        let found = times.iter().find_map(|time| Some((time.kind, time.readings.first()?)));
        let Some((kind, reading)) = found else { return (None, None) };
        let moment = |local: DateTime| local.to_zoned_datetime(zone.clone()).ok();
        let since = reading.start.and_then(moment);
        let until = match (reading.end, kind) {
            (Some(end), _) => moment(end),
            (None, TimeKind::Date) => since.as_ref().and_then(|day| day.tomorrow().ok()),
            (None, _) => None,
        };
        (since.map(|at| at.timestamp()), until.map(|at| at.timestamp()))
    }

    /// Whether the asker may know of an execution; nothing is written down about the question.
    pub(super) fn may_see(&self, permission: Permission, execution: &Execution) -> bool {
        let turning = self.turning;
        let asked = Asked {
            template: Some(&execution.template),
            values: Some(&execution.values),
            own: Some(execution.requester == turning.user.id),
            ..Asked::command(&turning.user.id, permission, &turning.inbound.address)
        };
        turning.core.access.may(&asked, turning.now).is_ok()
    }
}

fn states(outcome: &str) -> Vec<ExecutionState> {
    use ExecutionState::*;
    match outcome {
        "failed" => vec![Failed, TimedOut, Lost],
        "succeeded" => vec![Succeeded],
        "cancelled" => vec![Cancelled],
        "running" => vec![Queued, AwaitingApproval, Starting, Running],
        _ => Vec::new(),
    }
}
