//! Completion: what something half typed may go on to be.

use pinyin::ToPinyin;

use super::act::{Act, Offer, OptionItem, Pick};
use super::heard::Heard;
use super::options;
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{Language, is_han};
use crate::nlu::Label;

/// How many completions are listed at most.
const MOST: usize = 5;

/// Longer messages are sentences, not the beginning of a name.
const LONGEST: usize = 14;

/// How similar (Jaro-Winkler) a word must be to a name's to be a typo of its beginning.
const TYPO: f64 = 0.86;

impl Talk<'_> {
    /// Offers completions, where a message is short and could be the beginning of a name. False
    /// where it could not.
    pub(super) fn complete(&mut self, heard: &Heard) -> bool {
        let typed = heard.text.trim().to_lowercase();
        if typed.chars().count() > LONGEST {
            return false;
        }
        let completions = self.completions(&typed);
        if completions.is_empty() {
            return false;
        }
        let mut options: Vec<OptionItem> =
            completions.into_iter().take(MOST).map(options::intent).collect();
        options.push(OptionItem::named(Pick::NoneOfThese));
        self.session.open = Some(Open::Intent { text: String::new(), options: options.clone() });
        self.act(Act::Offers { about: Offer::Completion { typed }, options });
        true
    }

    /// The jobs and commands whose names may begin like this, the best first: by prefix, then by
    /// pinyin (whole or initials), then by likeness.
    fn completions(&self, typed: &str) -> Vec<Label> {
        let mut found: Vec<(u32, Label)> = self
            .mind
            .catalog
            .labels()
            .filter(|label| match label {
                Label::Job(id) => self.memory.allows(id),
                Label::Command(_) => true,
                Label::Act(_) | Label::OutOfScope => false,
            })
            .filter_map(|label| {
                let names = self.mind.catalog.name_of(&label)?;
                let rank = Language::ALL
                    .into_iter()
                    .filter_map(|language| rank(typed, &names.get(language).to_lowercase()))
                    .min()?;
                Some((rank, label))
            })
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        let best = found.first().map_or(0, |(rank, _)| *rank);
        found.into_iter().filter(|(rank, _)| *rank == best).map(|(_, label)| label).collect()
    }
}

/// How a name may be meant by something half typed: 0 for the beginning of a word, 1 for pinyin,
/// 2 for a likeness.
fn rank(typed: &str, name: &str) -> Option<u32> {
    if typed.contains(char::is_whitespace) {
        return name.starts_with(typed).then_some(0);
    }
    let words = || name.split(|c: char| c.is_whitespace() || c == '_');
    if typed.chars().any(is_han) {
        return name.contains(typed).then_some(0);
    }
    if name.starts_with(typed) || words().any(|word| word.starts_with(typed)) {
        return Some(0);
    }
    if typed.len() >= 2 && (initials(name).starts_with(typed) || syllables(name).starts_with(typed))
    {
        return Some(1);
    }
    let long_enough = typed.len() >= 4;
    (long_enough && words().any(|word| strsim::jaro_winkler(word, typed) >= TYPO)).then_some(2)
}

/// The first letters of the syllables of a Chinese name: `bsyy` for 部署应用.
fn initials(name: &str) -> String {
    name.to_pinyin().flatten().map(|pinyin| pinyin.first_letter()).collect()
}

/// The syllables of a Chinese name without tones: `bushuyingyong`.
fn syllables(name: &str) -> String {
    name.to_pinyin().flatten().map(|pinyin| pinyin.plain()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_by_prefix_pinyin_and_likeness() {
        let check = |typed: &str, name: &str, expect: Option<u32>| {
            assert_eq!(rank(typed, name), expect, "{typed} / {name}");
        };
        check("depl", "deploy application", Some(0));
        check("appl", "deploy application", Some(0));
        check("部", "部署应用", Some(0));
        check("bs", "部署应用", Some(1));
        check("bushu", "部署应用", Some(1));
        check("delpoy", "deploy application", Some(2));
        check("xyz", "deploy application", None);
    }
}
