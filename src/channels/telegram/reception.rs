//! What becomes of an update: it is handed to the bot, and answered where Telegram wants that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageReplyMarkupSetters, SendMessageSetters,
};
use teloxide::prelude::Requester;
use teloxide::types::{CallbackQueryId, MessageId, ReplyParameters, Update};

use super::errors::Fault;
use super::keyboard::{self, Pressed, Presses};
use super::moves::Moves;
use super::place::Place;
use super::throttle::Throttle;
use super::updates::{self, Arrival, Me, Press, Unreadable};
use crate::bot::{Bot, Pressable};
use crate::catalog::Language;
use crate::channels::Urgency;
use crate::reply::{Speech, say};
use crate::store::StoreError;

/// Attempts to answer a press, and the pauses between them: Telegram shows the person a wheel
/// until then, and takes no answer after a quarter of a minute.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// So long it may take until a pressed button shows that it was.
const MARKING: Duration = Duration::from_secs(30);

/// People whose latest messages are remembered.
const REMEMBERED: usize = 2_000;

/// The message that somebody wrote last in a group: what answers to them are attached to.
#[derive(Default)]
pub(super) struct Latest(Mutex<HashMap<(Place, String), i32>>);

impl Latest {
    pub fn get(&self, place: Place, sender: &str) -> Option<i32> {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.get(&(place, sender.to_owned())).copied()
    }

    fn set(&self, place: Place, sender: &str, message: i32) {
        if !place.is_group() {
            return;
        }
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A convenience: nobody misses what is forgotten here.
        if latest.len() >= REMEMBERED {
            latest.clear();
        }
        latest.insert((place, sender.to_owned()), message);
    }
}

/// Takes updates for one bot.
pub(super) struct Reception {
    pub bot: Bot,
    pub api: teloxide::Bot,
    pub me: Me,
    /// Spoken where neither the words nor the account say.
    pub language: Language,
    pub throttle: Throttle,
    pub moves: Arc<Moves>,
    pub latest: Arc<Latest>,
}

impl Reception {
    /// Takes an update over: when this returns it is stored, and may be acknowledged.
    pub async fn take(&self, update: Update) -> Result<(), StoreError> {
        let catalog = self.bot.catalog();
        let is_command = |name: &str| catalog.slash(name).is_some();
        match updates::read(update, &self.me, &is_command, Timestamp::now()) {
            Arrival::Said { inbound, message } => {
                if let Some(place) = Place::of(&inbound.address) {
                    self.latest.set(place, &inbound.sender.id, message);
                }
                self.bot.receive(*inbound).await?;
            }
            Arrival::Pressed(press) => self.pressed(*press).await?,
            Arrival::Unreadable { place, message, language, why } => {
                self.explain(place, message, language, why);
            }
            Arrival::Moved { from, to } => self.moves.note(from, to).await?,
            Arrival::Nothing => {}
        }
        Ok(())
    }

    /// A press is passed on only where the button is this person's; everybody gets an answer.
    async fn pressed(&self, press: Press) -> Result<(), StoreError> {
        let speech = Speech::new(press.language.unwrap_or(self.language));
        let pressable = match (&press.inbound, &press.pressed) {
            (Some(inbound), Pressed::Token { token, .. }) => {
                self.bot.pressable(token, &inbound.address, &inbound.sender).await?
            }
            _ => Pressable::Gone,
        };
        let text = match (&press.pressed, pressable) {
            (_, Pressable::Yes) | (Pressed::Spent, _) => None,
            (_, Pressable::NotYours) => Some(say!(speech, "button-not-yours")),
            (_, Pressable::Gone) => Some(say!(speech, "note-stale")),
        };
        if let (Pressable::Yes, Some(inbound)) = (pressable, press.inbound.clone()) {
            self.latest.set(press.place, &inbound.sender.id, press.message);
            self.bot.receive(inbound).await?;
            self.mark(&press);
        }
        tokio::spawn(answer(self.api.clone(), press.query, text));
        Ok(())
    }

    /// Lets the buttons of a question show which one was pressed, when there is time for that.
    fn mark(&self, press: &Press) {
        let Pressed::Token { presses: Presses::Once, .. } = press.pressed else { return };
        let Some(shown) = &press.keyboard else { return };
        let after = keyboard::picked(shown, &press.data);
        let (api, throttle) = (self.api.clone(), self.throttle.clone());
        let (place, message) = (press.place, MessageId(press.message));
        let marking = async move {
            let permit = loop {
                match throttle.permit_progress(place.chat) {
                    Ok(permit) => break permit,
                    Err(wait) => tokio::time::sleep(wait).await,
                }
            };
            let edit = api.edit_message_reply_markup(place.chat_id(), message).reply_markup(after);
            if let Err(error) = edit.await {
                tracing::debug!(reason = Fault::from(error).told(), "a button was not marked");
            }
            drop(permit);
        };
        tokio::spawn(tokio::time::timeout(MARKING, marking));
    }

    /// Says why something was not read.
    fn explain(&self, place: Place, message: i32, language: Option<Language>, why: Unreadable) {
        let speech = Speech::new(language.unwrap_or(self.language));
        let text = match why {
            Unreadable::NoWords => say!(speech, "telegram-no-words"),
            Unreadable::Forwarded => say!(speech, "telegram-forwarded"),
            Unreadable::Anonymous => say!(speech, "telegram-anonymous"),
        };
        let (api, throttle) = (self.api.clone(), self.throttle.clone());
        tokio::spawn(async move {
            let permit = throttle.permit(place.chat, Urgency::Answer).await;
            let reply = ReplyParameters::new(MessageId(message)).allow_sending_without_reply();
            let mut send = api.send_message(place.chat_id(), text).reply_parameters(reply);
            send.message_thread_id = place.thread_id();
            if let Err(error) = send.await {
                tracing::info!(reason = Fault::from(error).told(), "a hint was not delivered");
            }
            drop(permit);
        });
    }
}

/// Answers a press: with nothing, or with a text that the person has to see.
async fn answer(api: teloxide::Bot, query: String, text: Option<String>) {
    let mut pause = FIRST_PAUSE;
    for _ in 0..ATTEMPTS {
        let mut call = api.answer_callback_query(CallbackQueryId(query.clone()));
        if let Some(text) = &text {
            call = call.text(text).show_alert(true);
        }
        match call.await.map_err(Fault::from) {
            Ok(_) => return,
            Err(Fault::Later { reason, after }) => {
                tracing::debug!(%reason, "a press has to wait for its answer");
                tokio::time::sleep(after.unwrap_or(pause)).await;
                pause *= 2;
            }
            // It is too old: the person has pressed again, or gone.
            Err(fault) => {
                tracing::debug!(reason = fault.told(), "a press was not answered");
                return;
            }
        }
    }
}
