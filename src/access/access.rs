//! The choke point itself: what is known, what is kept, and who is who.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::audit::{AuditError, AuditLog, Entry, Event, Understood};
use super::keys::Keys;
use super::linking::{self, Notes};
use super::memory;
use super::policy::Decision;
use super::redact::redact;
use super::refusal::Limited;
use super::repeats::Repeats;
use super::request::Place;
use super::rules::{Asked, Rules};
use super::{Permission, Refusal, User, shared_limits};
use crate::catalog::{TemplateId, Values};
use crate::channels::{Address, Sender};
use crate::plan::PlanHash;
use crate::store::{Claim, Claims, Store, StoreError};

/// Who may do what, and the only maker of [`AuthorizedRun`](super::AuthorizedRun)s. One for the
/// whole of Steward, shared.
pub struct Access {
    rules: RwLock<Arc<Rules>>,
    pub(super) store: Arc<dyn Store>,
    pub(super) audit: AuditLog,
    pub(super) notes: Notes,
    claims: Claims,
    /// What was written down last of what keeps a granted run from starting: it is tried again and
    /// again, and written down when it changes.
    pub(super) held: Mutex<HashMap<PlanHash, String>>,
    deciding: tokio::sync::Mutex<()>,
    pub(super) repeats: Repeats,
    /// Tells of other rules, for those who keep something that hangs on them.
    changed: watch::Sender<()>,
}

/// Held while something is decided about requests for approval: two who vote at the same moment
/// must both count, and what was not counted must not be written down.
pub(super) struct Deciding<'a> {
    _here: tokio::sync::MutexGuard<'a, ()>,
    _elsewhere: Claim,
}

/// Who somebody is to Steward.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    Known(User),
    /// Nobody. An administrator needs the channel and the id to link the account.
    Unknown {
        channel: String,
        id: String,
    },
    /// Somebody who may do nothing any more.
    Disabled {
        user: String,
    },
}

impl Identity {
    /// The user, or the refusal to show.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownUser`], [`Refusal::Disabled`].
    pub fn user(self) -> Result<User, Refusal> {
        match self {
            Identity::Known(user) => Ok(user),
            Identity::Unknown { channel, id } => Err(Refusal::UnknownUser { channel, id }),
            Identity::Disabled { user } => Err(Refusal::Disabled { user }),
        }
    }
}

/// How a request came about: what the audit log tells about it besides the plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Context {
    /// The channel's identifier of the message.
    pub message: Option<String>,
    pub session: Option<String>,
    /// The words said.
    pub words: Option<String>,
    pub understood: Option<Understood>,
    /// The network address it came from, where known.
    pub origin: Option<String>,
}

impl Access {
    /// Access by these rules, keeping what it must remember in the store, in the log, and under
    /// the state folder.
    pub fn new(rules: Rules, store: Arc<dyn Store>, audit: AuditLog, notes: Notes) -> Access {
        Access {
            rules: RwLock::new(Arc::new(rules)),
            claims: Claims::new(store.clone()),
            store,
            audit,
            notes,
            held: Mutex::default(),
            deciding: tokio::sync::Mutex::default(),
            repeats: Repeats::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Tells whenever there are other rules.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Waits until nothing else is being decided about requests for approval.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub(super) async fn deciding(&self) -> Result<Deciding<'_>, Refusal> {
        let here = self.deciding.lock().await;
        Ok(Deciding { _here: here, _elsewhere: self.claims.wait("deciding").await? })
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.notes.keys
    }

    /// The rules as they are now. Whoever asks twice may get different ones.
    pub fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with other rules, from the next question on. Rate limits that did not change keep
    /// counting. What files there are now is written down, and a file that is gone is warned of:
    /// it takes its rules along.
    pub async fn reload(&self, mut rules: Rules, now: Timestamp) -> Result<(), Refusal> {
        let before = self.rules();
        rules.limits = rules.limits.or_same(&before.limits);
        let gone = rules.files_gone(&before);
        let mut reason = rules.inventory();
        for file in &gone {
            tracing::warn!(
                file,
                "a file of the access rules is gone; what it said no longer holds"
            );
            reason = format!("{file} is gone; {reason}");
        }
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        self.changed.send_replace(());
        let entry = Entry { reason: Some(reason), ..Entry::new(Event::Reloaded) };
        self.write(entry, now).await.map(drop)
    }

    /// Who sent a message. To be asked for every message: people are disabled in the middle of a
    /// session.
    ///
    /// # Errors
    ///
    /// [`Refusal::StoreUnavailable`].
    pub async fn identify(&self, address: &Address, sender: &Sender) -> Result<Identity, Refusal> {
        let rules = self.rules();
        let (channel, account) = (&address.channel, &sender.id);
        let user = match rules.users.by_account(channel, account) {
            Some(user) => Some(user),
            None => {
                let link = linking::link_of(&*self.store, channel, account).await?;
                link.and_then(|link| rules.users.get(&link.user))
            }
        };
        Ok(match user {
            None => Identity::Unknown { channel: channel.clone(), id: account.clone() },
            Some(user) if !user.enabled => Identity::Disabled { user: user.id.clone() },
            Some(user) => Identity::Known(user.clone()),
        })
    }

    /// Takes a message out of the sender's and the chat's bucket: asked before anything is
    /// understood, also for people nobody knows.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`].
    pub async fn admit(
        &self,
        address: &Address,
        sender: &Sender,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let (limits, who) = (self.rules().limits.clone(), account(address, sender));
        limits.take(&*self.store, Limited::Messages, &who, address.into(), now).await
    }

    /// Whether somebody whose message was not admitted is to be told so. A flood is answered now
    /// and then, not message by message.
    pub fn answers_flood(&self, address: &Address, sender: &Sender) -> bool {
        self.rules().limits.answer(&account(address, sender))
    }

    /// Forgets what rate limits keep in the store for nothing. To be called every hour or so.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn forget_limits(&self, now: Timestamp) -> Result<(), StoreError> {
        shared_limits::forget_full(&*self.store, now).await
    }

    /// Whether the user may do it, here and now. See [`Rules::may`].
    ///
    /// # Errors
    ///
    /// The refusal, which names the rule or says what to ask an administrator for.
    pub fn may(&self, asked: &Asked, now: Timestamp) -> Result<Decision, Refusal> {
        self.rules().may(asked, now)
    }

    /// Whether the job is worth listing to the user, or going on with. See [`Rules::might_run`].
    pub fn might_run(
        &self,
        user: &str,
        place: Place,
        template: &TemplateId,
        so_far: &Values,
        now: Timestamp,
    ) -> bool {
        self.rules().might_run(user, place, template, so_far, now)
    }

    /// As [`Access::may`], for something that is done at once: refusals are written down, and so
    /// is what changes something. The same refusal again, of something that nobody said, is
    /// counted, and the count written down by [`Access::sweep`].
    ///
    /// # Errors
    ///
    /// The refusal; also when it can't be written down.
    pub async fn permit(
        &self,
        asked: &Asked<'_>,
        address: &Address,
        context: &Context,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let answer = self.may(asked, now);
        let changes =
            matches!(asked.command, Permission::Cancel | Permission::Schedule | Permission::Admin);
        if answer.is_ok() && !changes {
            return answer;
        }
        let entry = match &answer {
            Ok(decision) => {
                let rule = decision.rule().cloned();
                Entry { rule, ..self.about(Event::Permitted, asked, address, context) }
            }
            Err(refusal) => {
                let entry = self.refused(asked, refusal, address, context);
                if !self.repeats.is_new(&entry, now) {
                    return answer;
                }
                entry
            }
        };
        self.write(entry, now).await?;
        answer
    }

    /// Writes a refusal down that was found otherwise than by asking [`Access::permit`].
    ///
    /// # Errors
    ///
    /// When it can't be written down.
    pub async fn note_refused(
        &self,
        asked: &Asked<'_>,
        refusal: &Refusal,
        address: &Address,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.write(self.refused(asked, refusal, address, context), now).await.map(drop)
    }

    /// The entry of a refusal.
    pub(super) fn refused(
        &self,
        asked: &Asked<'_>,
        refusal: &Refusal,
        address: &Address,
        context: &Context,
    ) -> Entry {
        Entry {
            rule: refusal.rule().cloned(),
            reason: Some(redact(&refusal.to_string()).into_owned()),
            ..self.about(Event::Refused, asked, address, context)
        }
    }

    fn about(
        &self,
        event: Event,
        asked: &Asked<'_>,
        address: &Address,
        context: &Context,
    ) -> Entry {
        let mut entry = self.entry(event, Some(asked.user), Some(address), context);
        entry.command = Some(asked.command.to_string());
        entry.template = asked.template.cloned();
        entry.execution = asked.execution;
        entry
    }

    /// An entry with what is known of who, where and how; secrets are redacted.
    pub(super) fn entry(
        &self,
        event: Event,
        user: Option<&str>,
        place: Option<&Address>,
        context: &Context,
    ) -> Entry {
        let rules = self.rules();
        let known = user.and_then(|id| rules.users.get(id));
        let mut entry = Entry::new(event);
        entry.user = user.map(str::to_owned);
        entry.name = known.map(|user| user.name.clone());
        entry.place = place.cloned();
        entry.message = context.message.clone();
        entry.session = context.session.clone();
        entry.words = context.words.as_deref().map(|words| redact(words).into_owned());
        entry.understood = context.understood.clone();
        entry.origin = context.origin.clone();
        entry
    }

    pub(super) async fn write(&self, entry: Entry, now: Timestamp) -> Result<u64, Refusal> {
        let head = self.audit.append(entry, now).await.map_err(|error| {
            tracing::error!("{error}");
            Refusal::AuditUnavailable { reason: error.to_string() }
        })?;
        memory::remember(&*self.store, &self.audit, &head).await?;
        Ok(head.seq)
    }

    /// Whether the audit log is the one that was written to before. To be asked at the start.
    ///
    /// # Errors
    ///
    /// [`AuditError::Lost`] where it is not; then nothing may be started.
    pub async fn check_log(&self) -> Result<(), AuditError> {
        memory::check_log(&*self.store, &self.audit).await
    }
}

/// What an account's messages are counted under.
fn account(address: &Address, sender: &Sender) -> String {
    format!("{}\n{}", address.channel, sender.id)
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!("{error}");
        Refusal::StoreUnavailable { reason: error.to_string() }
    }
}
