//! The files of a model directory, and the fingerprint that names their content.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::LoadError;

/// The three files that make an encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    pub config: PathBuf,
    pub tokenizer: PathBuf,
    pub weights: PathBuf,
}

impl ModelFiles {
    /// Finds the files of a model directory, or says which one is missing.
    pub fn find(dir: &Path) -> Result<Self, LoadError> {
        if !dir.is_dir() {
            return Err(LoadError::NoDirectory { dir: dir.to_owned() });
        }
        let find = |name| {
            let path = dir.join(name);
            match path.is_file() {
                true => Ok(path),
                false => Err(LoadError::Missing { dir: dir.to_owned(), name }),
            }
        };
        Ok(ModelFiles {
            config: find("config.json")?,
            tokenizer: find("tokenizer.json")?,
            weights: find("model.safetensors")?,
        })
    }

    /// A hash of all three files' bytes, in hexadecimal digits.
    pub fn fingerprint(&self) -> Result<String, LoadError> {
        let mut hash = Sha256::new();
        // The files are read, not mapped: the word embeddings stay out of the resident memory.
        let mut buffer = vec![0; 1 << 18];
        for path in [&self.config, &self.tokenizer, &self.weights] {
            let read = |source| LoadError::Read { path: path.clone(), source };
            let mut file = File::open(path).map_err(read)?;
            hash.update(file.metadata().map_err(read)?.len().to_le_bytes());
            loop {
                match file.read(&mut buffer).map_err(read)? {
                    0 => break,
                    count => hash.update(&buffer[..count]),
                }
            }
        }
        // Half of the digest is plenty to tell two encoders apart.
        Ok(hex::encode(&hash.finalize()[..16]))
    }
}
