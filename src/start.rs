//! Starting up: from the configuration to a bot that is ready, or to what is missing for one.

use std::fs::Permissions;
#[cfg(feature = "postgres")]
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::access::audit::{AuditError, AuditLog, Rotation};
use crate::access::{self, Access, Notes, Rules};
use crate::bot::{Bot, BotError, Parts};
use crate::catalog::{Catalog, Mistakes, Shelf};
use crate::channels::Channel;
use crate::config::{Config, Place};
use crate::failures::Journal;
use crate::jobs::platform::http::{HttpPlatform, SpecError};
use crate::jobs::platform::local::{LocalPlatform, LocalSettings};
use crate::jobs::platform::{Platform, Platforms, Templates};
use crate::nlu::train::{Options, Progress};
use crate::nlu::{self, Nlu, OpenError};
use crate::review::Lessons;
#[cfg(feature = "postgres")]
use crate::store::{PostgresStore, postgres::Member};
use crate::store::{SledStore, Store, StoreError};

/// Why Steward can't start; says what is missing and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the catalogue is not right:\n{0}")]
    Catalog(#[from] Mistakes),
    #[error("the access files are not right:\n{0}")]
    Access(#[from] access::Mistakes),
    #[error(
        "there is no understanding: {0}\n\
         The encoder belongs into `encoder/` below the models folder, which is set by \
         `directories.models` in steward.yaml."
    )]
    Nlu(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[cfg(feature = "postgres")]
    #[error("store.postgres: the environment variable {0} holds no address of a database")]
    NoAddress(String),
    #[cfg(not(feature = "postgres"))]
    #[error(
        "store.postgres: this build of steward has no PostgreSQL; `cargo build --features \
         postgres` makes one that does"
    )]
    NoPostgres,
    #[error("the audit log can't be kept: {0}")]
    Audit(#[from] AuditError),
    #[error("jobs can't be run on this machine: {0}")]
    Local(std::io::Error),
    #[error("a platform is not described rightly: {0}")]
    Platform(#[from] SpecError),
    #[error(transparent)]
    Bot(#[from] BotError),
}

/// What is loaded before the bot is made: useful without one.
pub struct Understanding {
    pub catalog: Arc<Catalog>,
    pub nlu: Arc<Nlu>,
}

/// Loads the catalogue and what was learnt of it; learns it first where nothing was, or
/// something else. `progress` is told how far that is.
pub fn understanding(
    config: &Config,
    progress: &mut dyn FnMut(Progress),
) -> Result<Understanding, StartError> {
    let catalog = Arc::new(catalog(config)?);
    let nlu = understood(config, catalog.clone(), progress)?;
    Ok(Understanding { catalog, nlu })
}

/// Loads the catalogue.
pub fn catalog(config: &Config) -> Result<Catalog, StartError> {
    let directories = &config.directories;
    Ok(Catalog::load(&directories.intents, &directories.training_data)?)
}

/// Loads what was learnt of a catalogue, or learns it.
pub fn understood(
    config: &Config,
    catalog: Arc<Catalog>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Arc<Nlu>, StartError> {
    let precision = config.understanding.precision;
    let options = Options::at_risk(config.understanding.risk);
    Ok(Arc::new(nlu::open(catalog, &config.directories.models, precision, &options, progress)?))
}

/// Loads who may do what of a catalogue.
pub fn rules(config: &Config, catalog: &Catalog) -> Result<Rules, StartError> {
    let rules = Rules::load(&config.directories.access, catalog)?;
    rules.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(rules)
}

/// What Steward remembers, opened.
pub struct Memory {
    pub store: Arc<dyn Store>,
    /// The database that it is in, where it is in one.
    #[cfg(feature = "postgres")]
    shared: Option<(PostgresStore, Duration)>,
}

/// The right to work with what Steward remembers. In a state directory, to have it open is that
/// right; on a database it is to be one of those who work there.
pub struct Work {
    #[cfg(feature = "postgres")]
    member: Option<Member>,
}

/// Opens what Steward remembers. A state directory is for one process, a database for any number.
pub async fn memory(config: &Config) -> Result<Memory, StartError> {
    close_to_others(&config.directories.state)?;
    match &config.store {
        Place::State => Ok(Memory {
            store: Arc::new(state_store(config)?),
            #[cfg(feature = "postgres")]
            shared: None,
        }),
        #[cfg(feature = "postgres")]
        Place::Postgres(postgres) => {
            let state = &config.directories.state;
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(state).map_err(|e| {
                StoreError::Unwritable { path: state.clone(), reason: e.to_string() }
            })?;
            let name = &postgres.url_env;
            let url = std::env::var(name).map_err(|_| StartError::NoAddress(name.clone()))?;
            let store = PostgresStore::open(&url).await?;
            let shared = Some((store.clone(), postgres.lease.unsigned_abs()));
            Ok(Memory { store: Arc::new(store), shared })
        }
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(StartError::NoPostgres),
    }
}

/// Takes away what others may do in the state directory, where it was made by somebody else: it
/// holds keys, messages, and what is run. A group may go on reading.
fn close_to_others(state: &Path) -> Result<(), StoreError> {
    const OTHERS: u32 = 0o027;
    let failed = |error: std::io::Error| StoreError::Unwritable {
        path: state.to_owned(),
        reason: format!("others may write or read there, and that can't be changed: {error}"),
    };
    let Ok(data) = std::fs::metadata(state) else { return Ok(()) };
    let mode = data.permissions().mode();
    if mode & OTHERS != 0 {
        let path = state.display();
        tracing::warn!(%path, "others could write or read in the state directory; now they can't");
        let closed = Permissions::from_mode(mode & !OTHERS & 0o7777);
        std::fs::set_permissions(state, closed).map_err(failed)?;
    }
    Ok(())
}

/// What the command line leaves for a running Steward, as `leave` wishes: beside the store in a
/// state directory, which the running Steward holds, and in the store where it is shared.
///
/// # Errors
///
/// Where the store can't be opened; what `leave` fails with.
pub async fn with_notes<T, E>(
    config: &Config,
    leave: impl AsyncFnOnce(&Notes) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<StartError>,
{
    if matches!(config.store, Place::State) {
        return leave(&Notes::new(&config.directories.state)).await;
    }
    let memory = memory(config).await?;
    let work = memory.join().await?;
    let left = leave(&Notes::of(&memory.store, &config.directories.state)).await;
    work.give_back().await;
    left
}

impl Memory {
    /// Begins to work with it: before this, nothing can be changed.
    ///
    /// # Errors
    ///
    /// Where the database does not answer.
    pub async fn join(&self) -> Result<Work, StartError> {
        Ok(Work {
            #[cfg(feature = "postgres")]
            member: match &self.shared {
                Some((store, lease)) => Some(store.join(*lease).await?),
                None => None,
            },
        })
    }
}

impl Work {
    /// Goes on with the right to work until `end` is given. Returns early, with `false`, when it
    /// was lost.
    pub async fn keep(self, end: CancellationToken) -> bool {
        #[cfg(feature = "postgres")]
        if let Some(member) = &self.member {
            return member.stay(&end).await;
        }
        end.cancelled().await;
        true
    }

    /// Gives the right to work back.
    pub async fn give_back(self) {
        let end = CancellationToken::new();
        end.cancel();
        self.keep(end).await;
    }
}

fn state_store(config: &Config) -> Result<SledStore, StoreError> {
    let open = || SledStore::open(&config.directories.state);
    patiently(open, |error| matches!(error, StoreError::Held(_)))
}

/// Opens the audit log. Only one process can.
pub fn audit_log(config: &Config) -> Result<AuditLog, AuditError> {
    let folder = config.directories.audit();
    let open = || AuditLog::open(&folder, Rotation::default(), Timestamp::now());
    patiently(open, |error| matches!(error, AuditError::Held(_)))
}

/// Opens what another process may hold: one that was killed a moment ago may still be going, so
/// this waits a little for it.
fn patiently<T, E>(open: impl Fn() -> Result<T, E>, is_held: impl Fn(&E) -> bool) -> Result<T, E> {
    let limit = Instant::now() + PATIENCE;
    loop {
        match open() {
            Err(error) if is_held(&error) && Instant::now() < limit => std::thread::sleep(LOOK),
            opened => return opened,
        }
    }
}

/// So long a start waits for another process to let go of the state directory.
const PATIENCE: Duration = Duration::from_secs(3);
/// Pauses between looks at whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// Puts a bot together. It does nothing before its [`Bot::start`] is called.
pub fn bot(
    config: &Config,
    understanding: Understanding,
    store: Arc<dyn Store>,
    channels: Vec<Arc<dyn Channel>>,
    shutdown: CancellationToken,
) -> Result<Bot, StartError> {
    let Understanding { catalog, nlu } = understanding;
    let state = &config.directories.state;
    let rules = rules(config, &catalog)?;
    let audit = audit_log(config)?;
    let notes = Notes::of(&store, state);
    let access = Access::new(rules, store.clone(), audit, notes);
    let shelf = Arc::new(Shelf::new(catalog));
    let templates: Arc<dyn Templates> = shelf.clone();
    let settings = LocalSettings::new(&config.directories.runs, &config.directories.root)
        .map_err(StartError::Local)?;
    let settings = LocalSettings { environment: config.jobs.environment.clone(), ..settings };
    let local = LocalPlatform::new(settings, templates.clone()).map_err(StartError::Local)?;
    let local = Arc::new(local);
    let mut platforms = Platforms::from([("local".to_owned(), local.clone() as Arc<dyn Platform>)]);
    let described = config.directories.intents.join("platforms");
    for (name, platform) in HttpPlatform::load_all(&described, &store, &templates)? {
        platforms.insert(name, platform);
    }
    Ok(Bot::new(Parts {
        config: config.clone(),
        nlu,
        access: Arc::new(access),
        store,
        platforms: Arc::new(platforms),
        shelf,
        local,
        journal: Arc::new(Journal::in_state(state)),
        lessons: Lessons::in_state(state),
        channels,
        shutdown,
    }))
}
