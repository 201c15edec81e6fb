//! A job template: one thing Steward can be asked to run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Localized, Parameter};

/// The identifier of a job template or a command: `[a-z][a-z0-9_]*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(pub String);

impl TemplateId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TemplateId {
    fn from(id: &str) -> Self {
        TemplateId(id.to_owned())
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One job that can be asked for, as written in `intents/jobs/<id>.yaml`.
#[derive(Debug, Clone)]
pub struct JobTemplate {
    pub id: TemplateId,
    pub name: Localized,
    pub description: Localized,
    pub tags: Vec<String>,
    pub risk: Risk,
    pub collect: Collect,
    /// In the order in which they are asked.
    pub parameters: Vec<Parameter>,
    pub run: RunSpec,
    /// Asked before a run is dispatched: a command whose exit status says whether it may go on.
    pub check: Option<Check>,
    pub reply: ReplyTemplates,
    /// Names of the chats or groups (see the configuration) told of every run.
    pub notify: Vec<String>,
    /// The template that undoes this one ("roll it back"); parameters of the same name carry over.
    pub inverse: Option<TemplateId>,
    /// Groups of parameters whose values must differ from each other: source and target.
    pub differ: Vec<Vec<String>>,
    /// Known causes of failure, shown when the output matches.
    pub hints: Vec<Hint>,
    /// What a run keeps to itself: two runs of any templates whose locks name the same kinds
    /// with a value in common for each never overlap. Empty: no lock.
    pub lock: Vec<LockPart>,
}

/// One part of a lock's target: a kind of thing, and the parameters that name things of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockPart {
    /// `environment`, `database`: what templates agree on, however their parameters are called.
    pub kind: String,
    /// Every one of their values is locked.
    pub parameters: Vec<String>,
}

impl JobTemplate {
    /// What this template decides about a run, as a digest: a plan that was shown under one
    /// definition is not run under another. What is only said or asked (names, descriptions,
    /// suggestions, hints, replies) is no part of it.
    pub fn definition(&self) -> Definition {
        // Taken apart, so that a new field can't be forgotten here.
        let JobTemplate {
            id,
            name: _,
            description: _,
            tags,
            risk,
            collect: _,
            parameters,
            run: RunSpec { platform, described, target, names, timeout },
            check,
            reply: _,
            notify: _,
            inverse,
            differ,
            hints: _,
            lock,
        } = self;
        let parameters: Vec<_> = parameters.iter().map(Parameter::definition).collect();
        let check = check.as_ref().map(|Check { command, timeout }| json!([command, timeout]));
        let run = json!([platform, described, target, names, timeout]);
        let content = json!([id, tags, risk, parameters, run, check, inverse, differ, lock]);
        Definition(hex::encode(Sha256::digest(content.to_string())))
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }
}

/// A fingerprint of what a template decides about a run: 64 hexadecimal digits. The default is
/// none at all, which is never the one of a template: what was stored before there were
/// definitions counts as changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Definition(String);

impl Definition {
    /// Whether nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        self.0.is_empty()
    }
}

/// How much harm a job can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    Low,
    Medium,
    High,
}

/// Which parameters are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collect {
    /// Only what is required and missing.
    #[default]
    Required,
    /// Optional ones too, and whether each default should be used, one by one.
    Full,
}

/// What is run, where, and for how long at most.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// `local`, or the name of a file in `intents/platforms/`.
    pub platform: String,
    /// SHA-256 over the platform's file, in hexadecimal; empty for `local`, which has none.
    pub described: String,
    pub target: Target,
    /// What the platform calls parameters that have another name there.
    pub names: BTreeMap<String, String>,
    pub timeout: Duration,
}

/// What a platform is asked to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Target {
    /// An argument vector for the local platform. Never a shell line.
    Command(Vec<Argument>),
    /// The name of a job on a remote platform; parameters travel as JSON.
    Job(String),
}

/// One element of an argument vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Argument {
    Literal(String),
    /// Replaced by the value of this parameter, as one whole argument.
    Parameter(String),
    /// Arguments that are left out together when one of their parameters has no value:
    /// `[--at, "{at}"]`.
    Group(Vec<Argument>),
}

/// A question to a command before the run: exit status 0 goes on, any other refuses with the
/// first line of the output as the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub command: Vec<Argument>,
    pub timeout: Duration,
}

/// Optional minijinja templates for what is said when a run starts and ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplyTemplates {
    pub ack: Option<Localized>,
    pub result: Option<Localized>,
}

/// A known cause of failure.
#[derive(Debug, Clone)]
pub struct Hint {
    /// Searched in each line of the output.
    pub pattern: regex::Regex,
    pub cause: Localized,
}
