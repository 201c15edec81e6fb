//! The plan: a job template with values, as shown to the person who asked, before anything runs.
//!
//! A plan's hash binds what was shown to what was confirmed, approved and started.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::{Definition, TemplateId, Value, Values};
use crate::channels::Address;
use crate::jobs::schedule::When;

/// A job template with values, for one requester in one place, not yet run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub template: TemplateId,
    /// What the template decided about a run when the plan was made. It is not run under another.
    #[serde(default, skip_serializing_if = "Definition::is_unknown")]
    pub definition: Definition,
    /// Every value that the run would get, with where it came from.
    pub values: BTreeMap<String, Given>,
    /// The Steward user who asked (see `access::identity`).
    pub requester: String,
    /// Where it was asked: a confirmation from elsewhere does not count.
    pub scope: Address,
    /// After this moment a confirmation no longer counts.
    pub expires: jiff::Timestamp,
    /// When it shall run: `None` as soon as it is confirmed, else by a schedule that is made then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// The schedule whose place the one that is made then takes, by its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u64>,
}

impl Plan {
    /// SHA-256 over template, values, requester, scope, expiry, when it shall run, in place of what,
    /// and how the template was defined. Where a value came from is not part of it: the same plan said in other words is the
    /// same plan.
    pub fn hash(&self) -> PlanHash {
        let content = serde_json::json!([
            self.template,
            self.plain_values(),
            self.requester,
            self.scope,
            self.expires,
            self.when,
            self.replaces,
        ]);
        let mut digest = Sha256::new_with_prefix(content.to_string());
        // One that was stored before there were definitions is still found by its hash.
        if !self.definition.is_unknown() {
            digest.update(serde_json::json!(self.definition).to_string());
        }
        PlanHash(hex::encode(digest.finalize()))
    }

    /// When it first runs, if it is confirmed now.
    pub fn begins(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        self.when.as_ref().and_then(|when| when.next_after(now)).unwrap_or(now)
    }

    /// The values without their sources.
    pub fn plain_values(&self) -> Values {
        self.values.iter().map(|(name, given)| (name.clone(), given.value.clone())).collect()
    }
}

/// The fingerprint of a [`Plan`]: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(pub String);

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub value: Value,
    pub source: Source,
}

/// Where a value came from, shown with it in every summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// Said in these words.
    Said { words: String },
    /// Picked from options.
    Chosen,
    /// The template's default.
    Default,
    /// Taken over from an earlier execution or an earlier turn ("it", "again").
    CarriedOver,
}
