//! Buttons: short, opaque tokens that stand for something to do.
//!
//! **Architecture Invariant:** what a button does is in the store, never in the token, and only
//! the person it was made for, where it was made, can press it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channels::{Address, Button, Message};
use crate::reply::{Action, Reply};
use crate::store::{Batch, Store, StoreError, Table, get_as, scan_as};

const BUTTONS: Table = "buttons";

/// A button can be pressed for so long.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A button as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stored {
    /// The Steward user who may press it.
    user: String,
    scope: Address,
    action: Action,
    expires: Timestamp,
}

/// What pressing a button comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pressed {
    Action(Action),
    /// Never made, or too long ago.
    Unknown,
    /// Somebody else's, or of another chat.
    NotYours,
}

/// Whether a button can be pressed by somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressable {
    Yes,
    /// Somebody else's, or of another chat.
    NotYours,
    /// Never made, or too long ago.
    Gone,
}

impl Pressed {
    pub fn pressable(&self) -> Pressable {
        match self {
            Pressed::Action(_) => Pressable::Yes,
            Pressed::NotYours => Pressable::NotYours,
            Pressed::Unknown => Pressable::Gone,
        }
    }
}

/// Gives every button of a reply its token, and stores them with the batch.
pub(super) fn seal(
    mut batch: Batch,
    reply: Reply,
    user: &str,
    scope: &Address,
    now: Timestamp,
) -> Result<(Batch, Message), StoreError> {
    let Reply { blocks, buttons } = reply.limited();
    let mut sealed = Vec::with_capacity(buttons.len());
    for choice in buttons {
        let token = token();
        let stored = Stored {
            user: user.to_owned(),
            scope: scope.clone(),
            action: choice.action,
            expires: now.checked_add(LIFETIME).unwrap_or(now),
        };
        batch = batch.put_as(BUTTONS, &token, &stored)?;
        sealed.push(Button { label: choice.label, token });
    }
    Ok((batch, Message { blocks, buttons: sealed }))
}

/// What a token stands for, when this person presses it here.
pub(super) async fn press(
    store: &dyn Store,
    token: &str,
    user: &str,
    scope: &Address,
    now: Timestamp,
) -> Result<Pressed, StoreError> {
    let stored: Option<Stored> = get_as(store, BUTTONS, token).await?;
    Ok(match stored {
        Some(stored) if stored.user != user || stored.scope != *scope => Pressed::NotYours,
        Some(stored) if now < stored.expires => Pressed::Action(stored.action),
        _ => Pressed::Unknown,
    })
}

/// Forgets the buttons that nobody can press any more.
pub(super) async fn forget_old(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, Stored)> =
            scan_as(store, BUTTONS, "", after.as_deref(), 1024).await?;
        let mut batch = Batch::default();
        for (token, stored) in &page {
            if stored.expires <= now {
                batch = batch.delete(BUTTONS, token);
            }
        }
        if !batch.writes.is_empty() {
            store.commit(batch).await?;
        }
        match page.into_iter().last() {
            Some((key, _)) => after = Some(key),
            None => return Ok(()),
        }
    }
}

/// 96 random bits in 16 characters: nobody guesses one, and any channel can carry it.
fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::{Input, Pick};
    use crate::store::MemoryStore;

    fn place(chat: &str) -> Address {
        Address { channel: "telegram".into(), chat: chat.into(), thread: None }
    }

    #[tokio::test]
    async fn a_button_works_for_its_person_in_its_place_and_time() {
        let store = MemoryStore::default();
        let now = Timestamp::now();
        let action = Action::Say { input: Input::Pick(Pick::Stay) };
        let reply = Reply::text("?").button("Stay", action.clone());
        let (batch, message) =
            seal(Batch::default(), reply, "kim", &place("1"), now).expect("sealed");
        store.commit(batch).await.unwrap();
        let [button] = message.buttons.as_slice() else { panic!("one button") };
        assert_eq!((button.label.as_str(), button.token.len()), ("Stay", 16));

        let later = now.checked_add(LIFETIME).unwrap();
        let cases = [
            (button.token.as_str(), "kim", "1", now, Pressed::Action(action)),
            (button.token.as_str(), "lee", "1", now, Pressed::NotYours),
            (button.token.as_str(), "kim", "2", now, Pressed::NotYours),
            (button.token.as_str(), "kim", "1", later, Pressed::Unknown),
            ("AAAAAAAAAAAAAAAA", "kim", "1", now, Pressed::Unknown),
            ("", "kim", "1", now, Pressed::Unknown),
        ];
        for (token, user, chat, at, expected) in cases {
            let pressed = press(&store, token, user, &place(chat), at).await.unwrap();
            assert_eq!(pressed, expected, "{user} in {chat} at {at}");
        }
        forget_old(&store, later).await.unwrap();
        assert!(store.scan(BUTTONS, "", None, 9).await.unwrap().is_empty());
    }
}
