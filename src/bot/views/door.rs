//! Coming in, being there, and leaving.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::{ApiToken, Context, Entrance, Permission, Refusal};
use crate::catalog::Language;

/// Somebody who looks around: what every page says about them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visitor {
    /// The Steward user's id.
    pub user: String,
    pub name: String,
    pub language: Language,
    pub may_see_schedules: bool,
    pub may_approve: bool,
    pub may_audit: bool,
    /// Runs that wait for this person's approval.
    pub waiting: usize,
    /// For every moment that is shown.
    #[serde(skip)]
    pub zone: TimeZone,
}

impl Bot {
    /// Who would log in by a one-time link on a channel; it is not used up.
    ///
    /// # Errors
    ///
    /// When the link is wrong, used or expired, or its user may not come in here.
    pub async fn look_at_link(&self, secret: &str, channel: &str) -> Result<Entrance, Refusal> {
        self.core().access.look_at_link(secret, channel, Timestamp::now()).await
    }

    /// Logs somebody in by a one-time link, which is used up. `origin` is the network address it
    /// came from.
    ///
    /// # Errors
    ///
    /// As [`Bot::look_at_link`], and when it can't be written down.
    pub async fn log_in(
        &self,
        secret: &str,
        channel: &str,
        origin: Option<String>,
    ) -> Result<Entrance, Refusal> {
        let context = Context { origin, ..Context::default() };
        self.core().access.log_in(secret, channel, &context, Timestamp::now()).await
    }

    /// Writes down that somebody logged out.
    ///
    /// # Errors
    ///
    /// When they are nobody here, or it can't be written down.
    pub async fn logged_out(&self, caller: &Caller) -> Result<(), ViewError> {
        let seat = self.seat(caller).await?;
        let written = seat.core.access.logged_out(&seat.user.id, seat.address, seat.now).await;
        written.map_err(|refusal| seat.failed(refusal, "logging out"))
    }

    /// Whose API token it is.
    ///
    /// # Errors
    ///
    /// When the token is wrong, revoked or expired, or its user may not come in here.
    pub async fn token_owner(
        &self,
        secret: &str,
        channel: &str,
    ) -> Result<(Entrance, ApiToken), Refusal> {
        self.core().access.token_owner(secret, channel, Timestamp::now()).await
    }

    /// Who somebody is.
    ///
    /// # Errors
    ///
    /// When they are nobody here, or not any more.
    pub async fn visitor(&self, caller: &Caller) -> Result<Visitor, ViewError> {
        let seat = self.seat(caller).await?;
        let waiting = seat.core.access.waiting_for(&seat.user, seat.now).await;
        let waiting = waiting.map_err(|refusal| seat.failed(refusal, "counting approvals"))?;
        Ok(Visitor {
            may_see_schedules: seat.may_have_schedules(),
            may_approve: seat.may(Permission::Approve),
            may_audit: seat.may(Permission::Audit),
            waiting: waiting.len(),
            user: seat.user.id.clone(),
            name: seat.user.name.clone(),
            language: seat.language,
            zone: seat.zone.clone(),
        })
    }
}
