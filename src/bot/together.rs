//! Working beside others on one store: taking up what nobody sees to.
//!
//! Each process handles what it hears, watches what it starts, and tells what it noticed. What a
//! process that is gone leaves behind is found here: nobody claims it any more.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::conversations::claim_of;
use super::{Bot, BotError, Core, dispatch, intake};
use crate::store::StoreError;

/// How often it is looked for messages that nobody sees to.
const LOOK: Duration = Duration::from_millis(500);

/// It is looked for runs that nobody watches at every so manieth look.
const LOOKS: u32 = 4;

/// It is looked for plans that came to nothing at every so manieth look.
const SELDOM: u32 = 120;

/// Between a confirmation and the start of its run lies less than this, in a process that is
/// alive.
const BEGINNING: SignedDuration = SignedDuration::from_secs(5);

/// Between the permission to run and the record of the run lies less than this, even where the
/// database is slow.
const RECORDING: SignedDuration = SignedDuration::from_mins(2);

/// Looks until Steward stops.
pub(super) async fn run(bot: Bot) {
    let shutdown = bot.core().shutdown.clone();
    let mut looks: u32 = 0;
    while !shutdown.is_cancelled() {
        let core = bot.core();
        if let Err(error) = look(&bot, &core, looks).await {
            tracing::warn!(%error, "what others left has to wait");
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn look(bot: &Bot, core: &std::sync::Arc<Core>, looks: u32) -> Result<(), BotError> {
    messages(bot, core).await?;
    core.outbox.resume().await?;
    let now = Timestamp::now();
    if looks.is_multiple_of(LOOKS) {
        let left = core.monitor.adopt().await?;
        dispatch::go_on(core, &left, BEGINNING, now).await?;
    }
    if looks.is_multiple_of(SELDOM) {
        dispatch::free(core, RECORDING, now).await?;
    }
    Ok(())
}

/// Handles messages of conversations that nobody sees to.
async fn messages(bot: &Bot, core: &Core) -> Result<(), StoreError> {
    let waiting = intake::conversations(&*core.store).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let claimed: HashSet<String> = core.store.claimed(&claim_of("")).await?.into_iter().collect();
    for conversation in waiting {
        if !claimed.contains(&claim_of(&conversation)) {
            bot.wake(conversation);
        }
    }
    Ok(())
}
