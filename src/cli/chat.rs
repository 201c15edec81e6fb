//! `steward chat`: a conversation in the terminal.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use steward::config::Config;
use steward::store::SledStore;

use super::{block_on, log_to_file, log_to_stderr};

#[derive(clap::Args, Default)]
pub struct Args {}

pub fn run(_args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let state = &config.directories.state;
    let _store = SledStore::open(state)?;
    if std::io::stdin().is_terminal() {
        let path = state.join("steward.log");
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("the log {} can't be written", path.display()))?;
        log_to_file(file);
    } else {
        log_to_stderr();
    }
    block_on(async { Ok(ExitCode::SUCCESS) })
}
