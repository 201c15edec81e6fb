//! `steward train --fine-tune`: trains the encoder itself, where this program was built for it.

use std::path::Path;

use steward::catalog::Catalog;

/// Fine-tunes the encoder of a models folder; what is in use afterwards is the better one.
#[cfg(not(feature = "rust-bert"))]
pub fn run(
    _catalog: &Catalog,
    _models: &Path,
    _epochs: Option<usize>,
    _seed: Option<u64>,
) -> anyhow::Result<()> {
    anyhow::bail!(
        "this program was built without rust-bert, which fine-tuning needs: build it with \
         `cargo build --release --features rust-bert` (scripts/libtorch.sh fetches libtorch)"
    )
}

/// Fine-tunes the encoder of a models folder; what is in use afterwards is the better one.
#[cfg(feature = "rust-bert")]
pub fn run(
    catalog: &Catalog,
    models: &Path,
    epochs: Option<usize>,
    seed: Option<u64>,
) -> anyhow::Result<()> {
    use steward::nlu::fine_tune::{Outcome, Settings, fine_tune};

    let mut settings = Settings::default();
    settings.epochs = epochs.unwrap_or(settings.epochs);
    settings.seed = seed.unwrap_or(settings.seed);
    let bar = bar::Bar::new();
    let outcome = fine_tune(catalog, models, &settings, &mut |progress| bar.show(progress))?;
    drop(bar);
    match outcome {
        Outcome::Better { before, after, folder } => println!(
            "the fine-tuned encoder is in use: on examples held out, intents {:.1} % (before: \
             {:.1} %), slots {:.3} (before: {:.3}): {}",
            after.intents * 100.0,
            before.intents * 100.0,
            after.slots,
            before.slots,
            folder.display()
        ),
        Outcome::NotBetter { before, after } => println!(
            "the encoder stays as it is: fine-tuned, it did no better on examples held out: \
             intents {:.1} % (before: {:.1} %), slots {:.3} (before: {:.3})",
            after.intents * 100.0,
            before.intents * 100.0,
            after.slots,
            before.slots
        ),
    }
    Ok(())
}

#[cfg(feature = "rust-bert")]
mod bar {
    use indicatif::{ProgressBar, ProgressStyle};
    use steward::nlu::fine_tune::Progress;

    /// A progress bar on stderr with the time left; what happened at the end of an epoch stays
    /// above it.
    pub struct Bar(ProgressBar);

    impl Bar {
        pub fn new() -> Self {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template(
                "{msg:<32} {bar:30} {pos}/{len} {elapsed} ({eta} left)",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message("fine-tuning the encoder");
            Bar(bar)
        }

        pub fn show(&self, progress: Progress) {
            match progress {
                Progress::Learning { step, steps, loss } => {
                    if self.0.length() != Some(steps as u64) {
                        // Steps of an earlier, interrupted run say nothing of this one's speed.
                        self.0.set_length(steps as u64);
                        self.0.set_position(step as u64);
                        self.0.reset_eta();
                    }
                    self.0.set_position(step as u64);
                    self.0.set_message(format!("fine-tuning (loss {loss:.3})"));
                }
                Progress::Epoch { epoch, loss, best } => {
                    let best = if best { ", the lowest so far" } else { "" };
                    let line = format!("epoch {epoch}: loss {loss:.4} on examples held out{best}");
                    if self.0.is_hidden() {
                        eprintln!("{line}");
                    } else {
                        self.0.println(line);
                    }
                }
                Progress::Judging => self.0.set_message("comparing with the encoder in use"),
            }
        }
    }

    impl Drop for Bar {
        fn drop(&mut self) {
            self.0.finish_and_clear();
        }
    }
}
