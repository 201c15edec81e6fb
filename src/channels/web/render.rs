//! Pages out of templates. Every value is escaped; texts come from `locales/*.ftl`.

use std::borrow::Cow;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fluent_templates::fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, State, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::item::{From, Item, Part, parts};
use crate::catalog::Language;
use crate::channels::Block;
use crate::reply::Speech;
use crate::reply::speech::Arguments;

/// The style sheet and the script.
pub(super) const STYLE: &str = include_str!("assets/steward.css");
pub(super) const SCRIPT: &str = include_str!("assets/steward.js");
pub(super) const ICON: &str = include_str!("assets/icon.svg");

/// A template of this folder, embedded.
macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

const TEMPLATES: [(&str, &str); 17] = templates![
    "layout.html",
    "login.html",
    "error.html",
    "chat.html",
    "item.html",
    "parts.html",
    "now.html",
    "runs.html",
    "run_rows.html",
    "run.html",
    "jobs.html",
    "job.html",
    "approvals.html",
    "schedules.html",
    "drafts.html",
    "audit.html",
    "nav.html",
];

/// Makes pages.
pub(super) struct Renderer {
    environment: Environment<'static>,
    /// Of the style sheet and the script: another version has another address.
    version: String,
}

impl Renderer {
    pub fn new() -> Renderer {
        let mut environment = Environment::new();
        for (name, source) in TEMPLATES {
            if let Err(error) = environment.add_template(name, source) {
                // The templates are part of the program, and a test renders each of them.
                tracing::error!(name, %error, "a template is broken");
            }
        }
        environment.add_function("say", say);
        let digest = Sha256::digest([STYLE, SCRIPT].concat());
        Renderer { environment, version: hex::encode(&digest[..6]) }
    }

    /// A page in a language.
    pub fn page(&self, name: &str, language: Language, values: Value) -> Response {
        match self.render(name, language, values) {
            Ok(html) => {
                let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
                ([kind, (header::CACHE_CONTROL, "no-store")], html).into_response()
            }
            Err(error) => {
                tracing::error!(name, error = format!("{error:#}"), "a page can't be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    pub fn render(&self, name: &str, language: Language, values: Value) -> Result<String, Error> {
        let code = language.code();
        let values = context! { language => code, version => self.version.as_str(), ..values };
        self.environment.get_template(name)?.render(values)
    }
}

/// `say("message-name", variable=value)` in a template.
fn say(state: &State, key: &str, values: Kwargs) -> Result<String, Error> {
    let code = state.lookup("language");
    let code = code.as_ref().and_then(Value::as_str).unwrap_or_default();
    let language = Language::ALL.into_iter().find(|language| language.code() == code);
    let mut arguments = Arguments::new();
    for name in values.args() {
        let value: Value = values.get(name)?;
        let number = value.is_number().then(|| f64::try_from(value.clone()).ok()).flatten();
        let value = number.map_or_else(|| FluentValue::from(value.to_string()), FluentValue::from);
        arguments.insert(Cow::Owned(name.to_owned()), value);
    }
    values.assert_all_used()?;
    let language = language.ok_or_else(|| Error::new(ErrorKind::UndefinedError, "language"))?;
    Ok(Speech::new(language).message(key, &arguments))
}

/// An item as the template shows it.
#[derive(Serialize)]
pub(super) struct ItemView<'a> {
    id: &'a str,
    revision: &'a str,
    is_own: bool,
    live: bool,
    execution: Option<u64>,
    at: String,
    moment: String,
    parts: &'a [Part],
    /// What can be picked: text, and the button's token where there is one.
    picked: Vec<(&'a str, Option<&'a str>)>,
    /// The other buttons: label and token.
    buttons: Vec<(&'a str, &'a str)>,
}

impl<'a> ItemView<'a> {
    pub fn of(item: &'a Item, zone: &TimeZone) -> ItemView<'a> {
        let (picked, buttons) = item.choices();
        ItemView {
            id: &item.id,
            revision: &item.revision,
            is_own: item.from == From::Person,
            live: item.live,
            execution: item.execution,
            at: item.at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string(),
            moment: item.at.to_string(),
            parts: &item.blocks,
            picked: picked.into_iter().map(|(t, b)| (t, b.map(|b| b.token.as_str()))).collect(),
            buttons: buttons.into_iter().map(|b| (b.label.as_str(), b.token.as_str())).collect(),
        }
    }
}

/// Anything that can be serialised, for a template.
pub(super) fn value<T: Serialize>(of: T) -> Value {
    Value::from(Serde(&of))
}

/// Blocks that are not part of a chat, as parts that the template shows. A page has no place
/// for what would have to be kept apart, and no report has any.
pub(super) fn blocks(of: &[Block]) -> Vec<Part> {
    parts("", of).0
}
