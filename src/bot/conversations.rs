//! Conversations: the messages of one are handled one after the other, by one process.

use std::time::{Duration, Instant};

use super::intake::{self, Waiting};
use super::{Bot, handle};
use crate::observe;
use crate::store::{Claim, StoreError};

/// Waits between attempts to handle a message while the store fails.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(60);

/// While another process sees to a conversation, it is asked so often whether it still does.
const ELSEWHERE: Duration = Duration::from_millis(50);

/// The claim of a conversation.
pub(super) fn claim_of(conversation: &str) -> String {
    format!("conversation/{conversation}")
}

impl Bot {
    /// Says that there may be messages in a conversation.
    pub(super) fn wake(&self, conversation: String) {
        let bot = self.clone();
        self.core().lanes.wake(conversation, move |conversation| {
            let bot = bot.clone();
            async move { bot.drain(&conversation).await }
        });
    }

    /// Handles the messages of a conversation, one after the other.
    async fn drain(&self, conversation: &str) {
        let mut wait = FIRST_WAIT;
        let mut claim = None;
        let shutdown = self.core().shutdown.clone();
        while !shutdown.is_cancelled() {
            match self.step(conversation, &mut claim).await {
                Ok(Step::Handled) => wait = FIRST_WAIT,
                Ok(Step::Nothing) => return,
                Ok(Step::Elsewhere) => tokio::time::sleep(ELSEWHERE).await,
                // Somebody else handled it; what is left is read again.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => {
                    tracing::error!(conversation, %error, ?wait, "a message has to wait");
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = shutdown.cancelled() => return,
                    }
                    wait = (wait * 2).min(LAST_WAIT);
                }
            }
        }
    }

    /// Handles the next message of a conversation, once this process sees to that.
    async fn step(
        &self,
        conversation: &str,
        claim: &mut Option<Claim>,
    ) -> Result<Step, StoreError> {
        let core = self.core();
        if claim.is_none() {
            *claim = core.claims.take(claim_of(conversation)).await?;
        }
        let Some(waiting) = intake::next(&*core.store, conversation).await? else {
            return Ok(Step::Nothing);
        };
        if claim.is_none() {
            return Ok(Step::Elsewhere);
        }
        let (begun, message) = (Instant::now(), waiting.clone());
        // In a task of its own: a bug that one message runs into must not end its conversation.
        match tokio::spawn(async move { handle::handle(&core, &message).await }).await {
            Ok(handled) => {
                handled?;
                observe::handled(&waiting.inbound.address.channel, begun.elapsed());
                Ok(Step::Handled)
            }
            Err(crash) => {
                self.give_up(&waiting, &crash.to_string()).await?;
                Ok(Step::Handled)
            }
        }
    }

    async fn give_up(&self, waiting: &Waiting, story: &str) -> Result<(), StoreError> {
        handle::give_up(&self.core(), waiting, story).await
    }
}

/// What became of an attempt to handle the next message of a conversation.
enum Step {
    Handled,
    Nothing,
    /// Another process sees to it.
    Elsewhere,
}
