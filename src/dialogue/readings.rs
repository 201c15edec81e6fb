//! The answer to "which value was meant?": near misses, readings, several values.

use super::act::{Asking, Note, OptionItem, Pick, Problem};
use super::answer::Asked;
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::{self, Place};
use super::turn::Talk;
use crate::catalog::{ParameterType, Value};
use crate::plan::Source;

impl Talk<'_> {
    /// An answer to "did you mean staging?" or "which of these times?".
    pub(super) fn choose_reading(
        &mut self,
        heard: &Heard,
        name: &str,
        options: &[OptionItem],
        failures: u32,
    ) {
        let meaning = heard.meaning(Expecting::Choice);
        match options::place(&heard.text, options.len()) {
            Some(Place::At(index)) => return self.pick(options[index].pick.clone()),
            Some(Place::Outside) => {
                self.note(Note::NoSuchOption { count: options.len() });
                return self.return_to_question();
            }
            _ => {}
        }
        let each = options.iter().find(|option| matches!(option.pick, Pick::Each { .. }));
        if let Some(each) = each.filter(|_| cues::means_all(&heard.text)) {
            return self.pick(each.pick.clone());
        }
        if let Some(option) = self.in_part_of_day(&heard.text, options) {
            return self.pick(option.pick.clone());
        }
        match meaning.act() {
            Some(AFFIRM) if options.len() == 2 => return self.pick(options[0].pick.clone()),
            Some(AFFIRM) if !heard.has_clauses() => return self.which_one(),
            Some(ABORT) => return self.abandon(heard),
            Some(DENY) if !heard.has_clauses() => return self.pick_none(),
            Some(CHOOSE) if cues::means_none(&heard.text) => return self.pick_none(),
            _ => {}
        }
        let asked = Asked {
            parameter: name.to_owned(),
            about: Asking::Value,
            options: Vec::new(),
            failures,
        };
        self.answer(heard, asked);
    }

    /// A value was picked by its button or its place.
    pub(super) fn pick_value(&mut self, name: &str, value: Value) {
        let parameter = self.drafted().and_then(|(_, t)| Some((t, t.parameter(name)?)));
        let Some((template, parameter)) = parameter else {
            return self.stale();
        };
        match self.worth(&value.to_string(), parameter) {
            Err(error) if parameter.kind != ParameterType::List => {
                let problem = Some(Problem::Value { error });
                self.ask(name, problem, 1);
            }
            _ => {
                let mut applied = Applied::default();
                let end = self.end_of_stretch(name, &value);
                self.give(template, parameter, value, Source::Chosen, &mut applied);
                if let Some((name, end)) = end
                    && let Some(parameter) = template.parameter(&name)
                {
                    self.give(template, parameter, end, Source::Chosen, &mut applied);
                }
                self.proceed(applied);
            }
        }
    }
}
