//! A bot in a folder of the test's own: one job that counts its starts, two people, and a channel
//! that writes down what it is told.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use jiff::Timestamp;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Bot, Core, Parts};
use crate::access::audit::{AuditLog, Rotation};
use crate::access::{Access, AuthorizedRun, Notes, Rules};
use crate::catalog::{Catalog, Definition, Shelf};
use crate::channels::{
    Address, Block, Body, Channel, ChannelError, DeliveryError, Inbound, Outbound, Receipt, Sender,
};
use crate::config::Config;
use crate::failures::Journal;
use crate::jobs::platform::local::{LocalPlatform, LocalSettings};
use crate::jobs::platform::{
    IdempotencyKey, LogChunk, Platform, PlatformError, Platforms, Reference, Status,
};
use crate::jobs::{ExecutionState, Outcome};
use crate::nlu::{self, Nlu, encoder::Precision, train::Options};
use crate::store::{MemoryStore, Store};

/// The files of the house.
const FILES: [(&str, &str); 8] = [
    (
        "intents/commands.yaml",
        "arguments:\n\
         \x20 - {name: execution, type: string, description: {en: Which run, zh: 哪次执行}}\n\
         commands:\n\
         \x20 - id: schedule_change\n\
         \x20   name: {en: Schedule, zh: 定时安排}\n\
         \x20   description: {en: What runs later, zh: 以后执行什么}\n\
         \x20   slash: [schedule]\n\
         \x20 - {id: run, name: {en: Run, zh: 执行}, description: {en: Runs a job, zh: 执行作业}, slash: [run]}\n\
         \x20 - {id: status, name: {en: Status, zh: 状态}, description: {en: How it is going, zh: 进展如何}, slash: [status], arguments: [execution]}\n\
         \x20 - {id: cancel, name: {en: Cancel, zh: 取消}, description: {en: Stops a run, zh: 停止执行}, slash: [cancel], arguments: [execution]}\n\
         \x20 - {id: approve, name: {en: Approve, zh: 批准}, description: {en: Agrees, zh: 同意}, slash: [approve], arguments: [execution]}\n\
         \x20 - {id: reject, name: {en: Reject, zh: 驳回}, description: {en: Turns down, zh: 拒绝}, slash: [reject], arguments: [execution]}\n\
         \x20 - {id: withdraw, name: {en: Withdraw, zh: 撤回}, description: {en: Takes back, zh: 收回}, slash: [withdraw], arguments: [execution]}\n\
         \x20 - {id: break_glass, name: {en: Emergency, zh: 紧急}, description: {en: Runs at once, zh: 立即执行}, slash: [emergency], arguments: [execution]}\n\
         \x20 - {id: rerun, name: {en: Run again, zh: 重新执行}, description: {en: Once more, zh: 再来一次}, slash: [rerun], arguments: [execution]}\n\
         \x20 - {id: retry_failed, name: {en: Retry, zh: 重试}, description: {en: What failed, zh: 失败的}, slash: [retry], arguments: [execution]}\n\
         \x20 - {id: undo, name: {en: Undo, zh: 撤销}, description: {en: The other way round, zh: 反过来}, slash: [undo], arguments: [execution]}\n\
         \x20 - {id: resume, name: {en: Resume, zh: 继续}, description: {en: Goes on with a draft, zh: 继续草稿}, slash: [resume]}\n\
         acts:\n\
         \x20 - {id: affirm, name: {en: \"Yes\", zh: 同意}, description: {en: Says yes, zh: 同意}}\n\
         \x20 - {id: abort, name: {en: Never mind, zh: 算了}, description: {en: Drops it, zh: 不做了}, slash: [abort]}\n\
         out_of_scope:\n\
         \x20 id: out_of_scope\n\
         \x20 name: {en: Something else, zh: 其他}\n\
         \x20 description: {en: Nothing for this bot, zh: 与此无关}\n",
    ),
    (
        "intents/jobs/backup.yaml",
        "id: backup\n\
         name: {en: Back up, zh: 备份}\n\
         description: {en: Backs a database up, zh: 备份数据库}\n\
         risk: low\n\
         inverse: backup\n\
         parameters:\n\
         \x20 - {name: database, type: string, required: true, description: {en: which one, zh: 哪一个}}\n\
         run: {platform: local, command: [echo, --, \"{database}\"], timeout: 10m}\n",
    ),
    (
        "intents/jobs/restore.yaml",
        "id: restore\n\
         name: {en: Restore, zh: 恢复}\n\
         description: {en: Brings a database back, zh: 恢复数据库}\n\
         risk: high\n\
         parameters:\n\
         \x20 - {name: target, type: string, required: true, description: {en: which one, zh: 哪一个}}\n\
         run: {platform: local, command: [echo, --, \"{target}\"], timeout: 10m}\n\
         check: {command: [test, \"{target}\", \"!=\", frozen]}\n\
         lock: [{database: target}]\n",
    ),
    (
        "intents/jobs/archive.yaml",
        "id: archive\n\
         name: {en: Archive, zh: 归档}\n\
         description: {en: Puts old data away, zh: 归档旧数据}\n\
         risk: low\n\
         parameters:\n\
         \x20 - {name: environment, type: choice, required: true, choices: [{value: staging}, {value: production}], description: {en: where, zh: 在哪里}}\n\
         \x20 - {name: version, type: version, required: true, suggest: {command: [touch, \"{environment}\"]}, description: {en: which version, zh: 哪个版本}}\n\
         run: {platform: local, command: [echo, \"{version}\"], timeout: 10m}\n",
    ),
    (
        "training-data/en/affirm.yaml",
        "version: \"3.1\"\nnlu:\n  - intent: affirm\n    examples: |\n      - yes\n      - go ahead\n",
    ),
    (
        "access/users.yaml",
        "roles: {operator: runs every job, guest: runs none}\n\
         groups: {}\n\
         users:\n\
         \x20 - {id: ann, name: Ann, roles: [operator], identities: [{channel: ear, id: ann}]}\n\
         \x20 - {id: bob, name: Bob, roles: [guest], identities: [{channel: ear, id: bob}]}\n",
    ),
    (
        "access/policy/all.yaml",
        "rules:\n\
         \x20 - {name: all, effect: allow, when: {role: operator, command: [run, schedule, status, logs]}}\n\
         \x20 - {name: talk, effect: allow, when: {command: use_chatops}}\n",
    ),
    ("state/.keep", ""),
];

/// What survives a restart.
pub struct Ground {
    pub folder: TempDir,
    pub store: Arc<dyn Store>,
    pub counter: Arc<Counter>,
    pub config: Config,
}

/// One life of the bot.
pub struct House {
    pub bot: Bot,
    pub ear: Arc<Ear>,
}

impl Ground {
    pub fn new() -> Ground {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(folder.path());
        let mut config = Config::in_folder(folder.path());
        config.conversation.time_zone = jiff::tz::TimeZone::UTC;
        Ground { folder, store: Arc::new(MemoryStore::default()), counter: Arc::default(), config }
    }

    /// Puts another text into a file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// Somebody changes the job of backups, and the bot goes on with it: learnt, and in the rules.
    pub async fn change_job(&self, house: &House, from: &str, to: &str) {
        let files = [("intents/jobs/backup.yaml", from, to)];
        house.bot.renew(learnt(&files).1);
        house.reload(self).await;
    }

    /// Begins a life, without starting it.
    pub fn live(&self) -> House {
        let nlu = understanding();
        let catalog = nlu.catalog().clone();
        let place = self.folder.path();
        let rules = Rules::load(&place.join("access"), &catalog);
        let rules = rules.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let state = place.join("state");
        let audit = AuditLog::open(&state.join("audit"), Rotation::default(), Timestamp::now());
        let audit = audit.expect("a log");
        let access = Access::new(rules, self.store.clone(), audit, Notes::new(&state));
        let shelf = Arc::new(Shelf::new(catalog));
        let settings = LocalSettings::new(&state.join("runs"), place).expect("settings");
        let local = LocalPlatform::new(settings, shelf.clone()).expect("a platform");
        let counter: Arc<dyn Platform> = self.counter.clone();
        let ear = Arc::new(Ear::default());
        let bot = Bot::new(Parts {
            config: self.config.clone(),
            nlu,
            access: Arc::new(access),
            store: self.store.clone(),
            platforms: Arc::new(Platforms::from([("local".to_owned(), counter)])),
            shelf,
            local: Arc::new(local),
            journal: Arc::new(Journal::in_state(&state)),
            lessons: crate::review::Lessons::in_state(&state),
            channels: vec![ear.clone()],
            shutdown: CancellationToken::new(),
        });
        House { bot, ear }
    }
}

impl House {
    pub fn core(&self) -> Arc<Core> {
        self.bot.core()
    }

    /// Ann writes or presses a button; returns what she is told, as text, and its buttons.
    pub async fn ann(&self, body: Body) -> (String, Vec<(String, String)>) {
        self.ear.told.lock().expect("unpoisoned").clear();
        let inbound = Inbound {
            id: format!("{}", rand::random::<u64>()),
            address: here(),
            sender: ann(),
            body,
            group: false,
            addressed: true,
            at: Timestamp::now(),
            language: None,
            origin: None,
            shown: None,
        };
        self.bot.receive(inbound).await.expect("taken");
        self.bot.quiet().await;
        let told = self.ear.told.lock().expect("unpoisoned");
        let buttons = told.iter().flat_map(|said| &said.message.buttons);
        let buttons = buttons.map(|button| (button.label.clone(), button.token.clone())).collect();
        (told.iter().map(text).collect(), buttons)
    }

    /// Somebody writes or presses something somewhere; returns what everybody is told, to whom,
    /// as text and with its buttons.
    pub async fn hear(&self, sender: Sender, address: Address, body: Body) -> Vec<Heard> {
        self.ear.told.lock().expect("unpoisoned").clear();
        let inbound = Inbound {
            id: format!("{}", rand::random::<u64>()),
            address,
            sender,
            body,
            group: false,
            addressed: true,
            at: Timestamp::now(),
            language: None,
            origin: Some("192.0.2.7".into()),
            shown: Some(Receipt("said".into())),
        };
        self.bot.receive(inbound).await.expect("taken");
        self.bot.quiet().await;
        let told = self.ear.told.lock().expect("unpoisoned");
        let shown = |said: &Outbound| {
            let buttons = said.message.buttons.iter();
            buttons.map(|button| (button.label.clone(), button.token.clone())).collect()
        };
        let heard =
            |said: &Outbound| Heard { to: said.to.clone(), text: text(said), buttons: shown(said) };
        told.iter().map(heard).collect()
    }

    /// Somebody else's run holds a database.
    pub async fn busy_with(&self, database: &str) {
        let lock = serde_json::json!({
            "plan": "0".repeat(64), "requester": "eve", "template": "backup",
            "since": Timestamp::now(),
        });
        let batch = crate::store::Batch::default().put(LOCKS, lock_of(database), lock);
        self.core().store.commit(batch).await.expect("a lock");
    }

    /// That run is over.
    pub async fn free(&self, database: &str) {
        let batch = crate::store::Batch::default().delete(LOCKS, lock_of(database));
        self.core().store.commit(batch).await.expect("no lock");
    }

    /// Reads the access files again, as they are now.
    pub async fn reload(&self, ground: &Ground) {
        let rules = Rules::load(&ground.folder.path().join("access"), &self.core().catalog);
        let rules = rules.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        self.core().access.reload(rules, Timestamp::now()).await.expect("reloaded");
    }

    /// Returns when every run that was stored has been handed to its platform.
    pub async fn settled(&self) {
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            self.bot.quiet().await;
            let core = self.bot.core();
            let executions = core.monitor.executions();
            let left = executions.unfinished().await.expect("executions");
            let waits = [ExecutionState::Queued, ExecutionState::Starting];
            if !left.iter().any(|execution| waits.contains(&execution.state)) {
                return;
            }
            assert!(std::time::Instant::now() < limit, "a run is never started");
            tokio::task::yield_now().await;
        }
    }

    /// Everything that was told so far.
    pub async fn told(&self) -> String {
        self.core().outbox.idle().await;
        self.ear.told.lock().expect("unpoisoned").iter().map(text).collect()
    }
}

const LOCKS: crate::store::Table = "access_locks";

fn lock_of(database: &str) -> String {
    serde_json::json!({"database": database}).to_string()
}

/// What somebody was told.
pub struct Heard {
    pub to: Address,
    pub text: String,
    /// The labels of its buttons, and their tokens.
    pub buttons: Vec<(String, String)>,
}

/// The chat of the house.
pub fn here() -> Address {
    Address { channel: "ear".into(), chat: "here".into(), thread: None }
}

pub fn ann() -> Sender {
    Sender { id: "ann".into(), name: "Ann".into() }
}

/// Learnt once for all tests, of the least that can be learnt.
fn understanding() -> Arc<Nlu> {
    static LEARNT: OnceLock<(TempDir, Arc<Nlu>)> = OnceLock::new();
    LEARNT.get_or_init(|| learnt(&[])).1.clone()
}

/// How a job of the house is defined.
pub fn definition_of(job: &str) -> Definition {
    understanding().catalog().job(&job.into()).expect("a job of the house").definition()
}

/// Learns the files of the house, with other texts in some of them.
fn learnt(changes: &[(&str, &str, &str)]) -> (TempDir, Arc<Nlu>) {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path());
    for (name, from, to) in changes {
        let path = folder.path().join(name);
        let text = std::fs::read_to_string(&path).expect("a file of the house");
        assert!(text.contains(from), "{name} holds {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
    }
    let models = folder.path().join("models");
    std::fs::create_dir_all(&models).expect("a folder");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/encoder");
    std::os::unix::fs::symlink(shipped, models.join("encoder")).expect("a link");
    let catalog =
        Catalog::load(&folder.path().join("intents"), &folder.path().join("training-data"));
    let catalog = Arc::new(catalog.unwrap_or_else(|mistakes| panic!("{mistakes}")));
    let nlu = nlu::open(catalog, &models, Precision::Int8, &Options::default(), &mut |_| {});
    (folder, Arc::new(nlu.unwrap_or_else(|error| panic!("{error}"))))
}

fn write_files(folder: &Path) {
    for (name, text) in FILES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

fn text(said: &Outbound) -> String {
    let mut text = String::new();
    for block in &said.message.blocks {
        match block {
            Block::Title(line) | Block::Text(line) | Block::Code(line) => text += line,
            Block::Rows(rows) => rows.iter().for_each(|(a, b, c)| text += &format!("{a} {b} {c};")),
            Block::Options(options) => text += &options.join(";"),
            Block::Progress { label, .. } => text += label,
            Block::Picture { instead, .. } => text += instead,
            Block::File { name, .. } => text += name,
        }
        text.push('\n');
    }
    text
}

/// Writes down what it is told.
#[derive(Default)]
pub struct Ear {
    pub told: Mutex<Vec<Outbound>>,
    pub removed: Mutex<Vec<(Address, Receipt)>>,
}

#[async_trait]
impl Channel for Ear {
    fn name(&self) -> &'static str {
        "ear"
    }

    async fn run(self: Arc<Self>, _: Bot, stop: CancellationToken) -> Result<(), ChannelError> {
        stop.cancelled().await;
        Ok(())
    }

    async fn deliver(
        &self,
        message: &Outbound,
        _: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        self.told.lock().expect("unpoisoned").push(message.clone());
        Ok(Receipt("1".into()))
    }

    async fn remove(&self, chat: &Address, message: &Receipt) -> Result<(), DeliveryError> {
        self.removed.lock().expect("unpoisoned").push((chat.clone(), message.clone()));
        Ok(())
    }
}

/// A platform whose runs have ended as soon as they began, and which keeps their keys.
#[derive(Default)]
pub struct Counter {
    pub started: Mutex<Vec<String>>,
    /// Its runs fail.
    pub fails: AtomicBool,
}

impl Counter {
    pub fn starts(&self) -> usize {
        self.started.lock().expect("unpoisoned").len()
    }
}

#[async_trait]
impl Platform for Counter {
    async fn start(
        &self,
        _: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Result<Reference, PlatformError> {
        // Whoever else wants to start something has their turn first.
        tokio::task::yield_now().await;
        self.started.lock().expect("unpoisoned").push(key.0.clone());
        Ok(Reference(key.0.clone()))
    }

    async fn find(&self, key: &IdempotencyKey) -> Result<Option<Reference>, PlatformError> {
        let started = self.started.lock().expect("unpoisoned").contains(&key.0);
        Ok(started.then(|| Reference(key.0.clone())))
    }

    async fn status(&self, _: &Reference) -> Result<Status, PlatformError> {
        let state = match self.fails.load(Ordering::Relaxed) {
            true => ExecutionState::Failed,
            false => ExecutionState::Succeeded,
        };
        Ok(Status { state, outcome: Some(Outcome::default()), progress: None })
    }

    async fn cancel(&self, _: &Reference) -> Result<(), PlatformError> {
        Ok(())
    }

    async fn log(&self, _: &Reference, from: u64, _: usize) -> Result<LogChunk, PlatformError> {
        Ok(LogChunk { text: String::new(), next: from, complete: true })
    }
}
