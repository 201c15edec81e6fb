//! What the dialogue does, in words.

use super::{Action, Choice, Reply, Writer, say};
use crate::catalog::{Parameter, TemplateId, Value};
use crate::channels::Block;
use crate::dialogue::{
    Act, Asking, Change, Courtesy, DraftItem, Input, Offer, OptionItem, Pair, Pick, Problem,
    WhenProblem,
};
use crate::jobs::schedule;
use crate::nlu::Label;
use crate::plan::Plan;

/// A question of the dialogue.
struct Question<'a> {
    template: &'a TemplateId,
    parameter: &'a str,
    about: &'a Asking,
    problem: Option<&'a Problem>,
    options: &'a [OptionItem],
    failures: u32,
    returning: bool,
    beside: Option<&'a (String, Option<Value>)>,
}

impl Writer<'_> {
    /// The words of an act; `None` for the two that are performed before there is anything to
    /// say: `Runs` and `Answers`.
    pub fn act(&self, act: &Act) -> Option<Reply> {
        let speech = self.speech;
        let reply = match act {
            Act::Asks {
                template,
                parameter,
                about,
                problem,
                options,
                failures,
                returning,
                beside,
            } => self.question(&Question {
                template,
                parameter,
                about,
                problem: problem.as_ref(),
                options,
                failures: *failures,
                returning: *returning,
                beside: beside.as_ref(),
            }),
            Act::Offers { about, options } => self.offer(about, options),
            Act::Plan { plan, changed, changes, pairs } => {
                self.plan(plan, *changed, changes, pairs)
            }
            Act::Runs { .. } | Act::Answers { .. } => return None,
            Act::Cancelled { template: Some(template) } => {
                Reply::text(say!(speech, "cancelled", "job" => self.job_name(template)))
            }
            Act::Cancelled { template: None } => Reply::text(say!(speech, "cancelled-nothing")),
            Act::Rejected => Reply::text(say!(speech, "rejected")),
            Act::Greets { courtesy } => Reply::text(match courtesy {
                Courtesy::Hello => say!(speech, "greeting"),
                Courtesy::Thanks => say!(speech, "thanks"),
                Courtesy::Goodbye => say!(speech, "goodbye"),
            }),
            Act::AsksWhen { template, words, problem, options } => {
                let (job, words) = (self.job_name(template), words.as_str());
                Reply::text(match problem {
                    WhenProblem::NoTime => {
                        say!(speech, "asks-when-no-time", "job" => job, "words" => words)
                    }
                    WhenProblem::Several => {
                        say!(speech, "asks-when-several", "job" => job, "words" => words)
                    }
                    WhenProblem::NoRhythm => {
                        say!(speech, "asks-when-no-rhythm", "job" => job, "words" => words)
                    }
                    WhenProblem::Past => {
                        say!(speech, "asks-when-past", "job" => job, "words" => words)
                    }
                })
                .and(self.options(None, options))
            }
            Act::AsksSwitch { from, to, options } => {
                let (from, to) = (self.job_name(from), self.job_name(to));
                Reply::text(say!(speech, "asks-switch", "from" => from, "to" => to))
                    .and(self.options(None, options))
            }
            Act::Drafts { drafts, options } => self.drafts(drafts, options),
            Act::Notes { note } => Reply::text(self.note(note)),
        };
        Some(reply)
    }

    /// The name of a job; its id where the catalogue has lost it.
    pub fn job_name(&self, template: &TemplateId) -> String {
        match self.catalog.job(template) {
            Some(job) => self.speech.of(&job.name),
            None => template.to_string(),
        }
    }

    /// What a parameter of a job is called.
    pub fn label_of(&self, template: &TemplateId, parameter: &str) -> String {
        let job = self.catalog.job(template);
        match job.and_then(|job| job.parameter(parameter)) {
            Some(parameter) => self.speech.label(parameter),
            None => self.speech.name(parameter),
        }
    }

    fn question(&self, question: &Question<'_>) -> Reply {
        let speech = self.speech;
        let job = self.catalog.job(question.template);
        let parameter = job.and_then(|job| job.parameter(question.parameter));
        let mut lines = Vec::new();
        if question.returning {
            let job = self.job_name(question.template);
            lines.push(say!(speech, "asks-returning", "job" => job));
        } else if self.topic.as_ref() != Some(question.template) {
            lines.push(say!(speech, "asks-job", "job" => self.job_name(question.template)));
        }
        if let (Some(problem), Some(parameter), Some(job)) = (question.problem, parameter, job) {
            lines.push(speech.problem(problem, parameter, job));
        }
        lines.push(self.what_is_asked(question, parameter));
        if let (Some(Problem::Value { .. } | Problem::NotUnderstood), Some(parameter)) =
            (question.problem, parameter)
        {
            lines.extend(self.right(question, parameter));
        }
        if question.failures >= 3 {
            lines.push(say!(speech, "asks-stuck"));
        }
        Reply::text(lines.join("\n")).and(self.options(Some(question.template), question.options))
    }

    fn what_is_asked(&self, question: &Question<'_>, parameter: Option<&Parameter>) -> String {
        let speech = self.speech;
        let name = self.label_of(question.template, question.parameter);
        let description = parameter.map_or(String::new(), |p| speech.of(&p.description));
        match question.about {
            Asking::Value => match question.beside {
                Some((other, Some(value))) => say!(
                    speech, "asks-value-beside",
                    "parameter" => name, "description" => description,
                    "other" => self.label_of(question.template, other), "value" => speech.value(value),
                ),
                _ => say!(
                    speech, "asks-value", "parameter" => name, "description" => description
                ),
            },
            Asking::UseDefault { default } => say!(
                speech, "asks-use-default",
                "parameter" => name, "description" => description,
                "value" => speech.value(default),
            ),
            Asking::Optional => say!(
                speech, "asks-optional", "parameter" => name, "description" => description
            ),
        }
    }

    /// A value that would be right, for those whose words were none.
    fn right(&self, question: &Question<'_>, parameter: &Parameter) -> Option<String> {
        let example = match &parameter.default {
            Some(default) => self.speech.value(default),
            None if question.options.is_empty() => self.example(question.template, parameter)?,
            None => return None,
        };
        Some(say!(self.speech, "asks-example", "value" => example))
    }

    fn offer(&self, about: &Offer, options: &[OptionItem]) -> Reply {
        let speech = self.speech;
        let choices = options.iter().filter(|o| o.pick != Pick::NoneOfThese).count();
        let (text, template) = match about {
            Offer::Intent => (say!(speech, "offers-intent"), None),
            Offer::Value { template, parameter } => {
                let parameter = self.label_of(template, parameter);
                (say!(speech, "offers-value", "parameter" => parameter), Some(template))
            }
            Offer::Several { template, parameter } => {
                let parameter = self.label_of(template, parameter);
                (say!(speech, "offers-several", "parameter" => parameter), Some(template))
            }
            Offer::Completion { typed } if choices == 1 => {
                (say!(speech, "offers-one-completion", "typed" => typed.as_str()), None)
            }
            Offer::Completion { typed } => {
                (say!(speech, "offers-completions", "typed" => typed.as_str()), None)
            }
            Offer::Parameter { template } => (say!(speech, "offers-parameter"), Some(template)),
            Offer::Execution => (say!(speech, "offers-execution"), None),
        };
        Reply::text(text).and(self.options(template, options))
    }

    fn plan(&self, plan: &Plan, changed: bool, changes: &[Change], pairs: &[Pair]) -> Reply {
        let speech = self.speech;
        let hash = plan.hash();
        let title = say!(speech, "plan-title", "job" => self.job_name(&plan.template));
        let mut reply = Reply::default().block(Block::Title(title));
        if changed {
            let text = match self.changes(&plan.template, changes) {
                changes if changes.is_empty() => say!(speech, "plan-changed"),
                changes => say!(speech, "plan-changed-so", "changes" => changes),
            };
            reply = reply.block(Block::Text(text));
        }
        let mut rows = self.plan_rows(plan);
        if let Some(when) = &plan.when {
            let replaces = plan
                .replaces
                .map(|number| say!(speech, "plan-replaces", "name" => schedule::name_of(number)));
            let when = (say!(speech, "plan-when"), self.when(when), replaces.unwrap_or_default());
            rows.push(when);
        }
        reply = reply.block(Block::Rows(rows));
        for pair in pairs {
            let value = |name: &str| plan.values.get(name).map(|given| speech.value(&given.value));
            if let (Some(from), Some(to)) = (value(&pair.from), value(&pair.to)) {
                let text = say!(speech, "plan-pair", "from" => from, "to" => to);
                reply = reply.block(Block::Text(text));
            }
        }
        if plan.when.is_none() && self.starts_itself(plan) {
            reply = reply.block(Block::Text(say!(speech, "plan-waits-itself")));
        }
        let say = |input| Action::Say { input };
        let (question, yes) = match plan.when {
            None => (say!(speech, "plan-question"), say!(speech, "button-run")),
            Some(_) => (say!(speech, "plan-question-later"), say!(speech, "button-schedule")),
        };
        reply
            .block(Block::Text(question))
            .button(yes, say(Input::Confirm(hash.clone())))
            .button(
                say!(speech, "button-change"),
                say(Input::Pick(Pick::Change { parameter: None })),
            )
            .button(say!(speech, "button-cancel"), say(Input::Decline(hash)))
    }

    /// Whether the job is told when to do its work: it is started at once, and waits itself.
    fn starts_itself(&self, plan: &Plan) -> bool {
        self.catalog.job(&plan.template).is_some_and(|job| {
            job.parameters.iter().any(|p| p.is_start() && plan.values.contains_key(&p.name))
        })
    }

    /// Every value with its source, in the order of the template's parameters.
    pub fn plan_rows(&self, plan: &Plan) -> Vec<(String, String, String)> {
        let speech = self.speech;
        let values = self.in_order(&plan.template, &plan.values).into_iter();
        values
            .map(|(name, given)| {
                (
                    self.label_of(&plan.template, name),
                    speech.value(&given.value),
                    speech.source(given),
                )
            })
            .collect()
    }

    fn changes(&self, template: &TemplateId, changes: &[Change]) -> String {
        let speech = self.speech;
        speech.list(changes.iter().map(|change| {
            let name = self.label_of(template, &change.parameter);
            let shown = |value: &Option<Value>| match value {
                Some(value) => speech.value(value),
                None => say!(speech, "value-none"),
            };
            say!(
                speech, "plan-change",
                "parameter" => name, "from" => shown(&change.from), "to" => shown(&change.to),
            )
        }))
    }

    fn drafts(&self, drafts: &[DraftItem], options: &[OptionItem]) -> Reply {
        let title = say!(self.speech, "drafts-title", "count" => drafts.len());
        Reply::text(title).and(self.options_with(options, |option| match option.pick {
            Pick::Draft { id } => match drafts.iter().find(|draft| draft.id == id) {
                Some(draft) => self.draft(draft),
                None => self.option(None, option),
            },
            _ => self.option(None, option),
        }))
    }

    fn draft(&self, draft: &DraftItem) -> String {
        let speech = self.speech;
        let values = self.values_of(&draft.template, &draft.values);
        let since = speech.moment(draft.since, &self.zone);
        let job = self.job_name(&draft.template);
        say!(speech, "draft-line", "job" => job, "values" => values, "since" => since)
    }

    /// Options, numbered, with a button for each.
    pub(super) fn options(&self, template: Option<&TemplateId>, options: &[OptionItem]) -> Reply {
        self.options_with(options, |option| self.option(template, option))
    }

    fn options_with(&self, options: &[OptionItem], label: impl Fn(&OptionItem) -> String) -> Reply {
        if options.is_empty() {
            return Reply::default();
        }
        let labels: Vec<String> = options.iter().map(label).collect();
        let buttons = options
            .iter()
            .zip(&labels)
            .map(|(option, label)| {
                let input = Input::Pick(option.pick.clone());
                Choice { label: label.clone(), action: Action::Say { input } }
            })
            .collect();
        Reply { blocks: vec![Block::Options(labels)], buttons }
    }

    fn option(&self, template: Option<&TemplateId>, option: &OptionItem) -> String {
        let speech = self.speech;
        match &option.pick {
            Pick::Intent { label } => self.label(label, &option.text),
            Pick::Value { value, .. } => speech.value(value),
            Pick::Each { .. } => say!(speech, "option-each"),
            Pick::When { when: Some(when) } => self.when(when),
            Pick::When { when: None } => say!(speech, "option-now"),
            Pick::NoneOfThese => say!(speech, "option-none-of-these"),
            Pick::UseDefault { .. } => say!(speech, "option-use-default"),
            Pick::Skip { .. } => say!(speech, "option-skip"),
            Pick::Change { parameter: Some(parameter) } => {
                let job = template.and_then(|template| self.catalog.job(template));
                let described = job.and_then(|job| job.parameter(parameter));
                let description = described.map_or(String::new(), |p| speech.of(&p.description));
                let name = described.map_or(speech.name(parameter), |p| speech.label(p));
                say!(speech, "option-parameter", "parameter" => name, "description" => description)
            }
            Pick::Change { parameter: None } => say!(speech, "button-change"),
            Pick::Switch { keep: true } => say!(speech, "option-switch-keep"),
            Pick::Switch { keep: false } => say!(speech, "option-switch-drop"),
            Pick::Stay => say!(speech, "option-stay"),
            Pick::Draft { id } => say!(speech, "option-draft", "id" => *id),
            Pick::Help => say!(speech, "option-help"),
            Pick::Abort => say!(speech, "option-abort"),
            Pick::Again { execution, .. } => {
                say!(speech, "option-again", "number" => *execution, "text" => option.text.as_str())
            }
            Pick::Retry { execution } => say!(speech, "option-retry", "number" => *execution),
            Pick::Undo { execution } => say!(speech, "option-undo", "number" => *execution),
        }
    }

    fn label(&self, label: &Label, otherwise: &str) -> String {
        match self.catalog.name_of(label) {
            Some(name) => self.speech.of(name),
            None => otherwise.to_owned(),
        }
    }
}
