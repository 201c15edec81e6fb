//! The encoder: from texts to token states, by the transformer of `models/encoder`.
//!
//! It reads a model directory once (config, tokenizer, weights), then turns texts into vectors,
//! one message at a time on one thread or thousands in batches on all of them. It knows nothing
//! of intents, parameters or languages, and learns nothing.
//!
//! **Architecture Invariant:** only this room knows how a text becomes a vector; the rest of
//! `nlu` sees the [`Encoder`] trait. After loading nothing here does I/O.
//!
//! **Architecture Invariant:** whatever the text, [`Encoder::encode`] answers: a text that is too
//! long is cut, an empty one has its two special tokens.

mod batches;
mod config;
mod embeddings;
mod encoded;
mod error;
mod files;
mod graph;
#[cfg(feature = "rust-bert")]
mod parts;
mod quantize;
mod rten;
#[cfg(feature = "rust-bert")]
pub(in crate::nlu) mod rust_bert;
mod slot_head;
mod tokenizer;
mod weights;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

pub use config::Config;
pub use encoded::{Encoded, Gist, Token};
pub use error::{EncodeError, LoadError};
#[cfg(feature = "rust-bert")]
pub(in crate::nlu) use parts::Parts;
pub use rten::RtenEncoder;
#[cfg(feature = "rust-bert")]
pub use rust_bert::RustBertEncoder;
pub use slot_head::{SlotHead, SlotLogits};
pub use tokenizer::Tokenizer;
pub use weights::Weights;

/// Turns texts into token states.
pub trait Encoder: Send + Sync {
    /// Encodes each text; the answer has one entry per text, in their order.
    ///
    /// A single text is encoded on one thread. Many are batched by length, with an attention
    /// mask, and spread over the threads that the engine was given. A text with more tokens
    /// than the model has positions is cut at the end.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Encoded>, EncodeError>;

    /// Names the weights, the tokenizer and the precision: what was trained on the states of
    /// one fingerprint is not to be used with another.
    fn fingerprint(&self) -> &str;

    /// The length of a token state.
    fn hidden(&self) -> usize;

    /// The slot head that the encoder was trained with.
    fn slot_head(&self) -> &SlotHead;
}

/// How the transformer's matrices are multiplied.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Weights in 8 bits, scaled per output channel; activations in 8 bits, scaled per call.
    #[default]
    Int8,
    /// 32-bit floats.
    Float,
}

impl Precision {
    /// The name used in the configuration and in fingerprints.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Int8 => "int8",
            Precision::Float => "float",
        }
    }
}

/// What runs the transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// rten, in pure Rust: the default.
    Rten(Precision),
    /// libtorch through rust-bert, for machines that have it or a GPU.
    RustBert,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::Rten(Precision::default())
    }
}

impl From<Precision> for Engine {
    fn from(precision: Precision) -> Self {
        Engine::Rten(precision)
    }
}

impl FromStr for Engine {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "int8" => Ok(Engine::Rten(Precision::Int8)),
            "float" => Ok(Engine::Rten(Precision::Float)),
            "rust-bert" => Ok(Engine::RustBert),
            _ => Err("should be int8, float or rust-bert"),
        }
    }
}

/// Loads an encoder from a model directory into an engine.
///
/// # Errors
///
/// Says which file is missing or unfit, and in which field or tensor; or that this program was
/// built without the engine.
pub fn load(dir: &Path, engine: impl Into<Engine>) -> Result<Arc<dyn Encoder>, LoadError> {
    match engine.into() {
        Engine::Rten(precision) => Ok(Arc::new(RtenEncoder::load(dir, precision)?)),
        #[cfg(feature = "rust-bert")]
        Engine::RustBert => Ok(Arc::new(RustBertEncoder::load(dir)?)),
        #[cfg(not(feature = "rust-bert"))]
        Engine::RustBert => Err(LoadError::NoRustBert),
    }
}
