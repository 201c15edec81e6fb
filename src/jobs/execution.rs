//! An execution: one run of a job template, from its request to its end.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::{TemplateId, Values};
use crate::channels::Address;
use crate::jobs::platform::{IdempotencyKey, Reference};
use crate::plan::PlanHash;

/// One run of a job template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// What people call it: `#1042`. Unique, ascending.
    pub number: u64,
    /// Stored before the platform is called; the platform is never started twice for one key.
    pub key: IdempotencyKey,
    pub template: TemplateId,
    pub values: Values,
    pub plan: PlanHash,
    /// The Steward user who asked.
    pub requester: String,
    /// Where it was asked, and where it is reported.
    pub origin: Address,
    pub platform: String,
    /// The platform's name for the run, once it has one.
    pub reference: Option<Reference>,
    pub state: ExecutionState,
    /// Every change of state, the first at the request.
    pub history: Vec<StateChange>,
    /// Progress from the output: steps done of all, and their text.
    pub progress: Option<(u32, u32, String)>,
    pub outcome: Option<Outcome>,
}

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionState {
    Queued,
    AwaitingApproval,
    Starting,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    /// It was running when Steward or its platform died, and nobody can say how it ended.
    Lost,
}

impl ExecutionState {
    /// Whether nothing can change any more.
    pub fn is_final(self) -> bool {
        use ExecutionState::*;
        matches!(self, Succeeded | Failed | Cancelled | TimedOut | Lost)
    }
}

impl fmt::Display for ExecutionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExecutionState::Queued => "queued",
            ExecutionState::AwaitingApproval => "awaiting_approval",
            ExecutionState::Starting => "starting",
            ExecutionState::Running => "running",
            ExecutionState::Succeeded => "succeeded",
            ExecutionState::Failed => "failed",
            ExecutionState::Cancelled => "cancelled",
            ExecutionState::TimedOut => "timed_out",
            ExecutionState::Lost => "lost",
        })
    }
}

/// One change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    pub to: ExecutionState,
    pub at: Timestamp,
    /// Why, where there is more to say than the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `None` where the platform has no such thing, or a signal ended it.
    pub exit_code: Option<i32>,
    /// What the platform said about it.
    pub message: Option<String>,
    pub resources: Option<Resources>,
}

/// What a run used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Resources {
    /// Seconds of processor time, user and system.
    pub cpu_seconds: f64,
    /// Largest resident set, in bytes.
    pub max_memory: u64,
    /// Blocks of 512 bytes read and written.
    pub blocks_read: u64,
    pub blocks_written: u64,
}
