//! Namesakes: jobs that are called by the same word, where a message says no more than that word
//! and values that each of them takes. "重启 web-22" may be about the host or a service on it:
//! what makes one of them likelier is no more than how often it was asked for in the examples.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::heard::Heard;
use super::look::byte_at;
use super::turn::Talk;
use super::{cues, options};
use crate::catalog::{Catalog, JobTemplate, Language, TemplateId};
use crate::nlu::{Label, SlotValue};

/// How likely another job must be to be meant as well.
const LEAST: f32 = 0.01;

/// Words in the examples of this share of the labels say nothing about which is meant.
const COMMON: f32 = 0.15;

impl Talk<'_> {
    /// A job and its likeliest namesake, where a message may mean either; empty where it says
    /// which.
    pub(super) fn namesakes(&self, heard: &Heard, id: &TemplateId) -> Vec<Label> {
        let rival = heard.utterance.ranking.iter().find_map(|scored| match &scored.label {
            Label::Job(rival) if rival != id && scored.probability >= LEAST => Some(rival),
            _ => None,
        });
        let rival = rival.filter(|rival| self.memory.allows(rival));
        let (Some(best), Some(rival)) = (self.template(id), rival.and_then(|r| self.template(r)))
        else {
            return Vec::new();
        };
        let Some(shared) = shared_words(best, rival, &heard.text) else { return Vec::new() };
        let values = self.value_places(heard, best);
        let rest = cues::without(&heard.text, &values).to_lowercase();
        let says_no_more = {
            let mut others = rest.clone();
            for word in &shared {
                others = others.replace(word, " ");
            }
            others != rest && is_common(self.mind.catalog, &others)
        };
        if values.is_empty() || !says_no_more || self.value_places(heard, rival) != values {
            return Vec::new();
        }
        [best, rival].map(|job| Label::Job(job.id.clone())).into()
    }

    /// Where the values of a job stand in a message, in bytes.
    fn value_places(&self, heard: &Heard, template: &JobTemplate) -> Vec<Range<usize>> {
        let slots = self.mind.nlu.slots(&heard.utterance, template, None, &self.reference());
        let mut places: Vec<Range<usize>> = slots
            .iter()
            .filter(|slot| matches!(slot.value, SlotValue::Valid(_)))
            .map(|slot| byte_at(&heard.text, slot.start)..byte_at(&heard.text, slot.end))
            .collect();
        places.sort_by_key(|range| range.start);
        places
    }
}

/// The words that the names of two jobs have in common in the language of a message, where the
/// first is among them: what both do.
fn shared_words(a: &JobTemplate, b: &JobTemplate, text: &str) -> Option<Vec<String>> {
    let language = Language::of(text)?;
    let [a, b] = [a, b].map(|job| options::words(job.name.get(language)));
    (a.first()? == b.first()?).then(|| a.into_iter().filter(|word| b.contains(word)).collect())
}

/// Whether every word is in the examples of so many labels that it says nothing.
fn is_common(catalog: &Catalog, text: &str) -> bool {
    let words: BTreeSet<String> = options::words(text).into_iter().collect();
    if words.is_empty() {
        return true;
    }
    let mut labels: HashMap<&str, BTreeSet<&Label>> = HashMap::new();
    for example in catalog.examples() {
        let said = options::words(&example.text);
        for word in words.iter().filter(|word| said.contains(word)) {
            labels.entry(word).or_default().insert(&example.label);
        }
    }
    let enough = COMMON * catalog.labels().count() as f32;
    words.iter().all(|word| labels.get(word.as_str()).is_some_and(|l| l.len() as f32 >= enough))
}
