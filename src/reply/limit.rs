//! The length of a message: cut so that every channel can show it.

use std::borrow::Cow;

use super::Reply;
use crate::channels::Block;
use crate::nlu::values::presentable;

/// The most characters of a message, over all its blocks.
pub const MESSAGE_LIMIT: usize = 4096;

/// The most buttons of a message: whoever has more to pick from says it in words.
pub const MOST_BUTTONS: usize = 100;

/// What a block costs besides its text: marks and line breaks that a channel adds.
const OVERHEAD: usize = 16;

/// Stands where something was left out.
const CUT: &str = "…";

impl Reply {
    /// The same reply as it may be shown: with as much of each block as fits, and without
    /// characters that would hide or turn round what stands beside them. Code, and lists after it,
    /// are what gives way: the other blocks are short, and buttons are left out only where there
    /// are more than anybody looks through.
    pub fn limited(mut self) -> Reply {
        self.buttons.truncate(MOST_BUTTONS);
        self.blocks.iter_mut().for_each(clean);
        self.buttons.iter_mut().for_each(|choice| tidy(&mut choice.label));
        let mut left = MESSAGE_LIMIT;
        for block in &mut self.blocks {
            shorten(block, left.saturating_sub(OVERHEAD));
            left = left.saturating_sub(length(block) + OVERHEAD);
        }
        self.blocks.retain(|block| !is_empty(block));
        self
    }
}

/// Takes out of a block what would mislead.
fn clean(block: &mut Block) {
    match block {
        Block::Title(text) | Block::Text(text) | Block::Code(text) => tidy(text),
        Block::Rows(rows) => rows.iter_mut().for_each(|(name, value, remark)| {
            [name, value, remark].into_iter().for_each(tidy);
        }),
        Block::Options(options) => options.iter_mut().for_each(tidy),
        Block::Progress { label, .. } => tidy(label),
        Block::Picture { caption, instead, .. } => [caption, instead].into_iter().for_each(tidy),
        Block::File { name, .. } => tidy(name),
    }
}

fn tidy(text: &mut String) {
    if let Cow::Owned(clean) = presentable(text) {
        *text = clean;
    }
}

/// How many characters of a message a block takes.
pub fn length(block: &Block) -> usize {
    let count = |text: &str| text.chars().count();
    match block {
        Block::Title(text) | Block::Text(text) | Block::Code(text) => count(text),
        Block::Rows(rows) => rows.iter().map(|(a, b, c)| count(a) + count(b) + count(c) + 8).sum(),
        Block::Options(options) => options.iter().map(|option| count(option) + 8).sum(),
        Block::Progress { label, .. } => count(label) + 32,
        // One of the two is shown.
        Block::Picture { caption, instead, .. } => count(caption).max(count(instead)),
        Block::File { name, .. } => count(name),
    }
}

fn is_empty(block: &Block) -> bool {
    match block {
        Block::Title(text) | Block::Text(text) | Block::Code(text) => text.is_empty(),
        Block::Rows(rows) => rows.is_empty(),
        Block::Options(options) => options.is_empty(),
        Block::Progress { .. } | Block::Picture { .. } | Block::File { .. } => false,
    }
}

fn shorten(block: &mut Block, room: usize) {
    if length(block) <= room {
        return;
    }
    match block {
        Block::Title(text) | Block::Text(text) => *text = head(text, room),
        // The end of an output says more than its beginning.
        Block::Code(text) => *text = tail(text, room),
        Block::Rows(rows) => {
            // A long value gives way before a whole row does.
            let most = (room / rows.len().max(1)).saturating_sub(40).max(40);
            for (_, value, remark) in rows.iter_mut() {
                *value = head(value, most);
                *remark = head(remark, most);
            }
            keep_while_fits(rows, room, |(a, b, c)| {
                [a, b, c].map(|s| s.chars().count()).iter().sum()
            });
        }
        Block::Options(options) => {
            let most = (room / options.len().max(1)).saturating_sub(8).max(24);
            for option in options.iter_mut() {
                *option = head(option, most);
            }
            keep_while_fits(options, room, |option| option.chars().count());
        }
        Block::Progress { label, .. } => *label = head(label, room.saturating_sub(32)),
        Block::Picture { caption, instead, .. } => {
            [caption, instead].into_iter().for_each(|text| *text = head(text, room));
        }
        Block::File { name, .. } => *name = head(name, room),
    }
}

fn keep_while_fits<T>(items: &mut Vec<T>, room: usize, length: impl Fn(&T) -> usize) {
    let mut used = 0;
    let fitting = items.iter().take_while(|item| {
        used += length(item) + 8;
        used <= room
    });
    let count = fitting.count();
    items.truncate(count);
}

/// The beginning of a text, in at most `room` characters.
pub fn head(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => text.to_owned(),
        Some(_) if room == 0 => String::new(),
        Some(_) => text.chars().take(room - 1).chain(CUT.chars()).collect(),
    }
}

/// The end of a text, in at most `room` characters, whole lines where it can be.
pub fn tail(text: &str, room: usize) -> String {
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    if room < 2 {
        return String::new();
    }
    let rest: String = text.chars().skip(count - (room - 2)).collect();
    let whole = rest.split_once('\n').map(|(_, whole)| whole).filter(|whole| !whole.is_empty());
    format!("{CUT}\n{}", whole.unwrap_or(&rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hostile;

    #[test]
    fn nothing_that_is_shown_hides_or_turns_what_stands_beside_it() {
        for (kind, text) in hostile::shown() {
            let message = hostile::message(&text);
            let shown = serde_json::to_string(&message).expect("a message is plain data");
            let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
            let mut texts = Vec::new();
            collect(&shown, &mut texts);
            assert!(!texts.is_empty(), "{kind}");
            for shown in texts {
                let misleads = shown.contains(crate::nlu::values::is_misleading);
                assert!(!misleads, "{kind}: {shown:?}");
            }
        }
        // What is not hostile stays as it is.
        for text in ["部署\n  应用\tx", "👨\u{200d}💻 ✔\u{fe0f}", "naïve ａｂｃ"] {
            assert_eq!(Reply::text(text).limited(), Reply::text(text));
        }
    }

    fn collect(json: &serde_json::Value, into: &mut Vec<String>) {
        match json {
            serde_json::Value::String(text) => into.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            serde_json::Value::Object(map) => map.values().for_each(|item| collect(item, into)),
            _ => {}
        }
    }

    #[test]
    fn of_ten_thousand_options_as_many_are_shown_as_fit() {
        let message = hostile::many_options();
        let total: usize = message.blocks.iter().map(length).sum();
        assert!(total <= MESSAGE_LIMIT, "{total}");
        assert!(message.buttons.len() <= MOST_BUTTONS, "{}", message.buttons.len());
    }

    #[test]
    fn the_end_of_an_output_is_kept() {
        assert_eq!(tail("one\ntwo\nthree", 11), "…\nthree");
        assert_eq!(tail("abcdef", 6), "abcdef");
        assert_eq!(tail("abcdefgh", 6), "…\nefgh");
        assert_eq!(head("部署应用到生产环境", 4), "部署应…");
    }

    fn block() -> impl Strategy<Value = Block> {
        let text = "(\\PC|\n){0,3000}";
        prop_oneof![
            text.prop_map(Block::Title),
            text.prop_map(Block::Text),
            text.prop_map(Block::Code),
            prop::collection::vec(("\\PC{0,50}", "\\PC{0,900}", "\\PC{0,90}"), 0..20)
                .prop_map(Block::Rows),
            prop::collection::vec("\\PC{0,300}", 0..300).prop_map(Block::Options),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_message_never_exceeds_the_limit(blocks in prop::collection::vec(block(), 0..8)) {
            let reply = Reply { blocks, buttons: Vec::new() }.limited();
            let total: usize = reply.blocks.iter().map(length).sum();
            prop_assert!(total <= MESSAGE_LIMIT, "{total}");
        }
    }
}
