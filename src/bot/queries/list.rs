//! Which jobs there are.

use super::{Arguments, Asker};
use crate::access::Permission;
use crate::bot::memory::{allowed, used_jobs};
use crate::bot::trouble::Trouble;
use crate::catalog::JobTemplate;
use crate::channels::Block;
use crate::dialogue::{Input, Pick};
use crate::nlu::Label;
use crate::reply::{Action, Choice, Reply, say};

/// Up to so many jobs can be picked from the list.
const PICKED: usize = 9;
/// So many runs say which jobs somebody uses.
const LOOKED_AT: usize = 200;

impl Asker<'_> {
    /// The jobs that the asker may run, by topic or word.
    pub(super) async fn list(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        self.permit(Permission::List).await?;
        let turning = self.turning;
        let core = turning.core;
        let speech = self.writer.speech;
        let allowed = allowed(core, &turning.user, &turning.inbound.address, turning.now);
        let all: Vec<&JobTemplate> =
            core.catalog.jobs().iter().filter(|job| allowed.contains(&job.id)).collect();
        let named = arguments.templates();
        let words = arguments.text("tag").or(arguments.text("search"));
        if arguments.text("user").is_some() {
            return self.list_used(arguments, &all).await;
        }
        let mut found: Vec<&JobTemplate> = match words {
            Some(words) => all.iter().copied().filter(|job| self.mentions(job, words)).collect(),
            None if named.is_empty() => all.clone(),
            None => related(&all, &named),
        };
        let mut reply = Reply::default();
        if found.is_empty() {
            let Some(words) = words else {
                return Ok(Reply::text(say!(speech, "list-nothing-allowed")));
            };
            reply = Reply::text(say!(speech, "list-none-like", "words" => words));
            found = all;
        }
        if found.len() <= PICKED {
            reply = reply.text_line([say!(speech, "list-some")]);
            return Ok(reply.and(self.pickable(&found)));
        }
        reply = reply.text_line([say!(speech, "list-all", "count" => found.len())]);
        Ok(reply.block(Block::Rows(self.by_topic(&found))))
    }

    /// The jobs that somebody runs, the most used first, as far as the asker may run them, too.
    async fn list_used(
        &self,
        arguments: Arguments<'_>,
        all: &[&JobTemplate],
    ) -> Result<Reply, Trouble> {
        let speech = self.writer.speech;
        let selection = match self.selection(arguments) {
            Ok(selection) => selection,
            Err(reply) => return Ok(reply),
        };
        let runs = self.select(&selection, Permission::History, LOOKED_AT).await?;
        let used = used_jobs(&runs);
        let jobs = used.iter().filter_map(|id| all.iter().copied().find(|job| job.id == *id));
        let jobs: Vec<&JobTemplate> = jobs.take(PICKED).collect();
        if jobs.is_empty() {
            return Ok(Reply::text(say!(speech, "history-none")));
        }
        Ok(Reply::text(say!(speech, "list-used")).and(self.pickable(&jobs)))
    }

    /// Jobs that can be picked by number.
    pub(super) fn pickable(&self, jobs: &[&JobTemplate]) -> Reply {
        let speech = self.writer.speech;
        let label = |job: &JobTemplate| {
            let (name, description) = (speech.of(&job.name), speech.of(&job.description));
            say!(speech, "list-line", "job" => name, "description" => description)
        };
        let buttons = jobs.iter().map(|job| {
            let pick = Pick::Intent { label: Label::Job(job.id.clone()) };
            let action = Action::Say { input: Input::Pick(pick) };
            Choice { label: speech.of(&job.name), action }
        });
        Reply {
            blocks: vec![Block::Options(jobs.iter().map(|job| label(job)).collect())],
            buttons: buttons.collect(),
        }
    }

    /// Whether a job has to do with these words: a tag of that name, or all words in its texts.
    fn mentions(&self, job: &JobTemplate, words: &str) -> bool {
        let words = words.to_lowercase();
        let catalog = &self.turning.core.catalog;
        let called = |tag: &String| {
            let names = catalog.tag_name(tag).map(|name| [&name.en, &name.zh]);
            *tag == words
                || names.is_some_and(|names| names.iter().any(|n| n.to_lowercase() == words))
        };
        if job.tags.iter().any(called) {
            return true;
        }
        let texts = [&job.name.en, &job.name.zh, &job.description.en, &job.description.zh];
        let texts = texts.map(|text| text.to_lowercase()).join(" ");
        words.split_whitespace().all(|word| texts.contains(word) || job.id.as_str().contains(word))
    }

    /// The jobs of each topic in one row.
    fn by_topic(&self, jobs: &[&JobTemplate]) -> Vec<(String, String, String)> {
        let speech = self.writer.speech;
        let topics = self.writer.by_topic(jobs.iter().copied()).into_iter();
        let names =
            |jobs: Vec<&JobTemplate>| speech.list(jobs.iter().map(|job| speech.of(&job.name)));
        topics.map(|(topic, jobs)| (topic, names(jobs), String::new())).collect()
    }
}

/// The jobs that are named, and those with the same topic.
fn related<'j>(
    all: &[&'j JobTemplate],
    named: &[crate::catalog::TemplateId],
) -> Vec<&'j JobTemplate> {
    let topics: Vec<&String> = all
        .iter()
        .filter(|job| named.contains(&job.id))
        .filter_map(|job| job.tags.first())
        .collect();
    let fits = |job: &&JobTemplate| {
        named.contains(&job.id) || job.tags.first().is_some_and(|tag| topics.contains(&tag))
    };
    all.iter().copied().filter(fits).collect()
}
