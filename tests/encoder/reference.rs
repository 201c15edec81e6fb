//! What the original model gave for ten texts: the Rust encoder gives the same.

use std::path::Path;

use serde::Deserialize;
use steward::nlu::encoder::{Encoded, Encoder, Engine, Precision};

use super::{cosine, encoder, engines, one};

/// One text, and what the model answered when it was exported.
#[derive(Deserialize)]
struct Reference {
    text: String,
    ids: Vec<u32>,
    offsets: Vec<(usize, usize)>,
    sentence: Vec<f32>,
    /// Empty where slots were not looked at; so are the logits then.
    #[serde(default)]
    labels: Vec<String>,
    /// `[tokens][labels]`
    #[serde(default)]
    begin: Vec<Vec<f32>>,
    /// `[tokens][labels]`
    #[serde(default)]
    inside: Vec<Vec<f32>>,
}

fn references() -> Vec<Reference> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/encoder/reference.json");
    let bytes = std::fs::read(path).expect("the reference is part of the project");
    serde_json::from_slice(&bytes).expect("the reference is valid")
}

#[test]
fn tokens_are_the_same() {
    for engine in engines() {
        for reference in references() {
            let encoded = one(&*encoder(engine), &reference.text);
            let ids: Vec<_> = encoded.tokens().iter().map(|token| token.id).collect();
            let offsets: Vec<_> =
                encoded.tokens().iter().map(|token| (token.start, token.end)).collect();
            assert_eq!(ids, reference.ids, "{}", reference.text);
            assert_eq!(offsets, reference.offsets, "{}", reference.text);
        }
    }
}

#[test]
fn sentence_vectors_are_alike() {
    fn check(engine: Engine, at_least: f64) {
        for Reference { text, sentence, .. } in references() {
            let likeness = cosine(&one(&*encoder(engine), &text).sentence(), &sentence);
            println!("{engine:?} {likeness:.6} {text}");
            assert!(likeness > at_least, "{engine:?} {text}: {likeness}");
        }
    }
    for engine in engines() {
        check(engine, if engine == Engine::Rten(Precision::Int8) { 0.995 } else { 0.9999 });
    }
}

#[test]
fn slot_logits_are_close() {
    fn check(engine: Engine, at_most: f32) {
        for reference in references().iter().filter(|reference| !reference.labels.is_empty()) {
            let (begin, inside) = slot_differences(&*encoder(engine), reference);
            println!("{engine:?} {begin:.4} {inside:.4} {}", reference.text);
            assert!(begin < at_most && inside < at_most, "{engine:?} {}", reference.text);
        }
    }
    for engine in engines() {
        // Logits range from about -12 to 4.
        check(engine, if engine == Engine::Rten(Precision::Int8) { 0.8 } else { 0.01 });
    }
}

/// The largest difference between slot logits and their reference, per role.
fn slot_differences(encoder: &dyn Encoder, reference: &Reference) -> (f32, f32) {
    let head = encoder.slot_head();
    let labels: Vec<&str> = reference.labels.iter().map(String::as_str).collect();
    let labels: Vec<_> = encoder
        .encode(&labels)
        .expect("any text can be encoded")
        .iter()
        .map(|label: &Encoded| head.project_label(&label.mean()))
        .collect();
    let logits = head.logits(&one(encoder, &reference.text), &labels);
    let difference = |ours: &[f32], theirs: &[Vec<f32>]| {
        let theirs = theirs.concat();
        assert_eq!(ours.len(), theirs.len());
        ours.iter().zip(&theirs).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
    };
    (difference(&logits.begin, &reference.begin), difference(&logits.inside, &reference.inside))
}
