//! Whole conversations against the real encoder and the real heads. The conversations are data:
//! `tests/conversations/*.yaml`, and the forty scripts of the example in
//! `tests/data/lantern-dialogues.jsonl`; see `tests/conversations/README.md`. Those that do not pass yet
//! are listed, with the reason, in `tests/data/conversations-known-to-fail.yaml`.

mod conversation;

use conversation::{Script, World, script};
use steward::catalog::Language;

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
