//! The program, serving a project of its own on a port of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::browser::Browser;

/// Learning the catalogue for the first time takes its time.
const PATIENCE: Duration = Duration::from_secs(300);

const USERS: &str = "
roles: {viewer: looks, developer: develops, operator: operates, admin: decides}
users:
  - {id: dana, name: Dana <b>Developer</b>, roles: [developer], identities: [{channel: web, id: dana}, {channel: api, id: dana}]}
  - {id: dora, name: Dora, roles: [developer], identities: [{channel: web, id: dora}, {channel: api, id: dora}]}
  - {id: oli, name: Oli, roles: [operator], identities: [{channel: web, id: oli}]}
  - {id: ada, name: Ada, roles: [admin], identities: [{channel: web, id: ada}]}
  - {id: nobody, name: Nobody, roles: [viewer]}
";

/// A server, which ends with this value.
pub struct Server {
    folder: tempfile::TempDir,
    child: Child,
    pub base: String,
}

impl Server {
    /// Serves the example catalogue to the people of these tests, by the example's rules.
    pub async fn start() -> Server {
        Server::with(USERS, |access| {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("access");
            for name in ["policy", "compliance.yaml"] {
                link(&source.join(name), &access.join(name));
            }
        })
        .await
    }

    /// Serves the example catalogue to these people, by this policy alone.
    pub async fn with_access(users: &str, policy: &str) -> Server {
        Server::with(users, |access| {
            std::fs::create_dir(access.join("policy")).expect("a folder");
            std::fs::write(access.join("policy/all.yaml"), policy).expect("written");
        })
        .await
    }

    async fn with(users: &str, rules: impl FnOnce(&Path)) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = folder.path();
        for name in ["intents", "training-data", "demo"] {
            link(&source.join(name), &path.join(name));
        }
        link(&models(), &path.join("models"));
        std::fs::create_dir(path.join("access")).expect("a folder");
        rules(&path.join("access"));
        std::fs::write(path.join("access/users.yaml"), users).expect("written");
        let configuration =
            "conversation: {time_zone: UTC}\njobs: {environment: [STEWARD_DEMO_SPEED]}\n";
        std::fs::write(path.join("steward.yaml"), configuration).expect("written");
        let child = serve(path);
        let mut server = Server { folder, child, base: String::new() };
        server.wait().await;
        server
    }

    /// Ends it without a warning, changes the users, and starts it again.
    pub async fn restart(&mut self, change: impl Fn(&str) -> String) {
        self.child.kill().expect("a signal");
        self.child.wait().expect("its end");
        std::fs::write(self.path().join("access/users.yaml"), change(USERS)).expect("written");
        std::fs::remove_file(self.path().join("state/web-address")).expect("removed");
        self.child = serve(self.folder.path());
        self.wait().await;
    }

    /// Changes the users while it runs, and waits until that was read.
    pub async fn change_users(&self, change: impl Fn(&str) -> String) {
        let read = || {
            let records = self.steward(&["audit", "query", "--event", "reloaded"]);
            records.unwrap_or_default().matches("reloaded").count()
        };
        let (before, begun) = (read(), Instant::now());
        std::fs::write(self.path().join("access/users.yaml"), change(USERS)).expect("written");
        while read() == before {
            assert!(begun.elapsed() < PATIENCE, "the users are not read again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a subcommand prints, beside the server.
    pub fn steward(&self, arguments: &[&str]) -> Result<String, String> {
        let output = program(self.path()).args(arguments).output().expect("the program");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        }
    }

    /// A browser in which nobody is logged in.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// A browser in which this user is logged in.
    pub async fn log_in(&self, user: &str) -> Browser {
        self.log_in_with(self.browser(), user).await
    }

    /// The same with a certain browser.
    pub async fn log_in_with(&self, mut browser: Browser, user: &str) -> Browser {
        let link = self.steward(&["users", "login", user]).expect("a link");
        let path = link.strip_prefix(&self.base).expect("a link to this server");
        browser.get(path).await.expect(200);
        browser
            .submit("/login", &[("link", path.split_once('=').expect("a key").1)])
            .await
            .expect(303);
        browser.get("/").await.expect(200);
        browser
    }

    async fn wait(&mut self) {
        let begun = Instant::now();
        let address = self.folder.path().join("state/web-address");
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("its state") {
                panic!("the server has ended: {status}");
            }
            if let Ok(base) = std::fs::read_to_string(&address) {
                self.base = base;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not begin");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which a test has noticed then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command
        .current_dir(folder)
        .env("USER", "tester")
        .env("STEWARD_DEMO_SPEED", "0")
        .env_remove("RUST_LOG")
        .env_remove("STEWARD_CONFIG")
        .stdin(Stdio::null());
    command
}

fn serve(folder: &Path) -> Child {
    let mut command = program(folder);
    command.args(["serve", "--web", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program")
}

/// The models folder, learnt once for all tests.
fn models() -> PathBuf {
    static MODELS: OnceLock<PathBuf> = OnceLock::new();
    MODELS
        .get_or_init(|| {
            let source = Path::new(env!("CARGO_MANIFEST_DIR"));
            let models = Path::new(env!("CARGO_TARGET_TMPDIR")).join("models");
            std::fs::create_dir_all(&models).expect("a folder for models");
            if !models.join("encoder").exists() {
                link(&source.join("models/encoder"), &models.join("encoder"));
            }
            let mut parse = Command::new(env!("CARGO_BIN_EXE_steward"));
            parse.current_dir(source).args(["parse", "--models"]).arg(&models).arg("hello");
            let status = parse.stdout(Stdio::null()).status().expect("the program");
            assert!(status.success(), "the catalogue can't be learnt");
            models
        })
        .clone()
}

fn link(to: &Path, from: &Path) {
    std::os::unix::fs::symlink(to, from).expect("a link");
}
