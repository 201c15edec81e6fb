//! An execution: one run of a job template, from its request to its end.

use std::fmt;
use std::time::Duration;

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
    /// What the run said about itself, in the order in which it first said it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// The targets (hosts, shards ...) on which the run failed, as it said itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_targets: Vec<FailedTarget>,
    /// The number of the execution that this one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<u64>,
    /// The schedule that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Somebody asked for its end: kept here because that may be before the platform has a name
    /// for the run, and must then wait for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_wanted: bool,
}

impl Execution {
    /// When it was asked for.
    pub fn requested_at(&self) -> Timestamp {
        self.history.first().map_or(Timestamp::UNIX_EPOCH, |change| change.at)
    }

    /// Whether nobody knows that its platform has it: it waits to be started, or whoever called the
    /// platform has not heard from it.
    pub fn may_be_unstarted(&self) -> bool {
        match self.state {
            ExecutionState::Queued => true,
            ExecutionState::Starting => self.reference.is_none(),
            _ => false,
        }
    }

    /// When the platform was called.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.entered(ExecutionState::Starting).or_else(|| self.entered(ExecutionState::Running))
    }

    /// When it ended.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.history.iter().find(|change| change.to.is_final()).map(|change| change.at)
    }

    /// How long it ran, from the call of the platform to its end; up to `now` while it runs.
    /// `None` before it was started.
    pub fn duration(&self, now: Timestamp) -> Option<Duration> {
        let span = self.ended_at().unwrap_or(now).duration_since(self.started_at()?);
        Some(Duration::try_from(span).unwrap_or_default())
    }

    fn entered(&self, state: ExecutionState) -> Option<Timestamp> {
        self.history.iter().find(|change| change.to == state).map(|change| change.at)
    }
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

    /// Whether an execution may go from this state to that one. A run can be over before anyone
    /// saw it running; nothing leaves a final state.
    pub fn may_become(self, next: ExecutionState) -> bool {
        use ExecutionState::*;
        match self {
            Queued => matches!(next, AwaitingApproval | Starting | Failed | Cancelled),
            AwaitingApproval => matches!(next, Queued | Starting | Failed | Cancelled),
            Starting => next == Running || next.is_final(),
            Running => next.is_final(),
            Succeeded | Failed | Cancelled | TimedOut | Lost => false,
        }
    }

    /// Every state, in the order of a run's life.
    pub const ALL: [ExecutionState; 9] = [
        ExecutionState::Queued,
        ExecutionState::AwaitingApproval,
        ExecutionState::Starting,
        ExecutionState::Running,
        ExecutionState::Succeeded,
        ExecutionState::Failed,
        ExecutionState::Cancelled,
        ExecutionState::TimedOut,
        ExecutionState::Lost,
    ];
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
    /// Why, where there is more to say than the state: one of [`reason`]'s codes, which the bot
    /// puts into words, or the platform's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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

/// What a run was using at one moment, all its processes together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds since the start.
    pub at: f64,
    /// Seconds of processor time since the start.
    pub cpu_seconds: f64,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Bytes read from and written to disks since the start.
    pub read: u64,
    pub written: u64,
}

/// A figure that a run gave with `::metric name=value unit::`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub name: String,
    pub value: f64,
    /// Empty where the run gave none.
    pub unit: String,
}

/// A target on which a run failed: `::target web-03 failed reason::`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTarget {
    pub target: String,
    /// In the run's own words; may be empty.
    pub reason: String,
}

/// Reasons of a [`StateChange`] that Steward itself gives, as codes.
pub mod reason {
    /// Steward stopped before the platform was called; nothing ran, and nothing will.
    pub const NEVER_STARTED: &str = "never_started";
    /// The platform no longer knows the run.
    pub const GONE: &str = "gone";
    /// The platform in question is no longer configured.
    pub const NO_PLATFORM: &str = "no_platform";
    /// The run went on longer than its template allows.
    pub const TIME_LIMIT: &str = "time_limit";
    /// Somebody asked for it.
    pub const CANCELLED: &str = "cancelled";

    /// Every code.
    pub const ALL: [&str; 5] = [NEVER_STARTED, GONE, NO_PLATFORM, TIME_LIMIT, CANCELLED];
}
