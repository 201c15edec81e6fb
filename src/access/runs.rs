//! Runs that were authorised: what becomes of them, also when Steward dies in between.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::access::{Access, Context};
use super::audit::{Entry as Record, Event};
use super::ledger::{self, Entry, PLANS, StoredRun};
use super::redact::redact;
use super::{AuthorizedRun, Refusal, locks};
use crate::jobs::ExecutionState;
use crate::plan::PlanHash;
use crate::store::{Batch, get_as};

/// How a run ended, for the audit record.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    pub execution: u64,
    pub state: ExecutionState,
    pub message: Option<String>,
    pub duration: Option<SignedDuration>,
}

impl Access {
    /// The key of a run that was authorised before Steward stopped, so that it can be looked for
    /// and started after all. What was authorised then is not judged again, but a requester who
    /// was disabled meanwhile is refused.
    ///
    /// # Errors
    ///
    /// [`Refusal::PlanUsed`] when the run has ended, [`Refusal::NothingToConfirm`] when it was
    /// never authorised.
    pub async fn resume(&self, plan: &PlanHash) -> Result<AuthorizedRun, Refusal> {
        match get_as(&*self.store, PLANS, &plan.0).await? {
            Some(Entry::Authorized { run }) => {
                self.rules().enabled(&run.requester)?;
                let record = run.record.ok_or(Refusal::NothingToConfirm)?;
                Ok(AuthorizedRun::new(*run, record))
            }
            Some(Entry::Finished { .. }) => Err(Refusal::PlanUsed),
            _ => Err(Refusal::NothingToConfirm),
        }
    }

    /// Writes down how a run ended and frees what it locked. Repeating it does no harm.
    ///
    /// # Errors
    ///
    /// When it can't be written down or stored; then the locks are still held, and it has to be
    /// repeated.
    pub async fn complete(
        &self,
        plan: &PlanHash,
        completion: &Completion,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let entry = get_as(&*self.store, PLANS, &plan.0).await?;
        let Some(Entry::Authorized { run }) = entry else { return Ok(()) };
        let mut record =
            self.entry(Event::RunFinished, Some(&run.requester), None, &Context::default());
        record.execution = Some(completion.execution);
        record.result = Some(completion.state.to_string());
        record.reason = completion.message.as_deref().map(|text| redact(text).into_owned());
        record.duration = completion.duration.map(|d| d.as_secs_f64());
        self.finish(*run, record, now).await
    }

    /// Frees what was locked for runs that never became an execution because Steward died in
    /// between. To be called once at the start, before anything is authorised; `alive` says
    /// whether there is an execution of the plan that has not ended.
    ///
    /// # Errors
    ///
    /// When it can't be written down or stored.
    pub async fn recover(
        &self,
        alive: impl Fn(&PlanHash) -> bool,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let mut freed = 0;
        for (_, entry) in ledger::read_all::<Entry>(&*self.store, PLANS).await? {
            let Entry::Authorized { run } = entry else { continue };
            if alive(&run.plan) {
                continue;
            }
            let mut record =
                self.entry(Event::RunFinished, Some(&run.requester), None, &Context::default());
            record.execution = Some(run.execution);
            record.result = Some("not_started".to_owned());
            self.finish(*run, record, now).await?;
            freed += 1;
        }
        Ok(freed)
    }

    async fn finish(
        &self,
        run: StoredRun,
        mut record: Record,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        record.template = Some(run.template);
        record.plan = Some(run.plan.clone());
        record.begin = run.record;
        let number = self.write(record, now).await?;
        let entry = json!(Entry::Finished { at: now, record: number });
        let batch = locks::release(Batch::default(), &run.locks).put(PLANS, &run.plan.0, entry);
        Ok(self.store.commit(batch).await?)
    }
}
