//! Schedules: what may run later without being confirmed again.

use jiff::Timestamp;
use serde_json::json;

use super::access::{Access, Context};
use super::audit::Event;
use super::authorize::RunRequest;
use super::ledger::{Entry, PLANS, SCHEDULES, ScheduleGrant};
use super::policy::RuleName;
use super::rules::{Asked, Rules};
use super::steps::expect_plan;
use super::{Permission, Refusal};
use crate::catalog::{Definition, Values};
use crate::plan::{Plan, PlanHash};
use crate::store::{Batch, Expectation, StoreError, get_as};

impl Access {
    /// Confirms that a plan shall run by a schedule. Each of its runs is authorised for itself;
    /// this only proves that somebody who may schedule saw and confirmed it.
    ///
    /// # Errors
    ///
    /// As [`Access::authorize`], for the permissions `schedule` and `run`.
    pub async fn authorize_schedule(
        &self,
        request: RunRequest<'_>,
        schedule: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let outcome = self.try_authorize_schedule(&request, schedule, now).await;
        if let Err(refusal) = &outcome {
            self.note_refusal(&request, Permission::Schedule, refusal, now).await;
        }
        outcome
    }

    /// Whether this plan was confirmed for this schedule.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn is_scheduled(&self, schedule: &str, plan: &PlanHash) -> Result<bool, Refusal> {
        let grant: Option<ScheduleGrant> = get_as(&*self.store, SCHEDULES, schedule).await?;
        Ok(grant.is_some_and(|grant| grant.confirmed == *plan))
    }

    /// How the job of a schedule was defined when its requester confirmed it last, and whether it
    /// still is.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn scheduled_definition(
        &self,
        schedule: &str,
    ) -> Result<(Definition, bool), Refusal> {
        let grant: Option<ScheduleGrant> = get_as(&*self.store, SCHEDULES, schedule).await?;
        let Some(grant) = grant else { return Ok((Definition::default(), true)) };
        let rules = self.rules();
        let changed = rules.check_definition(&grant.template, &grant.definition);
        let is_same = !matches!(changed, Err(Refusal::JobChanged { .. }));
        Ok((grant.definition, is_same))
    }

    /// The requester of a schedule has it go on with the job as it is defined now.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotTheRequester`] for anybody else, and what the policy says against it, which
    /// is written down.
    pub async fn confirm_again(
        &self,
        schedule: &str,
        by: &str,
        next: Timestamp,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let before = self.store.get(SCHEDULES, schedule).await?;
        let grant: Option<ScheduleGrant> = get_as(&*self.store, SCHEDULES, schedule).await?;
        let (Some(before), Some(grant)) = (before, grant) else {
            return Err(Refusal::NothingToConfirm);
        };
        if grant.requester != by {
            return Err(Refusal::NotTheRequester { requester: grant.requester });
        }
        let rules = self.rules();
        let definition = rules.facts(&grant.template)?.definition.clone();
        let grant = ScheduleGrant { definition, ..grant };
        self.judge_grant(&rules, &grant, schedule, next, context, now).await?;
        let mut record =
            self.entry(Event::ScheduleAuthorized, Some(by), Some(&grant.scope), context);
        record.command = Some(Permission::Schedule.to_string());
        record.template = Some(grant.template.clone());
        record.plan = Some(grant.confirmed.clone());
        record.confirmed_by = Some(by.to_owned());
        record.reason = Some(format!("{schedule} goes on with the job as it is defined now"));
        self.write(record, now).await?;
        let batch = Batch::default().expect(SCHEDULES, schedule, Expectation::Is(before));
        Ok(self.store.commit(batch.put(SCHEDULES, schedule, json!(grant))).await?)
    }

    /// Whether a schedule that was held or moved may go on: the policy is asked about its
    /// requester as they are now, for the moment at which it would run next. That it is asked once
    /// more when that comes does not make it right to promise what will be refused.
    ///
    /// # Errors
    ///
    /// The refusal, which is written down.
    pub async fn may_go_on(
        &self,
        schedule: &str,
        next: Timestamp,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let grant: Option<ScheduleGrant> = get_as(&*self.store, SCHEDULES, schedule).await?;
        let grant = grant.ok_or(Refusal::NothingToConfirm)?;
        self.judge_grant(&self.rules(), &grant, schedule, next, context, now).await
    }

    async fn judge_grant(
        &self,
        rules: &Rules,
        grant: &ScheduleGrant,
        schedule: &str,
        next: Timestamp,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let ScheduleGrant { template, definition, values, requester, scope, .. } = grant;
        let run = Asked::run(requester, scope, template, values);
        let own = Asked { command: Permission::Schedule, own: Some(true), ..run };
        let answer = rules.check_definition(template, definition);
        let answer = answer.and_then(|()| rules.check_values(template, values));
        let answer = answer.and_then(|()| rules.may(&own, now)).and_then(|_| rules.may(&run, next));
        if let Err(refusal) = &answer {
            let mut record = self.refused(&own, refusal, scope, context);
            record.confirmed_by = Some(format!("schedule:{schedule}"));
            self.write(record, now).await?;
        }
        answer.map(drop)
    }

    /// A dropped schedule can't run any more.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn drop_schedule(&self, schedule: &str) -> Result<(), Refusal> {
        Ok(self.store.commit(Batch::default().delete(SCHEDULES, schedule)).await?)
    }

    async fn try_authorize_schedule(
        &self,
        request: &RunRequest<'_>,
        schedule: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let rules = self.rules();
        let plan = request.plan;
        let hash = plan.hash();
        rules.enabled(&plan.requester)?;
        let confirmed = self.confirmed(&rules, request, now).await?;
        self.judge(&rules, plan, plan.begins(now)).await?;
        let values = plan.plain_values();
        let rule = may_schedule(&rules, plan, &values, now)?;
        let grant = ScheduleGrant {
            template: plan.template.clone(),
            definition: plan.definition.clone(),
            values,
            requester: plan.requester.clone(),
            scope: plan.scope.clone(),
            confirmed: hash.clone(),
        };
        let mut record = self.record(Event::ScheduleAuthorized, request);
        record.rule = rule;
        record.confirmed_by = Some(confirmed.by);
        let number = self.write(record, now).await?;
        let batch = expect_plan(Batch::default(), &hash, confirmed.before)
            .expect(SCHEDULES, schedule, Expectation::Absent)
            .put(PLANS, &hash.0, json!(Entry::Finished { at: now, record: number }))
            .put(SCHEDULES, schedule, json!(grant));
        match self.store.commit(batch).await {
            Err(StoreError::Conflict { .. }) => Err(Refusal::PlanUsed),
            other => Ok(other?),
        }
    }
}

/// Whether the requester may have it run by a schedule, and the rule that says so.
pub(super) fn may_schedule(
    rules: &Rules,
    plan: &Plan,
    values: &Values,
    now: Timestamp,
) -> Result<Option<RuleName>, Refusal> {
    let asked = Asked {
        command: Permission::Schedule,
        own: Some(true),
        ..Asked::run(&plan.requester, &plan.scope, &plan.template, values)
    };
    Ok(rules.may(&asked, now)?.rule().cloned())
}

impl ScheduleGrant {
    /// Whether the plan is what was confirmed, whenever it runs.
    pub(super) fn covers(&self, plan: &Plan) -> bool {
        self.template == plan.template
            && self.definition == plan.definition
            && self.values == plan.plain_values()
            && self.requester == plan.requester
            && self.scope == plan.scope
    }
}
