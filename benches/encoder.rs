//! How long a message takes to be encoded, and how long the training examples take.
//!
//! `cargo bench --bench encoder`; the median is what counts. A message is encoded on one
//! thread, a batch on as many as the machine has.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use steward::nlu::encoder::{Encoder, Engine, Precision, Tokenizer, load};

/// Sixteen tokens, the special ones included: about the length of a request.
const MESSAGE: &str = "deploy payment-api v2.3.1 to staging tomorrow at";

fn main() {
    divan::main();
}

fn dir() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/encoder"))
}

/// Every engine that was built.
fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::Rten(Precision::Int8), Engine::Rten(Precision::Float)];
    if cfg!(feature = "rust-bert") {
        engines.push(Engine::RustBert);
    }
    engines
}

fn encoder(engine: Engine) -> Arc<dyn Encoder> {
    static INT8: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Int8.into()));
    static FLOAT: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Float.into()));
    static RUST_BERT: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Engine::RustBert));
    match engine {
        Engine::Rten(Precision::Int8) => INT8.clone(),
        Engine::Rten(Precision::Float) => FLOAT.clone(),
        Engine::RustBert => RUST_BERT.clone(),
    }
}

fn loaded(engine: Engine) -> Arc<dyn Encoder> {
    load(dir(), engine).expect("the shipped encoder loads")
}

#[divan::bench(args = engines(), sample_count = 300, sample_size = 1)]
fn message(bencher: Bencher, engine: Engine) {
    let encoder = encoder(engine);
    let tokens = encoder.encode(&[MESSAGE]).expect("any text can be encoded")[0].tokens().len();
    assert_eq!(tokens, 16);
    bencher.bench_local(|| encoder.encode(&[divan::black_box(MESSAGE)]));
}

#[divan::bench(args = engines(), sample_count = 3, sample_size = 1)]
fn five_hundred_messages(bencher: Bencher, engine: Engine) {
    let encoder = encoder(engine);
    let texts = [MESSAGE; 500];
    bencher
        .counter(ItemsCount::new(texts.len()))
        .bench_local(|| encoder.encode(divan::black_box(&texts)));
}

#[divan::bench(args = engines(), sample_count = 5, sample_size = 1)]
fn start(engine: Engine) -> Arc<dyn Encoder> {
    loaded(engine)
}

#[divan::bench]
fn tokenize(bencher: Bencher) {
    let tokenizer = Tokenizer::read(&dir().join("tokenizer.json"), 512)
        .expect("the shipped tokenizer is a tokenizer");
    bencher.bench_local(|| tokenizer.tokenize(divan::black_box(MESSAGE)));
}
