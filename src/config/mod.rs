//! The configuration: what an operator writes in `steward.yaml`.
//!
//! Reading it notes every mistake with its line, not only the first. Paths in it are relative to
//! the file, so that Steward may be started from anywhere.
//!
//! **Architecture Invariant:** no secret stands in the configuration; it says where one is kept.

mod node;
mod read;
mod section;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_saphyr::Spanned;
use url::Url;

use self::node::Node;
use self::section::{Note, Section};
use crate::catalog::{Language, Localized};
use crate::channels::Address;
use crate::jobs::schedule::Missed;
use crate::nlu::encoder::Precision;
use crate::nlu::train::Risk;
use crate::yaml::{self, Problem};

/// The file that is read when no other is named.
pub const DEFAULT_FILE: &str = "steward.yaml";

/// What the operator configured, with a default for everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub directories: Directories,
    pub store: Place,
    pub understanding: Understanding,
    pub conversation: Conversation,
    pub schedules: Schedules,
    pub retention: Retention,
    pub observe: Option<Observe>,
    pub support: Option<Localized>,
    pub channels: Channels,
    /// The chats behind the names in a template's `notify`.
    pub notify: BTreeMap<String, Vec<Address>>,
    pub jobs: Jobs,
}

/// Jobs that run on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Jobs {
    /// Names of variables of Steward's environment that their commands get besides the usual
    /// ones (`PATH`, `HOME`, `LANG` and the like).
    pub environment: Vec<String>,
}

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// The folder of the configuration: relative programs of templates are meant from here.
    pub root: PathBuf,
    pub intents: PathBuf,
    pub training_data: PathBuf,
    pub models: PathBuf,
    pub access: PathBuf,
    /// Everything that Steward writes at run time: the store, the output of runs, the audit log.
    pub state: PathBuf,
    /// The output of runs on this machine, where it is not in the state directory.
    pub runs: PathBuf,
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// In the state directory, for one process.
    #[default]
    State,
    /// In a database, so that another process can go on with it.
    Postgres(Postgres),
}

/// A PostgreSQL database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postgres {
    /// The environment variable that holds its address, password included.
    pub url_env: String,
    /// A process that is silent for so long has its work taken over.
    pub lease: SignedDuration,
}

/// How messages are understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Understanding {
    /// How exactly the model computes.
    pub precision: Precision,
    /// Which share of the jobs that are taken without asking may be wrong, see
    /// [`Risk::job`](crate::nlu::train::Risk::job).
    pub risk: f64,
}

impl Default for Understanding {
    fn default() -> Self {
        Understanding { precision: Precision::default(), risk: Risk::default().job }
    }
}

/// How conversations go.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Spoken where neither the words nor the person's settings say.
    pub language: Language,
    /// Of people who have not set their own.
    pub time_zone: TimeZone,
    /// After this long without a word a session has expired.
    pub session_timeout: SignedDuration,
    /// After this long a plan that was shown can't be confirmed any more.
    pub plan_timeout: SignedDuration,
}

/// How runs go that are to begin later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedules {
    /// What is done about times that passed while Steward was not running.
    pub missed: Missed,
    /// So long before a run, its requester is told; zero for never.
    pub notice: SignedDuration,
}

/// How much of what ran is kept: its output and what it used. What is asked for, by whom and how
/// it ended is kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// A run that ended so long ago is forgotten.
    pub runs: SignedDuration,
    /// The oldest are forgotten where all take more bytes than this.
    pub size: u64,
}

/// The listener for health, readiness and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observe {
    pub listen: SocketAddr,
}

/// Where people can talk to Steward.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Channels {
    pub web: Option<Web>,
    pub telegram: Option<Telegram>,
}

/// The web page and the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    pub listen: SocketAddr,
    /// How people reach it, where that is not the address it listens on: behind a TLS proxy.
    pub url: Option<Url>,
}

/// The Telegram bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telegram {
    /// A file that holds the bot's token; without one, the environment variable
    /// `STEWARD_TELEGRAM_TOKEN` does.
    pub token_file: Option<PathBuf>,
    /// Where Telegram brings updates; without one, they are fetched.
    pub webhook: Option<Webhook>,
}

/// A webhook of Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// What Telegram calls, over HTTPS. Something in front of Steward holds the certificate.
    pub url: Url,
    /// Where Steward itself listens; the path is that of the URL.
    pub listen: SocketAddr,
}

/// The configuration can't be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {file} {reason}")]
    Unreadable { file: PathBuf, reason: String },
    #[error("the configuration is not right:\n{}", .0.join("\n"))]
    Wrong(Vec<String>),
}

impl Config {
    /// Reads a configuration file.
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let text = yaml::read_text(file)
            .map_err(|reason| ConfigError::Unreadable { file: file.to_owned(), reason })?;
        let base = file.parent().unwrap_or(Path::new(""));
        Config::parse(&text, base).map_err(|notes| {
            let lines = notes.iter().map(|note| in_file(file, note)).collect();
            ConfigError::Wrong(lines)
        })
    }

    /// What holds without a configuration file: everything below one folder.
    pub fn in_folder(base: &Path) -> Config {
        Config {
            directories: Directories::below(base),
            store: Place::State,
            understanding: Understanding::default(),
            conversation: Conversation::default(),
            schedules: Schedules::default(),
            retention: Retention::default(),
            observe: None,
            support: None,
            channels: Channels::default(),
            notify: BTreeMap::new(),
            jobs: Jobs::default(),
        }
    }

    fn parse(text: &str, base: &Path) -> Result<Config, Vec<Note>> {
        let root = match yaml::parse::<Spanned<Node>>(text) {
            Ok(root) => root,
            // A file of comments alone is no YAML document, and says that all is as usual.
            Err(_) if is_blank(text) => return Ok(Config::in_folder(base)),
            Err(Problem { line, reason }) => {
                return Err(vec![Note { line, field: String::new(), text: reason }]);
            }
        };
        let notes = RefCell::new(Vec::new());
        let config = read::config(Section::root(root, &notes), base);
        let mut notes = notes.into_inner();
        if notes.is_empty() {
            Ok(config)
        } else {
            notes.sort_by_key(|note| note.line);
            Err(notes)
        }
    }
}

impl Directories {
    /// Where the audit log lies.
    pub fn audit(&self) -> PathBuf {
        self.state.join("audit")
    }

    fn below(base: &Path) -> Directories {
        Directories {
            root: if base.as_os_str().is_empty() { PathBuf::from(".") } else { base.to_owned() },
            intents: base.join("intents"),
            training_data: base.join("training-data"),
            models: base.join("models"),
            access: base.join("access"),
            state: base.join("state"),
            runs: base.join("state").join("runs"),
        }
    }
}

impl Default for Conversation {
    fn default() -> Self {
        Conversation {
            language: Language::En,
            time_zone: TimeZone::system(),
            session_timeout: SignedDuration::from_mins(30),
            plan_timeout: SignedDuration::from_mins(30),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Retention { runs: SignedDuration::from_hours(30 * 24), size: 500 << 20 }
    }
}

impl Default for Schedules {
    fn default() -> Self {
        Schedules { missed: Missed::RunOnce, notice: SignedDuration::from_mins(10) }
    }
}

fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

fn in_file(file: &Path, note: &Note) -> String {
    let Note { line, field, text } = note;
    let place = file.display();
    match (line, field.as_str()) {
        (0, "") => format!("{place}: {text}"),
        (line, "") => format!("{place}:{line}: {text}"),
        (line, field) => format!("{place}:{line}: {field}: {text}"),
    }
}
