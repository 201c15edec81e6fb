//! `steward platform check NAME`: whether a remote platform can be reached, knows who we are, and
//! is described without mistakes.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Subcommand;
use steward::catalog::{JobTemplate, TemplateId};
use steward::config::Config;
use steward::jobs::platform::Templates;
use steward::jobs::platform::http::{HttpPlatform, PRESETS, Spec};
use steward::store::MemoryStore;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Try a platform's credentials, without starting anything
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

async fn check(name: &str, config: &Config) -> anyhow::Result<ExitCode> {
    let folder = config.directories.intents.join("platforms");
    let path = folder.join(format!("{name}.yaml"));
    if name.contains(['/', '\\']) || !path.exists() {
        bail!("there is no platform '{name}': {} is not there", path.display());
    }
    let spec = Spec::load(&path)?;
    let address = spec.base_url.clone();
    let platform =
        HttpPlatform::new(name, spec, Arc::new(MemoryStore::default()), Arc::new(NoJobs))?;
    platform.check().await.with_context(|| format!("{name} at {address}"))?;
    println!("{name}: {} at {address} answers, and accepts the credentials", platform.vendor());
    Ok(ExitCode::SUCCESS)
}

/// A check starts nothing, so it needs no job.
struct NoJobs;

impl Templates for NoJobs {
    fn template(&self, _: &TemplateId) -> Option<Arc<JobTemplate>> {
        None
    }
}
