//! The texts: complete in every language, and each of them used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_templates::fluent_bundle::FluentResource;
use regex::Regex;

use super::{Action, Choice, Reply};
use crate::channels::Block;

/// What is spoken, by file.
const LANGUAGES: [&str; 2] = ["en", "zh"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Messages by name, with the variables they use.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let file = root().join(format!("locales/{language}.ftl"));
    let text = std::fs::read_to_string(&file).expect("the texts of a language");
    if let Err((_, errors)) = FluentResource::try_new(text.clone()) {
        panic!("{}: {errors:?}", file.display());
    }
    let head = Regex::new(r"^([a-z][a-z0-9-]*) =").expect("a pattern");
    let variable = Regex::new(r"\$([a-z_]+)").expect("a pattern");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = head.captures(line) {
            current = name[1].to_owned();
            let twice = found.insert(current.clone(), BTreeSet::new());
            assert!(twice.is_none(), "{language}: `{current}` is there twice");
        }
        if let Some(variables) = found.get_mut(&current) {
            variables.extend(variable.captures_iter(line).map(|found| found[1].to_owned()));
        }
    }
    found
}

/// Messages that the program and its pages say, with the variables they give them.
fn said() -> BTreeMap<String, BTreeSet<String>> {
    let pattern = |pattern: &str| Regex::new(pattern).expect("a pattern");
    let call = pattern(r#"say!\(\s*[^,()]*?,\s*"([a-z0-9-]+)""#);
    let variable = pattern(r#""([a-z_]+)"\s*=>"#);
    let call_of_page = pattern(r#"say\(["']([a-z0-9-]+)["']"#);
    let variable_of_page = pattern(r"([a-z_]+)=");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file");
            let is_page = path.extension().is_some_and(|ending| ending == "html");
            let (call, variable) =
                if is_page { (&call_of_page, &variable_of_page) } else { (&call, &variable) };
            for (name, arguments) in calls(&text, call) {
                let given = variable.captures_iter(arguments).map(|found| found[1].to_owned());
                found.entry(name).or_default().extend(given);
            }
        }
    }
    found
}

/// The calls in a source file: the message's name, and the text up to the closing bracket.
fn calls<'t>(text: &'t str, call: &Regex) -> Vec<(String, &'t str)> {
    call.captures_iter(text)
        .map(|found| {
            let start = found.get(0).expect("the whole match").end();
            let mut depth = 1;
            let end = text[start..]
                .find(|c| {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    depth == 0
                })
                .expect("a closing bracket");
            (found[1].to_owned(), &text[start..start + end])
        })
        .collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let all: Vec<_> = LANGUAGES.iter().map(|language| messages(language)).collect();
    for (language, messages) in LANGUAGES.iter().zip(&all).skip(1) {
        for (name, variables) in &all[0] {
            let same = messages.get(name);
            assert_eq!(same, Some(variables), "`{name}` in {language} and {}", LANGUAGES[0]);
        }
        for name in messages.keys() {
            assert!(all[0].contains_key(name), "`{name}` is only in {language}");
        }
    }
}

#[test]
fn every_message_is_said_and_every_one_that_is_said_exists() {
    let (written, said) = (messages(LANGUAGES[0]), said());
    for (name, given) in &said {
        if name == "message-name" {
            continue; // The example in the macro's documentation.
        }
        let Some(used) = written.get(name) else { panic!("`{name}` is said, but not written") };
        assert!(used.is_subset(given), "`{name}` uses {used:?}, but is given {given:?}");
    }
    for name in written.keys() {
        assert!(said.contains_key(name), "`{name}` is written, but never said");
    }
}

#[test]
fn a_number_picks_from_the_list_that_asks() {
    let list = |names: &[&str]| {
        let buttons =
            names.iter().map(|name| Choice { label: (*name).to_owned(), action: Action::LeaveIt });
        Reply {
            blocks: vec![Block::Options(names.iter().map(|n| (*n).to_owned()).collect())],
            buttons: buttons.collect(),
        }
    };
    let labels = |reply: &Reply| -> Vec<String> {
        reply.buttons.iter().map(|button| button.label.clone()).collect()
    };
    let trouble = Reply::text("There is no run #77.").button("History", Action::LeaveIt);
    let question = trouble.clone().and(list(&["production", "staging"]));
    assert_eq!(labels(&question), ["production", "staging", "History"]);
    let both = list(&["Deploy", "Reboot"]).and(list(&["production", "staging"]));
    assert_eq!(labels(&both), ["production", "staging", "Deploy", "Reboot"]);
    assert_eq!(both.blocks[0], Block::Text("· Deploy\n· Reboot".into()));
    // Without a second list the first one keeps its numbers.
    assert_eq!(labels(&list(&["Deploy"]).and(trouble)), ["Deploy", "History"]);
}
