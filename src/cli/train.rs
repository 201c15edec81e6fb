//! `steward train`: learns the catalogue.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use steward::config::Config;
use steward::nlu::train::train;
use steward::nlu::{encoder, encoder_folder, heads_folder, tuned_folder};

use super::understanding::{Bar, Folders, options};
use super::{fine_tune, log_to_stderr};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    folders: Folders,
    /// Train the encoder itself on the catalogue first; needs a build with rust-bert and some
    /// minutes. An interrupted training is taken up again by the same command
    #[arg(long)]
    fine_tune: bool,
    /// Fine-tune in at most so many passes over the examples
    #[arg(long, value_name = "N", requires = "fine_tune")]
    epochs: Option<usize>,
    /// What is drawn by lot while fine-tuning: the same seed gives the same encoder
    #[arg(long, value_name = "N", requires = "fine_tune")]
    seed: Option<u64>,
    /// Go back to the shipped encoder
    #[arg(long, conflicts_with = "fine_tune")]
    reset: bool,
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let start = Instant::now();
    let catalog = args.folders.catalog(config)?;
    let models = args.folders.models(config);
    if args.reset {
        reset(&models)?;
    }
    if args.fine_tune {
        fine_tune::run(&catalog, &models, args.epochs, args.seed)?;
    }
    let encoder = encoder::load(&encoder_folder(&models), args.folders.engine(config))
        .context("the encoder can't be loaded")?;
    let bar = Bar::new();
    let heads = train(&catalog, encoder.as_ref(), &options(config), &mut |p| bar.show(p))?;
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

/// Removes the fine-tuned encoder, if there is one.
fn reset(models: &Path) -> anyhow::Result<()> {
    let tuned = tuned_folder(models);
    match std::fs::remove_dir_all(&tuned) {
        Ok(()) => println!("back to the shipped encoder: {} is removed", tuned.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("the shipped encoder is in use already");
        }
        Err(error) => {
            return Err(error).with_context(|| format!("{} can't be removed", tuned.display()));
        }
    }
    Ok(())
}
