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

/// Buckets, refilled as time passes. What is in them is not kept over a restart.
pub struct Limits {
    settings: Settings,
    clock: GivenTime,
    messages: Buckets,
    runs: Buckets,
    /// How often somebody is told that they send too much.
    answers: Bucket,
    checks: AtomicU32,
}

/// So often a minute somebody is told that they send too much; else a flood would lead to another.
const ANSWERS: Rate =
    Rate { burst: NonZeroU32::new(2).unwrap(), per_minute: NonZeroU32::new(2).unwrap() };

impl Limits {
    /// Takes one message of an account out of its bucket and its chat's.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`] when one of them is empty.
    pub fn message(&self, account: &str, place: Place, now: Timestamp) -> Result<(), Refusal> {
        self.take(Limited::Messages, &self.messages, account, place, now)
    }

    /// Whether an account that sends too much is to be told so once more.
    pub fn answer(&self, account: &str) -> bool {
        self.answers.check_key(&account.to_owned()).is_ok()
    }

    /// The same for a run of a user.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`] when one of them is empty.
    pub fn run(&self, user: &str, place: Place, now: Timestamp) -> Result<(), Refusal> {
        self.take(Limited::Runs, &self.runs, user, place, now)
    }

    fn take(
        &self,
        what: Limited,
        buckets: &Buckets,
        who: &str,
        place: Place,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.settings.except_channels.iter().any(|channel| channel == place.channel) {
            return Ok(());
        }
        self.clock.set(now);
        if self.checks.fetch_add(1, Ordering::Relaxed) % 1000 == 999 {
            self.forget_full_buckets();
        }
        let chat = format!("{}\n{}", place.channel, place.chat);
        for (whose, bucket, key) in [
            (LimitedBy::User, &buckets.user, who.to_owned()),
            (LimitedBy::Chat, &buckets.chat, chat),
        ] {
            let Some(bucket) = bucket else { continue };
            if let Err(until) = bucket.check_key(&key) {
                let wait = until.wait_time_from(self.clock.now());
                let retry_after = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                return Err(Refusal::TooMany { what, whose, retry_after });
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

type Bucket = RateLimiter<
    String,
    DashMapStateStore<String>,
    GivenTime,
    governor::middleware::NoOpMiddleware<Nanos>,
>;

struct Buckets {
    user: Option<Bucket>,
    chat: Option<Bucket>,
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
struct Rate {
    burst: NonZeroU32,
    per_minute: NonZeroU32,
}

impl Rate {
    fn bucket(self, clock: &GivenTime) -> Bucket {
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
