//! Numbers in English words: `seventy thousand`, `one and a half million`, `two thirds`.

mod words;

use self::words::{Kind, Token, tokens};
use super::Number;
use crate::nlu::values::text::{ends_word, skip_blanks, starts_word, word};

/// A number with at least one word in it.
pub(super) fn number(text: &str, cased: &str, at: usize) -> Option<(usize, Number)> {
    if !starts_word(text, at) {
        return None;
    }
    let tokens = tokens(text, at);
    let negative = tokens.first().is_some_and(|t| t.kind == Kind::Minus);
    let from = usize::from(negative);
    if !negative && pronoun(text, at, &tokens) {
        return None;
    }
    let signed_digits = negative.then(|| {
        let start = skip_blanks(text, tokens[0].end);
        super::digits::number(text, cased, start)
    });
    let (end, value) = over(&tokens, from, text)
        .or_else(|| fraction_of_scale(&tokens, from))
        .or_else(|| mixed(&tokens, from))
        .or_else(|| dozens(&tokens, from))
        .or_else(|| with_point(&tokens, from))
        .or_else(|| worded(&tokens, from))
        .map(|(next, value)| (tokens[next - 1].end, value))
        .or_else(|| signed_digits.flatten().map(|(end, number)| (end, number.value)))?;
    ends_word(text, end).then(|| (end, Number::of(if negative { -value } else { value })))
}

/// A cardinal in words, without sign or fraction: `twenty one`, `a hundred and five`.
pub(crate) fn cardinal(text: &str, at: usize) -> Option<(usize, f64)> {
    if !starts_word(text, at) {
        return None;
    }
    let tokens = tokens(text, at);
    let (next, value) = worded(&tokens, 0)?;
    Some((tokens[next - 1].end, value))
}

/// An ordinal in words or digits: `third`, `twenty-first`, `2nd`.
pub(crate) fn ordinal(text: &str, at: usize) -> Option<(usize, u32)> {
    if !starts_word(text, at) {
        return None;
    }
    if let Some(end) = super::digits::digits(text, at) {
        let end = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|s| text[end..].starts_with(s).then_some(end + s.len()))?;
        return ends_word(text, end)
            .then(|| Some((end, text[at..end - 2].parse().ok()?)))
            .flatten();
    }
    let tokens = tokens(text, at);
    let at = tokens.iter().take(4).position(|t| matches!(t.kind, Kind::Ordinal(..)))?;
    let value = denominator(&tokens[..=at])?;
    Some((tokens[at].end, value as u32))
}

/// `the one`, `which one`: a pronoun.
fn pronoun(text: &str, at: usize, tokens: &[Token]) -> bool {
    let alone = tokens.first().is_some_and(|t| t.kind == Kind::Unit(1.0))
        && !matches!(
            tokens.get(1).map(|t| t.kind),
            Some(Kind::Hundred | Kind::Scale(_) | Kind::And | Kind::Point | Kind::Over)
        );
    let lead = text[..at].trim_end();
    alone
        && ["the", "this", "that", "which", "another", "each", "any", "every"]
            .iter()
            .any(|w| lead.ends_with(w) && starts_word(lead, lead.len() - w.len()))
}

fn at(tokens: &[Token], i: usize) -> Option<Kind> {
    tokens.get(i).map(|t| t.kind)
}

/// 1 to 99 in words; `twenty and four` is `twenty four`.
fn below_hundred(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    match at(tokens, i)? {
        Kind::Unit(v) | Kind::Teen(v) => Some((i + 1, v)),
        Kind::Tens(v) => match at(tokens, i + 1) {
            Some(Kind::Unit(u)) if u > 0.0 => Some((i + 2, v + u)),
            _ => Some((i + 1, v)),
        },
        _ => None,
    }
}

/// Up to 999 in words, or digits in front of a magnitude.
fn group(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, lead) = match at(tokens, i)? {
        Kind::A => (i + 1, 1.0),
        Kind::Hundred | Kind::Scale(_) => (i, 1.0),
        Kind::Digits(v) => (i + 1, v),
        _ => below_hundred(tokens, i)?,
    };
    let needs_magnitude = matches!(at(tokens, i)?, Kind::A | Kind::Digits(_));
    match at(tokens, next) {
        Some(Kind::Hundred) => {
            let rest = next + 1;
            let linked = rest + usize::from(at(tokens, rest) == Some(Kind::And));
            match below_hundred(tokens, linked).or_else(|| small_digits(tokens, linked)) {
                Some((end, v)) if at(tokens, end) != Some(Kind::Hundred) && v > 0.0 => {
                    Some((end, lead * 100.0 + v))
                }
                _ => Some((rest, lead * 100.0)),
            }
        }
        Some(Kind::Scale(_)) => Some((next, lead)),
        _ => (!needs_magnitude && next > i).then_some((next, lead)),
    }
}

fn small_digits(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    match at(tokens, i)? {
        Kind::Digits(v) if v < 100.0 && v.fract() == 0.0 => Some((i + 1, v)),
        _ => None,
    }
}

/// A whole cardinal; with the magnitude of its last part.
fn scaled(tokens: &[Token], i: usize) -> Option<(usize, f64, f64)> {
    let mut total = 0.0;
    let mut last = f64::INFINITY;
    let mut next = i;
    let mut end = None;
    loop {
        let start = if end.is_none() {
            next
        } else {
            next + usize::from(at(tokens, next) == Some(Kind::And))
        };
        let Some((mut after_group, value)) = group(tokens, start) else { break };
        let mut scale = 1.0;
        while let Some(Kind::Scale(s)) = at(tokens, after_group) {
            scale *= s;
            after_group += 1;
        }
        if value * scale >= last {
            break;
        }
        total += value * scale;
        last = scale;
        next = after_group;
        end = Some(next);
        if scale == 1.0 {
            break;
        }
    }
    end.map(|end| (end, total, last))
}

/// A cardinal that holds a word; `a` alone is none.
fn worded(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, value, _) = scaled(tokens, i)?;
    if let (Some(Kind::Tens(_)), Some(Kind::And), Some(Kind::Unit(u))) =
        (at(tokens, next - 1), at(tokens, next), at(tokens, next + 1))
    {
        return Some((next + 2, value + u));
    }
    Some((next, value))
}

/// `two point zero three`, `two hundred point seventy-one`.
fn with_point(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, whole, _) = scaled(tokens, i)?;
    if at(tokens, next) != Some(Kind::Point) {
        return None;
    }
    let mut decimals = String::new();
    let mut end = next + 1;
    while let Some(Kind::Unit(v)) = at(tokens, end) {
        decimals.push_str(&v.to_string());
        end += 1;
    }
    if decimals.is_empty() {
        let (after, value) = below_hundred(tokens, end)?;
        decimals = value.to_string();
        end = after;
    }
    format!("{whole}.{decimals}").parse().ok().map(|value| (end, value))
}

/// `a half`, `three quarters`, `two thirds`, `three twenty-firsts`.
fn fraction(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    match at(tokens, i)? {
        Kind::Half => {
            // `half a million`: the article belongs to what is halved.
            return Some((i + 1, 0.5));
        }
        Kind::Quarter => return Some((i + 1, 0.25)),
        _ => {}
    }
    let last = (i..tokens.len())
        .take_while(|k| fraction_word(tokens[*k].kind))
        .find(|k| matches!(tokens[*k].kind, Kind::Ordinal(..) | Kind::Half | Kind::Quarter))?;
    (i + 1..=last).find_map(|split| {
        let numerator = match at(tokens, i)? {
            Kind::A if split == i + 1 => 1.0,
            Kind::Digits(v) if split == i + 1 => v,
            _ => scaled(&tokens[..split], i).filter(|(next, _, _)| *next == split)?.1,
        };
        if matches!(at(tokens, split - 1), Some(Kind::Tens(_)))
            && matches!(at(tokens, split), Some(Kind::Unit(_)))
        {
            return None;
        }
        let denominator = match &tokens[split..=last] {
            [Token { kind: Kind::Half, .. }] => 2.0,
            [Token { kind: Kind::Quarter, .. }] => 4.0,
            part => denominator(part).filter(|d| *d >= 3.0)?,
        };
        let plural =
            matches!(tokens[last].kind, Kind::Ordinal(_, true) | Kind::Half | Kind::Quarter);
        // `twenty fifth` is a place, `twenty fifths` a number.
        (plural || numerator == 1.0).then_some((last + 1, numerator / denominator))
    })
}

fn fraction_word(kind: Kind) -> bool {
    !matches!(kind, Kind::Of | Kind::Point | Kind::Over | Kind::Minus | Kind::Dozen)
}

/// The value of an ordinal phrase that fills the tokens: `one hundred and fifth` is 105.
fn denominator(tokens: &[Token]) -> Option<f64> {
    let (last, lead) = tokens.split_last()?;
    let Kind::Ordinal(value, _) = last.kind else { return None };
    if lead.is_empty() {
        return Some(value);
    }
    let lead = match lead {
        [rest @ .., Token { kind: Kind::And, .. }] => rest,
        all => all,
    };
    if matches!(lead.first()?.kind, Kind::Hundred | Kind::Scale(_) | Kind::A) {
        return None;
    }
    let (next, sum, _) = scaled(lead, 0)?;
    let fits = match lead.last()?.kind {
        Kind::Tens(_) => value < 10.0,
        Kind::Hundred => value < 100.0,
        Kind::Scale(s) => value < s,
        _ => false,
    };
    (next == lead.len() && fits).then_some(sum + value)
}

/// `half a million`, `two thirds of a million`, `quarter million`, `a half`, `two thirds`.
fn fraction_of_scale(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, value) = fraction(tokens, i)?;
    let mut scale_at = next;
    if at(tokens, scale_at) == Some(Kind::Of) {
        scale_at += 1;
    }
    if at(tokens, scale_at) == Some(Kind::A) {
        scale_at += 1;
    }
    match at(tokens, scale_at) {
        Some(Kind::Scale(scale)) => Some((scale_at + 1, value * scale)),
        Some(Kind::Dozen) => Some((scale_at + 1, value * 12.0)),
        _ => Some((next, value)),
    }
}

/// A cardinal and a fraction: `five and a quarter`, `three million and a half`.
fn mixed(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, whole, scale) = match at(tokens, i)? {
        Kind::Digits(v) if at(tokens, i + 1) == Some(Kind::And) => (i + 1, v, 1.0),
        Kind::Tens(v) if at(tokens, i + 1) == Some(Kind::And) => match at(tokens, i + 2) {
            Some(Kind::Unit(u)) if at(tokens, i + 3) == Some(Kind::And) => (i + 3, v + u, 1.0),
            _ => (i + 1, v, 1.0),
        },
        _ => scaled(tokens, i)?,
    };
    if at(tokens, next) != Some(Kind::And) {
        return None;
    }
    let (end, part) = fraction(tokens, next + 1)?;
    match at(tokens, end) {
        Some(Kind::Scale(s)) if scale == 1.0 => Some((end + 1, (whole + part) * s)),
        Some(Kind::Scale(s)) => Some((end + 1, whole + part * s)),
        _ => Some((end, whole + part * scale)),
    }
}

fn dozens(tokens: &[Token], i: usize) -> Option<(usize, f64)> {
    let (next, count) = match at(tokens, i)? {
        Kind::A => (i + 1, 1.0),
        Kind::Digits(v) => (i + 1, v),
        _ => worded(tokens, i)?,
    };
    (at(tokens, next) == Some(Kind::Dozen)).then_some((next + 1, count * 12.0))
}

/// `one over three`, `two out of five hundred`. A unit behind it (`$2000 over 3 years`) makes
/// `over` a preposition.
fn over(tokens: &[Token], i: usize, text: &str) -> Option<(usize, f64)> {
    let operand = |i: usize| match at(tokens, i)? {
        Kind::Digits(v) => Some((i + 1, v)),
        _ => worded(tokens, i),
    };
    let (next, numerator) = operand(i)?;
    if at(tokens, next) != Some(Kind::Over) {
        return None;
    }
    let (end, denominator) = operand(next + 1)?;
    let written_out = text[..tokens[next].end].ends_with("of");
    let last = tokens[end - 1].end;
    let closed = written_out || word(text, skip_blanks(text, last)).is_none();
    let proper = !written_out || numerator < denominator;
    (denominator != 0.0 && closed && proper).then_some((end, numerator / denominator))
}
