//! Examples of what somebody can say: said just so, each leads on.
//!
//! They are the catalogue's own. Each is taken for its job without a question which one was meant,
//! all of its values are understood, and whoever is offered it may run that.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::ZonedDateTime;

use super::Core;
use crate::catalog::{Catalog, Example, JobTemplate, Language, TemplateId, Values};
use crate::channels::Address;
use crate::nlu::values::Reference;
use crate::nlu::{Decision, Label, SlotValue};

/// So many examples are tried: each costs a forward pass.
const TRIED: usize = 12;

/// Somebody who is offered examples.
pub(super) struct Hearer {
    pub user: String,
    pub place: Address,
    pub language: Language,
    pub now: ZonedDateTime,
}

/// At most so many examples of these jobs, one of each job before a second one of any; none where
/// none works.
pub(super) async fn examples(
    core: &Arc<Core>,
    hearer: Hearer,
    jobs: Vec<TemplateId>,
    most: usize,
) -> Vec<String> {
    let core = Arc::clone(core);
    // Understanding keeps nobody else waiting.
    let choosing = tokio::task::spawn_blocking(move || hearer.choose(&core, &jobs, most)).await;
    choosing.unwrap_or_else(|error| {
        tracing::error!(%error, "examples can't be chosen");
        Vec::new()
    })
}

impl Hearer {
    fn choose(&self, core: &Core, jobs: &[TemplateId], most: usize) -> Vec<String> {
        let jobs = jobs.iter().filter_map(|id| core.catalog.job(id));
        let mut candidates: Vec<(usize, &JobTemplate, &Example)> = jobs
            .flat_map(|job| {
                best_first(&core.catalog, job, self.language)
                    .into_iter()
                    .enumerate()
                    .map(move |(rank, example)| (rank, job, example))
            })
            .collect();
        // Stable: within a rank, the jobs keep their order.
        candidates.sort_by_key(|(rank, ..)| *rank);
        candidates
            .into_iter()
            .take(TRIED)
            .filter(|(_, job, example)| self.works(core, job, example))
            .map(|(.., example)| example.text.clone())
            .take(most)
            .collect()
    }

    /// Whether saying it leads to the job, and not to a refusal.
    fn works(&self, core: &Core, job: &JobTemplate, example: &Example) -> bool {
        let reading = core.nlu.read(&example.text);
        if reading.decision != Decision::Accept || reading.best() != Some(&example.label) {
            return false;
        }
        let reference = Reference { now: self.now.clone() };
        let slots = core.nlu.slots(&reading, job, None, &reference);
        let found = |name: &String| slots.iter().any(|slot| slot.parameter == *name);
        if !example.entities.iter().all(|entity| found(&entity.name)) {
            return false;
        }
        let values: Option<Values> = slots
            .into_iter()
            .map(|slot| match slot.value {
                SlotValue::Valid(value) => Some((slot.parameter, value)),
                SlotValue::Ambiguous(_) | SlotValue::Invalid(_) => None,
            })
            .collect();
        let (place, now) = ((&self.place).into(), self.now.timestamp());
        values.is_some_and(|so_far| core.access.might_run(&self.user, place, &job.id, &so_far, now))
    }
}

/// The examples of a job in a language: those that leave little to be asked first, and of these
/// those that are written first, which are the plainest: what comes later adds what else is said.
fn best_first<'c>(catalog: &'c Catalog, job: &JobTemplate, language: Language) -> Vec<&'c Example> {
    let label = Label::Job(job.id.clone());
    let examples = catalog.examples().iter();
    let mut examples: Vec<&Example> =
        examples.filter(|example| example.label == label && example.language == language).collect();
    let needed = || job.parameters.iter().filter(|p| p.required && p.default.is_none());
    // Stable: equally good ones keep their order.
    examples.sort_by_cached_key(|example| {
        let told = |name: &str| example.entities.iter().any(|entity| entity.name == name);
        Reverse(needed().filter(|parameter| told(&parameter.name)).count())
    });
    examples
}
