//! How often Telegram lets a bot write: 30 messages a second in all, one a second in a chat (a
//! few may come at once), 20 a minute in a group.
//!
//! A call takes a permit first, and gives it back when Telegram has answered: a call under way
//! counts as made now, so that a slow network can't push calls together. Whoever waits is served
//! by urgency, then in order. The state of a card never waits, and leaves room for answers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::channels::Urgency;

/// So many calls within so long.
#[derive(Debug, Clone, Copy)]
struct Limit {
    most: usize,
    within: Duration,
}

/// <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
const ALL: Limit = Limit { most: 30, within: Duration::from_millis(1_050) };
const CHAT: Limit = Limit { most: 3, within: Duration::from_millis(3_100) };
const GROUP: Limit = Limit { most: 20, within: Duration::from_millis(60_500) };

/// The same for the states of cards: what is left of the limits is for answers.
const ALL_PROGRESS: Limit = Limit { most: 15, ..ALL };
const CHAT_PROGRESS: Limit = Limit { most: 1, ..CHAT };
const GROUP_PROGRESS: Limit = Limit { most: 8, ..GROUP };

/// Chats that were written to are forgotten when there are more than this.
const REMEMBERED: usize = 1_000;

/// The bucket of every chat, and of all of them together. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Throttle {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    all: Calls,
    chats: HashMap<i64, Chat>,
    /// Who waits, in the order in which they are served.
    waiting: BTreeMap<(Urgency, u64), i64>,
    tickets: u64,
}

#[derive(Default)]
struct Chat {
    calls: Calls,
    /// Telegram asked to write nothing here until then.
    blocked: Option<Instant>,
}

/// The calls of the last minute.
#[derive(Default)]
struct Calls {
    under_way: usize,
    ended: VecDeque<Instant>,
}

/// Leave for one call; given back when it is dropped.
pub(super) struct Permit {
    inner: Arc<Inner>,
    chat: i64,
}

/// A place in the queue.
struct Ticket<'a> {
    inner: &'a Inner,
    key: (Urgency, u64),
}

impl Throttle {
    /// Waits for leave to write to a chat.
    pub async fn permit(&self, chat: i64, urgency: Urgency) -> Permit {
        let ticket = Ticket::take(&self.inner, chat, urgency);
        loop {
            let mut changed = pin!(self.inner.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            let served = self.inner.state().serve(ticket.key, Instant::now());
            let until = match served {
                Ok(()) => {
                    drop(ticket);
                    return Permit { inner: Arc::clone(&self.inner), chat };
                }
                Err(until) => until,
            };
            wait(until, changed).await;
        }
    }

    /// Leave to show the state of a card, if there is room for that now.
    ///
    /// # Errors
    ///
    /// When there will be, as far as is known.
    pub fn permit_progress(&self, chat: i64) -> Result<Permit, Duration> {
        let now = Instant::now();
        let mut state = self.inner.state();
        if state.waiting.values().any(|waiting| *waiting == chat) {
            return Err(CHAT.within);
        }
        let limits = [ALL_PROGRESS, CHAT_PROGRESS, GROUP_PROGRESS];
        match state.room(chat, now, limits, 0, 0) {
            Ok(()) => {
                state.begin(chat);
                Ok(Permit { inner: Arc::clone(&self.inner), chat })
            }
            Err(until) => Err(until.duration_since(now)),
        }
    }

    /// Writes nothing to a chat for so long, since Telegram asked for that.
    pub fn block(&self, chat: i64, pause: Duration) {
        let until = Instant::now() + pause;
        self.inner.state().chats.entry(chat).or_default().blocked = Some(until);
    }
}

async fn wait(until: Instant, changed: impl Future<Output = ()>) {
    tokio::select! {
        () = tokio::time::sleep_until(until) => {}
        () = changed => {}
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change leaves the counts consistent, whoever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Ticket<'a> {
    fn take(inner: &'a Inner, chat: i64, urgency: Urgency) -> Ticket<'a> {
        let mut state = inner.state();
        state.tickets += 1;
        let key = (urgency, state.tickets);
        state.waiting.insert(key, chat);
        Ticket { inner, key }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.inner.state().waiting.remove(&self.key);
        self.inner.changed.notify_waiters();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.inner.state().end(self.chat, Instant::now());
        self.inner.changed.notify_waiters();
    }
}

impl State {
    /// Lets a ticket through, unless something is in its way: then until when it is, if nothing
    /// changes before.
    fn serve(&mut self, key: (Urgency, u64), now: Instant) -> Result<(), Instant> {
        let Some(chat) = self.waiting.get(&key).copied() else { return Ok(()) };
        // Whoever is before this one, and could go now, goes first.
        let limits = [ALL, CHAT, GROUP];
        let (mut before, mut before_here) = (0, 0);
        for (_, other) in self.waiting.range(..key) {
            if self.room(*other, now, limits, 0, 0).is_ok() {
                before += 1;
                before_here += usize::from(*other == chat);
            }
        }
        self.room(chat, now, limits, before, before_here)?;
        self.begin(chat);
        Ok(())
    }

    /// Whether there is room for one more call to a chat, besides those of others; else when
    /// there will be.
    fn room(
        &self,
        chat: i64,
        now: Instant,
        [all, each, group]: [Limit; 3],
        others: usize,
        others_here: usize,
    ) -> Result<(), Instant> {
        let mut until = self.all.room(all, now, others);
        if let Some(chat_state) = self.chats.get(&chat) {
            let here = chat_state.calls.room(each, now, others_here);
            until = until.max(here).max(chat_state.blocked.filter(|blocked| *blocked > now));
            // Groups have negative ids.
            if chat < 0 {
                until = until.max(chat_state.calls.room(group, now, others_here));
            }
        }
        until.map_or(Ok(()), Err)
    }

    fn begin(&mut self, chat: i64) {
        self.all.under_way += 1;
        self.chats.entry(chat).or_default().calls.under_way += 1;
    }

    fn end(&mut self, chat: i64, now: Instant) {
        self.all.end(now);
        self.chats.entry(chat).or_default().calls.end(now);
        if self.chats.len() > REMEMBERED {
            self.chats.retain(|_, chat| {
                chat.calls.forget(now);
                !chat.calls.is_idle() || chat.blocked.is_some_and(|blocked| blocked > now)
            });
        }
    }
}

impl Calls {
    fn end(&mut self, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        self.ended.push_back(now);
        self.forget(now);
    }

    fn forget(&mut self, now: Instant) {
        while self.ended.front().is_some_and(|at| now.duration_since(*at) > GROUP.within) {
            self.ended.pop_front();
        }
    }

    fn is_idle(&self) -> bool {
        self.under_way == 0 && self.ended.is_empty()
    }

    /// `None` when there is room for one more call and those of others; else when there may be.
    fn room(&self, limit: Limit, now: Instant, others: usize) -> Option<Instant> {
        let recent = self.ended.iter().filter(|at| now.duration_since(**at) < limit.within);
        let count = self.under_way + recent.clone().count() + others;
        let excess = (count + 1).checked_sub(limit.most).filter(|excess| *excess > 0)?;
        // When so many of the oldest have gone by; what is under way is waited for.
        let last = recent.clone().nth(excess - 1).copied();
        Some(last.unwrap_or(now) + limit.within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of some calls may be made, in milliseconds from the start.
    async fn times(chat: impl Fn(usize) -> i64, count: usize) -> Vec<u64> {
        let throttle = Throttle::default();
        let start = Instant::now();
        let mut times = Vec::new();
        for call in 0..count {
            let _permit = throttle.permit(chat(call), Urgency::Answer).await;
            times.push(u64::try_from(start.elapsed().as_millis()).expect("short"));
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn a_chat_gets_a_few_at_once_and_then_one_a_second() {
        let times = times(|_| 7, 10).await;
        assert_eq!(times[..3], [0, 0, 0]);
        for window in times.windows(4) {
            assert!(window[3] - window[0] >= 3_000, "{times:?}");
        }
        assert!(times[9] < 10_000, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_gets_twenty_a_minute() {
        let times = times(|_| -7, 45).await;
        for window in times.windows(21) {
            assert!(window[20] - window[0] >= 60_000, "{times:?}");
        }
        assert!(times[44] < 125_000, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn all_chats_together_get_thirty_a_second() {
        let times = times(|call| i64::try_from(call).expect("small"), 100).await;
        for window in times.windows(31) {
            assert!(window[30] - window[0] >= 1_000, "{times:?}");
        }
        assert!(times[99] < 4_000, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn answers_go_before_notices_and_in_order() {
        let throttle = Throttle::default();
        // Room comes back one call at a time.
        for _ in 0..3 {
            drop(throttle.permit(7, Urgency::Answer).await);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        let asked = [Urgency::Notice, Urgency::Answer, Urgency::Notice, Urgency::Answer];
        for (number, urgency) in asked.into_iter().enumerate() {
            let (throttle, sender) = (throttle.clone(), sender.clone());
            tokio::spawn(async move {
                let permit = throttle.permit(7, urgency).await;
                sender.send(number).expect("somebody listens");
                drop(permit);
            });
            tokio::task::yield_now().await;
        }
        drop(sender);
        let mut served = Vec::new();
        while let Some(number) = order.recv().await {
            served.push(number);
        }
        assert_eq!(served, [1, 3, 0, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_state_of_a_card_leaves_room_and_never_waits() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let mut shown = 0;
        while start.elapsed() < Duration::from_secs(60) {
            match throttle.permit_progress(-7) {
                Ok(permit) => {
                    shown += 1;
                    drop(permit);
                }
                Err(wait) => tokio::time::sleep(wait.max(Duration::from_millis(1))).await,
            }
        }
        assert_eq!(shown, GROUP_PROGRESS.most);
        // An answer goes at once all the same.
        let before = Instant::now();
        drop(throttle.permit(-7, Urgency::Answer).await);
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert!(throttle.permit_progress(-7).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_telegram_asked_for_is_kept() {
        let throttle = Throttle::default();
        let start = Instant::now();
        throttle.block(7, Duration::from_secs(30));
        drop(throttle.permit(8, Urgency::Answer).await);
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(throttle.permit(7, Urgency::Answer).await);
        assert!(start.elapsed() >= Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_under_way_counts_as_made_now() {
        let throttle = Throttle::default();
        let slow = throttle.permit(7, Urgency::Answer).await;
        for _ in 0..2 {
            drop(throttle.permit(7, Urgency::Answer).await);
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        drop(slow);
        for _ in 0..2 {
            drop(throttle.permit(7, Urgency::Answer).await);
        }
        let start = Instant::now();
        drop(throttle.permit(7, Urgency::Answer).await);
        assert!(start.elapsed() >= Duration::from_secs(3), "{:?}", start.elapsed());
    }
}
