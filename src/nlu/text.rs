//! A text cut into the units that people read: words, numbers, Chinese characters, signs.

use crate::catalog::is_han;

/// A text whose characters can be addressed, with its units.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    pub raw: &'a str,
    /// Byte offset of each character, and of the end.
    bytes: Vec<usize>,
    pub units: Vec<Unit>,
}

/// A word, number, Chinese character or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Offsets in characters, `start..end`.
    pub start: usize,
    pub end: usize,
    /// In lower case; every number is `0`, since which one it is says nothing of the meaning.
    pub norm: String,
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Letters,
    Digits,
    Single,
    Space,
}

impl Kind {
    fn of(c: char) -> Kind {
        match c {
            c if c.is_whitespace() => Kind::Space,
            c if is_han(c) => Kind::Single,
            c if c.is_numeric() => Kind::Digits,
            c if c.is_alphabetic() => Kind::Letters,
            _ => Kind::Single,
        }
    }
}

impl<'a> Text<'a> {
    pub fn new(raw: &'a str) -> Self {
        let mut bytes: Vec<usize> = raw.char_indices().map(|(i, _)| i).collect();
        bytes.push(raw.len());
        let mut units: Vec<Unit> = Vec::new();
        let mut last = Kind::Space;
        for (i, c) in raw.chars().enumerate() {
            let kind = Kind::of(c);
            match units.last_mut() {
                _ if kind == Kind::Space => {}
                Some(unit) if kind == last && kind != Kind::Single => {
                    unit.end = i + 1;
                    if kind == Kind::Letters {
                        unit.norm.extend(c.to_lowercase());
                    }
                }
                _ => {
                    let norm = match kind {
                        Kind::Digits => "0".to_owned(),
                        _ => c.to_lowercase().collect(),
                    };
                    units.push(Unit { start: i, end: i + 1, norm });
                }
            }
            last = kind;
        }
        Text { raw, bytes, units }
    }

    /// How many characters.
    pub fn len(&self) -> usize {
        self.bytes.len() - 1
    }

    /// The words at `start..end` in characters; a range beyond the text is cut.
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        let last = self.len();
        let (start, end) = (start.min(last), end.min(last));
        &self.raw[self.bytes[start]..self.bytes[end.max(start)]]
    }

    /// The character offset of a byte offset (of the next character, where it falls inside one).
    pub fn character(&self, byte: usize) -> usize {
        self.bytes.partition_point(|&b| b < byte).min(self.len())
    }

    /// The `n`-th unit that ends at or before a place, counted backwards from 0.
    pub fn before(&self, place: usize, n: usize) -> Option<&str> {
        let until = self.units.partition_point(|u| u.end <= place);
        until.checked_sub(n + 1).map(|i| self.units[i].norm.as_str())
    }

    /// The `n`-th unit that starts at or after a place.
    pub fn after(&self, place: usize, n: usize) -> Option<&str> {
        let from = self.units.partition_point(|u| u.start < place);
        self.units.get(from + n).map(|u| u.norm.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_words_numbers_characters_and_signs() {
        for (text, expected) in [
            ("Restart web-03 now", vec!["restart", "web", "-", "0", "now"]),
            ("把支付v2.3回滚", vec!["把", "支", "付", "v", "0", ".", "0", "回", "滚"]),
            ("", vec![]),
        ] {
            let text = Text::new(text);
            let units: Vec<&str> = text.units.iter().map(|u| u.norm.as_str()).collect();
            assert_eq!(units, expected);
        }
    }

    #[test]
    fn places_are_counted_in_characters() {
        let text = Text::new("重启 web-3");
        assert_eq!(text.slice(3, 8), "web-3");
        assert_eq!(text.slice(7, 99), "3");
        assert_eq!(text.character(7), 3);
        assert_eq!((text.before(3, 0), text.after(2, 0)), (Some("启"), Some("web")));
        assert_eq!((text.before(0, 0), text.after(8, 0)), (None, None));
    }
}
