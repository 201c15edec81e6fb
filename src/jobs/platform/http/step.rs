//! One request to a platform, and what is taken from its answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::jobs::ExecutionState;

/// One request. Texts hold placeholders: `{job}`, `{key}`, `{requester}`, the settings, and what
/// was captured earlier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(default)]
    pub method: Method,
    pub path: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// A string that is one placeholder becomes its value, of whatever type: `"{parameters}"`.
    #[serde(default)]
    pub json: Option<Json>,
    /// Sent as a form; an entry whose value is an object is sent as its entries.
    #[serde(default)]
    pub form: Option<Map<String, Json>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A request, and what is taken from its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub request: Request,
    /// The entry of a list that is meant; the steps after it and this one's pointers see only it.
    #[serde(default)]
    pub select: Option<Select>,
    /// Names for later placeholders, by JSON pointer.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// The state when the entry or a captured value is not there (yet).
    #[serde(default)]
    pub missing: Option<ExecutionState>,
    #[serde(default)]
    pub state: Option<StateOf>,
    /// Where the platform says why, and how far it is (0 to 1, or 0 to 100).
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub progress: Option<String>,
    #[serde(default)]
    pub exit_code: Option<String>,
    #[serde(default)]
    pub text: Option<TextOf>,
    /// The steps after this one are done for each entry of a list: until one finds what it looks
    /// for, or, for output, all of them.
    #[serde(default)]
    pub each: Option<Each>,
}

/// One entry of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Where the list is; empty for the answer itself.
    pub from: String,
    /// By pointer, `*` for any place of a list: what must be there. Empty: the first entry.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, String>,
}

/// From the platform's words to a state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateOf {
    /// The first of these that holds something counts.
    pub pointers: Vec<String>,
    /// Compared as text; `null` where none of the pointers holds anything.
    pub map: BTreeMap<String, ExecutionState>,
    /// It was cancelled when all of this holds, whatever the word for its end.
    #[serde(default)]
    pub cancelled_if: BTreeMap<String, String>,
}

/// Where the output is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TextOf {
    /// The answer is the output.
    Raw,
    /// A text within the answer.
    At(String),
    /// One line for each entry of a list.
    Lines {
        from: String,
        line: String,
        /// What else an entry may hold: it follows the line, with colons between.
        #[serde(default)]
        also: Vec<String>,
        /// So many entries are a full answer: after it, the rest is asked for, `{offset}` being
        /// how many entries are known.
        #[serde(default)]
        page: Option<usize>,
    },
}

/// A list whose entries are gone through.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    pub from: String,
    pub capture: BTreeMap<String, String>,
}
