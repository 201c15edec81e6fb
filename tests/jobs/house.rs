//! A Steward's worth of rooms in a folder of the test's own: a catalogue with one job per script,
//! a user who may run them all, and a monitor over the local platform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use steward::access::audit::{AuditLog, Rotation};
use steward::access::{
    Access, Authorization, AuthorizedRun, Context, Notes, Rules, RunRequest, Trigger,
};
use steward::catalog::{Catalog, Value};
use steward::channels::{Address, Sender};
use steward::jobs::monitor::NotifyError;
use steward::jobs::platform::http::HttpPlatform;
use steward::jobs::platform::local::{LocalPlatform, LocalSettings};
use steward::jobs::platform::{IdempotencyKey, Platform, Platforms, Templates};
use steward::jobs::{Dispatch, Execution, ExecutionState, Monitor, News, Notice, Notifier, Report};
use steward::plan::{Given, Plan, Source};
use steward::store::{Claims, SledStore, Store};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What must be kept between two lives.
pub struct Ground {
    folder: TempDir,
}

/// One life of Steward.
pub struct House {
    catalog: Arc<Catalog>,
    pub monitor: Monitor,
    pub platform: Arc<LocalPlatform>,
    pub remote: BTreeMap<String, Arc<HttpPlatform>>,
    pub ear: Arc<Ear>,
    access: Access,
    stop: CancellationToken,
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Ear {
    heard: Mutex<Vec<Notice>>,
}

#[async_trait]
impl Notifier for Ear {
    async fn notify(&self, notice: Notice) -> Result<(), NotifyError> {
        self.heard.lock().expect("unpoisoned").push(notice);
        Ok(())
    }
}

impl Ground {
    /// A job for each script; a job's optional parameter `value` is its script's first argument.
    pub fn new(scripts: &[(&str, &str)]) -> Ground {
        let ground = Ground { folder: tempfile::tempdir().expect("a folder") };
        for (id, script) in scripts {
            ground.write(&format!("{id}.sh"), script);
            ground.write(
                &format!("intents/jobs/{id}.yaml"),
                &format!(
                    "id: {id}\n\
                     name: {{en: {id} it, zh: 执行{id}}}\n\
                     description: {{en: Runs {id}, zh: 运行{id}}}\n\
                     risk: low\n\
                     parameters:\n\
                     \x20 - {{name: value, type: string, description: {{en: a value, zh: 一个值}}}}\n\
                     run:\n\
                     \x20 platform: local\n\
                     \x20 command: [sh, ./{id}.sh, [--, \"{{value}}\"]]\n\
                     \x20 timeout: 10m\n"
                ),
            );
        }
        ground.write(
            "access/users.yaml",
            "roles: {operator: runs every job}\n\
             groups: {}\n\
             users:\n\
             \x20 - id: ann\n\
             \x20   name: Ann\n\
             \x20   roles: [operator]\n\
             \x20   identities: [{channel: terminal, id: ann}]\n",
        );
        ground.write(
            "access/policy/all.yaml",
            "rules:\n\
             \x20 - {name: all, effect: allow, when: {role: operator, command: [run, use_chatops]}}\n",
        );
        std::fs::create_dir_all(ground.path().join("training-data")).expect("a folder");
        ground
    }

    /// A ground with one job on a remote platform, as described in YAML.
    pub fn remote(platform: &str, description: &str, job: &str) -> Ground {
        let ground = Ground::new(&[]);
        ground.write(&format!("intents/platforms/{platform}.yaml"), description);
        ground.write(
            "intents/jobs/remote.yaml",
            &format!(
                "id: remote\n\
                 name: {{en: Remote job, zh: 远程作业}}\n\
                 description: {{en: Runs elsewhere, zh: 在别处运行}}\n\
                 risk: low\n\
                 parameters:\n\
                 \x20 - {{name: value, type: string, description: {{en: a value, zh: 一个值}}}}\n\
                 run: {{platform: {platform}, job: \"{job}\", timeout: 10m}}\n"
            ),
        );
        ground
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Begins a life. Whatever an earlier one left is taken up.
    pub async fn live(&self) -> House {
        let now = Timestamp::now();
        let catalog = Catalog::load(&self.file("intents"), &self.file("training-data"));
        let catalog = Arc::new(catalog.unwrap_or_else(|mistakes| panic!("{mistakes}")));
        let rules = Rules::load(&self.file("access"), &catalog);
        let rules = rules.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let store = Arc::new(SledStore::open(&self.file("state/store")).expect("a store"));
        let audit = AuditLog::open(&self.file("state/audit"), Rotation::default(), now);
        let notes = Notes::new(&self.file("state"));
        let access = Access::new(rules, store.clone(), audit.expect("a log"), notes);
        let mut settings =
            LocalSettings::new(&self.file("state/runs"), self.path()).expect("settings");
        settings.supervisor = env!("CARGO_BIN_EXE_steward").into();
        settings.grace = Duration::from_secs(2);
        let platform = Arc::new(LocalPlatform::new(settings, catalog.clone()).expect("a platform"));
        let templates: Arc<dyn Templates> = catalog.clone();
        let shared: Arc<dyn Store> = store.clone();
        let remote = HttpPlatform::load_all(&self.file("intents/platforms"), &shared, &templates);
        let remote = remote.unwrap_or_else(|error| panic!("{error}"));
        let mut platforms: Platforms =
            [("local".to_owned(), platform.clone() as Arc<dyn Platform>)].into();
        for (name, platform) in &remote {
            platforms.insert(name.clone(), platform.clone());
        }
        let ear = Arc::new(Ear::default());
        let claims = Claims::new(store.clone());
        let monitor =
            Monitor::new(store, Arc::new(platforms), catalog.clone(), ear.clone(), claims);
        let stop = CancellationToken::new();
        let (watcher, token) = (monitor.clone(), stop.clone());
        tokio::spawn(async move { watcher.run(token).await });
        monitor.reconcile().await.expect("reconciled");
        House { catalog, monitor, platform, remote, ear, access, stop }
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("written");
    }
}

impl House {
    /// The key to run a job, as its requester gets it: shown, confirmed, authorised.
    pub async fn authorized(&self, job: &str, value: Option<&str>) -> AuthorizedRun {
        let now = Timestamp::now();
        let given = |value: &str| Given { value: Value::from(value), source: Source::Chosen };
        let plan = Plan {
            template: job.into(),
            definition: self.catalog.job(&job.into()).expect("a job").definition(),
            values: value.map(|value| ("value".to_owned(), given(value))).into_iter().collect(),
            requester: "ann".into(),
            scope: here(),
            expires: now + SignedDuration::from_hours(1),
            when: None,
            replaces: None,
        };
        self.access.present(&plan, &Context::default(), now).await.expect("nothing against it");
        let (hash, address) = (plan.hash(), here());
        let sender = Sender { id: "ann".into(), name: "Ann".into() };
        let trigger = Trigger::Confirmed { hash: &hash, address: &address, sender: &sender };
        let request = RunRequest { plan: &plan, trigger, context: &Context::default() };
        match self.access.authorize(request, now).await.expect("allowed") {
            Authorization::Authorized { run, .. } => *run,
            Authorization::NeedsApproval { .. } => panic!("nobody has to approve"),
        }
    }

    pub async fn dispatch(&self, run: &AuthorizedRun, key: &IdempotencyKey) -> Execution {
        self.dispatch_on("local", run, key).await
    }

    pub async fn dispatch_on(
        &self,
        platform: &str,
        run: &AuthorizedRun,
        key: &IdempotencyKey,
    ) -> Execution {
        let dispatch = Dispatch {
            run,
            key: key.clone(),
            platform,
            origin: here(),
            again: None,
            schedule: None,
        };
        self.monitor.dispatch(dispatch).await.expect("dispatched")
    }

    /// Runs a job to its end.
    pub async fn run(&self, job: &str, value: Option<&str>) -> Report {
        let run = self.authorized(job, value).await;
        let execution = self.dispatch(&run, &IdempotencyKey::random()).await;
        self.ended(execution.number).await
    }

    /// The report that followers get at the end.
    pub async fn ended(&self, number: u64) -> Report {
        let begin = Instant::now();
        loop {
            let ends = self.ends(number);
            if let Some(report) = ends.into_iter().next() {
                return report;
            }
            assert!(begin.elapsed() < Duration::from_secs(120), "#{number} never ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every report of an end that was told so far.
    pub fn ends(&self, number: u64) -> Vec<Report> {
        let heard = self.ear.heard.lock().expect("unpoisoned");
        heard
            .iter()
            .filter(|notice| notice.execution.number == number)
            .filter_map(|notice| match &notice.news {
                News::Ended(report) => Some((**report).clone()),
                _ => None,
            })
            .collect()
    }

    /// Every state that was told of an execution.
    pub fn told(&self, number: u64) -> Vec<ExecutionState> {
        let heard = self.ear.heard.lock().expect("unpoisoned");
        heard
            .iter()
            .filter(|notice| notice.execution.number == number)
            .filter(|notice| !matches!(notice.news, News::Progress { .. }))
            .map(|notice| notice.execution.state)
            .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub fn here() -> Address {
    Address { channel: "terminal".into(), chat: "here".into(), thread: None }
}

/// Waits until something is so.
pub async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
