//! The HTTP platform: any engine with a REST interface, by a description of its calls.
//!
//! **Architecture Invariant:** values travel as JSON, or as form entries and encoded parts of an
//! address; none can become a part of what is asked. A secret is read where it is used, from the
//! environment or a file, and is never stored or logged.
//!
//! **Architecture Invariant:** a start is put down in the store before it is sent, and looked for
//! on the platform before it is sent again.

mod client;
mod fill;
mod import;
mod spec;
mod step;
mod walk;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use self::client::{Answer, Client, Repeat};
use self::fill::{Facts, find, text_of};
use self::step::StateOf;
use self::walk::Walked;
use super::{
    IdempotencyKey, LogChunk, Platform, PlatformError, Reference, Status, Templates, template_of,
};
use crate::access::AuthorizedRun;
use crate::catalog::Target;
use crate::jobs::{ExecutionState, Outcome};
use crate::store::{Batch, Store, StoreError, Table, get_as};

pub use self::import::LeftOut;
pub use self::spec::{PRESETS, Spec, SpecError};

/// A platform that is reached over HTTP.
pub struct HttpPlatform {
    name: String,
    spec: Spec,
    client: Client,
    store: Arc<dyn Store>,
    templates: Arc<dyn Templates>,
}

/// Idempotency key → what names its run in requests, from before it is started.
const STARTS: Table = "http_platform_starts";
/// Idempotency key → that the run was asked to end.
const CANCELS: Table = "http_platform_cancels";

/// A start as it is put down before it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Begun {
    named: Facts,
    at: Timestamp,
}

/// What became of sending a start.
enum Started {
    Found(Reference),
    Answered(Answer),
}

/// Whether what says how it ended was still there to say so.
fn ends_by_itself(state: ExecutionState) -> bool {
    matches!(state, ExecutionState::Succeeded | ExecutionState::Failed)
}

/// The first wait before a start is looked for and sent again; each is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

impl HttpPlatform {
    /// The platform of this name by its description.
    pub fn new(
        name: &str,
        spec: Spec,
        store: Arc<dyn Store>,
        templates: Arc<dyn Templates>,
    ) -> Result<HttpPlatform, SpecError> {
        let client = Client::new(name, &spec)?;
        Ok(HttpPlatform { name: name.to_owned(), spec, client, store, templates })
    }

    /// Every platform that is described in a folder, one `NAME.yaml` each.
    ///
    /// # Errors
    ///
    /// The first file that is wrong. A folder that isn't there describes none.
    pub fn load_all(
        folder: &Path,
        store: &Arc<dyn Store>,
        templates: &Arc<dyn Templates>,
    ) -> Result<BTreeMap<String, Arc<HttpPlatform>>, SpecError> {
        let mut platforms = BTreeMap::new();
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(platforms) };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
            let (true, Some(name)) = (is_yaml, path.file_stem().and_then(|name| name.to_str()))
            else {
                continue;
            };
            let spec = Spec::load(&path)?;
            let (store, templates) = (Arc::clone(store), Arc::clone(templates));
            let platform = HttpPlatform::new(name, spec, store, templates)?;
            platforms.insert(name.to_owned(), Arc::new(platform));
        }
        Ok(platforms)
    }

    /// Asks for something that only those get who may use the platform.
    pub async fn check(&self) -> Result<(), PlatformError> {
        let facts = self.spec.settings.clone();
        let answer = self.client.send(&self.spec, &self.spec.check, &facts, Repeat::Safe).await?;
        if answer.status == StatusCode::NOT_FOUND {
            let path = &self.spec.check.path;
            return Err(self.client.protocol(format!("{path} is not there: is base_url right?")));
        }
        Ok(())
    }

    /// What it was written for: vendor and version.
    pub fn vendor(&self) -> &str {
        &self.spec.vendor
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.spec.base_url
    }

    /// Whether its description says how to list its jobs.
    pub fn lists_jobs(&self) -> bool {
        self.spec.jobs.is_some()
    }

    fn facts_of(&self, run: &AuthorizedRun, key: &IdempotencyKey) -> Result<Facts, PlatformError> {
        let template = template_of(&*self.templates, run)?;
        let Target::Job(job) = &template.run.target else {
            return Err(PlatformError::Refused(format!(
                "template '{}' names no job of {}",
                template.id, self.name
            )));
        };
        let mut facts = self.spec.settings.clone();
        facts.insert("job".into(), json!(job));
        facts.insert("key".into(), json!(key.0));
        facts.insert("requester".into(), json!(run.platform_user()));
        let called = |name: &String| template.run.names.get(name).unwrap_or(name).clone();
        let values = run.values().iter().map(|(name, value)| (called(name), json!(value)));
        let mut parameters = Json::Object(values.collect());
        facts.insert("parameters".into(), parameters.clone());
        if let Some(fields) = parameters.as_object_mut() {
            fields.insert("STEWARD_KEY".into(), json!(key.0));
        }
        facts.insert("parameters_and_key".into(), parameters);
        let seconds = template.run.timeout.as_secs();
        facts.insert("timeout_seconds".into(), json!(seconds));
        Ok(facts)
    }

    async fn find_run(&self, begun: &Begun) -> Result<Option<Reference>, PlatformError> {
        let moment = |offset: i64| json!(begun.at.as_millisecond() + offset);
        for chain in &self.spec.find {
            let mut facts = self.spec.settings.clone();
            facts.extend(begun.named.clone());
            facts.insert("begun_ms".into(), moment(-60_000));
            facts.insert("soon_ms".into(), moment(3_600_000));
            if let Walked::Found(..) = self.walk(chain, &mut facts).await? {
                facts.remove("begun_ms");
                facts.remove("soon_ms");
                return Ok(Some(self.reference(&facts)));
            }
        }
        let age = Timestamp::now().duration_since(begun.at).as_secs();
        if age < i64::try_from(self.spec.limits.settle_seconds).unwrap_or(i64::MAX) {
            let reason = "the run may not be shown yet".to_owned();
            return Err(PlatformError::Unreachable { platform: self.name.clone(), reason });
        }
        Ok(None)
    }

    /// Sends the start; where it is unknown whether it arrived, looks for the run, and sends it
    /// again only if there is none.
    async fn send_start(&self, facts: &Facts, begun: &Begun) -> Result<Started, PlatformError> {
        let mut wait = FIRST_WAIT;
        for _ in 0..self.spec.limits.retries {
            let request = &self.spec.start.request;
            match self.client.send(&self.spec, request, facts, Repeat::Never).await {
                Err(PlatformError::Unreachable { .. }) => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    if let Some(reference) = self.find_run(begun).await? {
                        return Ok(Started::Found(reference));
                    }
                }
                other => return other.map(Started::Answered),
            }
        }
        let request = &self.spec.start.request;
        let answer = self.client.send(&self.spec, request, facts, Repeat::Never).await?;
        Ok(Started::Answered(answer))
    }

    async fn begun(&self, key: &IdempotencyKey) -> Result<Option<Begun>, PlatformError> {
        get_as(&*self.store, STARTS, &key.0).await.map_err(|error| self.storage(error))
    }

    async fn note(
        &self,
        table: Table,
        key: &str,
        value: &impl Serialize,
    ) -> Result<(), PlatformError> {
        let batch = Batch::default().put_as(table, key, value).map_err(|e| self.storage(e))?;
        self.store.commit(batch).await.map_err(|error| self.storage(error))
    }

    /// Whether Steward asked for the end of a run, where the platform only says that it failed.
    async fn was_cancelled(&self, facts: &Facts) -> Result<bool, PlatformError> {
        let key = facts.get("key").map(text_of).unwrap_or_default();
        let noted = self.store.get(CANCELS, &key).await.map_err(|error| self.storage(error))?;
        Ok(noted.is_some())
    }

    /// Everything that names the run in requests, but for what is the same for all runs, and its
    /// parameters, which nobody needs any more.
    fn reference(&self, facts: &Facts) -> Reference {
        Reference(json!(self.names(facts)).to_string())
    }

    fn names(&self, facts: &Facts) -> Facts {
        facts
            .iter()
            .filter(|(name, _)| !name.starts_with("parameters"))
            .filter(|(name, _)| !self.spec.settings.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn facts_in(&self, reference: &Reference) -> Result<Facts, PlatformError> {
        let named: Facts =
            serde_json::from_str(&reference.0).map_err(|_| self.unknown(reference))?;
        let mut facts = self.spec.settings.clone();
        facts.extend(named);
        Ok(facts)
    }

    fn state(&self, of: &StateOf, found: &Json) -> Result<ExecutionState, PlatformError> {
        let holds = |(pointer, wanted): (&String, &String)| fill::holds_at(found, pointer, wanted);
        if !of.cancelled_if.is_empty() && of.cancelled_if.iter().all(holds) {
            return Ok(ExecutionState::Cancelled);
        }
        let word = of.pointers.iter().find_map(|pointer| find(found, pointer));
        let word = word.map_or_else(|| "null".to_owned(), text_of);
        of.map.get(&word).copied().ok_or_else(|| {
            self.client.protocol(format!("the state '{word}', which the mapping doesn't know"))
        })
    }

    fn unknown(&self, reference: &Reference) -> PlatformError {
        PlatformError::Unknown { platform: self.name.clone(), reference: reference.0.clone() }
    }

    fn storage(&self, error: StoreError) -> PlatformError {
        PlatformError::Unreachable { platform: self.name.clone(), reason: error.to_string() }
    }
}

#[async_trait]
impl Platform for HttpPlatform {
    async fn start(
        &self,
        run: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Result<Reference, PlatformError> {
        let facts = self.facts_of(run, key)?;
        let begun = match self.begun(key).await? {
            Some(begun) => {
                if let Some(reference) = self.find_run(&begun).await? {
                    return Ok(reference);
                }
                begun
            }
            None => {
                let begun = Begun { named: self.names(&facts), at: Timestamp::now() };
                self.note(STARTS, &key.0, &begun).await?;
                begun
            }
        };
        let start = &self.spec.start;
        let no_job = || {
            let job = facts.get("job").map(text_of).unwrap_or_default();
            PlatformError::Refused(format!("{} has no job '{job}'", self.name))
        };
        // What only the start needs to know is no part of the run's name.
        let mut asked = facts.clone();
        if !start.before.is_empty()
            && let Walked::Missing(_) = self.walk(&start.before, &mut asked).await?
        {
            return Err(no_job());
        }
        let answer = match self.send_start(&asked, &begun).await? {
            Started::Found(reference) => return Ok(reference),
            Started::Answered(answer) => answer,
        };
        if answer.status == StatusCode::NOT_FOUND {
            return Err(no_job());
        }
        let found =
            if start.capture.is_empty() { Json::Null } else { self.client.json(&answer)? };
        let mut named = facts.clone();
        for (name, pointer) in &start.capture {
            let value = find(&found, pointer).ok_or_else(|| {
                self.client.protocol(format!("the answer to the start has no {pointer}"))
            })?;
            named.insert(name.clone(), value.clone());
        }
        Ok(self.reference(&named))
    }

    async fn find(&self, key: &IdempotencyKey) -> Result<Option<Reference>, PlatformError> {
        match self.begun(key).await? {
            Some(begun) => self.find_run(&begun).await,
            // Never sent.
            None => Ok(None),
        }
    }

    async fn status(&self, reference: &Reference) -> Result<Status, PlatformError> {
        let mut facts = self.facts_in(reference)?;
        let found = match self.walk(&self.spec.status, &mut facts).await? {
            Walked::Found(found, _) => found,
            Walked::Missing(Some(state)) => {
                return Ok(Status { state, outcome: None, progress: None });
            }
            Walked::Missing(None) => return Err(self.unknown(reference)),
        };
        // The description was checked: there is a last step, and it says how the state is read.
        let Some((step, of)) = self.spec.status.last().and_then(|s| Some((s, s.state.as_ref()?)))
        else {
            return Err(self.client.protocol("no description of states".into()));
        };
        let mut state = self.state(of, &found)?;
        if state == ExecutionState::Failed && self.was_cancelled(&facts).await? {
            state = ExecutionState::Cancelled;
        }
        let at = |pointer: &Option<String>| pointer.as_ref().and_then(|p| find(&found, p));
        let message = at(&step.message).map(text_of).filter(|text| !text.is_empty());
        let exit_code = at(&step.exit_code).and_then(Json::as_i64);
        let exit_code = exit_code.and_then(|code| i32::try_from(code).ok());
        let outcome = Outcome { exit_code, message, resources: None };
        let progress = at(&step.progress).and_then(Json::as_f64);
        Ok(Status {
            state,
            outcome: state.is_final().then_some(outcome),
            progress: progress.map(|p| if p > 1.0 { p / 100.0 } else { p } as f32),
        })
    }

    async fn cancel(&self, reference: &Reference) -> Result<(), PlatformError> {
        let mut facts = self.facts_in(reference)?;
        if self.spec.cancel.is_empty() {
            let why = format!("{} has no way to end a run from outside", self.name);
            return Err(PlatformError::Refused(why));
        }
        match self.walk(&self.spec.cancel, &mut facts).await? {
            Walked::Found(..) => {
                let key = facts.get("key").map(text_of).unwrap_or_default();
                self.note(CANCELS, &key, &true).await
            }
            Walked::Missing(_) => Err(self.unknown(reference)),
        }
    }

    async fn log(
        &self,
        reference: &Reference,
        from: u64,
        limit: usize,
    ) -> Result<LogChunk, PlatformError> {
        let facts = self.facts_in(reference)?;
        // Asked before reading: an output that is complete now has nothing after its end.
        let state = self.status(reference).await?.state;
        let text = self.text(&self.spec.log, &facts).await?;
        let from = text.floor_char_boundary(usize::try_from(from).unwrap_or(usize::MAX));
        let end = text.floor_char_boundary(from.saturating_add(limit));
        let said_all = match &self.spec.log_end {
            Some(last) if ends_by_itself(state) => text.contains(last),
            _ => true,
        };
        Ok(LogChunk {
            text: text[from..end].to_owned(),
            next: end as u64,
            complete: state.is_final() && said_all && end == text.len(),
        })
    }
}
