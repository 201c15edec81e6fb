//! `steward catalog import PLATFORM`: templates out of the jobs that a platform has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use steward::catalog::{Catalog, JobDraft, Risk, Target};
use steward::config::Config;

use super::check::CatalogFolders;
use super::platform;

#[derive(clap::Args)]
pub struct Args {
    /// The name of a file in `intents/platforms/`, without `.yaml`
    platform: String,
    /// Only these jobs, as the platform calls them
    #[arg(long = "job", value_name = "JOB")]
    jobs: Vec<String>,
    /// How much harm they can do, until somebody has looked at each: low, medium or high
    #[arg(long, default_value = "high", value_parser = risk)]
    risk: Risk,
    /// Write templates again that are there already
    #[arg(long)]
    replace: bool,
}

fn risk(word: &str) -> Result<Risk, String> {
    serde_json::from_value(word.into()).map_err(|_| "should be low, medium or high".to_owned())
}

/// A template that was written, and what stood in its place.
struct Written {
    path: PathBuf,
    before: Option<Vec<u8>>,
}

pub fn run(args: &Args, folders: &CatalogFolders, config: &Config) -> anyhow::Result<ExitCode> {
    let catalog = folders.load(config)?;
    let intents = folders.intents(config);
    let platform = platform::described(&args.platform, intents)?;
    let (drafts, left_out) = super::block_on(async { Ok(platform.jobs(&args.jobs).await?) })?;
    for wanted in &args.jobs {
        let known = drafts.iter().any(|draft| draft.job == *wanted)
            || left_out.iter().any(|left| left.job == *wanted);
        if !known {
            bail!("{} has no job `{wanted}`", args.platform);
        }
    }
    for left in &left_out {
        println!("left out: {} ({})", left.job, left.reason);
    }
    let written = write_all(args, &drafts, &catalog, &intents.join("jobs"))?;
    if let Err(mistakes) = folders.load(config) {
        for file in written {
            file.take_back()?;
        }
        bail!(
            "nothing was imported, because the catalogue would not be right any more:\n{mistakes}"
        );
    }
    println!("{} imported", written.len());
    if !written.is_empty() {
        println!(
            "Look at each: its risk, its names in both languages, its time limit; `steward train` \
             learns them."
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn write_all(
    args: &Args,
    drafts: &[JobDraft],
    catalog: &Catalog,
    folder: &Path,
) -> anyhow::Result<Vec<Written>> {
    let mut taken: BTreeSet<String> = catalog.jobs().iter().map(|job| job.id.0.clone()).collect();
    taken.extend(catalog.commands().iter().map(|command| command.id.0.clone()));
    let mut written = Vec::new();
    for draft in drafts {
        let known = catalog.jobs().iter().find(|job| {
            job.run.platform == args.platform && job.run.target == Target::Job(draft.job.clone())
        });
        let id = match known {
            Some(job) if !args.replace => {
                println!("there already: {} ({})", draft.job, job.id);
                continue;
            }
            Some(job) => job.id.0.clone(),
            None => free(&draft.id(), &args.platform, &taken),
        };
        let path = folder.join(format!("{id}.yaml"));
        if known.is_some() && !path.exists() {
            bail!("{id} stands in a subfolder of {}: move it up to replace it", folder.display());
        }
        let before = std::fs::read(&path).ok();
        let text = draft.to_yaml(&id, &args.platform, args.risk);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .with_context(|| format!("{} can't be written", path.display()))?;
        println!("{}: {}", path.display(), draft.job);
        for sentence in &draft.left_out {
            println!("  {sentence}");
        }
        taken.insert(id);
        written.push(Written { path, before });
    }
    Ok(written)
}

/// An id that nothing has yet.
fn free(id: &str, platform: &str, taken: &BTreeSet<String>) -> String {
    let id = if id.is_empty() { "job" } else { id };
    let platform = platform.replace('-', "_");
    let candidates = [id.to_owned(), format!("{platform}_{id}")];
    let numbered = (2..).map(|number| format!("{platform}_{id}_{number}"));
    let mut all = candidates.into_iter().chain(numbered);
    all.find(|id| !taken.contains(id)).unwrap_or_default()
}

impl Written {
    fn take_back(self) -> anyhow::Result<()> {
        let path = self.path.display();
        match &self.before {
            Some(before) => std::fs::write(&self.path, before),
            None => std::fs::remove_file(&self.path),
        }
        .with_context(|| format!("{path} can't be put back"))
    }
}
