//! A form: a job with all its values at once, each in the field of its parameter.

use std::collections::BTreeMap;

use super::act::Note;
use super::entire::one_or_several;
use super::session::Draft;
use super::turn::Talk;
use crate::catalog::{Collect, Parameter, TemplateId};
use crate::nlu::{Slot, SlotValue, values};

impl Talk<'_> {
    /// Begins a job with what stands in a form's fields, by the names of its parameters. What
    /// was said before is kept as a draft. An empty field is a value that was not given: it is
    /// asked for where it is needed, and has its default otherwise.
    pub(super) fn form(&mut self, id: &TemplateId, fields: &BTreeMap<String, String>) {
        let Some(template) = self.template(id) else {
            return self.act(super::act::Act::Rejected);
        };
        self.put_aside();
        // Every parameter stood in the form, so nobody has to be asked one by one again.
        self.session.draft = Some(Draft::new(template.id.clone(), Collect::Required));
        let slots = template
            .parameters
            .iter()
            .filter_map(|parameter| {
                let text = fields.get(&parameter.name)?.trim();
                if text.is_empty() { None } else { self.field(text, parameter) }
            })
            .collect();
        let applied = self.apply(template, slots);
        self.proceed(applied);
    }

    /// Keeps the open draft for later, where there is anything in it.
    fn put_aside(&mut self) {
        let draft = self.session.draft.as_ref();
        let template = draft.filter(|d| !d.values.is_empty()).map(|d| d.template.clone());
        if let Some(template) = template
            && let Some(id) = self.session.keep_draft(self.now.timestamp())
        {
            self.note(Note::DraftKept { template, id });
        }
        self.session.open = None;
    }

    fn field(&self, text: &str, parameter: &Parameter) -> Option<Slot> {
        let value = match values::interpret_field(text, parameter, &self.reference()) {
            Ok(values) => one_or_several(values)?,
            Err(error) => SlotValue::Invalid(error),
        };
        Some(Slot {
            parameter: parameter.name.clone(),
            start: 0,
            end: text.chars().count(),
            surface: text.to_owned(),
            value,
            confidence: 1.0,
        })
    }
}
