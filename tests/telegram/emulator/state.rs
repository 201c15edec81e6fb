//! What the emulated Telegram knows.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::limits::Limits;

/// The bot's account.
pub const BOT: u64 = 4_242;
pub const USERNAME: &str = "steward_test_bot";

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: u64,
    pub name: &'static str,
    pub language: &'static str,
}

impl Person {
    pub fn json(&self) -> Json {
        json!({
            "id": self.id, "is_bot": false, "first_name": self.name,
            "language_code": self.language,
        })
    }
}

/// A message in a chat.
#[derive(Debug, Clone)]
pub struct Message {
    pub chat: i64,
    pub id: i32,
    pub topic: Option<i32>,
    /// `BOT`, or a person.
    pub from: u64,
    /// The text, or the caption.
    pub text: String,
    pub entities: Vec<Json>,
    /// Rows of (label, data).
    pub keyboard: Vec<Vec<(String, String)>>,
    pub reply_to: Option<i32>,
    /// A picture or a document that came with it.
    pub file: Option<File>,
    /// Every text it ever had, the first one first.
    pub history: Vec<String>,
    pub deleted: bool,
}

/// What was uploaded.
#[derive(Debug, Clone)]
pub struct File {
    pub kind: &'static str,
    pub name: String,
    pub content: Vec<u8>,
}

impl Message {
    pub fn buttons(&self) -> impl Iterator<Item = &(String, String)> {
        self.keyboard.iter().flatten()
    }

    pub fn labels(&self) -> Vec<&str> {
        self.buttons().map(|(label, _)| label.as_str()).collect()
    }

    /// The data of the button with that label.
    pub fn data(&self, label: &str) -> Option<String> {
        self.buttons().find(|(own, _)| own == label).map(|(_, data)| data.clone())
    }
}

/// A press, and its answer.
#[derive(Debug, Clone)]
pub struct Query {
    pub id: String,
    pub asked: Instant,
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub at: Instant,
    pub text: Option<String>,
    pub alert: bool,
}

/// A chat.
#[derive(Debug, Clone)]
pub struct Chat {
    pub kind: &'static str,
    pub topics: Vec<i32>,
    /// Where the group went.
    pub moved: Option<i64>,
}

/// What happens to a call instead of what should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The connection breaks before anything was done.
    Lost,
    /// It is done, and the connection breaks in the middle of the answer.
    AnswerLost,
}

#[derive(Default)]
pub struct State {
    pub people: HashMap<u64, Person>,
    pub chats: HashMap<i64, Chat>,
    pub messages: Vec<Message>,
    pub queries: Vec<Query>,
    /// Not confirmed yet, by number.
    pub updates: VecDeque<(u32, Json)>,
    next_update: u32,
    pub next_message: i32,
    next_query: u32,
    /// Every update is given twice.
    pub stutters: bool,
    /// The bot's privacy mode is off: it sees everything that is said in its groups.
    pub hears_all: bool,
    /// Counts all calls.
    pub calls: u64,
    /// Counts the calls for updates: a new one ends the one before.
    pub polls: u64,
    pub webhook: Option<Webhook>,
    pub limits: Limits,
    pub mishaps: Vec<(&'static str, Mishap)>,
    /// Every refusal for being too fast.
    pub floods: Vec<String>,
    /// Every call that a well-behaved client would not have made.
    pub complaints: Vec<String>,
    /// By language, "" for all others.
    pub menus: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
}

impl State {
    pub fn message(&self, chat: i64, id: i32) -> Option<&Message> {
        self.messages.iter().find(|m| m.chat == chat && m.id == id && !m.deleted)
    }

    pub fn message_mut(&mut self, chat: i64, id: i32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|m| m.chat == chat && m.id == id && !m.deleted)
    }

    /// What a chat shows, in order.
    pub fn shown(&self, chat: i64) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter().filter(move |m| m.chat == chat && !m.deleted)
    }

    /// Adds a message, with the next number.
    pub fn add(&mut self, mut message: Message) -> i32 {
        self.next_message += 1;
        message.id = self.next_message;
        self.messages.push(message);
        self.next_message
    }

    pub fn queue(&mut self, kind: &str, content: Json) {
        self.next_update += 1;
        let number = self.next_update;
        self.updates.push_back((number, json!({"update_id": number, kind: content})));
    }

    pub fn query(&mut self) -> String {
        self.next_query += 1;
        let id = format!("query-{}", self.next_query);
        self.queries.push(Query { id: id.clone(), asked: Instant::now(), answer: None });
        id
    }

    /// A message as Telegram writes it.
    pub fn json(&self, message: &Message) -> Json {
        let bot = json!({
            "id": BOT, "is_bot": true, "first_name": "Steward", "username": USERNAME,
        });
        let from = self.people.get(&message.from).map_or(bot, Person::json);
        let mut json = json!({
            "message_id": message.id, "date": jiff::Timestamp::now().as_second(),
            "chat": self.chat_json(message.chat), "from": from,
        });
        let fields = match &message.file {
            None => json!({"text": message.text, "entities": message.entities}),
            Some(file) if file.kind == "photo" => json!({
                "caption": message.text,
                "photo": [{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90, "file_size": 9}],
            }),
            Some(file) => json!({
                "document": {"file_id": "f", "file_unique_id": "u", "file_name": file.name, "file_size": 9},
            }),
        };
        extend(&mut json, fields);
        if let Some(topic) = message.topic {
            extend(&mut json, json!({"message_thread_id": topic, "is_topic_message": true}));
        }
        if let Some(to) = message.reply_to.and_then(|to| self.message(message.chat, to)) {
            let to = Message { reply_to: None, ..to.clone() };
            extend(&mut json, json!({"reply_to_message": self.json(&to)}));
        }
        if !message.keyboard.is_empty() {
            let button =
                |(text, data): &(String, String)| json!({"text": text, "callback_data": data});
            let rows: Vec<Vec<Json>> =
                message.keyboard.iter().map(|row| row.iter().map(button).collect()).collect();
            extend(&mut json, json!({"reply_markup": {"inline_keyboard": rows}}));
        }
        json
    }

    fn chat_json(&self, chat: i64) -> Json {
        match self.chats.get(&chat).map(|chat| chat.kind) {
            Some("private") => json!({"id": chat, "type": "private", "first_name": "Somebody"}),
            Some(kind) => json!({"id": chat, "type": kind, "title": "Ops"}),
            None => json!({"id": chat, "type": "group", "title": "Gone"}),
        }
    }
}

pub fn extend(json: &mut Json, more: Json) {
    if let (Some(object), Json::Object(more)) = (json.as_object_mut(), more) {
        object.extend(more);
    }
}
