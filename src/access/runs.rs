//! Runs that were authorised: what becomes of them, also when Steward dies in between.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::access::{Access, Context};
use super::audit::{Entry as Record, Event};
use super::ledger::{self, Entry, PLANS, StoredRun};
use super::redact::{redact, redact_values};
use super::rules::Asked;
use super::{AuthorizedRun, Refusal, locks};
use crate::catalog::{Value, Values};
use crate::channels::Address;
use crate::jobs::{Execution, ExecutionState};
use crate::plan::{Given, PlanHash, Source};
use crate::store::{Batch, Expectation, get_as};

/// How a run ended, for the audit record.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    pub execution: u64,
    pub state: ExecutionState,
    pub message: Option<String>,
    pub duration: Option<SignedDuration>,
}

impl Completion {
    /// As the record of an execution tells it.
    pub fn of(execution: &Execution, now: Timestamp) -> Completion {
        Completion {
            execution: execution.number,
            state: execution.state,
            message: execution.history.last().and_then(|change| change.reason.clone()),
            duration: execution.duration(now).and_then(|duration| duration.try_into().ok()),
        }
    }
}

/// A run that was authorised, and whose end was not written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    pub plan: PlanHash,
    /// When it was authorised.
    pub at: Timestamp,
}

impl Access {
    /// The key of a run that was authorised before Steward stopped, so that it can be looked for
    /// and started after all. The policy is asked again, as its requester is now and for the place
    /// where it was asked for; approvals, hours and frequency were judged when it was authorised.
    ///
    /// # Errors
    ///
    /// [`Refusal::PlanUsed`] when the run has ended, [`Refusal::NothingToConfirm`] when it was
    /// never authorised, and what the policy says against it now, which is written down.
    pub async fn resume(
        &self,
        plan: &PlanHash,
        scope: &Address,
        now: Timestamp,
    ) -> Result<AuthorizedRun, Refusal> {
        let run = match get_as(&*self.store, PLANS, &plan.0).await? {
            Some(Entry::Authorized { run }) => *run,
            Some(Entry::Finished { .. }) => return Err(Refusal::PlanUsed),
            _ => return Err(Refusal::NothingToConfirm),
        };
        let record = match run.record {
            Some(record) => record,
            None => self.write_belatedly(&run).await?,
        };
        let rules = self.rules();
        let asked = Asked::run(&run.requester, scope, &run.template, &run.values);
        let answer = rules.check_definition(&run.template, &run.definition);
        let answer = answer.and_then(|()| rules.check_values(&run.template, &run.values));
        match answer.and_then(|()| rules.may(&asked, now)) {
            Ok(_) => Ok(AuthorizedRun::new(run, record)),
            Err(refusal) => {
                let asked = Asked { execution: Some(run.execution), ..asked };
                let mut refused = self.refused(&asked, &refusal, scope, &Context::default());
                refused.event = Event::RunRefused;
                refused.plan = Some(run.plan.clone());
                refused.begin = Some(record);
                self.write(refused, now).await?;
                Err(refusal)
            }
        }
    }

    /// Writes down an authorisation that was decided and stored, and cut off before that.
    async fn write_belatedly(&self, run: &StoredRun) -> Result<u64, Refusal> {
        let mut record =
            self.entry(Event::RunAuthorized, Some(&run.requester), None, &Context::default());
        record.execution = Some(run.execution);
        record.template = Some(run.template.clone());
        record.plan = Some(run.plan.clone());
        record.parameters = redact_values(&given(&run.values));
        record.reason = Some("decided before a stop, and gone on with after it".to_owned());
        let number = self.write(record, run.at).await?;
        let stored = json!(Entry::Authorized { run: Box::new(run.clone()) });
        let written = StoredRun { record: Some(number), ..run.clone() };
        let entry = json!(Entry::Authorized { run: Box::new(written) });
        let batch = Batch::default().expect(PLANS, &run.plan.0, Expectation::Is(stored));
        self.store.commit(batch.put(PLANS, &run.plan.0, entry)).await?;
        Ok(number)
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

    /// The runs that were authorised and whose end was not written down, those included that
    /// never became an execution because Steward died in between.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn authorized_runs(&self) -> Result<Vec<Begun>, Refusal> {
        let entries = ledger::read_all::<Entry>(&*self.store, PLANS).await?.into_iter();
        let begun = entries.filter_map(|(_, entry)| match entry {
            Entry::Authorized { run } => Some(Begun { plan: run.plan, at: run.at }),
            _ => None,
        });
        Ok(begun.collect())
    }

    /// Frees what was locked for a run that never became an execution.
    ///
    /// # Errors
    ///
    /// When it can't be written down or stored.
    pub async fn abandon(&self, plan: &PlanHash, now: Timestamp) -> Result<(), Refusal> {
        let entry = get_as(&*self.store, PLANS, &plan.0).await?;
        let Some(Entry::Authorized { run }) = entry else { return Ok(()) };
        let mut record =
            self.entry(Event::RunFinished, Some(&run.requester), None, &Context::default());
        record.execution = Some(run.execution);
        record.result = Some("not_started".to_owned());
        self.finish(*run, record, now).await
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

/// Values whose source is not known any more.
fn given(values: &Values) -> BTreeMap<String, Given> {
    let given = |value: &Value| Given { value: value.clone(), source: Source::CarriedOver };
    values.iter().map(|(name, value)| (name.clone(), given(value))).collect()
}
