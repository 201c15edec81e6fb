//! Runs by schedule: made of confirmed plans, and seen to when they are due.
//!
//! **Architecture Invariant:** what is due is judged anew, as its requester then is and by the
//! rules of then. What an occasion leads to is stored in one batch with its end.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::handle::{Effects, Said, Turning};
use super::notices::spoken;
use super::runs::{self, Begun};
use super::{Bot, Core, Trouble, approvals};
use crate::access::{Asked, Context, Permission, Refusal, RunRequest, Trigger};
use crate::catalog::Definition;
use crate::channels::Urgency;
use crate::jobs::monitor::Subscriber;
use crate::jobs::schedule::{
    NewSchedule, Occasion, OccasionError, OccasionHandler, OccasionKind, Schedule, ScheduleError,
    When, name_of,
};
use crate::plan::{Given, Plan, PlanHash, Source};
use crate::reply::{Reply, Writer};
use crate::store::Batch;

/// A rhythm that is quicker than so many times the notice is not announced every time.
const ANNOUNCED: i32 = 6;

/// Makes the schedule of a plan that its requester confirmed.
pub(super) async fn confirmed(
    turning: &Turning<'_>,
    plan: &Plan,
    when: &When,
    writer: &Writer<'_>,
    effects: &mut Effects,
) -> Result<Reply, Trouble> {
    let (core, now, hash) = (turning.core, turning.now, plan.hash());
    if when.next_after(now).is_none() {
        return Err(ScheduleError::Past.into());
    }
    let number = core.schedules.number_for(&hash).await?;
    let replaced = match plan.replaces {
        Some(old) => replaced(turning, old, (number, &hash)).await?,
        None => None,
    };
    let trigger = Trigger::Confirmed {
        hash: &hash,
        address: &turning.inbound.address,
        sender: &turning.inbound.sender,
    };
    let request = RunRequest { plan, trigger, context: &turning.context };
    match core.access.authorize_schedule(request, &name_of(number), now).await {
        // Granted to an attempt that did not get any further.
        Err(Refusal::PlanUsed) if core.access.is_scheduled(&name_of(number), &hash).await? => {}
        answer => answer?,
    }
    let new = NewSchedule {
        plan: hash,
        template: plan.template.clone(),
        values: plan.plain_values(),
        requester: plan.requester.clone(),
        origin: plan.scope.clone(),
        when: when.clone(),
        missed: core.config.schedules.missed,
        notice: notice(core.config.schedules.notice, when, now),
    };
    let schedule = core.schedules.create(number, new, now).await?;
    effects.schedules = Some(vec![schedule.number]);
    let reply = writer.scheduled(&schedule);
    let Some(old) = replaced else { return Ok(reply) };
    match core.schedules.drop(old.number).await {
        Ok(_) | Err(ScheduleError::Unknown(_)) => {}
        Err(error) => return Err(error.into()),
    }
    core.access.drop_schedule(&old.name()).await?;
    Ok(reply.and(writer.schedule_replaced(&old)))
}

/// The schedule whose place a new one takes, if whoever confirmed that may drop it. `None` where
/// it is gone because that was done already, and only not told.
async fn replaced(
    turning: &Turning<'_>,
    old: u64,
    (number, hash): (u64, &PlanHash),
) -> Result<Option<Schedule>, Trouble> {
    let core = turning.core;
    let schedule = match core.schedules.get(old).await {
        Ok(schedule) => schedule,
        Err(ScheduleError::Unknown(_))
            if core.access.is_scheduled(&name_of(number), hash).await? =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let (user, place) = (&turning.user.id, &turning.inbound.address);
    let asked = Asked {
        template: Some(&schedule.template),
        values: Some(&schedule.values),
        own: Some(schedule.requester == *user),
        ..Asked::command(user, Permission::Schedule, place)
    };
    core.access.permit(&asked, place, &turning.context, turning.now).await?;
    Ok(Some(schedule))
}

/// How long before it is due a schedule is announced, if that is worth it.
fn notice(notice: SignedDuration, when: &When, now: Timestamp) -> Option<Duration> {
    if let When::Recurring(_) = when {
        let next = when.next_after(now)?;
        let rhythm = when.next_after(next)?.duration_since(next);
        if rhythm < notice.saturating_mul(ANNOUNCED) {
            return None;
        }
    }
    Duration::try_from(notice).ok().filter(|notice| !notice.is_zero())
}

/// Sees to what schedules want.
pub(super) struct Keeper(pub Bot);

#[async_trait]
impl OccasionHandler for Keeper {
    async fn see_to(
        &self,
        occasion: &Occasion,
        schedule: Option<&Schedule>,
        done: Batch,
        now: Timestamp,
    ) -> Result<(), OccasionError> {
        let core = &self.0.core();
        // What was dropped or paused meanwhile is not wanted any more.
        let Some(schedule) = schedule.filter(|schedule| !schedule.paused) else {
            return Ok(core.store.commit(done).await?);
        };
        let who = Subscriber { address: schedule.origin.clone(), user: schedule.requester.clone() };
        let known = core.access.scheduled_definition(&schedule.name()).await;
        let (_, is_same) = known.map_err(passing)?;
        let leaves_out = matches!(occasion.kind, OccasionKind::Skipped { .. });
        let held = !is_same && !leaves_out && !schedule.is_over();
        let (language, zone) = spoken(&core.access, &*core.store, &core.config, &who).await?;
        let writer = core.writer(language, zone);
        let mut effects = Effects::default();
        let reply = match occasion.kind {
            OccasionKind::Soon if held => writer.schedule_changed(schedule),
            OccasionKind::Soon => writer.due_soon(schedule, occasion.due),
            OccasionKind::Skipped { missed } => writer.due_skipped(schedule, occasion.due, missed),
            OccasionKind::Due | OccasionKind::Late { .. } => {
                match run(core, schedule, occasion, &writer, now, &mut effects).await {
                    Ok(reply) => reply,
                    Err(trouble) if is_passing(&trouble) => {
                        return Err(OccasionError::NotNow(trouble.to_string()));
                    }
                    Err(trouble) => {
                        effects = Effects::default();
                        match held {
                            true => writer.schedule_changed(schedule),
                            false => refused(core, schedule, &trouble, &writer),
                        }
                    }
                }
            }
        };
        let said = said(schedule, reply);
        effects.messages.insert(0, said);
        effects.commit(core, done, now).await?;
        if held {
            // A stop before this has it told once more when it is due again.
            core.schedules.pause(schedule.number).await.map_err(passing)?;
        }
        if schedule.is_over()
            && let Err(refusal) = core.access.drop_schedule(&schedule.name()).await
        {
            // It stays a grant that nothing makes use of.
            tracing::warn!(schedule = schedule.number, %refusal, "its grant is still there");
        }
        Ok(())
    }
}

fn passing(error: impl std::fmt::Display) -> OccasionError {
    OccasionError::NotNow(error.to_string())
}

/// Runs what is due, if it may run now.
async fn run(
    core: &Core,
    schedule: &Schedule,
    occasion: &Occasion,
    writer: &Writer<'_>,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<Reply, Trouble> {
    let name = schedule.name();
    let (definition, _) = core.access.scheduled_definition(&name).await?;
    let plan = plan_of(core, schedule, definition, occasion.due);
    let trigger = Trigger::Scheduled { schedule: &name };
    let request = RunRequest { plan: &plan, trigger, context: &Context::default() };
    let reply = match occasion.kind {
        OccasionKind::Late { missed } => writer.due_late(schedule, occasion.due, missed),
        _ => writer.due_now(schedule),
    };
    match runs::begin(core, request, Some(name.clone()), writer, now, effects).await? {
        Begun::Runs { remarks } => Ok(reply.text_line(remarks)),
        Begun::Waits { approval, remarks } => {
            Ok(reply.and(approvals::waits(core, &approval, remarks, writer, now).await?))
        }
    }
}

/// The plan of one run of a schedule. It ends with the moment at which it is due, so that each
/// run has a plan of its own.
fn plan_of(core: &Core, schedule: &Schedule, definition: Definition, due: Timestamp) -> Plan {
    let given = |value| Given { value, source: Source::CarriedOver };
    let values: BTreeMap<String, Given> =
        schedule.values.iter().map(|(name, value)| (name.clone(), given(value.clone()))).collect();
    Plan {
        template: schedule.template.clone(),
        definition,
        values,
        requester: schedule.requester.clone(),
        scope: schedule.origin.clone(),
        expires: due.checked_add(core.dialogue.plan_expiry).unwrap_or(due),
        when: None,
        replaces: None,
    }
}

/// Whether it may well work in a moment.
fn is_passing(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Store(_)
            | Trouble::Executions(_)
            | Trouble::Refused(Refusal::StoreUnavailable { .. } | Refusal::AuditUnavailable { .. })
    )
}

fn refused(core: &Core, schedule: &Schedule, trouble: &Trouble, writer: &Writer<'_>) -> Reply {
    let doing = format!("running schedule {}", schedule.name());
    let who = Some((schedule.requester.as_str(), &schedule.origin));
    writer.due_refused(schedule).and(trouble.explain(core, writer, who, &doing))
}

fn said(schedule: &Schedule, reply: Reply) -> Said {
    Said {
        to: schedule.origin.clone(),
        user: schedule.requester.clone(),
        card: None,
        live: false,
        urgency: Urgency::Notice,
        reply,
    }
}

#[cfg(test)]
mod tests;
