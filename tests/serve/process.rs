//! A small project in a folder of its own, and a `steward serve` that runs there.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

pub const POLICY: &str = "rules:\n  - {name: all, effect: allow, when: {role: operator}}\n";

const COMMANDS: &str = "\
arguments: []
commands:
  - id: status
    name: {en: Status, zh: 状态}
    description: {en: How runs are doing, zh: 查看执行状态}
    slash: [status]
out_of_scope:
  id: out_of_scope
  name: {en: Something else, zh: 其他}
  description: {en: Nothing for this bot, zh: 与此无关}
";

const USERS: &str = "\
roles: {operator: runs every job}
groups: {}
users:
  - {id: ann, name: Ann, roles: [operator], identities: [{channel: terminal, id: ann}]}
";

/// A job template.
pub fn job(id: &str) -> String {
    format!(
        "id: {id}\n\
         name: {{en: Do {id}, zh: 执行{id}}}\n\
         description: {{en: Does the {id} thing, zh: 执行{id}}}\n\
         risk: low\n\
         run: {{platform: local, command: [\"true\"], timeout: 1m}}\n"
    )
}

pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Project {
        let project = Project { folder: tempfile::tempdir().expect("a folder") };
        project.write("steward.yaml", "observe: {listen: \"127.0.0.1:0\"}\n");
        project.write("intents/commands.yaml", COMMANDS);
        project.write("intents/jobs/first.yaml", &job("first"));
        project.write("training-data/en/first.yaml", "version: \"3.1\"\nnlu: []\n");
        project.write("access/users.yaml", USERS);
        project.write("access/policy/all.yaml", POLICY);
        std::fs::create_dir_all(project.path().join("models")).expect("a folder");
        let encoder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/encoder");
        std::os::unix::fs::symlink(encoder, project.path().join("models/encoder")).expect("a link");
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command
            .args(["serve", "--log-format", "json"])
            .current_dir(self.path())
            .env_remove("RUST_LOG")
            .env_remove("STEWARD_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}

pub struct Serving {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    address: String,
    /// Lines before this one were looked for already.
    seen: usize,
}

impl Serving {
    /// Starts it, and returns when it says where it answers.
    pub async fn start(project: &Project) -> Serving {
        let mut child = project.command().spawn().expect("the program");
        let stderr = child.stderr.take().expect("it is piped");
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let lines = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().expect("unpoisoned").push(line);
            }
        });
        let mut serving = Serving { child, log, address: String::new(), seen: 0 };
        let line = serving.until_logged(&["observed"]).await;
        let json: serde_json::Value = serde_json::from_str(&line).expect("a line of JSON");
        serving.address = json["address"].as_str().expect("an address").to_owned();
        serving
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address);
        let answer = reqwest::get(url).await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    pub async fn until_ready(&self) {
        let limit = Instant::now() + super::LIMIT;
        loop {
            let (status, said) = self.get("/readyz").await;
            if status == 200 {
                return;
            }
            assert_eq!((status, said.as_str()), (503, "starting\n"));
            assert!(Instant::now() < limit, "never ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns the next line of the log that has all these parts.
    pub async fn until_logged(&mut self, parts: &[&str]) -> String {
        let limit = Instant::now() + super::LIMIT;
        loop {
            let lines = self.log.lock().expect("unpoisoned").clone();
            let fits = |line: &&String| parts.iter().all(|part| line.contains(part));
            if let Some(at) = lines[self.seen..].iter().position(|line| fits(&line)) {
                self.seen += at + 1;
                return lines[self.seen - 1].clone();
            }
            assert!(Instant::now() < limit, "{parts:?} was not logged:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn log(&self) -> String {
        self.log.lock().expect("unpoisoned").join("\n")
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")).expect("a pid");
        kill_process(pid, signal).expect("it runs");
    }

    /// Asks it to end; its exit status.
    pub async fn end(&mut self, signal: Signal) -> Option<i32> {
        self.signal(signal);
        let limit = Instant::now() + super::LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.code();
            }
            assert!(Instant::now() < limit, "it does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
