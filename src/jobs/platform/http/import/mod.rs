//! Which jobs a platform has, with their parameters, for the catalogue.
//!
//! **Architecture Invariant:** this reads and starts nothing. What can't be said in the catalogue
//! is left out and named, never taken over in another meaning.

mod rundeck;
mod schema;

use serde_json::{Value as Json, json};

use super::HttpPlatform;
use super::client::Repeat;
use super::fill::{Facts, find, text_of};
use super::spec::{Dialect, Jobs};
use super::step::Method;
use super::walk::Walked;
use crate::catalog::{JobDraft, ParameterDraft};
use crate::jobs::platform::PlatformError;

/// Pages of a list of jobs that are read at most.
const MOST_PAGES: usize = 100;

/// Parameters as they were found, and what of them could not be taken over.
#[derive(Debug, Default, PartialEq)]
struct Found {
    parameters: Vec<ParameterDraft>,
    left_out: Vec<String>,
    /// Why the job can't be started with what could be taken over.
    impossible: Option<String>,
}

/// A job that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub job: String,
    pub reason: String,
}

impl HttpPlatform {
    /// The platform's jobs with their parameters, and those that can't be asked for in a chat.
    /// `wanted`: only those jobs; empty means all.
    ///
    /// # Errors
    ///
    /// Where the platform's description doesn't say how to ask for jobs, and whatever goes wrong
    /// while asking.
    pub async fn jobs(
        &self,
        wanted: &[String],
    ) -> Result<(Vec<JobDraft>, Vec<LeftOut>), PlatformError> {
        let Some(jobs) = &self.spec.jobs else {
            let why =
                format!("{}: its description has no `jobs`, which say how to list them", self.name);
            return Err(PlatformError::Refused(why));
        };
        let (mut drafts, mut left_out) = (Vec::new(), Vec::new());
        for entry in self.entries(jobs).await? {
            let job = find(&entry, &jobs.job).map(text_of).unwrap_or_default();
            if job.is_empty() || (!wanted.is_empty() && !wanted.contains(&job)) {
                continue;
            }
            match self.draft(jobs, entry, &job).await? {
                Ok(draft) => drafts.push(draft),
                Err(reason) => left_out.push(LeftOut { job, reason }),
            }
        }
        Ok((drafts, left_out))
    }

    async fn entries(&self, jobs: &Jobs) -> Result<Vec<Json>, PlatformError> {
        let repeat = match jobs.list.method {
            Method::Get => Repeat::Safe,
            _ => Repeat::Never,
        };
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let mut facts = self.spec.settings.clone();
            facts.insert("offset".into(), json!(all.len()));
            let answer = self.client.send(&self.spec, &jobs.list, &facts, repeat).await?;
            let answer = self.client.json(&answer)?;
            let Some(Json::Array(entries)) = answer.pointer(&jobs.from) else {
                let reason = format!("the list of jobs has nothing at '{}'", jobs.from);
                return Err(self.client.protocol(reason));
            };
            all.extend(entries.iter().cloned());
            if jobs.page.is_none_or(|page| entries.len() < page) {
                break;
            }
        }
        Ok(all)
    }

    async fn draft(
        &self,
        jobs: &Jobs,
        entry: Json,
        job: &str,
    ) -> Result<Result<JobDraft, String>, PlatformError> {
        let mut told = entry.clone();
        if let Some(detail) = &jobs.detail {
            let mut facts: Facts = self.spec.settings.clone();
            facts.insert("job".into(), json!(job));
            match self.walk(std::slice::from_ref(detail), &mut facts).await? {
                Walked::Found(found, _) => told = found,
                Walked::Missing(_) => return Ok(Err("it was gone when it was asked for".into())),
            }
        }
        let text = |pointer: &str| {
            let found = [&told, &entry].into_iter().find_map(|of| find(of, pointer));
            found.map(text_of).unwrap_or_default().trim().to_owned()
        };
        let nothing = Json::Null;
        let declared = told.pointer(&jobs.parameters).unwrap_or(&nothing);
        let found = match jobs.dialect {
            Dialect::JsonSchema => schema::of_schema(declared),
            Dialect::Airflow => schema::of_airflow(declared),
            Dialect::Rundeck => rundeck::of_options(declared, KEY_OPTION),
        };
        if let Some(reason) = found.impossible {
            return Ok(Err(reason));
        }
        let name = Some(text(&jobs.name)).filter(|name| !name.is_empty());
        Ok(Ok(JobDraft {
            job: job.to_owned(),
            name: name.unwrap_or_else(|| job.to_owned()),
            description: text(&jobs.description),
            parameters: found.parameters,
            left_out: found.left_out,
        }))
    }
}

/// What Steward itself fills.
const KEY_OPTION: &str = "steward_key";

impl Found {
    /// Takes a parameter over, if its name can be said in the catalogue.
    fn add(&mut self, parameter: ParameterDraft) {
        let id = parameter.id();
        if id.is_empty() {
            let why = format!("its name '{}' has no letter of ASCII", parameter.name);
            self.leave(&parameter.name, parameter.required, &why);
        } else if self.parameters.iter().any(|other| other.id() == id) {
            let why = format!("another one is called '{id}', too");
            self.leave(&parameter.name, parameter.required, &why);
        } else {
            self.parameters.push(parameter);
        }
    }

    /// Leaves a parameter out; without one that it needs, the job is no use.
    fn leave(&mut self, name: &str, needed: bool, why: &str) {
        if needed {
            self.impossible = Some(format!("the parameter '{name}' is needed, but {why}"));
        } else {
            self.left_out.push(format!("The parameter '{name}' was left out: {why}."));
        }
    }
}
