//! Acts: what a turn of the conversation amounts to, before anyone puts it into words.

use serde::{Deserialize, Serialize};

use crate::catalog::TemplateId;
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
        /// Why the value given last can't be taken.
        problem: Option<Problem>,
        /// What can be picked by number, name or button; empty for an open value.
        options: Vec<OptionItem>,
        /// How often this was asked before without an answer it could take.
        failures: u32,
    },
    /// Asks which of these was meant.
    Offers { options: Vec<OptionItem> },
    /// Shows a plan and waits for a yes.
    Plan { plan: Plan, changed: bool },
    /// A confirmed plan, to be authorised and run.
    Runs { plan: Plan },
    /// Answers a command.
    Answers { query: Query },
    /// The draft was dropped.
    Cancelled { template: Option<TemplateId> },
    /// Not understood, or nothing Steward does.
    Rejected,
}

/// What can be picked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionItem {
    pub pick: Pick,
    /// Shown where the catalogue has no name for it.
    pub text: String,
}

/// What picking an option means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "pick")]
pub enum Pick {
    Intent { label: Label },
    Value { parameter: String, value: crate::catalog::Value },
    NoneOfThese,
}

/// Why a value can't be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Problem {
    Value {
        error: ValueError,
    },
    /// Two parameters that must differ are equal (source and target).
    Same {
        other: String,
    },
}

/// A command with its arguments, as understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The command's id in `intents/commands.yaml`.
    pub command: TemplateId,
    /// Its arguments by name (`execution`, `job`, `time`, `user`, ...), in canonical form.
    pub arguments: crate::catalog::Values,
}
