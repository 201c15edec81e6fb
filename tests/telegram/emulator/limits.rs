//! How often Telegram lets a bot write, enforced.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Calls within a time: (most, within).
const ALL: (usize, Duration) = (30, Duration::from_secs(1));
const CHAT: (usize, Duration) = (3, Duration::from_secs(3));
const GROUP: (usize, Duration) = (20, Duration::from_secs(60));

/// Whoever writes too often has to wait so long, in seconds.
const PENALTY: u64 = 3;

#[derive(Default)]
pub struct Limits {
    all: VecDeque<Instant>,
    chats: HashMap<i64, VecDeque<Instant>>,
    blocked: HashMap<i64, Instant>,
    /// The next call to these is one too many, and costs so many seconds.
    full: HashMap<i64, u64>,
}

impl Limits {
    /// Counts a call to a chat; the seconds to wait where it is one too many.
    pub fn count(&mut self, chat: i64) -> Result<(), u64> {
        let now = Instant::now();
        if let Some(until) = self.blocked.get(&chat).filter(|until| **until > now) {
            return Err(until.duration_since(now).as_secs() + 1);
        }
        if let Some(seconds) = self.full.remove(&chat) {
            self.block(chat, seconds);
            return Err(seconds);
        }
        let here = self.chats.entry(chat).or_default();
        let too_many = is_full(&self.all, now, ALL)
            || is_full(here, now, CHAT)
            || (chat < 0 && is_full(here, now, GROUP));
        if too_many {
            self.block(chat, PENALTY);
            return Err(PENALTY);
        }
        here.push_back(now);
        self.all.push_back(now);
        Ok(())
    }

    /// Lets the next call to a chat be one too many, whenever that comes.
    pub fn fill(&mut self, chat: i64, seconds: u64) {
        self.full.insert(chat, seconds);
    }

    /// Takes nothing for a chat for so many seconds.
    fn block(&mut self, chat: i64, seconds: u64) {
        self.blocked.insert(chat, Instant::now() + Duration::from_secs(seconds));
    }
}

fn is_full(calls: &VecDeque<Instant>, now: Instant, (most, within): (usize, Duration)) -> bool {
    calls.iter().rev().take_while(|at| now.duration_since(**at) < within).count() >= most
}
