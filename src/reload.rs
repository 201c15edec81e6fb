//! Reloading: what an operator changes takes effect without a restart.
//!
//! Files are watched, and `SIGHUP` has all of them read again. What is wrong changes nothing:
//! Steward goes on with what it had, and the log says what is wrong, in which file and line.
//!
//! **Architecture Invariant:** what is read is complete before any of it takes effect. A catalogue
//! is learnt beside the one in use; messages in progress end with what they began with.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::access::Refusal;
use crate::bot::Bot;
use crate::config::{Config, Directories};
use crate::observe;
use crate::start::{self, StartError};

/// Files that are saved one after the other are read together.
const SETTLE: Duration = Duration::from_millis(500);

/// What can be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Users, policy, compliance.
    Access,
    /// Jobs, commands and their examples; with it access, which speaks of jobs.
    Catalog,
}

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    #[error(transparent)]
    Wrong(#[from] StartError),
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("the learning was broken off: {0}")]
    BrokenOff(String),
}

/// Reads again what changed.
pub struct Reloader {
    config: Config,
    bot: Bot,
    orders: mpsc::UnboundedReceiver<Part>,
    /// Keeps the files watched.
    _watcher: Option<RecommendedWatcher>,
    order: mpsc::UnboundedSender<Part>,
}

impl Reloader {
    /// Begins to watch the files. Where that is not possible (some network file systems), only
    /// orders count, and the log says so.
    pub fn new(config: &Config, bot: Bot) -> Reloader {
        let (order, orders) = mpsc::unbounded_channel();
        let watcher = watch(&config.directories, order.clone()).unwrap_or_else(|error| {
            tracing::warn!(%error, "files are not watched; send SIGHUP after a change");
            None
        });
        Reloader { config: config.clone(), bot, orders, _watcher: watcher, order }
    }

    /// Orders that something be read again, whether or not its files changed.
    pub fn orders(&self) -> mpsc::UnboundedSender<Part> {
        self.order.clone()
    }

    /// Reads what changed, until it is told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let first = tokio::select! {
                () = stop.cancelled() => return,
                first = self.orders.recv() => first,
            };
            // There is always a sender: this holds one.
            let Some(first) = first else { return };
            let mut parts = BTreeSet::from([first]);
            while let Ok(Some(more)) = tokio::time::timeout(SETTLE, self.orders.recv()).await {
                parts.insert(more);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.reload(&parts) => {}
            }
        }
    }

    async fn reload(&self, parts: &BTreeSet<Part>) {
        let (what, read) = match parts.contains(&Part::Catalog) {
            true => ("catalog", self.catalog().await),
            false => ("access", self.access().await),
        };
        observe::reloaded(what, read.is_ok());
        match read {
            Ok(true) => tracing::info!(what, "read again"),
            Ok(false) => tracing::info!(what, "read again, and as it was"),
            Err(error) => tracing::error!(what, "not taken, what was there goes on: {error}"),
        }
    }

    /// Who may do what, by the catalogue in use.
    async fn access(&self) -> Result<bool, ReloadError> {
        let rules = start::rules(&self.config, &self.bot.catalog())?;
        self.bot.access().reload(rules, Timestamp::now()).await?;
        Ok(true)
    }

    /// The catalogue, learnt anew, and who may do what of it; `false` where only the latter was
    /// left to do.
    async fn catalog(&self) -> Result<bool, ReloadError> {
        let catalog = Arc::new(start::catalog(&self.config)?);
        let rules = start::rules(&self.config, &catalog)?;
        let changed = catalog.fingerprint() != self.bot.catalog().fingerprint();
        if changed {
            let config = self.config.clone();
            let learning = move || start::understood(&config, catalog, &mut |_| {});
            let nlu = tokio::task::spawn_blocking(learning).await;
            let nlu = nlu.map_err(|error| ReloadError::BrokenOff(error.to_string()))??;
            self.bot.renew(nlu);
        }
        self.bot.access().reload(rules, Timestamp::now()).await?;
        Ok(changed)
    }
}

/// Watches the folders of the configuration.
fn watch(
    directories: &Directories,
    order: mpsc::UnboundedSender<Part>,
) -> notify::Result<Option<RecommendedWatcher>> {
    // What is reported begins with what was asked for, where that is absolute.
    let access = std::path::absolute(&directories.access)?;
    let others = [&directories.intents, &directories.training_data].map(std::path::absolute);
    let [intents, examples] = others;
    let folders = [access.clone(), intents?, examples?];
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        // Reading is no change; this program reads.
        if matches!(event.kind, EventKind::Access(_)) || event.paths.iter().all(|p| is_draft(p)) {
            return;
        }
        let of_access = event.paths.iter().all(|path| path.starts_with(&access));
        // It fails only when nobody reloads any more.
        let _ = order.send(if of_access { Part::Access } else { Part::Catalog });
    })?;
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(Some(watcher))
}

/// What editors leave beside a file while they write it.
fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.starts_with('#') || name.ends_with('~') || name.ends_with(".tmp")
}
