//! What a turn is told: the input, and what the bot looked up for it beforehand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Pick;
use crate::catalog::{Collect, Language, TemplateId, Value, Values};
use crate::jobs::schedule::When;
use crate::jobs::{ExecutionState, Recovery};
use crate::plan::PlanHash;

/// What came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Words.
    Text(String),
    /// An option was picked by its button.
    Pick(Pick),
    /// A form was sent: a job, with what stands in the fields of its parameters.
    Form { template: TemplateId, fields: BTreeMap<String, String> },
    /// The yes button of the plan with this hash. Counts only while that plan is the live one.
    Confirm(PlanHash),
    /// The no button of the plan with this hash.
    Decline(PlanHash),
}

/// What the bot looked up for a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// The user's executions, the latest first.
    pub executions: Vec<Ran>,
    /// The values that a template's own commands propose, as far as they were looked up: the
    /// names that there are.
    pub known: BTreeMap<Lookup, Vec<Value>>,
    /// Values the user gave before, by parameter name, the most used first.
    pub used: BTreeMap<String, Vec<Value>>,
    pub preferences: Preferences,
    /// What is to run later for this user, what is due first before the rest.
    pub schedules: Vec<Scheduled>,
    /// Requests of others wait for this user to decide; without any, deciding is offered to nobody.
    pub has_to_decide: bool,
    /// Requests of this user's own wait for others to decide.
    pub waits_for_others: bool,
    /// The templates this user may run: nothing else is offered or completed. `None`: all.
    pub allowed: Option<BTreeSet<TemplateId>>,
}

impl Memory {
    /// Whether the user may be offered a template.
    pub fn allows(&self, template: &TemplateId) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(template))
    }

    /// The values that are known for a parameter of a template.
    pub(super) fn known(&self, template: &TemplateId, parameter: &str) -> &[Value] {
        let lookup = Lookup { template: template.clone(), parameter: parameter.to_owned() };
        self.known.get(&lookup).map_or(&[], Vec::as_slice)
    }

    /// The user's execution of that number.
    pub fn execution(&self, number: u64) -> Option<&Ran> {
        self.executions.iter().find(|ran| ran.number == number)
    }
}

/// A parameter whose possible values can be looked up: its template says how (`suggest`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    pub template: TemplateId,
    pub parameter: String,
}

/// An earlier execution, as far as a conversation refers to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    pub number: u64,
    pub template: TemplateId,
    pub values: Values,
    pub state: ExecutionState,
    /// The targets that failed, and the parameter they were given by; empty where the run had
    /// one target or none is known.
    pub failed: Option<FailedTargets>,
    /// What is offered after it, where it did not succeed, in that order.
    pub recovery: Vec<Recovery>,
    pub requested: Timestamp,
}

/// A schedule, as far as a conversation changes what it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    pub number: u64,
    pub template: TemplateId,
    pub values: Values,
    pub when: When,
}

/// The targets of an execution that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedTargets {
    pub parameter: String,
    pub targets: Vec<String>,
}

/// What a user set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// Always answer in this language; `None`: in the one spoken.
    pub language: Option<Language>,
    /// Ask for optional values too; `None`: as the template says.
    pub collect: Option<Collect>,
}

/// How the dialogue behaves; from the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// A session in which nothing was said for this long has expired.
    pub session_expiry: SignedDuration,
    /// A plan that is this old can't be confirmed any more.
    pub plan_expiry: SignedDuration,
    /// After so many unusable answers to one question, help and a way out are offered.
    pub patience: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            session_expiry: SignedDuration::from_mins(30),
            plan_expiry: SignedDuration::from_mins(30),
            patience: 3,
        }
    }
}
