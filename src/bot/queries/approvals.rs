//! Deciding about other people's runs.

use super::{Arguments, Asker};
use crate::access::{Approval, ApprovalState, Asked, Ballot, Permission, Refusal};
use crate::bot::dispatch::key_of;
use crate::bot::handle::Said;
use crate::bot::reasons::{self, Wanted};
use crate::bot::trouble::Trouble;
use crate::bot::{approvals, runs};
use crate::catalog::TemplateId;
use crate::channels::{Body, Urgency};
use crate::jobs::ExecutionState;
use crate::plan::PlanHash;
use crate::reply::{Action, Reply, Writer, say};

impl Asker<'_> {
    /// Approves or rejects what waits for the asker: at once where it is one thing, else they
    /// are shown what there is.
    pub(super) async fn approve(
        &mut self,
        arguments: Arguments<'_>,
        approve: bool,
    ) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let waiting = turning.core.access.waiting_for(&turning.user, turning.now).await?;
        let number = self.number(arguments);
        let fitting: Vec<&Approval> = waiting.iter().filter(|a| arguments.fit(number, a)).collect();
        // A plan of the asker's own is open, too: what waits is shown rather than decided.
        let to_show = arguments.0.contains_key("which");
        match fitting.as_slice() {
            [] => match number {
                Some(number) => self.not_to_decide(number, &waiting).await,
                None => Ok(Reply::text(say!(self.writer.speech, "approval-none"))),
            },
            [one] if !to_show => match (approve, self.reason(arguments)) {
                (true, reason) => self.vote(&one.hash(), Ballot::Approve { reason }).await,
                (false, Some(reason)) => self.vote(&one.hash(), Ballot::Reject { reason }).await,
                (false, None) => self.ask_why_not(one.hash()).await,
            },
            several => {
                for approval in several {
                    self.effects.messages.push(Said {
                        to: turning.inbound.address.clone(),
                        user: turning.user.id.clone(),
                        card: None,
                        live: false,
                        urgency: Urgency::Answer,
                        reply: approvals::request(&self.writer, approval),
                    });
                }
                let (count, speech) = (several.len(), self.writer.speech);
                let reply = Reply::text(say!(speech, "approval-several", "count" => count));
                Ok(match to_show {
                    true => Reply::text(say!(speech, "approval-or-own")).and(reply),
                    false => reply,
                })
            }
        }
    }

    /// Why the asker has nothing to decide about a request that they named, and what else waits
    /// for them.
    async fn not_to_decide(&self, number: u64, waiting: &[Approval]) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let open = turning.core.access.open_approvals(turning.now).await?;
        match open.iter().find(|approval| approval.execution == number) {
            Some(approval) => {
                self.may_decide(approval).await?;
                Ok(Reply::text(say!(self.writer.speech, "approval-none")))
            }
            None => {
                self.note_refused(&Refusal::NoSuchApproval, Some(number), None).await?;
                let speech = self.writer.speech;
                if waiting.is_empty() {
                    return Ok(Reply::text(say!(speech, "approval-none")));
                }
                let text = say!(speech, "approval-no-such", "number" => number);
                let lines = waiting.iter().map(|approval| self.waiting_line(approval));
                Ok(Reply::text(text).text_line(lines))
            }
        }
    }

    /// Whether the asker may decide about a request; a refusal is written down.
    async fn may_decide(&self, approval: &Approval) -> Result<(), Trouble> {
        let user = &self.turning.user;
        let refusal = if approval.plan.requester == user.id {
            Refusal::OwnRun
        } else if !approval.may_decide(user) {
            approval.not_an_approver()
        } else if let Some(refusal) = approval.over(self.turning.now) {
            refusal
        } else {
            return Ok(());
        };
        let template = Some(&approval.plan.template);
        self.note_refused(&refusal, Some(approval.execution), template).await?;
        Err(refusal.into())
    }

    async fn note_refused(
        &self,
        refusal: &Refusal,
        execution: Option<u64>,
        template: Option<&TemplateId>,
    ) -> Result<(), Refusal> {
        let turning = self.turning;
        let place = &turning.inbound.address;
        let asked = Asked::command(&turning.user.id, Permission::Approve, place);
        let asked = Asked { execution, template, ..asked };
        let access = &turning.core.access;
        access.note_refused(&asked, refusal, place, &turning.context, turning.now).await
    }

    /// Asks for the reason of a rejection: the next message is it.
    pub async fn ask_why_not(&mut self, plan: PlanHash) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let approval = self.turning.core.access.approval(&plan).await?;
        // Whoever may not decide is told so now, rather than after having given a reason.
        self.may_decide(&approval).await?;
        let job = self.writer.job_name(&approval.plan.template);
        self.wait_for_reason(Wanted::Reject { plan })?;
        Ok(Reply::text(say!(speech, "reason-reject", "job" => job))
            .button(say!(speech, "button-leave-it"), Action::LeaveIt))
    }

    /// Casts the asker's vote about one plan, and starts the run when it was the last one needed.
    pub async fn vote(&mut self, plan: &PlanHash, ballot: Ballot) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let (address, sender) = (&turning.inbound.address, &turning.inbound.sender);
        let context = &turning.context;
        let decided = core.access.decide(plan, address, sender, &ballot, context, turning.now);
        let approval = match decided.await {
            Ok(approval) => approval,
            // Voted by an attempt that did not get any further.
            Err(Refusal::DecidedAlready { by }) if by == turning.user.id => {
                core.access.approval(plan).await?
            }
            // It was the last vote, and what it authorised did not get any further.
            Err(Refusal::PlanUsed) => {
                self.left_behind(plan).await?.ok_or(Trouble::Refused(Refusal::PlanUsed))?
            }
            Err(refusal) => return Err(refusal.into()),
        };
        match (&ballot, &approval.state) {
            (_, ApprovalState::Rejected { reason, .. }) => self.rejected(&approval, reason).await,
            (Ballot::Approve { reason }, ApprovalState::Granted | ApprovalState::Used)
                if self.decided(&approval) =>
            {
                self.granted(&approval, reason.as_deref()).await
            }
            (Ballot::Retract, _) => self.retracted(&approval).await,
            (Ballot::Approve { reason }, _) => self.noted(&approval, reason.as_deref()).await,
            (Ballot::Reject { .. }, _) => Err(Refusal::NoSuchApproval.into()),
        }
    }

    /// Whether it was the asker's vote that granted a request. If another did at the same moment,
    /// they start the run.
    fn decided(&self, approval: &Approval) -> bool {
        let turning = self.turning;
        let mut others = approval.clone();
        others.votes.retain(|vote| vote.by != turning.user.id);
        let (granted, needed) = others.progress(turning.core.access.rules().users());
        granted < needed
    }

    /// A request that the asker voted for and whose run was authorised, if nothing was started.
    async fn left_behind(&self, plan: &PlanHash) -> Result<Option<Approval>, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let approval = core.access.approval(plan).await?;
        let voted = approval.votes.iter().any(|vote| vote.by == turning.user.id);
        let execution = core.monitor.executions().by_key(&key_of(plan)).await?;
        let begun = execution.is_some_and(|run| run.state != ExecutionState::Queued);
        Ok((voted && !begun).then_some(approval))
    }

    async fn rejected(&mut self, approval: &Approval, reason: &str) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let by = turning.user.name.as_str();
        let refusal = Refusal::ApprovalRejected { by: by.to_owned(), reason: reason.to_owned() };
        let (core, effects) = (turning.core, &mut *self.effects);
        approvals::tell_requester(core, approval, effects, |writer| {
            let job = writer.job_name(&approval.plan.template);
            let number = approval.execution;
            let title = say!(writer.speech, "approval-of-yours", "number" => number, "job" => job);
            Reply::text(title).text_line([writer.refusal(&refusal)])
        })
        .await?;
        approvals::tell_approvers(core, approval, &turning.user.id, effects, |writer| {
            writer.refusal(&refusal)
        })
        .await?;
        let job = self.writer.job_name(&approval.plan.template);
        Ok(Reply::text(say!(self.writer.speech, "approval-rejected", "job" => job)))
    }

    async fn granted(
        &mut self,
        approval: &Approval,
        reason: Option<&str>,
    ) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let dispatch = match runs::approved(core, approval, turning.now).await {
            // It is granted all the same, and starts as soon as the target is free.
            Err(Trouble::Refused(busy @ Refusal::Busy { .. })) => {
                return self.granted_later(approval, &busy).await;
            }
            dispatch => dispatch?,
        };
        let execution = dispatch.execution.clone();
        self.effects.dispatches.push(dispatch);
        let (by, number) = (turning.user.name.as_str(), execution.number);
        let effects = &mut *self.effects;
        approvals::tell_requester(core, approval, effects, |writer| {
            let text =
                say!(writer.speech, "approval-granted-to-you", "by" => by, "number" => number);
            let remark = reason.map(|reason| said(writer, by, reason));
            Reply::text(text).text_line(remark).and(writer.card(&execution, None, turning.now))
        })
        .await?;
        approvals::tell_approvers(
            core,
            approval,
            &turning.user.id,
            effects,
            |writer| say!(writer.speech, "approval-granted-to-you", "by" => by, "number" => number),
        )
        .await?;
        let job = self.writer.job_name(&approval.plan.template);
        let speech = self.writer.speech;
        Ok(Reply::text(say!(speech, "approval-granted", "job" => job, "number" => number)))
    }

    /// The last approval is there, and something else runs on the target.
    async fn granted_later(
        &mut self,
        approval: &Approval,
        busy: &Refusal,
    ) -> Result<Reply, Trouble> {
        let (turning, number) = (self.turning, approval.execution);
        let text = |writer: &Writer<'_>| {
            let reason = writer.refusal(busy);
            say!(writer.speech, "approval-granted-later", "number" => number, "reason" => reason)
        };
        approvals::tell_requester(turning.core, approval, self.effects, |writer| {
            Reply::text(text(writer))
        })
        .await?;
        Ok(Reply::text(text(&self.writer)))
    }

    async fn noted(&mut self, approval: &Approval, reason: Option<&str>) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let (granted, needed) = approval.progress(core.access.rules().users());
        let by = turning.user.name.as_str();
        approvals::tell_requester(core, approval, self.effects, |writer| {
            let job = writer.job_name(&approval.plan.template);
            let text = say!(
                writer.speech, "approval-noted-to-you", "number" => approval.execution,
                "job" => job, "by" => by, "granted" => granted, "needed" => needed,
            );
            Reply::text(text).text_line(reason.map(|reason| said(writer, by, reason)))
        })
        .await?;
        let speech = self.writer.speech;
        let job = self.writer.job_name(&approval.plan.template);
        let text = say!(
            speech, "approval-noted", "job" => job, "granted" => granted, "needed" => needed,
        );
        let retract = Action::Retract { plan: approval.hash() };
        Ok(Reply::text(text).button(say!(speech, "button-retract"), retract))
    }

    async fn retracted(&mut self, approval: &Approval) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let by = turning.user.name.as_str();
        let (granted, needed) = approval.progress(core.access.rules().users());
        approvals::tell_requester(core, approval, self.effects, |writer| {
            let job = writer.job_name(&approval.plan.template);
            Reply::text(say!(
                writer.speech, "approval-retracted-to-you", "number" => approval.execution,
                "job" => job, "by" => by, "granted" => granted, "needed" => needed,
            ))
        })
        .await?;
        let job = self.writer.job_name(&approval.plan.template);
        Ok(Reply::text(say!(self.writer.speech, "approval-retracted", "job" => job)))
    }

    pub(super) fn wait_for_reason(&mut self, wanted: Wanted) -> Result<(), Trouble> {
        let turning = self.turning;
        let batch = std::mem::take(&mut self.effects.batch);
        self.effects.batch = reasons::wait(batch, &turning.conversation, wanted, turning.now)?;
        Ok(())
    }

    /// The reason that a command brings along: as it was understood, or what stands behind
    /// `/command` and a number.
    pub(super) fn reason(&self, arguments: Arguments<'_>) -> Option<String> {
        if let Some(reason) = arguments.text("reason") {
            return Some(reasons::one_line(reason));
        }
        if ["job", "user", "search"].iter().any(|name| arguments.0.contains_key(*name)) {
            return None;
        }
        let mark = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '，' | '：' | '-');
        let reason = self.behind_command()?.trim_start_matches(is_number).trim_start_matches(mark);
        (!reason.is_empty()).then(|| reasons::one_line(reason))
    }

    /// The number of the request that is named: as it was understood, or right behind
    /// `/command`.
    pub(super) fn number(&self, arguments: Arguments<'_>) -> Option<u64> {
        arguments.number("execution").or_else(|| {
            let word = self.behind_command()?.split(|c| !is_number(c)).next()?;
            word.trim_start_matches('#').parse().ok()
        })
    }

    /// What stands behind `/command`, with the secrets taken out.
    pub(super) fn behind_command(&self) -> Option<&str> {
        let Body::Text(_) = &self.turning.inbound.body else { return None };
        let words = self.turning.context.words.as_deref()?;
        let (_, rest) = words.trim().strip_prefix('/')?.split_once(char::is_whitespace)?;
        Some(rest.trim())
    }
}

fn is_number(c: char) -> bool {
    c == '#' || c.is_ascii_digit()
}

impl Arguments<'_> {
    /// Whether a request is the one that is named, by number, job or requester.
    pub(super) fn fit(self, number: Option<u64>, approval: &Approval) -> bool {
        let plan = &approval.plan;
        let wanted = self.templates();
        number.is_none_or(|number| number == approval.execution)
            && (wanted.is_empty() || wanted.contains(&plan.template))
            && self.text("user").is_none_or(|by| plan.requester.eq_ignore_ascii_case(by))
    }
}

/// `Ada: "looks fine"`.
fn said(writer: &Writer<'_>, by: &str, reason: &str) -> String {
    say!(writer.speech, "approval-reason", "by" => by, "reason" => reason)
}
