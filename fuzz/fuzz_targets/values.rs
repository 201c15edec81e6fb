//! Any text, as any type: nothing panics, spans lie on characters, and what was understood stays
//! what it is. Run it with `cargo +nightly fuzz run values`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use steward::catalog::{Localized, Parameter, ParameterType};
use steward::nlu::values::{Reference, find, interpret, range, recurring, secret};

fuzz_target!(|text: &str| {
    let Ok(now) = "2025-03-12T15:00[UTC]".parse() else { return };
    let reference = Reference { now };
    for &kind in ParameterType::ALL {
        for found in find(text, kind, &reference) {
            assert!(text.is_char_boundary(found.start) && text.is_char_boundary(found.end));
            assert!(found.start < found.end && !found.values.is_empty());
        }
        let parameter = plain(kind);
        for value in interpret(text, &parameter, &reference).unwrap_or_default() {
            let again = interpret(&value.to_string(), &parameter, &reference);
            assert_eq!(again, Ok(vec![value]));
        }
    }
    let _ = (range::find(text, &reference), recurring::find(text, &reference));
    let _ = secret::looks_secret(text);
});

fn plain(kind: ParameterType) -> Parameter {
    Parameter {
        name: "value".to_owned(),
        kind,
        required: true,
        description: Localized::default(),
        label: None,
        choices: Vec::new(),
        pattern: None,
        min: None,
        max: None,
        default: None,
        secret: false,
        suggest: None,
    }
}
