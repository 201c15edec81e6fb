//! `steward serve`: the long-running form, with every channel that is configured.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use steward::bot::Bot;
use steward::channels::configured;
use steward::config::{Config, Web};
use steward::observe::{self, Observed};
use steward::reload::{Part, Reloader};
use steward::{serving, start};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::understanding::Bar;
use super::{LogFormat, block_on, log_of_service};

#[derive(clap::Args)]
pub struct Args {
    /// Serve the web page here, such as 127.0.0.1:8080, whatever the configuration says
    #[arg(long, value_name = "ADDRESS:PORT")]
    web: Option<SocketAddr>,
    /// How the log is written, to stderr
    #[arg(long, value_enum, env = "STEWARD_LOG_FORMAT", default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

/// Said where the configuration names no channel.
const NOBODY_CAN_TALK: &str = "\
serving without a channel: runs and schedules go on, but nobody can talk to Steward; configure one \
in steward.yaml, for instance `channels: {web: {listen: \"127.0.0.1:8080\"}}`, or chat here with \
`steward chat`";

/// What was begun has so long to end: messages that are being handled, and answers to them.
const ENDING: Duration = Duration::from_secs(20);

/// Parts of the service that run until they are told to end.
type Running = JoinSet<anyhow::Result<()>>;

pub fn run(args: &Args, mut config: Config) -> anyhow::Result<ExitCode> {
    log_of_service(args.log_format);
    if let Some(listen) = args.web {
        let url = config.channels.web.and_then(|web| web.url);
        config.channels.web = Some(Web { listen, url });
    }
    serving::raise_limit();
    block_on(serve(&config))
}

async fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    let shutdown = CancellationToken::new();
    let memory = start::memory(config).await?;
    let mut running = Running::new();
    let observed = observe(config, &shutdown, &mut running).await?;
    let learning = config.clone();
    let understanding = tokio::task::spawn_blocking(move || {
        let bar = Bar::new();
        start::understanding(&learning, &mut |progress| bar.show(progress))
    });
    let understanding = understanding.await??;
    // Up to here nothing is in progress, and a signal may simply end the process.
    let mut signals = Signals::new()?;
    let (store, end_of_work) = (memory.store.clone(), CancellationToken::new());
    let mut keeping = tokio::spawn(memory.join().await?.keep(end_of_work.clone()));
    let channels = configured(config, &store)?;
    let bot = start::bot(config, understanding, store, channels.clone(), shutdown.clone())?;
    bot.start().await?;
    if let Some(observed) = observed {
        observed.started(bot.clone());
    }
    if channels.is_empty() {
        tracing::warn!("{NOBODY_CAN_TALK}");
    }
    for channel in channels {
        let (bot, shutdown) = (bot.clone(), shutdown.clone());
        running.spawn(async move { Ok(bot.converse(channel, shutdown).await?) });
    }
    let reloader = Reloader::new(config, bot.clone());
    let orders = reloader.orders();
    tokio::spawn(reloader.run(shutdown.clone()));
    tracing::info!("serving");
    let ended = tokio::select! {
        ended = signals.wait(&orders, &mut running) => ended,
        _ = &mut keeping => Err(anyhow::anyhow!("the database did not hear of this process for \
            longer than its lease, and others have taken its work over")),
    };
    shutdown.cancel();
    end(&bot, running).await;
    end_of_work.cancel();
    if !keeping.is_finished() {
        keeping.await?;
    }
    ended.map(|()| ExitCode::SUCCESS)
}

/// Begins to answer for health and figures, if that is configured.
async fn observe(
    config: &Config,
    shutdown: &CancellationToken,
    running: &mut Running,
) -> anyhow::Result<Option<Observed>> {
    let Some(observe) = &config.observe else { return Ok(None) };
    let listener = TcpListener::bind(observe.listen).await;
    let listener = listener
        .with_context(|| format!("observe.listen: {} can't be listened on", observe.listen))?;
    // Where port 0 was asked for, this is the one that was found.
    tracing::info!(address = %listener.local_addr()?, "observed");
    let observed = Observed::new(observe::install()?, shutdown.clone());
    let serving = observe::serve(listener, observed.clone());
    running.spawn(async move { Ok(serving.await?) });
    Ok(Some(observed))
}

/// What the system asks of the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Returns when it is time to end. What ends by itself has failed: the rest goes down with
    /// it, and whoever supervises this process starts it again.
    async fn wait(
        &mut self,
        orders: &UnboundedSender<Part>,
        running: &mut Running,
    ) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => tracing::info!("asked to end"),
                _ = self.interrupt.recv() => tracing::info!("interrupted"),
                _ = self.hang_up.recv() => {
                    // It fails only when the reloader has ended, and this with it.
                    let _ = orders.send(Part::Catalog);
                    continue;
                }
                Some(ended) = running.join_next() => {
                    ended??;
                    anyhow::bail!("a part of the service ended by itself");
                }
            }
            return Ok(());
        }
    }
}

/// Lets what was begun come to its end, for so long. What is left is taken up at the next start.
async fn end(bot: &Bot, mut running: Running) {
    let ending = async {
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!("while ending: {error:#}"),
                Err(error) => tracing::error!("while ending: {error}"),
            }
        }
        bot.quiet().await;
    };
    if tokio::time::timeout(ENDING, ending).await.is_err() {
        tracing::warn!("not everything came to its end; the next start goes on with it");
    }
}
