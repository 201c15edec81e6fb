//! From a plan to the key that starts it: shown, confirmed, allowed, approved, written down.

use std::sync::PoisonError;

use jiff::Timestamp;
use serde_json::json;

use super::access::{Access, Context};
use super::approval::{Approval, Requirement};
use super::audit::{Entry as Record, Event};
use super::compliance::{Judgement, Notice};
use super::ledger::{self, Entry, PLANS};
use super::policy::RuleName;
use super::redact::{redact, redact_values, typed_secret};
use super::refusal::{ComplianceKind, Limited};
use super::rules::{Asked, Rules};
use super::schedules::may_schedule;
use super::{AuthorizedRun, Permission, Refusal, locks};
use crate::channels::{Address, Sender};
use crate::jobs::NUMBERS;
use crate::plan::{Plan, PlanHash};
use crate::store::{Batch, StoreError, get_as};

/// A plan that is to run, and why now.
#[derive(Debug, Clone, Copy)]
pub struct RunRequest<'a> {
    pub plan: &'a Plan,
    pub trigger: Trigger<'a>,
    pub context: &'a Context,
}

/// What makes a plan run.
#[derive(Debug, Clone, Copy)]
pub enum Trigger<'a> {
    /// Somebody said yes, or pressed the button that carries the hash.
    Confirmed { hash: &'a PlanHash, address: &'a Address, sender: &'a Sender },
    /// It was confirmed, had to wait, and the approvals are there.
    Approved,
    /// The time of a stored schedule has come.
    Scheduled { schedule: &'a str },
    /// Confirmed in an emergency: without the approvals it would need and against hours and
    /// frequency, but not against the policy. Always told to everybody.
    BreakGlass { hash: &'a PlanHash, address: &'a Address, sender: &'a Sender, reason: &'a str },
}

/// What became of a request to run.
#[derive(Debug, Clone)]
pub enum Authorization {
    /// It may start, and has been written down. Who would have had to agree but was not asked,
    /// because the glass was broken, is to be told of it.
    Authorized { run: Box<AuthorizedRun>, notices: Vec<Notice>, unasked: Vec<Requirement> },
    /// Others have to agree first; their request is stored.
    NeedsApproval { approval: Box<Approval>, notices: Vec<Notice> },
}

/// What is known of a plan before it is confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// What to say with the summary.
    pub notices: Vec<Notice>,
    /// Who will have to agree.
    pub requirements: Vec<Requirement>,
}

/// Another run may be counted or locked at the same moment; then everything is judged again.
const ATTEMPTS: usize = 4;

impl Access {
    /// Says what stands in the way of a plan, and makes it one that can be confirmed. To be
    /// called whenever a plan is shown; a plan that was not can't be confirmed. A plan that shall
    /// run later is judged by the time at which it first will.
    ///
    /// # Errors
    ///
    /// What refuses the run as things are, which is written down; then the plan can't be
    /// confirmed. Where it is what breaking the glass sets aside, and the requester may break it, that can be done.
    pub async fn present(
        &self,
        plan: &Plan,
        context: &Context,
        now: Timestamp,
    ) -> Result<Preview, Refusal> {
        let outcome = self.try_present(plan, now).await;
        if let Err(refusal) = &outcome
            && !refusal.is_failure()
        {
            let mut record =
                self.entry(Event::RunRefused, Some(&plan.requester), Some(&plan.scope), context);
            record.command = Some(Permission::Run.to_string());
            record.rule = refusal.rule().cloned();
            record.reason = Some(redact(&refusal.to_string()).into_owned());
            self.write(about(record, plan), now).await?;
        }
        outcome
    }

    async fn try_present(&self, plan: &Plan, now: Timestamp) -> Result<Preview, Refusal> {
        let rules = self.rules();
        let hash = plan.hash();
        match get_as(&*self.store, PLANS, &hash.0).await? {
            None | Some(Entry::Shown { .. }) => {}
            Some(_) => return Err(Refusal::PlanUsed),
        }
        if plan.when.is_some() {
            may_schedule(&rules, plan, &plan.plain_values(), now)?;
        }
        let (judgement, _) = self.judge(&rules, plan, plan.begins(now)).await?;
        let refusals = &judgement.refusals;
        let refusal = refusals.iter().find(|r| !gives_way(r)).or(refusals.first()).cloned();
        let may_go_on = match &refusal {
            None => true,
            Some(refusal) => gives_way(refusal) && self.may_break_glass(&rules, plan, now).is_ok(),
        };
        if may_go_on {
            let shown = json!(Entry::Shown { expires: plan.expires });
            self.store.commit(Batch::default().put(PLANS, &hash.0, shown)).await?;
        }
        match refusal {
            // A plain yes to it is refused, too, as long as this holds.
            Some(refusal) => Err(refusal),
            None => {
                Ok(Preview { notices: judgement.notices, requirements: judgement.requirements })
            }
        }
    }

    /// A shown plan that was changed or dropped can't be confirmed any more.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn retract(&self, plan: &PlanHash) -> Result<(), Refusal> {
        let shown: Option<Entry> = get_as(&*self.store, PLANS, &plan.0).await?;
        if matches!(shown, Some(Entry::Shown { .. })) {
            self.store.commit(Batch::default().delete(PLANS, &plan.0)).await?;
        }
        Ok(())
    }

    /// Asks everybody who has a say, writes it down, and only then hands out the key.
    ///
    /// Asked in this order: who the requester is now, whether this is a live confirmation, the
    /// policy, compliance, rate limits, approvals, locks. The audit record is on disk when this
    /// returns; if it can't be, nothing runs.
    ///
    /// # Errors
    ///
    /// The refusal. It has been written down, too.
    pub async fn authorize(
        &self,
        request: RunRequest<'_>,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        let outcome = self.try_authorize(&request, now).await;
        if let Err(refusal) = &outcome {
            self.note_stopped(&request, refusal, now).await;
        }
        outcome
    }

    /// Writes down what keeps a plan from running, also where something else than access said so.
    pub async fn note_stopped(&self, request: &RunRequest<'_>, refusal: &Refusal, now: Timestamp) {
        if !self.is_news(request, refusal) {
            return;
        }
        let command = match request.trigger {
            Trigger::BreakGlass { .. } => Permission::BreakGlass,
            _ => Permission::Run,
        };
        self.note_refusal(request, command, refusal, now).await;
    }

    /// Whether a refusal is to be written down: of what was granted and waits, where it is another
    /// one than the last time.
    fn is_news(&self, request: &RunRequest<'_>, refusal: &Refusal) -> bool {
        if !matches!(request.trigger, Trigger::Approved) {
            return true;
        }
        // Every change is one operation on the map, so it is consistent whoever panicked.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let text = refusal.to_string();
        held.insert(request.plan.hash(), text.clone()) != Some(text)
    }

    /// Whether the job of a plan is still defined as it was when the plan was made.
    pub fn is_as_shown(&self, plan: &Plan) -> bool {
        self.rules().check_definition(&plan.template, &plan.definition).is_ok()
    }

    /// Whether the requester of a plan may run it, and break the glass for it.
    pub fn can_break_glass(&self, plan: &Plan, now: Timestamp) -> bool {
        let rules = self.rules();
        let values = plan.plain_values();
        let run = Asked::run(&plan.requester, &plan.scope, &plan.template, &values);
        rules.may(&run, now).is_ok() && self.may_break_glass(&rules, plan, now).is_ok()
    }

    pub(super) async fn note_refusal(
        &self,
        request: &RunRequest<'_>,
        command: Permission,
        refusal: &Refusal,
        now: Timestamp,
    ) {
        let mut record = self.record(Event::RunRefused, request);
        record.command = Some(command.to_string());
        record.rule = refusal.rule().cloned();
        record.reason = Some(redact(&refusal.to_string()).into_owned());
        let approval = ledger::approval(&*self.store, &request.plan.hash()).await;
        record.execution = approval.ok().flatten().map(|approval| approval.execution);
        // A refusal that can't be written down is still a refusal; `write` logs the failure.
        let _ = self.write(record, now).await;
    }

    async fn try_authorize(
        &self,
        request: &RunRequest<'_>,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        let rules = self.rules();
        let plan = request.plan;
        rules.enabled(&plan.requester)?;
        // What may use up a request for approval comes before or after a vote, not in between.
        let _deciding = match request.trigger {
            Trigger::Approved | Trigger::BreakGlass { .. } => Some(self.deciding().await?),
            Trigger::Confirmed { .. } | Trigger::Scheduled { .. } => None,
        };
        let confirmed = self.confirmed(&rules, request, now).await?;
        if !matches!(request.trigger, Trigger::Approved) {
            let (limits, who) = (&rules.limits, &plan.requester);
            limits.take(&*self.store, Limited::Runs, who, (&plan.scope).into(), now).await?;
        }
        let breaks_glass = matches!(request.trigger, Trigger::BreakGlass { .. });
        let mut reserved = confirmed.execution();
        for _ in 0..ATTEMPTS {
            let (mut judgement, rule) = self.judge(&rules, plan, now).await?;
            let mut unasked = Vec::new();
            if breaks_glass {
                self.may_break_glass(&rules, plan, now)?;
                unasked = judgement.break_glass();
            }
            if let Some(refusal) = judgement.refusals.first() {
                return Err(refusal.clone());
            }
            let number = match reserved {
                Some(number) => number,
                // A run has its number from the moment it is confirmed.
                None => self.store.next(NUMBERS).await?,
            };
            reserved = Some(number);
            let votes = match &confirmed.approval {
                Some((approval, _)) if breaks_glass => approval.votes.clone(),
                None if judgement.requirements.is_empty() => Vec::new(),
                None => {
                    return self.ask_for_approval(request, number, confirmed, judgement, now).await;
                }
                Some((approval, _)) => {
                    let current = Approval {
                        requirements: judgement.requirements.clone(),
                        ..approval.clone()
                    };
                    if let Some(refusal) = current.obstacle(&rules.users, now) {
                        return Err(refusal);
                    }
                    approval.votes.clone()
                }
            };
            let stored = self.stored_run(&rules, plan, number, &confirmed, &votes, now)?;
            if let Some(busy) = locks::held(&*self.store, &stored.locks).await? {
                return Err(busy);
            }
            match self.take(&confirmed, &judgement, &stored).await {
                Ok(()) => {}
                Err(StoreError::Conflict { table, .. }) if table == PLANS => {
                    return Err(Refusal::PlanUsed);
                }
                Err(StoreError::Conflict { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            let mut record = self.record(authorizing_event(&request.trigger), request);
            record.execution = Some(number);
            record.rule = rule;
            record.notices = judgement.rules();
            record.confirmed_by = Some(confirmed.by.clone());
            record.approvals = votes;
            if let Trigger::BreakGlass { reason, .. } = request.trigger {
                record.reason = Some(redact(reason).into_owned());
            }
            let run = self.write_down(stored, record, &confirmed, now).await?;
            let (run, notices) = (Box::new(run), judgement.notices);
            return Ok(Authorization::Authorized { run, notices, unasked });
        }
        Err(Refusal::StoreUnavailable { reason: "too many runs at the same moment".to_owned() })
    }

    fn may_break_glass(&self, rules: &Rules, plan: &Plan, now: Timestamp) -> Result<(), Refusal> {
        let values = plan.plain_values();
        let run = Asked::run(&plan.requester, &plan.scope, &plan.template, &values);
        rules.may(&Asked { command: Permission::BreakGlass, ..run }, now).map(drop)
    }

    /// What policy and compliance say, and the rule that allows it.
    pub(super) async fn judge(
        &self,
        rules: &Rules,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<(Judgement, Option<RuleName>), Refusal> {
        if let Some(parameter) = typed_secret(&plan.values) {
            return Err(Refusal::SecretTyped { parameter: parameter.to_owned() });
        }
        rules.check_definition(&plan.template, &plan.definition)?;
        let values = plan.plain_values();
        rules.check_values(&plan.template, &values)?;
        let asked = Asked::run(&plan.requester, &plan.scope, &plan.template, &values);
        let decision = rules.may(&asked, now)?;
        let request = rules.request(&asked, now)?;
        let judgement = rules.compliance.judge(&request, &*self.store).await?;
        Ok((judgement, decision.rule().cloned()))
    }

    /// The entry of a request, without how it ended.
    pub(super) fn record(&self, event: Event, request: &RunRequest<'_>) -> Record {
        let plan = request.plan;
        let mut record =
            self.entry(event, Some(&plan.requester), Some(&plan.scope), request.context);
        if let Trigger::Confirmed { address, sender, .. }
        | Trigger::BreakGlass { address, sender, .. } = request.trigger
        {
            record.account = Some(sender.id.clone());
            record.place = Some(address.clone());
        }
        record.command = Some(Permission::Run.to_string());
        about(record, plan)
    }
}

/// The entry with what the plan says, secrets redacted.
fn about(mut record: Record, plan: &Plan) -> Record {
    record.template = Some(plan.template.clone());
    record.parameters = redact_values(&plan.values);
    record.plan = Some(plan.hash());
    record
}

impl Judgement {
    /// Without what breaking the glass sets aside; gives back who would have been asked.
    fn break_glass(&mut self) -> Vec<Requirement> {
        self.refusals.retain(|refusal| !gives_way(refusal));
        std::mem::take(&mut self.requirements)
    }
}

/// Whether breaking the glass sets a refusal aside: hours and frequency, never the policy.
fn gives_way(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Compliance { kind: ComplianceKind::Hours | ComplianceKind::Frequency, .. }
    )
}

fn authorizing_event(trigger: &Trigger) -> Event {
    match trigger {
        Trigger::BreakGlass { .. } => Event::BreakGlass,
        Trigger::Confirmed { .. } | Trigger::Approved | Trigger::Scheduled { .. } => {
            Event::RunAuthorized
        }
    }
}
