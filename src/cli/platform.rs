//! `steward platform check NAME`: whether a remote platform can be reached, knows who we are, is
//! described without mistakes, and has the jobs that the catalogue asks it for.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Subcommand;
use steward::catalog::{Catalog, JobDraft, JobTemplate, Target, TemplateId};
use steward::config::Config;
use steward::jobs::platform::Templates;
use steward::jobs::platform::http::{HttpPlatform, LeftOut, PRESETS, Spec};
use steward::store::MemoryStore;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Try a platform's credentials, and whether it has the catalogue's jobs; starts nothing
    Check {
        /// The name of a file in `intents/platforms/`, without `.yaml`
        name: String,
    },
    /// List the presets that a platform's file can build on
    Presets,
}

pub fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Check { name } => super::block_on(check(name, config)),
        Action::Presets => {
            for (name, _) in PRESETS {
                println!("{name}");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The platform that is described under this name, to be asked and not to start anything.
pub fn described(name: &str, intents: &Path) -> anyhow::Result<HttpPlatform> {
    let path = intents.join("platforms").join(format!("{name}.yaml"));
    if name.contains(['/', '\\']) || !path.exists() {
        bail!("there is no platform '{name}': {} is not there", path.display());
    }
    let spec = Spec::load(&path)?;
    let store = Arc::new(MemoryStore::default());
    Ok(HttpPlatform::new(name, spec, store, Arc::new(NoJobs))?)
}

async fn check(name: &str, config: &Config) -> anyhow::Result<ExitCode> {
    let directories = &config.directories;
    let platform = described(name, &directories.intents)?;
    let address = platform.address();
    platform.check().await.with_context(|| format!("{name} at {address}"))?;
    println!("{name}: {} at {address} answers, and accepts the credentials", platform.vendor());
    if !platform.lists_jobs() {
        println!("its description doesn't say how to list jobs, so they can't be compared");
        return Ok(ExitCode::SUCCESS);
    }
    let catalog = Catalog::load(&directories.intents, &directories.training_data)?;
    let (drafts, left_out) = platform.jobs(&[]).await.with_context(|| format!("jobs of {name}"))?;
    let ours = catalog.jobs().iter().filter(|job| job.run.platform == name);
    let (mut compared, mut wrong) = (0, 0);
    for template in ours {
        compared += 1;
        for mistake in differences(template, &drafts, &left_out) {
            println!("{}: {mistake}", template.id);
            wrong += 1;
        }
    }
    println!(
        "{} jobs there; of {compared} templates, {wrong} mistakes",
        drafts.len() + left_out.len()
    );
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a template says otherwise than the platform.
fn differences(template: &JobTemplate, drafts: &[JobDraft], left_out: &[LeftOut]) -> Vec<String> {
    let Target::Job(job) = &template.run.target else { return Vec::new() };
    let Some(draft) = drafts.iter().find(|draft| draft.job == *job) else {
        return match left_out.iter().find(|left| left.job == *job) {
            Some(left) => vec![format!("{job}: {}", left.reason)],
            None => vec![format!("there is no job `{job}`")],
        };
    };
    let called = |name: &String| template.run.names.get(name).unwrap_or(name).clone();
    let names: Vec<String> = template.parameters.iter().map(|p| called(&p.name)).collect();
    let unknown = names.iter().filter(|name| draft.parameters.iter().all(|p| p.name != **name));
    let unknown = unknown.map(|name| format!("`{job}` has no parameter `{name}`"));
    let needed = draft.parameters.iter().filter(|p| p.required && !names.contains(&p.name));
    let needed = needed.map(|p| format!("`{job}` needs `{}`, which is not given", p.name));
    unknown.chain(needed).collect()
}

/// What is asked and starts nothing needs no job.
struct NoJobs;

impl Templates for NoJobs {
    fn template(&self, _: &TemplateId) -> Option<Arc<JobTemplate>> {
        None
    }
}
