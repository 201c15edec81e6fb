//! The real program, as a process that serves the emulated Telegram.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::emulator::{Emulator, TOKEN};
use crate::project::Project;

/// So long a process may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// `steward serve`. It is killed when it goes out of sight.
pub struct Steward {
    child: Child,
    log: PathBuf,
}

/// The command that starts it, for one emulator.
pub fn command(project: &Project, emulator: &Emulator) -> Command {
    let mut command = project.steward();
    command
        .arg("serve")
        .env("STEWARD_TELEGRAM_TOKEN", TOKEN)
        .env("STEWARD_TELEGRAM_API_URL", emulator.url())
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

impl Steward {
    /// Starts it in a project's folder.
    pub fn start(project: &Project, emulator: &Emulator) -> Steward {
        Steward::run(project, command(project, emulator))
    }

    pub fn run(project: &Project, mut command: Command) -> Steward {
        let log = project.path().join("serve.log");
        let file = std::fs::File::options().create(true).append(true).open(&log).expect("a log");
        let child = command.stderr(file).spawn().expect("the program");
        Steward { child, log }
    }

    /// SIGKILL: nothing is tidied up.
    pub fn kill(&mut self) {
        self.child.kill().expect("a signal");
        self.child.wait().expect("its end");
    }

    /// Waits for its end; whether it was a good one.
    pub fn end(&mut self) -> bool {
        let limit = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().expect("a process") {
                Some(status) => return status.success(),
                None if Instant::now() < limit => std::thread::yield_now(),
                None => panic!("it does not end; its log:\n{}", self.log()),
            }
        }
    }

    /// SIGTERM, as a supervisor sends it.
    pub fn terminate(&mut self) -> bool {
        let id = i32::try_from(self.child.id()).expect("a small id");
        let process = rustix::process::Pid::from_raw(id).expect("a process");
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("a signal");
        self.end()
    }

    /// What it has written to its log, in all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Steward {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("its log:\n{}", self.log());
        }
    }
}

/// A project whose configuration has Telegram, with the given people and rules.
pub fn with_access(project: Project, users: &str, telegram: &str) -> Project {
    let access = project.path().join("access");
    if access.is_symlink() {
        std::fs::remove_file(&access).expect("a link");
        std::fs::create_dir_all(access.join("policy")).expect("a folder");
        write(&access.join("policy/all.yaml"), POLICY);
    }
    write(&access.join("users.yaml"), users);
    let config = format!(
        "conversation: {{time_zone: UTC}}\nchannels:\n  telegram: {telegram}\n\
         jobs: {{environment: [STEWARD_DEMO_SPEED]}}\n"
    );
    write(&project.path().join("steward.yaml"), &config);
    project
}

/// Everybody may do everything.
const POLICY: &str = "
rules:
  - {name: all, effect: allow, when: {role: tester}}
";

pub fn write(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
}
