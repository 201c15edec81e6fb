//! A job as a form, made from its template; and what is wrong with what was filled in.

use std::collections::BTreeMap;

use serde::Serialize;

use super::jobs::risk;
use super::{Bot, Caller, Seat, ViewError};
use crate::access::{Asked, Permission, Refusal};
use crate::catalog::{JobTemplate, Parameter, ParameterType, TemplateId, Value, Values};
use crate::nlu::values::{self, Reference};
use crate::reply::say;

/// A job with a field for each of its parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormView {
    pub id: String,
    pub name: String,
    pub description: String,
    pub risk: String,
    pub fields: Vec<FieldView>,
}

/// The field of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldView {
    pub name: String,
    pub label: String,
    pub description: String,
    /// What kind of value is wanted, in words; empty where the choices say it.
    pub kind: String,
    /// How a value is written.
    pub example: Option<String>,
    /// One of these: values with their labels.
    pub choices: Vec<(String, String)>,
    /// Several of the choices may be given.
    pub is_list: bool,
    pub required: bool,
    /// What holds where nothing is filled in.
    pub default: Option<String>,
    /// The value names an entry of the key store.
    pub secret: bool,
    /// What was filled in.
    pub value: String,
    /// Why that can't be taken.
    pub problem: Option<String>,
}

/// How far somebody is with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// It is being filled in: nothing is wrong yet.
    Begun,
    /// It was sent: what can't be taken is said.
    Sent,
}

impl Bot {
    /// The form of a job, with what was filled in so far. Whether the run itself is allowed with these values, the plan will say.
    ///
    /// # Errors
    ///
    /// When there is no such job, or the one who looks may not run it with any values.
    pub async fn form(
        &self,
        caller: &Caller,
        job: &str,
        filled: &BTreeMap<String, String>,
        filling: Filling,
    ) -> Result<FormView, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = format!("filling in {job}");
        let id = TemplateId::from(job);
        let Some(template) = seat.core.catalog.job(&id) else {
            return Err(seat.failed(Refusal::UnknownTemplate { template: id }, &doing));
        };
        let (access, none) = (&seat.core.access, Values::new());
        if !access.might_run(&seat.user.id, seat.address.into(), &id, &none, seat.now) {
            let run = Asked::command(&seat.user.id, Permission::Run, seat.address);
            seat.permit(&Asked { template: Some(&id), ..run }, &doing).await?;
        }
        Ok(seat.form(template, filled, filling))
    }
}

impl Seat<'_> {
    fn form(
        &self,
        template: &JobTemplate,
        filled: &BTreeMap<String, String>,
        filling: Filling,
    ) -> FormView {
        let speech = self.writer().speech;
        let fields = template.parameters.iter().map(|parameter| {
            let value = filled.get(&parameter.name).map_or("", String::as_str).trim();
            let problem = match filling {
                Filling::Begun => None,
                Filling::Sent => self.problem(parameter, value),
            };
            self.field(&template.id, parameter, value, problem)
        });
        FormView {
            id: template.id.to_string(),
            name: speech.of(&template.name),
            description: speech.of(&template.description),
            risk: risk(template.risk).to_owned(),
            fields: fields.collect(),
        }
    }

    fn field(
        &self,
        job: &TemplateId,
        parameter: &Parameter,
        value: &str,
        problem: Option<String>,
    ) -> FieldView {
        let writer = self.writer();
        let speech = writer.speech;
        let mut choices: Vec<(String, String)> = parameter
            .choices
            .iter()
            .map(|choice| (choice.value.clone(), choice.value.clone()))
            .collect();
        if parameter.kind == ParameterType::Boolean {
            // Sent in the words that are read, so that the plan need not say what was said.
            let words = [true, false].map(|b| speech.value(&Value::Boolean(b)));
            choices = words.map(|word| (word.clone(), word)).to_vec();
        }
        let example = if choices.is_empty() { writer.example(job, parameter) } else { None };
        let kind = if choices.is_empty() { speech.kind(parameter.kind) } else { String::new() };
        FieldView {
            name: parameter.name.clone(),
            label: speech.label(parameter),
            description: speech.of(&parameter.description),
            kind,
            example,
            choices,
            is_list: parameter.kind == ParameterType::List,
            required: parameter.required && parameter.default.is_none(),
            default: parameter.default.as_ref().map(|default| speech.value(default)),
            secret: parameter.secret,
            value: value.to_owned(),
            problem,
        }
    }

    fn problem(&self, parameter: &Parameter, value: &str) -> Option<String> {
        let speech = self.writer().speech;
        if value.is_empty() {
            let missing = parameter.required && parameter.default.is_none();
            return missing.then(|| say!(speech, "web-form-required"));
        }
        let reference = Reference { now: self.now.to_zoned_datetime(self.zone.clone()) };
        let error = values::interpret_field(value, parameter, &reference).err()?;
        Some(speech.value_error(&error, parameter))
    }
}
