//! How long a message takes to be encoded, and how long the training examples take.
//!
//! `cargo bench --bench encoder`; the median is what counts. A message is encoded on one
//! thread, a batch on as many as the machine has.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use steward::nlu::encoder::{Encoder, Precision, Tokenizer, load};

/// Sixteen tokens, the special ones included: about the length of a request.
const MESSAGE: &str = "deploy payment-api v2.3.1 to staging tomorrow at";

fn main() {
    divan::main();
}

fn dir() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/encoder"))
}

fn encoder(precision: Precision) -> Arc<dyn Encoder> {
    static INT8: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Int8));
    static FLOAT: LazyLock<Arc<dyn Encoder>> = LazyLock::new(|| loaded(Precision::Float));
    match precision {
        Precision::Int8 => INT8.clone(),
        Precision::Float => FLOAT.clone(),
    }
}

fn loaded(precision: Precision) -> Arc<dyn Encoder> {
    load(dir(), precision).expect("the shipped encoder loads")
}

#[divan::bench(args = [Precision::Int8, Precision::Float], sample_count = 300, sample_size = 1)]
fn message(bencher: Bencher, precision: Precision) {
    let encoder = encoder(precision);
    let tokens = encoder.encode(&[MESSAGE]).expect("any text can be encoded")[0].tokens().len();
    assert_eq!(tokens, 16);
    bencher.bench_local(|| encoder.encode(&[divan::black_box(MESSAGE)]));
}

#[divan::bench(args = [Precision::Int8, Precision::Float], sample_count = 3, sample_size = 1)]
fn five_hundred_messages(bencher: Bencher, precision: Precision) {
    let encoder = encoder(precision);
    let texts = [MESSAGE; 500];
    bencher
        .counter(ItemsCount::new(texts.len()))
        .bench_local(|| encoder.encode(divan::black_box(&texts)));
}

#[divan::bench(args = [Precision::Int8, Precision::Float], sample_count = 5, sample_size = 1)]
fn start(precision: Precision) -> Arc<dyn Encoder> {
    loaded(precision)
}

#[divan::bench]
fn tokenize(bencher: Bencher) {
    let tokenizer = Tokenizer::read(&dir().join("tokenizer.json"), 512)
        .expect("the shipped tokenizer is a tokenizer");
    bencher.bench_local(|| tokenizer.tokenize(divan::black_box(MESSAGE)));
}
