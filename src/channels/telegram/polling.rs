//! Long polling: updates are fetched, stored, and only then confirmed by asking for the next.

use std::time::Duration;

use teloxide::payloads::GetUpdatesSetters;
use teloxide::prelude::Requester;
use teloxide::types::AllowedUpdate;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::errors::Fault;
use super::reception::Reception;

/// So long Telegram holds a call when there is nothing.
pub(super) const LONGEST: Duration = Duration::from_secs(25);

/// The updates that Steward has a use for.
pub(super) fn wanted() -> Vec<AllowedUpdate> {
    vec![AllowedUpdate::Message, AllowedUpdate::CallbackQuery]
}

/// Takes updates until `shutdown`.
///
/// # Errors
///
/// When Telegram does not accept the token.
pub(super) async fn run(reception: &Reception, shutdown: &CancellationToken) -> Result<(), String> {
    let mut backoff = Backoff::default();
    // A webhook that was set before would keep all updates to itself.
    let mut webhook = true;
    let mut offset = None;
    while !shutdown.is_cancelled() {
        let round = async {
            if webhook {
                reception.api.delete_webhook().await?;
                webhook = false;
            }
            fetch(reception, &mut offset).await
        };
        let fetched = tokio::select! {
            fetched = round => fetched,
            () = shutdown.cancelled() => return Ok(()),
        };
        match fetched {
            Ok(()) => backoff.succeeded(),
            Err(Fault::Unauthorized) => return Err(super::REFUSED.to_owned()),
            Err(fault) => backoff.failed("updates can't be fetched", &fault, shutdown).await,
        }
    }
    Ok(())
}

/// Fetches what is new and hands it over, one after the other. The offset moves behind an update
/// once that is stored.
async fn fetch(reception: &Reception, offset: &mut Option<i32>) -> Result<(), Fault> {
    let seconds = u32::try_from(LONGEST.as_secs()).unwrap_or(u32::MAX);
    let mut call = reception.api.get_updates().timeout(seconds).allowed_updates(wanted());
    call.offset = *offset;
    for update in call.await? {
        let id = update.id.0;
        reception.take(update).await.map_err(|error| Fault::Later {
            reason: format!("an update could not be stored: {error}"),
            after: None,
        })?;
        *offset = i32::try_from(id).ok().and_then(|id| id.checked_add(1));
    }
    Ok(())
}
