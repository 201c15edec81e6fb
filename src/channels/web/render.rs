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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::channels::Button;
    use crate::hostile;

    const HOSTILE: &str = "<script>alert('1')</script>";

    fn item() -> Item {
        let text = || HOSTILE.to_owned();
        Item {
            id: "1".into(),
            revision: "2".into(),
            chat: "dana".into(),
            thread: None,
            at: Timestamp::UNIX_EPOCH,
            from: From::Steward,
            sent: None,
            live: true,
            execution: Some(7),
            blocks: vec![
                Part::Title { text: text() },
                Part::Text { text: text() },
                Part::Rows { rows: vec![(text(), text(), text())] },
                Part::Options { options: vec!["staging".into(), text()] },
                Part::Code { text: text() },
                Part::Progress { done: 0.4, label: text() },
                Part::Picture { file: "1-0.png".into(), caption: text() },
                Part::File { file: "1-1.bin".into(), name: text(), size: 3 },
            ],
            buttons: vec![
                Button { label: "staging".into(), token: "t1".into() },
                Button { label: text(), token: "t2".into() },
                Button { label: "Cancel".into(), token: "t3".into() },
            ],
        }
    }

    #[test]
    fn every_template_is_right() {
        let renderer = Renderer::new();
        for (name, _) in TEMPLATES {
            let found = renderer.environment.get_template(name);
            assert!(found.is_ok(), "{name}: {found:?}");
        }
    }

    #[test]
    fn every_part_of_an_item_is_shown_and_every_text_is_only_text() {
        let (renderer, zone) = (Renderer::new(), TimeZone::UTC);
        for language in Language::ALL {
            let item = item();
            let values = context! { item => value(ItemView::of(&item, &zone)), form_token => "f" };
            let html = renderer.render("item.html", language, values).expect("an item");
            assert!(!html.contains("<script"), "{html}");
            for part in [
                "<h2>",
                "<table",
                "<pre class=\"code\"",
                "value=\"0.4\"",
                "40 %",
                "src=\"/files/1-0.png\"",
                "data-tail=\"/runs/7/log?tail=6\"",
                "<button name=\"token\" value=\"t1\"><kbd>1</kbd> staging</button>",
                "value=\"t3\">Cancel</button>",
                "00:00",
            ] {
                assert!(html.contains(part), "{part} is missing in {html}");
            }
            assert_eq!(html.matches("<button").count(), 3, "{html}");
        }
    }

    /// The page has the same elements and attributes whatever is said on it: nothing that somebody
    /// wrote opens or closes one.
    #[test]
    fn nothing_hostile_changes_what_a_page_is_made_of() {
        let (renderer, zone) = (Renderer::new(), TimeZone::UTC);
        let html = |text: &str| {
            let message = hostile::message(text);
            let parts = parts("1", &message.blocks).0;
            let item = Item { blocks: parts, buttons: message.buttons, ..item() };
            let values = context! { item => value(ItemView::of(&item, &zone)), form_token => "f" };
            renderer.render("item.html", Language::En, values).expect("an item")
        };
        // Tags, with their attributes but without what these say.
        let skeleton = |html: &str| {
            let mut skeleton = String::new();
            let (mut inside, mut quoted) = (false, false);
            for c in html.chars() {
                match c {
                    '<' if !inside => (inside, quoted) = (true, false),
                    '"' if inside => quoted = !quoted,
                    '>' if inside && !quoted => inside = false,
                    _ if inside && !quoted => {}
                    _ => continue,
                }
                skeleton.push(c);
            }
            skeleton
        };
        let harmless = skeleton(&html("harmless"));
        for (kind, text) in hostile::shown() {
            let html = html(&text);
            if kind != "huge" {
                assert_eq!(skeleton(&html), harmless, "{kind}: {text:?}\n{html}");
            }
            for forbidden in
                ["<script", "<img src=x", "<svg", "<form action=https", "onmouseover='"]
            {
                assert!(!html.contains(forbidden), "{kind}: {forbidden} in {html}");
            }
        }
        assert!(html("{{ 7*7 }} {% raw %}").contains("{{ 7*7 }} {% raw %}"));
    }

    /// Only what ends so is escaped, and nothing takes that back.
    #[test]
    fn no_template_lets_anything_through_unescaped() {
        for (name, source) in TEMPLATES {
            assert!(name.ends_with(".html"), "{name}");
            for forbidden in ["safe", "autoescape", "<script>"] {
                let words = source.split(|c: char| !(c.is_alphanumeric() || "<>_".contains(c)));
                assert!(words.into_iter().all(|word| word != forbidden), "{name}: {forbidden}");
            }
        }
    }

    #[test]
    fn a_page_says_its_language() {
        for (language, code) in [(Language::En, "\"en\""), (Language::Zh, "\"zh-CN\"")] {
            let html = Renderer::new().render("login.html", language, context! {}).expect("a page");
            assert!(html.contains(&format!("<html lang={code}>")), "{html}");
        }
    }
}
