//! Rate limits: how many messages and runs a user and a chat may send, as token buckets.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;
use serde::Deserialize;

use super::Refusal;
use super::load::Loader;
use super::refusal::{Limited, LimitedBy};
use super::request::Place;
use super::shared_limits::{self, Bucket};
use crate::store::Store;

/// Buckets, refilled as time passes. Those of one process are not kept over a restart; where
/// processes share a store, they share the buckets in it.
pub struct Limits {
    settings: Settings,
    clock: GivenTime,
    messages: Buckets,
    runs: Buckets,
    /// How often somebody is told that they send too much.
    answers: OwnBucket,
    checks: AtomicU32,
}

/// So often a minute somebody is told that they send too much; else a flood would lead to another.
const ANSWERS: Rate =
    Rate { burst: NonZeroU32::new(2).unwrap(), per_minute: NonZeroU32::new(2).unwrap() };

impl Limits {
    /// Takes one message of an account, or one run of a user, out of their bucket and the chat's.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`] when one of them is empty; [`Refusal::StoreUnavailable`].
    pub async fn take(
        &self,
        store: &dyn Store,
        what: Limited,
        who: &str,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.settings.except_channels.iter().any(|channel| channel == place.channel) {
            return Ok(());
        }
        let chat = format!("{}\n{}", place.channel, place.chat);
        if !store.is_shared() {
            return self.take_here(what, who.to_owned(), chat, now);
        }
        let rates = match what {
            Limited::Messages => &self.settings.messages,
            Limited::Runs => &self.settings.runs,
        };
        let bucket = |whose, key, rate: Option<Rate>| Some(Bucket { whose, key, rate: rate? });
        let user = bucket(LimitedBy::User, who.to_owned(), rates.user);
        let buckets: Vec<Bucket> =
            user.into_iter().chain(bucket(LimitedBy::Chat, chat, rates.chat)).collect();
        shared_limits::take(store, what, &buckets, now).await
    }

    /// Whether an account that sends too much is to be told so once more.
    pub fn answer(&self, account: &str) -> bool {
        self.answers.check_key(&account.to_owned()).is_ok()
    }

    fn take_here(
        &self,
        what: Limited,
        who: String,
        chat: String,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let buckets = match what {
            Limited::Messages => &self.messages,
            Limited::Runs => &self.runs,
        };
        self.clock.set(now);
        if self.checks.fetch_add(1, Ordering::Relaxed) % 1000 == 999 {
            self.forget_full_buckets();
        }
        for (whose, bucket, key) in
            [(LimitedBy::User, &buckets.user, who), (LimitedBy::Chat, &buckets.chat, chat)]
        {
            let Some(bucket) = bucket else { continue };
            if let Err(until) = bucket.check_key(&key) {
                let wait = until.wait_time_from(self.clock.now());
                return Err(Refusal::TooMany { what, whose, retry_after: whole_seconds(wait) });
            }
        }
        Ok(())
    }

    /// A full bucket is as good as none; this keeps a flood of accounts from filling memory.
    fn forget_full_buckets(&self) {
        for buckets in [&self.messages, &self.runs] {
            for bucket in [&buckets.user, &buckets.chat].into_iter().flatten() {
                bucket.retain_recent();
            }
        }
        self.answers.retain_recent();
    }

    /// Reads `limits.yaml`. Without the file nothing is limited.
    pub(super) fn load(loader: &mut Loader) -> Arc<Limits> {
        Arc::new(Limits::new(loader.read_if_there(FILE)))
    }

    /// These limits, with the buckets as they stand in others, when the settings are the same:
    /// reloading files must not refill anybody's bucket.
    pub(super) fn or_same(self: Arc<Self>, others: &Arc<Limits>) -> Arc<Limits> {
        if self.settings == others.settings { others.clone() } else { self }
    }

    fn new(settings: Settings) -> Limits {
        let clock = GivenTime::default();
        let buckets = |rates: &Rates| Buckets {
            user: rates.user.map(|rate| rate.bucket(&clock)),
            chat: rates.chat.map(|rate| rate.bucket(&clock)),
        };
        Limits {
            messages: buckets(&settings.messages),
            runs: buckets(&settings.runs),
            answers: ANSWERS.bucket(&clock),
            clock,
            settings,
            checks: AtomicU32::new(0),
        }
    }
}

const FILE: &str = "limits.yaml";

/// So many seconds are worth waiting.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

type OwnBucket = RateLimiter<
    String,
    DashMapStateStore<String>,
    GivenTime,
    governor::middleware::NoOpMiddleware<Nanos>,
>;

struct Buckets {
    user: Option<OwnBucket>,
    chat: Option<OwnBucket>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Where nothing is limited.
    except_channels: Vec<String>,
    messages: Rates,
    runs: Rates,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rates {
    user: Option<Rate>,
    chat: Option<Rate>,
}

/// So many at once, and so many a minute in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rate {
    pub burst: NonZeroU32,
    pub per_minute: NonZeroU32,
}

impl Rate {
    fn bucket(self, clock: &GivenTime) -> OwnBucket {
        let quota = Quota::per_minute(self.per_minute).allow_burst(self.burst);
        RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
    }
}

/// A clock that shows the latest time it was given.
#[derive(Debug, Clone, Default)]
struct GivenTime(Arc<AtomicU64>);

impl GivenTime {
    fn set(&self, now: Timestamp) {
        let since_epoch = Duration::try_from(now.as_duration()).unwrap_or_default();
        let nanos = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_max(nanos, Ordering::Relaxed);
    }
}

impl Clock for GivenTime {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}
