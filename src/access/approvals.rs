//! Deciding about requests for approval.

use std::collections::HashSet;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::access::{Access, Context, Identity};
use super::approval::{Approval, ApprovalState, Ballot};
use super::audit::{Entry as Record, Event};
use super::ledger::{self, APPROVALS, Entry, PLANS};
use super::redact::redact;
use super::rules::Asked;
use super::{Permission, Refusal, User};
use crate::channels::{Address, Sender};
use crate::plan::PlanHash;
use crate::store::{Batch, Expectation, Store, StoreError};

/// What is settled is kept this long for those who ask about it, and so that nothing is used
/// twice.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A plan that was never confirmed is remembered this long after it expired, so that a late
/// "yes" is told so.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

/// Every open request in a store, the oldest first.
///
/// # Errors
///
/// When the store can't be read.
pub async fn open_approvals(
    store: &dyn Store,
    now: Timestamp,
) -> Result<Vec<Approval>, StoreError> {
    let all = ledger::read_all::<Approval>(store, APPROVALS).await?;
    let mut open: Vec<Approval> = all
        .into_iter()
        .map(|(_, approval)| approval)
        .filter(|approval| approval.is_open(now))
        .collect();
    open.sort_by_key(|approval| approval.requested);
    Ok(open)
}

impl Access {
    /// Casts a ballot about a plan. The approver sees the whole plan: what is returned holds it,
    /// and whether it is granted now, in which case the run can be asked for with
    /// [`Trigger::Approved`](super::Trigger::Approved).
    ///
    /// # Errors
    ///
    /// When the sender is unknown, disabled, the requester, not asked, has decided already, or
    /// nothing is there to decide any more. That is written down, too.
    pub async fn decide(
        &self,
        plan: &PlanHash,
        address: &Address,
        sender: &Sender,
        ballot: &Ballot,
        context: &Context,
        now: Timestamp,
    ) -> Result<Approval, Refusal> {
        let outcome = self.try_decide(plan, address, sender, ballot, context, now).await;
        self.note_outcome(&outcome, plan, address, sender, context, now).await?;
        outcome
    }

    async fn try_decide(
        &self,
        plan: &PlanHash,
        address: &Address,
        sender: &Sender,
        ballot: &Ballot,
        context: &Context,
        now: Timestamp,
    ) -> Result<Approval, Refusal> {
        let user = self.identify(address, sender).await?.user()?;
        let rules = self.rules();
        let _deciding = self.deciding().await?;
        let (before, mut approval) = self.stored_approval(plan).await?;
        // A vote for what the job was would be taken for one for what it is; the request is closed
        // by `sweep`.
        rules.check_definition(&approval.plan.template, &approval.plan.definition)?;
        // The requester is told that nobody approves their own run, whatever else the policy
        // would say.
        if user.id == approval.plan.requester {
            return Err(Refusal::OwnRun);
        }
        let values = approval.plan.plain_values();
        let run = Asked::run(&user.id, address, &approval.plan.template, &values);
        rules.may(&Asked { command: Permission::Approve, own: Some(false), ..run }, now)?;
        approval.decide(&user, ballot, &rules.users, now)?;
        let event = match ballot {
            Ballot::Approve { .. } => Event::Approved,
            Ballot::Reject { .. } => Event::Rejected,
            Ballot::Retract => Event::Retracted,
        };
        let mut record = self.approval_record(event, &user, address, &approval, context);
        record.account = Some(sender.id.clone());
        record.reason = match ballot {
            Ballot::Approve { reason } => reason.as_deref().map(|r| redact(r).into_owned()),
            Ballot::Reject { reason } => Some(redact(reason).into_owned()),
            Ballot::Retract => None,
        };
        self.store_approval(before, &approval, record, Batch::default(), now).await?;
        Ok(approval)
    }

    /// Takes a request for approval back, by its requester.
    ///
    /// # Errors
    ///
    /// When the sender is not the requester, or nothing is there to withdraw any more. That is
    /// written down, too.
    pub async fn withdraw(
        &self,
        plan: &PlanHash,
        address: &Address,
        sender: &Sender,
        context: &Context,
        now: Timestamp,
    ) -> Result<Approval, Refusal> {
        let outcome = self.try_withdraw(plan, address, sender, context, now).await;
        self.note_outcome(&outcome, plan, address, sender, context, now).await?;
        outcome
    }

    async fn try_withdraw(
        &self,
        plan: &PlanHash,
        address: &Address,
        sender: &Sender,
        context: &Context,
        now: Timestamp,
    ) -> Result<Approval, Refusal> {
        let user = self.identify(address, sender).await?.user()?;
        let _deciding = self.deciding().await?;
        let (before, mut approval) = self.stored_approval(plan).await?;
        approval.withdraw(&user, now)?;
        let mut record = self.approval_record(Event::Withdrawn, &user, address, &approval, context);
        record.account = Some(sender.id.clone());
        self.store_approval(before, &approval, record, Batch::default(), now).await?;
        Ok(approval)
    }

    /// The request for approval of a plan.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchApproval`], [`Refusal::StoreUnavailable`].
    pub async fn approval(&self, plan: &PlanHash) -> Result<Approval, Refusal> {
        self.stored_approval(plan).await.map(|(_, approval)| approval)
    }

    /// The open requests that this user may decide about, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn waiting_for(&self, user: &User, now: Timestamp) -> Result<Vec<Approval>, Refusal> {
        let mut open = self.open_approvals(now).await?;
        open.retain(|approval| approval.may_decide(user));
        Ok(open)
    }

    /// The requests that were turned down, the latest first; they are kept for 30 days.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn rejected(&self) -> Result<Vec<Approval>, Refusal> {
        let all = ledger::read_all::<Approval>(&*self.store, APPROVALS).await?;
        let is_rejected =
            |approval: &Approval| matches!(approval.state, ApprovalState::Rejected { .. });
        let mut rejected: Vec<Approval> =
            all.into_iter().map(|(_, approval)| approval).filter(is_rejected).collect();
        rejected.sort_by_key(|approval| std::cmp::Reverse(approval.execution));
        Ok(rejected)
    }

    /// Every open request, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn open_approvals(&self, now: Timestamp) -> Result<Vec<Approval>, Refusal> {
        Ok(open_approvals(&*self.store, now).await?)
    }

    /// The requests that came to nothing and are not closed yet, the oldest first: those that
    /// expired, and those whose job was changed since.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn expired(&self, now: Timestamp) -> Result<Vec<Approval>, Refusal> {
        let all = ledger::read_all::<Approval>(&*self.store, APPROVALS).await?;
        let mut expired: Vec<Approval> =
            all.into_iter().map(|(_, a)| a).filter(|a| self.end_of(a, now).is_some()).collect();
        expired.sort_by_key(|approval| approval.requested);
        Ok(expired)
    }

    /// What a request has come to that nobody closed yet; `None` where it is open or settled.
    fn end_of(&self, approval: &Approval, now: Timestamp) -> Option<(ApprovalState, Event)> {
        if approval.is_unsettled() && !self.is_as_shown(&approval.plan) {
            return Some((ApprovalState::Outdated, Event::ApprovalOutdated));
        }
        let expired = (ApprovalState::Expired, Event::ApprovalExpired);
        approval.has_expired(now).then_some(expired)
    }

    /// Closes a request that expired or whose job was changed, together with `said`, what people are told of it: they are
    /// told once, and it is not closed without. False where it is closed already.
    ///
    /// # Errors
    ///
    /// When it can't be stored or written down.
    pub async fn close_expired(
        &self,
        approval: &Approval,
        said: Batch,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let _deciding = self.deciding().await?;
        let (before, mut closed) = self.stored_approval(&approval.hash()).await?;
        let Some((state, event)) = self.end_of(&closed, now) else { return Ok(false) };
        closed.state = state;
        let plan = &closed.plan;
        let (user, place) = (Some(plan.requester.as_str()), Some(&plan.scope));
        let mut record = self.entry(event, user, place, &Context::default());
        record.execution = Some(closed.execution);
        record.template = Some(plan.template.clone());
        record.plan = Some(closed.hash());
        self.store_approval(before, &closed, record, said, now).await?;
        Ok(true)
    }

    /// Forgets what is long settled, and writes down how often what was refused again and again
    /// was. To be called every minute or so.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`], [`Refusal::AuditUnavailable`].
    pub async fn forget_settled(&self, now: Timestamp) -> Result<(), Refusal> {
        for repeated in self.repeats.over(now) {
            self.write(repeated, now).await?;
        }
        let all = ledger::read_all::<Approval>(&*self.store, APPROVALS).await?;
        self.forget_held(&all);
        for (key, approval) in all {
            if !approval.is_unsettled() && now.duration_since(approval.expires) > KEPT {
                self.store.commit(Batch::default().delete(APPROVALS, key)).await?;
            }
        }
        for (key, entry) in ledger::read_all::<Entry>(&*self.store, PLANS).await? {
            let old = match &entry {
                Entry::Shown { expires } => now.duration_since(*expires) > FORGOTTEN,
                Entry::Finished { at, .. } => now.duration_since(*at) > KEPT,
                Entry::Waiting => {
                    ledger::approval(&*self.store, &PlanHash(key.clone())).await?.is_none()
                }
                Entry::Authorized { .. } => false,
            };
            if old {
                self.store.commit(Batch::default().delete(PLANS, &key)).await?;
            }
        }
        Ok(())
    }

    /// What keeps a run from starting is of no interest once its request is settled.
    fn forget_held(&self, all: &[(String, Approval)]) {
        let waiting: HashSet<&str> = all
            .iter()
            .filter(|(_, approval)| approval.is_unsettled())
            .map(|(plan, _)| plan.as_str())
            .collect();
        // Every change is one operation on the map, so it is consistent whoever panicked.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|plan, _| waiting.contains(plan.0.as_str()));
    }

    pub(super) async fn stored_approval(
        &self,
        plan: &PlanHash,
    ) -> Result<(serde_json::Value, Approval), Refusal> {
        let json = self.store.get(APPROVALS, &plan.0).await?.ok_or(Refusal::NoSuchApproval)?;
        let approval = ledger::approval(&*self.store, plan).await?;
        Ok((json, approval.ok_or(Refusal::NoSuchApproval)?))
    }

    /// Writes down that somebody could not decide.
    async fn note_outcome(
        &self,
        outcome: &Result<Approval, Refusal>,
        plan: &PlanHash,
        address: &Address,
        sender: &Sender,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Err(refusal) = outcome else { return Ok(()) };
        if refusal.is_failure() {
            return Ok(());
        }
        let user = match self.identify(address, sender).await? {
            Identity::Known(User { id, .. }) | Identity::Disabled { user: id } => Some(id),
            Identity::Unknown { .. } => None,
        };
        let mut record = self.entry(Event::Refused, user.as_deref(), Some(address), context);
        record.account = Some(sender.id.clone());
        record.command = Some(Permission::Approve.to_string());
        record.plan = Some(plan.clone());
        record.rule = refusal.rule().cloned();
        record.reason = Some(redact(&refusal.to_string()).into_owned());
        if let Some(approval) = ledger::approval(&*self.store, plan).await? {
            record.execution = Some(approval.execution);
            record.template = Some(approval.plan.template);
        }
        self.write(record, now).await.map(drop)
    }

    async fn store_approval(
        &self,
        before: serde_json::Value,
        approval: &Approval,
        record: Record,
        said: Batch,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.write(record, now).await?;
        let key = approval.hash().0;
        let batch = said.expect(APPROVALS, &key, Expectation::Is(before)).put(
            APPROVALS,
            &key,
            json!(approval),
        );
        match self.store.commit(batch).await {
            Err(StoreError::Conflict { .. }) => Err(Refusal::StoreUnavailable {
                reason: "somebody decided at the same moment; look again".to_owned(),
            }),
            other => Ok(other?),
        }
    }

    fn approval_record(
        &self,
        event: Event,
        user: &User,
        address: &Address,
        approval: &Approval,
        context: &Context,
    ) -> Record {
        let mut record = self.entry(event, Some(&user.id), Some(address), context);
        record.execution = Some(approval.execution);
        record.command = Some(Permission::Approve.to_string());
        record.template = Some(approval.plan.template.clone());
        record.plan = Some(approval.hash());
        record.approvals = approval.votes.clone();
        record
    }
}
