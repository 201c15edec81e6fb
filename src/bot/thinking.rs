//! Understanding and deciding, where it keeps nobody else waiting, with what has to be looked up.

use std::sync::Arc;

use super::handle::Turning;
use super::memory::remember;
use super::{Trouble, runs};
use crate::catalog::{TemplateId, Value, Values};
use crate::dialogue::{Act, Input, Lookup, Memory, Mind, Session, Turn, turn};
use crate::nlu::{Decision, Scored};
use crate::store::StoreError;

impl Turning<'_> {
    /// What a message on its own is taken for, in the best reading.
    pub(super) async fn read(&self, text: &str) -> Result<Option<(Decision, Scored)>, StoreError> {
        let (core, text) = (Arc::clone(self.core), text.to_owned());
        let reading = tokio::task::spawn_blocking(move || core.nlu.read(&text)).await;
        let reading = reading.map_err(|error| StoreError::Backend(error.to_string()))?;
        Ok(reading.ranking.into_iter().next().map(|best| (reading.decision, best)))
    }

    /// A turn of the dialogue; taken anew with what it asks to be looked up.
    pub(super) async fn turn(&self, session: Session, input: Input) -> Result<Turn, Trouble> {
        let place = &self.inbound.address;
        let mut memory = remember(self.core, &self.user, place, &self.settings, self.now).await?;
        let turn = self.think(session.clone(), input.clone(), memory.clone()).await?;
        if turn.lookups.is_empty() {
            return Ok(turn);
        }
        let values = turn.session.draft.as_ref().map(|draft| draft.plain_values());
        let values = values.unwrap_or_default();
        for lookup in turn.lookups {
            let known = self.known(&lookup, &values).await;
            memory.known.insert(lookup, known);
        }
        self.think(session, input, memory).await
    }

    /// The question at the end of a turn, answered at once: both as one turn.
    pub(super) async fn goes_on(&self, turn: Turn, answer: Input) -> Result<Turn, Trouble> {
        let next = self.turn(turn.session, answer).await?;
        let mut acts = turn.acts;
        acts.retain(|act| !matches!(act, Act::Asks { .. }));
        acts.extend(next.acts);
        Ok(Turn { session: next.session, acts, lookups: next.lookups, ..turn })
    }

    /// One turn of the dialogue, where thinking keeps nobody else waiting.
    async fn think(&self, session: Session, input: Input, memory: Memory) -> Result<Turn, Trouble> {
        let now = self.now.to_zoned_datetime(self.zone());
        let core = Arc::clone(self.core);
        let thinking = tokio::task::spawn_blocking(move || {
            let mind = Mind { catalog: &core.catalog, nlu: &core.nlu, settings: &core.dialogue };
            turn(&mind, session, input, &memory, &now)
        });
        match thinking.await {
            Ok(turn) => Ok(turn),
            // Handling runs in a task of its own, where a panic ends up with its story.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(StoreError::Backend(error.to_string()).into()),
        }
    }

    /// The values that there are for a parameter, by the template's own command. Where that can't
    /// be told, none are known, and a name is taken as it was said.
    async fn known(&self, lookup: &Lookup, values: &Values) -> Vec<Value> {
        let job = self.core.catalog.job(&lookup.template);
        let parameter = job.and_then(|job| job.parameter(&lookup.parameter));
        let Some(suggest) = parameter.and_then(|parameter| parameter.suggest.as_ref()) else {
            return Vec::new();
        };
        if !self.might_run(&lookup.template, values) {
            return Vec::new();
        }
        match self.core.local.ask(&suggest.command, values, runs::QUESTION_LIMIT).await {
            Ok(answer) if answer.success => answer.lines.into_iter().map(Into::into).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether there is any point in asking a template's commands: they are run for nobody who may
    /// not run the job with the values given so far, whatever else is given.
    fn might_run(&self, template: &TemplateId, so_far: &Values) -> bool {
        let place = (&self.inbound.address).into();
        self.core.access.might_run(&self.user.id, place, template, so_far, self.now)
    }

    /// Asks the template's own command for proposals. They are a courtesy: whatever goes wrong,
    /// the question is asked without them. Whether there are any.
    pub(super) async fn suggest(&self, turn: &mut Turn) -> bool {
        let Some((job, parameter, values)) = turn.wants_suggestions(&self.core.catalog) else {
            return false;
        };
        let Some(suggest) = &parameter.suggest else { return false };
        if !self.might_run(&job.id, &values) {
            return false;
        }
        match self.core.local.ask(&suggest.command, &values, runs::QUESTION_LIMIT).await {
            Ok(answer) if answer.success => {
                let values: Vec<_> =
                    answer.lines.into_iter().take(runs::SUGGESTIONS).map(Into::into).collect();
                turn.suggest(&values);
                return !values.is_empty();
            }
            Ok(answer) => {
                let said = answer.lines.first().map_or("nothing", String::as_str);
                tracing::info!(parameter = parameter.name, said, "no suggestions");
            }
            Err(error) => tracing::info!(parameter = parameter.name, %error, "no suggestions"),
        }
        false
    }
}
