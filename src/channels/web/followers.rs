//! Who listens: how many connections wait for events, altogether and of one account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many connections of one account may wait for events at once: some tabs, and a few more.
const OF_ONE: usize = 8;

/// Everybody who listens.
pub(super) struct Followers {
    most: usize,
    /// How many there are, by account; nobody with none.
    counts: Mutex<HashMap<String, usize>>,
}

/// The right to listen, for as long as it is held.
pub(super) struct Seat {
    followers: Arc<Followers>,
    account: String,
}

/// Why somebody may not listen just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSeat {
    /// The account listens often enough already.
    Enough,
    /// There is no room for anybody.
    Full,
}

impl Followers {
    /// At most so many at once.
    pub fn new(most: usize) -> Followers {
        Followers { most, counts: Mutex::default() }
    }

    /// Gives an account the right to listen once more.
    ///
    /// # Errors
    ///
    /// [`NoSeat`].
    pub fn sit(self: &Arc<Followers>, account: &str) -> Result<Seat, NoSeat> {
        // Every change is one operation on the map, so it is consistent whoever panicked.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.get(account).is_some_and(|count| *count >= OF_ONE) {
            return Err(NoSeat::Enough);
        }
        if counts.values().sum::<usize>() >= self.most {
            return Err(NoSeat::Full);
        }
        *counts.entry(account.to_owned()).or_default() += 1;
        Ok(Seat { followers: Arc::clone(self), account: account.to_owned() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.followers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_does_not_take_all_seats() {
        let followers = Arc::new(Followers::new(OF_ONE + 1));
        let mut dana: Vec<Seat> =
            (0..OF_ONE).map(|_| followers.sit("dana").ok().unwrap()).collect();
        assert_eq!(followers.sit("dana").err(), Some(NoSeat::Enough));
        let ada = followers.sit("ada").ok();
        assert!(ada.is_some());
        assert_eq!(followers.sit("ada").err(), Some(NoSeat::Full));
        dana.pop();
        assert!(followers.sit("dana").is_ok());
        drop((dana, ada));
        assert!(followers.counts.lock().unwrap().is_empty());
    }
}
