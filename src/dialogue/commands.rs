//! Commands: those about the conversation are carried out
//! here, the others are handed on with their arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::act::{Act, Note, Query};
use super::cues;
use super::heard::Heard;
use super::labels::*;
use super::options;
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{
    JobTemplate, Language, Parameter, ParameterType, TemplateId, Value, Values, is_han,
};
use crate::jobs::ExecutionState;
use crate::nlu::values;
use crate::nlu::{Label, Slot, SlotValue};

/// The setting of how much is asked for, and its value for everything.
const COLLECT: &str = "collect";
const FULL: &str = "full";

/// How likely the model must find a job for words like "the payment deploy" to mean it.
const SURE_JOB: f32 = 0.5;

impl Talk<'_> {
    /// Carries out a command, or hands it on.
    pub(super) fn command(&mut self, id: &TemplateId, heard: &Heard) {
        match id.as_str() {
            RERUN => self.again_said(heard),
            CANCEL
                if !self.names_execution(heard, &Label::Command(id.clone()))
                    && self.change_spoken_of("drop") => {}
            RESUME if self.session.kept.is_empty() && self.change_spoken_of("resume") => {}
            RUN => self.answer_command(TemplateId::from(LIST), BTreeMap::new()),
            SCHEDULE if self.session.draft.is_none() && self.schedule_said(heard) => {}
            RETRY => self.retry_said(heard),
            UNDO => self.undo_said(heard),
            DRAFTS => self.list_drafts(),
            RESUME => self.resume_said(heard),
            DROP_DRAFT => self.drop_draft_said(heard),
            HELP => {
                let mut arguments = self.arguments(heard, &Label::Command(id.clone()));
                if arguments.is_empty() && self.session.draft.is_none() {
                    // "Anything about certificates?"
                    self.topic(heard, &mut arguments);
                    if !arguments.is_empty() {
                        return self.answer_command(TemplateId::from(LIST), arguments);
                    }
                }
                self.help(arguments);
            }
            _ => {
                let mut arguments = self.arguments(heard, &Label::Command(id.clone()));
                if id.as_str() == LIST && arguments.is_empty() {
                    self.topic(heard, &mut arguments);
                    if arguments.is_empty() && self.asks_for_choices(heard) {
                        return self.help(arguments);
                    }
                }
                if id.as_str() == HISTORY {
                    self.about(heard, &mut arguments);
                }
                if id.as_str() == LOGS {
                    self.go_on_about(&mut arguments);
                }
                if id.as_str() == SETTINGS {
                    self.setting_said(heard, &mut arguments);
                }
                if id.as_str() == SCHEDULE {
                    self.name_spoken_of(heard, &mut arguments);
                }
                self.answer_command(id.clone(), arguments);
            }
        }
    }

    /// Whether "which ones are there?" is about the value that is asked for: it names nothing else.
    fn asks_for_choices(&self, heard: &Heard) -> bool {
        let asked =
            matches!(self.session.open, Some(Open::Parameter { .. } | Open::Reading { .. }));
        asked && cues::asks_which_ones(&heard.text)
    }

    /// "Only the errors", "the rest of it", right after the log of a run: of that one.
    fn go_on_about(&mut self, arguments: &mut Values) {
        let latest = self.memory.executions.first().map(|ran| ran.number);
        let Some(latest) = latest else { return };
        match arguments.get("execution") {
            Some(Value::Integer(number)) => {
                let number = u64::try_from(*number).ok();
                self.session.asked_about = number.map(|number| (number, latest));
            }
            _ => {
                let says_which_lines =
                    arguments.keys().all(|name| name == "only" || name == "part");
                let known = self.session.asked_about.filter(|(_, then)| *then == latest);
                if let (Some((number, _)), true, false) =
                    (known, says_which_lines, arguments.is_empty())
                {
                    arguments.insert("execution".into(), Value::from(number));
                }
            }
        }
    }

    /// Whom or what the history is asked for of: what the model took for a job and is the name of
    /// a thing; else, where it found nothing, a word that looks like a name, or that stands where a
    /// name does, and that no example has as a word of its own; else a value that many jobs have.
    fn about(&self, heard: &Heard, arguments: &mut Values) {
        if arguments.contains_key("execution") {
            return;
        }
        if let Some(thing) = self.thing_for_job(heard) {
            arguments.remove("job");
            arguments.remove("search");
            let jobs = self.jobs_spoken_of(&heard.text.replace(&thing, " "));
            match jobs.as_slice() {
                [] => {}
                [only] => drop(arguments.insert("job".into(), Value::from(only.as_str()))),
                several => drop(arguments.insert("job".into(), Value::List(several.to_vec()))),
            }
            arguments.insert("about".into(), Value::from(thing));
            return;
        }
        let ordinary = self.own_words(HISTORY);
        let name = cues::name_said(&heard.text)
            .filter(|name| !ordinary.contains(&name.to_lowercase()) && arguments.is_empty())
            .map(Value::from);
        let about = name.or_else(|| self.common_value(heard, &ordinary));
        if let Some(about) = about {
            arguments.insert("about".into(), about);
        }
    }

    /// The words that the model took for a job, where they are the name of a thing that jobs are
    /// done to: "who restarted cart-service?".
    fn thing_for_job(&self, heard: &Heard) -> Option<String> {
        let said = self.said_with(heard, &Label::Command(TemplateId::from(HISTORY)));
        let job = said.into_iter().find(|slot| slot.parameter == "job")?;
        let words = job.surface.trim();
        let values = || self.memory.executions.iter().flat_map(|ran| ran.values.values());
        let is_thing = super::answer::looks_like_a_name(words)
            || values().any(|value| value.to_string().eq_ignore_ascii_case(words));
        let is_job = self.template(&TemplateId::from(words)).is_some();
        (is_thing && !is_job && self.job_named(words).is_none()).then(|| words.to_owned())
    }

    /// The jobs whose names have a word that a message says, in whatever form: "deployed", 重启过.
    fn jobs_spoken_of(&self, words: &str) -> Vec<String> {
        let said = options::words(words);
        let names = |job: &&JobTemplate| {
            Language::ALL.into_iter().any(|language| {
                let name = options::words(job.name.get(language));
                said.iter().any(|word| name.iter().any(|part| is_alike(word, part)))
            })
        };
        let jobs = self.mind.catalog.jobs().iter().filter(names);
        jobs.map(|job| job.id.to_string()).collect()
    }

    /// A value that a message names of a parameter which several jobs have: "on production".
    fn common_value(&self, heard: &Heard, ordinary: &BTreeSet<String>) -> Option<Value> {
        let jobs = self.mind.catalog.jobs();
        let shared = |parameter: &&Parameter| {
            let having = jobs.iter().filter(|job| {
                job.parameter(&parameter.name).is_some_and(|p| p.choices == parameter.choices)
            });
            having.count() > 1
        };
        let choices = jobs.iter().flat_map(|job| &job.parameters);
        let mut choices =
            choices.filter(|p| p.kind == ParameterType::Choice && p.required).filter(shared);
        choices.find_map(|parameter| {
            let found = values::find_choices(&heard.text, parameter, &self.reference());
            let said = |found: &&values::Found| {
                !ordinary.contains(&heard.text[found.start..found.end].to_lowercase())
            };
            found.iter().find(said)?.values.first().cloned()
        })
    }

    /// The words of a command's examples that are none of its arguments.
    pub(super) fn own_words(&self, command: &str) -> BTreeSet<String> {
        let label = Label::Command(TemplateId::from(command));
        let examples = self.mind.catalog.examples_of(&label);
        let own = examples.flat_map(|example| {
            let named = |at: usize| {
                example.entities.iter().any(|entity| (entity.start..entity.end).contains(&at))
            };
            let own = example.text.chars().enumerate();
            let own: String = own.map(|(at, c)| if named(at) { ' ' } else { c }).collect();
            options::words(&own)
        });
        own.collect()
    }

    /// Whether a slot stands in words that say the command itself: "again", and 一 in 再来一次.
    pub(super) fn is_of_command(text: &str, slot: &Slot, own: &BTreeSet<String>) -> bool {
        let before = usize::from(slot.start > 0);
        let around: String = text
            .chars()
            .skip(slot.start - before)
            .take(slot.end - slot.start + before + 1)
            .collect();
        let surface = options::words(&slot.surface);
        let all = |words: &[String]| !words.is_empty() && words.iter().all(|w| own.contains(w));
        match slot.surface.chars().any(is_han) {
            true => all(&options::words(&around)),
            false => {
                all(&surface) && surface.iter().all(|w| !w.contains(|c: char| c.is_ascii_digit()))
            }
        }
    }

    /// What a list is asked for about: a tag, or a word that jobs have in their names.
    fn topic(&self, heard: &Heard, arguments: &mut Values) {
        let said = options::words(&heard.text);
        let jobs = || self.mind.catalog.jobs().iter().filter(|job| self.memory.allows(&job.id));
        let tag = jobs().flat_map(|job| &job.tags).find(|tag| is_like(&said, tag));
        if let Some(tag) = tag {
            arguments.insert("tag".into(), Value::from(tag.as_str()));
            return;
        }
        let mut own: Vec<String> = Vec::new();
        if let Some(list) = self.mind.catalog.command(&TemplateId::from(LIST)) {
            for language in Language::ALL {
                own.extend(options::words(list.name.get(language)));
                own.extend(options::words(list.description.get(language)));
            }
        }
        let named = |word: &String| {
            jobs().any(|job| {
                Language::ALL.into_iter().any(|l| is_like(&options::words(job.name.get(l)), word))
            })
        };
        let word =
            said.into_iter().find(|word| word.len() > 2 && !own.contains(word) && named(word));
        if let Some(word) = word {
            arguments.insert("search".into(), Value::from(word));
        }
    }

    /// The new value of a setting, where the model found none: a choice of one of them, or "every
    /// value".
    fn setting_said(&self, heard: &Heard, arguments: &mut Values) {
        let label = Label::Command(TemplateId::from(SETTINGS));
        let parameters = self.mind.catalog.parameters_of(&label);
        let named = match arguments.get("setting") {
            Some(setting) => vec![setting.to_string()],
            None => Vec::new(),
        };
        let is_value = |p: &&Parameter| p.name != "setting" && p.kind == ParameterType::Choice;
        if parameters.iter().any(|p| p.name != "setting" && arguments.contains_key(&p.name)) {
            return;
        }
        let mut meant = parameters
            .iter()
            .filter(is_value)
            .filter(|p| named.is_empty() || named.contains(&p.name));
        let found = meant.clone().find_map(|parameter| {
            let found = values::find_choices(&heard.text, parameter, &self.reference());
            let [only] = found.as_slice() else { return None };
            Some((parameter.name.clone(), only.values.first()?.clone()))
        });
        let every = || {
            let collect = meant.find(|parameter| parameter.name == COLLECT)?;
            cues::means_every(&heard.text).then(|| (collect.name.clone(), Value::from(FULL)))
        };
        if let Some((name, value)) = found.or_else(every) {
            arguments.insert(name, value);
        }
    }

    /// Answers a command with arguments that are in canonical form already.
    pub(super) fn answer_command(&mut self, command: TemplateId, arguments: Values) {
        self.act(Act::Answers { query: Query { command, arguments } });
    }

    /// Help; in the middle of a question, with the question.
    fn help(&mut self, mut arguments: Values) {
        let parameter = arguments.remove("param").or_else(|| arguments.remove("parameter"));
        if let Some((draft, template)) = self.drafted()
            && !arguments.contains_key("job")
        {
            let asked = match &self.session.open {
                Some(Open::Parameter { parameter, .. } | Open::Reading { parameter, .. }) => {
                    Some(parameter.clone())
                }
                _ => None,
            };
            let named = parameter.as_ref().and_then(|words| {
                super::parameters::named_parameter(template, &words.to_string(), |_| false)
            });
            arguments.insert("job".into(), Value::from(draft.template.as_str()));
            if let Some(parameter) = named.map(|p| p.name.clone()).or(asked) {
                arguments.insert("parameter".into(), Value::from(parameter));
            }
        }
        self.answer_command(TemplateId::from(HELP), arguments);
    }

    /// Help with the open question, by button.
    pub(super) fn contextual_help(&mut self) {
        self.help(BTreeMap::new());
        self.return_to_question();
    }

    /// The arguments of a command, in canonical form.
    pub(super) fn arguments(&self, heard: &Heard, label: &Label) -> Values {
        let mut arguments = Values::new();
        for slot in self.said_with(heard, label) {
            match slot.parameter.as_str() {
                "execution" => {
                    if let Some(execution) = self.execution_meant(&slot.surface) {
                        arguments.insert("execution".into(), execution);
                    }
                }
                "schedule" => {
                    if let Some(number) = number_in(&slot.surface) {
                        arguments.insert("schedule".into(), Value::Integer(number));
                    }
                }
                "job" => self.put_job(&slot, &mut arguments),
                "time" => self.put_time(&slot.surface, &mut arguments),
                _ => {
                    let value = match slot.value {
                        SlotValue::Valid(value) => value,
                        SlotValue::Ambiguous(mut values) if !values.is_empty() => values.remove(0),
                        _ => Value::from(slot.surface.as_str()),
                    };
                    arguments.insert(slot.parameter, value);
                }
            }
        }
        arguments
    }

    /// The time that words mean: the words themselves, and, where they say so, the stretch from
    /// `since` to `until`, or the moment `at`, or the rhythm `every` as a cron expression.
    fn put_time(&self, words: &str, arguments: &mut Values) {
        arguments.insert("time".into(), Value::from(words));
        let reference = self.reference();
        let mut put = |name: &str, value: &Value| {
            arguments.insert(name.into(), value.clone());
        };
        if let Some(every) = values::recurring::find(words, &reference).first()
            && let Some(cron) = every.values.first()
        {
            return put("every", cron);
        }
        if let Some(range) = values::range::find(words, &reference).first()
            && let Some((since, until)) = range.readings.first()
        {
            put("since", since);
            return put("until", &end_of_day(until));
        }
        let moments = values::find(words, ParameterType::Datetime, &reference);
        if let Some(moment) = moments.first().and_then(|found| found.values.first()) {
            put("at", moment);
            let end = end_of_day(moment);
            if end != *moment {
                put("since", moment);
                put("until", &end);
            }
        }
    }

    /// Whether a message gives a command any argument.
    pub(super) fn has_arguments(&self, heard: &Heard, label: &Label) -> bool {
        !self.said_with(heard, label).is_empty()
    }

    /// Whether a message says which execution, or which job, a command is about.
    pub(super) fn names_execution(&self, heard: &Heard, label: &Label) -> bool {
        self.said_with(heard, label)
            .iter()
            .any(|slot| matches!(slot.parameter.as_str(), "execution" | "job"))
    }

    /// The execution that words mean: its number, or (for "the last one", "it") the latest.
    pub(super) fn execution_meant(&self, words: &str) -> Option<Value> {
        if let Some(number) = number_in(words) {
            return Some(Value::Integer(number));
        }
        let latest = self.memory.executions.first()?;
        i64::try_from(latest.number).ok().map(Value::Integer)
    }

    /// The job that words mean goes under `job`; words that mean none under `search`.
    fn put_job(&self, slot: &Slot, arguments: &mut Values) {
        match self.job_meant(&slot.surface) {
            Some(id) => arguments.insert("job".into(), Value::from(id.as_str())),
            None => arguments.insert("search".into(), Value::from(slot.surface.as_str())),
        };
    }

    /// The job template that words like "the payment deploy" mean.
    pub(super) fn job_meant(&self, words: &str) -> Option<TemplateId> {
        if let Some(template) = self.template(&TemplateId::from(words.trim())) {
            return Some(template.id.clone());
        }
        if let Some(id) = self.job_named(words) {
            return Some(id);
        }
        let heard = self.read(words);
        let jobs = heard.utterance.ranking.iter().filter_map(|scored| match &scored.label {
            Label::Job(id) => Some((id, scored.probability)),
            _ => None,
        });
        let all: f32 = jobs.clone().map(|(_, probability)| probability).sum();
        let (id, probability) = jobs.max_by(|a, b| a.1.total_cmp(&b.1))?;
        (probability > SURE_JOB * all && heard.decision() != crate::nlu::Decision::Reject)
            .then(|| id.clone())
    }

    /// The only job whose name has words that these begin with, or that begin with these:
    /// "deployed" for "Deploy application".
    pub(super) fn job_named(&self, words: &str) -> Option<TemplateId> {
        let said: Vec<String> =
            options::words(words).into_iter().filter(|word| word.len() >= STEM).collect();
        let mut named = self.mind.catalog.jobs().iter().filter(|job| {
            Language::ALL.into_iter().any(|language| {
                let name = options::words(job.name.get(language));
                !said.is_empty()
                    && said.iter().all(|word| name.iter().any(|part| is_alike(word, part)))
            })
        });
        match (named.next(), named.next()) {
            (Some(only), None) => Some(only.id.clone()),
            _ => None,
        }
    }

    /// The user's execution that a message is about: by number, by words, by job; else the
    /// latest, or the latest that failed where `failed` asks for one.
    pub(super) fn execution_of(
        &self,
        heard: &Heard,
        command: &str,
        failed: bool,
    ) -> Result<u64, Note> {
        let label = Label::Command(TemplateId::from(command));
        let arguments = self.said_with(heard, &label);
        let said = |name: &str| arguments.iter().find(|slot| slot.parameter == name);
        if let Some(number) = said("execution").and_then(|slot| number_in(&slot.surface)) {
            let number = u64::try_from(number).unwrap_or(0);
            return match self.memory.execution(number) {
                Some(ran) => Ok(ran.number),
                None => Err(Note::NoSuchExecution { number }),
            };
        }
        let job = said("job").and_then(|slot| self.job_meant(&slot.surface));
        let fits = |state: ExecutionState| {
            !failed || matches!(state, ExecutionState::Failed | ExecutionState::TimedOut)
        };
        self.memory
            .executions
            .iter()
            .find(|ran| fits(ran.state) && job.as_ref().is_none_or(|job| *job == ran.template))
            .or_else(|| self.memory.executions.iter().find(|ran| fits(ran.state)))
            .map(|ran| ran.number)
            .ok_or(Note::NothingToRepeat)
    }
}

/// So long are words that are told by their beginnings.
const STEM: usize = 4;

/// Whether one word begins with the other: "deployed" and "deploy".
fn is_alike(a: &str, b: &str) -> bool {
    a.len() >= STEM && b.len() >= STEM && (a.starts_with(b) || b.starts_with(a))
}

/// Whether a word is among others, in the singular or the plural.
fn is_like(words: &[String], word: &str) -> bool {
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    words.iter().any(|other| singular(other) == singular(word))
}

/// A stretch that ends on a day lasts until that day is over.
fn end_of_day(until: &Value) -> Value {
    match until.to_string().strip_suffix("T00:00") {
        Some(day) => Value::from(format!("{day}T23:59:59")),
        None => until.clone(),
    }
}

/// The number in words for an execution: `#1042`, "run 1042", 执行 3051.
pub(super) fn number_in(words: &str) -> Option<i64> {
    let digits: String = words
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    let is_a_name = words.contains(|c: char| c.is_ascii_alphabetic()) && words.contains('-');
    if is_a_name { None } else { digits.parse().ok() }
}

/// The numbers of schedules in a text, with where they stand, in bytes: `@7`.
pub(super) fn schedules_named(text: &str) -> Vec<(Range<usize>, u64)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '@';
    let marks = text.match_indices('@').filter(|(at, _)| !text[..*at].ends_with(is_part));
    marks
        .filter_map(|(at, _)| {
            let rest = &text[at + 1..];
            let word = &rest[..rest.find(|c: char| !is_part(c)).unwrap_or(rest.len())];
            let number: u64 =
                word.parse().ok().filter(|_| word.bytes().all(|b| b.is_ascii_digit()))?;
            Some((at..at + 1 + word.len(), number))
        })
        .collect()
}

/// Words that only say which execution: they bring no values.
pub(super) fn without_reference(heard: &Heard, slots: &[Slot]) -> String {
    let ranges: Vec<_> = slots
        .iter()
        .filter(|slot| slot.parameter == "execution")
        .map(|slot| {
            super::look::byte_at(&heard.text, slot.start)
                ..super::look::byte_at(&heard.text, slot.end)
        })
        .collect();
    cues::without(&heard.text, &ranges)
}
