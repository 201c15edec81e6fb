//! The catalogue, as far as the one who looks may use it, and what they can say for a start.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::Permission;
use crate::bot::examples::{Hearer, examples};
use crate::bot::memory::allowed;
use crate::catalog::{JobTemplate, Risk, TemplateId};

/// Examples that are offered for a start.
const EXAMPLES: usize = 3;

/// A job in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobView {
    pub id: String,
    pub name: String,
    pub description: String,
    pub tags: Vec<String>,
    /// `low`, `medium` or `high`.
    pub risk: String,
}

impl Bot {
    /// The jobs that the one who looks may run, by topic.
    ///
    /// # Errors
    ///
    /// When they may not list them.
    pub async fn jobs(&self, caller: &Caller) -> Result<Vec<(String, Vec<JobView>)>, ViewError> {
        let seat = self.seat(caller).await?;
        seat.permit_command(Permission::List, "listing jobs").await?;
        let allowed = allowed(&seat.core, &seat.user, seat.address, seat.now);
        let writer = seat.writer();
        let view = |job: &JobTemplate| JobView {
            id: job.id.to_string(),
            name: writer.speech.of(&job.name),
            description: writer.speech.of(&job.description),
            tags: job.tags.clone(),
            risk: risk(job.risk).to_owned(),
        };
        let jobs = seat.core.catalog.jobs().iter().filter(|job| allowed.contains(&job.id));
        let topics = writer.by_topic(jobs).into_iter();
        Ok(topics.map(|(topic, jobs)| (topic, jobs.into_iter().map(view).collect())).collect())
    }

    /// What the one who looks can say for a start: examples of different jobs that they may run,
    /// harmless ones first. None where they may not ask for help.
    ///
    /// # Errors
    ///
    /// When they are nobody here.
    pub async fn examples(&self, caller: &Caller) -> Result<Vec<String>, ViewError> {
        let seat = self.seat(caller).await?;
        if !seat.may(Permission::Help) {
            return Ok(Vec::new());
        }
        let allowed = allowed(&seat.core, &seat.user, seat.address, seat.now);
        let mut jobs: Vec<TemplateId> = allowed.into_iter().collect();
        jobs.sort_by_key(|id| seat.core.catalog.job(id).map(|job| job.risk));
        let hearer = Hearer {
            user: seat.user.id.clone(),
            place: seat.address.clone(),
            language: seat.language,
            now: seat.now.to_zoned_datetime(seat.zone.clone()),
        };
        Ok(examples(&seat.core, hearer, jobs, EXAMPLES).await)
    }
}

pub(super) fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}
