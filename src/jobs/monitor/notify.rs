//! What the monitor tells, and to whom.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::channels::Address;
use crate::jobs::report::Report;
use crate::jobs::{Execution, StateChange};

/// Takes notices: the bot, which turns them into messages.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Takes a notice over. Changes and ends are told again until this succeeded once, so it must
    /// not succeed before the messages are stored; after a crash, one may be told again under
    /// the same [`Notice::id`].
    async fn notify(&self, notice: Notice) -> Result<(), NotifyError>;
}

/// Why a notice was not taken; it will be told again.
#[derive(Debug, thiserror::Error)]
#[error("the notice could not be passed on: {0}")]
pub struct NotifyError(pub String);

/// Something that happened to an execution.
#[derive(Debug, Clone)]
pub struct Notice {
    /// As it is now, its progress included.
    pub execution: Execution,
    /// Who wants to know.
    pub subscribers: Vec<Subscriber>,
    pub news: News,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum News {
    /// The state changed, by these steps; it isn't final. Several steps that follow one another
    /// quickly are told together.
    Changed(Vec<StateChange>),
    /// The run came further. May be told late or not at all, and is told at most every two
    /// seconds.
    Progress {
        /// How long it will probably go on, from its pace or from earlier runs.
        left: Option<Duration>,
    },
    /// It is over.
    Ended(Box<Report>),
}

impl Notice {
    /// Equal for a notice that is told again: `#1042` and the position of its last change.
    pub fn id(&self) -> String {
        format!("{}/{}", self.execution.number, self.execution.history.len())
    }
}

/// Somebody who follows an execution from a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subscriber {
    pub address: Address,
    /// The Steward user.
    pub user: String,
}
