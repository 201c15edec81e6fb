//! A message of a chat, as it is kept and shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bot::views::execution_of_card;
use crate::channels::{Block, Button, Outbound};

/// A message of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    /// Its place in the chat: sorts by time.
    pub id: String,
    /// Its last change: sorts by time.
    pub revision: String,
    pub chat: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    pub at: Timestamp,
    pub from: From,
    /// The identifier under which it was sent, where a person sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// It is about something that goes on, and will change.
    #[serde(default)]
    pub live: bool,
    /// The execution that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<u64>,
    pub blocks: Vec<Part>,
    #[serde(default)]
    pub buttons: Vec<Button>,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    Person,
    Steward,
}

/// A block, with what is large kept apart under the name of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum Part {
    Title { text: String },
    Text { text: String },
    Rows { rows: Vec<(String, String, String)> },
    Options { options: Vec<String> },
    Code { text: String },
    Progress { done: f32, label: String },
    Picture { file: String, caption: String },
    File { file: String, name: String, size: usize },
}

/// What is kept apart: the name of the file, and its content in base64.
pub(super) type Attachment = (String, String);

/// Blocks as parts of the message of that id.
pub(super) fn parts(id: &str, blocks: &[Block]) -> (Vec<Part>, Vec<Attachment>) {
    let mut files = Vec::new();
    let mut keep = |content: &[u8], ending: &str| {
        let name = format!("{id}-{}{ending}", files.len());
        files.push((name.clone(), STANDARD.encode(content)));
        name
    };
    let parts = blocks
        .iter()
        .map(|block| match block {
            Block::Title(text) => Part::Title { text: text.clone() },
            Block::Text(text) => Part::Text { text: text.clone() },
            Block::Rows(rows) => Part::Rows { rows: rows.clone() },
            Block::Options(options) => Part::Options { options: options.clone() },
            Block::Code(text) => Part::Code { text: text.clone() },
            Block::Progress { done, label } => {
                Part::Progress { done: done.clamp(0.0, 1.0), label: label.clone() }
            }
            Block::Picture { png, caption, .. } => {
                Part::Picture { file: keep(png, ".png"), caption: caption.clone() }
            }
            Block::File { name, content } => {
                Part::File { file: keep(content, ".bin"), name: name.clone(), size: content.len() }
            }
        })
        .collect();
    (parts, files)
}

impl Item {
    /// What the bot said, as the item of that id.
    pub fn of(id: String, message: &Outbound) -> (Item, Vec<Attachment>) {
        let (blocks, files) = parts(&id, &message.message.blocks);
        let item = Item {
            revision: id.clone(),
            id,
            chat: message.to.chat.clone(),
            thread: message.to.thread.clone(),
            at: Timestamp::now(),
            from: From::Steward,
            sent: None,
            live: message.live,
            execution: message.card.as_deref().and_then(execution_of_card),
            blocks,
            buttons: message.message.buttons.clone(),
        };
        (item, files)
    }

    /// The texts that can be picked, each with its button, and the buttons besides. A text may
    /// say more than its button: it begins with the button's label then.
    pub fn choices(&self) -> (Vec<(&str, Option<&Button>)>, Vec<&Button>) {
        let mut left: Vec<&Button> = self.buttons.iter().collect();
        let mut picked = Vec::new();
        for part in &self.blocks {
            let Part::Options { options } = part else { continue };
            for option in options {
                let exact = left.iter().position(|button| button.label == *option);
                let place = exact.or_else(|| {
                    left.iter().position(|button| {
                        !button.label.is_empty() && option.starts_with(&button.label)
                    })
                });
                picked.push((option.as_str(), place.map(|place| left.remove(place))));
            }
        }
        (picked, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Address, Message, Urgency};

    fn outbound(blocks: Vec<Block>, buttons: &[&str]) -> Outbound {
        let button = |label: &&str| Button { label: label.to_string(), token: label.to_string() };
        Outbound {
            to: Address { channel: "web".into(), chat: "dana".into(), thread: None },
            for_sender: None,
            card: Some("execution-12".into()),
            live: true,
            urgency: Urgency::Answer,
            removes: None,
            message: Message { blocks, buttons: buttons.iter().map(button).collect() },
        }
    }

    #[test]
    fn options_have_their_buttons_and_the_rest_stand_alone() {
        let options = ["staging: to try", "production", "dev"].map(str::to_owned).to_vec();
        let message = outbound(vec![Block::Options(options)], &["production", "staging", "Cancel"]);
        let (item, _) = Item::of("1".into(), &message);
        let (picked, left) = item.choices();
        let tokens: Vec<_> =
            picked.iter().map(|(text, b)| (*text, b.map(|b| b.token.as_str()))).collect();
        let expected = [
            ("staging: to try", Some("staging")),
            ("production", Some("production")),
            ("dev", None),
        ];
        assert_eq!(tokens, expected);
        assert_eq!(left.iter().map(|b| b.label.as_str()).collect::<Vec<_>>(), ["Cancel"]);
        assert_eq!(item.execution, Some(12));
    }

    #[test]
    fn pictures_and_files_are_kept_apart() {
        let blocks = vec![
            Block::Picture { png: vec![1, 2], caption: "c".into(), instead: String::new() },
            Block::File { name: "log.txt".into(), content: b"abc".to_vec() },
        ];
        let (item, files) = Item::of("7".into(), &outbound(blocks, &[]));
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["7-0.png", "7-1.bin"]);
        let file = Part::File { file: "7-1.bin".into(), name: "log.txt".into(), size: 3 };
        assert_eq!(item.blocks[1], file);
    }
}
