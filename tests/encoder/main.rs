//! The encoder answers as the model did that it was made from, in either precision, alone or in
//! a batch, from any thread.

mod model_directory;
mod reference;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use steward::nlu::encoder::{Encoded, Encoder, Engine, Precision, load};

/// The shipped model directory.
fn shipped() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/encoder"))
}

/// Every engine that was built.
fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::Rten(Precision::Float), Engine::Rten(Precision::Int8)];
    if cfg!(feature = "rust-bert") {
        engines.push(Engine::RustBert);
    }
    engines
}

/// The shipped encoder, loaded once per engine for all tests.
fn encoder(engine: impl Into<Engine>) -> Arc<dyn Encoder> {
    static INT8: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Int8));
    static FLOAT: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Float));
    static RUST_BERT: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Engine::RustBert));
    match engine.into() {
        Engine::Rten(Precision::Int8) => INT8.clone(),
        Engine::Rten(Precision::Float) => FLOAT.clone(),
        Engine::RustBert => RUST_BERT.clone(),
    }
}

fn loaded(engine: impl Into<Engine>) -> Arc<dyn Encoder> {
    load(shipped(), engine).expect("the shipped encoder loads")
}

fn one(encoder: &dyn Encoder, text: &str) -> Encoded {
    let mut encoded = encoder.encode(&[text]).expect("any text can be encoded");
    assert_eq!(encoded.len(), 1);
    encoded.remove(0)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn a_batch_answers_as_its_texts_do_alone() {
    let texts = [
        "restart nginx on web-03",
        "把支付服务回滚到 v2.3",
        "",
        "copy the orders table from staging to production, please, and tell me when it is done",
        "hi",
    ];
    // Only the order of sums may differ; in 8 bits that can move a number by a step.
    for engine in engines() {
        let at_least = if engine == Engine::Rten(Precision::Int8) { 0.9995 } else { 0.999_999 };
        let encoder = encoder(engine);
        let batch = encoder.encode(&texts).expect("any text can be encoded");
        for (text, batched) in texts.iter().zip(&batch) {
            let alone = one(&*encoder, text);
            assert_eq!(alone.tokens(), batched.tokens(), "{text}");
            let likeness = cosine(&alone.sentence(), &batched.sentence());
            assert!(likeness > at_least, "{engine:?} {text}: {likeness}");
        }
    }
}

#[test]
fn nothing_to_encode_is_fine() {
    for engine in engines() {
        assert_eq!(encoder(engine).encode(&[]).expect("no texts, no answers"), []);
    }
}

#[test]
fn an_unusual_text_is_encoded_like_any_other() {
    fn check(text: &str, tokens: std::ops::RangeInclusive<usize>) {
        let encoded = one(&*encoder(Precision::Int8), text);
        let count = encoded.tokens().len();
        assert!(tokens.contains(&count), "{count} tokens, not {tokens:?}");
        assert!(encoded.states().iter().all(|x| x.is_finite()));
        let norm: f32 = encoded.sentence().iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-4, "{norm}");
        let characters = text.chars().count();
        for token in encoded.tokens() {
            assert!(token.start <= token.end && token.end <= characters, "{token:?}");
        }
    }
    check("", 2..=2);
    check("   \t\n", 2..=4);
    check("\u{0}\u{200d}\u{fe0f}", 2..=8);
    check("👩‍👩‍👧‍👦 𝕏 ﷽", 3..=60);
    check("<s></s><mask><pad>", 2..=20);
    check("ﬁ ① ㎞ Å", 4..=30);
    // Longer than the model has positions: cut.
    check(&"restart nginx on web-03 ".repeat(400), 512..=512);
    check(&"重启".repeat(100_000), 512..=512);
    check(&"a".repeat(1_000_000), 512..=512);
    check(&" ".repeat(1_000_000), 2..=4);
}

#[test]
fn texts_of_all_lengths_share_one_call() {
    let texts: Vec<String> =
        (0..130).step_by(6).map(|count| "scale web to 3 ".repeat(count)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let encoded = encoder(Precision::Int8).encode(&texts).expect("any text can be encoded");
    assert_eq!(encoded.len(), texts.len());
    for (text, encoded) in texts.iter().zip(&encoded) {
        let last = encoded.tokens().iter().rfind(|token| !token.special);
        let whole = text.trim_end().chars().count();
        assert!(
            encoded.tokens().len() == 512 || last.map_or(0, |token| token.end) == whole,
            "{text}"
        );
    }
}

/// Entering the engine's pool from another pool's thread must not deadlock: rayon threads that
/// wait steal work, here more encoding.
#[test]
fn encoding_inside_a_rayon_pool_ends() {
    use rayon::prelude::*;
    let encoder = encoder(Precision::Int8);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    let lengths: Vec<usize> = pool.install(|| {
        (0..60)
            .into_par_iter()
            .map(|index| {
                let texts = ["status", "重启 web-01", "deploy v2"];
                let count = 1 + index % 3;
                let encoded = encoder.encode(&texts[..count]).expect("any text can be encoded");
                encoded.len()
            })
            .collect()
    });
    assert_eq!(lengths.iter().sum::<usize>(), 120);
}

#[test]
fn many_threads_may_encode_at_once() {
    let encoder = encoder(Precision::Int8);
    let expect = one(&*encoder, "restart nginx on web-03");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(one(&*encoder, "restart nginx on web-03"), expect);
                }
            });
        }
    });
}

#[test]
fn a_fingerprint_tells_precisions_apart() {
    let [int8, float] = [Precision::Int8, Precision::Float].map(encoder);
    assert_ne!(int8.fingerprint(), float.fingerprint());
    assert_eq!(int8.fingerprint(), loaded(Precision::Int8).fingerprint());
    for engine in engines().into_iter().filter(|engine| *engine == Engine::RustBert) {
        // The same floats: what was learnt with one engine serves with the other.
        assert_eq!(float.fingerprint(), encoder(engine).fingerprint());
    }
}
