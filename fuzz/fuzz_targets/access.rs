//! Any text, as any of the files that say who may do what: it is read, or reported, and nothing
//! panics. Run it with `cargo +nightly fuzz run access`.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use steward::access::{Asked, Permission, Rules};
use steward::catalog::Catalog;
use steward::channels::Address;

/// The jobs of the example, without its examples: reading those takes longer than an input may.
static CATALOG: LazyLock<Option<Catalog>> = LazyLock::new(|| {
    let intents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    let examples = tempfile::tempdir().ok()?;
    Catalog::load(&intents, examples.path()).ok()
});

/// The files as they are right, in a folder in which one of them is replaced.
static FOLDER: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().ok()?;
    std::fs::create_dir(folder.path().join("policy")).ok()?;
    Some(folder)
});

const RIGHT: [(&str, &str); 5] = [
    ("users.yaml", "roles: {a: x}\nusers: [{id: a, roles: [a]}, {id: b, roles: [a]}]\n"),
    ("policy/rules.yaml", "rules: [{name: r, effect: allow, when: {role: a}}]\n"),
    ("compliance.yaml", "rules: []\n"),
    ("limits.yaml", "{}\n"),
    ("holidays.yaml", "{}\n"),
];

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let (Some(catalog), Some(folder)) = (&*CATALOG, &*FOLDER) else { return };
    for (index, (name, right)) in RIGHT.iter().enumerate() {
        let replaced = index == usize::from(which) % RIGHT.len();
        let content = if replaced { text } else { *right };
        if std::fs::write(folder.path().join(name), content).is_err() {
            return;
        }
    }
    let Ok(rules) = Rules::load(folder.path(), catalog) else { return };
    let place = Address { channel: "web".into(), chat: text.into(), thread: None };
    for user in rules.users().iter() {
        for command in Permission::ALL {
            let asked = Asked::command(&user.id, command, &place);
            let answer = rules.may(&asked, jiff::Timestamp::UNIX_EPOCH);
            // Somebody who is disabled may do nothing.
            assert!(user.enabled || answer.is_err());
        }
    }
});
