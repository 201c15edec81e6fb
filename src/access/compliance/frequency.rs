//! How often something may run: runs counted apart for each user, template and so on.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::access::hours::later;
use crate::access::policy::RuleName;
use crate::access::request::Request;
use crate::store::{Batch, Expectation, Store, StoreError, Table};

const COUNTS: Table = "access_counts";

/// So many runs within a time, counted apart for each user, template and so on.
#[derive(Debug, Clone)]
pub(super) struct Frequency {
    pub runs: usize,
    pub within: SignedDuration,
    pub per: Vec<Per>,
    pub parameters: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Per {
    User,
    Template,
    Chat,
}

/// The runs that a frequency rule has counted, as they would be with this one.
#[derive(Debug, Clone)]
pub(super) struct Count {
    key: String,
    before: Option<serde_json::Value>,
    after: serde_json::Value,
}

impl Count {
    /// Adds the run to what was counted. The batch fails when another was counted meanwhile.
    pub fn put(&self, batch: Batch) -> Batch {
        let expected = match &self.before {
            Some(before) => Expectation::Is(before.clone()),
            None => Expectation::Absent,
        };
        batch.expect(COUNTS, &self.key, expected).put(COUNTS, &self.key, self.after.clone())
    }
}

/// What a frequency rule counted.
pub(super) struct Counted {
    /// With the one that is judged.
    pub runs: usize,
    pub row: Count,
}

impl Frequency {
    /// The runs within the time, with this one.
    pub async fn count(
        &self,
        rule: &RuleName,
        request: &Request<'_>,
        store: &dyn Store,
    ) -> Result<Counted, StoreError> {
        let key = self.key(rule, request);
        let before = store.get(COUNTS, &key).await?;
        // What can't be read any more counts as nothing: a row is never worth refusing all runs.
        let times: Vec<Timestamp> =
            before.clone().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default();
        let since = later(request.now, -self.within);
        let mut times: Vec<Timestamp> = times.into_iter().filter(|at| *at > since).collect();
        times.push(request.now);
        let after = serde_json::json!(times);
        Ok(Counted { runs: times.len(), row: Count { key, before, after } })
    }

    fn key(&self, rule: &RuleName, request: &Request) -> String {
        let part = |per: &Per| match per {
            Per::User => request.user.id.clone(),
            Per::Template => request.job.map(|j| j.facts.id.to_string()).unwrap_or_default(),
            Per::Chat => format!("{}\n{}", request.place.channel, request.place.chat),
        };
        let values = request.job.and_then(|job| job.values);
        let value = |name: &String| values.and_then(|v| v.get(name)).map(ToString::to_string);
        let parts: Vec<String> = self.per.iter().map(part).collect();
        let parameters: Vec<Option<String>> = self.parameters.iter().map(value).collect();
        let content = serde_json::json!([rule.name, parts, parameters]).to_string();
        hex::encode(Sha256::digest(content))
    }
}
