//! What a channel shows, read as a person would: by the texts of the bot.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;
use steward::catalog::{Catalog, Language, TemplateId};
use steward::dialogue::Courtesy;
use steward::reply::Speech;

use super::Shown;
use crate::conversation::script::{Expect, Job};

/// How a run may end.
const ENDS: [&str; 2] = ["state-succeeded", "state-failed"];

/// The texts of the bot, as patterns, and what they are about.
pub struct Words<'a> {
    patterns: BTreeMap<(String, String), Regex>,
    pub(super) catalog: &'a Catalog,
}

impl<'a> Words<'a> {
    /// The project's texts in every language.
    pub fn new(catalog: &'a Catalog) -> Words<'a> {
        let mut patterns = BTreeMap::new();
        for language in Language::ALL {
            let code = language.code();
            let file = format!("locales/{code}.ftl");
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = std::fs::read_to_string(&file).expect("the texts of the bot");
            for line in text.lines() {
                let Some((key, text)) = line.split_once(" = ") else { continue };
                if key.starts_with(char::is_alphabetic) {
                    patterns.insert((key.to_owned(), code.to_owned()), pattern(text));
                }
            }
        }
        Words { patterns, catalog }
    }

    /// Whether what is shown is what is expected; else what is missing.
    pub(super) fn check(&self, expect: &Expect, shown: &[Shown]) -> Result<(), String> {
        if shown.is_empty() {
            return Err("nothing was said".to_owned());
        }
        self.check_runs(expect, shown)?;
        self.check_plan(expect, shown)?;
        self.check_question(expect, shown)?;
        for (options, exactly) in [(&expect.offers, true), (&expect.options, false)] {
            if let Some(options) = options {
                self.check_options(options, exactly, shown)?;
            }
        }
        let flags = [
            (expect.cancelled, "cancelled"),
            (expect.rejected, "rejected"),
            (expect.returning, "asks-returning"),
            (expect.changed, "plan-changed"),
            (expect.switch.as_ref().map(|_| true), "asks-switch"),
            (expect.drafts.as_ref().map(|_| true), "drafts-title"),
            (expect.carried.as_ref().map(|carried| !carried.is_empty()), "source-carried-over"),
            (expect.pairs.as_ref().map(|pairs| !pairs.is_empty()), "plan-pair"),
            (expect.failures.map(|failures| failures >= 3), "asks-stuck"),
        ];
        for (expected, key) in flags {
            if let Some(expected) = expected
                && self.says(key, shown) != expected
            {
                return Err(format!("`{key}` expected: {expected}"));
            }
        }
        self.check_courtesy(expect, shown)?;
        if let Some(note) = &expect.note {
            let key = note.replace('_', "-");
            self.expect_one(&[&format!("note-{key}"), &key], shown)?;
        }
        if let Some(job) = &expect.switch {
            self.expect_name(job, shown)?;
        }
        if let Some(language) = expect.language {
            let zh = shown.iter().any(|message| Language::of(&message.text) == Some(Language::Zh));
            if zh != (language == Language::Zh) {
                return Err(format!("expected {language:?}"));
            }
        }
        match &expect.answers {
            Some(_) if self.says("rejected", shown) => Err("it was not understood".to_owned()),
            _ => Ok(()),
        }
    }

    fn check_courtesy(&self, expect: &Expect, shown: &[Shown]) -> Result<(), String> {
        match (expect.courtesy, expect.greets) {
            (Some(returned), _) => self.expect_one(&[courtesy(returned)], shown),
            (None, Some(true)) => self.expect_one(&COURTESIES.map(courtesy), shown),
            (None, Some(false))
                if COURTESIES.map(courtesy).iter().any(|key| self.says(key, shown)) =>
            {
                Err("expected no courtesy".to_owned())
            }
            (None, _) => Ok(()),
        }
    }

    /// A run shows as its card: a headline with its number, and a button for its log. Its end is
    /// waited for: what it works on is free again then.
    fn check_runs(&self, expect: &Expect, shown: &[Shown]) -> Result<(), String> {
        let log = self.labels("button-log");
        let card = |message: &&Shown| {
            message.text.lines().any(|line| line.starts_with('#'))
                && message.buttons.iter().any(|label| log.contains(label))
        };
        let cards: Vec<&Shown> = shown.iter().filter(card).collect();
        match (&expect.runs, cards.as_slice()) {
            (None, []) => Ok(()),
            // An answer may be about a run that there is.
            (None, _) if expect.answers.is_some() => Ok(()),
            (Some(job), [card]) => {
                let card = std::slice::from_ref(*card);
                self.expect_name(&job.template, card)?;
                self.expect_one(&ENDS, card)
            }
            (expected, cards) => Err(format!(
                "expected {} to run, but {} cards are shown",
                expected.as_ref().map_or("nothing", |job| job.template.as_str()),
                cards.len()
            )),
        }
    }

    fn check_plan(&self, expect: &Expect, shown: &[Shown]) -> Result<(), String> {
        let Some(Job { template, params }) = &expect.plan else { return Ok(()) };
        let plan = shown.iter().rev().find(|m| self.says("plan-title", std::slice::from_ref(m)));
        let Some(plan) = plan else { return Err("no plan is shown".to_owned()) };
        self.expect_name(template, std::slice::from_ref(plan))?;
        for (name, value) in params {
            let written = Language::ALL.map(|language| {
                let value = Speech::new(language).value(value);
                (self.label_of(template, name, language), value)
            });
            let is_shown = written.iter().any(|(name, value)| {
                plan.text.lines().any(|l| {
                    l.trim_start()
                        .strip_prefix(name.as_str())
                        .is_some_and(|rest| rest.trim_start().starts_with(value.as_str()))
                })
            });
            if !is_shown {
                return Err(format!("{name} = {value} is not in the plan"));
            }
        }
        Ok(())
    }

    fn check_question(&self, expect: &Expect, shown: &[Shown]) -> Result<(), String> {
        if let Some(parameter) = &expect.asks {
            let keys: &[&str] = match expect.about.as_deref() {
                Some("use_default") => &["asks-use-default"],
                Some("optional") => &["asks-optional"],
                _ => &["asks-value", "asks-value-beside", "asks-use-default", "asks-optional"],
            };
            let names = self.parameters(parameter);
            let lines = shown.iter().flat_map(|message| message.text.lines());
            let named = lines.filter(|line| names.iter().any(|name| line.contains(name)));
            let asked = { named }.any(|line| {
                keys.iter().any(|key| self.of(key).any(|pattern| pattern.is_match(line)))
            });
            if !asked {
                return Err(format!("`{parameter}` is not asked for"));
            }
        }
        match expect.problem.as_deref() {
            None | Some("value") => Ok(()),
            Some(problem) => {
                let key = format!("problem-{}", problem.replace('_', "-"));
                self.expect_one(&[&key], shown)
            }
        }
    }

    /// The buttons of the last message that has some.
    fn check_options(
        &self,
        expected: &[String],
        exactly: bool,
        shown: &[Shown],
    ) -> Result<(), String> {
        let buttons = shown.iter().rev().map(|m| &m.buttons).find(|buttons| !buttons.is_empty());
        let Some(buttons) = buttons else { return Err("there are no options".to_owned()) };
        // What else can be pressed, besides the options, stands behind the way out.
        let way_out = self.labels("option-none-of-these");
        let count = buttons.iter().take_while(|label| !way_out.contains(label)).count();
        for option in expected {
            let names = self.names(option);
            let is_it = |label: &&String| {
                names.contains(label) || label.starts_with(&option.replace('_', " "))
            };
            if !buttons.iter().any(|label| is_it(&label)) {
                return Err(format!("the option `{option}` is missing in {buttons:?}"));
            }
        }
        if exactly && count != expected.len() {
            return Err(format!("expected the options {expected:?}, got {buttons:?}"));
        }
        Ok(())
    }

    /// What a job, a command, a value or a way out is called, in every language.
    fn names(&self, id: &str) -> Vec<String> {
        let id_of = TemplateId::from(id);
        let job = self.catalog.job(&id_of).map(|job| &job.name);
        let command = self.catalog.command(&id_of).map(|command| &command.name);
        let named = job.into_iter().chain(command);
        let names = named.flat_map(|name| Language::ALL.map(|l| name.get(l).to_owned()));
        let way_out = format!("option-{}", id.replace('_', "-"));
        let is_known = self.patterns.keys().any(|(key, _)| *key == way_out);
        let ways_out = if is_known { self.labels(&way_out) } else { Vec::new() };
        names.chain(ways_out).chain([id.to_owned()]).collect()
    }

    /// What a parameter is called, in a job's plan.
    fn label_of(&self, template: &str, name: &str, language: Language) -> String {
        let job = self.catalog.job(&TemplateId::from(template));
        let parameter = job.and_then(|job| job.parameter(name));
        parameter.map_or_else(String::new, |parameter| Speech::new(language).label(parameter))
    }

    /// What a parameter of that name is called, whatever the job, in every language.
    fn parameters(&self, name: &str) -> Vec<String> {
        let parameters = self.catalog.jobs().iter().filter_map(|job| job.parameter(name));
        parameters
            .flat_map(|parameter| Language::ALL.map(|l| Speech::new(l).label(parameter)))
            .collect()
    }

    fn expect_name(&self, id: &str, shown: &[Shown]) -> Result<(), String> {
        let names = self.names(id);
        if shown.iter().any(|m| names.iter().any(|name| m.text.contains(name))) {
            Ok(())
        } else {
            Err(format!("`{id}` is not named"))
        }
    }

    fn expect_one(&self, keys: &[&str], shown: &[Shown]) -> Result<(), String> {
        if keys.iter().any(|key| self.says(key, shown)) {
            Ok(())
        } else {
            Err(format!("nothing says `{}`", keys.join("` or `")))
        }
    }

    /// Whether a text of the bot, or one whose name begins like it, is in what is shown.
    fn says(&self, key: &str, shown: &[Shown]) -> bool {
        let mut patterns = self.of(key);
        patterns.any(|pattern| shown.iter().any(|message| pattern.is_match(&message.text)))
    }

    fn of<'w>(&'w self, key: &'w str) -> impl Iterator<Item = &'w Regex> {
        let longer = format!("{key}-");
        self.patterns
            .iter()
            .filter(move |((own, _), _)| own == key || own.starts_with(&longer))
            .map(|(_, pattern)| pattern)
    }

    /// The label that a button has in the language of what is shown.
    pub(super) fn label(&self, key: &str, shown: &[Shown]) -> String {
        let labels = self.labels(key);
        let on_screen = shown.iter().flat_map(|message| &message.buttons);
        on_screen.rev().find(|label| labels.contains(label)).cloned().unwrap_or_default()
    }

    /// The labels that a button has, in every language.
    fn labels(&self, key: &str) -> Vec<String> {
        let speak = |language| Speech::new(language).message(key, &Default::default());
        Language::ALL.map(speak).to_vec()
    }
}

const COURTESIES: [Courtesy; 3] = [Courtesy::Hello, Courtesy::Thanks, Courtesy::Goodbye];

/// The text that returns a courtesy.
fn courtesy(courtesy: Courtesy) -> &'static str {
    match courtesy {
        Courtesy::Hello => "greeting",
        Courtesy::Thanks => "thanks",
        Courtesy::Goodbye => "goodbye",
    }
}

/// A text of the bot as a pattern: what is filled in may be anything.
fn pattern(text: &str) -> Regex {
    // Where the text depends on a number, what comes before that is enough.
    let fixed = text.split("->").next().unwrap_or(text);
    let mut pattern = String::from("(?s)");
    let mut rest = fixed;
    while let Some((before, placeable)) = rest.split_once('{') {
        pattern.push_str(&regex::escape(before));
        pattern.push_str(".*?");
        rest = placeable.split_once('}').map_or("", |(_, after)| after);
    }
    pattern.push_str(&regex::escape(rest));
    Regex::new(&pattern).expect("everything else is escaped")
}
