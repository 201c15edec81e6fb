//! Values of parameters, in their canonical form.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The values of a plan or a run, by parameter name. Ordered, so that a hash over it is stable.
pub type Values = BTreeMap<String, Value>;

/// A value in canonical form, as it is shown, hashed, stored and handed to a platform.
///
/// Types without a JSON counterpart are texts in one fixed spelling: a date-time is
/// `2025-03-12T23:00` (local to the user's time zone, seconds only where given), a duration
/// `25m` or `1h30m`, a percentage `20%`, a size `512Mi` or `20GB`, a version as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<String>),
}

impl Value {
    /// The value as one argument of a command or one line of a summary. A list is joined by
    /// commas.
    pub fn to_argument(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(b) => write!(f, "{b}"),
            Value::Integer(i) => write!(f, "{i}"),
            Value::Number(n) => write!(f, "{n}"),
            Value::Text(t) => f.write_str(t),
            Value::List(items) => f.write_str(&items.join(",")),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    /// The largest integer stands for numbers beyond it.
    fn from(number: u64) -> Self {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
