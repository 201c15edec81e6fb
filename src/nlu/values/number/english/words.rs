//! The words of numbers, one by one.

use crate::nlu::values::number::digits::decimal;
use crate::nlu::values::text::{after, ends_word, skip_blanks, word};

/// What a word can be within a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Unit(f64),
    Teen(f64),
    Tens(f64),
    Hundred,
    Scale(f64),
    /// `third`, `twentieth`: the value, whether plural, and whether it may follow tens.
    Ordinal(f64, bool),
    Half,
    Quarter,
    Dozen,
    Digits(f64),
    A,
    And,
    Of,
    Point,
    Over,
    Minus,
}

/// A word or digits of a number.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    pub kind: Kind,
    /// Where it ends in the text.
    pub end: usize,
}

/// Reads the words and digits of a number from `at` on, as far as they go.
pub fn tokens(text: &str, at: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut next = at;
    while tokens.len() < 40 {
        let from = if tokens.is_empty() { next } else { gap(text, next) };
        let Some((kind, end)) = token(text, from) else { break };
        tokens.push(Token { kind, end });
        next = end;
    }
    tokens
}

/// Blanks, with at most one hyphen among them.
fn gap(text: &str, at: usize) -> usize {
    let from = skip_blanks(text, at);
    match text[from..].strip_prefix('-') {
        Some(_) => skip_blanks(text, from + 1),
        None => from,
    }
}

fn token(text: &str, at: usize) -> Option<(Kind, usize)> {
    if after(text, at)?.is_ascii_digit() {
        let (end, number) = decimal(text, at)?;
        return ends_word(text, end).then_some((Kind::Digits(number.value), end));
    }
    let (word, end) = word(text, at)?;
    if word == "out" {
        let (of, end) = self::word(text, skip_blanks(text, end))?;
        return (of == "of").then_some((Kind::Over, end));
    }
    Some((kind(word)?, end))
}

fn kind(word: &str) -> Option<Kind> {
    const UNITS: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const TEENS: [&str; 10] = [
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let position = |list: &[&str]| list.iter().position(|w| *w == word);
    if let Some(i) = position(&UNITS) {
        return Some(Kind::Unit(i as f64));
    }
    if let Some(i) = position(&TEENS) {
        return Some(Kind::Teen(10.0 + i as f64));
    }
    if let Some(i) = position(&TENS) {
        return Some(Kind::Tens(20.0 + 10.0 * i as f64));
    }
    Some(match word {
        "nought" | "naught" => Kind::Unit(0.0),
        "hundred" | "hundreds" => Kind::Hundred,
        "thousand" => Kind::Scale(1e3),
        "lakh" => Kind::Scale(1e5),
        "million" | "mil" | "mln" => Kind::Scale(1e6),
        "crore" => Kind::Scale(1e7),
        "billion" | "bln" => Kind::Scale(1e9),
        "trillion" | "tln" => Kind::Scale(1e12),
        "half" | "halves" => Kind::Half,
        "quarter" | "quarters" => Kind::Quarter,
        "dozen" | "dozens" | "dz" | "dzs" | "doz" | "dozs" => Kind::Dozen,
        "a" | "an" => Kind::A,
        "and" => Kind::And,
        "of" => Kind::Of,
        "point" => Kind::Point,
        "over" => Kind::Over,
        "minus" | "negative" => Kind::Minus,
        _ => return ordinal_kind(word),
    })
}

fn ordinal_kind(word: &str) -> Option<Kind> {
    const IRREGULAR: [(&str, f64); 8] = [
        ("first", 1.0),
        ("second", 2.0),
        ("third", 3.0),
        ("fifth", 5.0),
        ("eighth", 8.0),
        ("ninth", 9.0),
        ("twelfth", 12.0),
        ("hundredth", 100.0),
    ];
    let (singular, plural) = match word.strip_suffix('s') {
        Some(singular) => (singular, true),
        None => (word, false),
    };
    if let Some((_, value)) = IRREGULAR.iter().find(|(w, _)| *w == singular) {
        return Some(Kind::Ordinal(*value, plural));
    }
    let stem = singular.strip_suffix("th")?;
    let base = match stem.strip_suffix("ie") {
        Some(tens) => kind(&format!("{tens}y"))?,
        None => kind(stem)?,
    };
    match base {
        Kind::Unit(v) | Kind::Teen(v) | Kind::Tens(v) | Kind::Scale(v) => {
            Some(Kind::Ordinal(v, plural))
        }
        _ => None,
    }
}
