//! A small world to try access in: the example catalogue, a few people, rules in `world/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};
use steward::access::audit::{AuditLog, Record, Rotation, find};
use steward::access::{
    Access, Asked, Authorization, AuthorizedRun, Completion, Context, Notes, Refusal, Rules,
    RunRequest, Trigger,
};
use steward::catalog::{Catalog, JobTemplate, TemplateId, Value};
use steward::channels::{Address, Sender};
use steward::jobs::ExecutionState;
use steward::plan::{Given, Plan, Source};
use steward::store::{MemoryStore, Store};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Catalog::load(&root.join("intents"), &root.join("training-data")).expect("a right catalogue")
});

pub fn catalog() -> &'static Catalog {
    &CATALOG
}

/// A Wednesday, 12:00 in Berlin.
pub fn noon() -> Timestamp {
    "2026-01-07T11:00:00Z".parse().expect("a moment")
}

pub fn after(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

pub struct World {
    pub access: Access,
    pub store: Arc<dyn Store>,
    pub state: tempfile::TempDir,
    /// A copy of the access files, to be changed.
    pub files: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        World::with(Rotation::default())
    }

    pub fn with(rotation: Rotation) -> World {
        World::made(Arc::new(MemoryStore::default()), rotation)
    }

    /// One of several processes on a store.
    pub fn on(store: Arc<dyn Store>) -> World {
        World::made(store, Rotation::default())
    }

    fn made(store: Arc<dyn Store>, rotation: Rotation) -> World {
        let files = tempfile::tempdir().expect("a folder");
        copy(&world_folder(), files.path());
        let state = tempfile::tempdir().expect("a folder");
        let access = open(files.path(), &store, state.path(), rotation);
        World { access, store, state, files }
    }

    /// Steward, started again on the same files, store and log.
    pub fn restart(self) -> World {
        let World { access, store, state, files } = self;
        drop(access);
        let access = open(files.path(), &store, state.path(), Rotation::default());
        World { access, store, state, files }
    }

    /// Replaces a text in one of the access files, and reloads them.
    pub async fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.files.path().join(file);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{file} holds {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("a file");
        let rules = Rules::load(self.files.path(), catalog()).expect("right files");
        self.access.reload(rules, noon()).await.expect("a written reload");
    }

    pub fn audit_folder(&self) -> PathBuf {
        self.state.path().join("audit")
    }

    pub fn records(&self) -> Vec<Record> {
        find(&self.audit_folder(), &Default::default(), None).expect("a whole chain")
    }

    pub fn last_record(&self) -> Record {
        self.records().pop().expect("a record")
    }

    /// Shows and confirms a plan, as its requester would.
    pub async fn run(&self, plan: &Plan, now: Timestamp) -> Result<Authorization, Refusal> {
        self.access.present(plan, &Context::default(), now).await?;
        self.confirm(plan, now).await
    }

    /// Confirms a plan by the account and in the place it was asked for.
    pub async fn confirm(&self, plan: &Plan, now: Timestamp) -> Result<Authorization, Refusal> {
        let sender = sender_of(&plan.requester);
        let trigger =
            Trigger::Confirmed { hash: &plan.hash(), address: &plan.scope, sender: &sender };
        self.ask(plan, trigger, now).await
    }

    pub async fn ask(
        &self,
        plan: &Plan,
        trigger: Trigger<'_>,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        let context = Context {
            message: Some("m1".to_owned()),
            words: Some("do it".to_owned()),
            ..Context::default()
        };
        self.access.authorize(RunRequest { plan, trigger, context: &context }, now).await
    }

    pub async fn complete(&self, plan: &Plan, now: Timestamp) {
        let completion = Completion {
            execution: 1,
            state: ExecutionState::Succeeded,
            message: None,
            duration: Some(SignedDuration::from_secs(48)),
        };
        self.access.complete(&plan.hash(), &completion, now).await.expect("a written end");
    }
}

pub fn authorized(outcome: Result<Authorization, Refusal>) -> AuthorizedRun {
    match outcome {
        Ok(Authorization::Authorized { run, .. }) => *run,
        other => panic!("not authorised: {other:?}"),
    }
}

pub fn world_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access/world")
}

/// Copies a folder of access files.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

fn open(files: &Path, store: &Arc<dyn Store>, state: &Path, rotation: Rotation) -> Access {
    let rules = Rules::load(files, catalog()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let audit = AuditLog::open(&state.join("audit"), rotation, noon()).expect("a log");
    Access::new(rules, store.clone(), audit, Notes::of(store, state))
}

/// The group chat where most of this happens.
pub fn chat() -> Address {
    Address { channel: "telegram".to_owned(), chat: "-100".to_owned(), thread: None }
}

pub fn terminal() -> Address {
    Address { channel: "terminal".to_owned(), chat: "local".to_owned(), thread: None }
}

/// The telegram account of a user, as in `world/users.yaml`.
pub fn sender_of(user: &str) -> Sender {
    let id = match user {
        "dana" => "1",
        "oli" => "2",
        "ada" => "3",
        "ben" => "4",
        "gone" => "5",
        other => other,
    };
    Sender { id: id.to_owned(), name: user.to_owned() }
}

/// A plan of a user in the group chat, good for half an hour. Values as `name=value`; numbers
/// and booleans become what they are, `[a b]` a list.
pub fn plan(requester: &str, template: &str, values: &[&str]) -> Plan {
    let given = |value: Value| Given { value, source: Source::Chosen };
    let values: BTreeMap<String, Given> = values
        .iter()
        .map(|pair| pair.split_once('=').expect("name=value"))
        .map(|(name, value)| (name.to_owned(), given(read(value))))
        .collect();
    let job = catalog().job(&TemplateId::from(template));
    Plan {
        template: TemplateId::from(template),
        definition: job.map(JobTemplate::definition).unwrap_or_default(),
        values,
        requester: requester.to_owned(),
        scope: chat(),
        expires: after(30 * 60),
        when: None,
        replaces: None,
    }
}

fn read(text: &str) -> Value {
    if let Some(items) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Value::List(items.split(' ').map(str::to_owned).collect());
    }
    text.parse::<i64>()
        .map(Value::Integer)
        .or_else(|_| text.parse::<bool>().map(Value::Boolean))
        .unwrap_or_else(|_| Value::from(text))
}

/// A deployment, by default one that nobody has to approve.
pub fn deployment(requester: &str, environment: &str) -> Plan {
    let environment = format!("environment={environment}");
    plan(requester, "deploy_app", &["service=checkout", "version=v2.3.1", &environment])
}

/// The question of an administrator's command.
pub fn admin<'a>(user: &'a str, address: &'a Address) -> Asked<'a> {
    Asked::command(user, steward::access::Permission::Admin, address)
}

/// A short name for a refusal, as its serialised form has it.
pub fn name_of(refusal: &Refusal) -> String {
    let json = serde_json::to_value(refusal).expect("a refusal has a form in JSON");
    json["refusal"].as_str().expect("a tag").to_owned()
}
