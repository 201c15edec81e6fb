//! `steward evaluate`: measures understanding.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use steward::config::Config;
use steward::nlu::evaluate::{Case, Comparison, Report, cross_validated, on_cases, page};
use steward::nlu::train::Options;
use steward::nlu::values::presentable;
use steward::nlu::{encoder, encoder_folder};

use super::log_to_stderr;
use super::understanding::{Bar, Folders, options, reference};

#[derive(clap::Args)]
pub struct Args {
    /// Measure on this file, one JSON object a line; without it, by cross-validation on the
    /// catalogue's own examples
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
    /// How many folds cross-validation has
    #[arg(long, value_name = "N", default_value_t = Options::default().folds, value_parser = folds)]
    folds: usize,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Say what got better or worse since this report (written by --json)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

fn folds(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 2 => Ok(n),
        _ => Err("should be a number from 2 on".to_owned()),
    }
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let report = measure(&args, config)?;
    // What was said comes from a file, and is shown on a terminal.
    print!("{}", presentable(&report.to_string()));
    if let Some(file) = &args.baseline {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the baseline {} can't be read", file.display()))?;
        let before: Report = serde_json::from_str(&text)
            .with_context(|| format!("{} is no report of `steward evaluate`", file.display()))?;
        print!("\n{}", presentable(&Comparison::of(&before, &report).to_string()));
    }
    if let Some(file) = &args.json {
        write(file, serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &args.html {
        write(file, page(&report)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(args: &Args, config: &Config) -> anyhow::Result<Report> {
    let catalog = args.folders.catalog(config)?;
    let models = args.folders.models(config);
    let reference = reference(config);
    let bar = Bar::new();
    match &args.test {
        Some(file) => {
            let cases = Case::read(file, &catalog)?;
            let nlu = args.folders.open(config, catalog)?;
            let outcomes = on_cases(&nlu, &cases, &reference, &mut |_| {});
            Ok(Report::of(&file.display().to_string(), &cases, &outcomes))
        }
        None => {
            let encoder = encoder::load(&encoder_folder(&models), args.folders.engine(config))
                .context("the encoder can't be loaded")?;
            let options = Options { folds: args.folds, ..options(config) };
            let (cases, outcomes) =
                cross_validated(&catalog, encoder.as_ref(), &options, &reference, &mut |p| {
                    bar.show(p);
                })?;
            let source = format!("the catalogue's examples, in {} folds", args.folds);
            Ok(Report::of(&source, &cases, &outcomes))
        }
    }
}

fn write(file: &PathBuf, content: String) -> anyhow::Result<()> {
    std::fs::write(file, content).with_context(|| format!("{} can't be written", file.display()))
}
