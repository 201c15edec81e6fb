//! What can go wrong with a model directory, and with a text.

use std::path::PathBuf;

/// Why a model directory can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(
        "there is no encoder at {}: the directory must hold config.json, tokenizer.json and \
         model.safetensors", .dir.display()
    )]
    NoDirectory { dir: PathBuf },
    #[error("the encoder in {} lacks its file {name}", .dir.display())]
    Missing { dir: PathBuf, name: &'static str },
    #[error("can't read {}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not a model configuration: {message}", .path.display())]
    ConfigSyntax { path: PathBuf, message: String },
    #[error("{}: `{field}` is {found}, but must be {expected}", .path.display())]
    Config { path: PathBuf, field: &'static str, found: String, expected: String },
    #[error("{} is not a tokenizer: {message}", .path.display())]
    Tokenizer { path: PathBuf, message: String },
    #[error(
        "{} is not a safetensors file ({message}); a Git LFS pointer or a broken download looks \
         like this", .path.display()
    )]
    NotSafetensors { path: PathBuf, message: String },
    #[error("{} has no tensor `{name}`, which config.json calls for", .path.display())]
    MissingTensor { path: PathBuf, name: String },
    #[error(
        "{}: tensor `{name}` has shape {found:?}, but config.json calls for {expected:?}",
        .path.display()
    )]
    Shape { path: PathBuf, name: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("{}: tensor `{name}` is {found}; F16 or F32 can be read", .path.display())]
    DataType { path: PathBuf, name: String, found: String },
    #[cfg(not(feature = "rust-bert"))]
    #[error(
        "this program was built without rust-bert: build it with `--features rust-bert`, which \
         needs libtorch (see scripts/libtorch.sh)"
    )]
    NoRustBert,
    #[error("the engine refused the model: {message}")]
    Engine { message: String },
}

/// Why a text can't be encoded. Neither depends on the text's meaning or length: both point to
/// a model directory whose files don't belong together.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the tokenizer failed: {message}")]
    Tokenize { message: String },
    #[error("the tokenizer gave token {id}, but the model knows only {vocabulary}")]
    UnknownToken { id: u32, vocabulary: usize },
    #[error("the engine failed: {message}")]
    Engine { message: String },
}
