//! `steward check`: whether the catalogue is right. Every mistake is shown at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use steward::catalog::{Catalog, CommandKind, Language, Mistakes};
use steward::config::Config;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    folders: CatalogFolders,
    /// Let warnings fail, too
    #[arg(long)]
    strict: bool,
}

/// Another catalogue than the configuration's.
#[derive(clap::Args)]
pub struct CatalogFolders {
    /// The folder with commands.yaml and jobs/
    #[arg(long, value_name = "DIR")]
    intents: Option<PathBuf>,
    /// The folder with the example requests
    #[arg(long, value_name = "DIR")]
    training_data: Option<PathBuf>,
}

impl CatalogFolders {
    pub fn intents<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.intents.as_ref().unwrap_or(&config.directories.intents)
    }

    pub fn load(&self, config: &Config) -> Result<Catalog, Mistakes> {
        let directories = &config.directories;
        let intents = self.intents(config);
        let training_data = self.training_data.as_ref().unwrap_or(&directories.training_data);
        Catalog::load(intents, training_data)
    }
}

pub fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let catalog = match args.folders.load(config) {
        Ok(catalog) => catalog,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let chats: Vec<String> = config.notify.keys().cloned().collect();
    let mut warnings = catalog.warnings().to_vec();
    warnings.extend(catalog.check_surroundings(Path::new(""), &chats));
    for warning in &warnings {
        eprintln!("{warning}\n");
    }
    println!("{}", summary(&catalog, warnings.len()));
    let failed = args.strict && !warnings.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn summary(catalog: &Catalog, warnings: usize) -> String {
    let of_kind = |kind| catalog.commands().iter().filter(|c| c.kind == kind).count();
    let of_language =
        |language| catalog.examples().iter().filter(|e| e.language == language).count();
    format!(
        "{} jobs, {} commands, {} dialogue acts, {} English and {} Chinese examples: no mistakes, \
         {warnings} warnings",
        catalog.jobs().len(),
        of_kind(CommandKind::Command),
        of_kind(CommandKind::Act),
        of_language(Language::En),
        of_language(Language::Zh),
    )
}
