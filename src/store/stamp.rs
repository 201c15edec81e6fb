//! Keys that sort by the time at which they were made.

use std::sync::atomic::{AtomicU64, Ordering};

/// Makes keys, each of which sorts after every earlier one of this process.
#[derive(Debug, Default)]
pub struct Stamps {
    last: AtomicU64,
}

impl Stamps {
    /// The time in microseconds, and a random part that keeps processes apart, as 24 hexadecimal
    /// digits.
    pub fn next(&self) -> String {
        let now = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or_default();
        let later = |last: u64| Some(now.max(last + 1));
        // The closure never declines, so the old value comes back either way.
        let last = match self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later) {
            Ok(last) | Err(last) => last,
        };
        format!("{:016x}{:08x}", now.max(last + 1), rand::random::<u32>())
    }

    /// The same, which also sorts after a stamp of another process, whose clock may be ahead.
    pub fn after(&self, other: Option<&str>) -> String {
        let next = self.next();
        let Some(other) = other.filter(|other| **other >= *next) else { return next };
        let time = other.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        match time.and_then(|time| time.checked_add(1)) {
            Some(time) => format!("{time:016x}{:08x}", rand::random::<u32>()),
            // What isn't a stamp sorts wherever it may.
            None => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_after_one_of_a_clock_that_is_ahead() {
        let (here, ahead) = (Stamps::default(), "fffffffffffffff0ffffffff");
        assert!(*here.after(Some(ahead)) > *ahead);
        assert!(*here.after(Some("0")) > *"0");
        assert_eq!(here.after(None).len(), 24);
        assert_eq!(here.after(Some(ahead)).len(), 24);
    }

    #[test]
    fn stamps_ascend() {
        let stamps = Stamps::default();
        let made: Vec<String> = (0..1000).map(|_| stamps.next()).collect();
        assert!(made.is_sorted());
        assert!(made.iter().all(|stamp| stamp.len() == 24));
    }
}
