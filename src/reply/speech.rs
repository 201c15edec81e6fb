//! Texts in the language of the person: messages of `locales/*.ftl`, filled with values.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::Loader;
use fluent_templates::fluent_bundle::FluentValue;
use unic_langid::{LanguageIdentifier, langid};

use crate::catalog::{Language, Localized, Parameter};

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Marks of direction around values would be in the way of copying them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const EN: LanguageIdentifier = langid!("en");
const ZH: LanguageIdentifier = langid!("zh");

/// Speaks one language. Values that are filled in are literal: nothing in them is interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speech {
    pub language: Language,
}

/// The values of a message's variables.
pub type Arguments<'a> = HashMap<Cow<'static, str>, FluentValue<'a>>;

impl Speech {
    pub fn new(language: Language) -> Speech {
        Speech { language }
    }

    /// The message of that name. Prefer `say!`, which makes the arguments too.
    pub fn message(self, key: &str, arguments: &Arguments<'_>) -> String {
        let language = match self.language {
            Language::En => &EN,
            Language::Zh => &ZH,
        };
        LOCALES.try_lookup_with_args(language, key, arguments).unwrap_or_else(|| {
            tracing::error!(key, "a text is missing");
            key.to_owned()
        })
    }

    /// A text of the catalogue or the configuration.
    pub fn of(self, text: &Localized) -> String {
        text.get(self.language).to_owned()
    }

    /// Several things in one line.
    pub fn list<S: AsRef<str>>(self, items: impl IntoIterator<Item = S>) -> String {
        let mut list = String::new();
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                list.push_str(match self.language {
                    Language::En => ", ",
                    Language::Zh => "、",
                });
            }
            list.push_str(item.as_ref());
        }
        list
    }

    /// What a parameter is called.
    pub fn label(self, parameter: &Parameter) -> String {
        match &parameter.label {
            Some(label) => self.of(label),
            None => self.name(&parameter.name),
        }
    }

    /// A name as people read it: `canary_percent` becomes "canary percent".
    pub fn name(self, name: &str) -> String {
        name.replace('_', " ")
    }
}

/// `say!(speech, "message-name", "variable" => value, ...)`: the message, as a `String`.
macro_rules! say {
    ($speech:expr, $key:literal $(, $name:literal => $value:expr)* $(,)?) => {{
        let arguments = $crate::reply::speech::Arguments::from([$(($name.into(), $value.into())),*]);
        $speech.message($key, &arguments)
    }};
}
pub(crate) use say;
