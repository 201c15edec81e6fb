//! What a typed number or name picks: the buttons of the messages that are on the screen.

use crate::channels::{Button, Outbound, Urgency};

/// The buttons that can be pressed by typing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Choices {
    /// Of the last answer: by number, or by name.
    numbered: Vec<Button>,
    /// Of the last card or notice: by name only. Numbers are for what was asked last, and a
    /// report that comes in between must not change what "2" means.
    named: Vec<Button>,
}

impl Choices {
    /// Takes over what a message offers.
    pub fn offer(&mut self, message: &Outbound) {
        let buttons = &message.message.buttons;
        if is_numbered(message) {
            self.numbered = buttons.clone();
        } else if !buttons.is_empty() {
            self.named = buttons.clone();
        }
    }

    /// The token of the button that a line means, if it means one. Whatever was said, the last
    /// answer's buttons have had their turn: the next answer brings its own, and until then a
    /// word such as "cancel" is about what is going on now.
    pub fn pick(&mut self, line: &str) -> Option<String> {
        let picked = self.find(line.trim());
        self.numbered.clear();
        picked
    }

    fn find(&self, line: &str) -> Option<String> {
        if let Ok(number) = line.parse::<usize>() {
            let button = self.numbered.get(number.checked_sub(1)?)?;
            return Some(button.token.clone());
        }
        let named = |button: &&Button| button.label.to_lowercase() == line.to_lowercase();
        let button = self.numbered.iter().find(named).or_else(|| self.named.iter().find(named))?;
        Some(button.token.clone())
    }
}

/// Whether the buttons of a message are picked by number: those of an answer.
pub(super) fn is_numbered(message: &Outbound) -> bool {
    message.urgency == Urgency::Answer && message.card.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Address, Message};

    fn message(urgency: Urgency, card: Option<&str>, labels: &[&str]) -> Outbound {
        let button =
            |label: &&str| Button { label: label.to_string(), token: format!("t-{label}") };
        Outbound {
            to: Address { channel: "terminal".into(), chat: "local".into(), thread: None },
            for_sender: None,
            card: card.map(str::to_owned),
            live: false,
            urgency,
            removes: None,
            message: Message { blocks: vec![], buttons: labels.iter().map(button).collect() },
        }
    }

    #[test]
    fn numbers_belong_to_the_last_answer_and_names_to_all() {
        let mut choices = Choices::default();
        assert_eq!(choices.pick("1"), None);
        choices.offer(&message(Urgency::Answer, None, &["staging", "production"]));
        choices.offer(&message(Urgency::Notice, Some("execution-1"), &["Log", "Run again"]));
        let cases = [
            ("1", Some("t-staging")),
            (" 2 ", Some("t-production")),
            ("3", None),
            ("0", None),
            ("Production", Some("t-production")),
            ("run again", Some("t-Run again")),
            ("restart web-02", None),
        ];
        for (line, token) in cases {
            choices.offer(&message(Urgency::Answer, None, &["staging", "production"]));
            assert_eq!(choices.pick(line).as_deref(), token, "{line}");
            assert_eq!(choices.pick("production"), None, "used up by {line}");
        }
        // A question for a free value takes numbers back.
        choices.offer(&message(Urgency::Answer, None, &[]));
        assert_eq!(choices.pick("2"), None);
        assert_eq!(choices.pick("log").as_deref(), Some("t-Log"));
    }
}
