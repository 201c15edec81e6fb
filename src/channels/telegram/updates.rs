//! What an update of Telegram is to Steward.

use jiff::Timestamp;
use teloxide::types::{
    CallbackQuery, ChatMigration, InlineKeyboardMarkup, MaybeInaccessibleMessage, MediaKind,
    Message, MessageKind, Update, UpdateKind, User,
};

use super::keyboard::{self, Pressed};
use super::place::Place;
use crate::catalog::Language;
use crate::channels::{Body, Inbound, Receipt, Sender};

/// What calling the bot by its name alone means.
const HELP: &str = "/help";

/// The bot, as it is called in Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Me {
    pub id: u64,
    /// Without the `@`.
    pub username: String,
}

/// What an update comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arrival {
    /// Words, and the message that they stand in.
    Said {
        inbound: Box<Inbound>,
        message: i32,
    },
    Pressed(Box<Press>),
    /// Something that nobody can read here, from somebody who wanted it read.
    Unreadable {
        place: Place,
        message: i32,
        language: Option<Language>,
        why: Unreadable,
    },
    /// A group became a supergroup.
    Moved {
        from: i64,
        to: i64,
    },
    /// Nothing to do with Steward.
    Nothing,
}

/// A button was pressed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Press {
    /// What the answer refers to.
    pub query: String,
    pub data: String,
    pub pressed: Pressed,
    /// The press as a message to the bot; `None` where the message is too old to say where it
    /// was.
    pub inbound: Option<Inbound>,
    pub place: Place,
    pub message: i32,
    pub keyboard: Option<InlineKeyboardMarkup>,
    pub language: Option<Language>,
}

/// Why something was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A picture, a recording, a file without words.
    NoWords,
    /// Somebody else's words.
    Forwarded,
    /// An administrator who hides behind the group.
    Anonymous,
}

/// Reads an update. `is_command` knows the names that Steward's own commands have.
pub(super) fn read(
    update: Update,
    me: &Me,
    is_command: &dyn Fn(&str) -> bool,
    now: Timestamp,
) -> Arrival {
    // A bot's updates are counted; the same number may come again, and then it is the same update.
    let id = format!("{}-{}", me.id, update.id.0);
    match update.kind {
        UpdateKind::Message(message) => said(id, message, me, is_command),
        UpdateKind::CallbackQuery(query) => pressed(id, query, now),
        // What was edited was read already as it was, and may have been acted upon.
        _ => Arrival::Nothing,
    }
}

fn said(id: String, message: Message, me: &Me, is_command: &dyn Fn(&str) -> bool) -> Arrival {
    if let Some(migration) = message.chat_migration() {
        let here = message.chat.id.0;
        return match migration {
            ChatMigration::To { chat_id } => Arrival::Moved { from: here, to: chat_id.0 },
            ChatMigration::From { chat_id } => Arrival::Moved { from: chat_id.0, to: here },
        };
    }
    let MessageKind::Common(common) = &message.kind else { return Arrival::Nothing };
    let Some(from) = message.from.as_ref().filter(|from| !from.is_bot || is_anonymous(from)) else {
        return Arrival::Nothing;
    };
    if common.is_automatic_forward || message.via_bot.is_some() || message.chat.is_channel() {
        return Arrival::Nothing;
    }
    let place = place(&message);
    let private = message.chat.is_private();
    let words = message.text().or(message.caption()).unwrap_or_default();
    // A command for another bot is nothing even where it answers this one.
    let Heard::Words { text, addressed } = hear(words, me, is_command) else {
        return Arrival::Nothing;
    };
    let answered = common.reply_to_message.as_ref().and_then(|message| message.from.as_ref());
    let addressed = addressed || private || answered.is_some_and(|author| author.id.0 == me.id);
    let language = language(from);
    let unreadable = |why| match addressed {
        true => Arrival::Unreadable { place, message: message.id.0, language, why },
        false => Arrival::Nothing,
    };
    if message.sender_chat.is_some() || is_anonymous(from) {
        return unreadable(Unreadable::Anonymous);
    }
    if common.forward_origin.is_some() {
        return unreadable(Unreadable::Forwarded);
    }
    if text.is_empty() {
        return match &common.media_kind {
            // A sticker is a nod, and needs no answer.
            MediaKind::Sticker(_)
            | MediaKind::Animation(_)
            | MediaKind::Game(_)
            | MediaKind::Text(_) => Arrival::Nothing,
            _ => unreadable(Unreadable::NoWords),
        };
    }
    let inbound = Inbound {
        id,
        address: place.address(),
        sender: sender(from),
        body: Body::Text(text),
        group: !private,
        addressed,
        at: Timestamp::from_second(message.date.timestamp()).unwrap_or_default(),
        language,
        origin: None,
        shown: Some(Receipt(message.id.0.to_string())),
    };
    Arrival::Said { inbound: Box::new(inbound), message: message.id.0 }
}

fn pressed(id: String, query: CallbackQuery, now: Timestamp) -> Arrival {
    let data = query.data.unwrap_or_default();
    let pressed = keyboard::read(&data);
    // Buttons are only ever below messages of the bot itself.
    let Some(message) = query.message else { return Arrival::Nothing };
    let language = language(&query.from);
    let (place, keyboard) = match &message {
        MaybeInaccessibleMessage::Regular(message) => {
            (Some(place(message)), message.reply_markup().cloned())
        }
        MaybeInaccessibleMessage::Inaccessible(_) => (None, None),
    };
    let inbound = match (&pressed, place) {
        (Pressed::Token { token, .. }, Some(place)) => Some(Inbound {
            id,
            address: place.address(),
            sender: sender(&query.from),
            body: Body::Press(token.clone()),
            group: !message.chat().is_private(),
            addressed: true,
            at: now,
            language,
            origin: None,
            shown: None,
        }),
        _ => None,
    };
    Arrival::Pressed(Box::new(Press {
        query: query.id.0,
        data,
        pressed,
        inbound,
        place: place.unwrap_or(Place { chat: message.chat().id.0, topic: None }),
        message: message.id().0,
        keyboard,
        language,
    }))
}

/// What the words of a message are to this bot.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// A command for another bot.
    Elsewhere,
    /// The words without the bot's name, and whether they are for it.
    Words { text: String, addressed: bool },
}

/// Looks for the bot's name: `/status@steward_bot`, `@steward_bot what failed?`.
fn hear(words: &str, me: &Me, is_command: &dyn Fn(&str) -> bool) -> Heard {
    let words = words.trim();
    if let Some(command) = words.strip_prefix('/') {
        let end = command.find(char::is_whitespace).unwrap_or(command.len());
        let (name, rest) = command.split_at(end);
        return match name.split_once('@') {
            Some((name, bot)) if bot.eq_ignore_ascii_case(&me.username) => {
                Heard::Words { text: format!("/{name}{rest}"), addressed: true }
            }
            Some(_) => Heard::Elsewhere,
            None => Heard::Words { text: words.to_owned(), addressed: is_command(name) },
        };
    }
    let (text, addressed) = without_name(words, &me.username);
    Heard::Words { text, addressed }
}

/// A text without `@username`, wherever it stands, and whether it stood anywhere.
fn without_name(words: &str, username: &str) -> (String, bool) {
    let mut text = String::with_capacity(words.len());
    let mut rest = words;
    let mut found = false;
    while let Some(at) = rest.find('@') {
        let (before, name) = (&rest[..at], &rest[at + 1..]);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, after) = name.split_at(end.unwrap_or(name.len()));
        let starts = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        text.push_str(before);
        if starts && !username.is_empty() && name.eq_ignore_ascii_case(username) {
            found = true;
            // `hey @steward_bot, what failed?`
            rest = after.trim_start_matches([',', ':', '，', '：']);
        } else {
            text.push('@');
            text.push_str(name);
            rest = after;
        }
    }
    text.push_str(rest);
    if !found {
        return (text, false);
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    // Called by name, and nothing else: that asks what there is.
    (if text.is_empty() { HELP.to_owned() } else { text }, true)
}

/// The chat, and the topic where the message is in one. Elsewhere a thread is a chain of answers,
/// which is no place of its own.
fn place(message: &Message) -> Place {
    let topic = message.thread_id.filter(|_| message.is_topic_message).map(|thread| thread.0.0);
    Place { chat: message.chat.id.0, topic }
}

fn sender(user: &User) -> Sender {
    let name = user.full_name();
    let name = match &user.username {
        Some(username) => format!("{name} (@{username})"),
        None => name,
    };
    Sender { id: user.id.0.to_string(), name }
}

/// The account behind which Telegram hides anonymous administrators, and the one that stands for
/// channels: both of everybody, so nobody's.
fn is_anonymous(user: &User) -> bool {
    user.is_anonymous() || user.is_channel()
}

fn language(user: &User) -> Option<Language> {
    let code = user.language_code.as_deref()?;
    Language::ALL.into_iter().find(|language| {
        code.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(language.code()))
    })
}

#[cfg(test)]
mod tests;
