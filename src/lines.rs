//! Lines of text from a stream of bytes that may hold anything.

use std::io::{self, BufRead, Read};

/// Longer lines are cut, in bytes: a stream without line breaks must not fill the memory.
const LONGEST: usize = 1 << 20;

/// One line of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Without its line break.
    Text(String),
    /// It is no UTF-8; which one it is, from 1.
    NotText(u64),
}

/// The lines of an input. One that is no text is reported as such, and the next ones follow.
pub fn lines(input: impl BufRead) -> impl Iterator<Item = io::Result<Line>> {
    let mut input = input;
    let mut number = 0;
    std::iter::from_fn(move || {
        number += 1;
        next(&mut input, number).transpose()
    })
}

fn next(input: &mut impl BufRead, number: u64) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let whole = bytes.pop_if(|last| *last == b'\n').is_some();
    if !whole && bytes.len() == LONGEST {
        input.skip_until(b'\n')?;
        // The cut may have gone through a character.
        let end = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        if bytes.len() - end < 4 {
            bytes.truncate(end);
        }
    }
    bytes.pop_if(|last| *last == b'\r');
    Ok(Some(String::from_utf8(bytes).map_or(Line::NotText(number), Line::Text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expect: &[Line]) {
        let read: Vec<Line> = lines(input).map(|line| line.expect("memory can be read")).collect();
        assert_eq!(read, expect);
    }

    fn text(text: &str) -> Line {
        Line::Text(text.to_owned())
    }

    #[test]
    fn a_line_that_is_no_text_is_told_apart_and_the_next_ones_follow() {
        check(b"", &[]);
        check(b"one\r\ntwo\n\nlast", &[text("one"), text("two"), text(""), text("last")]);
        check(
            b"one\nr\xe9boot\n\xe9\xa6\nfour\n",
            &[text("one"), Line::NotText(2), Line::NotText(3), text("four")],
        );
    }

    #[test]
    fn an_endless_line_is_cut_between_characters() {
        let mut long = "部".repeat(LONGEST).into_bytes();
        long.extend(b"\nnext\n");
        let read: Vec<Line> = lines(long.as_slice()).map(|line| line.expect("read")).collect();
        let [Line::Text(cut), next] = read.as_slice() else { panic!("{} lines", read.len()) };
        assert_eq!((cut.len(), next), (LONGEST / 3 * 3, &text("next")));
    }
}
