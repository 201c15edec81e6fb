//! A model directory opened for libtorch, which builds its own graph.

use std::path::Path;

use super::files::ModelFiles;
use super::{Config, LoadError, Tokenizer, Weights};

/// What rust-bert's layer norms add to the variance, whatever the configuration says.
const LAYER_NORM_EPS: f32 = 1e-12;

/// What a model directory holds.
#[derive(Debug)]
pub struct Parts {
    pub files: ModelFiles,
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub weights: Weights,
    /// Names the files' content, whatever the precision.
    pub fingerprint: String,
}

impl Parts {
    /// Opens and checks a model directory.
    pub fn open(dir: &Path) -> Result<Self, LoadError> {
        let files = ModelFiles::find(dir)?;
        let config = Config::read(&files.config)?;
        if config.layer_norm_eps != LAYER_NORM_EPS {
            return Err(LoadError::Config {
                path: files.config,
                field: "layer_norm_eps",
                found: config.layer_norm_eps.to_string(),
                expected: format!("{LAYER_NORM_EPS:e} for rust-bert"),
            });
        }
        Ok(Parts {
            tokenizer: Tokenizer::read(&files.tokenizer, config.max_position_embeddings)?,
            weights: Weights::open(&files.weights)?,
            fingerprint: files.fingerprint()?,
            config,
            files,
        })
    }
}
