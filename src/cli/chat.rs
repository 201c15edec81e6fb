//! `steward chat`: a conversation in the terminal.

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use steward::channels::Channel;
use steward::channels::terminal::Terminal;
use steward::config::Config;
use steward::start;
use tokio_util::sync::CancellationToken;

use super::understanding::Bar;
use super::{block_on, log_to_file, log_to_stderr};

#[derive(clap::Args, Default)]
pub struct Args {}

pub fn run(_args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    block_on(chat(config))
}

async fn chat(config: &Config) -> anyhow::Result<ExitCode> {
    let state = &config.directories.state;
    let memory = start::memory(config).await?;
    let terminal = Arc::new(Terminal::new(state.join("history.txt")));
    if terminal.is_interactive() {
        log_to_file(log_file(state)?);
    } else {
        log_to_stderr();
    }
    let bar = Bar::new();
    // Nothing else goes on in this process yet.
    let understanding = tokio::task::block_in_place(|| {
        start::understanding(config, &mut |progress| bar.show(progress))
    })?;
    drop(bar);
    let (shutdown, end_of_work) = (CancellationToken::new(), CancellationToken::new());
    let store = memory.store.clone();
    let keeping = tokio::spawn(memory.join().await?.keep(end_of_work.clone()));
    let channels: Vec<Arc<dyn Channel>> = vec![terminal.clone()];
    let bot = start::bot(config, understanding, store, channels, shutdown.clone())?;
    bot.start().await?;
    let conversation = bot.converse(terminal, shutdown.clone()).await;
    shutdown.cancel();
    end_of_work.cancel();
    keeping.await?;
    conversation?;
    Ok(ExitCode::SUCCESS)
}

fn log_file(state: &Path) -> anyhow::Result<File> {
    let path = state.join("steward.log");
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("the log {} can't be written", path.display()))
}
