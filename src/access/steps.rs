//! The steps of an authorisation that read and change what is stored.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::access::{Access, Context};
use super::approval::{Approval, ApprovalState};
use super::audit::{Entry as Record, Event, Vote};
use super::authorize::{Authorization, RunRequest, Trigger};
use super::compliance::Judgement;
use super::ledger::{APPROVALS, Entry, PLANS, SCHEDULES, ScheduleGrant, StoredRun};
use super::locks::{self, Lock};
use super::redact::redact;
use super::rules::Rules;
use super::{AuthorizedRun, Refusal};
use crate::channels::{Address, Sender};
use crate::plan::{Plan, PlanHash};
use crate::store::{Batch, Expectation, StoreError, get_as};

/// What the trigger has shown, before anything is changed.
pub(super) struct Confirmed {
    /// The plan's entry in the ledger, as it has to be still when the run is authorised.
    pub before: Option<Json>,
    pub by: String,
    /// The request for approval, and how it is stored.
    pub approval: Option<(Approval, Json)>,
}

impl Confirmed {
    /// The number that the execution has already.
    pub fn execution(&self) -> Option<u64> {
        self.approval.as_ref().map(|(approval, _)| approval.execution)
    }
}

impl Access {
    /// Whether the trigger is what it claims to be.
    pub(super) async fn confirmed(
        &self,
        rules: &Rules,
        request: &RunRequest<'_>,
        now: Timestamp,
    ) -> Result<Confirmed, Refusal> {
        let plan = request.plan;
        let hash = plan.hash();
        let before = self.store.get(PLANS, &hash.0).await?;
        let entry: Option<Entry> = get_as(&*self.store, PLANS, &hash.0).await?;
        let (by, approval) = match request.trigger {
            Trigger::Confirmed { hash: said, address, sender } => {
                let by = self.requester(plan, address, sender).await?;
                match entry {
                    Some(Entry::Shown { .. }) if *said == hash => {}
                    Some(Entry::Shown { .. }) | None => return Err(Refusal::NothingToConfirm),
                    Some(_) => return Err(Refusal::PlanUsed),
                }
                if now >= plan.expires {
                    return Err(Refusal::PlanExpired);
                }
                (by, None)
            }
            Trigger::BreakGlass { hash: said, address, sender, reason } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::ReasonMissing);
                }
                let by = self.requester(plan, address, sender).await?;
                let approval = match entry {
                    Some(Entry::Shown { .. }) if *said == hash => {
                        if now >= plan.expires {
                            return Err(Refusal::PlanExpired);
                        }
                        None
                    }
                    // It was confirmed in time, and the emergency came while it waited.
                    Some(Entry::Waiting) if *said == hash => {
                        let (stored, approval) = self.stored_approval(&hash).await?;
                        if let Some(refusal) = approval.over(now) {
                            return Err(refusal);
                        }
                        Some((approval, stored))
                    }
                    Some(Entry::Shown { .. } | Entry::Waiting) | None => {
                        return Err(Refusal::NothingToConfirm);
                    }
                    Some(_) => return Err(Refusal::PlanUsed),
                };
                (by, approval)
            }
            Trigger::Approved => {
                match entry {
                    Some(Entry::Waiting) => {}
                    Some(Entry::Shown { .. }) | None => return Err(Refusal::NothingToConfirm),
                    Some(_) => return Err(Refusal::PlanUsed),
                }
                let (stored, approval) = self.stored_approval(&hash).await?;
                if let Some(refusal) = approval.obstacle(&rules.users, now) {
                    return Err(refusal);
                }
                (plan.requester.clone(), Some((approval, stored)))
            }
            Trigger::Scheduled { schedule } => {
                let grant: Option<ScheduleGrant> =
                    get_as(&*self.store, SCHEDULES, schedule).await?;
                if !grant.is_some_and(|grant| grant.covers(plan)) {
                    return Err(Refusal::NothingToConfirm);
                }
                if entry.is_some() {
                    return Err(Refusal::PlanUsed);
                }
                (format!("schedule:{schedule}"), None)
            }
        };
        Ok(Confirmed { before, by, approval })
    }

    /// The requester, if that is who confirms, and where it was asked.
    async fn requester(
        &self,
        plan: &Plan,
        address: &Address,
        sender: &Sender,
    ) -> Result<String, Refusal> {
        let user = self.identify(address, sender).await?.user()?;
        if user.id != plan.requester {
            return Err(Refusal::NotTheRequester { requester: plan.requester.clone() });
        }
        if *address != plan.scope {
            return Err(Refusal::WrongPlace);
        }
        Ok(user.id)
    }

    /// Stores the request for approval of a plan that was confirmed.
    pub(super) async fn ask_for_approval(
        &self,
        request: &RunRequest<'_>,
        execution: u64,
        confirmed: Confirmed,
        judgement: Judgement,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        let hash = request.plan.hash();
        let lifetime = judgement.lifetime.unwrap_or(SignedDuration::ZERO);
        let notices = judgement.notices.clone();
        let rules = judgement.rules();
        let context = Context {
            words: request.context.words.as_deref().map(|words| redact(words).into_owned()),
            ..request.context.clone()
        };
        let plan = request.plan.clone();
        let requirements = judgement.requirements;
        let approval = Approval::new(execution, plan, requirements, lifetime, context, now);
        let mut record = self.record(Event::ApprovalRequested, request);
        record.execution = Some(execution);
        record.notices = rules;
        record.confirmed_by = Some(confirmed.by);
        self.write(record, now).await?;
        let batch = expect_plan(Batch::default(), &hash, confirmed.before)
            .put(PLANS, &hash.0, json!(Entry::Waiting))
            .put(APPROVALS, &hash.0, json!(approval));
        match self.store.commit(batch).await {
            Ok(()) => {
                let approval = Box::new(approval);
                Ok(Authorization::NeedsApproval { approval, notices })
            }
            Err(StoreError::Conflict { .. }) => Err(Refusal::PlanUsed),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn stored_run(
        &self,
        rules: &Rules,
        plan: &Plan,
        execution: u64,
        confirmed: &Confirmed,
        votes: &[Vote],
        now: Timestamp,
    ) -> Result<StoredRun, Refusal> {
        let values = plan.plain_values();
        Ok(StoredRun {
            locks: locks::keys(rules.facts(&plan.template)?, &values)?,
            template: plan.template.clone(),
            definition: plan.definition.clone(),
            values,
            plan: plan.hash(),
            requester: plan.requester.clone(),
            platform_user: rules.enabled(&plan.requester)?.platform_user.clone(),
            approvers: votes.iter().map(|vote| vote.by.clone()).collect(),
            execution,
            waited_since: confirmed.approval.as_ref().map(|(approval, _)| approval.requested),
            at: now,
            record: None,
        })
    }

    /// Uses the plan and its approval up, takes the locks and counts the run: all or nothing.
    pub(super) async fn take(
        &self,
        confirmed: &Confirmed,
        judgement: &Judgement,
        run: &StoredRun,
    ) -> Result<(), StoreError> {
        let lock = Lock {
            plan: run.plan.clone(),
            requester: run.requester.clone(),
            template: run.template.clone(),
            since: run.at,
        };
        let entry = json!(Entry::Authorized { run: Box::new(run.clone()) });
        let mut batch = expect_plan(Batch::default(), &run.plan, confirmed.before.clone());
        batch = batch.put(PLANS, &run.plan.0, entry);
        batch = locks::take(batch, &run.locks, &lock);
        batch = judgement.count(batch);
        if let Some((approval, stored)) = &confirmed.approval {
            let used = Approval { state: ApprovalState::Used, ..approval.clone() };
            batch = batch.expect(APPROVALS, &run.plan.0, Expectation::Is(stored.clone())).put(
                APPROVALS,
                &run.plan.0,
                json!(used),
            );
        }
        self.store.commit(batch).await
    }

    /// Writes the audit record; if that fails, everything is as if nothing had been asked.
    pub(super) async fn write_down(
        &self,
        stored: StoredRun,
        record: Record,
        confirmed: &Confirmed,
        now: Timestamp,
    ) -> Result<AuthorizedRun, Refusal> {
        let written = match self.write(record, now).await {
            Ok(number) => {
                let run = StoredRun { record: Some(number), ..stored.clone() };
                let entry = json!(Entry::Authorized { run: Box::new(run) });
                let batch = Batch::default().put(PLANS, &stored.plan.0, entry);
                self.store.commit(batch).await.map(|()| number).map_err(Refusal::from)
            }
            Err(refusal) => Err(refusal),
        };
        match written {
            Ok(number) => Ok(AuthorizedRun::new(stored, number)),
            Err(refusal) => {
                let mut batch = locks::release(Batch::default(), &stored.locks);
                batch = match &confirmed.before {
                    Some(before) => batch.put(PLANS, &stored.plan.0, before.clone()),
                    None => batch.delete(PLANS, &stored.plan.0),
                };
                if let Some((_, approval)) = &confirmed.approval {
                    batch = batch.put(APPROVALS, &stored.plan.0, approval.clone());
                }
                if let Err(error) = self.store.commit(batch).await {
                    tracing::error!("the locks of a run that was not started are held: {error}");
                }
                Err(refusal)
            }
        }
    }
}

/// Applies the batch only if the plan stands in the ledger as it did.
pub(super) fn expect_plan(batch: Batch, plan: &PlanHash, before: Option<Json>) -> Batch {
    let expected = before.map_or(Expectation::Absent, Expectation::Is);
    batch.expect(PLANS, &plan.0, expected)
}
