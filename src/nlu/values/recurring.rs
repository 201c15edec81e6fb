//! Rhythms as cron expressions: "every weekday at 2am" is `0 2 * * 1-5`, 每天凌晨三点 `0 3 * * *`.

use super::datetime::{Item, items};
use super::text::Folded;
use super::{Found, Reference, ValueError};
use crate::catalog::{ParameterType, Value};

/// The rhythms in a text, each as its cron expressions of five fields (minute, hour, day of the
/// month, month, day of the week); two where morning or evening is open. A rhythm that cron
/// can't say, such as every 90 minutes, is left out.
pub fn find(text: &str, reference: &Reference) -> Vec<Found> {
    if text.len() > super::LONGEST_TEXT {
        return Vec::new();
    }
    let folded = Folded::new(text);
    items(&folded, reference.now.datetime())
        .into_iter()
        .filter_map(|(range, item)| {
            let Item::Recurring(recurrence) = item else { return None };
            let values: Vec<Value> = recurrence.cron().into_iter().map(Value::Text).collect();
            let range = folded.original(&range);
            (!values.is_empty()).then_some(Found { start: range.start, end: range.end, values })
        })
        .collect()
}

/// The cron expressions that a text means: a rhythm in words, or a cron expression itself.
pub fn interpret(surface: &str, reference: &Reference) -> Result<Vec<Value>, ValueError> {
    super::safety::check_surface(surface)?;
    let surface = surface.trim();
    let fields = surface.split_whitespace().count();
    if fields == 5 && surface.parse::<croner::Cron>().is_ok() {
        return Ok(vec![surface.into()]);
    }
    match find(surface, reference).as_slice() {
        [only] => Ok(only.values.clone()),
        _ => Err(ValueError::WrongType {
            surface: super::safety::shown(surface),
            kind: ParameterType::Datetime,
        }),
    }
}
