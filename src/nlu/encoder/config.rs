//! `config.json`: the shape of the transformer.

use std::path::Path;

use serde::Deserialize;

use super::LoadError;

/// The shape of the transformer, as Hugging Face's `config.json` gives it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Config {
    model_type: String,
    hidden_act: String,
    #[serde(default = "absolute")]
    position_embedding_type: String,
    pub vocab_size: usize,
    /// The length of a token state.
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    /// The longest text, in tokens.
    pub max_position_embeddings: usize,
    /// Types of tokens, such as first and second sentence; only the first is used.
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
    /// The inner width of the slot head, per role.
    pub slot_head_size: usize,
}

fn absolute() -> String {
    "absolute".into()
}

impl Config {
    /// Reads and checks a configuration.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let bytes = std::fs::read(path)
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let config: Config = serde_json::from_slice(&bytes).map_err(|error| {
            LoadError::ConfigSyntax { path: path.to_owned(), message: error.to_string() }
        })?;
        config.check(path)?;
        Ok(config)
    }

    /// The width of one attention head.
    pub fn head_size(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    /// The layer half-way up, whose states are an output besides those of the last.
    pub fn middle_layer(&self) -> usize {
        self.num_hidden_layers / 2
    }

    /// Refuses what the graph isn't built for.
    fn check(&self, path: &Path) -> Result<(), LoadError> {
        let wrong = |field, found: &dyn std::fmt::Display, expected: &str| {
            Err(LoadError::Config {
                path: path.to_owned(),
                field,
                found: found.to_string(),
                expected: expected.to_owned(),
            })
        };
        for (field, found, expected) in [
            ("model_type", &self.model_type, "bert"),
            ("hidden_act", &self.hidden_act, "gelu"),
            ("position_embedding_type", &self.position_embedding_type, "absolute"),
        ] {
            if found != expected {
                return wrong(field, &format!("\"{found}\""), &format!("\"{expected}\""));
            }
        }
        for (field, found) in [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
            ("type_vocab_size", self.type_vocab_size),
            ("slot_head_size", self.slot_head_size),
        ] {
            if found == 0 {
                return wrong(field, &found, "at least 1");
            }
        }
        if self.max_position_embeddings < 3 {
            let found = self.max_position_embeddings;
            return wrong("max_position_embeddings", &found, "at least 3");
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            let heads = format!("a multiple of the {} attention heads", self.num_attention_heads);
            return wrong("hidden_size", &self.hidden_size, &heads);
        }
        Ok(())
    }
}
