//! How runs are doing, ending them, and following them.

use super::{Arguments, Asker, Meant};
use crate::access::{Approval, Permission};
use crate::bot::handle::Said;
use crate::bot::runs::card_of;
use crate::bot::trouble::Trouble;
use crate::bot::{dispatch, pictures};
use crate::channels::{Block, Urgency};
use crate::dialogue::Query;
use crate::jobs::monitor::Subscriber;
use crate::jobs::{self, Execution};
use crate::reply::{Action, Reply, say};

/// More runs than this are not shown at once.
const MOST: usize = 10;

impl Asker<'_> {
    /// How one run is doing, or all that are under way.
    pub(super) async fn status(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let named = ["execution", "job", "user", "time", "since", "outcome"];
        if named.iter().any(|name| arguments.0.contains_key(*name)) {
            if let Some(waiting) = self.request_of(arguments).await? {
                return Ok(Reply::text(self.waiting_line(&waiting)));
            }
            return match self.execution(arguments, Permission::Status, true, |_| true).await? {
                Meant::This(execution) => {
                    self.permit_on(Permission::Status, &execution).await?;
                    self.one(&execution).await
                }
                Meant::Nothing => Ok(Reply::text(say!(self.writer.speech, "status-none"))),
                Meant::Unclear(reply) => Ok(reply),
            };
        }
        self.permit(Permission::Status).await?;
        let waiting = self.waiting_lines().await?;
        let reply = self.under_way(arguments).await?;
        Ok(reply.text_line(waiting))
    }

    /// All runs that are under way, or else the asker's last one.
    async fn under_way(&self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let monitor = &self.turning.core.monitor;
        let mut running = Vec::new();
        for execution in monitor.executions().unfinished().await? {
            if self.permit_on(Permission::Status, &execution).await.is_ok() {
                running.push(execution);
            }
        }
        running.reverse();
        running.truncate(MOST);
        if let [execution] = running.as_slice() {
            return self.one(execution).await;
        }
        if !running.is_empty() {
            let title = say!(self.writer.speech, "status-running", "count" => running.len());
            let rows = self.writer.execution_rows(&running, self.turning.now, true);
            return Ok(Reply::text(title).block(rows));
        }
        match self.own(arguments).await?.first() {
            Some(last) => {
                let line = self.writer.headline(last, self.turning.now);
                let text = say!(self.writer.speech, "status-idle-last", "last" => line);
                Ok(Reply::text(text))
            }
            None => Ok(Reply::text(say!(self.writer.speech, "status-idle"))),
        }
    }

    /// The request for approval with the number that is named, where it is not a run yet.
    async fn request_of(&self, arguments: Arguments<'_>) -> Result<Option<Approval>, Trouble> {
        let Some(number) = arguments.number("execution") else { return Ok(None) };
        let open = self.turning.core.access.open_approvals(self.turning.now).await?;
        let named = |approval: &Approval| approval.execution == number;
        Ok(open.into_iter().find(|a| named(a) && self.may_see_request(a)))
    }

    /// What waits for approval and the asker may know of, in one line each.
    async fn waiting_lines(&self) -> Result<Vec<String>, Trouble> {
        let open = self.turning.core.access.open_approvals(self.turning.now).await?;
        let seen = open.iter().filter(|approval| self.may_see_request(approval));
        Ok(seen.take(MOST).map(|approval| self.waiting_line(approval)).collect())
    }

    /// One run: its report if it is over, else its card, from now on here.
    async fn one(&self, execution: &Execution) -> Result<Reply, Trouble> {
        let monitor = &self.turning.core.monitor;
        let now = self.turning.now;
        if execution.state.is_final() {
            let report = monitor.reporter().report(execution.number, now).await?;
            let mut reply = self.writer.report(&report, now);
            reply.blocks.extend(pictures::of(&report, &self.writer).await);
            return Ok(reply);
        }
        let live = monitor.live(execution.number);
        let mut shown = execution.clone();
        let left = live.as_ref().and_then(|live| live.left);
        shown.progress = live.map(|live| live.progress).or(shown.progress);
        let followers = monitor.subscribers().of(execution.number).await?;
        let follows = followers.contains(&self.subscriber());
        let mut reply = self.writer.card(&shown, left, now);
        reply.buttons.push(self.writer.follow_button(execution, follows));
        Ok(reply)
    }

    /// Ends a run.
    pub(super) async fn cancel(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        if arguments.number("execution").is_none() {
            let running = self.own(arguments).await?;
            let running: Vec<_> = running.into_iter().filter(|e| !e.state.is_final()).collect();
            if running.len() > 1 {
                return Ok(self.which(&running));
            }
        }
        // What waits for approval is not a run yet: stopping it is taking the request back.
        if let Some(waiting) = self.request_of(arguments).await? {
            return self.withdraw(&waiting.hash()).await;
        }
        let is_on = |execution: &Execution| !execution.state.is_final();
        let execution = match self.execution(arguments, Permission::Status, false, is_on).await? {
            Meant::This(execution) => *execution,
            Meant::Unclear(reply) => return Ok(reply),
            Meant::Nothing => return self.cancel_waiting(arguments).await,
        };
        self.permit_on(Permission::Cancel, &execution).await?;
        let execution = dispatch::cancel(self.turning.core, execution.number).await?;
        let job = self.writer.job_name(&execution.template);
        Ok(Reply::text(if execution.state.is_final() {
            say!(speech, "cancel-done", "number" => execution.number, "job" => job)
        } else {
            say!(speech, "cancel-asked", "number" => execution.number, "job" => job)
        }))
    }

    /// Where nothing runs, a request of one's own that waits for approval may be meant.
    async fn cancel_waiting(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let me = &self.turning.user.id;
        let open = self.turning.core.access.open_approvals(self.turning.now).await?;
        if open.iter().any(|approval| approval.plan.requester == *me) {
            return self.withdraw_said(arguments).await;
        }
        Ok(Reply::text(say!(self.writer.speech, "cancel-nothing")))
    }

    /// Which of several runs to end.
    fn which(&self, running: &[Execution]) -> Reply {
        let title = say!(self.writer.speech, "cancel-which");
        let mut reply = Reply::text(title);
        let mut labels = Vec::new();
        for execution in running.iter().take(MOST) {
            let label = self.writer.headline(execution, self.turning.now);
            let query = Query {
                command: "cancel".into(),
                arguments: [("execution".to_owned(), execution.number.into())].into(),
            };
            reply = reply.button(label.clone(), Action::Ask { query });
            labels.push(label);
        }
        reply.block(Block::Options(labels))
    }

    /// Has the asker told of a run here.
    pub(super) async fn follow(&mut self, execution: &Execution) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let subscriber = self.subscriber();
        let number = execution.number;
        turning.core.monitor.subscribers().follow(number, &subscriber).await?;
        self.effects.messages.push(Said {
            to: subscriber.address,
            user: subscriber.user,
            card: Some(card_of(number)),
            live: true,
            urgency: Urgency::Answer,
            reply: self.writer.card(execution, None, turning.now),
        });
        Ok(Reply::text(say!(self.writer.speech, "followed", "number" => number)))
    }

    /// Follows a run that is not over: the one that is named, or else the asker's latest.
    pub(super) async fn follow_named(
        &mut self,
        arguments: Arguments<'_>,
    ) -> Result<Reply, Trouble> {
        let is_on = |execution: &Execution| !execution.state.is_final();
        let execution = match self.execution(arguments, Permission::Status, false, is_on).await? {
            Meant::This(execution) => *execution,
            Meant::Nothing => return Ok(Reply::text(say!(self.writer.speech, "status-none"))),
            Meant::Unclear(reply) => return Ok(reply),
        };
        self.permit_on(Permission::Status, &execution).await?;
        if execution.state.is_final() {
            return self.one(&execution).await;
        }
        self.follow(&execution).await
    }

    /// Has the asker told no more of a run here.
    pub(super) async fn unfollow(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let is_on = |execution: &Execution| !execution.state.is_final();
        let execution = match self.execution(arguments, Permission::Status, false, is_on).await? {
            Meant::This(execution) => *execution,
            Meant::Nothing => return Ok(Reply::text(say!(self.writer.speech, "status-none"))),
            Meant::Unclear(reply) => return Ok(reply),
        };
        let number = execution.number;
        let subscribers = turning.core.monitor.subscribers();
        subscribers.unfollow(number, &self.subscriber()).await?;
        Ok(Reply::text(say!(self.writer.speech, "unfollowed", "number" => number)))
    }

    fn subscriber(&self) -> Subscriber {
        let turning = self.turning;
        Subscriber { address: turning.inbound.address.clone(), user: turning.user.id.clone() }
    }

    /// Executions of a query that the asker may know of, latest first.
    pub(super) async fn visible(
        &self,
        query: &jobs::Query,
        permission: Permission,
    ) -> Result<Vec<Execution>, Trouble> {
        let mut visible = Vec::new();
        for execution in self.turning.core.monitor.executions().find(query).await? {
            if self.may_see(permission, &execution) {
                visible.push(execution);
            }
        }
        Ok(visible)
    }
}
