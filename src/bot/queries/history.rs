//! What ran before.

use super::selection::{Selection, Whose};
use super::{Arguments, Asker};
use crate::access::{Approval, ApprovalState, Asked, Permission};
use crate::bot::trouble::Trouble;
use crate::channels::Block;
use crate::jobs::Execution;
use crate::reply::{Reply, say};

/// Runs that are shown when nobody says how many.
const SHOWN: usize = 10;
const MOST: usize = 50;

impl Asker<'_> {
    /// Past runs, by number, job, user, time and outcome.
    pub(super) async fn history(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        self.permit(Permission::History).await?;
        let speech = self.writer.speech;
        let count = arguments.count("lines").unwrap_or(SHOWN).clamp(1, MOST);
        if arguments.number("execution").is_some() {
            return self.status(arguments).await;
        }
        let selection = match self.selection(arguments) {
            Ok(selection) => selection,
            Err(reply) => return Ok(reply),
        };
        if arguments.text("outcome") == Some("rejected") {
            return self.turned_down(&selection, count).await;
        }
        let found = self.select(&selection, Permission::History, count).await?;
        if found.is_empty() {
            return Ok(Reply::text(match &selection.with {
                Some(words) => say!(speech, "history-none-with", "words" => words.as_str()),
                None => say!(speech, "history-none"),
            }));
        }
        let title = say!(speech, "history-title", "count" => found.len());
        let rows = self.writer.execution_rows(&found, self.turning.now, true);
        Ok(Reply::text(title).block(rows))
    }

    /// Requests that somebody turned down: they never became runs.
    async fn turned_down(&self, selection: &Selection, count: usize) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let concerns = |approval: &Approval| {
            let plan = &approval.plan;
            let by = match &selection.whose {
                Whose::Of(user) => plan.requester == *user,
                Whose::Unsaid | Whose::Everybody => true,
            };
            by && (selection.jobs.is_empty() || selection.jobs.contains(&plan.template))
                && selection.since.is_none_or(|since| approval.requested >= since)
                && selection.until.is_none_or(|until| approval.requested < until)
                && self.may_see_request(approval)
        };
        let mut rejected = self.turning.core.access.rejected().await?;
        rejected.retain(concerns);
        rejected.truncate(count);
        if rejected.is_empty() {
            return Ok(Reply::text(say!(speech, "history-none")));
        }
        let rows = rejected.iter().map(|approval| {
            let job = self.writer.job_name(&approval.plan.template);
            let values = approval.plan.plain_values();
            let values = self.writer.values_of(&approval.plan.template, &values);
            let remark = match &approval.state {
                ApprovalState::Rejected { by, reason, .. } => {
                    say!(speech, "approval-reason", "by" => by.as_str(), "reason" => reason.as_str())
                }
                _ => String::new(),
            };
            (format!("#{}", approval.execution), speech.list([job, values]), remark)
        });
        let title = say!(speech, "history-rejected", "count" => rejected.len());
        Ok(Reply::text(title).block(Block::Rows(rows.collect())))
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

    /// Whether the asker may know of a request for approval.
    pub(super) fn may_see_request(&self, approval: &Approval) -> bool {
        let turning = self.turning;
        let values = approval.plan.plain_values();
        let asked = Asked {
            template: Some(&approval.plan.template),
            values: Some(&values),
            own: Some(approval.plan.requester == turning.user.id),
            ..Asked::command(&turning.user.id, Permission::Status, &turning.inbound.address)
        };
        turning.core.access.may(&asked, turning.now).is_ok()
    }
}
