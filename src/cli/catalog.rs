//! `steward catalog`: what can be asked, as Markdown; `import` makes jobs of a platform part of it.

use std::process::ExitCode;

use anyhow::Context;
use steward::catalog::{Language, TemplateId, document};
use steward::config::Config;

use super::check::CatalogFolders;
use super::import;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    folders: CatalogFolders,
    /// The language of names and descriptions [default: that of the configuration]
    #[arg(long, global = true, value_name = "en|zh", value_parser = language)]
    language: Option<Language>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// A table of the jobs
    List {
        /// Only those with this tag
        #[arg(long)]
        tag: Option<String>,
    },
    /// What a job does, takes and runs; without an id, all jobs
    Show { ids: Vec<String> },
    /// Make templates of the jobs that a platform has, with their parameters
    Import(import::Args),
}

fn language(code: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.code() == code);
    known.ok_or_else(|| "should be en or zh".to_owned())
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let catalog = || args.folders.load(config);
    let language = args.language.unwrap_or(config.conversation.language);
    let text = match args.command {
        Command::Import(import) => return import::run(&import, &args.folders, config),
        Command::List { tag } => document::index(&catalog()?, tag.as_deref(), language),
        Command::Show { ids } if ids.is_empty() => {
            let catalog = catalog()?;
            let jobs = catalog.jobs().iter().map(|job| document::job(&catalog, job, language));
            jobs.collect::<Vec<_>>().join("\n")
        }
        Command::Show { ids } => {
            let catalog = catalog()?;
            let mut texts = Vec::new();
            for id in ids {
                let job = catalog.job(&TemplateId(id.clone()));
                let job = job.with_context(|| {
                    format!("there is no job `{id}`; see `steward catalog list`")
                })?;
                texts.push(document::job(&catalog, job, language));
            }
            texts.join("\n")
        }
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
