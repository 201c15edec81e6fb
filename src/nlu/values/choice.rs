//! Choices: their values and synonyms, however they are written, and near misses of them.

use std::cmp::Reverse;

use pinyin::ToPinyin;

use super::safety::shown;
use super::text::{Folded, ends_word, starts_word};
use super::{Found, Reference, ValueError};
use crate::catalog::{Choice, Parameter, Value};

/// The most choices that an error proposes.
const MOST_NEAR: usize = 3;

/// Where values of a parameter's choices stand in a text: values and synonyms in any case and
/// width, `blue green` for `blue-green`, and near misses (`produciton`, 生产环竟) where only one
/// choice is near. The longest at a place wins, an exact one before a near miss.
pub fn find_choices(text: &str, parameter: &Parameter, _reference: &Reference) -> Vec<Found> {
    if text.len() > super::LONGEST_TEXT {
        return Vec::new();
    }
    let folded = Folded::new(text);
    find_folded(&folded, &parameter.choices)
        .into_iter()
        .map(|found| {
            let range = folded.original(&(found.start..found.end));
            Found { start: range.start, end: range.end, values: found.values }
        })
        .collect()
}

/// One way to say a choice, in folded lower case.
struct Form<'a> {
    words: String,
    value: &'a str,
}

fn forms(choices: &[Choice]) -> Vec<Form<'_>> {
    choices
        .iter()
        .flat_map(|choice| {
            std::iter::once(&choice.value).chain(&choice.synonyms).map(|words| Form {
                words: Folded::new(words).text.trim().to_owned(),
                value: &choice.value,
            })
        })
        .filter(|form| !form.words.is_empty())
        .collect()
}

fn find_folded(folded: &Folded, choices: &[Choice]) -> Vec<Found> {
    let forms = forms(choices);
    let text = &folded.text;
    let mut candidates: Vec<(usize, usize, &str, bool)> = Vec::new();
    for form in &forms {
        for (start, end) in exact(text, &form.words) {
            candidates.push((start, end, form.value, true));
        }
    }
    let taken: Vec<(usize, usize)> = candidates.iter().map(|(s, e, _, _)| (*s, *e)).collect();
    let free = |start: usize, end: usize| !taken.iter().any(|(s, e)| *s < end && start < *e);
    for (start, end) in windows(text, &forms) {
        if free(start, end)
            && let Some(value) = near_miss(&text[start..end], &forms, 5)
        {
            candidates.push((start, end, value, false));
        }
    }
    candidates
        .sort_by_key(|(start, end, _, exact)| (Reverse(*exact), Reverse(end - start), *start));
    let mut found: Vec<Found> = Vec::new();
    for (start, end, value, _) in candidates {
        match found.iter_mut().find(|f| f.start < end && start < f.end) {
            // Two choices that share a word: nobody can tell which is meant.
            Some(f) if (f.start, f.end) == (start, end) => {
                if !f.values.contains(&value.into()) {
                    f.values.push(value.into());
                }
            }
            Some(_) => {}
            None => found.push(Found { start, end, values: vec![value.into()] }),
        }
    }
    found.sort_by_key(|f| f.start);
    found
}

/// The places where words stand as they are; a blank, a hyphen and an underscore are the same.
fn exact(text: &str, words: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (start, _) in text.char_indices() {
        if let Some(end) = matches_at(text, start, words)
            && (!words.starts_with(|c: char| c.is_ascii_alphanumeric()) || starts_free(text, start))
            && (!words.ends_with(|c: char| c.is_ascii_alphanumeric()) || ends_free(text, end))
        {
            found.push((start, end));
        }
    }
    found
}

/// `dev` is not said by `dev-01` or `/dev/null`.
fn starts_free(text: &str, at: usize) -> bool {
    // `5432/tcp` says tcp, `/dev/null` does not say dev.
    let port = text[..at].ends_with('/') && text[..at - 1].ends_with(|c: char| c.is_ascii_digit());
    starts_word(text, at) && (port || !text[..at].ends_with(['-', '/', '.', '@', ':']))
}

fn ends_free(text: &str, at: usize) -> bool {
    let glued = text[at..].starts_with(['-', '/', '@', '.', ':'])
        && text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric());
    ends_word(text, at) && !glued
}

fn matches_at(text: &str, at: usize, words: &str) -> Option<usize> {
    let joint = |c: char| matches!(c, ' ' | '-' | '_');
    let mut rest = text[at..].char_indices();
    let mut end = at;
    for wanted in words.chars() {
        let (offset, c) = rest.next()?;
        if c != wanted && !(joint(c) && joint(wanted)) {
            return None;
        }
        end = at + offset + c.len_utf8();
    }
    Some(end)
}

/// Spans of the text that may be a form with a slip: as many words, or as many characters.
fn windows(text: &str, forms: &[Form]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let words: Vec<(usize, usize)> = word_spans(text);
    let most = forms.iter().map(|f| f.words.split_whitespace().count()).max().unwrap_or(0);
    for count in (1..=most.min(4)).rev() {
        spans.extend(words.windows(count).map(|w| (w[0].0, w[count - 1].1)));
    }
    let mut lengths: Vec<usize> =
        forms.iter().filter(|f| !f.words.is_ascii()).map(|f| f.words.chars().count()).collect();
    lengths.sort_unstable_by_key(|l| Reverse(*l));
    lengths.dedup();
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    for length in lengths {
        spans.extend(letters.windows(length).filter(|w| w.iter().all(|(_, c)| !c.is_ascii())).map(
            |w| {
                let (last, c) = w[length - 1];
                (w[0].0, last + c.len_utf8())
            },
        ));
    }
    spans
}

fn word_spans(text: &str) -> Vec<(usize, usize)> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    let mut spans = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (inside(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = text[from..at].trim_end_matches(['-', '.', '/', '@', '_']);
                if !word.is_empty() {
                    spans.push((from, from + word.len()));
                }
                start = None;
            }
            _ => {}
        }
    }
    spans
}

/// The one choice whose form a surface misses by a slip: a letter or two in a Latin word of
/// `shortest` letters or more, one character or homophones in a Chinese one.
fn near_miss<'a>(surface: &str, forms: &[Form<'a>], shortest: usize) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for form in forms {
        let Some(distance) = slip(surface, &form.words, shortest) else { continue };
        match best {
            Some((least, value))
                if distance > least || (distance == least && value == form.value) => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, form.value));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, value)| value)
}

fn slip(surface: &str, form: &str, shortest: usize) -> Option<usize> {
    if surface.is_ascii() && form.is_ascii() {
        let length = form.len().min(surface.len());
        let allowed = if length >= 8 { 2 } else { usize::from(length >= shortest) };
        // A slip seldom hits the first letter, and digits are no slips: hz-1 is not hz-2.
        let same_start = surface.as_bytes().first() == form.as_bytes().first()
            || surface.as_bytes().get(1) == form.as_bytes().first();
        let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
        let distance = strsim::osa_distance(surface, form);
        return (distance <= allowed && same_start && digits(surface) == digits(form))
            .then_some(distance);
    }
    let (a, b): (Vec<char>, Vec<char>) = (surface.chars().collect(), form.chars().collect());
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let differing: Vec<(char, char)> =
        a.iter().zip(&b).filter(|(x, y)| x != y).map(|(x, y)| (*x, *y)).collect();
    let negation = differing.iter().any(|(x, _)| matches!(x, '不' | '非' | '无' | '没'));
    let homophones = differing.iter().all(|(x, y)| sounds_alike(*x, *y));
    let fits = (a.len() >= 4 && differing.len() == 1) || (homophones && differing.len() < a.len());
    (fits && !negation).then_some(differing.len())
}

fn sounds_alike(a: char, b: char) -> bool {
    match (a.to_pinyin(), b.to_pinyin()) {
        (Some(a), Some(b)) => a.plain() == b.plain(),
        _ => false,
    }
}

/// Whether a text says one of the choices as it is written, alone or with words around it.
pub(super) fn is_spelt(text: &str, choices: &[Choice]) -> bool {
    let folded = Folded::new(text.trim());
    let squeezed = |t: &str| t.replace([' ', '-', '_'], "");
    forms(choices).iter().any(|form| {
        squeezed(&form.words) == squeezed(&folded.text)
            || !exact(&folded.text, &form.words).is_empty()
    })
}

/// The choice that a surface means, alone or with words around it.
pub(super) fn interpret(surface: &str, choices: &[Choice]) -> Result<Vec<Value>, ValueError> {
    let whole = interpret_whole(surface, choices);
    if whole.is_ok() {
        return whole;
    }
    let found = find_folded(&Folded::new(surface.trim()), choices);
    match found.first() {
        Some(first) if found.iter().all(|f| f.values == first.values) => Ok(first.values.clone()),
        _ => whole,
    }
}

/// The choice that a surface means with all that it says: "not production" means none.
pub(super) fn interpret_whole(surface: &str, choices: &[Choice]) -> Result<Vec<Value>, ValueError> {
    let folded = Folded::new(surface.trim());
    let text = &folded.text;
    let forms = forms(choices);
    if let Some(choice) = choices.iter().find(|c| c.value == surface) {
        return Ok(vec![choice.value.as_str().into()]);
    }
    let squeezed = |t: &str| t.replace([' ', '-', '_'], "");
    let mut values: Vec<Value> = Vec::new();
    for form in forms.iter().filter(|f| squeezed(&f.words) == squeezed(text)) {
        if !values.contains(&form.value.into()) {
            values.push(form.value.into());
        }
    }
    if !values.is_empty() {
        return Ok(values);
    }
    if let Some(value) = near_miss(text, &forms, 4) {
        return Ok(vec![value.into()]);
    }
    Err(ValueError::NotAChoice { surface: shown(surface), near: near(text, &forms) })
}

/// The choices that a surface resembles most.
fn near(surface: &str, forms: &[Form]) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = forms
        .iter()
        .map(|form| (strsim::normalized_damerau_levenshtein(surface, &form.words), form.value))
        .filter(|(score, _)| *score >= 0.5)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut near: Vec<String> = Vec::new();
    for (_, value) in scored {
        if near.len() < MOST_NEAR && !near.iter().any(|n| n == value) {
            near.push(value.to_owned());
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ParameterType;
    use crate::nlu::values::tests::{parameter, reference, worth};

    fn environment() -> Parameter {
        let choice = |value: &str, synonyms: &[&str]| Choice {
            value: value.to_owned(),
            synonyms: synonyms.iter().map(|s| (*s).to_owned()).collect(),
        };
        let mut parameter = parameter(ParameterType::Choice);
        parameter.choices = vec![
            choice("production", &["prod", "live", "生产环境", "线上"]),
            choice("staging", &["stg", "pre-prod", "预发环境", "预发"]),
            choice("blue-green", &["蓝绿"]),
        ];
        parameter
    }

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)]) {
        let found = find_choices(text, &environment(), &reference());
        let got: Vec<(&str, String)> =
            found.iter().map(|f| (&text[f.start..f.end], f.values[0].to_string())).collect();
        let got: Vec<(&str, &str)> = got.iter().map(|(s, v)| (*s, v.as_str())).collect();
        assert_eq!(got, expect, "{text:?}");
    }

    #[test]
    fn finds_values_synonyms_and_near_misses() {
        check("deploy to Prod, not STAGING", &[("Prod", "production"), ("STAGING", "staging")]);
        check("ｐｒｏｄ", &[("ｐｒｏｄ", "production")]);
        check("go blue green", &[("blue green", "blue-green")]);
        check("to produciton", &[("produciton", "production")]);
        check("发到预发环境", &[("预发环境", "staging")]);
        check("发到生产环竟", &[("生产环竟", "production")]);
        check("prod-db-01 and /live/x delivers", &[]);
    }

    #[test]
    fn a_field_holds_a_choice_and_nothing_else() {
        let field = |text: &str, parameter: &Parameter| {
            let values = crate::nlu::values::interpret_field(text, parameter, &reference());
            values.ok().map(|values| values[0].to_string())
        };
        let environment = environment();
        for (text, expect) in [
            ("Prod", Some("production")),
            (" blue green ", Some("blue-green")),
            ("预发", Some("staging")),
            ("not production", None),
            ("anything but staging", None),
            ("不是线上", None),
        ] {
            assert_eq!(field(text, &environment).as_deref(), expect, "{text:?}");
        }
        let list = Parameter { kind: ParameterType::List, ..environment };
        assert_eq!(field("prod, stg", &list).as_deref(), Some("production,staging"));
        assert_eq!(field("prod, not staging", &list), None);
    }

    #[test]
    fn interprets_answers() {
        for (text, expect) in [
            ("stg", "staging"),
            ("on production", "production"),
            ("prdo", "production"),
            ("bluegreen", "blue-green"),
            ("线上", "production"),
            ("moon", "! not_a_choice"),
        ] {
            assert_eq!(worth(text, &environment()), expect, "{text:?}");
        }
        let error = interpret("stagnig2", &environment().choices);
        assert!(matches!(error, Err(ValueError::NotAChoice { near, .. }) if near == ["staging"]));
    }
}
