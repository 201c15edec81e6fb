//! What was learnt, as it lies on the disk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::Catalog;
use crate::nlu::encoder::Encoder;
use crate::nlu::gate::Gate;
use crate::nlu::intents::IntentModel;
use crate::nlu::nearest::Nearest;
use crate::nlu::slots::SlotModel;
use crate::nlu::train::Options;

/// Everything that was learnt of one catalogue with one encoder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heads {
    /// See [`fingerprint`].
    pub fingerprint: String,
    /// How it was learnt.
    pub options: Options,
    /// The labels in the order of the models' classes, as `kind id`.
    pub labels: Vec<String>,
    pub intents: IntentModel,
    pub nearest: Nearest,
    pub slots: SlotModel,
    pub gate: Gate,
}

/// Why heads can't be used. Training makes new ones, whatever the reason.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    #[error("nothing has been learnt yet: {} does not exist", path.display())]
    Missing { path: PathBuf },
    #[error("what was learnt ({}) is of another catalogue or encoder", path.display())]
    Stale { path: PathBuf },
    #[error("{} can't be read: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} can't be written: {reason}", path.display())]
    Unwritable { path: PathBuf, reason: String },
}

/// The version of what is learnt and how it is stored: heads of another one are stale.
const VERSION: u32 = 7;
const FILE: &str = "heads.bin";

/// Names catalogue, examples, encoder, version and how things are learnt: heads with another fingerprint are stale.
pub fn fingerprint(catalog: &Catalog, encoder: &dyn Encoder, options: &Options) -> String {
    let mut hash = Sha256::new();
    // Options hold numbers alone, which can always be written.
    let options = serde_json::to_string(options).unwrap_or_default();
    hash.update(options);
    for part in [&VERSION.to_string(), catalog.fingerprint(), encoder.fingerprint()] {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

impl Heads {
    /// Reads heads from a folder.
    ///
    /// # Errors
    ///
    /// Says whether there are none, or only unreadable ones, or ones with another fingerprint.
    pub fn load(dir: &Path, fingerprint: &str) -> Result<Heads, HeadsError> {
        let path = dir.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(HeadsError::Missing { path });
            }
            Err(e) => return Err(HeadsError::Unreadable { path, reason: e.to_string() }),
        };
        // The fingerprint comes first, so that it can be read even where the rest has another
        // form.
        let stored: Result<(String, &[u8]), _> = postcard::take_from_bytes(&bytes);
        match stored {
            Ok((stored, _)) if stored != fingerprint => Err(HeadsError::Stale { path }),
            Ok(_) => postcard::from_bytes(&bytes)
                .map_err(|e| HeadsError::Unreadable { path, reason: e.to_string() }),
            Err(e) => Err(HeadsError::Unreadable { path, reason: e.to_string() }),
        }
    }

    /// Writes heads into a folder, whole or not at all.
    ///
    /// # Errors
    ///
    /// Where the folder can't be made or written.
    pub fn save(&self, dir: &Path) -> Result<(), HeadsError> {
        let path = dir.join(FILE);
        let write = || -> Result<(), Box<dyn std::error::Error>> {
            fs::create_dir_all(dir)?;
            let bytes = postcard::to_stdvec(self)?;
            let draft = dir.join(format!("{FILE}.new"));
            let mut file = fs::File::create(&draft)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            Ok(())
        };
        write().map_err(|e| HeadsError::Unwritable { path: path.clone(), reason: e.to_string() })
    }
}
