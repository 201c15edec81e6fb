//! Whole conversations against the real encoder and the real heads. The conversations are data:
//! `tests/conversations/*.yaml`, and the forty scripts of the example in
//! `tests/data/lantern-dialogues.jsonl`; see `tests/conversations/README.md`.

mod conversation;

use conversation::{Script, World, script};

/// Scripts of the example that do not pass yet, with the reason. One that begins to pass has to
/// leave the list.
const KNOWN_TO_FAIL: [(&str, &str); 0] = [];

#[test]
fn the_example_scripts_pass() {
    let world = World::get();
    let text = include_str!("data/lantern-dialogues.jsonl");
    let scripts: Vec<Script> = text.lines().map(script::from_json).collect();
    assert_eq!(scripts.len(), 40);
    let mut complaints = Vec::new();
    for script in &scripts {
        let known = KNOWN_TO_FAIL.iter().find(|(title, _)| *title == script.title);
        match (world.play(script), known) {
            (Err(complaint), None) => complaints.push(complaint),
            (Ok(()), Some(_)) => {
                complaints.push(format!("`{}` passes now: take it off the list", script.title));
            }
            _ => {}
        }
    }
    conversation::report(scripts.len(), &complaints);
}

#[test]
fn the_conversations_of_a_good_colleague_pass() {
    let world = World::get();
    let scripts = script::from_folder("tests/conversations");
    assert!(scripts.len() >= 60, "only {} conversations", scripts.len());
    let complaints: Vec<String> =
        scripts.iter().filter_map(|script| world.play(script).err()).collect();
    conversation::report(scripts.len(), &complaints);
}
