//! Trouble that goes by: waited for, longer each time, and told once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::errors::Fault;

const FIRST: Duration = Duration::from_secs(1);
const LAST: Duration = Duration::from_secs(60);

/// How long something has not worked.
#[derive(Default)]
pub(super) struct Backoff {
    /// The wait before the next attempt; `None` while it works.
    wait: Option<Duration>,
}

impl Backoff {
    /// Tells that it works again, where it did not.
    pub fn succeeded(&mut self) {
        if self.wait.take().is_some() {
            tracing::warn!("Telegram can be reached again");
        }
    }

    /// Tells of the first failure in a row, and waits for the next attempt.
    pub async fn failed(&mut self, what: &str, fault: &Fault, shutdown: &CancellationToken) {
        let wait = self.note(what, fault);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.cancelled() => {}
        }
    }

    fn note(&mut self, what: &str, fault: &Fault) -> Duration {
        let reason = fault.told();
        let wait = match self.wait {
            None => {
                tracing::warn!(reason, "{what}; trying on");
                FIRST
            }
            Some(wait) => {
                tracing::debug!(reason, "{what}");
                (wait * 2).min(LAST)
            }
        };
        self.wait = Some(wait);
        match fault {
            Fault::Later { after: Some(after), .. } => wait.max(*after),
            _ => wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_begin_anew() {
        let mut backoff = Backoff::default();
        let broken = Fault::Later { reason: "broken".into(), after: None };
        let slow = Fault::Later { reason: "slow".into(), after: Some(Duration::from_secs(90)) };
        let waits: Vec<u64> = (0..8).map(|_| backoff.note("x", &broken).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.note("x", &slow).as_secs(), 90);
        backoff.succeeded();
        assert_eq!(backoff.note("x", &broken).as_secs(), 1);
    }
}
