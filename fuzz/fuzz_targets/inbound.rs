//! Any bytes, as what arrives: lines, messages, buttons, codes, the state of a store. Nothing
//! panics, and what looks like a secret is not written down. Run it with
//! `cargo +nightly fuzz run inbound`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use steward::access::{Code, redact};
use steward::catalog::Language;
use steward::channels::{Inbound, Outbound};
use steward::dialogue::{Input, Session};
use steward::lines::{Line, lines};
use steward::nlu::values::secret::looks_secret;
use steward::reply::Action;

fuzz_target!(|bytes: &[u8]| {
    for line in lines(bytes).map_while(Result::ok) {
        let Line::Text(text) = line else { continue };
        let _ = Language::of(&text);
        if let Some(found) = looks_secret(&text) {
            let secret = &text[found];
            assert!(secret.is_empty() || redact(&text) != text, "{secret}");
        }
        if let Some(code) = Code::parse(&text) {
            assert_eq!(Code::parse(&code.to_string()), Some(code));
        }
    }
    if let Ok(inbound) = serde_json::from_slice::<Inbound>(bytes) {
        // Different places have different keys, and a key has exactly two slashes of its own.
        assert!(inbound.address.key().matches('/').count() == 2);
    }
    let _ = serde_json::from_slice::<Outbound>(bytes);
    let _ = serde_json::from_slice::<Action>(bytes);
    let _ = serde_json::from_slice::<Input>(bytes);
    let _ = serde_json::from_slice::<Session>(bytes);
});
