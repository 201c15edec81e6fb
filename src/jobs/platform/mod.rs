//! Job platforms: where runs really happen, behind one trait.
//!
//! **Architecture Invariant:** only the files of this folder know a platform. Values are data:
//! the local platform runs an argument vector, a remote one gets JSON, and no value ever meets
//! a shell.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access::AuthorizedRun;
use crate::jobs::{ExecutionState, Outcome};

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
    /// "started" is settled without starting anything.
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
}

/// Ties one execution to at most one run on its platform: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(pub String);

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
