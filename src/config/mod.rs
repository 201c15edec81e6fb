//! The configuration: what an operator writes in `steward.yaml`.
//!
//! Reading it notes every mistake with its line, not only the first. Paths in it are relative to
//! the file, so that Steward may be started from anywhere.
//!
//! **Architecture Invariant:** no secret stands in the configuration; it says where one is kept.

mod node;
mod section;

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
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Understanding {
    /// How exactly the model computes.
    pub precision: Precision,
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
}

/// The configuration can't be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {file} can't be read: {reason}")]
    Unreadable { file: PathBuf, reason: String },
    #[error("the configuration is not right:\n{}", .0.join("\n"))]
    Wrong(Vec<String>),
}

impl Config {
    /// Reads a configuration file.
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|e| ConfigError::Unreadable {
            file: file.to_owned(),
            reason: e.to_string(),
        })?;
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
        let root = match serde_saphyr::from_str::<Spanned<Node>>(text) {
            Ok(root) => root,
            // A file of comments alone is no YAML document, and says that all is as usual.
            Err(_) if is_blank(text) => return Ok(Config::in_folder(base)),
            Err(error) => {
                let line = error.location().map_or(0, |place| place.line());
                let text = error.without_snippet().to_string();
                return Err(vec![Note { line, field: String::new(), text }]);
            }
        };
        let notes = RefCell::new(Vec::new());
        let config = read(Section::root(root, &notes), base);
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

fn read(mut root: Section<'_>, base: &Path) -> Config {
    let mut config = Config::in_folder(base);
    if let Some(section) = root.section("directories") {
        read_directories(section, base, &mut config.directories);
    }
    if let Some(section) = root.section("store") {
        config.store = read_store(section);
    }
    if let Some(section) = root.section("understanding") {
        config.understanding = read_understanding(section);
    }
    if let Some(section) = root.section("conversation") {
        read_conversation(section, &mut config.conversation);
    }
    if let Some(section) = root.section("schedules") {
        read_schedules(section, &mut config.schedules);
    }
    if let Some(section) = root.section("retention") {
        read_retention(section, &mut config.retention);
    }
    config.observe = root.section("observe").and_then(|mut section| {
        let mut given = false;
        let listen = section.scalar("listen", |text| {
            given = true;
            address(text, 9464)
        });
        if !given {
            section.missing("listen");
        }
        section.finish();
        listen.map(|listen| Observe { listen })
    });
    config.support = root.section("support").map(read_support);
    if let Some(section) = root.section("channels") {
        config.channels = read_channels(section, base);
    }
    if let Some(section) = root.section("notify") {
        config.notify = read_notify(section);
    }
    if let Some(mut section) = root.section("jobs") {
        config.jobs.environment = section.texts("environment", variable);
        section.finish();
    }
    root.finish();
    config
}

fn read_directories(mut section: Section<'_>, base: &Path, directories: &mut Directories) {
    let fields = [
        ("intents", &mut directories.intents),
        ("training-data", &mut directories.training_data),
        ("models", &mut directories.models),
        ("access", &mut directories.access),
        ("state", &mut directories.state),
    ];
    for (name, directory) in fields {
        if let Some(path) = section.text(name) {
            *directory = base.join(path);
        }
    }
    let runs = section.text("runs").map(|path| base.join(path));
    directories.runs = runs.unwrap_or_else(|| directories.state.join("runs"));
    section.finish();
}

fn read_store(mut section: Section<'_>) -> Place {
    let postgres = section.section("postgres").map(|mut postgres| {
        let url_env = postgres.scalar("url_env", |text| match text.contains("://") {
            true => Err("should be the name of an environment variable, not the address".into()),
            false => Ok(text.to_owned()),
        });
        let lease = postgres.scalar("lease", duration).unwrap_or(SignedDuration::from_secs(15));
        postgres.finish();
        let url_env = url_env.unwrap_or_else(|| "STEWARD_DATABASE_URL".to_owned());
        Postgres { url_env, lease }
    });
    section.finish();
    postgres.map_or(Place::State, Place::Postgres)
}

fn read_understanding(mut section: Section<'_>) -> Understanding {
    let precision = section.scalar("precision", |text| {
        let known = [Precision::Int8, Precision::Float];
        let precision = known.into_iter().find(|precision| precision.name() == text);
        precision.ok_or_else(|| format!("`{text}` should be `int8` or `float`"))
    });
    section.finish();
    Understanding { precision: precision.unwrap_or_default() }
}

fn read_conversation(mut section: Section<'_>, conversation: &mut Conversation) {
    if let Some(language) = section.scalar("language", language) {
        conversation.language = language;
    }
    if let Some(zone) = section.scalar("time_zone", time_zone) {
        conversation.time_zone = zone;
    }
    if let Some(timeout) = section.scalar("session_timeout", duration) {
        conversation.session_timeout = timeout;
    }
    if let Some(timeout) = section.scalar("plan_timeout", duration) {
        conversation.plan_timeout = timeout;
    }
    section.finish();
}

fn read_schedules(mut section: Section<'_>, schedules: &mut Schedules) {
    let missed = section.scalar("missed", |text| match text {
        "run_once" => Ok(Missed::RunOnce),
        "skip" => Ok(Missed::Skip),
        _ => Err(format!("`{text}` should be `run_once` or `skip`")),
    });
    let notice = section.scalar("notice", |text| match text {
        "none" => Ok(SignedDuration::ZERO),
        text => duration(text),
    });
    section.finish();
    schedules.missed = missed.unwrap_or(schedules.missed);
    schedules.notice = notice.unwrap_or(schedules.notice);
}

fn read_retention(mut section: Section<'_>, retention: &mut Retention) {
    let runs = section.scalar("runs", |text| {
        let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
        let days = days.filter(|days| *days > 0);
        let days = days.ok_or_else(|| format!("`{text}` should be a number of days such as `30d`"));
        days.map(|days| SignedDuration::from_hours(i64::from(days) * 24))
    });
    let size = section.scalar("size", |text| {
        let units = [("GB", 1 << 30), ("MB", 1 << 20)];
        let found = units.into_iter().find_map(|(unit, bytes)| {
            let count: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            count.checked_mul(bytes)
        });
        found.ok_or_else(|| format!("`{text}` should be a size such as `500MB` or `2GB`"))
    });
    section.finish();
    retention.runs = runs.unwrap_or(retention.runs);
    retention.size = size.unwrap_or(retention.size);
}

/// An address to listen on; `port` is for the example that is shown where it is none.
fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` should be an address and a port, such as 127.0.0.1:{port}"))
}

fn read_support(mut section: Section<'_>) -> Localized {
    let en = section.text("en");
    let zh = section.text("zh");
    let either = en.clone().or(zh.clone()).unwrap_or_else(|| {
        section.missing("en");
        String::new()
    });
    section.finish();
    Localized { en: en.unwrap_or_else(|| either.clone()), zh: zh.unwrap_or(either) }
}

fn read_channels(mut section: Section<'_>, base: &Path) -> Channels {
    let web = section.section("web").and_then(|mut web| {
        let mut given = false;
        let listen = web.scalar("listen", |text| {
            given = true;
            address(text, 8080)
        });
        let url = web.scalar("url", public_url);
        if !given {
            web.missing("listen");
        }
        web.finish();
        listen.map(|listen| Web { listen, url })
    });
    let telegram = section.section("telegram").map(|mut telegram| {
        let token_file = telegram.text("token_file").map(|path| base.join(path));
        telegram.finish();
        Telegram { token_file }
    });
    section.finish();
    Channels { web, telegram }
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/"
    });
    url.ok_or_else(|| format!("`{text}` should be such as https://steward.example, without a path"))
}

fn read_notify(mut section: Section<'_>) -> BTreeMap<String, Vec<Address>> {
    let lists = section.named_lists();
    section.finish();
    lists
        .into_iter()
        .map(|(name, chats)| (name, chats.into_iter().filter_map(read_address).collect()))
        .collect()
}

fn read_address(mut section: Section<'_>) -> Option<Address> {
    let channel = section.text("channel");
    let chat = section.text("chat");
    let thread = section.text("thread");
    for (name, value) in [("channel", &channel), ("chat", &chat)] {
        if value.is_none() {
            section.missing(name);
        }
    }
    section.finish();
    Some(Address { channel: channel?, chat: chat?, thread })
}

fn variable(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { Ok(text.to_owned()) } else { Err(format!("`{text}` is no name of a variable")) }
}

fn language(text: &str) -> Result<Language, String> {
    Language::ALL
        .into_iter()
        .find(|language| language.code() == text)
        .ok_or_else(|| format!("`{text}` should be `en` or `zh`"))
}

fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text)
        .map_err(|_| format!("`{text}` is no time zone; use an IANA name such as `Asia/Shanghai`"))
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(duration) if duration.is_positive() => Ok(duration),
        _ => Err(format!("`{text}` should be a duration such as `30m` or `2h`")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configuration_is_right() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(DEFAULT_FILE);
        let config = Config::load(&file).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.directories, Directories::below(file.parent().expect("a folder")));
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        for text in ["", "\n# only a comment\n", "{}", "directories:\n"] {
            assert_eq!(
                Config::parse(text, Path::new("/s")),
                Ok(Config::in_folder(Path::new("/s")))
            );
        }
    }

    #[test]
    fn everything_can_be_set() {
        let text = "
directories: {intents: jobs, state: /var/lib/steward}
store: {postgres: {url_env: DATABASE, lease: 5s}}
understanding: {precision: float}
conversation: {language: zh, time_zone: Asia/Shanghai, session_timeout: 1h, plan_timeout: 10m}
schedules: {missed: skip, notice: none}
retention: {runs: 7d, size: 2GB}
observe: {listen: '127.0.0.1:9464'}
support: {en: 'call 42'}
channels:
  web: {listen: '127.0.0.1:8080', url: 'https://steward.example'}
  telegram: {token_file: secrets/telegram}
notify:
  ops: {channel: telegram, chat: -100}
  team:
    - {channel: terminal, chat: local, thread: t}
jobs: {environment: [HTTPS_PROXY, KUBECONFIG]}
";
        let config = Config::parse(text, Path::new("/s")).expect("right");
        assert_eq!(config.directories.intents, Path::new("/s/jobs"));
        assert_eq!(config.directories.state, Path::new("/var/lib/steward"));
        assert_eq!(config.directories.runs, Path::new("/var/lib/steward/runs"));
        let (url_env, lease) = ("DATABASE".to_owned(), SignedDuration::from_secs(5));
        assert_eq!(config.store, Place::Postgres(Postgres { url_env, lease }));
        assert_eq!(config.understanding, Understanding { precision: Precision::Float });
        assert_eq!(config.conversation.language, Language::Zh);
        assert_eq!(config.conversation.session_timeout, SignedDuration::from_hours(1));
        let schedules = Schedules { missed: Missed::Skip, notice: SignedDuration::ZERO };
        assert_eq!(config.schedules, schedules);
        let retention = Retention { runs: SignedDuration::from_hours(7 * 24), size: 2 << 30 };
        assert_eq!(config.retention, retention);
        assert_eq!(config.observe.expect("set").listen.port(), 9464);
        assert_eq!(config.support.expect("set").zh, "call 42");
        let web = config.channels.web.expect("set");
        assert_eq!(web.listen.port(), 8080);
        assert_eq!(web.url.expect("set").as_str(), "https://steward.example/");
        assert_eq!(
            config.channels.telegram.expect("set").token_file.as_deref(),
            Some(Path::new("/s/secrets/telegram"))
        );
        assert_eq!(config.notify["ops"][0].chat, "-100");
        assert_eq!(config.notify["team"][0].thread.as_deref(), Some("t"));
        assert_eq!(config.jobs.environment, ["HTTPS_PROXY", "KUBECONFIG"]);
    }

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let text = "directorys: {}
understanding:
  precision: double
  accept: 0.9
conversation: {time_zone: Mars/Olympus, session_timeout: soon}
support:
channels: [web]
notify:
  ops: {channel: telegram}
jobs:
  environment:
    - A=B
";
        let notes = Config::parse(text, Path::new("")).expect_err("wrong");
        let found: Vec<_> = notes.iter().map(|n| (n.line, n.field.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "directorys"),
                (3, "understanding.precision"),
                (4, "understanding.accept"),
                (5, "conversation.time_zone"),
                (5, "conversation.session_timeout"),
                (6, "support.en"),
                (7, "channels"),
                (9, "notify.ops.chat"),
                (12, "jobs.environment"),
            ]
        );
        assert!(notes[0].text.contains("did you mean `directories`?"), "{}", notes[0].text);
    }

    #[test]
    fn broken_yaml_is_reported_with_its_line() {
        let notes = Config::parse("conversation:\n  - a\n b: [", Path::new("")).expect_err("wrong");
        assert!(notes[0].line > 0, "{notes:?}");
    }
}
