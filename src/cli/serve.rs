//! `steward serve`: the long-running form, with every channel that is configured.

use std::net::SocketAddr;
use std::process::ExitCode;

use steward::channels::configured;
use steward::config::{Config, Web};
use steward::start;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::understanding::Bar;
use super::{block_on, log_to_stderr};

#[derive(clap::Args)]
pub struct Args {
    /// Serve the web page here, such as 127.0.0.1:8080, whatever the configuration says
    #[arg(long, value_name = "ADDRESS:PORT")]
    web: Option<SocketAddr>,
}

/// Said where the configuration names no channel.
const NOBODY_CAN_TALK: &str = "\
steward: serving without a channel: runs and schedules go on, but nobody can talk to Steward.
Configure one in steward.yaml, for instance `channels: {web: {listen: \"127.0.0.1:8080\"}}`, or chat
here with `steward chat`.";

pub fn run(args: &Args, mut config: Config) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    if let Some(listen) = args.web {
        let url = config.channels.web.and_then(|web| web.url);
        config.channels.web = Some(Web { listen, url });
    }
    let config = &config;
    let store = start::store(config)?;
    let bar = Bar::new();
    let understanding = start::understanding(config, &mut |progress| bar.show(progress))?;
    drop(bar);
    block_on(async {
        let shutdown = CancellationToken::new();
        let channels = configured(config, &store)?;
        let bot = start::bot(config, understanding, store, channels.clone(), shutdown.clone())?;
        bot.start().await?;
        if channels.is_empty() {
            eprintln!("{NOBODY_CAN_TALK}");
        }
        let mut running = JoinSet::new();
        for channel in channels {
            running.spawn(channel.run(bot.clone(), shutdown.clone()));
        }
        tracing::info!("serving");
        let mut terminate = signal(SignalKind::terminate())?;
        let mut code = ExitCode::SUCCESS;
        tokio::select! {
            _ = terminate.recv() => tracing::info!("asked to end"),
            interrupt = tokio::signal::ctrl_c() => interrupt?,
            Some(ended) = running.join_next() => {
                // A channel that ends by itself has failed: the others go down with it, and
                // whoever supervises this process starts it again.
                ended??;
                code = ExitCode::FAILURE;
            }
        }
        shutdown.cancel();
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        bot.quiet().await;
        Ok(code)
    })
}
