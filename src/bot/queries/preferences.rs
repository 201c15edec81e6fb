//! What people set for themselves: language, how much is asked, time zone.

use jiff::tz::TimeZone;

use super::{Arguments, Asker, zones};
use crate::access::Permission;
use crate::bot::settings::Settings;
use crate::bot::trouble::Trouble;
use crate::catalog::{Collect, Language, Value, Values};
use crate::channels::Block;
use crate::reply::{Reply, Speech, say};

impl Asker<'_> {
    /// Shows the settings, or changes those that are named.
    pub(super) async fn preferences(&mut self, arguments: Arguments<'_>) -> Result<Reply, Trouble> {
        let turning = self.turning;
        self.permit(Permission::Settings).await?;
        let mut settings = turning.settings.clone();
        let mut given = arguments.0.clone();
        self.name_zone(&mut given);
        let arguments = Arguments(&given);
        if let Err(problem) = change(&mut settings, arguments, self.writer.speech) {
            return Ok(Reply::text(problem).and(self.shown(&turning.settings)));
        }
        if settings == turning.settings {
            let speech = self.writer.speech;
            let shown = self.shown(&settings);
            // Something was to be changed, and what it was to become is no value of it.
            let named = arguments.text("setting").or(self.behind_command());
            let given = ["language", "collect", "time_zone"];
            let is_given = given.iter().any(|name| arguments.0.contains_key(*name));
            return Ok(match named {
                Some(_) if is_given => Reply::text(say!(speech, "settings-so-already")).and(shown),
                Some(_) => {
                    let values = say!(speech, "settings-values");
                    Reply::text(say!(speech, "settings-not-a-value")).text_line([values]).and(shown)
                }
                None => shown.text_line([say!(speech, "settings-how")]),
            });
        }
        let batch = std::mem::take(&mut self.effects.batch);
        self.effects.batch = settings.put(batch, &turning.user.id)?;
        // The answer follows the new setting already.
        if let Some(language) = settings.language {
            self.writer.speech = Speech::new(language);
        }
        Ok(Reply::text(say!(self.writer.speech, "settings-changed")).and(self.shown(&settings)))
    }

    /// Puts the time zone in place of a city: of what was given for it, or of the words, where
    /// they are about the time zone or about no other setting.
    fn name_zone(&self, given: &mut Values) {
        let others = ["language", "collect"];
        let about_zone =
            given.get("setting").is_none_or(|setting| *setting == Value::from("time_zone"));
        let said = match given.get("time_zone") {
            Some(value) => Some(value.to_string()),
            None if about_zone && !others.iter().any(|other| given.contains_key(*other)) => {
                self.turning.context.words.clone()
            }
            None => None,
        };
        let zone = said.and_then(|words| {
            Language::ALL.into_iter().find_map(|language| {
                let speech = Speech::new(language);
                zones::named(&words, &say!(speech, "words-time-zones"))
            })
        });
        if let Some(zone) = zone {
            given.insert("time_zone".into(), Value::from(zone));
        }
    }

    fn shown(&self, settings: &Settings) -> Reply {
        let speech = self.writer.speech;
        let language = match settings.language {
            None => say!(speech, "settings-language-spoken"),
            Some(Language::En) => say!(speech, "settings-language-en"),
            Some(Language::Zh) => say!(speech, "settings-language-zh"),
        };
        let collect = match settings.collect {
            None => say!(speech, "settings-collect-template"),
            Some(Collect::Required) => say!(speech, "settings-collect-required"),
            Some(Collect::Full) => say!(speech, "settings-collect-full"),
        };
        let zone = self.turning.zone();
        let zone = settings.time_zone.clone().or_else(|| zone.iana_name().map(str::to_owned));
        let row = |name: String, value: String| (name, value, String::new());
        Reply::default().block(Block::Rows(vec![
            row(say!(speech, "settings-language"), language),
            row(say!(speech, "settings-collect"), collect),
            row(say!(speech, "settings-time-zone"), zone.unwrap_or_default()),
        ]))
    }
}

/// Changes what is named; what would be right, where a value is not.
fn change(settings: &mut Settings, arguments: Arguments<'_>, speech: Speech) -> Result<(), String> {
    if let Some(value) = arguments.text("language") {
        let known = Language::ALL.into_iter().find(|known| known.code() == value);
        settings.language =
            Some(known.ok_or_else(|| say!(speech, "settings-bad-language", "value" => value))?);
    }
    match arguments.text("collect") {
        None => {}
        Some("full") => settings.collect = Some(Collect::Full),
        Some("required") => settings.collect = Some(Collect::Required),
        Some(value) => return Err(say!(speech, "settings-bad-collect", "value" => value)),
    }
    if let Some(value) = arguments.text("time_zone") {
        TimeZone::get(value)
            .map_err(|_| say!(speech, "settings-bad-time-zone", "value" => value))?;
        settings.time_zone = Some(value.to_owned());
    }
    Ok(())
}
