//! Limits: how often somebody may knock, and say something.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Attempts to log in from one network address, a minute.
const KNOCKS: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// Messages of one account, a minute; what the access files allow may be less.
const MESSAGES: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Pages and files that one account looks at: so many a second for long, and so many at once. No
/// reader comes near it, and no loop gets far.
const VIEWS: NonZeroU32 = NonZeroU32::new(10).unwrap();
const VIEWS_AT_ONCE: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// The limits of one server.
pub(super) struct Limits {
    knocks: DefaultKeyedRateLimiter<IpAddr>,
    messages: DefaultKeyedRateLimiter<String>,
    views: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            knocks: RateLimiter::keyed(Quota::per_minute(KNOCKS)),
            messages: RateLimiter::keyed(Quota::per_minute(MESSAGES)),
            views: RateLimiter::keyed(Quota::per_second(VIEWS).allow_burst(VIEWS_AT_ONCE)),
            clock: DefaultClock::default(),
        }
    }
}

impl Limits {
    /// Counts an attempt to come in.
    ///
    /// # Errors
    ///
    /// How long to wait, when there were too many.
    pub fn knock(&self, from: IpAddr) -> Result<(), Duration> {
        self.knocks.retain_recent();
        self.knocks.check_key(&from).map_err(|not| not.wait_time_from(self.clock.now()))
    }

    /// Counts something that is looked at.
    ///
    /// # Errors
    ///
    /// How long to wait, when there was too much.
    pub fn view(&self, account: &str) -> Result<(), Duration> {
        let checked = self.views.check_key(&account.to_owned());
        checked.map_err(|not| not.wait_time_from(self.clock.now()))
    }

    /// Counts a message.
    ///
    /// # Errors
    ///
    /// How long to wait, when there were too many.
    pub fn message(&self, account: &str) -> Result<(), Duration> {
        let checked = self.messages.check_key(&account.to_owned());
        checked.map_err(|not| not.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_looks_at_much_and_not_at_everything() {
        let limits = Limits::default();
        let looked = (0..10_000).filter(|_| limits.view("dana").is_ok()).count();
        assert!((200..2_000).contains(&looked), "{looked}");
        assert!(limits.view("dana").is_err() && limits.view("ada").is_ok());
    }
}
