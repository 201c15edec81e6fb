//! Requests of one's own that wait for others: taking them back, and doing without the others in an
//! emergency.

use super::{Arguments, Asker};
use crate::access::{Approval, Ballot, Refusal};
use crate::bot::reasons::Wanted;
use crate::bot::trouble::Trouble;
use crate::bot::{approvals, runs};
use crate::channels::Block;
use crate::plan::{Plan, PlanHash};
use crate::reply::{Action, Reply, say};

impl Asker<'_> {
    /// Takes back what is named: a request of one's own, or one's own approval.
    pub(super) async fn withdraw_said(
        &mut self,
        arguments: Arguments<'_>,
    ) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let me = &turning.user.id;
        let mut open = turning.core.access.open_approvals(turning.now).await?;
        let number = self.number(arguments);
        open.retain(|approval| arguments.fit(number, approval));
        let is_voter = |approval: &&Approval| approval.votes.iter().any(|vote| vote.by == *me);
        let own: Vec<&Approval> = open.iter().filter(|a| a.plan.requester == *me).collect();
        let voted: Vec<&Approval> = open.iter().filter(is_voter).collect();
        match (own.as_slice(), voted.as_slice()) {
            ([], []) => Ok(Reply::text(say!(self.writer.speech, "withdraw-nothing"))),
            ([one], []) => self.withdraw(&one.hash()).await,
            ([], [one]) => self.vote(&one.hash(), Ballot::Retract).await,
            _ => Ok(self.which_to_withdraw(&own, &voted)),
        }
    }

    fn which_to_withdraw(&self, own: &[&Approval], voted: &[&Approval]) -> Reply {
        let own = own.iter().map(|a| (*a, Action::Withdraw { plan: a.hash() }));
        let voted = voted.iter().map(|a| (*a, Action::Retract { plan: a.hash() }));
        let mut reply = Reply::text(say!(self.writer.speech, "withdraw-which"));
        let mut labels = Vec::new();
        for (approval, action) in own.chain(voted) {
            let label = self.waiting_line(approval);
            reply = reply.button(label.clone(), action);
            labels.push(label);
        }
        reply.block(Block::Options(labels))
    }

    /// The requester takes a request back.
    pub async fn withdraw(&mut self, plan: &PlanHash) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let core = turning.core;
        let (address, sender) = (&turning.inbound.address, &turning.inbound.sender);
        let withdrawn =
            core.access.withdraw(plan, address, sender, &turning.context, turning.now).await;
        let approval = match withdrawn {
            // Withdrawn by an attempt that did not get any further, or twice.
            Err(Refusal::ApprovalWithdrawn) => core.access.approval(plan).await?,
            other => other?,
        };
        let me = &turning.user.id;
        approvals::tell_approvers(core, &approval, me, self.effects, |writer| {
            writer.refusal(&Refusal::ApprovalWithdrawn)
        })
        .await?;
        let job = self.writer.job_name(&approval.plan.template);
        let number = approval.execution;
        Ok(Reply::text(say!(self.writer.speech, "withdrawn", "job" => job, "number" => number)))
    }

    /// Runs what waits for a yes or for approval without the approvals, for a reason.
    pub(super) async fn break_glass(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let turning = self.turning;
        let me = &turning.user.id;
        let open = turning.core.access.open_approvals(turning.now).await?;
        let number = self.number(arguments);
        let waiting: Vec<Plan> = open
            .into_iter()
            .filter(|approval| approval.plan.requester == *me && arguments.fit(number, approval))
            .map(|approval| approval.plan)
            .collect();
        let shown = self.effects.shown.clone().filter(|_| number.is_none());
        let plan = match (shown, waiting.as_slice()) {
            (Some(plan), _) => plan,
            (None, [one]) => one.clone(),
            (None, _) => return Ok(Reply::text(say!(self.writer.speech, "emergency-nothing"))),
        };
        match self.reason(arguments) {
            Some(reason) => {
                let writer = self.writer.clone();
                runs::break_glass(turning, &plan, &reason, &writer, self.effects).await
            }
            None => self.ask_why_break_glass(&plan),
        }
    }

    /// What waits for approval, in one line.
    pub(super) fn waiting_line(&self, approval: &Approval) -> String {
        let plan = &approval.plan;
        let rules = self.turning.core.access.rules();
        let (granted, needed) = approval.progress(rules.users());
        say!(
            self.writer.speech, "waiting-line", "number" => approval.execution,
            "job" => self.writer.job_name(&plan.template),
            "values" => self.writer.values_of(&plan.template, &plan.plain_values()),
            "requester" => plan.requester.as_str(), "granted" => granted, "needed" => needed,
        )
    }

    /// Asks for the reason to break the glass.
    pub fn ask_why_break_glass(&mut self, plan: &Plan) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let job = self.writer.job_name(&plan.template);
        self.wait_for_reason(Wanted::BreakGlass { plan: Box::new(plan.clone()) })?;
        Ok(Reply::text(say!(speech, "reason-break-glass", "job" => job))
            .button(say!(speech, "button-leave-it"), Action::LeaveIt))
    }
}
