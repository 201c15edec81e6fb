//! Acts: what a turn of the conversation amounts to, before anyone puts it into words.

use serde::{Deserialize, Serialize};

use crate::catalog::{TemplateId, Value, Values};
use crate::jobs::schedule::When;
use crate::nlu::{Label, values::ValueError};
use crate::plan::Plan;

/// One thing the bot does in answer to a turn. A turn has one or more, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Act {
    /// Asks for the value of a parameter.
    Asks {
        template: TemplateId,
        parameter: String,
        /// What about it is asked: its value, or whether to use the default, or to give it at all.
        about: Asking,
        /// Why the value given last can't be taken.
        problem: Option<Problem>,
        /// What can be picked by number, name or button; empty for an open value.
        options: Vec<OptionItem>,
        /// How often this was asked before without an answer it could take. From three on, the
        /// options end with [`Pick::Help`] and [`Pick::Abort`].
        failures: u32,
        /// The question was open before an interruption, and now comes back.
        returning: bool,
        /// The parameter of the same kind that this one could be mixed up with, and its value if
        /// it has one: "to which environment (from staging)?".
        beside: Option<(String, Option<Value>)>,
    },
    /// Asks which of these was meant. The last option is [`Pick::NoneOfThese`] where nothing
    /// may fit.
    Offers { about: Offer, options: Vec<OptionItem> },
    /// Asks when the job shall run: a time was said that is not clear.
    AsksWhen {
        template: TemplateId,
        /// The time as it was said.
        words: String,
        problem: WhenProblem,
        /// Each a [`Pick::When`]; the last one that has no time is "as soon as it is confirmed".
        options: Vec<OptionItem>,
    },
    /// Shows a plan and waits for a yes.
    Plan {
        plan: Plan,
        /// Another plan was shown before: this one has to be confirmed anew.
        changed: bool,
        /// What differs from the plan that was shown before.
        changes: Vec<Change>,
        /// Pairs of parameters of one kind, to be confirmed in words ("from staging to
        /// production, right?").
        pairs: Vec<Pair>,
    },
    /// A confirmed plan, to be authorised and run: at once, or by a schedule where the plan says
    /// when.
    Runs { plan: Plan },
    /// Answers a command.
    Answers { query: Query },
    /// A draft or a plan was dropped; without a template, there was none.
    Cancelled { template: Option<TemplateId> },
    /// Not understood, or nothing Steward does.
    Rejected,
    /// A courtesy, returned.
    Greets { courtesy: Courtesy },
    /// Another job was asked for while a draft is open: keep the draft for later, or drop it?
    /// The options are [`Pick::Switch`] (keeping, dropping) and [`Pick::Stay`].
    AsksSwitch { from: TemplateId, to: TemplateId, options: Vec<OptionItem> },
    /// Lists the kept drafts; each option is a [`Pick::Draft`]. Never empty.
    Drafts { drafts: Vec<DraftItem>, options: Vec<OptionItem> },
    /// Something to be said besides: why nothing happened, or what was done on the way.
    Notes { note: Note },
}

impl Act {
    /// Whether an answer is waited for.
    pub(super) fn is_question(&self) -> bool {
        matches!(
            self,
            Act::Asks { .. }
                | Act::Offers { .. }
                | Act::AsksWhen { .. }
                | Act::Plan { .. }
                | Act::AsksSwitch { .. }
        )
    }
}

/// What was said out of courtesy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Courtesy {
    Hello,
    Thanks,
    Goodbye,
}

/// What is not clear about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenProblem {
    /// A day or a stretch, but no time of the day.
    NoTime,
    /// Several moments, of which one has to be picked.
    Several,
    /// A rhythm that can't be scheduled.
    NoRhythm,
    /// A moment that has passed.
    Past,
}

/// What about a parameter is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "asking")]
pub enum Asking {
    /// Its value.
    Value,
    /// Whether its default shall be used (a yes takes it, a value is taken instead).
    UseDefault { default: Value },
    /// Whether to give this optional one (a no or a skip leaves it out).
    Optional,
}

/// What an offer is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "offer")]
pub enum Offer {
    /// Which job or command a request meant.
    Intent,
    /// Which value of a parameter was meant: near misses ("did you mean staging?") or two
    /// readings of a time. With one option, a yes takes it.
    Value { template: TemplateId, parameter: String },
    /// Several values were given for a parameter that takes one; the last option but one may be
    /// [`Pick::Each`].
    Several { template: TemplateId, parameter: String },
    /// How something half typed may go on. With one option the completion is nearly sure, and a
    /// yes takes it.
    Completion { typed: String },
    /// Which parameter to change; the options are [`Pick::Change`].
    Parameter { template: TemplateId },
    /// Which execution was meant; the options are [`Pick::Again`], [`Pick::Retry`] or
    /// [`Pick::Undo`].
    Execution,
}

/// What can be picked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionItem {
    pub pick: Pick,
    /// Shown where neither the catalogue nor the locale has a name for it.
    pub text: String,
}

impl OptionItem {
    /// An option that the catalogue or the locale has a name for.
    pub fn named(pick: Pick) -> Self {
        OptionItem { pick, text: String::new() }
    }
}

/// What picking an option means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "pick")]
pub enum Pick {
    /// This job or command was meant.
    Intent { label: Label },
    /// This value of the parameter.
    Value { parameter: String, value: Value },
    /// Each of these values of the parameter: one run after the other.
    Each { parameter: String, values: Vec<Value> },
    /// Runs then; without a time, as soon as it is confirmed.
    When { when: Option<When> },
    /// Nothing of what was offered.
    NoneOfThese,
    /// The parameter's default.
    UseDefault { parameter: String },
    /// Leave the optional parameter out.
    Skip { parameter: String },
    /// Change a part of the plan: this parameter, or (`None`) ask which.
    Change { parameter: Option<String> },
    /// Go over to the other job, and keep or drop the open draft.
    Switch { keep: bool },
    /// Stay with the open draft; the other job is forgotten.
    Stay,
    /// Take a kept draft up again.
    Draft { id: u32 },
    /// Help with the open question.
    Help,
    /// Drop the draft.
    Abort,
    /// The same as this execution, with these values changed ("Run again", "Same on
    /// production").
    Again { execution: u64, changes: Values },
    /// The same as this execution, only for the targets that failed.
    Retry { execution: u64 },
    /// Undo this execution by its template's inverse.
    Undo { execution: u64 },
}

/// Why a value can't be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Problem {
    /// The words are no value of this parameter.
    Value { error: ValueError },
    /// Two parameters that must differ are equal (source and target).
    Same { other: String },
    /// The end lies before the start; `other` is the parameter with the other end.
    Order { other: String },
    /// It says when the job does its work, and that moment has passed.
    Past { at: Value },
    /// There were no words that could be a value.
    NotUnderstood,
    /// It can't be left out.
    Required,
    /// There is no default to use.
    NoDefault,
    /// There is no earlier value to take ("same as last time").
    NoEarlierValue,
}

/// A command with its arguments, as understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The command's id in `intents/commands.yaml`.
    pub command: TemplateId,
    /// Its arguments by name, in canonical form:
    ///
    /// - `execution`: the number, an integer (words like "the last one" are resolved);
    /// - `job`: a template id; where several fit, a list of them; `search`: words that name none;
    /// - `about`: a name, of a person or of what runs were given (history);
    /// - `tag`, `user`: texts; `outcome`: `failed`, `succeeded`, `cancelled`, `rejected`,
    ///   `running`;
    /// - `time`: the words; with them, where they say so, `since` and `until` (date-times, the
    ///   last moment included), or `at` (a date-time), or `every` (a cron expression); a whole day is
    ///   `at` its beginning, and a stretch;
    /// - `schedule`: the number of a schedule (`@7`), an integer; `change`: what becomes of it,
    ///   `list`, `move` (to `at` or `every`), `pause`, `resume` or `drop`;
    /// - `parameter`: the name of the parameter asked about (help in the middle of a question);
    /// - `only`: `errors`; `part`: `tail`, `follow`, `all` (logs);
    /// - `setting`: `language`, `collect`, `time_zone`, where one was named; `language`, `collect`
    ///   and `time_zone`: their new values;
    /// - what other arguments the command names in the catalogue: as given there.
    pub arguments: Values,
}

/// What differs between two plans of one template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub parameter: String,
    pub from: Option<Value>,
    pub to: Option<Value>,
}

/// Two parameters of one kind that could be mixed up, in the direction in which they are said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub from: String,
    pub to: String,
}

/// A draft that was put aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftItem {
    pub id: u32,
    pub template: TemplateId,
    pub values: Values,
    pub since: jiff::Timestamp,
}

/// Something to be said besides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// The session had expired; its draft, if there was one, is kept under this id.
    Expired { template: Option<TemplateId>, kept: Option<u32> },
    /// The button belongs to a plan or a question that is no longer open: nothing was done.
    Stale,
    /// The job was changed since the plan was shown: it follows, as the job is now.
    JobChanged { template: TemplateId },
    /// A yes, a no, a skip or a correction, with nothing open that it could be about.
    NothingOpen,
    /// The draft waits until one goes on.
    Paused { template: TemplateId },
    /// The draft is empty again.
    StartedOver { template: TemplateId },
    /// The draft was put aside.
    DraftKept { template: TemplateId, id: u32 },
    /// A kept draft is open again.
    DraftResumed { template: TemplateId },
    /// A kept draft was dropped.
    DraftDropped { template: TemplateId },
    /// There are no kept drafts.
    NoDrafts,
    /// There is no kept draft of that number.
    NoSuchDraft,
    /// Several jobs were asked for: they are gone through one after the other, in this order.
    SeveralJobs { jobs: Vec<TemplateId> },
    /// The next one of several begins.
    Next { template: TemplateId },
    /// What was still to come after the dropped job is dropped, too.
    RestDropped { count: usize },
    /// A yes, where one of several has to be picked.
    WhichOne,
    /// There is no such command behind a slash; `near` are those it may have meant.
    NoSuchCommand { typed: String, near: Vec<String> },
    /// The number lies outside the options.
    NoSuchOption { count: usize },
    /// None of the offered: what follows may help.
    NoneOfThese,
    /// Nothing ran yet that could be repeated, retried or undone.
    NothingToRepeat,
    /// No execution of that number by this user.
    NoSuchExecution { number: u64 },
    /// Nothing failed in that execution.
    NothingFailed { execution: u64 },
    /// The template names no inverse.
    NoInverse { template: TemplateId },
    /// A day was said that is over: it says nothing about when to run.
    TimeIsOver { words: String },
    /// Words of a request that its plan does not hold, in their order.
    NotUsed { words: Vec<String> },
    /// A request that begins with these words, which say that it is none.
    TurnedDown { words: String },
    /// "it", "there", "that service", but nothing of that kind was spoken of.
    NoReferent { words: String },
    /// There is nothing of that name to change.
    NothingToChange,
    /// Values that were given besides what was asked.
    Noted { template: TemplateId, values: Vec<(String, Value)> },
    /// The last change of the draft was taken back.
    TakenBack,
    /// A plan to take the place of this schedule was dropped, which stays as it is.
    ScheduleStays { number: u64 },
    /// A yes that asks or hangs on something: nothing runs on it.
    OnlyPlainYes,
    /// A yes that says something else besides: nothing runs on it.
    MoreThanYes,
    /// Nothing changed: the plan already is as said.
    Unchanged,
    /// There are no two values that could change places.
    NothingToSwap,
    /// A secret was typed, refused and forgotten.
    SecretRefused { parameter: String },
}
