//! What no value may hold, whatever its type.

use std::borrow::Cow;

use super::ValueError;
use crate::catalog::{Parameter, ParameterType};

/// The longest value, in characters.
pub(super) const LONGEST_VALUE: usize = 1_000;

/// How much of a refused value an error repeats.
const SHOWN: usize = 80;

/// Refuses what is empty, over-long or holds characters that deceive the eye or a terminal.
pub(super) fn check_surface(surface: &str) -> Result<(), ValueError> {
    if surface.trim().is_empty() {
        return Err(ValueError::Empty);
    }
    if surface.chars().count() > LONGEST_VALUE {
        return Err(ValueError::TooLong { surface: shown(surface), max: LONGEST_VALUE });
    }
    if surface.chars().any(is_deceptive) {
        return Err(ValueError::ForbiddenCharacters { surface: shown(surface) });
    }
    Ok(())
}

/// Refuses a canonical text that a command could take for an option, or a path that climbs.
pub(super) fn check_text(text: &str, parameter: &Parameter) -> Result<(), ValueError> {
    use ParameterType as T;
    let kind = parameter.kind;
    let measured = matches!(kind, T::Percent | T::Duration | T::Datetime | T::Size);
    // A pattern that lets a dash lead was written by someone who wants it.
    let wanted = kind == T::String && parameter.pattern.is_some();
    if text.starts_with('-') && !measured && !wanted {
        return Err(ValueError::LooksLikeOption { surface: shown(text) });
    }
    let located = matches!(kind, T::Path | T::Branch | T::Host | T::Version | T::User | T::String);
    let climbs = text.split(['/', '\\']).any(|segment| segment == "..");
    if (located && climbs) || (kind == T::Url && url_climbs(text)) {
        return Err(ValueError::PathTraversal { surface: shown(text) });
    }
    Ok(())
}

fn url_climbs(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
    lower.split(['/', '\\', '?', '#']).any(|segment| segment == "..")
}

/// Whether a character shows nothing or something else than it is: control characters, zero-width
/// and bidirectional marks, letters that are blank, private use and the like. The joiners of emoji are among them: a value
/// is no place for emoji either.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffd}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{10ffff}')
}

/// Whether a character would hide, turn round or command what is shown beside it: what is
/// [`is_deceptive`], but for line breaks, tabulators, and what emoji and other scripts are made of.
pub fn is_misleading(c: char) -> bool {
    let harmless = matches!(
        c,
        '\n' | '\t' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}'
    );
    is_deceptive(c) && !harmless
}

/// A text of somebody else as it may be shown to people, wherever that is: with a sign in place of
/// every character that would mislead.
pub fn presentable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_misleading) {
        return Cow::Borrowed(text);
    }
    let clean = |c: char| if is_misleading(c) { '\u{fffd}' } else { c };
    Cow::Owned(text.replace("\r\n", "\n").chars().map(clean).collect())
}

/// A surface as an error shows it: cut, and without characters that could deceive.
pub(super) fn shown(surface: &str) -> String {
    let mut shown: String =
        surface.chars().take(SHOWN).map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect();
    if surface.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_no_part_of_a_value() {
        for c in "\u{2800}\u{3164}\u{115f}\u{ffa0}\u{34f}\u{200b}\u{1b}".chars() {
            let check = check_surface(&format!("order{c}s"));
            assert!(matches!(check, Err(ValueError::ForbiddenCharacters { .. })), "{c:?}");
        }
        assert_eq!(check_surface("订单 orders é"), Ok(()));
    }
}
