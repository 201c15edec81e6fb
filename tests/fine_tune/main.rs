//! Fine-tuning: it can be interrupted, it is repeatable, and it never touches the shipped encoder.
//!
//! Built with the feature `rust-bert` alone. The encoder here is the shipped one cut to two layers,
//! the catalogue three jobs of the example: small enough to learn in a moment.

#![cfg(feature = "rust-bert")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use steward::catalog::Catalog;
use steward::nlu::encoder::{Engine, Precision, load};
use steward::nlu::fine_tune::{Outcome, Progress, Settings, fine_tune};
use steward::nlu::{encoder_folder, shipped_folder, tuned_folder};
use tempfile::TempDir;

const JOBS: [&str; 3] = ["backup_database", "change_log_level", "clear_cache"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn catalog() -> Catalog {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let copy = |path: String| {
        let to = dir.path().join(&path);
        fs::create_dir_all(to.parent().expect("it has a folder")).expect("a folder");
        fs::copy(project().join(&path), to).expect("the example catalogue is there");
    };
    for file in ["intents/commands.yaml", "intents/parameters.yaml"] {
        copy(file.into());
    }
    for job in JOBS {
        copy(format!("intents/jobs/{job}.yaml"));
        copy(format!("training-data/en/{job}.yaml"));
        copy(format!("training-data/zh/{job}.yaml"));
    }
    let (intents, training) = (dir.path().join("intents"), dir.path().join("training-data"));
    Catalog::load(&intents, &training).expect("a part of the example catalogue is a catalogue")
}

/// A models folder with the shipped encoder, cut to two layers.
fn models() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (from, to) = (project().join("models/encoder"), shipped_folder(dir.path()));
    fs::create_dir(&to).expect("a folder");
    for name in ["tokenizer.json", "model.safetensors"] {
        std::os::unix::fs::symlink(from.join(name), to.join(name)).expect("a link");
    }
    let config = fs::read_to_string(from.join("config.json")).expect("the configuration");
    let config = config.replace("\"num_hidden_layers\": 12", "\"num_hidden_layers\": 2");
    fs::write(to.join("config.json"), config).expect("a file");
    dir
}

fn settings() -> Settings {
    Settings { epochs: 2, batch: 8, rate: 1e-4, ..Settings::default() }
}

/// Fine-tunes; returns the outcome and every step's loss. Panics before step `until`, if that is given.
fn run(catalog: &Catalog, models: &Path, until: Option<usize>) -> (Option<Outcome>, Vec<f64>) {
    let mut losses = Vec::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        fine_tune(catalog, models, &settings(), &mut |progress| {
            if let Progress::Learning { step, loss, .. } = progress {
                assert!(until.is_none_or(|until| step < until), "interrupted");
                losses.push(loss);
            }
        })
    }));
    (outcome.ok().map(|outcome| outcome.expect("fine-tuning works")), losses)
}

#[test]
fn an_interrupted_run_goes_on_as_if_it_had_not_been() {
    let catalog = catalog();
    let whole = models();
    let (outcome, losses) = run(&catalog, whole.path(), None);
    let outcome = outcome.expect("nothing interrupts it");
    let epoch = losses.len() / 2;
    assert!(losses[epoch..].iter().sum::<f64>() < losses[..epoch].iter().sum::<f64>());

    let halves = models();
    let (none, first) = run(&catalog, halves.path(), Some(epoch + 2));
    assert_eq!(none, None);
    assert!(!tuned_folder(halves.path()).exists(), "a run that isn't over puts nothing in use");
    let (outcome_of_halves, second) = run(&catalog, halves.path(), None);
    // It is taken up at the last checkpoint, the end of the first epoch.
    assert_eq!(second.len(), losses.len() - epoch);
    assert_eq!([&first[..epoch], &second].concat(), losses);

    let (before, after) = match &outcome {
        Outcome::Better { before, after, .. } | Outcome::NotBetter { before, after } => {
            (before, after)
        }
    };
    let scores = match outcome_of_halves.expect("nothing interrupts it") {
        Outcome::Better { before, after, .. } | Outcome::NotBetter { before, after } => {
            (before, after)
        }
    };
    assert_eq!(scores, (*before, *after));
    in_use(whole.path(), &outcome);
}

/// What is in use is what the outcome says, in every engine; the shipped encoder is as it was.
fn in_use(models: &Path, outcome: &Outcome) {
    let better = matches!(outcome, Outcome::Better { .. });
    assert_eq!(encoder_folder(models) == tuned_folder(models), better);
    let shipped = load(&shipped_folder(models), Precision::Float).expect("it loads");
    let used = load(&encoder_folder(models), Precision::Float).expect("it loads");
    assert_eq!(shipped.fingerprint() == used.fingerprint(), !better);
    let text = ["back up the orders database"];
    let [rten, torch] = [Engine::Rten(Precision::Float), Engine::RustBert].map(|engine| {
        let encoder = load(&encoder_folder(models), engine).expect("it loads");
        encoder.encode(&text).expect("any text can be encoded")[0].sentence()
    });
    let likeness: f32 = rten.iter().zip(&torch).map(|(x, y)| x * y).sum();
    assert!(likeness > 0.9999, "{likeness}");
    assert!(!models.join("fine-tuning").exists(), "a run that is over leaves nothing behind");
}

#[test]
fn another_seed_is_another_run() {
    let catalog = catalog();
    let models = models();
    let (_, first) = run(&catalog, models.path(), Some(3));
    let settings = Settings { seed: 2, ..settings() };
    let mut second = Vec::new();
    let stopped = catch_unwind(AssertUnwindSafe(|| {
        fine_tune(&catalog, models.path(), &settings, &mut |progress| {
            if let Progress::Learning { step, loss, .. } = progress {
                assert!(step < 3, "interrupted");
                second.push(loss);
            }
        })
    }));
    assert!(stopped.is_err());
    assert_eq!((first.len(), second.len()), (2, 2));
    assert_ne!(first, second);
}
