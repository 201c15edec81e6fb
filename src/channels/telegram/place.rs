//! Where things are: addresses as Telegram's chats and topics.

use teloxide::types::{ChatId, MessageId, ThreadId};

use super::NAME;
use crate::channels::Address;

/// A chat, and a topic in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub chat: i64,
    pub topic: Option<i32>,
}

impl Place {
    /// `None` for an address that is none of this channel's: a chat is a number, and so is a
    /// topic.
    pub fn of(address: &Address) -> Option<Place> {
        let topic = match &address.thread {
            Some(thread) => Some(thread.parse().ok()?),
            None => None,
        };
        Some(Place { chat: address.chat.parse().ok()?, topic })
    }

    pub fn address(self) -> Address {
        Address {
            channel: NAME.to_owned(),
            chat: self.chat.to_string(),
            thread: self.topic.map(|topic| topic.to_string()),
        }
    }

    pub fn chat_id(self) -> ChatId {
        ChatId(self.chat)
    }

    pub fn thread_id(self) -> Option<ThreadId> {
        self.topic.map(|topic| ThreadId(MessageId(topic)))
    }

    /// Groups have negative ids.
    pub fn is_group(self) -> bool {
        self.chat < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_place_and_back() {
        for place in [Place { chat: 42, topic: None }, Place { chat: -1001234, topic: Some(7) }] {
            assert_eq!(Place::of(&place.address()), Some(place));
        }
        for (chat, thread) in [("ops", None), ("42", Some("general"))] {
            let thread = thread.map(str::to_owned);
            let address = Address { channel: NAME.into(), chat: chat.into(), thread };
            assert_eq!(Place::of(&address), None);
        }
    }
}
