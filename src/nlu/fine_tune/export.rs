//! Writes what was learnt as a model directory that any engine loads.

use std::fs;
use std::path::{Path, PathBuf};

use tch::{Device, Kind, Tensor};

use super::FineTuneError;
use super::checkpoint::failed;
use super::network::Network;
use crate::nlu::encoder::Parts;

/// Where in a workshop the best encoder so far lies.
pub fn draft_folder(workshop: &Path) -> PathBuf {
    workshop.join("encoder")
}

/// Writes the encoder in half precision, as the shipped one is, with the shipped configuration and tokenizer.
pub fn write_draft(workshop: &Path, parts: &Parts, network: &Network) -> Result<(), FineTuneError> {
    let folder = draft_folder(workshop);
    let new = workshop.join("encoder.new");
    remove(&new)?;
    fs::create_dir_all(&new).map_err(|e| failed(&new, e))?;
    for (from, name) in
        [(&parts.files.config, "config.json"), (&parts.files.tokenizer, "tokenizer.json")]
    {
        fs::copy(from, new.join(name)).map_err(|e| failed(from, e))?;
    }
    let tensors: Vec<(String, Tensor)> = network
        .encoder()
        .into_iter()
        .map(|(name, tensor)| {
            let tensor = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Half).contiguous();
            (name, tensor)
        })
        .collect();
    let weights = new.join("model.safetensors");
    Tensor::write_safetensors(&tensors, &weights).map_err(|e| failed(&weights, e))?;
    let card = new.join("MODEL_CARD.md");
    fs::write(&card, CARD).map_err(|e| failed(&card, e))?;
    remove(&folder)?;
    fs::rename(&new, &folder).map_err(|e| failed(&folder, e))
}

/// Moves a draft to where the engine finds it, in place of an earlier one.
pub fn put_in_use(draft: &Path, folder: &Path) -> Result<(), FineTuneError> {
    remove(folder)?;
    fs::rename(draft, folder).map_err(|e| failed(folder, e))
}

fn remove(folder: &Path) -> Result<(), FineTuneError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(folder, error)),
        _ => Ok(()),
    }
}

/// What is said of a fine-tuned encoder beside it.
const CARD: &str = "\
# A fine-tuned encoder

Steward's shipped encoder (`../encoder`, see its MODEL_CARD.md), trained further on this catalogue's own
examples by `steward train --fine-tune`. It knows this catalogue better and others hardly less; where the
catalogue changes much, fine-tune again. `steward train --reset` goes back to the shipped one.
";
