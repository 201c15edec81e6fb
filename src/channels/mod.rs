//! Channels: thin shells that carry messages between people and the one bot.
//!
//! **Architecture Invariant:** a channel decides nothing. It turns what arrives into an
//! [`Inbound`], and shows an [`Outbound`] as well as it can. Only its own folder knows a channel's
//! protocol; every other room knows the types of this file alone.

mod bytes;
mod channel;
mod configured;
mod telegram;
pub mod terminal;
pub mod web;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{Language, TemplateId};
use crate::plan::PlanHash;

pub use channel::{Channel, ChannelError, DeliveryError, Receipt};
pub use configured::configured;

/// The names of all channels, as policies and addresses know them. The tests of every way in go
/// through this list.
pub const NAMES: [&str; 4] = [terminal::NAME, telegram::NAME, web::NAME, web::API];

/// Where a conversation takes place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// `terminal`, `telegram`, `web` or `api`.
    pub channel: String,
    pub chat: String,
    /// A topic or thread within the chat, where the channel has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

impl Address {
    /// One text for the whole address, different for different addresses.
    pub fn key(&self) -> String {
        let chat = key_part(&self.chat);
        let thread = self.thread.as_deref().map(|t| format!("+{}", key_part(t)));
        format!("{}/{chat}/{}", key_part(&self.channel), thread.unwrap_or_default())
    }
}

/// A text in which `/` can't occur, different for different texts.
pub fn key_part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

/// Who sent a message, as the channel knows them. Who that is to Steward, `access` decides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sender {
    /// The channel's own, stable identifier of the person.
    pub id: String,
    /// For people to read; proves nothing.
    pub name: String,
}

/// Something that arrived from a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// Unique within the channel: the same identifier is handled once, however often it arrives.
    pub id: String,
    pub address: Address,
    pub sender: Sender,
    pub body: Body,
    /// More than two people can read this chat.
    pub group: bool,
    /// The bot was named, answered or written to directly; in a group, only then may it speak up
    /// about something it did not understand.
    pub addressed: bool,
    pub at: jiff::Timestamp,
    /// The client's language setting, a hint where the words themselves say nothing.
    #[serde(default)]
    pub language: Option<Language>,
    /// From where it came, as far as the channel knows: a network address, a user and a machine.
    /// For the audit log; proves nothing.
    #[serde(default)]
    pub origin: Option<String>,
    /// As what it stands in the chat, where the channel can take it out of there.
    #[serde(default)]
    pub shown: Option<Receipt>,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Text(String),
    /// A button was pressed: the opaque token it carries.
    Press(String),
    /// A job's form was sent: what stands in the fields of its parameters. As good as having
    /// said it: the plan is shown, and waits for a yes.
    Form {
        template: TemplateId,
        fields: BTreeMap<String, String>,
    },
    /// A decision about somebody else's run that waits for approval.
    Vote {
        plan: PlanHash,
        approve: bool,
        reason: Option<String>,
    },
}

/// Something to be said to a chat. Stored in the outbox before it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    pub to: Address,
    /// Who this answers: channels that can mark it (a reply, a mention) do.
    #[serde(default)]
    pub for_sender: Option<String>,
    /// Messages of one chat with the same card replace one another in place.
    #[serde(default)]
    pub card: Option<String>,
    /// The card is about something that goes on: more will follow.
    #[serde(default)]
    pub live: bool,
    /// Answers go before status edits when a channel is throttled.
    pub urgency: Urgency,
    /// A message of somebody's that holds a secret, and is to be taken out of the chat.
    #[serde(default)]
    pub removes: Option<Receipt>,
    pub message: Message,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Answer,
    Notice,
    /// May be dropped when a newer state of the same card follows.
    Progress,
}

/// A message without any channel's markup: every text in it is literal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Message {
    pub blocks: Vec<Block>,
    pub buttons: Vec<Button>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Title(String),
    Text(String),
    /// Rows of name, value, and a remark in a lower voice.
    Rows(Vec<(String, String, String)>),
    /// A numbered list: what a number in the next answer picks.
    Options(Vec<String>),
    /// Output or another literal, in a fixed-width face.
    Code(String),
    /// A bar: from 0 to 1.
    Progress {
        done: f32,
        label: String,
    },
    /// A PNG, with a text that says what it shows.
    Picture {
        #[serde(with = "bytes")]
        png: Vec<u8>,
        caption: String,
        /// What a channel without pictures shows instead.
        #[serde(default)]
        instead: String,
    },
    /// A file to download.
    File {
        name: String,
        #[serde(with = "bytes")]
        content: Vec<u8>,
    },
}

/// A button. Its token is stored, opaque, and works for the one person it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub label: String,
    pub token: String,
}
