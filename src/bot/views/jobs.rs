//! The catalogue, as far as the one who looks may use it.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::Permission;
use crate::bot::memory::allowed;

/// A job in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
        let speech = seat.writer().speech;
        let mut topics: Vec<(String, Vec<JobView>)> = Vec::new();
        for job in seat.core.catalog.jobs().iter().filter(|job| allowed.contains(&job.id)) {
            let view = JobView {
                id: job.id.to_string(),
                name: speech.of(&job.name),
                description: speech.of(&job.description),
                tags: job.tags.clone(),
                risk: risk(job.risk).to_owned(),
            };
            let topic = job.tags.first().cloned().unwrap_or_default();
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, jobs)) => jobs.push(view),
                None => topics.push((topic, vec![view])),
            }
        }
        topics.sort();
        Ok(topics)
    }
}

pub(super) fn risk(risk: crate::catalog::Risk) -> &'static str {
    use crate::catalog::Risk;
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}
