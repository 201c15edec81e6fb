//! The methods of the Bot API, as strict as Telegram is.

use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use super::state::{Answer, BOT, File, Message, State, USERNAME, Webhook};

/// What was given with a call.
pub struct Call {
    pub method: String,
    pub fields: Map<String, Json>,
    pub files: Vec<(String, File)>,
}

/// An answer that is none.
pub struct Refusal {
    pub code: u16,
    pub description: String,
    pub parameters: Json,
}

type Outcome = Result<Json, Refusal>;

impl State {
    /// Does what a call asks for. Fetching updates, which takes time, is done elsewhere.
    pub fn call(&mut self, call: &Call) -> Outcome {
        let outcome = match call.method.as_str() {
            "getme" => Ok(json!({
                "id": BOT, "is_bot": true, "first_name": "Steward", "username": USERNAME,
                "can_join_groups": true, "can_read_all_group_messages": false,
                "supports_inline_queries": false, "can_connect_to_business": false,
                "has_main_web_app": false,
            })),
            "deletewebhook" => {
                self.webhook = None;
                Ok(json!(true))
            }
            "setwebhook" => self.set_webhook(call),
            "setmycommands" => self.set_my_commands(call),
            "sendmessage" => self.send(call, None),
            "sendphoto" => self.send(call, Some("photo")),
            "senddocument" => self.send(call, Some("document")),
            "editmessagetext" => self.edit(call, true),
            "editmessagereplymarkup" => self.edit(call, false),
            "deletemessage" => self.delete(call),
            "answercallbackquery" => self.answer(call),
            _ => Err(Refusal { code: 404, description: "Not Found".into(), parameters: json!({}) }),
        };
        if let Err(refusal) = &outcome {
            let story = format!("{}: {}", call.method, refusal.description);
            match refusal.code {
                429 => self.floods.push(story),
                400 if expected(&refusal.description) => {}
                _ => self.complaints.push(story),
            }
        }
        outcome
    }

    fn set_webhook(&mut self, call: &Call) -> Outcome {
        let url = call.text("url")?;
        let secret = call.text("secret_token")?;
        if !url.starts_with("https://") {
            return Err(bad("bad webhook: HTTPS url must be provided for webhook"));
        }
        self.webhook = Some(Webhook { url, secret });
        Ok(json!(true))
    }

    fn set_my_commands(&mut self, call: &Call) -> Outcome {
        let language = call.text("language_code").unwrap_or_default();
        let commands = call.json("commands").as_array().cloned().unwrap_or_default();
        let mut menu = Vec::new();
        for entry in &commands {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let (command, description) = (text("command"), text("description"));
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if command.is_empty() || command.len() > 32 || !command.chars().all(fits) {
                return Err(bad("BOT_COMMAND_INVALID"));
            }
            if !(1..=256).contains(&description.chars().count()) {
                return Err(bad("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
            menu.push((command, description));
        }
        if menu.len() > 100 {
            return Err(bad("BOT_COMMANDS_TOO_MUCH"));
        }
        self.menus.insert(language, menu);
        Ok(json!(true))
    }

    fn send(&mut self, call: &Call, kind: Option<&'static str>) -> Outcome {
        let chat = self.chat(call)?;
        self.limit(chat)?;
        let topic = call.number("message_thread_id").map(id).transpose()?;
        if let Some(topic) = topic
            && !self.chats.get(&chat).is_some_and(|known| known.topics.contains(&topic))
        {
            return Err(bad("message thread not found"));
        }
        let reply = call.json("reply_parameters");
        let reply_to = reply["message_id"].as_i64().map(id).transpose()?;
        let reply_to = match reply_to {
            Some(to) if self.message(chat, to).is_some() => Some(to),
            Some(_) if reply["allow_sending_without_reply"] != json!(true) => {
                return Err(bad("message to be replied not found"));
            }
            _ => None,
        };
        let (text, entities, file) = match kind {
            None => {
                let (text, entities) = checked_text(call, "text", "entities", 4_096)?;
                if text.trim().is_empty() {
                    return Err(bad("message text is empty"));
                }
                (text, entities, None)
            }
            Some(kind) => {
                let (text, entities) = checked_text(call, "caption", "caption_entities", 1_024)?;
                (text, entities, Some(uploaded(call, kind)?))
            }
        };
        let sent = Message {
            chat,
            id: 0,
            topic,
            from: BOT,
            history: vec![text.clone()],
            text,
            entities,
            keyboard: keyboard(call)?,
            reply_to,
            file,
            deleted: false,
        };
        let id = self.add(sent.clone());
        Ok(self.json(&Message { id, ..sent }))
    }

    fn edit(&mut self, call: &Call, with_text: bool) -> Outcome {
        let chat = self.chat(call)?;
        self.limit(chat)?;
        let id = id(call.number("message_id").unwrap_or_default())?;
        let keyboard = keyboard(call)?;
        let Some(message) = self.message_mut(chat, id) else {
            return Err(bad("message to edit not found"));
        };
        if message.from != BOT {
            return Err(bad("message can't be edited"));
        }
        let (text, entities) = if with_text {
            if message.file.is_some() {
                return Err(bad("there is no text in the message to edit"));
            }
            checked_text(call, "text", "entities", 4_096)?
        } else {
            (message.text.clone(), message.entities.clone())
        };
        if message.text == text && message.entities == entities && message.keyboard == keyboard {
            return Err(bad(NOT_MODIFIED));
        }
        if message.text != text {
            message.history.push(text.clone());
        }
        (message.text, message.entities, message.keyboard) = (text, entities, keyboard);
        let message = message.clone();
        Ok(self.json(&message))
    }

    fn delete(&mut self, call: &Call) -> Outcome {
        let chat = self.chat(call)?;
        let id = id(call.number("message_id").unwrap_or_default())?;
        match self.message_mut(chat, id) {
            Some(message) => {
                message.deleted = true;
                Ok(json!(true))
            }
            None => Err(bad("message to delete not found")),
        }
    }

    fn answer(&mut self, call: &Call) -> Outcome {
        let id = call.text("callback_query_id")?;
        let text = call.text("text").ok();
        if text.as_ref().is_some_and(|text| text.chars().count() > 200) {
            return Err(bad("MESSAGE_TOO_LONG"));
        }
        let query = self.queries.iter_mut().find(|query| query.id == id && query.answer.is_none());
        let Some(query) = query else { return Err(bad(OLD_QUERY)) };
        let alert = call.json("show_alert") == json!(true);
        query.answer = Some(Answer { at: Instant::now(), text, alert });
        Ok(json!(true))
    }

    /// The chat of a call, if the bot may write there.
    fn chat(&self, call: &Call) -> Result<i64, Refusal> {
        let chat = call.number("chat_id").unwrap_or_default();
        match self.chats.get(&chat) {
            None => Err(bad("chat not found")),
            Some(known) => match known.moved {
                Some(to) => Err(Refusal {
                    parameters: json!({"migrate_to_chat_id": to}),
                    ..bad("group chat was upgraded to a supergroup chat")
                }),
                None => Ok(chat),
            },
        }
    }

    fn limit(&mut self, chat: i64) -> Result<(), Refusal> {
        self.limits.count(chat).map_err(|seconds| Refusal {
            code: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            parameters: json!({"retry_after": seconds}),
        })
    }
}

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";
const OLD_QUERY: &str = "query is too old and response timeout expired or query ID is invalid";

/// Refusals that a well-behaved client meets as well: it can't know better beforehand.
fn expected(description: &str) -> bool {
    ["not modified", "to edit not found", "was upgraded", "too old", "thread not found"]
        .iter()
        .any(|part| description.contains(part))
}

fn bad(description: &str) -> Refusal {
    Refusal { code: 400, description: format!("Bad Request: {description}"), parameters: json!({}) }
}

fn id(number: i64) -> Result<i32, Refusal> {
    i32::try_from(number).map_err(|_| bad("MESSAGE_ID_INVALID"))
}

/// A text and its marked ranges, which have to lie within it, at whole characters.
fn checked_text(
    call: &Call,
    name: &str,
    entities: &str,
    limit: usize,
) -> Result<(String, Vec<Json>), Refusal> {
    if call.fields.contains_key("parse_mode") {
        return Err(bad("can't parse entities: this server takes no markup"));
    }
    let text = call.text(name).unwrap_or_default();
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() > limit {
        return Err(bad(match name {
            "text" => "message is too long",
            _ => "message caption is too long",
        }));
    }
    let entities = call.json(entities).as_array().cloned().unwrap_or_default();
    for entity in &entities {
        let number = |name: &str| entity[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let (Some(offset), Some(length)) = (number("offset"), number("length")) else {
            return Err(bad("can't parse entities: an offset or a length is missing"));
        };
        let range = units.get(offset..offset + length);
        let Some(range) = range.filter(|range| String::from_utf16(range).is_ok()) else {
            return Err(bad("ENTITY_BOUNDS_INVALID"));
        };
        let kind = entity["type"].as_str().unwrap_or_default();
        if range.is_empty() || !["bold", "italic", "pre"].contains(&kind) {
            return Err(bad("can't parse entities: an entity is empty or unknown"));
        }
    }
    Ok((text, entities))
}

/// Inline keyboards: each button with a label and 1 to 64 bytes of data.
fn keyboard(call: &Call) -> Result<Vec<Vec<(String, String)>>, Refusal> {
    let markup = call.json("reply_markup");
    let mut keyboard = Vec::new();
    for row in markup["inline_keyboard"].as_array().into_iter().flatten() {
        let mut buttons = Vec::new();
        for button in row.as_array().into_iter().flatten() {
            let text = |name: &str| button[name].as_str().unwrap_or_default().to_owned();
            let (label, data) = (text("text"), text("callback_data"));
            if label.trim().is_empty() {
                return Err(bad("inline keyboard button text is empty"));
            }
            if !(1..=64).contains(&data.len()) {
                return Err(bad("BUTTON_DATA_INVALID"));
            }
            buttons.push((label, data));
        }
        if !(1..=8).contains(&buttons.len()) {
            return Err(bad("REPLY_MARKUP_INVALID"));
        }
        keyboard.push(buttons);
    }
    if keyboard.iter().flatten().count() > 100 {
        return Err(bad("reply markup is too long"));
    }
    Ok(keyboard)
}

fn uploaded(call: &Call, kind: &'static str) -> Result<File, Refusal> {
    // The field holds the file itself, or says `attach://` and the name of the part that does.
    let given = call.text(kind).unwrap_or_default();
    let part = given.strip_prefix("attach://").unwrap_or(kind);
    let Some((_, file)) = call.files.iter().find(|(name, _)| name == part) else {
        return Err(bad("there is no file in the request"));
    };
    let is_png = file.content.starts_with(b"\x89PNG\r\n\x1a\n");
    match kind {
        _ if file.content.is_empty() => Err(bad("file must be non-empty")),
        "photo" if !is_png => Err(bad("IMAGE_PROCESS_FAILED")),
        kind => Ok(File { kind, ..file.clone() }),
    }
}

impl Call {
    fn json(&self, name: &str) -> Json {
        match self.fields.get(name) {
            // In a form, what is no text is JSON.
            Some(Json::String(text)) => {
                serde_json::from_str(text).unwrap_or(Json::String(text.clone()))
            }
            Some(json) => json.clone(),
            None => Json::Null,
        }
    }

    fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.fields.get(name) {
            Some(Json::String(text)) => Ok(text.clone()),
            _ => Err(bad(&format!("parameter `{name}` is required"))),
        }
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.json(name).as_i64()
    }
}
