//! Buttons below a message: inline keyboards, with the bot's tokens as callback data.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup};
use unicode_width::UnicodeWidthStr;

use super::split;
use crate::channels::Button;

/// The most bytes of callback data, and the most buttons of a keyboard.
const DATA_LIMIT: usize = 64;
const MOST: usize = 100;

/// A row holds buttons up to this width, in columns, and this number: so much is readable on a
/// phone.
const ROW_WIDTH: usize = 30;
const ROW_LENGTH: usize = 4;
/// What a button takes besides its label.
const FRAME: usize = 3;
/// The most UTF-16 code units of a label.
const LABEL: usize = 64;

/// What a pressed button says is marked with this.
const PICKED: &str = "✓ ";
/// The data of a button that does nothing any more.
const SPENT: &str = "-";

/// Whether the buttons of a message are there for one press, as those of a question, or for as
/// long as the message is, as those of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presses {
    Once,
    Often,
}

impl Presses {
    fn mark(self) -> char {
        match self {
            Presses::Once => '1',
            Presses::Often => '*',
        }
    }
}

/// What the data of a pressed button say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    Token {
        token: String,
        presses: Presses,
    },
    /// It was pressed before, and shows that.
    Spent,
    /// Nothing that this channel ever wrote.
    Unknown,
}

/// Reads what was pressed.
pub(super) fn read(data: &str) -> Pressed {
    if data == SPENT {
        return Pressed::Spent;
    }
    let known = [Presses::Once, Presses::Often].into_iter();
    known
        .filter_map(|presses| Some((data.strip_prefix(presses.mark())?, presses)))
        .map(|(token, presses)| Pressed::Token { token: token.to_owned(), presses })
        .next()
        .unwrap_or(Pressed::Unknown)
}

/// The keyboard of a message; `None` without buttons.
pub(super) fn keyboard(buttons: &[Button], presses: Presses) -> Option<InlineKeyboardMarkup> {
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    let mut width = 0;
    for button in buttons.iter().take(MOST) {
        let data = format!("{}{}", presses.mark(), button.token);
        if data.len() > DATA_LIMIT {
            tracing::error!(label = button.label, "a button's token is too long for Telegram");
            continue;
        }
        let label = label(&button.label);
        let needed = label.width() + FRAME;
        let shown = InlineKeyboardButton::callback(label, data);
        match rows.last_mut() {
            Some(row) if width + needed <= ROW_WIDTH && row.len() < ROW_LENGTH => {
                row.push(shown);
                width += needed;
            }
            _ => {
                rows.push(vec![shown]);
                width = needed;
            }
        }
    }
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// The keyboard after its button was pressed: what was picked, and nothing to press.
pub(super) fn picked(keyboard: &InlineKeyboardMarkup, data: &str) -> InlineKeyboardMarkup {
    let is_it = |button: &&InlineKeyboardButton| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(own) => own == data,
        _ => false,
    };
    let button = keyboard.inline_keyboard.iter().flatten().find(is_it);
    let row = button.map(|button| {
        vec![InlineKeyboardButton::callback(format!("{PICKED}{}", button.text), SPENT)]
    });
    InlineKeyboardMarkup::new(row)
}

fn label(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match split::head(&text, LABEL) {
        "" => "…".to_owned(),
        whole if whole.len() == text.len() => text,
        _ => format!("{}…", split::head(&text, LABEL - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buttons(labels: &[&str]) -> Vec<Button> {
        let button = |label: &&str| Button { label: label.to_string(), token: "T".repeat(16) };
        labels.iter().map(button).collect()
    }

    fn rows(keyboard: &InlineKeyboardMarkup) -> Vec<Vec<&str>> {
        let rows = keyboard.inline_keyboard.iter();
        rows.map(|row| row.iter().map(|button| button.text.as_str()).collect()).collect()
    }

    #[test]
    fn short_buttons_share_a_row() {
        let long = "x".repeat(80);
        let cut = format!("{}…", "x".repeat(63));
        let cases: [(&[&str], Vec<Vec<&str>>); 5] = [
            (
                &["Run", "Change something", "Cancel"],
                vec![vec!["Run", "Change something"], vec!["Cancel"]],
            ),
            (&["production", "staging", "dev"], vec![vec!["production", "staging", "dev"]]),
            (&["执行", "修改", "取消"], vec![vec!["执行", "修改", "取消"]]),
            (&["1", "2", "3", "4", "5"], vec![vec!["1", "2", "3", "4"], vec!["5"]]),
            (&[&long, " "], vec![vec![cut.as_str()], vec!["…"]]),
        ];
        for (labels, expected) in cases {
            let keyboard = keyboard(&buttons(labels), Presses::Once).expect("a keyboard");
            assert_eq!(rows(&keyboard), expected);
        }
        assert_eq!(keyboard(&[], Presses::Once), None);
    }

    #[test]
    fn what_was_written_is_read_again() {
        for presses in [Presses::Once, Presses::Often] {
            let shown = keyboard(&buttons(&["Run"]), presses).expect("a keyboard");
            let InlineKeyboardButtonKind::CallbackData(data) = &shown.inline_keyboard[0][0].kind
            else {
                panic!("a callback button");
            };
            assert!(data.len() <= DATA_LIMIT);
            assert_eq!(read(data), Pressed::Token { token: "T".repeat(16), presses });
            let after = picked(&shown, data);
            assert_eq!(rows(&after), [["✓ Run"]]);
            assert_eq!(picked(&shown, "other").inline_keyboard.len(), 0);
        }
        assert_eq!(read(SPENT), Pressed::Spent);
        for unknown in ["", "x", "§abc"] {
            assert_eq!(read(unknown), Pressed::Unknown);
        }
        let huge = Button { label: "x".into(), token: "t".repeat(64) };
        assert_eq!(keyboard(&[huge], Presses::Once), None);
    }
}
