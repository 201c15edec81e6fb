//! What a person sees of a channel: messages that come, and change.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::over_channel::Shown;

/// Messages by their names, in the order in which they came.
#[derive(Default)]
pub struct Screen {
    messages: Mutex<Vec<(String, Shown)>>,
    changed: Notify,
}

impl Screen {
    /// Shows a message, or what has become of the one of that name.
    pub fn show(&self, name: &str, message: Shown) {
        let mut messages = self.messages();
        match messages.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = message,
            None => messages.push((name.to_owned(), message)),
        }
        drop(messages);
        self.changed.notify_waiters();
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.messages().len()
    }

    /// The messages behind the first ones.
    pub fn after(&self, count: usize) -> Vec<Shown> {
        self.messages().iter().skip(count).map(|(_, message)| message.clone()).collect()
    }

    /// Returns when something has changed since this was called.
    pub fn change(&self) -> impl Future<Output = ()> {
        self.changed.notified()
    }

    fn messages(&self) -> MutexGuard<'_, Vec<(String, Shown)>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
