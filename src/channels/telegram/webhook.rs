//! The webhook: Telegram brings each update, and it is acknowledged once it is stored.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use teloxide::payloads::SetWebhookSetters;
use teloxide::prelude::Requester;
use teloxide::types::Update;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::errors::Fault;
use super::polling::wanted;
use super::reception::Reception;
use crate::config::Webhook;
use crate::serving;

/// Proves that Telegram is calling.
const HEADER: &str = "x-telegram-bot-api-secret-token";

/// An update is far smaller.
const LARGEST: usize = 1 << 20;

/// What a call needs.
struct Door {
    reception: Arc<Reception>,
    /// Updates are stored one at a time, in the order in which they come.
    turn: Mutex<()>,
    secret: String,
}

/// Takes updates until `shutdown`.
///
/// # Errors
///
/// When the address can't be listened on, or Telegram does not accept the token or the webhook.
pub(super) async fn run(
    reception: Arc<Reception>,
    webhook: &Webhook,
    shutdown: &CancellationToken,
) -> Result<(), String> {
    let listener = TcpListener::bind(webhook.listen)
        .await
        .map_err(|e| format!("the webhook can't listen on {}: {e}", webhook.listen))?;
    // Made anew at each start, and so never written down: Telegram sends what it was told last.
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let door = Door { reception: Arc::clone(&reception), turn: Mutex::new(()), secret };
    let door = Arc::new(door);
    let router = Router::new()
        .route(webhook.url.path(), post(enter))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Arc::clone(&door));
    let serving = serving::serve(listener, router, serving::places(), shutdown.clone());
    let (serving, announced) = tokio::join!(serving, async {
        let announced = announce(&reception, webhook, &door.secret, shutdown).await;
        if announced.is_err() {
            shutdown.cancel();
        }
        announced
    });
    announced?;
    serving.map_err(|e| format!("the webhook broke: {e}"))
}

/// Tells Telegram where to bring updates.
async fn announce(
    reception: &Reception,
    webhook: &Webhook,
    secret: &str,
    shutdown: &CancellationToken,
) -> Result<(), String> {
    let mut backoff = Backoff::default();
    while !shutdown.is_cancelled() {
        let call = reception
            .api
            .set_webhook(webhook.url.clone())
            .secret_token(secret)
            .allowed_updates(wanted())
            // More than one at a time could overtake each other.
            .max_connections(1);
        match call.await.map_err(Fault::from) {
            Ok(_) => {
                backoff.succeeded();
                return Ok(());
            }
            Err(Fault::Unauthorized) => return Err(super::REFUSED.to_owned()),
            Err(Fault::Never(reason)) => {
                return Err(format!(
                    "Telegram does not take the webhook {}: {reason}",
                    webhook.url
                ));
            }
            Err(fault) => backoff.failed("the webhook can't be set", &fault, shutdown).await,
        }
    }
    Ok(())
}

/// One call. What is not acknowledged is brought again.
async fn enter(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers.get(HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    // Digests are compared, so that the time it takes says nothing about the secret.
    if Sha256::digest(given) != Sha256::digest(door.secret.as_bytes()) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(update) = serde_json::from_slice::<Update>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let _turn = door.turn.lock().await;
    match door.reception.take(update).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "an update could not be stored");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
