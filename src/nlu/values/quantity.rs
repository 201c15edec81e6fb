//! Plain numbers as values: `integer` and `number`.

use super::Found;
use super::number::{numbers, stands_alone};
use super::text::Folded;
use crate::catalog::Value;

/// Whole numbers that stand on their own.
pub(super) fn find_integers(folded: &Folded) -> Vec<Found> {
    numbers(folded)
        .into_iter()
        .filter(|(range, _)| stands_alone(&folded.text, range))
        .filter_map(|(range, number)| {
            let values = vec![Value::Integer(number.whole?)];
            Some(Found { start: range.start, end: range.end, values })
        })
        .collect()
}

/// Numbers that stand on their own.
pub(super) fn find_numbers(folded: &Folded) -> Vec<Found> {
    numbers(folded)
        .into_iter()
        .filter(|(range, _)| stands_alone(&folded.text, range))
        .map(|(range, number)| Found {
            start: range.start,
            end: range.end,
            values: vec![Value::Number(number.value)],
        })
        .collect()
}
