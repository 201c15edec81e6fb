//! The bot: the only place where the other rooms meet.
//!
//! A message that arrives is stored and acknowledged; the lane of its conversation handles it.
//! Handling ends with one batch: the message is done, the session has moved on, and what is to be
//! said stands in the outbox, or none of it happened and the message is handled again. What
//! happens before that batch can be repeated without doing anything twice: a plan is authorised
//! once, and its execution is stored under a key made from the plan.
//!
//! Several bots may share a store. Each takes what it sees to as its own ([`Claims`]), a
//! conversation, a chat, a run, and takes up what those leave that are gone.
//!
//! **Architecture Invariant:** nothing is acknowledged before it is stored, and nothing is
//! dispatched before it is authorised, written down and stored. Conversations never wait for
//! each other.

mod approvals;
mod buttons;
mod conversations;
mod dispatch;
mod examples;
mod handle;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod house;
mod intake;
mod linking;
mod memory;
mod notices;
mod pictures;
mod queries;
mod reasons;
mod runs;
mod schedules;
mod sessions;
mod settings;
mod talk;
mod thinking;
mod together;
mod trouble;
mod upkeep;
pub mod views;
#[cfg(test)]
mod ways_in;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

pub use self::buttons::Pressable;
pub use self::intake::{LONGEST, Received};
use self::notices::{CardButtons, Herald};
use self::trouble::Trouble;
use crate::access::audit::AuditError;
use crate::access::{Access, Identity, Refusal, User};
use crate::catalog::{Catalog, Language, Shelf};
use crate::channels::{Address, Channel, ChannelError, Inbound, Sender};
use crate::config::Config;
use crate::dialogue;
use crate::failures::Journal;
use crate::jobs::ExecutionState;
use crate::jobs::monitor::Monitor;
use crate::jobs::platform::Platforms;
use crate::jobs::platform::local::LocalPlatform;
use crate::jobs::schedule::{ScheduleError, Scheduler, Schedules};
use crate::lanes::Lanes;
use crate::nlu::Nlu;
use crate::observe;
use crate::outbox::{Outbox, channel_claim};
use crate::reply::{Speech, Writer};
use crate::review::Lessons;
use crate::store::{Claims, Stamps, Store, StoreError};

/// More than this that waits is not counted.
const COUNTED: usize = 10_000;

/// Handles what people say. Cheap to clone: every clone is the same bot.
#[derive(Clone)]
pub struct Bot {
    core: Arc<RwLock<Arc<Core>>>,
}

/// What a bot is made of.
pub struct Parts {
    pub config: Config,
    pub nlu: Arc<Nlu>,
    pub access: Arc<Access>,
    pub store: Arc<dyn Store>,
    pub platforms: Arc<Platforms>,
    pub shelf: Arc<Shelf>,
    /// Answers the questions that templates put to commands: checks and suggestions.
    pub local: Arc<LocalPlatform>,
    pub journal: Arc<Journal>,
    pub lessons: Lessons,
    pub channels: Vec<Arc<dyn Channel>>,
    pub shutdown: CancellationToken,
}

/// What the parts of the bot share. A message is handled with one of it from beginning to end,
/// though there be another meanwhile.
#[derive(Clone)]
struct Core {
    config: Arc<Config>,
    catalog: Arc<Catalog>,
    nlu: Arc<Nlu>,
    dialogue: dialogue::Settings,
    access: Arc<Access>,
    store: Arc<dyn Store>,
    monitor: Monitor,
    schedules: Schedules,
    platforms: Arc<Platforms>,
    local: Arc<LocalPlatform>,
    journal: Arc<Journal>,
    lessons: Lessons,
    outbox: Outbox,
    shelf: Arc<Shelf>,
    stamps: Arc<Stamps>,
    lanes: Arc<Lanes<String>>,
    claims: Claims,
    shutdown: CancellationToken,
}

/// How much there is to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vitals {
    /// Executions that are not over.
    pub unfinished: HashMap<ExecutionState, usize>,
    /// Messages that wait to be handled, as far as they were counted.
    pub intake: usize,
    /// Messages that wait to be delivered, as far as they were counted.
    pub outbox: usize,
    /// Schedules that are active, and that are paused.
    pub schedules: (usize, usize),
}

/// Why the bot can't start.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Executions(#[from] crate::jobs::ExecutionsError),
    #[error(transparent)]
    Schedules(#[from] ScheduleError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("access could not be settled: {0}")]
    Access(#[from] Refusal),
}

impl Bot {
    pub fn new(parts: Parts) -> Bot {
        let claims = Claims::new(parts.store.clone());
        let outbox = Outbox::new(
            parts.store.clone(),
            claims.clone(),
            &parts.channels,
            parts.shutdown.clone(),
        );
        let dialogue = dialogue::Settings {
            session_expiry: parts.config.conversation.session_timeout,
            plan_expiry: parts.config.conversation.plan_timeout,
            ..dialogue::Settings::default()
        };
        let catalog = parts.nlu.catalog().clone();
        let config = Arc::new(parts.config);
        let herald = Herald {
            config: config.clone(),
            shelf: parts.shelf.clone(),
            access: parts.access.clone(),
            store: parts.store.clone(),
            outbox: outbox.clone(),
            buttons: CardButtons::default(),
        };
        let monitor = Monitor::new(
            parts.store.clone(),
            parts.platforms.clone(),
            parts.shelf.clone(),
            Arc::new(herald),
            claims.clone(),
        );
        let core = Core {
            schedules: Schedules::new(parts.store.clone()),
            catalog,
            config,
            nlu: parts.nlu,
            dialogue,
            access: parts.access,
            store: parts.store,
            monitor,
            platforms: parts.platforms,
            local: parts.local,
            journal: parts.journal,
            lessons: parts.lessons,
            outbox,
            shelf: parts.shelf,
            stamps: Arc::default(),
            lanes: Arc::default(),
            claims,
            shutdown: parts.shutdown,
        };
        Bot { core: Arc::new(RwLock::new(Arc::new(core))) }
    }

    /// Goes on with other understanding, from the next message on.
    pub fn renew(&self, nlu: Arc<Nlu>) {
        let catalog = nlu.catalog().clone();
        let mut core = self.core.write().unwrap_or_else(PoisonError::into_inner);
        core.shelf.put(catalog.clone());
        *core = Arc::new(Core { catalog, nlu, ..Core::clone(&core) });
    }

    /// The catalogue that is understood now.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.core().catalog.clone()
    }

    /// Who may do what.
    pub fn access(&self) -> Arc<Access> {
        self.core().access.clone()
    }

    fn core(&self) -> Arc<Core> {
        self.core.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up what an earlier life left, and begins to watch what runs: messages that were not
    /// handled, runs that were authorised but not started, runs that went on meanwhile, messages
    /// that were not delivered. To be called once, before any channel runs.
    pub async fn start(&self) -> Result<(), BotError> {
        let core = &self.core();
        let now = Timestamp::now();
        core.access.check_log().await?;
        intake::forget_old(&*core.store, now).await?;
        buttons::forget_old(&*core.store, now).await?;
        let keeper = Arc::new(schedules::Keeper(self.clone()));
        let scheduler = Scheduler::new(core.schedules.clone(), keeper);
        if core.claims.are_shared() {
            tokio::spawn(together::run(self.clone()));
        } else {
            self.resume(core, &scheduler, now).await?;
        }
        let (monitor, stop) = (core.monitor.clone(), core.shutdown.clone());
        tokio::spawn(async move { monitor.run(stop).await });
        let (claims, stop) = (core.claims.clone(), core.shutdown.clone());
        tokio::spawn(async move {
            if let Some(_claim) = claims.until("schedules", &stop).await {
                scheduler.run(stop).await;
            }
        });
        tokio::spawn(upkeep::run(self.clone()));
        Ok(())
    }

    /// Takes up everything that an earlier life left: nobody else is there to do it, or to be in
    /// the way.
    async fn resume(
        &self,
        core: &Arc<Core>,
        scheduler: &Scheduler,
        now: Timestamp,
    ) -> Result<(), BotError> {
        for conversation in intake::conversations(&*core.store).await? {
            self.wake(conversation);
        }
        core.lanes.idle().await;
        scheduler.resume(now).await?;
        dispatch::free(core, SignedDuration::ZERO, now).await?;
        let left = core.monitor.executions().unfinished().await?;
        dispatch::go_on(core, &left, SignedDuration::ZERO, now).await?;
        core.monitor.reconcile().await?;
        Ok(core.outbox.resume().await?)
    }

    /// Talks on a channel until `shutdown` or the end of the conversation; where only one process
    /// can, as soon as no other does.
    pub async fn converse(
        &self,
        channel: Arc<dyn Channel>,
        shutdown: CancellationToken,
    ) -> Result<(), ChannelError> {
        let _claim = match channel.is_for_one() {
            false => None,
            true => {
                let name = channel_claim(channel.name());
                match self.core().claims.until(&name, &shutdown).await {
                    None => return Ok(()),
                    claim => claim,
                }
            }
        };
        channel.run(self.clone(), shutdown).await
    }

    /// Takes a message over: when this returns it is stored, and may be acknowledged. It is
    /// handled once, however often it arrives.
    pub async fn receive(&self, inbound: Inbound) -> Result<Received, StoreError> {
        let (core, conversation) = (self.core(), intake::conversation(&inbound));
        let channel = inbound.address.channel.clone();
        let received = intake::store(&*core.store, &core.stamps, inbound).await?;
        if received == Received::New {
            observe::arrived(&channel);
            self.wake(conversation);
        }
        Ok(received)
    }

    /// Whether a button is there for somebody in a place: for a channel that has to answer a press
    /// at once, while the press itself is handled in its turn.
    pub async fn pressable(
        &self,
        token: &str,
        place: &Address,
        sender: &Sender,
    ) -> Result<Pressable, StoreError> {
        let core = self.core();
        let user = match core.access.identify(place, sender).await {
            Ok(Identity::Known(user)) => user.id,
            Ok(_) => String::new(),
            // Handling it says more.
            Err(_) => return Ok(Pressable::Yes),
        };
        let pressed = buttons::press(&*core.store, token, &user, place, Timestamp::now()).await?;
        Ok(pressed.pressable())
    }

    /// Returns when everything that arrived was handled and everything that can be said was.
    pub async fn quiet(&self) {
        let core = self.core();
        core.lanes.idle().await;
        core.outbox.idle().await;
    }

    /// Whether the store answers, without which nothing can be handled.
    pub async fn check(&self) -> Result<(), BotError> {
        intake::count(&*self.core().store, 1).await?;
        Ok(())
    }

    /// How much there is to do.
    pub async fn vitals(&self) -> Result<Vitals, BotError> {
        let core = self.core();
        let mut unfinished = HashMap::new();
        for execution in core.monitor.executions().unfinished().await? {
            *unfinished.entry(execution.state).or_default() += 1;
        }
        let schedules = core.schedules.list(None).await?;
        let paused = schedules.iter().filter(|schedule| schedule.paused).count();
        Ok(Vitals {
            unfinished,
            intake: intake::count(&*core.store, COUNTED).await?,
            outbox: core.outbox.count(COUNTED).await?,
            schedules: (schedules.len() - paused, paused),
        })
    }

    /// Whether an execution asked for in this place is not over yet, or something about one is
    /// still to be told.
    pub async fn is_busy(&self, place: &Address) -> Result<bool, BotError> {
        let core = self.core();
        let executions = core.monitor.executions();
        let unfinished = executions.unfinished().await?;
        let waits = ExecutionState::AwaitingApproval;
        let runs = unfinished.iter().any(|e| e.origin == *place && e.state != waits);
        Ok(runs || !executions.events(None, 1).await?.is_empty())
    }
}

impl Core {
    /// Writes to somebody who did not just speak: in their language, as far as it is known.
    fn writer_for(&self, user: Option<&User>) -> Writer<'_> {
        let conversation = &self.config.conversation;
        let zone = user.and_then(|user| user.time_zone.clone());
        self.writer(
            user.and_then(|user| user.language).unwrap_or(conversation.language),
            zone.unwrap_or_else(|| conversation.time_zone.clone()),
        )
    }

    /// Writes in a language, with moments in a time zone.
    fn writer(&self, language: Language, zone: TimeZone) -> Writer<'_> {
        writer(&self.catalog, language, zone)
    }
}

fn writer(catalog: &Catalog, language: Language, zone: TimeZone) -> Writer<'_> {
    Writer { speech: Speech::new(language), catalog, zone, topic: None }
}
