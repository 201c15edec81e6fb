//! Going through a description's steps, from one request to the next.

use reqwest::StatusCode;
use serde_json::Value as Json;

use super::HttpPlatform;
use super::client::{Answer, Repeat};
use super::fill::{Facts, find, select, text_of};
use super::step::{Each, Method, Step, TextOf};
use crate::jobs::ExecutionState;
use crate::jobs::platform::PlatformError;

/// What a chain of steps came to.
pub(super) enum Walked {
    /// The last step's answer, or the entry that was selected in it.
    Found(Json, Answer),
    /// Something was not there; a step may say what that means.
    Missing(Option<ExecutionState>),
}

impl HttpPlatform {
    /// Sends the steps' requests one after the other; what one captures, the next can use.
    pub(super) async fn walk(
        &self,
        steps: &[Step],
        facts: &mut Facts,
    ) -> Result<Walked, PlatformError> {
        let mut last = Walked::Missing(None);
        for (place, step) in steps.iter().enumerate() {
            last = self.take(step, facts).await?;
            match (&last, &step.each) {
                (Walked::Missing(_), _) => break,
                (Walked::Found(found, _), Some(each)) => {
                    let rest = &steps[place + 1..];
                    return self.walk_each(each, &found.clone(), rest, facts).await;
                }
                (Walked::Found(..), None) => {}
            }
        }
        Ok(last)
    }

    /// Goes on with each entry of a list until one is what is looked for.
    async fn walk_each(
        &self,
        each: &Each,
        found: &Json,
        rest: &[Step],
        facts: &mut Facts,
    ) -> Result<Walked, PlatformError> {
        for mut with in entries(each, found, facts) {
            if let found @ Walked::Found(..) = Box::pin(self.walk(rest, &mut with)).await? {
                *facts = with;
                return Ok(found);
            }
        }
        Ok(Walked::Missing(None))
    }

    async fn take(&self, step: &Step, facts: &mut Facts) -> Result<Walked, PlatformError> {
        let repeat = match step.request.method {
            Method::Get => Repeat::Safe,
            _ => Repeat::Never,
        };
        let answer = self.client.send(&self.spec, &step.request, facts, repeat).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Walked::Missing(step.missing));
        }
        if matches!(step.text, Some(TextOf::Raw)) {
            return Ok(Walked::Found(Json::Null, answer));
        }
        let mut found = self.client.json(&answer)?;
        if let Some(wanted) = &step.select {
            let entry = select(&found, wanted, facts).map_err(|e| self.client.unfilled(e))?;
            let Some(entry) = entry.cloned() else { return Ok(Walked::Missing(step.missing)) };
            found = entry;
        }
        for (name, pointer) in &step.capture {
            let Some(value) = find(&found, pointer) else {
                return Ok(Walked::Missing(step.missing));
            };
            facts.insert(name.clone(), value.clone());
        }
        Ok(Walked::Found(found, answer))
    }

    /// The output that the last step finds; nothing where a step finds nothing.
    pub(super) async fn text(
        &self,
        steps: &[Step],
        facts: &Facts,
    ) -> Result<String, PlatformError> {
        let mut facts = facts.clone();
        for (place, step) in steps.iter().enumerate() {
            if let Some(TextOf::Lines { from, page: Some(page), .. }) = &step.text {
                return self.pages(step, from, *page, facts).await;
            }
            let Walked::Found(found, answer) = self.take(step, &mut facts).await? else {
                return Ok(String::new());
            };
            if let Some(each) = &step.each {
                let mut text = String::new();
                for facts in entries(each, &found, &facts) {
                    text += &Box::pin(self.text(&steps[place + 1..], &facts)).await?;
                }
                return Ok(text);
            }
            if let Some(text) = &step.text {
                return Ok(text_in(text, &found, answer));
            }
        }
        Ok(String::new())
    }

    /// The output that comes in pages, put together.
    async fn pages(
        &self,
        step: &Step,
        from: &str,
        page: usize,
        mut facts: Facts,
    ) -> Result<String, PlatformError> {
        let mut text = String::new();
        for number in 0..MOST_PAGES {
            facts.insert("offset".into(), (number * page).into());
            let Walked::Found(found, answer) = self.take(step, &mut facts).await? else { break };
            text += &step.text.as_ref().map_or_else(String::new, |of| text_in(of, &found, answer));
            let entries = found.pointer(from).and_then(Json::as_array);
            if entries.is_none_or(|entries| entries.len() < page) {
                break;
            }
        }
        Ok(text)
    }
}

/// Pages of output that are read at most.
const MOST_PAGES: usize = 100;

/// What is known in each entry of a list.
fn entries(each: &Each, found: &Json, facts: &Facts) -> Vec<Facts> {
    let list = found.pointer(&each.from).and_then(Json::as_array);
    let with = |entry: &Json| {
        let captured = each
            .capture
            .iter()
            .filter_map(|(name, pointer)| Some((name.clone(), find(entry, pointer)?.clone())));
        facts.clone().into_iter().chain(captured).collect()
    };
    list.into_iter().flatten().map(with).collect()
}

fn text_in(text: &TextOf, found: &Json, answer: Answer) -> String {
    match text {
        TextOf::Raw => answer.text,
        TextOf::At(pointer) => find(found, pointer).map(text_of).unwrap_or_default(),
        TextOf::Lines { from, line, also, .. } => {
            let entries = found.pointer(from).and_then(Json::as_array);
            let with = |entry| {
                let said = text_of(find(entry, line)?);
                let more = also.iter().filter_map(|pointer| find(entry, pointer));
                Some(more.fold(said, |said, more| format!("{said}: {}", text_of(more))) + "\n")
            };
            entries.into_iter().flatten().filter_map(with).collect()
        }
    }
}
