//! The same refusal again and again: written down once, and then how often it was.
//!
//! A page that somebody may not see can be asked for many times a second, and the log is kept for
//! ever. What was said in a chat is none of this: there, each time is another message.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::audit::Entry;

/// What comes again within so long of the first time is counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// The refusals of the last minutes.
#[derive(Default)]
pub(super) struct Repeats(Mutex<HashMap<String, Repeat>>);

struct Repeat {
    entry: Entry,
    first: Timestamp,
    last: Timestamp,
    /// How often it came after the first time.
    again: u64,
}

impl Repeats {
    /// Whether an entry is to be written down now; if not, it is counted.
    pub fn is_new(&self, entry: &Entry, now: Timestamp) -> bool {
        let is_message = entry.message.is_some() || entry.words.is_some();
        let Some(key) = serde_json::to_string(entry).ok().filter(|_| !is_message) else {
            return true;
        };
        // Every change is one operation on the map, so it is consistent whoever panicked.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(repeat) = known.get_mut(&key) {
            repeat.again += 1;
            repeat.last = now;
            return false;
        }
        known.insert(key, Repeat { entry: entry.clone(), first: now, last: now, again: 0 });
        true
    }

    /// Forgets what came first longer ago than that; gives what is to be written down of it: how
    /// often it came again.
    pub fn over(&self, now: Timestamp) -> Vec<Entry> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut over = Vec::new();
        known.retain(|_, repeat| {
            if now.duration_since(repeat.first) < WINDOW {
                return true;
            }
            if repeat.again > 0 {
                let reason = repeat.entry.reason.as_deref().unwrap_or("refused");
                let (again, last) = (repeat.again, repeat.last);
                let reason = format!("{reason} (the same {again} times more, last at {last})");
                over.push(Entry { reason: Some(reason), ..repeat.entry.clone() });
            }
            false
        });
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::audit::Event;

    #[test]
    fn what_comes_again_is_counted() {
        let at = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let repeats = Repeats::default();
        let mut entry = Entry::new(Event::Refused);
        entry.reason = Some("no".to_owned());
        let other = Entry { user: Some("ada".to_owned()), ..entry.clone() };
        assert!(repeats.is_new(&entry, at(0)) && repeats.is_new(&other, at(0)));
        let again = (1..=800).filter(|second| repeats.is_new(&entry, at(second / 10))).count();
        assert_eq!(again, 0);
        assert_eq!(repeats.over(at(599)), []);
        let over = repeats.over(at(600));
        let reasons: Vec<_> = over.iter().filter_map(|entry| entry.reason.as_deref()).collect();
        assert_eq!(reasons, ["no (the same 800 times more, last at 1970-01-01T00:01:20Z)"]);
        assert!(repeats.is_new(&entry, at(601)), "it begins anew");
        // What was said is never merged.
        let said = Entry { words: Some("audit".to_owned()), ..entry };
        assert!(repeats.is_new(&said, at(601)) && repeats.is_new(&said, at(602)));
    }
}
