//! Job platforms: where runs really happen, behind one trait.
//!
//! **Architecture Invariant:** only the files of this folder know a platform. Values are data:
//! the local platform runs an argument vector, a remote one gets JSON, and no value ever meets
//! a shell.

pub mod http;
pub mod local;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use sha2::{Digest, Sha256};

use crate::access::AuthorizedRun;
use crate::catalog::{Catalog, JobTemplate, Shelf, TemplateId};
use crate::jobs::{ExecutionState, Outcome, Sample};

/// A place that runs jobs.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Starts the run, once per key: called again with a key it has seen, it returns the same
    /// reference and starts nothing.
    async fn start(
        &self,
        run: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Result<Reference, PlatformError>;

    /// The run that was started with this key, if there is one: how a crash between "stored" and
    /// "started" is settled without starting anything. After `None`, nothing that was begun
    /// earlier under this key starts any more, so the answer stays true.
    async fn find(&self, key: &IdempotencyKey) -> Result<Option<Reference>, PlatformError>;

    /// How the run stands.
    async fn status(&self, reference: &Reference) -> Result<Status, PlatformError>;

    /// Asks the run to end. Whether it did, `status` will say.
    async fn cancel(&self, reference: &Reference) -> Result<(), PlatformError>;

    /// Output from a byte offset on, at most `limit` bytes.
    async fn log(
        &self,
        reference: &Reference,
        from: u64,
        limit: usize,
    ) -> Result<LogChunk, PlatformError>;

    /// What the run used over time, oldest first; empty where the platform doesn't measure it.
    async fn usage(&self, _reference: &Reference) -> Result<Vec<Sample>, PlatformError> {
        Ok(Vec::new())
    }
}

/// The platforms by the names that templates know them by.
pub type Platforms = BTreeMap<String, Arc<dyn Platform>>;

/// The catalogue as a platform sees it: the template of an id, as it is now.
pub trait Templates: Send + Sync {
    fn template(&self, id: &TemplateId) -> Option<Arc<JobTemplate>>;
}

/// The template that a run was authorised for. The catalogue may change between the authorisation
/// and the start; what nobody saw does not run.
///
/// # Errors
///
/// [`PlatformError::Refused`] where it is not there, or not as it was.
fn template_of(
    templates: &dyn Templates,
    run: &AuthorizedRun,
) -> Result<Arc<JobTemplate>, PlatformError> {
    let id = run.template();
    match templates.template(id) {
        Some(template) if template.definition() == *run.definition() => Ok(template),
        Some(_) => {
            let text = format!("the job '{id}' was changed since the plan was shown; ask again");
            Err(PlatformError::Refused(text))
        }
        None => Err(PlatformError::Refused(format!("the catalogue has no template '{id}'"))),
    }
}

impl Templates for Catalog {
    fn template(&self, id: &TemplateId) -> Option<Arc<JobTemplate>> {
        self.job(id).cloned().map(Arc::new)
    }
}

impl Templates for Shelf {
    fn template(&self, id: &TemplateId) -> Option<Arc<JobTemplate>> {
        self.catalog().template(id)
    }
}

/// Ties one execution to at most one run on its platform: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(pub String);

impl IdempotencyKey {
    /// The key of something that happens at most once: equal parts give equal keys.
    pub fn derive(parts: &[&str]) -> IdempotencyKey {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let mut digits = hex::encode(hash.finalize());
        digits.truncate(32);
        IdempotencyKey(digits)
    }

    /// A key that was never used before.
    pub fn random() -> IdempotencyKey {
        IdempotencyKey(format!("{:032x}", rand::random::<u128>()))
    }

    /// Whether this is 32 hexadecimal digits in lower case: safe as a file name and in a URL.
    pub fn is_valid(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

/// The platform's own name for a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub String);

/// How a run stands on its platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    pub state: ExecutionState,
    /// Set once the state is final.
    pub outcome: Option<Outcome>,
    /// From 0 to 1, where the platform itself says.
    pub progress: Option<f32>,
}

/// A piece of a run's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    pub text: String,
    /// Where to go on reading.
    pub next: u64,
    /// Nothing more will come.
    pub complete: bool,
}

/// Why a platform could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The run could not be started, and was not.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered, or not in time: whether anything happened is unknown, ask again.
    #[error("{platform} did not answer: {reason}")]
    Unreachable { platform: String, reason: String },
    #[error("{platform} does not know the run {reference}")]
    Unknown { platform: String, reference: String },
    #[error("{platform} refused the credentials: {reason}")]
    Credentials { platform: String, reason: String },
    #[error("{platform} answered something unexpected: {reason}")]
    Protocol { platform: String, reason: String },
}
