//! Whether words say yes and nothing else: a run hangs on it.
//!
//! A yes is one of the examples of a yes, or words that the model is sure of. What else stands in
//! the message must not be about anything: "yes --force" and "yes, on all hosts" agree to
//! something that was not shown, and run nothing.

use std::collections::HashSet;

use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::words;
use super::turn::Talk;
use crate::catalog::{Catalog, JobTemplate, Language, ParameterType, TemplateId, is_han};
use crate::nlu::Label;
use crate::nlu::values::{self, is_deceptive};
use crate::plan::Source;

/// How sure the model must be of a yes in the light of the question, where all words are known.
const SURE_YES: f32 = 0.6;

/// How sure it must be by the words alone, where some of them stand in no example of a yes.
const SURE_OF_NEW_WORDS: f32 = 0.9;

/// Words that widen what a plan says: "yes, run it on everything".
const WIDENING: [&str; 10] =
    ["all", "every", "everything", "everyone", "everywhere", "any", "both", "所有", "全部", "全都"];

/// A word that stands in the examples of so great a share of all jobs says nothing about any.
const EVERYWHERE: f32 = 0.3;

/// What a message is as an answer to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yes {
    No,
    Plain,
    /// It agrees, and says something that the plan does not.
    WithMore,
}

impl Talk<'_> {
    /// Whether a message says yes. Every clause has to be a yes, or to accept the defaults, and
    /// none may bring a value that the plan does not have.
    pub(super) fn yes(&self, heard: &Heard, template: &JobTemplate) -> Yes {
        let is_example = is_example(self.mind.catalog, &heard.text);
        let agrees = |heard: &Heard| {
            let meaning = heard.meaning(Expecting::Yes);
            match meaning.act() {
                Some(AFFIRM) => meaning.share >= SURE_YES,
                _ => {
                    meaning.command() == Some(APPROVE) && !self.has_arguments(heard, &meaning.label)
                }
            }
        };
        let clauses = if heard.has_clauses() { heard.clauses(self.mind.nlu) } else { Vec::new() };
        let yes = if is_example {
            true
        } else if clauses.is_empty() {
            agrees(heard)
        } else {
            clauses.iter().any(agrees)
                && clauses.iter().all(|clause| {
                    agrees(clause) || clause.meaning(Expecting::Yes).act() == Some(SKIP)
                })
        };
        if !yes || self.corrections(heard, template).iter().any(|slot| self.differs(slot, template))
        {
            return Yes::No;
        }
        let parts = if clauses.is_empty() { std::slice::from_ref(heard) } else { &clauses };
        match is_example || parts.iter().all(|part| self.says_no_more(part, template)) {
            true => Yes::Plain,
            false => Yes::WithMore,
        }
    }

    /// Whether words that agree are about nothing but that. A time is looked at elsewhere.
    fn says_no_more(&self, heard: &Heard, template: &JobTemplate) -> bool {
        let times = values::find(&heard.text, ParameterType::Datetime, &self.reference());
        let times: Vec<_> = times.iter().map(|time| time.start..time.end).collect();
        let text = super::cues::without(&heard.text, &times);
        let widens = |word: &str| WIDENING.contains(&word);
        if has_foreign_signs(&text) || words(&text).iter().any(|word| widens(word)) {
            return false;
        }
        let known = self.words_of_a_yes(template);
        let new: Vec<String> = letters(&text).filter(|word| !known.contains(word)).collect();
        if new.is_empty() {
            return true;
        }
        // "Approved" is a yes, too, to a plan of one's own.
        let agreeing =
            [Label::Act(TemplateId::from(AFFIRM)), Label::Command(TemplateId::from(APPROVE))];
        let probability: f32 = agreeing.iter().map(|label| heard.probability(label)).sum();
        let sure = probability >= SURE_OF_NEW_WORDS;
        sure && !words(&text).iter().any(|word| !known.contains(word) && self.is_topic(word))
    }

    /// The words of every example of a yes and of what may stand beside it, and those that the
    /// plan itself says.
    fn words_of_a_yes(&self, template: &JobTemplate) -> HashSet<String> {
        let mut known = HashSet::new();
        let mut learn = |text: &str| {
            known.extend(letters(text));
            known.extend(words(text));
        };
        for act in [AFFIRM, SKIP, THANKS, GREET] {
            let label = Label::Act(TemplateId::from(act));
            self.mind.catalog.examples_of(&label).for_each(|example| learn(&example.text));
        }
        for language in Language::ALL {
            learn(template.name.get(language));
            learn(template.description.get(language));
        }
        for (name, given) in self.session.live_plan().into_iter().flat_map(|plan| &plan.values) {
            learn(&name.replace('_', " "));
            learn(&given.value.to_string());
            if let Source::Said { words } = &given.source {
                learn(words);
            }
        }
        known
    }

    /// Whether jobs are about a word: their names, parameters and choices say it, and it is no
    /// word that nearly every request has.
    fn is_topic(&self, word: &str) -> bool {
        let singular = |word: &str| word.trim_end_matches('s').to_owned();
        let (catalog, wanted) = (self.mind.catalog, singular(word));
        let says = |text: &str| words(text).iter().any(|said| singular(said) == wanted);
        let named = catalog.jobs().iter().any(|job| {
            Language::ALL.iter().any(|language| says(job.name.get(*language)))
                || job.parameters.iter().any(|parameter| {
                    says(&parameter.name.replace('_', " "))
                        || parameter.choices.iter().any(|choice| {
                            says(&choice.value) || choice.synonyms.iter().any(|name| says(name))
                        })
                })
        });
        let in_examples = |job: &&JobTemplate| {
            let label = Label::Job(job.id.clone());
            catalog.examples_of(&label).any(|example| says(&example.text))
        };
        let everywhere = || {
            let count = catalog.jobs().iter().filter(in_examples).count();
            count as f32 > EVERYWHERE * catalog.jobs().len() as f32
        };
        named && !everywhere()
    }
}

/// Whether somebody wrote just what stands among the examples of a yes.
fn is_example(catalog: &Catalog, text: &str) -> bool {
    let said = plain(text);
    let label = Label::Act(TemplateId::from(AFFIRM));
    !has_foreign_signs(text) && catalog.examples_of(&label).any(|yes| plain(&yes.text) == said)
}

/// A text without case, and without the signs and spaces around its words.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| c.is_whitespace() || is_sign(c))
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words in lower case, and Chinese characters.
fn letters(text: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for c in text.to_lowercase().chars().chain([' ']) {
        if c.is_alphanumeric() && !is_han(c) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
        if is_han(c) {
            found.push(c.to_string());
        }
    }
    found.into_iter()
}

/// The signs of a sentence.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '~'
            | '\''
            | '"'
            | '-'
            | '('
            | ')'
            | '，'
            | '。'
            | '；'
            | '：'
            | '！'
            | '？'
            | '、'
            | '～'
            | '…'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '—'
            | '–'
            | '（'
            | '）'
    )
}

/// Whether there are signs that no sentence has: those of commands and options, signs that stand
/// before a word and not behind one, characters that show nothing, words of two scripts.
fn has_foreign_signs(text: &str) -> bool {
    let chars: Vec<char> = text.trim().chars().collect();
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let foreign = |(at, c): (usize, &char)| {
        let (before, after) = (at.checked_sub(1).and_then(|i| chars.get(i)), chars.get(at + 1));
        match *c {
            // Emoji are written with these.
            '\u{fe0f}' | '\u{200d}' => is_word(before) || is_word(after),
            c if c.is_alphanumeric() || c == ' ' || c == '\n' => false,
            c if is_deceptive(c) => true,
            '\'' | '-' if is_word(before) && is_word(after) => false,
            ',' | '.' | '!' if is_word(before) => false,
            '\'' | '"' | '(' => false,
            c if c.is_ascii() => !is_sign(c) || is_word(after),
            _ => false,
        }
    };
    let mixed = letters(text)
        .any(|word| !word.is_ascii() && word.contains(|c: char| c.is_ascii_alphabetic()));
    mixed || chars.iter().enumerate().any(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_commands_are_no_part_of_a_yes() {
        let check =
            |text: &str, expect: bool| assert_eq!(has_foreign_signs(text), expect, "{text:?}");
        for yes in [
            "yes",
            "Yes!",
            "ok, go.",
            "yes,go",
            "let's go",
            "好的，执行吧！",
            "100",
            "👍🏻",
            "ok ✔️",
            "(yes)",
            "\"yes\"",
            "yes - go",
            "go... please",
            "y~",
            "d'accord",
            "是的 👨‍💻",
            "嗯 ok的",
        ] {
            check(yes, false);
        }
        for foreign in [
            ";owne",
            "yes;rm",
            "yes --force",
            "yes -f",
            "ok $(reboot)",
            "yes `id`",
            "yes /etc",
            "@all yes",
            "yes #3",
            "y\u{200b}es",
            "y\u{202e}es",
            "yеs",
            "yes|sh",
            "yes&",
            "yes\u{0}",
            "<b>yes</b>",
            "yes=no",
            "*yes*",
            "yes\\n",
            "{yes}",
            "[yes]",
            "yes > x",
            "%yes",
            "好;删",
            "no\u{200d}yes",
        ] {
            check(foreign, true);
        }
    }

    #[test]
    fn words_and_characters_are_told_apart() {
        let all = |text: &str| letters(text).collect::<Vec<_>>().join("|");
        assert_eq!(all("OK的，go 2x"), "ok|的|go|2x");
        assert_eq!(plain("  Yes,  PLEASE! "), "yes please");
    }
}
