//! Moving and taking away what was given: two values change places, a value or an item goes.

use super::act::{Note, Problem};
use super::collect::Applied;
use super::cues;
use super::heard::Heard;
use super::labels::UNSET;
use super::pairs;
use super::session::Draft;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};

impl Talk<'_> {
    /// "Not web-02": the items of lists that a message takes back go. False where it takes back
    /// none.
    pub(super) fn drops_items(&mut self, heard: &Heard, template: &JobTemplate) -> bool {
        let negated: Vec<&str> =
            cues::negated(&heard.text).into_iter().map(|range| &heard.text[range]).collect();
        let words = negated.join(" ");
        let lists = template.parameters.iter().filter(|p| p.kind == ParameterType::List);
        let mut dropped = false;
        for parameter in lists.filter(|_| !words.is_empty()) {
            dropped |= self.drop_items(&words, parameter);
        }
        dropped
    }

    /// Whether there are two values that could change places.
    pub(super) fn can_swap(&self) -> bool {
        self.drafted().is_some_and(|(draft, template)| to_swap(template, draft).is_some())
    }

    /// Two values of one kind change places: those of a pair, else the only two of one kind.
    pub(super) fn swap(&mut self) {
        let Some((draft, template)) = self.drafted() else {
            return self.note(Note::NothingOpen);
        };
        let Some((a, b)) = to_swap(template, draft) else {
            self.note(Note::NothingToSwap);
            return self.return_to_question();
        };
        let mut applied = Applied::default();
        if let Some(draft) = &mut self.session.draft {
            draft.history.push(draft.values.clone());
            let (first, second) = (draft.values.remove(&a), draft.values.remove(&b));
            draft.values.extend(first.map(|given| (b.clone(), given)));
            draft.values.extend(second.map(|given| (a.clone(), given)));
            applied.changed = vec![a, b];
        }
        self.proceed(applied);
    }

    /// Whether the draft was changed since it was shown first: "undo that" is about the change.
    pub(super) fn can_take_back(&self) -> bool {
        let draft = self.session.draft.as_ref();
        draft.is_some_and(|draft| draft.shown.is_some() && !draft.history.is_empty())
    }

    /// The last change is taken back.
    pub(super) fn take_back(&mut self) {
        let Some(draft) = &mut self.session.draft else { return };
        let Some(before) = draft.history.pop() else { return };
        draft.values = before;
        self.note(Note::TakenBack);
        self.proceed(Applied::default());
    }

    /// A value is taken away again: an optional one is left out or falls back to its default, a
    /// required one is asked for. An item that is named is taken out of its list.
    pub(super) fn unset(&mut self, heard: &Heard, template: &JobTemplate) {
        for list in template.parameters.iter().filter(|p| p.kind == ParameterType::List) {
            if self.drop_items(&heard.text, list) {
                return self.proceed(Applied::default());
            }
        }
        let Some(name) = self.parameter_meant(heard, template, UNSET) else {
            return self.offer_change(template);
        };
        let Some(parameter) = template.parameter(&name) else { return };
        if parameter.required && parameter.default.is_none() {
            return self.ask(&name, Some(Problem::Required), 0);
        }
        let mut had_it = false;
        if let Some(draft) = &mut self.session.draft {
            let before = draft.values.clone();
            had_it = draft.values.remove(&name).is_some();
            draft.history.push(before);
            draft.skipped.insert(name);
        }
        if !had_it {
            self.note(Note::Unchanged);
        }
        self.proceed(Applied::default());
    }

    /// "Drop web-03 from the hosts": takes items out of a list. False where the message names
    /// none of them, or all.
    fn drop_items(&mut self, words: &str, parameter: &Parameter) -> bool {
        let Some(draft) = &mut self.session.draft else { return false };
        let Some(Value::List(items)) = draft.value(&parameter.name).cloned() else { return false };
        let said = words.to_lowercase();
        let names = |item: &str| cues::occurrences(&said, &item.to_lowercase()).next().is_some();
        let kept: Vec<String> = items.iter().filter(|item| !names(item)).cloned().collect();
        if kept.is_empty() || kept.len() == items.len() {
            return false;
        }
        draft.history.push(draft.values.clone());
        if let Some(given) = draft.values.get_mut(&parameter.name) {
            given.value = Value::List(kept);
        }
        true
    }
}

/// The two parameters whose values change places: a pair of which at least one end is given,
/// else the only two given values of one kind.
fn to_swap(template: &JobTemplate, draft: &Draft) -> Option<(String, String)> {
    let given = |name: &str| draft.values.contains_key(name);
    let pairs = pairs::pairs(template);
    if let Some(pair) = pairs.iter().find(|p| given(&p.from) && given(&p.to)) {
        return Some((pair.from.clone(), pair.to.clone()));
    }
    if let Some(pair) = pairs.into_iter().find(|p| given(&p.from) || given(&p.to)) {
        return Some((pair.from, pair.to));
    }
    let mut same = template
        .parameters
        .iter()
        .enumerate()
        .flat_map(|(i, a)| template.parameters[i + 1..].iter().map(move |b| (a, b)));
    let mut found =
        same.by_ref().filter(|(a, b)| pairs::same_kind(a, b) && given(&a.name) && given(&b.name));
    match (found.next(), found.next()) {
        (Some((a, b)), None) => Some((a.name.clone(), b.name.clone())),
        _ => None,
    }
}
