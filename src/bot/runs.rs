//! From a confirmed plan to a stored execution.
//!
//! Everything here may happen twice, when Steward dies before the message that caused it is done:
//! the second time finds what the first one left.

use std::time::Duration;

use jiff::Timestamp;

pub(super) use super::dispatch::Dispatch;
use super::dispatch::key_of;
use super::handle::{Effects, Said, Turning};
use super::{Core, Trouble, approvals, schedules};
use crate::access::{
    Approval, ApprovalState, Asked, Authorization, AuthorizedRun, Context, Notice, Refusal,
    RunRequest, Trigger,
};
use crate::channels::{Address, Urgency};
use crate::jobs::monitor::Subscriber;
use crate::jobs::{Execution, ExecutionState, NewExecution};
use crate::plan::Plan;
use crate::reply::{Action, Reply, Writer, say};

/// A command that proposes values has so long.
pub(super) const QUESTION_LIMIT: Duration = Duration::from_secs(3);
/// So many proposals are shown.
pub(super) const SUGGESTIONS: usize = 5;

/// Runs a plan that its requester confirmed, or schedules it, as it says.
pub(super) async fn confirmed(
    turning: &Turning<'_>,
    plan: &Plan,
    context: &Context,
    writer: &Writer<'_>,
    effects: &mut Effects,
) -> Result<Reply, Trouble> {
    if let Some(when) = &plan.when {
        return schedules::confirmed(turning, plan, when, writer, effects).await;
    }
    let hash = plan.hash();
    let trigger = Trigger::Confirmed {
        hash: &hash,
        address: &turning.inbound.address,
        sender: &turning.inbound.sender,
    };
    let request = RunRequest { plan, trigger, context };
    let (core, now) = (turning.core, turning.now);
    match begin(core, request, None, writer, now, effects).await? {
        Begun::Runs { remarks, .. } => Ok(Reply::default().text_line(remarks)),
        Begun::Waits { approval, remarks } => {
            approvals::waits(core, &approval, remarks, writer, now).await
        }
    }
}

/// Runs a plan of the sender's own without the approvals that it needs, and tells everybody who
/// would have been asked.
pub(super) async fn break_glass(
    turning: &Turning<'_>,
    plan: &Plan,
    reason: &str,
    writer: &Writer<'_>,
    effects: &mut Effects,
) -> Result<Reply, Trouble> {
    let hash = plan.hash();
    let trigger = Trigger::BreakGlass {
        hash: &hash,
        address: &turning.inbound.address,
        sender: &turning.inbound.sender,
        reason,
    };
    let request = RunRequest { plan, trigger, context: &turning.context };
    let (core, now) = (turning.core, turning.now);
    let begun = begin(core, request, None, writer, now, effects).await?;
    effects.used = Some(hash);
    match begun {
        Begun::Runs { remarks, .. } => Ok(Reply::default().text_line(remarks)),
        Begun::Waits { approval, remarks } => {
            approvals::waits(core, &approval, remarks, writer, now).await
        }
    }
}

/// A plan that is stopped for now, with the way around its approvals or hours where its requester
/// has one.
pub(super) fn with_emergency(
    reply: Reply,
    stopped: bool,
    plan: &Plan,
    core: &Core,
    writer: &Writer<'_>,
    now: Timestamp,
) -> Reply {
    // What runs later can't be an emergency now.
    if !stopped || plan.when.is_some() || !core.access.can_break_glass(plan, now) {
        return reply;
    }
    let label = say!(writer.speech, "button-break-glass");
    reply.button(label, Action::BreakGlass { plan: Box::new(plan.clone()) })
}

/// What came of a request to run.
pub(super) enum Begun {
    /// It is stored and will be dispatched.
    Runs { remarks: Vec<String> },
    /// Others were asked to agree.
    Waits { approval: Box<Approval>, remarks: Vec<String> },
}

/// Authorises a plan and stores its run, with everything that is to be said and done about it;
/// `schedule` names what makes it run, if nobody does just now.
pub(super) async fn begin(
    core: &Core,
    request: RunRequest<'_>,
    schedule: Option<String>,
    writer: &Writer<'_>,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<Begun, Trouble> {
    let plan = request.plan;
    if let Some(execution) = core.monitor.executions().by_key(&key_of(&plan.hash())).await? {
        // Stored by an attempt that did not get any further, unless it runs already.
        let left = execution.state == ExecutionState::Queued;
        let run = if left {
            Some(core.access.resume(&execution.plan, &plan.scope, now).await?)
        } else {
            None
        };
        set_going(core, writer, execution, run, &[], now, effects).await?;
        return Ok(Begun::Runs { remarks: Vec::new() });
    }
    check(core, &request, now).await?;
    match authorize(core, request, now).await? {
        Authorization::Authorized { run, notices, unasked } => {
            if let Trigger::BreakGlass { reason, .. } = request.trigger {
                approvals::tell_of_emergency(core, plan, &run, &unasked, reason, effects).await?;
            }
            let remarks = notices.iter().map(|notice| writer.notice(notice)).collect();
            let execution = record(core, plan, &run, schedule, now).await?;
            set_going(core, writer, execution, Some(*run), &notices, now, effects).await?;
            Ok(Begun::Runs { remarks })
        }
        Authorization::NeedsApproval { approval, notices } => {
            let remarks = notices.iter().map(|notice| writer.notice(notice)).collect();
            approvals::ask_approvers(core, &approval, effects).await?;
            Ok(Begun::Waits { approval, remarks })
        }
    }
}

/// Asks access; what an attempt was granted that did not get any further holds still.
async fn authorize(
    core: &Core,
    request: RunRequest<'_>,
    now: Timestamp,
) -> Result<Authorization, Refusal> {
    let hash = request.plan.hash();
    match core.access.authorize(request, now).await {
        Err(Refusal::PlanUsed) => {}
        answer => return answer,
    }
    let notices = Vec::new();
    match core.access.approval(&hash).await {
        Ok(approval)
            if approval.state == ApprovalState::Open
                && !matches!(request.trigger, Trigger::BreakGlass { .. }) =>
        {
            Ok(Authorization::NeedsApproval { approval: Box::new(approval), notices })
        }
        _ => {
            let run = Box::new(resume(core, request.plan, now).await?);
            Ok(Authorization::Authorized { run, notices, unasked: Vec::new() })
        }
    }
}

/// The key of a plan that was authorised already; a plan that was used otherwise has none.
async fn resume(core: &Core, plan: &Plan, now: Timestamp) -> Result<AuthorizedRun, Refusal> {
    match core.access.resume(&plan.hash(), &plan.scope, now).await {
        Err(Refusal::NothingToConfirm) => Err(Refusal::PlanUsed),
        answer => answer,
    }
}

/// Authorises and stores the run of a plan whose approvals are there.
pub(super) async fn approved(
    core: &Core,
    approval: &Approval,
    now: Timestamp,
) -> Result<Dispatch, Trouble> {
    let plan = &approval.plan;
    let context = &approval.context;
    let request = RunRequest { plan, trigger: Trigger::Approved, context };
    check(core, &request, now).await?;
    let (run, notices) = match core.access.authorize(request, now).await {
        Ok(Authorization::Authorized { run, notices, .. }) => (*run, notices),
        Ok(Authorization::NeedsApproval { approval, .. }) => {
            let (granted, needed) = approval.progress(core.access.rules().users());
            return Err(Refusal::ApprovalOpen { granted, needed }.into());
        }
        // Authorised by an attempt that did not get any further.
        Err(Refusal::PlanUsed) => {
            let run = resume(core, plan, now).await?;
            (run, Vec::new())
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let execution = record(core, plan, &run, None, now).await?;
    follow(core, &execution, &notices).await?;
    Ok(Dispatch { execution, run })
}

/// Asks the template's own check whether this may go on now. For somebody who may not run it, and
/// of a job that is not what was shown, nothing is asked: the refusal comes from access, which
/// writes it down.
async fn check(core: &Core, request: &RunRequest<'_>, now: Timestamp) -> Result<(), Trouble> {
    let plan = request.plan;
    let Some(check) = core.catalog.job(&plan.template).and_then(|job| job.check.as_ref()) else {
        return Ok(());
    };
    let values = plan.plain_values();
    let run = Asked::run(&plan.requester, &plan.scope, &plan.template, &values);
    if core.access.may(&run, now).is_err() || !core.access.is_as_shown(plan) {
        return Ok(());
    }
    let answer = core.local.ask(&check.command, &values, check.timeout).await?;
    if answer.success {
        return Ok(());
    }
    let reason = answer.lines.into_iter().next().unwrap_or_default();
    let refusal = Refusal::CheckFailed { reason };
    core.access.note_stopped(request, &refusal, now).await;
    Err(refusal.into())
}

/// Has a stored execution followed, shows its card, and sees that it is dispatched.
async fn set_going(
    core: &Core,
    writer: &Writer<'_>,
    execution: Execution,
    run: Option<AuthorizedRun>,
    notices: &[Notice],
    now: Timestamp,
    effects: &mut Effects,
) -> Result<(), Trouble> {
    follow(core, &execution, notices).await?;
    effects.messages.push(Said {
        to: execution.origin.clone(),
        user: execution.requester.clone(),
        card: Some(card_of(execution.number)),
        live: true,
        urgency: Urgency::Answer,
        reply: acknowledged(writer, &execution).and(writer.card(&execution, None, now)),
    });
    effects.dispatches.extend(run.map(|run| Dispatch { execution, run }));
    Ok(())
}

/// What the template itself says when a run begins.
fn acknowledged(writer: &Writer<'_>, execution: &Execution) -> Reply {
    writer.acknowledgement(execution).map(Reply::text).unwrap_or_default()
}

/// Stores the execution of an authorised run, once.
async fn record(
    core: &Core,
    plan: &Plan,
    run: &AuthorizedRun,
    schedule: Option<String>,
    now: Timestamp,
) -> Result<Execution, Trouble> {
    let job = core.catalog.job(&plan.template);
    let platform = job.map_or("local", |job| job.run.platform.as_str());
    let new = NewExecution::of(run, key_of(&plan.hash()), plan.scope.clone(), platform);
    let new = NewExecution { schedule, ..new };
    Ok(core.monitor.executions().create(new, now).await?.into_execution())
}

/// Has the requester, and whom the template and the notices name, told of what becomes of it.
async fn follow(core: &Core, execution: &Execution, notices: &[Notice]) -> Result<(), Trouble> {
    let job = core.catalog.job(&execution.template);
    let names = job.iter().flat_map(|job| &job.notify);
    let names = names.chain(notices.iter().flat_map(|notice| &notice.notify));
    let others = names.filter_map(|name| core.config.notify.get(name)).flatten();
    let addresses: Vec<Address> =
        std::iter::once(&execution.origin).chain(others).cloned().collect();
    for address in addresses {
        let subscriber = Subscriber { address, user: execution.requester.clone() };
        core.monitor.subscribers().follow(execution.number, &subscriber).await?;
    }
    Ok(())
}

/// The card of an execution: its messages replace one another.
pub(super) fn card_of(number: u64) -> String {
    format!("{CARD}{number}")
}

/// The execution that a card is about.
pub(super) fn execution_of(card: &str) -> Option<u64> {
    card.strip_prefix(CARD)?.parse().ok()
}

const CARD: &str = "execution-";
