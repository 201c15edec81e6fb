//! What the subcommands around understanding share: where the catalogue and the models are, and
//! the progress bar of training.

use std::path::PathBuf;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use steward::catalog::Catalog;
use steward::config::Config;
use steward::nlu::encoder::Engine;
use steward::nlu::train::{Options, Progress, Stage};
use steward::nlu::values::Reference;
use steward::nlu::{Nlu, open};

/// Another catalogue or other models than the configuration's.
#[derive(clap::Args, Default)]
pub struct Folders {
    /// The folder with commands.yaml and jobs/
    #[arg(long, value_name = "DIR")]
    intents: Option<PathBuf>,
    /// The folder with the example requests
    #[arg(long, value_name = "DIR")]
    training_data: Option<PathBuf>,
    /// The folder with encoder/ and heads/
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// What runs the encoder, and in which precision; the configuration's by default
    #[arg(long, value_name = "int8|float|rust-bert")]
    engine: Option<Engine>,
}

impl Folders {
    pub fn models(&self, config: &Config) -> PathBuf {
        self.models.clone().unwrap_or_else(|| config.directories.models.clone())
    }

    pub fn engine(&self, config: &Config) -> Engine {
        self.engine.unwrap_or_else(|| config.understanding.precision.into())
    }

    /// Understanding of a catalogue, which is learnt first where that has not been done.
    pub fn open(&self, config: &Config, catalog: Arc<Catalog>) -> anyhow::Result<Nlu> {
        let bar = Bar::new();
        let (models, options) = (self.models(config), options(config));
        Ok(open(catalog, &models, self.engine(config), &options, &mut |p| bar.show(p))?)
    }

    /// The catalogue, checked.
    pub fn catalog(&self, config: &Config) -> anyhow::Result<Arc<Catalog>> {
        let directories = &config.directories;
        let intents = self.intents.as_ref().unwrap_or(&directories.intents);
        let training = self.training_data.as_ref().unwrap_or(&directories.training_data);
        Ok(Arc::new(Catalog::load(intents, training)?))
    }
}

/// How the catalogue is learnt.
pub fn options(config: &Config) -> Options {
    Options::at_risk(config.understanding.risk)
}

/// Now, in the configured time zone.
pub fn reference(config: &Config) -> Reference {
    let zone = config.conversation.time_zone.clone();
    Reference { now: jiff::Timestamp::now().to_zoned_datetime(zone) }
}

/// A progress bar on stderr for training; it stays away until there is something to show.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn new() -> Self {
        let bar = ProgressBar::new(1000);
        let style = ProgressStyle::with_template("{msg:<32} {bar:30} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar(bar)
    }

    pub fn show(&self, progress: Progress) {
        self.0.set_message(match progress.stage {
            Stage::Encoding => "reading the examples",
            Stage::Intents => "learning the intents",
            Stage::Slots => "learning the slots",
            Stage::Gate => "weighing certainty",
        });
        self.0.set_position((progress.share * 1000.0) as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
