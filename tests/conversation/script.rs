//! What a conversation in a file looks like.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use steward::catalog::{Collect, Language, Value, Values};
use steward::dialogue::{Courtesy, Lookup, WhenProblem};
use steward::jobs::ExecutionState;

/// A conversation: what is known at its start, and its turns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    pub title: String,
    #[serde(alias = "language")]
    pub lang: Language,
    /// The clock, local: `2025-03-12T15:00`. It stands still but for `wait`.
    #[serde(default = "wednesday_afternoon")]
    pub now: String,
    #[serde(default = "shanghai")]
    pub zone: String,
    #[serde(default = "terminal")]
    pub channel: String,
    /// What ran before, the latest first.
    #[serde(default)]
    pub executions: Vec<Earlier>,
    /// What is to run later.
    #[serde(default)]
    pub schedules: Vec<Later>,
    /// Values used before.
    #[serde(default)]
    pub used: BTreeMap<String, Vec<Value>>,
    /// The names that there are, by `template.parameter`.
    #[serde(default)]
    pub known: BTreeMap<String, Vec<Value>>,
    /// The user's collect mode.
    pub collect: Option<Collect>,
    /// The templates the user may run; left out: all.
    pub allowed: Option<Vec<String>>,
    /// Requests of others wait for the user to decide.
    #[serde(default)]
    pub to_decide: bool,
    /// A request of the user's own waits for others.
    #[serde(default)]
    pub waits_for_others: bool,
    /// It is played over every channel besides, against the real program.
    #[serde(default)]
    pub everywhere: bool,
    pub turns: Vec<Step>,
}

impl Script {
    /// The names that there are, as a turn is told of them.
    pub fn known(&self) -> impl Iterator<Item = (Lookup, Vec<Value>)> + '_ {
        self.known.iter().map(|(place, values)| {
            let (template, parameter) = place.split_once('.').expect("template.parameter");
            let lookup = Lookup { template: template.into(), parameter: parameter.to_owned() };
            (lookup, values.clone())
        })
    }
}

/// An execution before the conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    pub number: u64,
    pub template: String,
    pub params: Values,
    pub state: ExecutionState,
    /// The parameter and its targets that failed.
    pub failed: Option<(String, Vec<String>)>,
}

/// A schedule that there is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    pub number: u64,
    pub template: String,
    pub params: Values,
    /// A local date and time.
    pub at: String,
}

/// One turn: what the person does, and what is expected of the bot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Says this.
    pub user: Option<String>,
    /// Presses a button.
    pub press: Option<Press>,
    /// Lets this long pass first: `31m`.
    pub wait: Option<String>,
    /// The latest run ends like this first.
    pub ended: Option<ExecutionState>,
    /// What the `suggest` command of the open question yields, afterwards.
    #[serde(default)]
    pub suggested: Vec<Value>,
    #[serde(default)]
    pub expect: Expect,
}

/// A button.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Press {
    /// Yes to the plan that was shown last.
    Yes,
    /// No to it.
    No,
    /// Yes to the plan before it.
    OldYes,
    /// The option of this number, from 1, of those shown last.
    Option(usize),
}

/// What a turn must come to. What is left out is not looked at, but for one thing: nothing may
/// run that is not expected to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// This parameter is asked for.
    pub asks: Option<String>,
    /// Why it is asked again: `value`, `same`, `order`, `not_understood`, `required` ...
    pub problem: Option<String>,
    /// What about it is asked: `value`, `use_default`, `optional`.
    pub about: Option<String>,
    /// How often it was asked in vain.
    pub failures: Option<u32>,
    /// The question comes back after an interruption.
    pub returning: Option<bool>,
    /// This plan is shown, all values included.
    pub plan: Option<Job>,
    /// It has changed, and says so.
    pub changed: Option<bool>,
    /// It shall run then: a local date and time, or a cron expression; `now` for at once.
    pub when: Option<String>,
    /// It takes the place of this schedule.
    pub replaces: Option<u64>,
    /// It is asked when to run, since this is not clear about the time that was said.
    pub asks_when: Option<WhenProblem>,
    /// These of its values are marked as carried over.
    pub carried: Option<Vec<String>>,
    /// Its pairs, `from>to`.
    pub pairs: Option<Vec<String>>,
    /// This job runs.
    pub runs: Option<Job>,
    /// Exactly these jobs, commands or values are offered, in any order.
    pub offers: Option<Vec<String>>,
    /// At least these are among the options of the question.
    pub options: Option<Vec<String>>,
    /// This command is answered ...
    pub answers: Option<String>,
    /// ... with at least these arguments.
    pub arguments: Option<Values>,
    pub cancelled: Option<bool>,
    pub rejected: Option<bool>,
    pub greets: Option<bool>,
    /// This courtesy is returned.
    pub courtesy: Option<Courtesy>,
    /// It is asked whether to keep the draft before going over to this job.
    pub switch: Option<String>,
    /// These drafts are listed.
    pub drafts: Option<Vec<String>>,
    /// This is said besides: `paused`, `stale`, `expired` ...
    pub note: Option<String>,
    /// The session speaks this language.
    pub language: Option<Language>,
    /// These words must not be kept.
    pub redacts: Option<Vec<String>>,
}

/// A template with values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    pub template: String,
    pub params: Values,
}

/// A script in one line of JSON.
pub fn from_json(line: &str) -> Script {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
}

/// Every script of every YAML file in a folder.
pub fn from_folder(folder: &str) -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).expect("a readable file");
            serde_saphyr::from_str::<Vec<Script>>(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .collect()
}

/// The titles of conversations that do not pass yet, with the reasons.
pub fn known_to_fail() -> BTreeMap<String, String> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/conversations-known-to-fail.yaml");
    let text = std::fs::read_to_string(&file).expect("a readable file");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn wednesday_afternoon() -> String {
    "2025-03-12T15:00".into()
}

fn shanghai() -> String {
    "Asia/Shanghai".into()
}

fn terminal() -> String {
    "terminal".into()
}
