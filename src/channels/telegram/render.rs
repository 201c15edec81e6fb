//! A message as Telegram shows it: texts with marked ranges, photos, documents.
//!
//! No text is ever written in a markup language: which part is bold or code is said beside the
//! text, as entities with offsets. Nothing that a user, a job or a log wrote can be taken for
//! markup, there is nothing to escape and so nothing to forget to escape, and the length of a
//! text is what Telegram counts.

use std::ops::Range;

use teloxide::types::{MessageEntity, MessageEntityKind};
use unicode_width::UnicodeWidthStr;

use super::split::{self, units};
use crate::channels::{Block, Message};

/// The most UTF-16 code units of a text, and of what stands below a picture.
pub(super) const TEXT_LIMIT: usize = 4_096;
pub(super) const CAPTION_LIMIT: usize = 1_024;

/// Options at most this wide, in columns, are readable on their buttons: they need no list.
const READABLE: usize = 24;

/// The width of a bar, in characters.
const BAR: usize = 12;

/// A text with marked ranges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Styled {
    pub text: String,
    pub spans: Vec<Span>,
}

/// A range of bytes of a text, and how it looks. Spans are in order and never overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub style: Style,
    pub range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Italic,
    /// A block in a fixed-width face, which may be long.
    Pre,
}

/// What is sent as one message of Telegram.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(Styled),
    Photo { png: Vec<u8>, caption: String },
    Document { name: String, content: Vec<u8> },
}

/// A message in the parts that it is sent in: at least one.
pub(super) fn parts(message: &Message) -> Vec<Part> {
    let styled = styled(message);
    let mut parts: Vec<Part> =
        split::split(&styled, TEXT_LIMIT).into_iter().map(Part::Text).collect();
    for block in &message.blocks {
        match block {
            Block::Picture { png, caption, .. } => parts.push(Part::Photo {
                png: png.clone(),
                caption: split::head(caption, CAPTION_LIMIT).to_owned(),
            }),
            Block::File { name, content } => {
                parts.push(Part::Document { name: name.clone(), content: content.clone() });
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        // Buttons alone: Telegram wants something to hang them on.
        parts.push(Part::Text(Styled { text: "…".to_owned(), spans: Vec::new() }));
    }
    parts
}

/// Everything in a message that is text.
fn styled(message: &Message) -> Styled {
    let mut styled = Styled::default();
    let mut apart = false;
    for block in &message.blocks {
        if !styled.text.is_empty() && !is_apart(block) {
            let title = matches!(block, Block::Title(_));
            styled.plain(if apart || title { "\n\n" } else { "\n" });
        }
        match block {
            Block::Title(text) => styled.add(Style::Bold, text),
            Block::Text(text) => styled.plain(text),
            Block::Rows(rows) => styled.rows(rows),
            Block::Options(options) => {
                if needs_list(options, message) {
                    styled.options(options);
                } else {
                    let end = styled.text.trim_end().len();
                    styled.text.truncate(end);
                }
            }
            Block::Code(text) => styled.add(Style::Pre, text),
            Block::Progress { done, label } => styled.plain(&bar(*done, label)),
            Block::Picture { .. } | Block::File { .. } => {}
        }
        apart = matches!(block, Block::Rows(_) | Block::Options(_) | Block::Code(_));
    }
    styled
}

/// Whether a block is sent as a message of its own.
fn is_apart(block: &Block) -> bool {
    matches!(block, Block::Picture { .. } | Block::File { .. })
}

/// Whether options are listed besides being buttons.
fn needs_list(options: &[String], message: &Message) -> bool {
    !options.iter().all(|option| {
        let shown = message.buttons.iter().any(|button| button.label == *option);
        shown && option.width() <= READABLE
    })
}

impl Styled {
    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn add(&mut self, style: Style, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        // Telegram refuses an entity about nothing.
        if !text.trim().is_empty() {
            self.spans.push(Span { style, range: start..self.text.len() });
        }
    }

    fn rows(&mut self, rows: &[(String, String, String)]) {
        for (i, (name, value, remark)) in rows.iter().enumerate() {
            if i > 0 {
                self.plain("\n");
            }
            self.add(Style::Bold, name);
            if !value.is_empty() {
                self.plain("  ");
                self.plain(value);
            }
            if !remark.is_empty() {
                self.plain("  ");
                self.add(Style::Italic, remark);
            }
        }
    }

    fn options(&mut self, options: &[String]) {
        for (i, option) in options.iter().enumerate() {
            if i > 0 {
                self.plain("\n");
            }
            self.plain(&format!("{}. {option}", i + 1));
        }
    }

    /// The marked ranges as Telegram takes them: in UTF-16 code units.
    pub fn entities(&self) -> Vec<MessageEntity> {
        let entity = |span: &Span| {
            let kind = match span.style {
                Style::Bold => MessageEntityKind::Bold,
                Style::Italic => MessageEntityKind::Italic,
                Style::Pre => MessageEntityKind::Pre { language: None },
            };
            let offset = units(&self.text[..span.range.start]);
            MessageEntity { kind, offset, length: units(&self.text[span.range.clone()]) }
        };
        self.spans.iter().map(entity).collect()
    }
}

fn bar(done: f32, label: &str) -> String {
    let done = if done.is_finite() { done.clamp(0.0, 1.0) } else { 0.0 };
    let full = (done * BAR as f32).round() as usize;
    let bar = format!("{}{}", "▓".repeat(full), "░".repeat(BAR - full));
    format!("{bar} {} %  {label}", (done * 100.0).round()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::Button;
    use crate::hostile;

    fn button(label: &str) -> Button {
        Button { label: label.to_owned(), token: "t".to_owned() }
    }

    /// The text of a message with `*bold*`, `_italic_` and `|code|` marked, for reading.
    fn marked(message: &Message) -> String {
        let mut marked = String::new();
        for part in parts(message) {
            match part {
                Part::Text(Styled { text, spans }) => {
                    let mut at = 0;
                    for Span { style, range } in spans {
                        let mark = match style {
                            Style::Bold => '*',
                            Style::Italic => '_',
                            Style::Pre => '|',
                        };
                        marked.push_str(&text[at..range.start]);
                        marked.extend([mark]);
                        marked.push_str(&text[range.clone()]);
                        marked.extend([mark]);
                        at = range.end;
                    }
                    marked.push_str(&text[at..]);
                }
                Part::Photo { caption, .. } => marked.push_str(&format!("\n(photo: {caption})")),
                Part::Document { name, .. } => marked.push_str(&format!("\n(file: {name})")),
            }
        }
        marked
    }

    #[test]
    fn each_block_looks_like_what_it_is() {
        let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        let cases = [
            (
                vec![
                    Block::Title("Deploy".into()),
                    Block::Rows(vec![
                        row("app", "catalog-api", "you said"),
                        row("keep", "2", ""),
                        row("#7", "", ""),
                    ]),
                    Block::Text("Shall I run it?".into()),
                ],
                vec!["Run"],
                "*Deploy*\n*app*  catalog-api  _you said_\n*keep*  2\n*#7*\n\nShall I run it?",
            ),
            (
                vec![Block::Text("Which?".into()), Block::Options(vec!["a".into(), "b".into()])],
                vec!["a", "b"],
                "Which?",
            ),
            (
                vec![
                    Block::Text("Which?".into()),
                    Block::Options(vec!["a".into(), "a much longer one than fits".into()]),
                ],
                vec!["a", "a much longer one than fits"],
                "Which?\n1. a\n2. a much longer one than fits",
            ),
            (
                vec![Block::Options(vec!["only a list".into()]), Block::Text("more".into())],
                vec![],
                "1. only a list\n\nmore",
            ),
            (
                vec![
                    Block::Text("#1 runs".into()),
                    Block::Progress { done: 0.5, label: "step 2 of 4".into() },
                ],
                vec![],
                "#1 runs\n▓▓▓▓▓▓░░░░░░ 50 %  step 2 of 4",
            ),
            (
                vec![
                    Block::Text("log".into()),
                    Block::Code("a < b && *c* _d_ `e`".into()),
                    Block::Picture {
                        png: vec![1],
                        caption: "durations".into(),
                        instead: "▁▂".into(),
                    },
                    Block::File { name: "log.txt".into(), content: vec![2] },
                ],
                vec![],
                "log\n|a < b && *c* _d_ `e`|\n(photo: durations)\n(file: log.txt)",
            ),
            (vec![], vec!["Help"], "…"),
            (vec![Block::Code(" \n".into())], vec![], "…"),
        ];
        for (blocks, buttons, expected) in cases {
            let buttons = buttons.into_iter().map(button).collect();
            assert_eq!(marked(&Message { blocks, buttons }), expected);
        }
    }

    /// Which parts are marked does not hang on what they say, and what they say is shown unchanged:
    /// there is no markup language in which anything could be said.
    #[test]
    fn nothing_hostile_is_markup_and_all_of_it_is_shown_as_it_is() {
        let styles = |message: &Message| {
            let spans = |part: Part| match part {
                Part::Text(styled) => styled.spans.into_iter().map(|span| span.style).collect(),
                Part::Photo { .. } | Part::Document { .. } => Vec::new(),
            };
            parts(message).into_iter().flat_map(spans).collect::<Vec<Style>>()
        };
        let harmless = styles(&hostile::message("harmless"));
        for (kind, text) in hostile::shown() {
            let message = hostile::message(&text);
            if kind != "huge" {
                assert_eq!(styles(&message), harmless, "{kind}: {text:?}");
            }
            for part in parts(&message) {
                let Part::Text(styled) = part else { continue };
                let length = units(&styled.text);
                assert!(length <= TEXT_LIMIT, "{kind}: {length}");
                for entity in styled.entities() {
                    let whole = entity.length > 0 && entity.offset + entity.length <= length;
                    assert!(whole, "{kind}: {entity:?} of {length}");
                    let known = matches!(
                        entity.kind,
                        MessageEntityKind::Bold
                            | MessageEntityKind::Italic
                            | MessageEntityKind::Pre { .. }
                    );
                    assert!(known, "{kind}: {entity:?}");
                }
                if matches!(kind, "markup" | "shell" | "prompts" | "quotes") {
                    assert!(styled.text.contains(&text), "{kind}: {}", styled.text);
                }
            }
        }
        assert!(parts(&hostile::many_options()).len() < 4);
    }

    #[test]
    fn offsets_are_counted_as_telegram_does() {
        let mut styled = Styled::default();
        styled.plain("🚀 部署 ");
        styled.add(Style::Bold, "é🎉");
        let entities = styled.entities();
        let [bold] = entities.as_slice() else { panic!("one entity") };
        assert_eq!((bold.offset, bold.length), (6, 3));
    }
}
