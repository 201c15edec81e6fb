//! Long texts, in pieces that fit.

use unicode_segmentation::UnicodeSegmentation;

use super::render::{Span, Style, Styled};

/// The length of a text as Telegram counts it: UTF-16 code units.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The beginning of a text, in at most `limit` units; never half a character as people see it,
/// unless that alone is longer.
pub(super) fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += units(grapheme);
        if used > limit {
            break;
        }
        end = at + grapheme.len();
    }
    if end == 0 { first_chars(text, limit) } else { &text[..end] }
}

/// As many whole `char`s as fit.
fn first_chars(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let fitting = text.char_indices().take_while(|(_, c)| {
        used += c.len_utf16();
        used <= limit
    });
    let end = fitting.last().map_or(0, |(at, c)| at + c.len_utf8());
    &text[..end]
}

/// A text in pieces of at most `limit` units, cut where it hurts least: between paragraphs, else
/// between lines, else between words. A bold or italic range is cut only when it is longer than
/// a piece; a code block goes on in the next one. Nothing but white space at the cuts is lost,
/// and no piece is blank.
pub(super) fn split(styled: &Styled, limit: usize) -> Vec<Styled> {
    let text = &styled.text;
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let fitting = head(rest, limit).len();
        let end = if fitting == rest.len() {
            text.len()
        } else {
            start + cut(rest, fitting, |at| is_open(&styled.spans, start + at))
        };
        pieces.extend(piece(styled, start, end));
        // Not even one character fits: only with a limit below two.
        if end == start {
            break;
        }
        start = end;
    }
    pieces
}

/// Where to cut a text of which `fitting` bytes fit. The second half of what fits is looked at
/// for a good place, so that no piece is short without need.
fn cut(text: &str, fitting: usize, is_open: impl Fn(usize) -> bool) -> usize {
    let head = &text[..fitting];
    ["\n\n", "\n", " "]
        .into_iter()
        .find_map(|gap| {
            let places = head.rmatch_indices(gap).map(|(at, gap)| at + gap.len());
            places.take_while(|at| *at * 2 > fitting).find(|at| !is_open(*at))
        })
        .or_else(|| {
            let places = head.grapheme_indices(true).rev().map(|(at, _)| at);
            let places = std::iter::once(fitting).chain(places);
            places.take_while(|at| *at * 2 > fitting).find(|at| !is_open(*at))
        })
        .unwrap_or(fitting)
}

/// Whether a place is within a range that should stay whole.
fn is_open(spans: &[Span], at: usize) -> bool {
    spans
        .iter()
        .any(|span| span.style != Style::Pre && span.range.start < at && at < span.range.end)
}

/// A part of a text, without the white space at its ends; `None` when nothing else is there.
/// Within a code block, blanks at the beginning of a line are kept.
fn piece(styled: &Styled, start: usize, end: usize) -> Option<Styled> {
    let raw = &styled.text[start..end];
    let trimmed = raw.trim_matches('\n').trim_end();
    if trimmed.trim().is_empty() {
        return None;
    }
    let from = start + raw.len() - raw.trim_start_matches('\n').len();
    let to = from + trimmed.len();
    let inside = |span: &Span| {
        let range = span.range.start.max(from)..span.range.end.min(to);
        let visible = range.start < range.end && !styled.text[range.clone()].trim().is_empty();
        visible.then(|| Span { style: span.style, range: range.start - from..range.end - from })
    };
    Some(Styled {
        text: trimmed.to_owned(),
        spans: styled.spans.iter().filter_map(inside).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> Styled {
        Styled { text: text.to_owned(), spans: Vec::new() }
    }

    fn texts(pieces: &[Styled]) -> Vec<&str> {
        pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn a_text_is_cut_where_it_hurts_least() {
        let cases: [(&str, usize, &[&str]); 8] = [
            ("short", 10, &["short"]),
            ("one two\n\nthree four", 12, &["one two", "three four"]),
            ("one two\nthree four", 12, &["one two", "three four"]),
            ("one two three", 9, &["one two", "three"]),
            ("onetwothree", 4, &["onet", "woth", "ree"]),
            ("🚀🚀🚀", 3, &["🚀", "🚀", "🚀"]),
            ("👩‍🚀👩‍🚀", 7, &["👩‍🚀", "👩‍🚀"]),
            ("\n\n \n", 2, &[]),
        ];
        for (text, limit, expected) in cases {
            assert_eq!(texts(&split(&plain(text), limit)), expected, "{text:?}");
        }
    }

    #[test]
    fn marked_ranges_stay_whole_and_code_goes_on() {
        let text = "see the bold words";
        let bold = Span { style: Style::Bold, range: 8..18 };
        let pieces = split(&Styled { text: text.into(), spans: vec![bold] }, 14);
        assert_eq!(texts(&pieces), ["see the", "bold words"]);
        assert_eq!(pieces[1].spans, [Span { style: Style::Bold, range: 0..10 }]);

        let text = "log:\n  one\n  two\n  three";
        let code = Span { style: Style::Pre, range: 5..text.len() };
        let pieces = split(&Styled { text: text.into(), spans: vec![code] }, 11);
        assert_eq!(texts(&pieces), ["log:\n  one", "  two", "  three"]);
        for (piece, range) in pieces.iter().zip([5..10, 0..5, 0..7]) {
            assert_eq!(piece.spans, [Span { style: Style::Pre, range }]);
        }
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_nothing_visible_is_lost(
            text in "(\\PC|\n| |🚀|👩‍🚀|部署){0,400}",
            limit in 12usize..80,
            marks in prop::collection::vec((0usize..400, 1usize..60, 0usize..3), 0..6),
        ) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let mut spans: Vec<Span> = Vec::new();
            for (start, length, style) in marks {
                let (Some(start), Some(end)) = (places.get(start), places.get(start + length))
                else { continue };
                if spans.last().is_none_or(|last| last.range.end <= *start) {
                    let style = [Style::Bold, Style::Italic, Style::Pre][style];
                    spans.push(Span { style, range: *start..*end });
                }
            }
            let pieces = split(&Styled { text: text.clone(), spans }, limit);
            for piece in &pieces {
                prop_assert!(units(&piece.text) <= limit);
                prop_assert!(!piece.text.trim().is_empty());
                let total = units(&piece.text);
                for entity in piece.entities() {
                    prop_assert!(entity.length > 0 && entity.offset + entity.length <= total);
                }
            }
            let visible = |text: &str| -> String {
                text.chars().filter(|c| !c.is_whitespace()).collect()
            };
            let shown: String = pieces.iter().map(|piece| visible(&piece.text)).collect();
            prop_assert_eq!(shown, visible(&text));
        }
    }
}
