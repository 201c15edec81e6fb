//! Rasa's old Markdown: intents as headings, messages as lists, values in brackets.

use std::sync::LazyLock;

use regex::Regex;

use super::sets::{Message, Span};

/// Every message under a heading that names an intent.
pub fn messages(text: &str) -> Vec<Message> {
    let mut intent = None;
    let mut messages = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix("## ") {
            intent = heading.strip_prefix("intent:").map(|name| name.trim().to_owned());
        } else if let (Some(words), Some(_)) = (line.strip_prefix("- "), &intent) {
            let (text, slots) = unmark(words);
            messages.push(Message { text, intent: intent.clone(), slots });
        }
    }
    messages
}

fn unmark(words: &str) -> (String, Vec<Span>) {
    static MARK: LazyLock<Regex> =
        // A constant pattern that is known to be right.
        LazyLock::new(|| Regex::new(r"\[([^\]]*)\]\(([^)]*)\)").expect("a pattern"));
    let (mut text, mut slots, mut after) = (String::new(), Vec::new(), 0);
    for mark in MARK.captures_iter(words) {
        let whole = mark.get_match();
        text.push_str(&words[after..whole.start()]);
        let start = text.chars().count();
        text.push_str(&mark[1]);
        slots.push(Span { slot: mark[2].to_owned(), start, end: text.chars().count() });
        after = whole.end();
    }
    text.push_str(&words[after..]);
    (text, slots)
}
