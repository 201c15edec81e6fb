//! Messages as text for a terminal. Nothing in a message is obeyed by it: control characters
//! are shown, not sent.

use unicode_width::UnicodeWidthStr;

use super::choices::is_numbered;
use super::keyboard::style;
use crate::channels::{Block, Button, Message, Outbound};
use crate::nlu::values::presentable;

/// How messages are painted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub colours: bool,
    pub columns: usize,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Title,
    Text,
    Value,
    Remark,
    Number,
    Code,
    Bar,
}

/// The width of a bar, in columns.
const BAR: usize = 24;
/// The first column of a row is at most this wide.
const NAMES: usize = 24;

impl Paint {
    /// A whole message.
    pub fn message(&self, message: &Outbound) -> String {
        let numbered = is_numbered(message);
        let mut lines = Vec::new();
        let mut options = 0;
        for block in &message.message.blocks {
            if let Block::Options(items) = block {
                for item in items {
                    options += 1;
                    let number = self.dye(Part::Number, &format!("{options:>3}"));
                    lines.push(format!("{number}  {}", plain(item)));
                }
            } else {
                self.block(block, &mut lines);
            }
        }
        lines.extend(self.buttons(&message.message.buttons, options, numbered));
        lines.join("\n")
    }

    /// A message that is shown while it changes, in one line.
    pub fn line(&self, message: &Message) -> String {
        let parts = message.blocks.iter().filter_map(|block| match block {
            Block::Title(text) | Block::Text(text) => Some(plain(text).replace('\n', " ")),
            Block::Progress { done, label } => Some(self.bar(*done, label)),
            _ => None,
        });
        let line = parts.collect::<Vec<_>>().join("  ");
        cut(&line, self.columns.saturating_sub(1))
    }

    fn block(&self, block: &Block, lines: &mut Vec<String>) {
        match block {
            Block::Title(text) => lines.push(self.dye(Part::Title, &plain(text))),
            Block::Text(text) => lines.extend(plain(text).lines().map(|l| self.dye(Part::Text, l))),
            Block::Rows(rows) => self.rows(rows, lines),
            Block::Code(text) => {
                lines
                    .extend(plain(text).lines().map(|l| self.dye(Part::Code, &format!("  │ {l}"))));
            }
            Block::Progress { done, label } => lines.push(self.bar(*done, label)),
            Block::Picture { instead, .. } => lines.push(self.dye(Part::Remark, &plain(instead))),
            Block::File { name, content } => {
                lines.push(
                    self.dye(Part::Remark, &format!("{} ({} B)", plain(name), content.len())),
                );
            }
            // Numbered by whoever counts them over the whole message.
            Block::Options(_) => {}
        }
    }

    /// Rows in columns: the first as wide as its widest, the second where there is a remark.
    fn rows(&self, rows: &[(String, String, String)], lines: &mut Vec<String>) {
        let names = rows.iter().map(|(name, ..)| plain(name).width()).max().unwrap_or(0);
        let names = names.min(NAMES);
        let values = rows.iter().filter(|(.., remark)| !remark.is_empty());
        let values = values.map(|(_, value, _)| plain(value).width()).max().unwrap_or(0);
        let values = values.min(self.columns.saturating_sub(names + 8) / 2);
        for (name, value, remark) in rows {
            let name = pad(&plain(name), names);
            let value = plain(value).replace('\n', " ");
            let remark = plain(remark).replace('\n', " ");
            let line = if remark.is_empty() {
                format!("  {name}  {}", self.dye(Part::Value, &value))
            } else {
                let value = self.dye(Part::Value, &pad(&value, values));
                format!("  {name}  {value}  {}", self.dye(Part::Remark, &remark))
            };
            lines.push(line.trim_end().to_owned());
        }
    }

    /// The buttons that are not options already: with the numbers that pick them, or with the
    /// names that do.
    fn buttons(&self, buttons: &[Button], options: usize, numbered: bool) -> Option<String> {
        let shown: Vec<String> = buttons
            .iter()
            .enumerate()
            .skip(options)
            .map(|(i, button)| {
                let label = plain(&button.label);
                if numbered {
                    format!("[{} {label}]", self.dye(Part::Number, &(i + 1).to_string()))
                } else {
                    format!("[{}]", self.dye(Part::Number, &label))
                }
            })
            .collect();
        (!shown.is_empty()).then(|| format!("  {}", shown.join(" ")))
    }

    fn bar(&self, done: f32, label: &str) -> String {
        let done = if done.is_finite() { done.clamp(0.0, 1.0) } else { 0.0 };
        let full = (done * BAR as f32).round() as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
        let percent = (done * 100.0).round();
        format!("  {} {percent:>3} %  {}", self.dye(Part::Bar, &bar), plain(label))
    }

    fn dye(&self, part: Part, text: &str) -> String {
        if self.colours { style(part).paint(text).to_string() } else { text.to_owned() }
    }
}

/// The text without anything that a terminal would obey.
fn plain(text: &str) -> String {
    presentable(text).replace('\t', "    ")
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The beginning of a text that is at most so many columns wide; colours must not be in it.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = 1;
    for c in text.chars() {
        width += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if width > columns {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Address, Urgency};
    use crate::hostile;
    use crate::nlu::values::is_misleading;

    fn painted(blocks: Vec<Block>, labels: &[&str], urgency: Urgency) -> String {
        let button = |label: &&str| Button { label: label.to_string(), token: "t".into() };
        let message = Outbound {
            to: Address { channel: "terminal".into(), chat: "local".into(), thread: None },
            for_sender: None,
            card: None,
            live: false,
            urgency,
            removes: None,
            message: Message { blocks, buttons: labels.iter().map(button).collect() },
        };
        Paint { colours: false, columns: 80 }.message(&message)
    }

    #[test]
    fn rows_stand_in_columns_whatever_the_script() {
        let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        let rows = vec![
            row("service", "cart", "you said"),
            row("环境", "production", "您说的“线上”"),
            row("note", "a value alone", ""),
        ];
        assert_eq!(
            painted(vec![Block::Title("Deploy".into()), Block::Rows(rows)], &[], Urgency::Answer),
            "Deploy\n  service  cart        you said\n  环境     production  您说的“线上”\n  \
             note     a value alone"
        );
    }

    #[test]
    fn options_come_first_and_other_buttons_go_on_counting() {
        let options =
            vec![Block::Text("Which?".into()), Block::Options(vec!["a".into(), "b".into()])];
        assert_eq!(
            painted(options, &["a", "b", "Help"], Urgency::Answer),
            "Which?\n  1  a\n  2  b\n  [3 Help]"
        );
        assert_eq!(painted(vec![], &["Log", "Stop"], Urgency::Notice), "  [Log] [Stop]");
    }

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let text = "a\u{1b}[2Jb\rc\u{7}";
        let shown = painted(vec![Block::Code(text.into())], &[], Urgency::Answer);
        assert!(!shown.contains(['\u{1b}', '\r', '\u{7}']), "{shown:?}");
    }

    #[test]
    fn nothing_hostile_is_obeyed_and_all_of_it_is_shown_as_it_is() {
        for (kind, text) in hostile::shown() {
            let message = hostile::message(&text);
            let labels: Vec<&str> = message.buttons.iter().map(|b| b.label.as_str()).collect();
            let shown = painted(message.blocks.clone(), &labels, Urgency::Answer);
            let obeyed = |c: char| is_misleading(c) || c == '\t';
            assert!(!shown.contains(obeyed), "{kind}: {shown:?}");
            // Also where it did not come through a reply, such as a message of an earlier version.
            let raw = painted(vec![Block::Text(text.clone())], &[&text], Urgency::Answer);
            assert!(!raw.contains(obeyed), "{kind}: {raw:?}");
            if matches!(kind, "markup" | "shell" | "prompts" | "quotes" | "full_width") {
                assert!(shown.contains(&text), "{kind}: {shown}");
            }
        }
        let many = hostile::many_options();
        let shown = painted(many.blocks, &[], Urgency::Answer);
        assert!(shown.contains("option-0") && shown.len() < 10_000, "{}", shown.len());
    }

    #[test]
    fn a_live_card_fits_into_one_line() {
        let message = Message {
            blocks: vec![
                Block::Text("#7 部署应用：执行中".repeat(9)),
                Block::Progress { done: 0.5, label: "copying".into() },
            ],
            buttons: vec![],
        };
        let line = Paint { colours: false, columns: 60 }.line(&message);
        assert!(line.width() <= 60 && !line.contains('\n'), "{line}");
    }
}
