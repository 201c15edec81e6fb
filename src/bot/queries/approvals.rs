//! Deciding about other people's runs.

use super::{Arguments, Asker};
use crate::access::{Approval, ApprovalState, Ballot, Refusal};
use crate::bot::handle::Said;
use crate::bot::runs;
use crate::bot::trouble::Trouble;
use crate::channels::Urgency;
use crate::plan::PlanHash;
use crate::reply::{Reply, say};

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
        let wanted = arguments.templates();
        let by = arguments.text("user");
        let fits = |approval: &&Approval| {
            let plan = &approval.plan;
            (wanted.is_empty() || wanted.contains(&plan.template))
                && by.is_none_or(|by| plan.requester == by)
        };
        let fitting: Vec<&Approval> = waiting.iter().filter(fits).collect();
        match fitting.as_slice() {
            [] => Ok(Reply::text(say!(self.writer.speech, "approval-none"))),
            [one] if approve || arguments.text("reason").is_some() => {
                let hash = one.hash();
                self.decide(&hash, approve, arguments.text("reason")).await
            }
            several => {
                for approval in several {
                    self.effects.messages.push(Said {
                        to: turning.inbound.address.clone(),
                        user: turning.user.id.clone(),
                        card: None,
                        live: false,
                        urgency: Urgency::Answer,
                        reply: runs::request(&self.writer, approval),
                    });
                }
                let count = several.len();
                Ok(Reply::text(say!(self.writer.speech, "approval-several", "count" => count)))
            }
        }
    }

    /// Casts the asker's vote about one plan, and starts the run when it was the last one needed.
    pub async fn decide(
        &mut self,
        plan: &PlanHash,
        approve: bool,
        reason: Option<&str>,
    ) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let (core, speech) = (turning.core, self.writer.speech);
        let ballot = if approve {
            Ballot::Approve { reason: reason.map(str::to_owned) }
        } else {
            let unsaid = || say!(speech, "approval-no-reason");
            Ballot::Reject { reason: reason.map_or_else(unsaid, str::to_owned) }
        };
        let (address, sender) = (&turning.inbound.address, &turning.inbound.sender);
        let voted = core.access.decide(plan, address, sender, &ballot, turning.now).await;
        let approval = match voted {
            Ok(approval) => approval,
            // Voted by an attempt that did not get any further.
            Err(Refusal::DecidedAlready { by }) if by == turning.user.id => {
                core.access.approval(plan).await?
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let job = self.writer.job_name(&approval.plan.template);
        match &approval.state {
            ApprovalState::Rejected { reason, .. } => {
                self.tell_requester(&approval, |writer| {
                    let refusal = Refusal::ApprovalRejected {
                        by: turning.user.name.clone(),
                        reason: reason.clone(),
                    };
                    Reply::text(writer.refusal(&refusal))
                });
                Ok(Reply::text(say!(speech, "approval-rejected", "job" => job)))
            }
            ApprovalState::Granted | ApprovalState::Used => {
                let context = &turning.context;
                let dispatch = runs::approved(core, &approval.plan, context, turning.now).await?;
                let execution = dispatch.execution.clone();
                self.effects.dispatches.push(dispatch);
                let number = execution.number;
                let by = turning.user.name.clone();
                self.tell_requester(&approval, |writer| {
                    let text = say!(
                        writer.speech, "approval-granted-to-you",
                        "by" => by.as_str(), "number" => number,
                    );
                    Reply::text(text).and(writer.card(&execution, None, turning.now))
                });
                Ok(Reply::text(say!(speech, "approval-granted", "job" => job, "number" => number)))
            }
            _ => {
                let (granted, needed) = approval.progress(core.access.rules().users());
                let text = say!(
                    speech, "approval-noted", "job" => job, "granted" => granted, "needed" => needed,
                );
                Ok(Reply::text(text))
            }
        }
    }

    /// Tells the requester, where they asked, what came of their request.
    fn tell_requester(
        &mut self,
        approval: &Approval,
        reply: impl Fn(&crate::reply::Writer<'_>) -> Reply,
    ) {
        let core = self.turning.core;
        let plan = &approval.plan;
        let rules = core.access.rules();
        let writer = core.writer_for(rules.users().get(&plan.requester));
        self.effects.messages.push(Said {
            to: plan.scope.clone(),
            user: plan.requester.clone(),
            card: None,
            live: false,
            urgency: Urgency::Notice,
            reply: reply(&writer),
        });
    }
}
