//! Starting up: from the configuration to a bot that is ready, or to what is missing for one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::access::audit::{AuditError, AuditLog, Rotation};
use crate::access::{self, Access, Notes, Rules};
use crate::bot::{Bot, BotError, Parts};
use crate::catalog::{Catalog, JobTemplate, Mistakes, TemplateId};
use crate::channels::Channel;
use crate::config::Config;
use crate::failures::Journal;
use crate::jobs::platform::http::{HttpPlatform, SpecError};
use crate::jobs::platform::local::{LocalPlatform, LocalSettings};
use crate::jobs::platform::{Platform, Platforms, Templates};
use crate::nlu::train::Progress;
use crate::nlu::{self, Nlu, OpenError};
use crate::review::Lessons;
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
    let directories = &config.directories;
    let catalog = Arc::new(Catalog::load(&directories.intents, &directories.training_data)?);
    let precision = config.understanding.precision;
    let nlu = nlu::open(catalog.clone(), &directories.models, precision, progress)?;
    let nlu = Arc::new(nlu);
    Ok(Understanding { catalog, nlu })
}

/// Opens what Steward remembers. Only one process can.
pub fn store(config: &Config) -> Result<Arc<dyn Store>, StartError> {
    let open = || SledStore::open(&config.directories.state);
    let store = patiently(open, |error| matches!(error, StoreError::Held(_)))?;
    Ok(Arc::new(store))
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
    let rules = Rules::load(&config.directories.access, &catalog)?;
    let audit = audit_log(config)?;
    rules.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
    let access = Access::new(rules, store.clone(), audit, Notes::new(state));
    let templates: Arc<dyn Templates> = Arc::new(OfCatalog(catalog));
    let settings = LocalSettings::new(&state.join("runs"), &config.directories.root)
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
        templates,
        local,
        journal: Arc::new(Journal::in_state(state)),
        lessons: Lessons::in_state(state),
        channels,
        shutdown,
    }))
}

/// The catalogue's templates, for platforms.
struct OfCatalog(Arc<Catalog>);

impl Templates for OfCatalog {
    fn template(&self, id: &TemplateId) -> Option<Arc<JobTemplate>> {
        self.0.job(id).cloned().map(Arc::new)
    }
}
