//! `steward train`: learns the catalogue.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use steward::config::Config;
use steward::nlu::train::{Options, train};
use steward::nlu::{encoder, encoder_folder, heads_folder};

use super::log_to_stderr;
use super::understanding::{Bar, Folders};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    folders: Folders,
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let start = Instant::now();
    let catalog = args.folders.catalog(config)?;
    let models = args.folders.models(config);
    let encoder = encoder::load(&encoder_folder(&models), args.folders.precision)
        .context("the encoder can't be loaded")?;
    let bar = Bar::new();
    let heads = train(&catalog, encoder.as_ref(), &Options::default(), &mut |p| bar.show(p))?;
    drop(bar);
    let folder = heads_folder(&models);
    heads.save(&folder)?;
    println!(
        "learnt {} intents from {} examples in {:.1} s: {}",
        catalog.labels().count(),
        catalog.examples().len(),
        start.elapsed().as_secs_f64(),
        folder.display()
    );
    Ok(ExitCode::SUCCESS)
}
