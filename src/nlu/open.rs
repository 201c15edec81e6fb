//! Opening understanding from disk: the encoder, and what was learnt, trained anew where it is
//! missing or stale. The only I/O of this room.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::nlu::encoder::{self, Encoder, Engine, LoadError};
use crate::nlu::train::{Heads, HeadsError, Options, Progress, TrainError, fingerprint, train};
use crate::nlu::understand::{Nlu, NluError};

/// Why understanding can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the encoder can't be loaded: {0}")]
    Encoder(#[from] LoadError),
    #[error("the catalogue can't be learnt: {0}")]
    Train(#[from] TrainError),
    #[error(transparent)]
    Heads(#[from] HeadsError),
    #[error(transparent)]
    Nlu(#[from] NluError),
}

/// Where in a models folder the shipped encoder is.
pub fn shipped_folder(models: &Path) -> PathBuf {
    models.join("encoder")
}

/// Where in a models folder a fine-tuned encoder is, if there is one.
pub fn tuned_folder(models: &Path) -> PathBuf {
    models.join("encoder-tuned")
}

/// Where in a models folder the encoder in use is: the fine-tuned one, else the shipped one.
pub fn encoder_folder(models: &Path) -> PathBuf {
    let tuned = tuned_folder(models);
    if tuned.is_dir() { tuned } else { shipped_folder(models) }
}

/// Where in a models folder what was learnt is kept.
pub fn heads_folder(models: &Path) -> PathBuf {
    models.join("heads")
}

/// Opens understanding of a catalogue with the models of a folder. What is missing or stale is
/// learnt and written first; `progress` is called while that goes on.
///
/// # Errors
///
/// Where the encoder is missing or unfit, or what was learnt can't be written.
pub fn open(
    catalog: Arc<Catalog>,
    models: &Path,
    engine: impl Into<Engine>,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Nlu, OpenError> {
    let encoder = encoder::load(&encoder_folder(models), engine)?;
    let heads = heads(&catalog, encoder.as_ref(), models, options, progress)?;
    Ok(Nlu::new(catalog, encoder, heads)?)
}

fn heads(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    models: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Heads, OpenError> {
    let folder = heads_folder(models);
    match Heads::load(&folder, &fingerprint(catalog, encoder, options)) {
        Ok(heads) => return Ok(heads),
        Err(reason) => tracing::info!(%reason, "training"),
    }
    let heads = train(catalog, encoder, options, progress)?;
    heads.save(&folder)?;
    Ok(heads)
}
