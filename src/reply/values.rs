//! Values, where they came from, and what is wrong with them, in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Speech, say};
use crate::catalog::{JobTemplate, Language, Parameter, ParameterType, Value};
use crate::dialogue::Problem;
use crate::nlu::values::ValueError;
use crate::plan::{Given, Source};

impl Speech {
    /// A value as people read it.
    pub fn value(self, value: &Value) -> String {
        match value {
            Value::Boolean(true) => say!(self, "value-yes"),
            Value::Boolean(false) => say!(self, "value-no"),
            Value::Text(text) if is_moment(text) => text.replacen('T', " ", 1),
            Value::List(items) => self.list(items),
            other => other.to_string(),
        }
    }

    /// Where a value came from.
    pub fn source(self, given: &Given) -> String {
        match &given.source {
            Source::Said { words } if *words == self.value(&given.value) => {
                say!(self, "source-said")
            }
            Source::Said { words } => say!(self, "source-said-so", "words" => words.as_str()),
            Source::Chosen => say!(self, "source-chosen"),
            Source::Default => say!(self, "source-default"),
            Source::CarriedOver => say!(self, "source-carried-over"),
        }
    }

    /// Why a value can't be taken, and what would be right.
    pub fn problem(self, problem: &Problem, parameter: &Parameter, job: &JobTemplate) -> String {
        let name = self.label(parameter);
        let called = |other: &str| job.parameter(other).map_or(self.name(other), |p| self.label(p));
        match problem {
            Problem::Value { error } => self.value_error(error, parameter),
            Problem::Same { other } => {
                say!(self, "problem-same", "parameter" => name, "other" => called(other))
            }
            Problem::Order { other } => {
                say!(self, "problem-order", "parameter" => name, "other" => called(other))
            }
            Problem::Past { at } => {
                say!(self, "problem-past", "parameter" => name, "at" => self.value(at))
            }
            Problem::NotUnderstood => say!(self, "problem-not-understood"),
            Problem::Required => say!(self, "problem-required", "parameter" => name),
            Problem::NoDefault => say!(self, "problem-no-default", "parameter" => name),
            Problem::NoEarlierValue => say!(self, "problem-no-earlier-value"),
        }
    }

    /// Why words are no value for a parameter.
    pub fn value_error(self, error: &ValueError, parameter: &Parameter) -> String {
        match error {
            ValueError::WrongType { surface, kind } => {
                let kind = self.kind(*kind);
                say!(self, "value-wrong-type", "value" => surface.as_str(), "kind" => kind)
            }
            ValueError::TooSmall { surface, min } => {
                say!(self, "value-too-small", "value" => surface.as_str(), "min" => *min)
            }
            ValueError::TooLarge { surface, max } => {
                say!(self, "value-too-large", "value" => surface.as_str(), "max" => *max)
            }
            // The pattern itself says nothing to most people; what is wanted is asked once more.
            ValueError::PatternMismatch { surface, .. } => say!(
                self, "value-pattern-mismatch",
                "value" => surface.as_str(), "parameter" => self.label(parameter),
            ),
            ValueError::NotAChoice { surface, .. } => {
                say!(self, "value-not-a-choice", "value" => surface.as_str())
            }
            ValueError::SecretTyped => say!(self, "value-secret-typed"),
            ValueError::TooLong { max, .. } => say!(self, "value-too-long", "max" => *max),
            ValueError::ForbiddenCharacters { .. } => say!(self, "value-forbidden-characters"),
            ValueError::LooksLikeOption { surface } => {
                say!(self, "value-looks-like-option", "value" => surface.as_str())
            }
            ValueError::PathTraversal { surface } => {
                say!(self, "value-path-traversal", "value" => surface.as_str())
            }
            ValueError::Empty => say!(self, "value-empty"),
        }
    }

    /// The name of a type, with its article.
    pub fn kind(self, kind: ParameterType) -> String {
        match kind {
            ParameterType::String => say!(self, "kind-string"),
            ParameterType::Integer => say!(self, "kind-integer"),
            ParameterType::Number => say!(self, "kind-number"),
            ParameterType::Boolean => say!(self, "kind-boolean"),
            ParameterType::Choice => say!(self, "kind-choice"),
            ParameterType::Duration => say!(self, "kind-duration"),
            ParameterType::Datetime => say!(self, "kind-datetime"),
            ParameterType::Version => say!(self, "kind-version"),
            ParameterType::Host => say!(self, "kind-host"),
            ParameterType::Ip => say!(self, "kind-ip"),
            ParameterType::Url => say!(self, "kind-url"),
            ParameterType::Path => say!(self, "kind-path"),
            ParameterType::Email => say!(self, "kind-email"),
            ParameterType::Percent => say!(self, "kind-percent"),
            ParameterType::Size => say!(self, "kind-size"),
            ParameterType::User => say!(self, "kind-user"),
            ParameterType::Branch => say!(self, "kind-branch"),
            ParameterType::List => say!(self, "kind-list"),
        }
    }

    /// A moment in somebody's time zone, to the minute.
    pub fn moment(self, moment: Timestamp, zone: &TimeZone) -> String {
        moment.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// A span of time in its two largest units: `48 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
    pub fn duration(self, duration: std::time::Duration) -> String {
        let seconds = duration.as_secs_f64().round() as u64;
        let units = match self.language {
            Language::En => [" d", " h", " min", " s"],
            Language::Zh => ["天", "小时", "分", "秒"],
        };
        let sizes = [86_400, 3_600, 60, 1];
        let mut rest = seconds;
        let parts: Vec<String> = sizes
            .iter()
            .zip(units)
            .map(|(size, unit)| {
                let count = rest / size;
                rest %= size;
                (count, unit)
            })
            .skip_while(|(count, unit)| *count == 0 && *unit != units[3])
            .take(2)
            .filter(|(count, unit)| *count > 0 || (seconds == 0 && *unit == units[3]))
            .map(|(count, unit)| format!("{count}{unit}"))
            .collect();
        match self.language {
            Language::En => parts.join(" "),
            Language::Zh => parts.concat(),
        }
    }
}

/// Whether a text is a date-time in its canonical spelling, `2025-03-12T23:00`.
fn is_moment(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T') && text.parse::<jiff::civil::DateTime>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn durations_are_short() {
        let cases = [
            (0, "0 s", "0秒"),
            (48, "48 s", "48秒"),
            (200, "3 min 20 s", "3分20秒"),
            (3_600, "1 h", "1小时"),
            (7_530, "2 h 5 min", "2小时5分"),
            (349_201, "4 d 1 h", "4天1小时"),
        ];
        for (seconds, en, zh) in cases {
            let duration = Duration::from_secs(seconds);
            assert_eq!(Speech::new(Language::En).duration(duration), en);
            assert_eq!(Speech::new(Language::Zh).duration(duration), zh);
        }
    }

    #[test]
    fn moments_are_told_from_texts_that_look_like_them() {
        let cases = [
            ("2025-03-12T23:00", "2025-03-12 23:00"),
            ("2025-03-12Tea", "2025-03-12Tea"),
            ("T", "T"),
        ];
        for (value, shown) in cases {
            assert_eq!(Speech::new(Language::En).value(&Value::from(value)), shown);
        }
    }
}
