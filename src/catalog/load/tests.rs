//! Whatever bytes a file holds, loading ends in a catalogue or in mistakes.

use std::path::Path;

use proptest::prelude::*;

use super::from_files;
use super::report::Report;
use super::source::{Folder, Source, source};

const COMMANDS: &str = include_str!("../../../intents/commands.yaml");
const PARAMETERS: &str = include_str!("../../../intents/parameters.yaml");
const TAGS: &str = "release: {en: Releases, zh: 发布}\n";
const JOB: &str = include_str!("../../../intents/jobs/deploy_app.yaml");
const EXAMPLES: &str = include_str!("../../../training-data/zh/deploy_app.yaml");

/// Loads a catalogue with one file exchanged for these bytes; how it ends does not matter here,
/// but a report can be shown.
fn load_with(name: &str, bytes: Vec<u8>) {
    let mut report = Report::default();
    let mut read = |other: &str, text: &str| -> Option<Source> {
        let bytes = if other == name { bytes.clone() } else { text.as_bytes().to_vec() };
        source(Path::new(other), other.to_owned(), bytes, &mut report)
    };
    let declared = [
        read("commands.yaml", COMMANDS),
        read("parameters.yaml", PARAMETERS),
        read("tags.yaml", TAGS),
        read("jobs/deploy_app.yaml", JOB),
    ];
    let training = [read("zh/deploy_app.yaml", EXAMPLES)];
    let sources = declared.into_iter().flatten().collect();
    let declared = Folder { sources, unread: Vec::new() };
    let training: Vec<Source> = training.into_iter().flatten().collect();
    if let Err(mistakes) = from_files(&declared, &training, report) {
        assert!(!mistakes.to_string().is_empty());
    }
}

fn files() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("commands.yaml", COMMANDS)),
        Just(("parameters.yaml", PARAMETERS)),
        Just(("tags.yaml", TAGS)),
        Just(("jobs/deploy_app.yaml", JOB)),
        Just(("zh/deploy_app.yaml", EXAMPLES)),
    ]
}

/// A piece of a file replaced by something else that YAML or the markup gives a meaning.
fn damaged() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let pieces = prop_oneof![
        "[\\[\\]{}:,&*!|>'\"%@`#?()\n\t -]{0,6}",
        "\\PC{0,4}",
        Just("*a".to_owned()),
        Just("&a [*a]".to_owned()),
        Just("<<: {a: b}".to_owned()),
        Just("{service}".to_owned()),
        Just("!!binary x".to_owned()),
        Just("? [a]\n: b".to_owned()),
        Just(".nan".to_owned()),
        Just("99999999999999999999".to_owned()),
    ];
    (files(), any::<prop::sample::Index>(), 0..40usize, pieces).prop_map(
        |((name, text), at, length, piece)| {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            let bytes = text.as_bytes();
            let bytes = [&bytes[..start], piece.as_bytes(), &bytes[end..]].concat();
            (name, bytes)
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        (name, _) in files(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        load_with(name, bytes);
    }

    #[test]
    fn a_damaged_file_never_panics((name, bytes) in damaged()) {
        load_with(name, bytes);
    }
}
