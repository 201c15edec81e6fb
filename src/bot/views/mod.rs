//! Views: what there is to see for one person, for channels that can show more than a message.
//!
//! They only look. What changes anything is a message, and takes the way of every message
//! ([`Bot::receive`]).
//!
//! **Architecture Invariant:** every view finds out anew who looks, and asks the policy. Nothing
//! is shown that the same person could not have asked for in words.

mod approvals;
mod audit;
mod chart;
mod door;
mod drafts;
mod form;
mod jobs;
mod log;
mod run;
mod runs;
mod schedules;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::runs::execution_of;
use super::settings::Settings;
use super::{Bot, Core, Trouble};
use crate::access::{Asked, Context, Permission, Refusal, User};
use crate::catalog::Language;
use crate::channels::{Address, Block, Sender};
use crate::jobs::Execution;
use crate::reply::Writer;

pub use self::approvals::ApprovalView;
pub use self::audit::{AuditView, Search};
pub use self::chart::Chart;
pub use self::door::Visitor;
pub use self::drafts::DraftView;
pub use self::form::{FieldView, Filling, FormView};
pub use self::jobs::JobView;
pub use self::log::LogPart;
pub use self::run::RunView;
pub use self::runs::{RunLine, Runs};
pub use self::schedules::ScheduleView;

/// Who looks, and from where.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    pub address: Address,
    pub sender: Sender,
    /// The language chosen for what is looked at.
    pub chosen: Option<Language>,
    /// The client's language setting, a hint where nothing else says.
    pub accepts: Option<Language>,
}

/// Why something is not shown, in the words of the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ViewError {
    pub kind: Hidden,
    pub text: String,
}

/// What kind of reason there is for not showing something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// Whoever looks is nobody here, or not any more.
    Out,
    Refused,
    Missing,
    /// Steward failed.
    Failed,
}

/// The execution that a live card is about, where it is about one.
pub fn execution_of_card(card: &str) -> Option<u64> {
    execution_of(card)
}

/// Somebody who was found out to be who they are.
struct Seat<'a> {
    core: Arc<Core>,
    address: &'a Address,
    user: User,
    language: Language,
    zone: TimeZone,
    now: Timestamp,
}

impl Bot {
    async fn seat<'a>(&'a self, caller: &'a Caller) -> Result<Seat<'a>, ViewError> {
        let (core, now) = (self.core(), Timestamp::now());
        let default = core.config.conversation.language;
        let language = caller.chosen.or(caller.accepts).unwrap_or(default);
        let zone = core.config.conversation.time_zone.clone();
        let out = |refusal: Refusal| ViewError {
            kind: Hidden::Out,
            text: core.writer(language, zone.clone()).refusal(&refusal),
        };
        let (address, sender) = (&caller.address, &caller.sender);
        let identity = core.access.identify(address, sender).await.map_err(out)?;
        let user = identity.user().map_err(out)?;
        let talk = Asked::command(&user.id, Permission::UseChatops, address);
        core.access.may(&talk, now).map_err(out)?;
        let settings = Settings::of(&*core.store, &user.id).await.map_err(|error| {
            tracing::error!(%error, "settings can't be read");
            out(Refusal::from(error))
        })?;
        let language = caller.chosen.or(settings.language).or(user.language).or(caller.accepts);
        Ok(Seat {
            core,
            address,
            language: language.unwrap_or(default),
            zone: settings.zone().or_else(|| user.time_zone.clone()).unwrap_or(zone),
            user,
            now,
        })
    }
}

impl Seat<'_> {
    fn writer(&self) -> Writer<'_> {
        self.core.writer(self.language, self.zone.clone())
    }

    /// Whether it may be done; where it may not, that is written down and explained.
    async fn permit(&self, asked: &Asked<'_>, doing: &str) -> Result<(), ViewError> {
        let context = Context::default();
        let permitted = self.core.access.permit(asked, self.address, &context, self.now).await;
        permitted.map(drop).map_err(|refusal| self.explain(refusal.into(), doing))
    }

    async fn permit_command(&self, command: Permission, doing: &str) -> Result<(), ViewError> {
        self.permit(&Asked::command(&self.user.id, command, self.address), doing).await
    }

    async fn permit_on(
        &self,
        command: Permission,
        execution: &Execution,
        doing: &str,
    ) -> Result<(), ViewError> {
        self.permit(&self.about(command, execution), doing).await
    }

    /// Whether something may be done, without a word about it.
    fn may(&self, command: Permission) -> bool {
        let asked = Asked::command(&self.user.id, command, self.address);
        self.core.access.may(&asked, self.now).is_ok()
    }

    fn may_on(&self, command: Permission, execution: &Execution) -> bool {
        self.core.access.may(&self.about(command, execution), self.now).is_ok()
    }

    fn about<'e>(&'e self, command: Permission, execution: &'e Execution) -> Asked<'e> {
        Asked {
            template: Some(&execution.template),
            values: Some(&execution.values),
            own: Some(execution.requester == self.user.id),
            ..Asked::command(&self.user.id, command, self.address)
        }
    }

    /// Writes trouble down and puts it into words.
    fn explain(&self, trouble: Trouble, doing: &str) -> ViewError {
        let kind = match &trouble {
            Trouble::Refused(Refusal::UnknownTemplate { .. }) | Trouble::NoExecution(_) => {
                Hidden::Missing
            }
            Trouble::Refused(
                Refusal::AuditUnavailable { .. } | Refusal::StoreUnavailable { .. },
            ) => Hidden::Failed,
            Trouble::Refused(_) => Hidden::Refused,
            _ => Hidden::Failed,
        };
        let who = Some((self.user.id.as_str(), self.address));
        let reply = trouble.explain(&self.core, &self.writer(), who, doing);
        let lines = reply.blocks.into_iter().filter_map(|block| match block {
            Block::Text(text) => Some(text),
            _ => None,
        });
        ViewError { kind, text: lines.collect::<Vec<_>>().join("\n") }
    }

    fn failed(&self, trouble: impl Into<Trouble>, doing: &str) -> ViewError {
        self.explain(trouble.into(), doing)
    }
}
