//! Showing a message: each part in its turn, a card in place.

use std::sync::Arc;

use jiff::Timestamp;
use teloxide::Bot;
use teloxide::payloads::EditMessageTextSetters;
use teloxide::prelude::Requester;
use teloxide::types::{
    InlineKeyboardMarkup, InputFile, LinkPreviewOptions, MessageId, ReplyMarkup, ReplyParameters,
};

use super::card::Card;
use super::errors::Fault;
use super::interrupted::Interrupted;
use super::keyboard::{Presses, keyboard};
use super::moves::Moves;
use super::place::Place;
use super::reception::Latest;
use super::render::{Part, Styled, parts};
use super::throttle::{Permit, Throttle};
use crate::channels::{Address, DeliveryError, Outbound, Receipt, Urgency};
use crate::store::StoreError;

/// A fault that has a way around it is gone around so often.
const DETOURS: usize = 5;

/// A picture's name, where it is sent as a file.
const PICTURE: &str = "chart.png";

/// Sends what the outbox has.
pub(super) struct Delivery {
    pub api: Bot,
    pub throttle: Throttle,
    pub moves: Arc<Moves>,
    pub latest: Arc<Latest>,
    pub interrupted: Interrupted,
}

/// One message of Telegram that is to be sent, or to take the place of one.
struct Piece {
    part: Part,
    edit: Option<i32>,
    reply_to: Option<i32>,
    keyboard: Option<InlineKeyboardMarkup>,
}

impl Delivery {
    /// Shows a message.
    pub async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        let mut place = self.place(&message.to).await?;
        let card = shown.map(|receipt| Card::read(&receipt.0));
        let now = Timestamp::now();
        let (pieces, texts) = self.pieces(message, place, card.as_ref(), now);
        let mut sent = self.interrupted.take(message);
        let rest: Vec<Piece> = pieces.into_iter().skip(sent.len()).collect();
        for piece in rest {
            match self.send(&mut place, piece, message.urgency).await {
                Ok(id) => sent.push(id),
                Err(fault) => {
                    self.interrupted.note(message, sent);
                    return Err(fault.into_delivery());
                }
            }
        }
        // Pictures and files stand for themselves, and are never edited.
        sent.truncate(texts);
        let shown = Card::shown(card.as_ref(), &sent, now);
        for left_over in card.iter().flat_map(|card| card.left_over(&sent)) {
            // What is still there tells of an older state; that is all that is wrong with it.
            let deleted = self.api.delete_message(place.chat_id(), MessageId(left_over)).await;
            if let Err(error) = deleted {
                tracing::debug!(reason = Fault::from(error).told(), "a message stays");
            }
        }
        Ok(Receipt(shown.write()))
    }

    /// Deletes what somebody wrote. In a group, the bot has to be an administrator for that.
    pub async fn remove(&self, chat: &Address, message: &Receipt) -> Result<(), DeliveryError> {
        let place = self.place(chat).await?;
        let Ok(id) = message.0.parse() else {
            return Err(DeliveryError::Never(format!("`{}` is no message", message.0)));
        };
        match self.api.delete_message(place.chat_id(), MessageId(id)).await.map_err(Fault::from) {
            Ok(_) | Err(Fault::Gone) => Ok(()),
            Err(fault) => Err(fault.into_delivery()),
        }
    }

    /// Where a chat is now.
    async fn place(&self, address: &Address) -> Result<Place, DeliveryError> {
        let Some(mut place) = Place::of(address) else {
            let reason = format!("`{}` is no chat of Telegram", address.key());
            return Err(DeliveryError::Never(reason));
        };
        place.chat = self.moves.current(place.chat).await.map_err(postponed)?;
        Ok(place)
    }

    /// What is to be sent, in order, and how many of it are the texts of the message itself.
    fn pieces(
        &self,
        message: &Outbound,
        place: Place,
        card: Option<&Card>,
        now: Timestamp,
    ) -> (Vec<Piece>, usize) {
        let presses = if message.card.is_some() { Presses::Often } else { Presses::Once };
        let mut buttons = keyboard(&message.message.buttons, presses);
        let parts = parts(&message.message);
        let texts = parts.iter().filter(|part| matches!(part, Part::Text(_))).count();
        // Buttons belong to the words; pictures and files come after those.
        let carrier = texts.max(1) - 1;
        let asker = message.for_sender.as_deref().filter(|_| place.is_group());
        let asked = asker.and_then(|sender| self.latest.get(place, sender));
        let headline = headline(&parts);
        let mut pieces: Vec<Piece> = parts
            .into_iter()
            .enumerate()
            .map(|(i, part)| Piece {
                edit: card.and_then(|card| card.message(i)).filter(|_| i < texts),
                reply_to: asked.filter(|_| i == 0),
                keyboard: if i == carrier { buttons.take() } else { None },
                part,
            })
            .collect();
        // An edit makes no sound. The end of something that took a while should.
        let over = !message.live && message.urgency != Urgency::Progress;
        if let (Some(card), true, Some(headline)) = (card, over, headline)
            && card.is_old(now)
        {
            pieces.push(Piece {
                part: Part::Text(headline),
                edit: None,
                reply_to: card.message(0),
                keyboard: None,
            });
        }
        (pieces, texts)
    }

    /// Sends one piece; its id says as what it is shown.
    async fn send(
        &self,
        place: &mut Place,
        mut piece: Piece,
        urgency: Urgency,
    ) -> Result<i32, Fault> {
        let mut detours = 0;
        loop {
            let permit = self.permit(place.chat, urgency).await?;
            let fault = match self.call(*place, &piece).await {
                Ok(id) => return Ok(id),
                Err(fault) => fault,
            };
            drop(permit);
            detours += 1;
            if detours > DETOURS {
                return Err(fault);
            }
            match (fault, piece.edit) {
                (Fault::NotModified, Some(id)) => return Ok(id),
                (Fault::NotEditable(_), Some(_)) => piece.edit = None,
                (Fault::Moved(to), _) if to != place.chat => {
                    self.moves.note(place.chat, to).await.map_err(unstored)?;
                    // Its messages have other numbers there.
                    *place = Place { chat: to, ..*place };
                    (piece.edit, piece.reply_to) = (None, None);
                }
                (Fault::NoThread, _) if place.topic.is_some() => {
                    place.topic = None;
                    (piece.edit, piece.reply_to) = (None, None);
                }
                (Fault::NotAPhoto(_), _) if matches!(piece.part, Part::Photo { .. }) => {
                    piece.part = as_document(piece.part);
                }
                (Fault::Later { reason, after: Some(pause) }, _) => {
                    self.throttle.block(place.chat, pause);
                    return Err(Fault::Later { reason, after: Some(pause) });
                }
                (fault, _) => return Err(fault),
            }
        }
    }

    /// Leave to send: answers wait for it, states of cards do not.
    async fn permit(&self, chat: i64, urgency: Urgency) -> Result<Permit, Fault> {
        match urgency {
            Urgency::Progress => self.throttle.permit_progress(chat).map_err(|wait| {
                let reason = "there is no room for the state of a card".to_owned();
                Fault::Later { reason, after: Some(wait) }
            }),
            urgency => Ok(self.throttle.permit(chat, urgency).await),
        }
    }

    /// One call.
    async fn call(&self, place: Place, piece: &Piece) -> Result<i32, Fault> {
        let chat = place.chat_id();
        let reply = piece
            .reply_to
            .map(|to| ReplyParameters::new(MessageId(to)).allow_sending_without_reply());
        let markup = piece.keyboard.clone();
        let sent = match (&piece.part, piece.edit) {
            (Part::Text(styled), Some(id)) => {
                let mut call = self
                    .api
                    .edit_message_text(chat, MessageId(id), &styled.text)
                    .entities(styled.entities())
                    .link_preview_options(no_preview());
                call.reply_markup = markup;
                call.await?
            }
            (Part::Text(styled), None) => {
                let mut call = self.api.send_message(chat, &styled.text);
                call.entities = Some(styled.entities());
                call.link_preview_options = Some(no_preview());
                call.reply_markup = markup.map(ReplyMarkup::InlineKeyboard);
                call.message_thread_id = place.thread_id();
                call.reply_parameters = reply;
                call.await?
            }
            (Part::Photo { png, caption }, _) => {
                let file = InputFile::memory(png.clone()).file_name(PICTURE);
                let mut call = self.api.send_photo(chat, file);
                call.caption = Some(caption.clone()).filter(|caption| !caption.is_empty());
                call.reply_markup = markup.map(ReplyMarkup::InlineKeyboard);
                call.message_thread_id = place.thread_id();
                call.reply_parameters = reply;
                call.await?
            }
            (Part::Document { name, content }, _) => {
                let file = InputFile::memory(content.clone()).file_name(name.clone());
                let mut call = self.api.send_document(chat, file);
                call.reply_markup = markup.map(ReplyMarkup::InlineKeyboard);
                call.message_thread_id = place.thread_id();
                call.reply_parameters = reply;
                call.await?
            }
        };
        Ok(sent.id.0)
    }
}

/// The first line of a message.
fn headline(parts: &[Part]) -> Option<Styled> {
    let Part::Text(styled) = parts.first()? else { return None };
    let line = styled.text.lines().next()?;
    Some(Styled { text: line.to_owned(), spans: Vec::new() })
}

fn as_document(part: Part) -> Part {
    match part {
        Part::Photo { png, .. } => Part::Document { name: PICTURE.to_owned(), content: png },
        part => part,
    }
}

/// Addresses in a log are no invitation to look at what is there.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn unstored(error: StoreError) -> Fault {
    Fault::Later { reason: error.to_string(), after: None }
}

fn postponed(error: StoreError) -> DeliveryError {
    unstored(error).into_delivery()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::channels::{Block, Button, Message};
    use crate::store::MemoryStore;

    fn delivery() -> Delivery {
        Delivery {
            api: Bot::new("42:none"),
            throttle: Throttle::default(),
            moves: Arc::new(Moves::new(Arc::new(MemoryStore::default()))),
            latest: Arc::default(),
            interrupted: Interrupted::default(),
        }
    }

    fn report(live: bool) -> Outbound {
        let blocks = vec![
            Block::Text("#1 Deploy: succeeded\nand more".into()),
            Block::Picture { png: vec![1], caption: "durations".into(), instead: "▁▂".into() },
        ];
        let buttons = vec![Button { label: "Log".into(), token: "T".into() }];
        Outbound {
            to: Place { chat: 7, topic: None }.address(),
            for_sender: None,
            card: Some("execution-1".into()),
            live,
            urgency: Urgency::Notice,
            removes: None,
            message: Message { blocks, buttons },
        }
    }

    /// Each piece: what it is, which message it takes the place of, which one it answers, and
    /// whether it has buttons.
    type Told = (&'static str, Option<i32>, Option<i32>, bool);

    fn told(pieces: &[Piece]) -> Vec<Told> {
        let kind = |part: &Part| match part {
            Part::Text(_) => "text",
            Part::Photo { .. } => "photo",
            Part::Document { .. } => "document",
        };
        pieces.iter().map(|p| (kind(&p.part), p.edit, p.reply_to, p.keyboard.is_some())).collect()
    }

    #[test]
    fn a_card_is_edited_and_its_end_is_heard_when_it_took_long() {
        let (delivery, place) = (delivery(), Place { chat: 7, topic: None });
        let then = Timestamp::UNIX_EPOCH;
        let later = then.checked_add(SignedDuration::from_mins(5)).expect("a moment");
        let card = Card::shown(None, &[101], then);
        let cases: [(bool, Option<&Card>, Timestamp, &[Told]); 4] = [
            (false, None, then, &[("text", None, None, true), ("photo", None, None, false)]),
            (
                false,
                Some(&card),
                then,
                &[("text", Some(101), None, true), ("photo", None, None, false)],
            ),
            (
                false,
                Some(&card),
                later,
                &[
                    ("text", Some(101), None, true),
                    ("photo", None, None, false),
                    ("text", None, Some(101), false),
                ],
            ),
            (
                true,
                Some(&card),
                later,
                &[("text", Some(101), None, true), ("photo", None, None, false)],
            ),
        ];
        for (live, card, now, expected) in cases {
            let (pieces, texts) = delivery.pieces(&report(live), place, card, now);
            assert_eq!((told(&pieces).as_slice(), texts), (expected, 1));
            if let Some(Piece { part: Part::Text(heard), .. }) = pieces.get(2) {
                assert_eq!(heard.text, "#1 Deploy: succeeded");
            }
        }
    }

    #[tokio::test]
    async fn an_address_that_is_no_chat_of_telegram_is_never_tried() {
        let mut message = report(false);
        message.to.chat = "ops".into();
        let outcome = delivery().deliver(&message, None).await;
        assert!(matches!(outcome, Err(DeliveryError::Never(_))), "{outcome:?}");
    }
}
