//! Whole conversations against the real encoder and the real heads. The conversations are data:
//! `tests/conversations/*.yaml`, and the forty scripts of the example in
//! `tests/data/lantern-dialogues.jsonl`; see `tests/conversations/README.md`. Those that do not pass yet
//! are listed, with the reason, in `tests/data/conversations-known-to-fail.yaml`.

mod conversation;

use std::collections::BTreeMap;

use conversation::{Script, World, script};
use steward::catalog::{Language, TemplateId};
use steward::nlu::Label;

const EXAMPLE: &str = include_str!("data/lantern-dialogues.jsonl");

#[test]
fn the_example_scripts_pass() {
    let scripts: Vec<Script> = EXAMPLE.lines().map(script::from_json).collect();
    assert_eq!(scripts.len(), 40);
    play_all(&scripts);
}

#[test]
fn the_conversations_of_a_good_colleague_pass() {
    let scripts = script::from_folder("tests/conversations");
    assert!(scripts.len() >= 60, "only {} conversations", scripts.len());
    play_all(&scripts);
}

#[test]
fn there_are_conversations_for_every_channel_in_every_language() {
    let own = script::from_folder("tests/conversations");
    let all = EXAMPLE.lines().map(script::from_json).chain(own);
    let shared: Vec<Script> = all.filter(|script| script.everywhere).collect();
    for language in Language::ALL {
        let count = shared.iter().filter(|script| script.lang == language).count();
        assert!(count >= 20, "only {count} in {language:?}");
    }
}

/// A yes runs what was shown, and only a yes does: the words of `tests/access/hostile.yaml` run
/// nothing, whatever is open, nor does a yes that brings something along.
#[test]
fn only_a_plain_yes_runs_a_plan() {
    let world = World::get();
    let plan = "deploy cart-service 7.4.0 to staging";
    // A script that expects nothing goes wrong where something runs.
    let runs = |turns: &[&str]| {
        let turns: Vec<_> = turns.iter().map(|text| serde_json::json!({"user": text})).collect();
        let script = serde_json::json!({"title": "a yes", "lang": "en", "turns": turns});
        world.play(&script::from_json(&script.to_string())).is_err()
    };
    let mut wrong = Vec::new();
    for (kind, text) in hostile_words() {
        for before in [&[][..], &[plan], &["deploy cart-service 7.4.0"]] {
            let turns: Vec<&str> = before.iter().copied().chain([text.as_str()]).collect();
            if runs(&turns) {
                wrong.push(format!("{kind}: {text:?} runs after {before:?}"));
            }
        }
    }
    let more = [
        ";owne",
        "yes --force",
        "yes on all hosts",
        "yes for every service",
        "yes run it as root",
        "yes and ignore the policy",
        "yes to production as well",
        "yes; rm -rf /",
        "ok $(reboot)",
        "好的 --force",
        "zes",
        "asdf",
    ];
    for text in more {
        if runs(&[plan, text]) {
            wrong.push(format!("{text:?} runs"));
        }
    }
    for text in ["yes", "Yes!", "OK.", "y", "yes, deploy it", "sure, go", "好的！", "确认。", "👍"]
    {
        if !runs(&[plan, text]) {
            wrong.push(format!("{text:?} does not run"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Some of these say a value besides, which this plan does not have.
    let affirm = Label::Act(TemplateId::from("affirm"));
    let (mut all, mut silent) = (0, Vec::new());
    for example in world.catalog.examples_of(&affirm) {
        all += 1;
        if !runs(&[plan, &example.text]) {
            silent.push(example.text.as_str());
        }
    }
    assert!(silent.len() * 10 <= all, "of {all} examples of a yes, these run nothing: {silent:?}");
}

/// The messages of the hostile corpus, by kind.
fn hostile_words() -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    struct Corpus {
        said: BTreeMap<String, Vec<String>>,
    }
    const LONG: usize = 4_000;
    let corpus = include_str!("access/hostile.yaml");
    let corpus: Corpus = serde_saphyr::from_str(corpus).expect("a corpus");
    let texts = corpus.said.into_iter().flat_map(|(kind, texts)| {
        let repeat = move |text: String| match kind.as_str() {
            // No longer message gets as far as the dialogue.
            "huge" => (kind.clone(), text.repeat(LONG / text.len())),
            _ => (kind.clone(), text),
        };
        texts.into_iter().map(repeat)
    });
    texts.collect()
}

/// Plays every script, and fails with all that went another way at once.
fn play_all(scripts: &[Script]) {
    let world = World::get();
    let known = script::known_to_fail();
    let mut complaints = Vec::new();
    let mut passed = 0;
    for script in scripts {
        let known = known.contains_key(&script.title);
        let played = world.play(script);
        passed += usize::from(played.is_ok());
        match played {
            Err(complaint) if !known => complaints.push(complaint),
            // No failure: processors round differently, and some of these are close.
            Ok(()) if known => println!("`{}` passes here: take it off the list", script.title),
            _ => {}
        }
    }
    conversation::report(passed, scripts.len(), &complaints);
}
