//! The session: what the conversation of one person in one place has come to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::act::{Asking, DraftItem, OptionItem, WhenProblem};
use crate::catalog::{Collect, Language, TemplateId, Value, Values};
use crate::channels::Address;
use crate::jobs::schedule::When;
use crate::plan::{Given, Plan};

/// The conversation of one person in one place. Stored after every turn by (channel, chat,
/// thread, user); a turn takes it and gives back the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Where it takes place.
    pub scope: Address,
    /// The Steward user it is with.
    pub user: String,
    /// The language last spoken here.
    pub language: Language,
    /// When something was last said; the session expires counted from here.
    pub last_active: Timestamp,
    /// The job being put together.
    pub draft: Option<Draft>,
    /// What the next message most likely answers.
    pub open: Option<Open>,
    /// What comes after the draft, the next first: several things were asked for at once.
    #[serde(default)]
    pub queue: Vec<Queued>,
    /// Drafts put aside, the oldest first.
    pub kept: Vec<KeptDraft>,
    /// Values spoken of lately, the latest last: what "it" and "there" refer to.
    pub mentions: Vec<Mention>,
    /// The run that was asked about last, and the latest there was then: "only the errors" goes
    /// on about it until another one runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_about: Option<(u64, u64)>,
    /// The number the next kept draft gets.
    pub next_draft: u32,
    /// What was said last, where that was not understood: saying it again in other words shows
    /// what it meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misunderstood: Option<String>,
    /// The numbers of the schedules that were made, changed or listed last, while no job was
    /// spoken of since: what "cancel it" is about. Whoever shows them puts them down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<u64>,
}

/// A job being put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub template: TemplateId,
    /// The values given so far. Defaults are not among them unless they were asked about.
    pub values: BTreeMap<String, Given>,
    /// Optional parameters that were left out in so many words.
    pub skipped: BTreeSet<String>,
    /// Parameters whose default was agreed to one by one.
    pub agreed: BTreeSet<String>,
    /// When it shall run, where that was said.
    #[serde(default)]
    pub timing: Option<Timing>,
    /// The schedule whose place it shall take, by its number.
    #[serde(default)]
    pub replaces: Option<u64>,
    /// What is asked for.
    pub collect: Collect,
    /// The plan as it was shown last, whether it still stands or not.
    pub shown: Option<Plan>,
    /// Earlier states of the values, the latest last: one for every turn that changed them.
    pub history: Vec<BTreeMap<String, Given>>,
    /// It was put on hold since its plan was shown: the plan is shown again before it may run.
    #[serde(default)]
    pub on_hold: bool,
    /// What a stretch of time that was said may mean for both ends of a pair, while it is asked
    /// which: with one end, the other is settled.
    #[serde(default)]
    pub stretches: Vec<(Value, Value)>,
}

/// When a job shall run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "timing")]
pub enum Timing {
    /// Then, said in these words.
    Set { when: When, words: String },
    /// A time was said that has to be asked about; `readings` are what it may mean.
    Unclear { words: String, problem: WhenProblem, readings: Vec<When> },
}

/// Something that was asked for together with the draft, and comes after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "queued")]
pub enum Queued {
    /// A request, in the words in which it was made.
    Request { text: String },
    /// The same job with another value. What else it needs is taken from the one before.
    Same { draft: Box<Draft> },
}

impl Draft {
    /// An empty draft of a template.
    pub fn new(template: TemplateId, collect: Collect) -> Self {
        Draft {
            template,
            values: BTreeMap::new(),
            skipped: BTreeSet::new(),
            agreed: BTreeSet::new(),
            timing: None,
            replaces: None,
            collect,
            shown: None,
            history: Vec::new(),
            on_hold: false,
            stretches: Vec::new(),
        }
    }

    /// The value of a parameter, if it was given.
    pub fn value(&self, parameter: &str) -> Option<&Value> {
        self.values.get(parameter).map(|given| &given.value)
    }

    /// The values without their sources.
    pub fn plain_values(&self) -> Values {
        self.values.iter().map(|(name, given)| (name.clone(), given.value.clone())).collect()
    }
}

/// The open question: it decides first what the next message means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "open")]
pub enum Open {
    /// A parameter was asked for.
    Parameter { parameter: String, about: Asking, options: Vec<OptionItem>, failures: u32 },
    /// It was asked which value of a parameter was meant.
    Reading { parameter: String, options: Vec<OptionItem>, failures: u32 },
    /// It was asked when the job shall run; the words are what was said about it before.
    When { words: String, options: Vec<OptionItem>, failures: u32 },
    /// It was asked which job or command these words meant, or how they go on.
    Intent { text: String, options: Vec<OptionItem> },
    /// It was asked which parameter to change.
    Change { options: Vec<OptionItem> },
    /// A plan was shown and waits for a yes.
    Confirm { plan: Plan },
    /// Another job was asked for, in these words, while a draft is open.
    Switch { to: TemplateId, text: String, options: Vec<OptionItem> },
    /// Something to pick from was shown, and nothing else hangs on it: drafts, executions.
    Pick { options: Vec<OptionItem> },
}

impl Open {
    /// What can be picked by its number.
    pub fn options(&self) -> &[OptionItem] {
        match self {
            Open::Parameter { options, .. }
            | Open::Reading { options, .. }
            | Open::Intent { options, .. }
            | Open::When { options, .. }
            | Open::Change { options }
            | Open::Switch { options, .. }
            | Open::Pick { options } => options,
            Open::Confirm { .. } => &[],
        }
    }
}

/// A draft put aside, with the question that was open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptDraft {
    pub id: u32,
    pub since: Timestamp,
    pub draft: Draft,
}

impl KeptDraft {
    /// As it is listed.
    pub fn item(&self) -> DraftItem {
        DraftItem {
            id: self.id,
            template: self.draft.template.clone(),
            values: self.draft.plain_values(),
            since: self.since,
        }
    }
}

/// A value spoken of, and by which parameter of which template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    pub template: TemplateId,
    pub parameter: String,
    pub value: Value,
}

/// How many mentions, kept drafts and earlier states of a draft are remembered.
pub(super) const MEMORY_LENGTH: usize = 20;

impl Session {
    /// A session in which nothing was said yet.
    pub fn new(
        scope: Address,
        user: impl Into<String>,
        language: Language,
        now: Timestamp,
    ) -> Self {
        Session {
            scope,
            user: user.into(),
            language,
            last_active: now,
            draft: None,
            open: None,
            queue: Vec::new(),
            kept: Vec::new(),
            mentions: Vec::new(),
            asked_about: None,
            next_draft: 1,
            misunderstood: None,
            schedules: Vec::new(),
        }
    }

    /// The plan that a confirmation would be about.
    pub fn live_plan(&self) -> Option<&Plan> {
        match &self.open {
            Some(Open::Confirm { plan }) => Some(plan),
            _ => None,
        }
    }

    /// What the bot may be waiting for, for a greeting after a restart: the template of the
    /// draft.
    pub fn in_progress(&self) -> Option<&TemplateId> {
        self.draft.as_ref().map(|draft| &draft.template)
    }

    /// Puts the draft aside; gives the number under which it can be resumed.
    pub(super) fn keep_draft(&mut self, now: Timestamp) -> Option<u32> {
        let draft = self.draft.take()?;
        self.open = None;
        let id = self.next_draft;
        self.next_draft += 1;
        self.kept.push(KeptDraft { id, since: now, draft });
        if self.kept.len() > MEMORY_LENGTH {
            self.kept.remove(0);
        }
        Some(id)
    }

    /// Remembers a value, so that "it" can refer to it.
    pub(super) fn mention(&mut self, template: &TemplateId, parameter: &str, value: &Value) {
        self.mentions.retain(|m| m.parameter != parameter || m.value != *value);
        self.mentions.push(Mention {
            template: template.clone(),
            parameter: parameter.to_owned(),
            value: value.clone(),
        });
        if self.mentions.len() > MEMORY_LENGTH {
            self.mentions.remove(0);
        }
    }
}
