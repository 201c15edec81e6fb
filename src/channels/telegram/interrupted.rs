//! Messages that were sent in part.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use crate::channels::Outbound;

/// Messages of which some parts were sent when something came in between, by their address: the
/// next attempt goes on after them.
#[derive(Default)]
pub(super) struct Interrupted(Mutex<HashMap<String, (u64, Vec<i32>)>>);

impl Interrupted {
    /// What was sent of a message before, once.
    pub fn take(&self, message: &Outbound) -> Vec<i32> {
        let key = message.to.key();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&key) {
            Some((known, _)) if *known == fingerprint(message) => {
                all.remove(&key).map(|(_, sent)| sent).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// Notes what was sent of a message before something came in between.
    pub fn note(&self, message: &Outbound, sent: Vec<i32>) {
        if !sent.is_empty() {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(message.to.key(), (fingerprint(message), sent));
        }
    }
}

/// Tells a message from the others that wait for a chat.
fn fingerprint(message: &Outbound) -> u64 {
    let mut hasher = DefaultHasher::new();
    // A message is plain data; were it none, it would be sent from the beginning again.
    serde_json::to_vec(message).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Address, Block, Message, Urgency};

    fn message(text: &str) -> Outbound {
        Outbound {
            to: Address { channel: "telegram".into(), chat: "7".into(), thread: None },
            for_sender: None,
            card: None,
            live: false,
            urgency: Urgency::Answer,
            removes: None,
            message: Message { blocks: vec![Block::Text(text.into())], buttons: vec![] },
        }
    }

    #[test]
    fn what_was_sent_before_an_interruption_is_not_sent_again() {
        let interrupted = Interrupted::default();
        let long = message("long");
        assert_eq!(interrupted.take(&long), [] as [i32; 0]);
        interrupted.note(&long, vec![101]);
        // Another message of the same chat has nothing to do with it.
        assert_eq!(interrupted.take(&message("other")), [] as [i32; 0]);
        assert_eq!(interrupted.take(&long), [101]);
        assert_eq!(interrupted.take(&long), [] as [i32; 0]);
    }
}
