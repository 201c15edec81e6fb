//! What a channel does for the bot.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Address, Outbound};
use crate::bot::Bot;

/// A way to talk with people. A new one is one file that implements this, and is named where
/// ARCHITECTURE.md says.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The name in its addresses: `terminal`, `telegram`, `web`.
    fn name(&self) -> &'static str;

    /// Whether one process at a time talks on it: because there is one place to hear things at, or
    /// one person to talk to.
    fn is_for_one(&self) -> bool {
        false
    }

    /// Hands what arrives to [`Bot::receive`], and acknowledges it only after that returned.
    /// Returns when the conversation is over or `shutdown` was given.
    async fn run(
        self: Arc<Self>,
        bot: Bot,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError>;

    /// Shows a message. Where its card was shown before, `shown` says as what, so that it can be
    /// replaced in place.
    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError>;

    /// Takes a message that somebody wrote out of a chat, because it holds a secret. A channel
    /// that shows nothing to others, or nothing with secrets, has nothing to do. Repeating it
    /// does no harm.
    async fn remove(&self, _chat: &Address, _message: &Receipt) -> Result<(), DeliveryError> {
        Ok(())
    }
}

/// The channel's own name for a message that it showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);

/// Why a message was not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may work later; not before `after`, where the channel says so.
    #[error("{reason}")]
    Later { reason: String, after: Option<Duration> },
    /// It never will: the chat is gone, or the message is nothing this channel can show.
    #[error("{0}")]
    Never(String),
}

/// Why a channel can't go on.
#[derive(Debug, thiserror::Error)]
#[error("{channel}: {reason}")]
pub struct ChannelError {
    pub channel: &'static str,
    pub reason: String,
}
