//! What every request has to do with.

use std::sync::Arc;

use axum::http::HeaderMap;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::followers::Followers;
use super::history::History;
use super::limits::Limits;
use super::place::Place;
use super::render::Renderer;
use super::sessions::{Session, Sessions};
use super::visit::caller;
use crate::access::{Identity, Refusal};
use crate::bot::Bot;
use crate::serving;
use crate::store::{Store, StoreError};

/// The server's parts.
pub(super) struct App {
    pub bot: Bot,
    pub place: Place,
    pub history: Arc<History>,
    pub sessions: Sessions,
    pub limits: Limits,
    pub renderer: Renderer,
    pub followers: Arc<Followers>,
    pub shutdown: CancellationToken,
}

impl App {
    pub fn new(
        bot: Bot,
        place: Place,
        history: Arc<History>,
        store: Arc<dyn Store>,
        shutdown: CancellationToken,
    ) -> Arc<App> {
        Arc::new(App {
            bot,
            place,
            history,
            sessions: Sessions::new(store),
            limits: Limits::default(),
            renderer: Renderer::new(),
            followers: Arc::new(Followers::new(serving::places() / 2)),
            shutdown,
        })
    }

    /// Whether a session was begun by this user, and not ended since by an operator.
    ///
    /// # Errors
    ///
    /// When that can't be read.
    pub async fn is_of(&self, session: &Session, user: &str) -> Result<bool, Refusal> {
        let ended = self.bot.access().sessions_ended(user).await?;
        Ok(session.user == user && ended.is_none_or(|ended| ended < session.began()))
    }

    /// Ends the sessions of whoever was disabled, lost their account, or was logged out: at the
    /// start, and whenever the users change, whether or not they ask for anything meanwhile.
    pub async fn end_sessions(self: Arc<App>) {
        let mut changes = self.bot.access().changes();
        loop {
            if let Err(error) = self.forget_sessions().await {
                tracing::error!(%error, "sessions that are over are still there");
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = self.shutdown.cancelled() => return,
            }
        }
    }

    async fn forget_sessions(&self) -> Result<(), StoreError> {
        let (now, mut over) = (Timestamp::now(), Vec::new());
        for (key, session) in self.sessions.list().await? {
            let caller = caller(self, &HeaderMap::new(), &session.account);
            let goes_on = match self.bot.access().identify(&caller.address, &caller.sender).await {
                // What can't be said now, each request asks again.
                Ok(Identity::Known(user)) => self.is_of(&session, &user.id).await.unwrap_or(true),
                Ok(Identity::Unknown { .. } | Identity::Disabled { .. }) => false,
                Err(_) => true,
            };
            if session.expires <= now || !goes_on {
                over.push(key);
            }
        }
        self.sessions.forget(over).await
    }
}
