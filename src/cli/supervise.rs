//! `steward supervise RUNDIR`: called by the local platform, once per run.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

#[derive(clap::Args)]
pub struct Args {
    /// The folder of the run
    folder: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    steward::jobs::platform::local::supervise(&args.folder)
        .with_context(|| format!("{}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
