//! Texts as the recognisers see them: folded, with the way back to the original.

use std::ops::Range;

/// A text folded for matching: full-width forms become ASCII, typographic dashes and blanks plain
/// ones, traditional characters the simplified ones that the grammars use. Every folded byte
/// knows where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    /// Folded, letters as they were written.
    pub cased: String,
    /// Folded and in ASCII lower case; offsets equal those of `cased`.
    pub text: String,
    /// For every byte of `text` the offset of its character in the original, and one past the end.
    origin: Vec<usize>,
}

impl Folded {
    pub fn new(original: &str) -> Folded {
        let mut cased = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len() + 1);
        for (offset, c) in original.char_indices() {
            let folded = fold_char(c);
            origin.extend(std::iter::repeat_n(offset, folded.len_utf8()));
            cased.push(folded);
        }
        origin.push(original.len());
        let text = cased.to_ascii_lowercase();
        Folded { cased, text, origin }
    }

    /// Where a range of the folded text stands in the original. Both ends must be character
    /// boundaries of the folded text.
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        self.origin[range.start]..self.origin[range.end]
    }
}

fn fold_char(c: char) -> char {
    match c {
        // The full-width comma separates in Chinese where the ASCII one may group digits.
        '，' => '，',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2009}' => ' ',
        '‐' | '‑' | '‒' | '–' | '−' => '-',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        _ => simplified(c),
    }
}

/// The simplified form of the traditional characters that occur in numbers and times.
fn simplified(c: char) -> char {
    match c {
        '點' => '点',
        '兩' => '两',
        '倆' => '俩',
        '萬' => '万',
        '億' => '亿',
        '個' => '个',
        '對' => '对',
        '幾' => '几',
        '負' => '负',
        '時' => '时',
        '週' => '周',
        '號' => '号',
        '鐘' | '鍾' => '钟',
        '後' => '后',
        '雙' => '双',
        '餘' => '余',
        '貳' => '贰',
        '陸' => '陆',
        '參' => '叁',
        '從' => '从',
        '開' => '开',
        '關' => '关',
        '間' => '间',
        '這' => '这',
        '內' => '内',
        '過' => '过',
        '節' => '节',
        '現' => '现',
        '剛' => '刚',
        '約' => '约',
        '禮' => '礼',
        '農' => '农',
        '曆' => '历',
        '歲' => '岁',
        '來' => '来',
        '當' => '当',
        '結' => '结',
        '隨' => '随',
        '還' => '还',
        '種' => '种',
        '塊' => '块',
        _ => c,
    }
}

/// The offset after any blanks.
pub(crate) fn skip_blanks(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|b| **b == b' ' || **b == b'\t').count()
}

/// The ASCII word that starts at `at` (letters only) and where it ends; `None` where a digit or
/// an underscore goes on (`web01`, `dry_run`), since then it is a name.
pub(crate) fn word(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = &text.as_bytes()[at..];
    let length = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let next = rest.get(length);
    if length == 0 || next.is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
        return None;
    }
    Some((&text[at..at + length], at + length))
}

/// The character before an offset.
pub(crate) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at an offset.
pub(crate) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Whether a word may start here: nothing that belongs to a Latin word stands before.
pub(crate) fn starts_word(text: &str, at: usize) -> bool {
    !before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a word may end here.
pub(crate) fn ends_word(text: &str, at: usize) -> bool {
    !after(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The end of `literal` where it stands at `at`.
pub(crate) fn literal(text: &str, at: usize, literal: &str) -> Option<usize> {
    text[at..].starts_with(literal).then(|| at + literal.len())
}

/// The longest of the given literals that stands at `at`, with its end and its index.
pub(crate) fn one_of(text: &str, at: usize, literals: &[&str]) -> Option<(usize, usize)> {
    literals
        .iter()
        .enumerate()
        .filter(|(_, l)| text[at..].starts_with(**l))
        .max_by_key(|(_, l)| l.len())
        .map(|(index, l)| (at + l.len(), index))
}

/// Runs a parser from left to right over a text; after a match it goes on behind it.
pub(crate) fn scan<T>(
    text: &str,
    parse: impl Fn(usize) -> Option<(usize, T)>,
) -> Vec<(Range<usize>, T)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let blank = text.as_bytes()[at] == b' ';
        match (!blank).then(|| parse(at)).flatten() {
            Some((end, value)) if end > at => {
                found.push((at..end, value));
                at = end;
            }
            _ => at += after(text, at).map_or(1, char::len_utf8),
        }
    }
    found
}

/// A text with its full-width letters and digits as plain ones; everything else is kept.
pub(crate) fn fold_width(text: &str) -> String {
    text.chars()
        .map(|c| {
            let folded = fold_char(c);
            let plain =
                folded.is_ascii_alphanumeric() || matches!(folded, '-' | '_' | '.' | '/' | '@');
            let wide = ('\u{ff01}'..='\u{ff5e}').contains(&c);
            if wide && plain { folded } else { c }
        })
        .collect()
}
