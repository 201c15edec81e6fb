//! The two languages that Steward understands and speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language of the conversation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    Zh,
}

impl Language {
    /// Every language, in the order in which they are listed to people.
    pub const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// The language a text is written in: Chinese as soon as it holds a Han character, since
    /// Chinese requests are full of English names and the reverse hardly happens. `None` for a
    /// text without letters of either language (`2`, `10.0.0.1`), which says nothing.
    pub fn of(text: &str) -> Option<Language> {
        if text.chars().any(is_han) {
            Some(Language::Zh)
        } else if text.chars().any(|c| c.is_ascii_alphabetic()) {
            Some(Language::En)
        } else {
            None
        }
    }

    /// The ISO 639-1 code, as in file names and settings.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Whether a character is a Chinese ideograph (the CJK Unified Ideographs block and extension A).
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// A text in every language of the conversation: `{en: ..., zh: ...}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    pub en: String,
    pub zh: String,
}

impl Localized {
    /// The text in the given language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}
