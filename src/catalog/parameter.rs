//! A parameter of a job template: what it is called, what it may be.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::{Argument, Localized, Value};

/// One parameter of a job template.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Unique within its template: `[a-z][a-z0-9_]*`.
    pub name: String,
    pub kind: ParameterType,
    pub required: bool,
    pub description: Localized,
    /// What it is called in front of people; its name where there is none.
    pub label: Option<Localized>,
    /// What may be chosen; empty unless `kind` is [`ParameterType::Choice`], or a list of choices.
    pub choices: Vec<Choice>,
    /// Always matched against the whole canonical value: the loader anchors it.
    pub pattern: Option<Regex>,
    /// Bounds of an integer or a number, both inclusive.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Canonical, and checked against the parameter's own rules when the catalogue is loaded.
    pub default: Option<Value>,
    /// The value names an entry of the platform's key store; a secret itself is never accepted.
    pub secret: bool,
    /// Where proposals for an open value come from.
    pub suggest: Option<Suggest>,
}

impl Parameter {
    /// What it decides about a run: which values there can be. Other words for them, and what is
    /// proposed, only decide what people are understood to say.
    pub(super) fn definition(&self) -> serde_json::Value {
        let Parameter {
            name,
            kind,
            required,
            description: _,
            label: _,
            choices,
            pattern,
            min,
            max,
            default,
            secret,
            suggest: _,
        } = self;
        let choices: Vec<&String> = choices.iter().map(|choice| &choice.value).collect();
        let pattern = pattern.as_ref().map(Regex::as_str);
        serde_json::json!([name, kind, required, choices, pattern, min, max, default, secret])
    }
}

/// One value of a choice, with the other words people use for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub value: String,
    #[serde(default)]
    pub synonyms: Vec<String>,
}

/// The source of suggested values: a command whose output lines are the values, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggest {
    pub command: Vec<Argument>,
}

/// The type of a parameter. What each accepts, and its canonical form, is said in `nlu::values`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ParameterType {
    String,
    Integer,
    Number,
    Boolean,
    Choice,
    Duration,
    Datetime,
    Version,
    Host,
    Ip,
    Url,
    Path,
    Email,
    Percent,
    Size,
    User,
    Branch,
    List,
}

impl Parameter {
    /// Whether it says when the job itself does its work, once it was started: a date and time
    /// called `at`.
    pub fn is_start(&self) -> bool {
        self.kind == ParameterType::Datetime && self.name == "at"
    }
}

impl ParameterType {
    /// Every type, for error messages and documentation.
    pub const ALL: &'static [ParameterType] = <ParameterType as strum::VariantArray>::VARIANTS;

    /// The name, as in `type: integer`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
