//! Values: from words in two languages to typed, canonical values. One file per type.
//!
//! Two questions are answered here. *Where* in a text may a value of a type stand ([`find`],
//! [`find_choices`]), and *what is a text worth* to a parameter ([`interpret`]), which has the
//! last word: it knows the parameter's choices, pattern and bounds. What each type accepts is
//! described in `docs/values.md`.
//!
//! **Architecture Invariant:** pure functions of text, parameter and reference time: no I/O, no
//! clock. Nothing here panics, whatever the text.

mod boolean;
mod branch;
mod choice;
mod datetime;
mod duration;
mod email;
mod host;
mod ip;
mod list;
mod number;
mod ordinal;
mod path;
mod percent;
mod quantity;
pub mod range;
pub mod recognize;
pub mod recurring;
mod rules;
mod safety;
pub mod secret;
mod size;
mod string;
mod text;
mod url;
mod user;
mod version;

pub use choice::find_choices;
pub use duration::{Duration, DurationUnit};
pub use host::expand as expand_hosts;
pub use ordinal::{Pick, ordinal};
pub use safety::{is_deceptive, is_misleading, presentable};
pub use version::asks_for_newest;

use crate::catalog::{Parameter, ParameterType, Value};
use text::Folded;

/// What a value's meaning depends on besides its words.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Now, in the user's time zone: "tomorrow" counts from here.
    pub now: jiff::ZonedDateTime,
}

/// A place in a text where a value stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Byte offsets into the text.
    pub start: usize,
    pub end: usize,
    /// The readings, the likelier first; more than one only where nobody could tell (03/04, "at 5").
    pub values: Vec<Value>,
}

/// Why words are no value for a parameter. Rendered for people by `locales/*.ftl`, one message
/// per variant.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum ValueError {
    #[error("`{surface}` is not a {kind:?}")]
    WrongType { surface: String, kind: ParameterType },
    #[error("{surface} is below the smallest allowed value, {min}")]
    TooSmall { surface: String, min: f64 },
    #[error("{surface} is above the largest allowed value, {max}")]
    TooLarge { surface: String, max: f64 },
    #[error("`{surface}` does not match {pattern}")]
    PatternMismatch { surface: String, pattern: String },
    /// Not one of the choices; `near` holds those it may have meant, the nearest first.
    #[error("`{surface}` is not one of the choices")]
    NotAChoice { surface: String, near: Vec<String> },
    #[error("a secret can't be given in a chat")]
    SecretTyped,
    #[error("`{surface}` is too long")]
    TooLong { surface: String, max: usize },
    #[error("`{surface}` holds characters that a value can't have")]
    ForbiddenCharacters { surface: String },
    /// A value that a program could take for one of its options.
    #[error("`{surface}` starts with a dash, as an option of a command would")]
    LooksLikeOption { surface: String },
    /// A path that climbs out of where it starts.
    #[error("`{surface}` holds `..`")]
    PathTraversal { surface: String },
    #[error("there is no value")]
    Empty,
}

/// Texts longer than this (in bytes) hold no values for [`find`].
const LONGEST_TEXT: usize = 8_000;

/// Where values of a type may stand in a text: the longest readings from left to right, none
/// overlapping another. A choice has no values of its own: see [`find_choices`]. A `string`,
/// `user` or `branch` can be any bare word of the right shape.
pub fn find(text: &str, kind: ParameterType, reference: &Reference) -> Vec<Found> {
    if text.len() > LONGEST_TEXT {
        return Vec::new();
    }
    let folded = Folded::new(text);
    find_folded(&folded, kind, reference)
        .into_iter()
        .map(|found| {
            let range = folded.original(&(found.start..found.end));
            let start = range.start - sign_before(text, range.start, kind);
            Found { start, end: range.end, values: found.values }
        })
        .collect()
}

/// What a text says about a switch by the switch's own name: "not gracefully", 不压缩. `None`
/// where it does not name the switch, whatever else it says.
pub fn switch_named(text: &str, parameter: &Parameter) -> Option<bool> {
    (text.len() <= LONGEST_TEXT)
        .then(|| boolean::told_by_name(&text::Folded::new(text), parameter))
        .flatten()
}

/// Whether a text says a choice of the parameter as it is written, and not with a slip:
/// `staging`, `stg`, 预发, but not `stagign`. True of a parameter without choices.
pub fn is_spelt(text: &str, parameter: &Parameter) -> bool {
    parameter.choices.is_empty() || choice::is_spelt(text, &parameter.choices)
}

/// The length of a minus before a length or a size, which is part of it: no such value is
/// negative, and what is said so must not be taken without it.
fn sign_before(text: &str, start: usize, kind: ParameterType) -> usize {
    let before = &text[..start];
    let alone = |rest: &str| rest.chars().next_back().is_none_or(char::is_whitespace);
    match kind {
        ParameterType::Duration | ParameterType::Size => before
            .strip_suffix(['-', '−'])
            .filter(|rest| alone(rest))
            .map_or(0, |rest| start - rest.len()),
        _ => 0,
    }
}

/// As [`find`], in offsets of the folded text.
fn find_folded(folded: &Folded, kind: ParameterType, reference: &Reference) -> Vec<Found> {
    match kind {
        ParameterType::Integer => quantity::find_integers(folded),
        ParameterType::Number => quantity::find_numbers(folded),
        ParameterType::Percent => percent::find(folded),
        ParameterType::Size => size::find(folded),
        ParameterType::Duration => duration::find(folded),
        ParameterType::Datetime => datetime::find(folded, reference.now.datetime()),
        ParameterType::Boolean => boolean::find(folded),
        ParameterType::Version => version::find(folded),
        ParameterType::Host => host::find(folded),
        ParameterType::Ip => ip::find(folded),
        ParameterType::Url => url::find(folded),
        ParameterType::Path => path::find(folded),
        ParameterType::Email => email::find(folded),
        ParameterType::User => user::find(folded),
        ParameterType::Branch => branch::find(folded),
        ParameterType::List => list::find(folded),
        ParameterType::String => string::find(folded),
        ParameterType::Choice => Vec::new(),
    }
}

/// What a text is worth to a parameter: its canonical readings, the likelier first. More than
/// one only where nobody could tell; never an empty list.
pub fn interpret(
    surface: &str,
    parameter: &Parameter,
    reference: &Reference,
) -> Result<Vec<Value>, ValueError> {
    interpret_near(surface, parameter, reference, None)
}

/// As [`interpret`], for a field of a form, where nothing is said around a value: a choice is all of
/// it or none of it.
pub fn interpret_field(
    surface: &str,
    parameter: &Parameter,
    reference: &Reference,
) -> Result<Vec<Value>, ValueError> {
    let values = interpret(surface, parameter, reference)?;
    if !parameter.choices.is_empty() {
        let items = match parameter.kind {
            ParameterType::List => list::items(surface),
            _ => vec![surface.to_owned()],
        };
        for item in items {
            choice::interpret_whole(&item, &parameter.choices)?;
        }
    }
    Ok(values)
}

/// As [`interpret`], near a related earlier time: with 10:00 as the start, "half past ten" as
/// the end is 10:30 of the same morning.
pub fn interpret_near(
    surface: &str,
    parameter: &Parameter,
    reference: &Reference,
    anchor: Option<&Value>,
) -> Result<Vec<Value>, ValueError> {
    rules::interpret(surface, parameter, reference, anchor)
}

/// Checks a value that was not read from words (a default, an earlier run, an API): its type,
/// choices, pattern, bounds, and that it is canonical and harmless.
pub fn check(value: &Value, parameter: &Parameter) -> Result<(), ValueError> {
    rules::check(value, parameter)
}

#[cfg(test)]
mod tests;
