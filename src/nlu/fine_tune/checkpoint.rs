//! Checkpoints: what an interrupted run is taken up from.
//!
//! A checkpoint is two files. The tensors come first, under a name with the step; then the run's
//! own few numbers, renamed into place, say which tensors belong to them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::FineTuneError;
use super::network::Network;
use super::optimizer::AdamW;

const FILE: &str = "run.json";

/// Where a run stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Steps taken.
    pub step: usize,
    /// The lowest loss on the held-out fold, at the end of any epoch.
    pub best: Option<f64>,
    /// Epochs since then.
    pub without_gain: usize,
}

/// A run as it was written.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// Catalogue, encoder and settings; a run with another name is not taken up.
    name: String,
    tensors: String,
    run: Run,
}

/// A run that can be taken up.
pub struct Checkpoint {
    run: Run,
    tensors: PathBuf,
}

impl Checkpoint {
    /// Finds the checkpoint of a run; none where there is none of that name.
    pub fn load(workshop: &Path, name: &str) -> Result<Option<Self>, FineTuneError> {
        let path = workshop.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path, error)),
        };
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|e| failed(&path, e))?;
        let tensors = workshop.join(stored.tensors);
        let same = stored.name == name && tensors.is_file();
        Ok(same.then_some(Checkpoint { run: stored.run, tensors }))
    }

    /// Fills network and optimizer with what was stored; returns where the run stands.
    pub fn restore(
        self,
        network: &mut Network,
        optimizer: &mut AdamW,
    ) -> Result<Run, FineTuneError> {
        let tensors =
            Tensor::read_safetensors(&self.tensors).map_err(|e| failed(&self.tensors, e))?;
        let mut tensors: std::collections::HashMap<String, Tensor> = tensors.into_iter().collect();
        let device = network.trainable().first().map_or(tch::Device::Cpu, |(_, t)| t.device());
        for moments in optimizer.restore(self.run.step) {
            for (kind, into) in [
                ("parameter", &mut moments.parameter),
                ("first", &mut moments.first),
                ("second", &mut moments.second),
            ] {
                let name = format!("{kind}.{}", moments.name);
                let stored = tensors
                    .remove(&name)
                    .filter(|stored| stored.size() == into.size())
                    .ok_or_else(|| failed(&self.tensors, format!("`{name}` is missing")))?;
                // Parameters share their storage with the network.
                tch::no_grad(|| into.copy_(&stored.to_device(device)));
            }
        }
        Ok(self.run)
    }

    /// Writes a checkpoint in place of the last one.
    pub fn save(
        workshop: &Path,
        name: &str,
        run: &Run,
        optimizer: &AdamW,
    ) -> Result<(), FineTuneError> {
        fs::create_dir_all(workshop).map_err(|e| failed(workshop, e))?;
        let file = format!("step-{}.safetensors", run.step);
        let path = workshop.join(&file);
        let mut tensors = Vec::new();
        for moments in optimizer.moments() {
            for (kind, tensor) in [
                ("parameter", &moments.parameter),
                ("first", &moments.first),
                ("second", &moments.second),
            ] {
                let tensor = tensor.detach().to_device(tch::Device::Cpu).contiguous();
                tensors.push((format!("{kind}.{}", moments.name), tensor));
            }
        }
        Tensor::write_safetensors(&tensors, &path).map_err(|e| failed(&path, e))?;
        let stored = Stored { name: name.to_owned(), tensors: file.clone(), run: run.clone() };
        let run_file = workshop.join(FILE);
        let draft = workshop.join(format!("{FILE}.new"));
        let bytes = serde_json::to_vec_pretty(&stored).map_err(|e| failed(&draft, e))?;
        fs::write(&draft, bytes).map_err(|e| failed(&draft, e))?;
        fs::rename(&draft, &run_file).map_err(|e| failed(&run_file, e))?;
        remove_others(workshop, &file)
    }
}

/// Removes a run with everything that it wrote.
pub fn clear(workshop: &Path) -> Result<(), FineTuneError> {
    match fs::remove_dir_all(workshop) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(workshop, error)),
        _ => Ok(()),
    }
}

/// Removes the tensors of earlier checkpoints.
fn remove_others(workshop: &Path, keep: &str) -> Result<(), FineTuneError> {
    for entry in fs::read_dir(workshop).map_err(|e| failed(workshop, e))? {
        let entry = entry.map_err(|e| failed(workshop, e))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("step-") && name != keep {
            fs::remove_file(entry.path()).map_err(|e| failed(&entry.path(), e))?;
        }
    }
    Ok(())
}

pub(super) fn failed(path: &Path, reason: impl std::fmt::Display) -> FineTuneError {
    FineTuneError::File { path: path.to_owned(), reason: reason.to_string() }
}
